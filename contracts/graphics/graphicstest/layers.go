package graphicstest

import (
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
)

// layer makes a layer of a 16 by 16 surface that is left green and right blue, with
// a back buffer that is red.
func (s *suite) layer(d graphics.Device) (graphics.Layer, graphics.Surface, graphics.Surface) {
	s.Helper()
	x := s.surface(d, graphics.SurfaceOptions{Width: 16, Height: 16, Format: graphics.XRGB8888, BackBuffers: 1})
	b, err := x.Attached(background, 1)
	back := keep(s, b, err)
	s.fill(d, x, graphics.Rect{X1: 8, Y1: 16}, green)
	s.fill(d, x, graphics.Rect{X0: 8, X1: 16, Y1: 16}, blue)
	s.fill(d, back, graphics.Rect{}, red)
	l, err := d.CreateLayer(background, x)
	return keep(s, l, err), x, back
}

func (s *suite) describeLayer(l graphics.Layer) graphics.LayerInfo {
	s.Helper()
	i, err := l.Info(background)
	s.must(err)
	return i
}

func at(x, y float32) graphics.Affine { return graphics.Affine{XX: 1, YY: 1, X0: x, Y0: y} }

// layers moves, turns, colours, sorts, clips and presents.
func (s *suite) layers() {
	e := s.look()
	d := s.device("layers")
	l, x, _ := s.layer(d)
	i := s.describeLayer(l)
	if i.Number == 0 || i.Surface != s.describe(x).Number || i.Visible || i.Color != 0xffffffff || i.Source != (graphics.Rect{X1: 16, Y1: 16}) {
		s.Errorf("%+v", i)
	}
	s.sent(l.SetMatrix(at(40, 20)))
	s.sent(l.Show(true))
	e.sees(40, 20, green)
	e.sees(47, 35, green)
	e.sees(48, 35, blue)
	e.sees(39, 20, 0)
	e.sees(56, 20, 0)
	// By a quarter, and twice as large.
	s.sent(l.SetMatrix(graphics.Affine{XY: -2, X0: 70, YX: 2, Y0: 20}))
	e.sees(65, 25, green)
	e.sees(45, 45, blue)
	e.sees(40, 20, green)
	s.sent(l.SetMatrix(at(40, 20)))
	s.sent(l.SetColor(0xff808080))
	e.sees(41, 21, 0x008000)
	s.sent(l.SetColor(0xffffffff))
	s.sent(l.SetClip(graphics.Rect{X0: 44, Y0: 0, X1: 50, Y1: 30}))
	e.sees(43, 21, 0)
	e.sees(44, 21, green)
	e.sees(50, 21, 0)
	e.sees(44, 30, 0)
	s.sent(l.SetClip(graphics.Rect{}))
	// A second one in front, and behind.
	m, _, _ := s.layer(d)
	s.sent(m.SetMatrix(at(36, 20)))
	s.sent(m.Show(true))
	e.sees(45, 25, blue)
	s.sent(m.SetDepth(1))
	e.sees(45, 25, green)
	all, err := s.Screen.Layers(background)
	s.must(err)
	if len(all) != 2 || all[0].Depth != 1 || all[1].Depth != 0 || all[0].Primary || all[1].Matrix != at(40, 20) {
		s.Errorf("%+v", all)
	}
	s.drop(m)
	e.sees(37, 25, 0)
	// A part of the picture.
	s.sent(l.SetSource(graphics.Rect{X0: 6, Y0: 2, X1: 10, Y1: 4}))
	e.sees(41, 21, green)
	e.sees(42, 21, blue)
	e.sees(44, 21, 0)
	// The other picture, a part of it, elsewhere, all at once.
	s.sent(l.Present(at(100, 50), graphics.Rect{X1: 4, Y1: 4}))
	e.sees(103, 53, red)
	e.sees(104, 53, 0)
	e.sees(41, 21, 0)
	s.sent(l.Present(at(100, 50), graphics.Rect{}))
	e.sees(115, 60, blue)
	if i := s.describeLayer(l); !i.Visible || i.Matrix != at(100, 50) || i.Source.X1 != 16 {
		s.Errorf("%+v", i)
	}
	if i := s.describe(x); i.Flips != 2 {
		s.Errorf("%+v", i)
	}
	s.sent(l.Show(false))
	e.sees(115, 60, 0)
	s.sent(l.Show(true))
	e.sees(115, 60, blue)
	s.drop(x) // the layer holds it
	e.sees(115, 60, blue)
	s.drop(l)
	e.sees(115, 60, 0)
}

// plan has layers be warped, and drawn.
func (s *suite) plan() {
	e := s.look()
	d := s.device("plan")
	a, _, back := s.layer(d)
	b, _, _ := s.layer(d)
	na, nb := s.describeLayer(a).Number, s.describeLayer(b).Number
	// What was never drawn is drawn first; none of that costs much.
	draw := func(choices []graphics.Choice) {
		for _, c := range choices {
			if c.Draw && c.Layer == na {
				s.fill(d, back, graphics.Rect{}, green)
				s.sent(a.Present(at(8, 8), graphics.Rect{}))
			} else if c.Draw {
				s.sent(b.Present(at(8, 40), graphics.Rect{}))
			}
		}
	}
	wish := func(wishes ...graphics.Wish) []graphics.Choice {
		_, err := s.Screen.WaitBlank(background)
		s.must(err)
		choices := make([]graphics.Choice, len(wishes))
		p, err := d.Plan(background, wishes, choices)
		s.must(err)
		if p.Left <= 0 || p.Budget < 0 || p.Frame == 0 {
			s.Errorf("%+v", p)
		}
		for i, c := range choices {
			if c.Layer != wishes[i].Layer || c.Scale <= 0 || c.Scale > 1 {
				s.Errorf("%+v for %+v", c, wishes[i])
			}
		}
		return choices
	}
	for range 4 {
		draw(wish(graphics.Wish{Layer: na, Warp: at(8, 8)}, graphics.Wish{Layer: nb, Warp: at(8, 40)}))
	}
	s.sent(a.Show(true))
	e.sees(9, 9, green)
	// What fits is warped.
	before := s.describeLayer(a)
	p := wish(graphics.Wish{Layer: na, Warp: at(60, 8)})
	if p[0].Draw {
		s.Errorf("a layer that is not off is drawn: %+v", p)
	}
	e.sees(61, 9, green)
	e.sees(9, 9, 0)
	if after := s.describeLayer(a); after.Redrawn != before.Redrawn || after.Matrix != at(60, 8) || after.Redrawn == 0 {
		s.Errorf("%+v, and then %+v", before, after)
	}
	// What does not is drawn.
	if p = wish(graphics.Wish{Layer: na, Warp: at(60, 8), Error: 50}); !p[0].Draw || p[0].Scale != 1 {
		s.Errorf("%+v", p)
	}
	draw(p)
	if after := s.describeLayer(a); after.Redrawn != before.Redrawn+1 || after.Cost <= 0 {
		s.Errorf("%+v", after)
	}
	// And what is due by its rate.
	s.sent(a.SetRate(3))
	drawn := 0
	for range 9 {
		p = wish(graphics.Wish{Layer: na, Warp: at(60, 8)})
		if p[0].Draw {
			drawn++
		}
		draw(p)
	}
	if drawn < 2 || drawn > 4 {
		s.Errorf("with a rate of 3 a layer was drawn %d times in 9 frames", drawn)
	}
	if p, err := d.Plan(background, nil, nil); err != nil || p.Frame == 0 {
		s.Errorf("%+v, %v", p, err)
	}
}

// badLayers asks for what is refused.
func (s *suite) badLayers() {
	d, other := s.device("layers"), s.device("others")
	l, x, back := s.layer(d)
	_, y, _ := s.layer(other)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, m := range []graphics.Affine{{XX: nan}, {YY: inf}, {XX: 1, YY: 1, X0: nan}, {XX: 1, YY: 1, Y0: -inf}, {XX: 3000, YY: 1}, {XY: -3e38, YX: 1}} {
		s.code("a matrix", s.result(l.SetMatrix(m)), com.ErrInvalid)
		s.code("a picture there", s.result(l.Present(m, graphics.Rect{})), com.ErrInvalid)
		_, err := d.Plan(background, []graphics.Wish{{Layer: s.describeLayer(l).Number, Warp: m}}, make([]graphics.Choice, 1))
		s.code("a wish", err, com.ErrInvalid)
	}
	s.sent(l.SetMatrix(graphics.Affine{})) // shows nothing
	for _, r := range []graphics.Rect{{X1: 17, Y1: 1}, {X0: -1, X1: 4, Y1: 4}, {X0: 4, Y0: 4, X1: 4, Y1: 5}} {
		s.code("a source", s.result(l.SetSource(r)), com.ErrInvalid)
		s.code("a picture of it", s.result(l.Present(at(0, 0), r)), com.ErrInvalid)
	}
	if i := s.describe(x); i.Flips != 0 {
		s.Errorf("%+v", i)
	}
	_, err := d.CreateLayer(background, x)
	s.code("a second layer of a surface", err, com.ErrBusy)
	_, err = d.CreateLayer(background, back)
	s.code("a layer of a back buffer", err, com.ErrInvalid)
	_, err = d.CreateLayer(background, y)
	s.code("a layer of another device's surface", err, com.ErrInvalid)
	_, err = d.CreateLayer(background, nil)
	s.code("a layer of nothing", err, com.ErrInvalid)
	t := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapTexture, Width: 16, Height: 16, Format: graphics.RGB565})
	_, err = d.CreateLayer(background, t)
	s.code("a layer of a texture", err, com.ErrInvalid)
	p := s.surface(d, graphics.SurfaceOptions{Caps: graphics.CapPrimary})
	_, err = d.CreateLayer(background, p)
	s.code("a layer of the primary", err, com.ErrBusy)
	n := s.describeLayer(l).Number
	for name, w := range map[string][]graphics.Wish{
		"twice": {{Layer: n}, {Layer: n}}, "none": {{Layer: 0}}, "nobody": {{Layer: 1 << 31}},
	} {
		_, err = d.Plan(background, w, make([]graphics.Choice, len(w)))
		s.code(name, err, com.ErrInvalid)
	}
	_, err = d.Plan(background, []graphics.Wish{{Layer: n}}, nil)
	s.code("room for no choice", err, com.ErrInvalid)
	_, err = back.Lock(background, graphics.Rect{}, false)
	s.must(err)
	s.code("presenting what is locked", s.result(l.Present(at(0, 0), graphics.Rect{})), com.ErrBusy)
	s.sent(back.Unlock(graphics.Rect{}))
	s.drop(d)
	s.code("a layer of a device that is gone", s.result(l.Show(true)), com.ErrClosed)
	_, err = l.Info(background)
	s.code("of which is asked", err, com.ErrClosed)
}
