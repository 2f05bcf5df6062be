package blit_test

import (
	"fmt"

	"github.com/mmlite/mmlite/graphics/blit"
)

// A sprite with a colour key, twice its size.
func Example() {
	screen := &blit.Surface{Pix: make([]byte, 8*4*4), Pitch: 8 * 4, Width: 8, Height: 4, Format: blit.XRGB8888}
	palette := &blit.Palette{1: 0xff8000}
	sprite := &blit.Surface{Pix: []byte{0, 1, 1, 0}, Pitch: 2, Width: 2, Height: 2, Format: blit.Indexed8, Palette: palette}
	err := blit.Blit(screen, blit.Rect{X0: 2, Y0: 0, X1: 6, Y1: 4}, sprite, sprite.Bounds(), &blit.Options{SrcKey: blit.Key{On: true}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for y := range 4 {
		for x := range 8 {
			if screen.Pix[y*32+x*4+2] == 0xff {
				fmt.Print("#")
			} else {
				fmt.Print("-")
			}
		}
		fmt.Println()
	}
	// Output:
	// ----##--
	// ----##--
	// --##----
	// --##----
}
