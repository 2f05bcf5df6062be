package metal

import (
	"bytes"
	"errors"
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// guarded is memory whose pages are held to what is allowed, as far as a test can.
type guarded struct {
	b      []byte
	now    []CodeAccess // of each page
	refuse int          // one of the calls that is refused
}

func newGuarded(pages int) *guarded {
	b := make([]byte, (pages+1)*machine.PageSize)
	skip := -int(uintptr(unsafe.Pointer(&b[0]))) & (machine.PageSize - 1)
	return &guarded{b: b[skip:][:pages*machine.PageSize], now: make([]CodeAccess, pages), refuse: -1}
}

func (g *guarded) allow(pages []byte, a CodeAccess) error {
	if g.refuse--; g.refuse == 0 {
		return com.Errorf(com.ErrFailed, "no")
	}
	at := int(uintptr(unsafe.Pointer(&pages[0]))-uintptr(unsafe.Pointer(&g.b[0]))) / machine.PageSize
	for i := range len(pages) / machine.PageSize {
		g.now[at+i] = a
	}
	return nil
}

func TestCode(t *testing.T) {
	g := newGuarded(8)
	g.now[3] = CodeRun
	c, err := NewCode(g.b, g.allow)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range g.now {
		if a != CodeNone {
			t.Errorf("page %d is somebody's at first", i)
		}
	}
	for i := range g.b {
		g.b[i] = 0x90
	}
	text := bytes.Repeat([]byte{1, 2, 3}, 2000) // two pages
	one, err := c.NewCode(text)
	if err != nil {
		t.Fatal(err)
	}
	two, err := c.NewCode(text[:1])
	if err != nil {
		t.Fatal(err)
	}
	if one.Entry() != uintptr(unsafe.Pointer(&g.b[0])) || two.Entry() != uintptr(unsafe.Pointer(&g.b[2*machine.PageSize])) {
		t.Errorf("entries %#x and %#x", one.Entry(), two.Entry())
	}
	if !bytes.Equal(g.b[:len(text)], text) || g.b[len(text)] != 0 || g.b[2*machine.PageSize-1] != 0 || g.b[2*machine.PageSize] != 1 {
		t.Error("it is not what it was to be")
	}
	for i, want := range []CodeAccess{CodeRun, CodeRun, CodeRun, CodeNone, CodeNone} {
		if g.now[i] != want {
			t.Errorf("page %d: %v, want %v", i, g.now[i], want)
		}
	}
	if n := c.Used(); n != 3*machine.PageSize {
		t.Errorf("%d bytes are used", n)
	}
	if err := one.Release(); err != nil || g.now[0] != CodeNone || g.now[1] != CodeNone || g.now[2] != CodeRun {
		t.Errorf("%v, %v", err, g.now)
	}
	if err := one.Release(); com.CodeOf(err) != com.ErrInvalid || g.now[2] != CodeRun {
		t.Errorf("released twice: %v, %v", err, g.now)
	}
	if _, err := c.NewCode(nil); com.CodeOf(err) != com.ErrInvalid {
		t.Error(err)
	}
	if _, err := c.NewCode(make([]byte, 6*machine.PageSize)); com.CodeOf(err) != com.ErrNoMemory {
		t.Error(err)
	}
	if err := two.Release(); err != nil {
		t.Error(err)
	}
	all, err := c.NewCode(make([]byte, 8*machine.PageSize))
	if err != nil {
		t.Fatal(err)
	}
	if err := all.Release(); err != nil {
		t.Error(err)
	}
}

// TestCodeThatIsNotAllowed: a processor that refuses leaves nothing taken.
func TestCodeThatIsNotAllowed(t *testing.T) {
	for n := 1; n <= 3; n++ {
		g := newGuarded(1)
		g.refuse = n
		c, err := NewCode(g.b, g.allow)
		if n == 1 {
			if err == nil {
				t.Error("memory that cannot be guarded is taken")
			}
			continue
		}
		if _, err := c.NewCode([]byte{1}); err == nil {
			t.Errorf("refused at call %d, and nobody says so", n)
		}
		if x, err := c.NewCode([]byte{1}); err != nil || g.now[0] != CodeRun {
			t.Errorf("refused at call %d, and then %v", n, err)
		} else if err := x.Release(); err != nil {
			t.Error(err)
		}
	}
	if _, err := NewCode(make([]byte, 100), newGuarded(1).allow); com.CodeOf(err) != com.ErrInvalid {
		t.Error(err)
	}
}

func TestMachineWithoutCode(t *testing.T) {
	m, err := NewMachine(MachineConfig{Processor: &scripted{}, Console: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.NewCode([]byte{1}); !errors.Is(err, com.ErrNotSupported) {
		t.Error(err)
	}
}
