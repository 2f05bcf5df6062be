package bochs

import (
	"encoding/binary"
	"errors"
	"image"
	"testing"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

func open(t *testing.T, memory int) ([]byte, *Screen) {
	t.Helper()
	regs := make([]byte, 0x600)
	binary.LittleEndian.PutUint16(regs[regID:], 0xB0C5)
	s, err := Open(Config{Registers: reg.Memory(regs), Memory: make([]byte, memory)})
	if err != nil {
		t.Fatal(err)
	}
	return regs, s
}

func TestMode(t *testing.T) {
	regs, s := open(t, 16<<20)
	if s.Page(0) != nil || s.Show(0) == nil {
		t.Error("a page before there is a mode")
	}
	if err := s.SetMode(640, 480); err != nil {
		t.Fatal(err)
	}
	at := func(r int) uint16 { return binary.LittleEndian.Uint16(regs[r:]) }
	if at(regWidth) != 640 || at(regHeight) != 480 || at(regDepth) != 32 || at(regEnable) != 0x41 || at(regVirtWidth) != 640 || at(regVirtHeight) != 13*480 {
		t.Errorf("% x", regs[dispi:dispi+32])
	}
	if w, h := s.Size(); w != 640 || h != 480 || s.Pages() != 13 || s.Stride() != 2560 {
		t.Error(w, h, s.Pages(), s.Stride())
	}
	if err := s.Show(12); err != nil || at(regY) != 12*480 {
		t.Error(err, at(regY))
	}
	if !errors.Is(s.Show(13), com.ErrInvalid) || !errors.Is(s.Show(-1), com.ErrInvalid) || s.Page(13) != nil {
		t.Error("a page that is not there")
	}
	for _, m := range [][2]int{{0, 0}, {641, 480}, {640, 1 << 20}, {-640, 480}, {1 << 30, 64}} {
		if err := s.SetMode(m[0], m[1]); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%v: %v", m, err)
		}
	}
	if err := s.SetMode(2560, 1600); err != nil || s.Pages() != 1 {
		t.Error(err, s.Pages())
	}
	_, small := open(t, 1<<20)
	if err := small.SetMode(640, 480); !errors.Is(err, com.ErrNoMemory) {
		t.Error(err)
	}
}

// stubborn is a display of one mode.
type stubborn struct{ reg.Space }

func (s stubborn) Write16(at uint32, v uint16) {
	if at == regWidth {
		v = 320
	}
	s.Space.Write16(at, v)
}

func TestRefused(t *testing.T) {
	regs, _ := open(t, 0)
	s, err := Open(Config{Registers: stubborn{reg.Memory(regs)}, Memory: make([]byte, 16<<20)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetMode(640, 480); !errors.Is(err, com.ErrNotSupported) || s.Pages() != 0 || regs[regEnable] != 0 {
		t.Error(err)
	}
	if _, err := Open(Config{Registers: reg.Memory(nil)}); !errors.Is(err, com.ErrNotFound) {
		t.Error(err)
	}
}

func TestBlit(t *testing.T) {
	_, s := open(t, 16<<20)
	if err := s.SetMode(64, 64); err != nil {
		t.Fatal(err)
	}
	const stride = 64*4 + 16
	picture := make([]byte, 64*stride-16)
	for i := range picture {
		picture[i] = byte(1 + i%251)
	}
	changed := []image.Rectangle{image.Rect(1, 2, 5, 9), image.Rect(60, 60, 100, 100), image.Rect(-5, -5, 1, 1), image.Rect(9, 9, 3, 3), image.Rect(70, 0, 80, 5)}
	if err := s.Blit(1, picture, stride, changed...); err != nil {
		t.Fatal(err)
	}
	page := s.Page(1)
	for y := range 64 {
		for x := range 64 {
			in := false
			for _, r := range changed {
				in = in || image.Pt(x, y).In(r)
			}
			want := byte(0)
			if in {
				want = picture[y*stride+4*x]
			}
			if page[y*s.Stride()+4*x] != want {
				t.Fatalf("pixel %d,%d", x, y)
			}
		}
	}
	all := image.Rect(0, 0, 64, 64)
	for _, n := range []int{0, 1, stride, 10*stride + 5} { // a picture that ends early
		if err := s.Blit(0, picture[:n], stride, all); err != nil {
			t.Error(err)
		}
	}
	if !errors.Is(s.Blit(0, picture, 8, all), com.ErrInvalid) || !errors.Is(s.Blit(5000, picture, stride, all), com.ErrInvalid) {
		t.Error("rows that overlap, or a page that is not there")
	}
	if n := testing.AllocsPerRun(100, func() { s.Blit(1, picture, stride, changed...); s.Show(1) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func BenchmarkBlit640x480(b *testing.B) {
	regs := make([]byte, 0x600)
	binary.LittleEndian.PutUint16(regs[regID:], 0xB0C5)
	s, err := Open(Config{Registers: reg.Memory(regs), Memory: make([]byte, 16<<20)})
	if err == nil {
		err = s.SetMode(640, 480)
	}
	if err != nil {
		b.Fatal(err)
	}
	picture := make([]byte, 640*480*4)
	b.SetBytes(int64(len(picture)))
	for b.Loop() {
		s.Blit(0, picture, 2560, image.Rect(0, 0, 640, 480))
	}
}
