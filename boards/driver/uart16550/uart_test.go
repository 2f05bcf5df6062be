package uart16550

import (
	"bytes"
	"errors"
	"testing"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// fake is a port whose other end is two buffers.
type fake struct {
	reg.Space
	sent, coming bytes.Buffer
	scratch      uint8
	line         uint8
	divisor      [2]uint8
	enabled      uint8
	room         int
	full         bool
}

func newFake() *fake { return &fake{Space: reg.Memory(nil)} }

func (f *fake) Read8(at uint32) uint8 {
	switch at {
	case regScratch:
		return f.scratch
	case regStatus:
		s := uint8(0)
		if f.coming.Len() > 0 {
			s |= statusData
		}
		if !f.full {
			s |= statusRoom
			f.room = fifo
		}
		return s
	case regIdentify:
		if f.enabled&enableRead != 0 && f.coming.Len() > 0 {
			return 0x04
		}
		return identifyNone
	case regData:
		b, _ := f.coming.ReadByte()
		return b
	}
	return 0
}

func (f *fake) Write8(at uint32, v uint8) {
	switch {
	case at == regScratch:
		f.scratch = v
	case at == regLine:
		f.line = v
	case f.line&lineDivisor != 0 && at <= regEnable:
		f.divisor[at] = v
	case at == regEnable:
		f.enabled = v
	case at == regData && f.room > 0: // beyond its queue it loses
		f.room--
		f.sent.WriteByte(v)
	}
}

func TestWrites(t *testing.T) {
	f := newFake()
	p, err := Open(f, 9600)
	if err != nil {
		t.Fatal(err)
	}
	if f.divisor != [2]uint8{12, 0} || f.line != line8N1 {
		t.Error(f.divisor, f.line)
	}
	text := bytes.Repeat([]byte("the quick brown fox\n"), 10)
	if n, err := p.Write(text); n != len(text) || err != nil || !bytes.Equal(f.sent.Bytes(), text) {
		t.Error(n, err)
	}
	f.full = true
	if n, err := p.Write(text); n != 0 || !errors.Is(err, com.ErrTimeout) {
		t.Error(n, err)
	}
}

func TestReads(t *testing.T) {
	f := newFake()
	p, err := Open(f, Clock)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 2000)
	if p.Read(b) != 0 || p.Interrupt() {
		t.Error("something came of nothing")
	}
	rung := 0
	p.Notify(func() { rung++ })
	f.coming.WriteString("hello")
	if !p.Interrupt() || rung != 1 {
		t.Error("no interrupt", rung)
	}
	if n := p.Read(b[:3]); string(b[:n]) != "hel" {
		t.Errorf("%q", b[:n])
	}
	f.coming.WriteString(" world")
	if n := p.Read(b); string(b[:n]) != "lo world" { // by looking
		t.Errorf("%q", b[:n])
	}
	f.coming.Write(make([]byte, queue))
	p.Interrupt()
	f.coming.WriteString("late")
	p.Interrupt()
	if n := p.Read(b); n != queue || p.Lost() != 4 {
		t.Error(n, p.Lost())
	}
}

func TestAbsent(t *testing.T) {
	if _, err := Open(reg.Memory(nil), Clock); !errors.Is(err, com.ErrNotFound) {
		t.Error(err)
	}
	for _, rate := range []int{0, -1, 115201, 7} {
		if _, err := Open(newFake(), rate); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%d: %v", rate, err)
		}
	}
	// One that goes away later reads as ones for ever.
	f := newFake()
	p, err := Open(f, Clock)
	if err != nil {
		t.Fatal(err)
	}
	p.r = reg.Memory(nil)
	p.Interrupt()
	if n := p.Read(make([]byte, 5000)); n > queue {
		t.Error(n)
	}
}

func TestAllocates(t *testing.T) {
	f := newFake()
	p, err := Open(f, Clock)
	if err != nil {
		t.Fatal(err)
	}
	b := []byte("hello\n")
	if n := testing.AllocsPerRun(100, func() {
		f.sent.Reset()
		p.Write(b)
		p.Interrupt()
		p.Read(b[:0])
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
