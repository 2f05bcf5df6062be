package contest

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/graphics/blit"
)

// Width and Height are the size of every picture, in pixels.
const Width, Height = 640, 480

// Blits are the names of the tests of blits, to each of which " x888" or " 565"
// is added: what the picture consists of. A conversion is from the other.
var Blits = []string{"fill", "copy", "key runs", "key scattered", "constant alpha", "pixel alpha", "stretch nearest", "stretch bilinear", "convert", "sprites"}

// Sprites is how many sprites of SpriteSize by SpriteSize pixels, with a colour
// key in runs, the test of that name draws over the picture.
const Sprites, SpriteSize = 100, 32

// BlitPixels is how many pixels a frame of a test of Blits draws.
func BlitPixels(name string) int {
	if name == "sprites" {
		return Sprites * SpriteSize * SpriteSize
	}
	return Width * Height
}

// Depths are the formats of pictures that blits are measured on.
var Depths = []string{"x888", "565"}

// fillByte is what memory is filled with.
const fillByte = 0x5a

func blits(tests map[string]func() (*job, error)) {
	both := [2]blit.Format{blit.XRGB8888, blit.RGB565}
	for i, f := range both {
		for _, name := range Blits {
			tests[name+" "+Depths[i]] = func() (*job, error) { return blitJob(name, f, both[1-i]), nil }
		}
	}
}

// surface is one of noise.
func surface(f blit.Format, w, h int, from uint32) *blit.Surface {
	b := f.Bytes()
	s := &blit.Surface{Pix: make([]byte, w*h*b), Pitch: w * b, Width: w, Height: h, Format: f}
	noise(s.Pix, from)
	return s
}

func blitJob(name string, f, other blit.Format) *job {
	dst := surface(f, Width, Height, 5)
	j := &job{fresh: func() { noise(dst.Pix, 5) }, picture: func() []byte { return dst.Pix }}
	if name == "fill" {
		const all = fillByte * 0x01010101
		j.frame = func() error { return blit.Fill(dst, dst.Bounds(), all, nil) }
		return j
	}
	src, o := surface(f, Width, Height, 7), &blit.Options{}
	switch name {
	case "sprites":
		o.SrcKey = keyed(src, false)
		j.frame = func() error {
			for i := range Sprites {
				x, y := i*61%(Width-SpriteSize), i*37%(Height-SpriteSize)
				u, v := i%20*SpriteSize, i/20*SpriteSize
				if err := blit.Blit(dst, blit.Rect{X0: x, Y0: y, X1: x + SpriteSize, Y1: y + SpriteSize}, src, blit.Rect{X0: u, Y0: v, X1: u + SpriteSize, Y1: v + SpriteSize}, o); err != nil {
					return err
				}
			}
			return nil
		}
		return j
	case "key runs", "key scattered":
		o.SrcKey = keyed(src, name == "key scattered")
	case "constant alpha":
		o.Blend, o.Alpha = blit.Constant, 100
	case "pixel alpha":
		src = surface(blit.ARGB8888, Width, Height, 9)
		o.Blend, o.Alpha = blit.PerPixel, 255
	case "stretch nearest", "stretch bilinear":
		src = surface(f, Width/2, Height/2, 7)
		if name == "stretch bilinear" {
			o.Filter = blit.Bilinear
		}
	case "convert":
		src = surface(other, Width, Height, 7)
	}
	j.frame = func() error { return blit.Blit(dst, dst.Bounds(), src, src.Bounds(), o) }
	return j
}

// keyed gives half the pixels the key: in runs of 16 or scattered.
func keyed(s *blit.Surface, scatter bool) blit.Key {
	k := uint32(0xff00ff)
	if s.Format.Bytes() == 2 {
		k = 0xf81f
	}
	r := random(3)
	for i := range s.Width * s.Height {
		v := uint32(i%s.Width) | 1
		hit := r.next()>>24&1 != 0
		if !scatter {
			hit = (i%s.Width/16+i/s.Width)&1 != 0
		}
		if hit {
			v = k
		}
		if s.Format.Bytes() == 2 {
			binary.LittleEndian.PutUint16(s.Pix[2*i:], uint16(v))
		} else {
			binary.LittleEndian.PutUint32(s.Pix[4*i:], v)
		}
	}
	return blit.Key{On: true, Low: k, High: k}
}
