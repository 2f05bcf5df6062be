package scenes

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

func TestSprites(t *testing.T) { play(t, &Sprites{}) }

// The picture after some frames is what the same moves make of it in this program.
func TestSpritesToThePixel(t *testing.T) {
	const balls, frames = 9, 25
	st, ctx := stage(t), context.Background()
	s := &Sprites{Balls: balls}
	if err := s.Open(ctx, st); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range frames {
		if err := s.Frame(ctx, Tick{}); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // until the last flip is seen
		if _, err := st.Screen.WaitBlank(ctx); err != nil {
			t.Fatal(err)
		}
	}
	img, err := st.Shot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := model(balls, frames)
	for i := 0; i < len(want); i += 4 {
		if got, want := [3]byte(img.Pix[i:]), [3]byte{want[i+2], want[i+1], want[i]}; got != want {
			t.Fatalf("%v at %d, %d, want %v", got, i/4%spriteWidth, i/4/spriteWidth, want)
		}
	}
}

// model draws the last frame with nothing but pixels.
func model(balls, frames int) []byte {
	all := throw(balls, 3)
	picture := make([]uint16, spriteWidth*spriteHeight)
	for y := range spriteHeight {
		for x := range spriteWidth {
			picture[y*spriteWidth+x] = paintFloor(x, y)
		}
	}
	for f := range frames {
		for i := range all {
			size := spriteSizes[all[i].sprite]
			x0, y0 := all[i].move(size)
			if f != frames-1 {
				continue
			}
			pixel := ball(size, all[i].sprite)
			for y := range size {
				for x := range size {
					if p := pixel(x, y); p != through {
						picture[(int(y0)+y)*spriteWidth+int(x0)+x] = p
					}
				}
			}
		}
	}
	out := make([]byte, 4*spriteWidth*spriteHeight)
	for i, p := range picture {
		binary.LittleEndian.PutUint32(out[4*i:], blit.Expand(blit.RGB565, uint32(p), nil)&0xffffff)
	}
	return out
}
