package bcm2835

import (
	"errors"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

func TestAsk(t *testing.T) {
	g, box := newGraphics(t)
	g.answers[tagClock] = func(w []uint32) { w[1] = 1000 * w[0] }
	g.answers[tagBoardRevision] = func(w []uint32) { w[0] = 0xa21041 }
	g.answers[tagMemory] = func(w []uint32) { w[0], w[1] = 0, 0x3C000000 }
	g.strange = []uint32{0x12345673, 0xFFFFFFF8} // of another channel, of another message
	if uart, core, err := box.Clocks(); err != nil || uart != 2000 || core != 4000 {
		t.Error(uart, core, err)
	}
	if r, err := box.Revision(); err != nil || r != 0xa21041 {
		t.Errorf("%#x, %v", r, err)
	}
	if base, size, err := box.Memory(); err != nil || base != 0 || size != 0x3C000000 {
		t.Errorf("%#x %#x, %v", base, size, err)
	}
	if err := box.Ask(Tag{1, nil}); !errors.Is(err, com.ErrNotSupported) {
		t.Errorf("an unknown tag: %v", err)
	}
	g.code = 0x80000001
	if _, err := box.Revision(); !errors.Is(err, com.ErrProtocol) {
		t.Errorf("refused: %v", err)
	}
	if err := box.Ask(Tag{tagClock, make([]uint32, MailboxSize)}); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("too long: %v", err)
	}
	odd := &Mailbox{Registers: g, Buffer: g.buffer, Address: 0x8004}
	if _, err := odd.Revision(); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("not aligned: %v", err)
	}
	g.dead, g.letters = true, nil
	if _, err := box.Revision(); !errors.Is(err, com.ErrTimeout) {
		t.Errorf("nobody answers: %v", err)
	}
}

// screen has the graphics processor give a frame buffer, changed by spoil.
func screen(t *testing.T, spoil func(g *graphics)) (*FrameBuffer, *graphics, error) {
	g, box := newGraphics(t)
	for _, id := range []uint32{tagPhysicalSize, tagVirtualSize, tagDepth, tagPixelOrder, tagOffset} {
		g.answers[id] = func([]uint32) {}
	}
	g.answers[tagAllocate] = func(w []uint32) { w[0], w[1] = 0xFC100000, 2*480*2560 }
	g.answers[tagPitch] = func(w []uint32) { w[0] = 2560 }
	spoil(g)
	f, err := box.OpenFrameBuffer(640, 480, 2)
	return f, g, err
}

func TestFrameBuffer(t *testing.T) {
	f, g, err := screen(t, func(*graphics) {})
	if err != nil {
		t.Fatal(err)
	}
	if f.Address != 0x3C100000 || f.Stride != 2560 || f.Size != 2*480*2560 || f.Pages != 2 {
		t.Errorf("%+v", f)
	}
	var shown []uint32
	g.answers[tagOffset] = func(w []uint32) { shown = append(shown, w...) }
	if err := f.Show(1); err != nil || len(shown) != 2 || shown[0] != 0 || shown[1] != 480 {
		t.Error(shown, err)
	}
	for _, page := range []int{-1, 2} {
		if err := f.Show(page); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("page %d: %v", page, err)
		}
	}
	for name, spoil := range map[string]func(*graphics){
		"16 bits":    func(g *graphics) { g.answers[tagDepth] = func(w []uint32) { w[0] = 16 } },
		"other size": func(g *graphics) { g.answers[tagVirtualSize] = func(w []uint32) { w[0] = 800 } },
		"no memory":  func(g *graphics) { g.answers[tagAllocate] = func(w []uint32) { w[0], w[1] = 0, 0 } },
		"too little": func(g *graphics) { g.answers[tagAllocate] = func(w []uint32) { w[0], w[1] = 0xFC100000, 4096 } },
		"odd stride": func(g *graphics) { g.answers[tagPitch] = func(w []uint32) { w[0] = 2561 } },
		"no depth":   func(g *graphics) { g.answers[tagDepth] = nil },
	} {
		if _, _, err := screen(t, spoil); !errors.Is(err, com.ErrNotSupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, box := newGraphics(t)
	for _, s := range [][3]int{{0, 480, 1}, {640, 5000, 1}, {640, 480, 0}, {640, 480, 5}} {
		if _, err := box.OpenFrameBuffer(s[0], s[1], s[2]); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%v: %v", s, err)
		}
	}
}

func TestDMAChannel(t *testing.T) {
	g, m := newGraphics(t)
	mask := uint32(0x7F35)
	g.answers[tagDMA] = func(w []uint32) { w[0] = mask }
	for _, c := range []struct {
		mask uint32
		want int
	}{{0x7F35, 5}, {0x3C, 5}, {1, 0}, {0x7F80, -1}, {0, -1}} {
		mask = c.mask
		n, err := m.DMAChannel()
		if c.want < 0 && !errors.Is(err, com.ErrNotFound) || c.want >= 0 && (n != c.want || err != nil) {
			t.Errorf("of %#x: %d, %v", c.mask, n, err)
		}
	}
}
