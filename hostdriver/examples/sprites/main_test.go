package main

import (
	"encoding/binary"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

// The picture after some frames is what the same moves make of it in this program.
func TestPicture(t *testing.T) {
	each(t, func(b *bench) {
		const balls, frames = 9, 25
		var screen []byte
		n, err := play(background0, b.card, balls, func(done int) bool {
			if done == frames {
				screen = b.picture()
				return false
			}
			return true
		})
		if err != nil || n != frames {
			t.Fatalf("%d frames, %v", n, err)
		}
		want := model(balls, frames)
		for y := range height {
			for x := range width {
				at := 4 * (y*width + x)
				if got, want := binary.LittleEndian.Uint32(screen[at:]), binary.LittleEndian.Uint32(want[at:]); got != want {
					t.Fatalf("%#x at %d, %d, want %#x", got, x, y, want)
				}
			}
		}
	})
}

// picture is the screen once everything has come there.
func (b *bench) picture() []byte {
	for range 3 {
		_, err := b.scr.WaitBlank(background0)
		b.must(err)
	}
	_, err := b.view.Next(background0)
	b.must(err)
	all := make([]byte, 4*width*height)
	for at := 0; at < len(all); at += 1 << 20 {
		_, err := b.mem.Get(background0, uint32(at), all[at:min(at+1<<20, len(all))])
		b.must(err)
	}
	return all
}

// model draws the last frame with nothing but pixels.
func model(balls, frames int) []byte {
	all := throw(balls, 3)
	picture := make([]uint16, width*height)
	for y := range height {
		for x := range width {
			picture[y*width+x] = background(x, y)
		}
	}
	sizes := []int{32, 48, 64}
	for f := range frames {
		for i := range all {
			size := sizes[all[i].sprite]
			x0, y0 := all[i].move(size)
			if f != frames-1 {
				continue
			}
			pixel := ball(size, all[i].sprite)
			for y := range size {
				for x := range size {
					if p := pixel(x, y); p != clear {
						picture[(int(y0)+y)*width+int(x0)+x] = p
					}
				}
			}
		}
	}
	out := make([]byte, 4*width*height)
	for i, p := range picture {
		binary.LittleEndian.PutUint32(out[4*i:], blit.Expand(blit.RGB565, uint32(p), nil)&0xffffff)
	}
	return out
}

