package display

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/machine"
)

// Whatever is added, the rectangles lie on the screen, do not overlap, and cover it;
// and if there are few, they cover no tile that was not added.
func TestTiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 3000).Draw(t, "width"), rapid.IntRange(1, 300).Draw(t, "height")
		set := newTiles(w, h)
		cols := (w + TileSize - 1) / TileSize
		want := map[int]bool{}
		place := rapid.IntRange(-100, 3100)
		for range rapid.IntRange(0, 40).Draw(t, "rectangles") {
			r := machine.Rect{X0: place.Draw(t, "x0"), Y0: place.Draw(t, "y0") / 10}
			r.X1, r.Y1 = r.X0+rapid.IntRange(-2, 400).Draw(t, "width"), r.Y0+rapid.IntRange(-2, 90).Draw(t, "height")
			set.add(r)
			for y := max(r.Y0, 0); y < min(r.Y1, h); y++ {
				for x := max(r.X0, 0); x < min(r.X1, w); x++ {
					want[y/TileSize*cols+x/TileSize] = true
				}
			}
		}
		if set.any() != (len(want) > 0) {
			t.Fatalf("any is %v of %d tiles", set.any(), len(want))
		}
		rects := set.rects(nil)
		if len(rects) > MaxRects {
			t.Fatalf("%d rectangles", len(rects))
		}
		got := map[int]bool{}
		for _, r := range rects {
			if r.Empty() || r.X0 < 0 || r.Y0 < 0 || r.X1 > w || r.Y1 > h || r.X0%TileSize != 0 || r.Y0%TileSize != 0 {
				t.Fatalf("rectangle %+v of %d by %d", r, w, h)
			}
			for y := r.Y0 / TileSize; y <= (r.Y1-1)/TileSize; y++ {
				for x := r.X0 / TileSize; x <= (r.X1-1)/TileSize; x++ {
					if got[y*cols+x] {
						t.Fatalf("tile %d, %d twice", x, y)
					}
					got[y*cols+x] = true
				}
			}
		}
		for tile := range want {
			if !got[tile] {
				t.Fatalf("tile %d is not covered", tile)
			}
		}
		if len(rects) < MaxRects/4 && len(want) < MaxRects/2 && len(got) != len(want) {
			t.Fatalf("%d tiles are covered, and %d were added", len(got), len(want))
		}
		other := newTiles(w, h)
		other.take(&set)
		if set.any() || len(set.rects(nil)) != 0 || len(other.rects(nil)) != len(rects) {
			t.Fatal("take has not taken all")
		}
	})
}

func TestManyTiles(t *testing.T) {
	set := newTiles(4096, 4096)
	for y := 0; y < 4096; y += 2 * TileSize {
		for x := (y / TileSize % 3) * TileSize; x < 4096; x += 2 * TileSize {
			set.add(machine.Rect{X0: x, Y0: y, X1: x + 1, Y1: y + 1})
		}
	}
	if r := set.rects(nil); len(r) > MaxRects {
		t.Errorf("%d rectangles", len(r))
	}
	for y := 0; y < 130; y++ { // more rows than rectangles
		set.add(machine.Rect{X0: y * 31 % 4000, Y0: y * TileSize, X1: 4096, Y1: y*TileSize + 1})
	}
	if r := set.rects(nil); len(r) > MaxRects || r[len(r)-1].Y1 != 4096 {
		t.Errorf("%d rectangles to %+v", len(r), r[len(r)-1])
	}
}
