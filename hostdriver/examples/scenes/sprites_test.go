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
	put := func(x0, y0 int32, w, h int, pixel func(x, y int) uint16) {
		for y := range h {
			for x := range w {
				if p := pixel(x, y); p != through {
					picture[(int(y0)+y)*spriteWidth+int(x0)+x] = p
				}
			}
		}
	}
	for i := range all {
		for range frames {
			all[i].move()
		}
		x, y := all[i].shadow()
		size := spriteSizes[all[i].sprite]
		put(x, y, size, size/4, shadow(size, size/4))
	}
	for i := range all {
		x, y := all[i].at()
		size := spriteSizes[all[i].sprite]
		put(x, y, size, size, ball(size, all[i].sprite))
	}
	out := make([]byte, 4*spriteWidth*spriteHeight)
	for i, p := range picture {
		binary.LittleEndian.PutUint32(out[4*i:], blit.Expand(blit.RGB565, uint32(p), nil)&0xffffff)
	}
	return out
}
