package lanes

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/inconsolata"
	"golang.org/x/image/math/fixed"

	"github.com/mmlite/mmlite/firmware/sched"
)

// The colours. Red is for what came too late, and for nothing else.
var (
	white   = color.RGBA{0xff, 0xff, 0xff, 0xff}
	ink     = color.RGBA{0x20, 0x24, 0x2a, 0xff}
	pale    = color.RGBA{0x6a, 0x72, 0x7c, 0xff}
	grid    = color.RGBA{0xe6, 0xe9, 0xed, 0xff}
	rule    = color.RGBA{0xc4, 0xca, 0xd2, 0xff}
	slice   = color.RGBA{0xcf, 0xe3, 0xfa, 0xff}
	edge    = color.RGBA{0x8f, 0xb6, 0xe0, 0xff}
	waiting = color.RGBA{0x9a, 0x8a, 0x70, 0xff}
	promise = color.RGBA{0x12, 0x3f, 0x7a, 0xff}
	refusal = color.RGBA{0x9c, 0x4a, 0xb0, 0xff}
	wish    = color.RGBA{0x80, 0x86, 0x90, 0xff}
	tint    = color.RGBA{0xfd, 0xe4, 0xe4, 0xff} // somebody is late
	shown   = color.RGBA{0xff, 0xf3, 0xc4, 0xff} // what of the whole the lanes show

	// Red is the colour of a miss.
	Red = color.RGBA{0xe0, 0x10, 0x20, 0xff}
)

// byRight are the colours of time that was used.
var byRight = [rights]color.RGBA{
	sched.RightNone:    {0xa9, 0xae, 0xb6, 0xff},
	sched.RightSpare:   {0xa9, 0xae, 0xb6, 0xff},
	sched.RightBooked:  {0x1b, 0x5f, 0xc2, 0xff},
	sched.RightOwn:     {0x2a, 0x9d, 0x5c, 0xff},
	sched.RightStandby: {0xee, 0xa5, 0x1e, 0xff},
}

// rights is how many there are.
const rights = sched.RightSpare + 1

// canvas is an image and what is drawn on it.
type canvas struct{ *image.RGBA }

func newCanvas(w, h int) canvas {
	c := canvas{image.NewRGBA(image.Rect(0, 0, w, h))}
	c.fill(0, 0, w, h, white)
	return c
}

// fill paints from (x0, y0) up to, and without, (x1, y1).
func (c canvas) fill(x0, y0, x1, y1 int, col color.RGBA) {
	draw.Draw(c.RGBA, image.Rect(x0, y0, x1, y1).Intersect(c.Bounds()), image.NewUniform(col), image.Point{}, draw.Src)
}

// dashes paints a horizontal line of dashes.
func (c canvas) dashes(x0, x1, y int, col color.RGBA) {
	for x := x0; x < x1; x += 7 {
		c.fill(x, y, min(x+4, x1), y+1, col)
	}
}

// Sizes of a character in pixels.
const (
	charW    = 8
	charH    = 16
	baseline = 12
)

// text writes s with its upper left corner at (x, y) and returns where it ends.
func (c canvas) text(x, y int, s string, col color.RGBA, face font.Face) int {
	d := font.Drawer{Dst: c.RGBA, Src: image.NewUniform(col), Face: face, Dot: fixed.P(x, y+baseline)}
	d.DrawString(s)
	return d.Dot.X.Ceil()
}

func (c canvas) plain(x, y int, s string, col color.RGBA) int {
	return c.text(x, y, s, col, inconsolata.Regular8x16)
}

func (c canvas) bold(x, y int, s string, col color.RGBA) int {
	return c.text(x, y, s, col, inconsolata.Bold8x16)
}

// fit shortens s to so many pixels.
func fit(s string, width int) string {
	r := []rune(s)
	if n := max(width/charW, 1); len(r) > n {
		return string(r[:n-1]) + "~"
	}
	return s
}
