package bcm2835

import (
	"errors"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// fifo has a port's data register, and a flag for its state.
type fifo struct {
	in, out []byte
	room    int
}

func TestMiniUART(t *testing.T) {
	c, f := newChip(t), &fifo{in: []byte("typed"), room: 3}
	c.words[auxEnables] = 6 // the others that share the register stay as they are
	c.from[muLSR] = func() (v uint32) {
		if len(f.in) > 0 {
			v |= muDataReady
		}
		if f.room > 0 {
			v |= muRoom
		} else {
			f.room = 3 // sent meanwhile
		}
		return v
	}
	c.from[muIO] = func() uint32 {
		b := f.in[0]
		f.in = f.in[1:]
		return uint32(b)
	}
	c.on[muIO] = func(v uint32) {
		if f.room == 0 {
			t.Error("written into a full port")
		}
		f.room--
		f.out = append(f.out, byte(v))
	}
	u := MiniUART{c}
	u.Setup(250_000_000, 115200, true)
	// 250 MHz / (8 * (270 + 1)) = 115,314 baud
	if c.words[muBAUD] != 270 || c.words[muLCR] != 3 || c.words[muCNTL] != 3 || c.words[auxEnables] != 7 || c.words[muIER]&1 == 0 {
		t.Errorf("%v", c.words)
	}
	if got := c.words[gpfsel+4] >> 12 & 0o77; got != 0o22 {
		t.Errorf("the pins are %o, want alternative 5 twice", got)
	}
	b := make([]byte, 3)
	for _, want := range []string{"typ", "ed", ""} {
		if n, err := u.Read(b); err != nil || string(b[:n]) != want {
			t.Errorf("%q %v", b[:n], err)
		}
	}
	if n, err := u.Write([]byte("a longer text")); n != 13 || err != nil || string(f.out) != "a longer text" {
		t.Errorf("%q", f.out)
	}
	// A port that never has room holds nobody up for ever.
	c.from[muLSR] = func() uint32 { return 0 }
	if n, err := u.Write([]byte("x")); n != 1 || err != nil || len(f.out) != 13 {
		t.Errorf("%d %v %q", n, err, f.out)
	}
}

func TestPL011(t *testing.T) {
	c, f := newChip(t), &fifo{in: []byte("abc"), room: 2}
	c.from[plFR] = func() (v uint32) {
		if len(f.in) == 0 {
			v |= plEmpty
		}
		if f.room == 0 {
			v |= plFull
		}
		return v
	}
	c.from[plDR] = func() uint32 {
		b := uint32(f.in[0])
		f.in = f.in[1:]
		if b == 'b' {
			b |= 1 << 11 // others were lost
		}
		return b
	}
	c.on[plDR] = func(v uint32) { f.room--; f.out = append(f.out, byte(v)) }
	u := &PL011{Registers: c}
	if err := u.Setup(PL011Config{Clock: 48_000_000, Baud: 921600, Pins: true, Flow: true}); err != nil {
		t.Fatal(err)
	}
	// 48 MHz / 16 / 921,600 = 3.2552 = 3 + 16/64
	if c.words[plIBRD] != 3 || c.words[plFBRD] != 16 || c.words[plLCRH] != 0x70 || c.words[plCR] != 0xC301 || c.words[plIMSC] != plArrived {
		t.Errorf("%v", c.words)
	}
	if got := c.words[gpfsel+4] >> 12 & 0o7777; got != 0o7744 {
		t.Errorf("the pins are %o", got)
	}
	at := func(register uint32) (n int) {
		for i, w := range c.log {
			if w.at == register {
				n = i
			}
		}
		return n
	}
	if !(at(plFBRD) < at(plLCRH) && at(plLCRH) < at(plCR)) {
		t.Error("the divisor takes effect by the line control register, before the port is on")
	}
	b := make([]byte, 8)
	if n, err := u.Read(b); err != nil || string(b[:n]) != "abc" || u.Errors != 1 {
		t.Errorf("%q %v %d", b[:n], err, u.Errors)
	}
	if n := u.Put([]byte("xyz")); n != 2 || string(f.out) != "xy" {
		t.Errorf("%d %q", n, f.out)
	}
	for _, bad := range [][2]int{{0, 9600}, {48_000_000, 0}, {48_000_000, 3_000_001 * 2}, {3_000_000, 921600}, {48_000_000, 10}} {
		if err := u.Setup(PL011Config{Clock: bad[0], Baud: bad[1]}); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = u.Read(b); u.Put(nil) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
