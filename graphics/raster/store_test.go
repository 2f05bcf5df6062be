package raster

import (
	"slices"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

// TestStoreEqualsBlit holds that moving whole rows gives what blit gives.
func TestStoreEqualsBlit(t *testing.T) {
	for _, f := range []blit.Format{blit.XRGB8888, blit.ARGB8888, blit.RGB565, blit.XRGB1555, blit.ARGB4444} {
		for _, bounds := range []blit.Rect{{X1: 100, Y1: 90}, {X1: 100, Y1: 50}, {X0: 5, X1: 60, Y1: 90}, {Y0: 37, X1: 100, Y1: 90}} {
			for _, at := range [][2]int{{32, 32}, {0, 32}, {90, 64}, {-3, 2}, {68, 58}} {
				// There and, from another picture, back.
				move := func() ([]byte, [pixels]uint32) {
					var s [2]*blit.Surface
					for i := range s {
						s[i] = &blit.Surface{Pix: make([]byte, 90*404), Pitch: 404, Width: 100, Height: 90, Format: f}
						for k := range s[i].Pix {
							s[i].Pix[k] = byte(k*7 + k>>8 + i)
						}
					}
					var c Chunk
					c.At(at[0], at[1], bounds)
					c.fillRandom(5)
					if err := c.Store(s[0]); err != nil {
						t.Fatal(err)
					}
					if err := c.Load(s[1]); err != nil {
						t.Fatal(err)
					}
					return s[0].Pix, c.Color
				}
				pix, color := move()
				portable(func() {
					wantPix, wantColor := move()
					if !slices.Equal(pix, wantPix) || color != wantColor {
						t.Errorf("%v at %v in %v is stored or loaded otherwise", f, at, bounds)
					}
				})
			}
		}
	}
}
