package blit

import "testing"

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
		{"columns of a surface onto itself", s, Rect{0, 0, 512, 511}, columns, 511 * 256 * 128 / BetweenPixels},
		{"pixels of a surface onto itself", s, Rect{0, 0, 512, 511}, checks, 511 * 2048 / BetweenPixels},
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
