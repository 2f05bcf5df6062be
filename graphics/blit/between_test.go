package blit

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Thousands of clip rectangles that have few pixels or none take time, too.
func TestBetweenClipRectangles(t *testing.T) {
	make := func() *Surface {
		return &Surface{Pix: make([]byte, 4*512*512), Pitch: 4 * 512, Width: 512, Height: 512, Format: XRGB8888}
	}
	s, other := make(), make()
	var columns, checks []Rect
	for i := range 256 {
		columns = append(columns, Rect{2 * i, 0, 2*i + 1, 512})
	}
	for i := range 4096 {
		checks = append(checks, Rect{i % 64 * 2, i / 64 * 2, i%64*2 + 1, i/64*2 + 1})
	}
	down := Rect{0, 1, 512, 512}
	for _, c := range []struct {
		name  string
		src   *Surface
		sr    Rect
		clip  []Rect
		least int
	}{
		{"columns of a surface onto itself", s, Rect{0, 0, 512, 511}, columns, 511 * 256 * spanWork / 2 / BetweenPixels},
		{"pixels of a surface onto itself", s, Rect{0, 0, 512, 511}, checks, 4096 * spanWork / 2 / BetweenPixels},
		{"stretched columns", other, Rect{0, 0, 500, 500}, columns, 511 * 256 * spanWork / 2 / BetweenPixels},
		{"stretched pixels", other, Rect{0, 0, 500, 500}, checks, 4096 * rectWork / 2 / BetweenPixels},
	} {
		calls := 0
		if err := Blit(s, down, c.src, c.sr, &Options{Clip: c.clip, Filter: Bilinear, Between: func() { calls++ }}); err != nil {
			t.Fatal(err)
		}
		if calls < c.least {
			t.Errorf("%s: %d calls of Between, want %d at least", c.name, calls, c.least)
		}
	}
}

// Twice as many clip rectangles cost twice as much where a surface is drawn onto
// itself, as they do elsewhere: counted in pixels that take as long.
func TestClipRectanglesAreLinear(t *testing.T) {
	const w, h = 4096, 64
	s := &Surface{Pix: make([]byte, 2*w*h), Pitch: 2 * w, Width: w, Height: h, Format: RGB565}
	for _, c := range []struct {
		name   string
		dx, dy int
		key    bool
		rect   func(i int) Rect
	}{
		{"columns, across", 1, 0, false, func(i int) Rect { return Rect{2 * i, 0, 2*i + 1, h} }},
		{"columns, back, with a key", -3, 0, true, func(i int) Rect { return Rect{2 * i, 0, 2*i + 1, h} }},
		{"columns, down", 0, 1, false, func(i int) Rect { return Rect{2 * i, 0, 2*i + 1, h} }},
		{"steps in no order", 2, -1, false, func(i int) Rect { x := 2 * (i * 5 % 2048); return Rect{x, i % 7, x + 1, h - i%5} }},
		{"rows of pixels", 1, 1, false, func(i int) Rect { return Rect{i % 32 * 2, i / 32, i%32*2 + 1, i/32 + 1} }},
	} {
		work := func(n int) (pixels int) {
			o := &Options{SrcKey: Key{On: c.key, High: 1}, Between: func() { pixels += BetweenPixels }}
			for i := range n {
				o.Clip = append(o.Clip, c.rect(i))
			}
			sr := Rect{8, 1, w - 8, h - 1}
			if err := Blit(s, Rect{8 + c.dx, 1 + c.dy, w - 8 + c.dx, h - 1 + c.dy}, s, sr, o); err != nil {
				t.Fatal(err)
			}
			return pixels
		}
		half, full := work(1024), work(2048)
		if most := h * (2048*(spanWork+1) + w); full > most || full > 2*half+2*BetweenPixels {
			t.Errorf("%s: 1,024 rectangles take as long as %d pixels, 2,048 as %d, and %d are expected at most", c.name, half, full, most)
		}
	}
}

// Clip rectangles in any order draw a surface onto itself as if it had been copied
// aside.
func TestClipRectanglesInAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const w, h = 70, 40
	for round := range 500 {
		a := &Surface{Pix: make([]byte, 2*w*h), Pitch: 2 * w, Width: w, Height: h, Format: RGB565}
		for i := range a.Pix {
			a.Pix[i] = byte(r.Uint32())
		}
		b, before := *a, *a
		b.Pix, before.Pix = bytes.Clone(a.Pix), bytes.Clone(a.Pix)
		o := &Options{SrcKey: Key{On: r.IntN(2) == 0, High: 0x7000}}
		for x := 0; x < w; x += 7 {
			for y := 0; y < h; y += 5 {
				if r.IntN(3) > 0 {
					o.Clip = append(o.Clip, Rect{x, y, x + 1 + r.IntN(7), y + 1 + r.IntN(5)})
				}
			}
		}
		if round%2 == 0 {
			r.Shuffle(len(o.Clip), func(i, j int) { o.Clip[i], o.Clip[j] = o.Clip[j], o.Clip[i] })
		}
		sr := Rect{5, 5, w - 5, h - 5}
		x, y := r.IntN(11)-5, r.IntN(11)-5
		if round%3 == 0 {
			y = 0
		}
		dr := Rect{5 + x, 5 + y, w - 5 + x, h - 5 + y}
		if err := Blit(a, dr, a, sr, o); err != nil {
			t.Fatal(err)
		}
		if err := Blit(&b, dr, &before, sr, o); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Pix, b.Pix) {
			t.Fatalf("round %d: moved by %d, %d, with %d rectangles, it differs", round, x, y, len(o.Clip))
		}
	}
}
