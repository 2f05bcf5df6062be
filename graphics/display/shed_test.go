package display

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/graphics/blit"
)

// items are n layers of a client that fill the screen, with alpha or without.
func items(n int, s *Share, f blit.Format) (all []Item) {
	for range n {
		all = append(all, Item{
			Pixels: blit.Surface{Width: 640, Height: 480, Format: f}, Matrix: graphics.Affine{XX: 1, YY: 1, X0: 0.5}, Color: 0xffffffff,
			Clip: machine.Rect{X1: 640, Y1: 480}, share: s,
		})
	}
	return all
}

// TestDivide has clients of different appetites share a frame.
func TestDivide(t *testing.T) {
	var g regulator
	g.start(640, 480)
	now := newTiles(640, 480)
	now.add(now.bounds())
	var small, large, huge Share
	var all []Item
	all = append(all, items(1, &small, blit.ARGB8888)...)
	all = append(all, items(40, &large, blit.ARGB8888)...)
	all = append(all, items(4000, &huge, blit.ARGB8888)...)
	want := g.estimate(all, &now)
	if math.Abs(want-small.want[0]-large.want[0]-huge.want[0]) > 1 || large.want[0] < 39*small.want[0] {
		t.Errorf("%v, of which %v, %v and %v", want, small.want[0], large.want[0], huge.want[0])
	}
	g.divide(math.Inf(1))
	if small.level+large.level+huge.level != 0 {
		t.Errorf("with all the time there is: %d, %d, %d", small.level, large.level, huge.level)
	}
	const budget = 8e6
	for range 2 { // the same again
		g.estimate(all, &now)
		planned := g.divide(budget)
		if small.level != 0 || large.level == 0 || huge.level <= large.level || planned > budget {
			t.Errorf("%d, %d, %d halvings, %v ns planned", small.level, large.level, huge.level, planned)
		}
		if part := (budget - small.want[0]) / 2; large.want[large.level] > part || large.want[large.level-1] <= part || large.over != 0 || huge.want[huge.level]-huge.over > part+1 {
			t.Errorf("%+v and %+v with %v ns each", large.load, huge.load, part)
		}
	}
	g.apply(all, &now)
	for i := range all {
		it := &all[i]
		if it.Coarse != it.share.level {
			t.Fatalf("item %d: %d halvings of %d", i, it.Coarse, it.share.level)
		}
		// Those furthest behind are left out.
		if out := it.Color == 0; out != (i >= 41 && i < 41+int(huge.left.Load())) {
			t.Fatalf("item %d: left out %v, of %d", i, out, huge.left.Load())
		}
	}
	if n := huge.left.Load(); n == 0 || n == 4000 || huge.shed.Load() != 1 || small.shed.Load() != 0 || large.Coarse() == 0 {
		t.Errorf("%d layers left out", n)
	}
	if !g.coarse.any() {
		t.Error("nothing is coarse")
	}
	if n := testing.AllocsPerRun(10, func() {
		g.estimate(all, &now)
		g.divide(budget)
		g.apply(all, &now)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestCovered has what an opaque layer hides cost nothing.
func TestCovered(t *testing.T) {
	var g regulator
	g.start(640, 480)
	now := newTiles(640, 480)
	now.add(now.bounds())
	var a, b Share
	front := items(1, &b, blit.XRGB8888)
	front[0].Matrix = graphics.Affine{XX: 1, YY: 1, X0: 0, Y0: 320} // from a row of tiles on
	all := append(items(3, &a, blit.ARGB8888), front...)
	g.estimate(all, &now)
	for i, it := range all[:3] {
		if it.tiles != 20*10 || it.rows != 10 {
			t.Errorf("layer %d: %d tiles in %d rows", i, it.tiles, it.rows)
		}
	}
	if all[3].tiles != 20*15 {
		t.Errorf("%d tiles of the one in front", all[3].tiles)
	}
	front[0].Color = 0xfeffffff
	all = append(items(3, &a, blit.ARGB8888), front...)
	if g.estimate(all, &now); all[0].tiles != 20*15 {
		t.Errorf("%d tiles behind one that can be seen through", all[0].tiles)
	}
}

// TestSlowComputer has a few layers be shown on a computer that has time for none.
func TestSlowComputer(t *testing.T) {
	var g regulator
	g.start(640, 480)
	now := newTiles(640, 480)
	now.add(now.bounds())
	var s Share
	all := items(kept+3, &s, blit.ARGB8888)
	g.estimate(all, &now)
	g.divide(1)
	g.apply(all, &now)
	for i := range all {
		if out := all[i].Color == 0; out != (i < 3) {
			t.Errorf("layer %d of %d: left out %v", i, len(all), out)
		}
	}
}

// TestStall has a frame or two take long for no fault of their own, and then all.
func TestStall(t *testing.T) {
	var g regulator
	g.start(640, 480)
	const plan = 1_000_000
	g.planned = plan
	for range 10 {
		g.took(plan)
		g.took(30 * plan)
		g.took(30 * plan)
	}
	if g.pace != 1 {
		t.Errorf("composing is taken to take %v times what it does", g.pace)
	}
	for range 10 {
		g.took(10 * plan)
	}
	if g.pace < 9 || g.pace > 10 {
		t.Errorf("composing is taken to take %v times what it is planned to, not 10", g.pace)
	}
}
