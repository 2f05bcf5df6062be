package layers

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// card is a device that keeps what it is told. What is not written here is not to be
// called.
type card struct {
	graphics.Device
	layers   []*remote
	choose   func(w graphics.Wish) (draw bool, scale float32)
	surfaces uint32
	held     int
	asked    []graphics.Wish
	fail     error
}

type surface struct {
	graphics.Surface
	c      *card
	number uint32
	behind *surface
}

type remote struct {
	graphics.Layer
	c       *card
	number  uint32
	visible bool
	matrix  graphics.Affine
	source  graphics.Rect
	depth   int32
	rate    uint32
}

func (c *card) Info(context.Context) (graphics.DeviceInfo, error) {
	return graphics.DeviceInfo{Mode: graphics.Mode{Width: 320, Height: 240}}, c.fail
}

func (c *card) CreateSurface(_ context.Context, o graphics.SurfaceOptions) (graphics.Surface, error) {
	c.surfaces++
	c.held++
	s := &surface{c: c, number: c.surfaces}
	if o.BackBuffers > 0 {
		c.surfaces++
		s.behind = &surface{c: c, number: c.surfaces}
	}
	return s, nil
}

func (s *surface) Attached(context.Context, uint32) (graphics.Surface, error) {
	s.c.held++
	return s.behind, nil
}
func (s *surface) Info(context.Context) (graphics.SurfaceInfo, error) {
	return graphics.SurfaceInfo{Number: s.number}, nil
}
func (s *surface) Release() uint32 { s.c.held--; return 0 }

func (c *card) CreateLayer(context.Context, graphics.Surface) (graphics.Layer, error) {
	if c.fail != nil {
		return nil, c.fail
	}
	c.held++
	r := &remote{c: c, number: uint32(len(c.layers) + 1)}
	c.layers = append(c.layers, r)
	return r, nil
}

func (r *remote) Release() uint32                   { r.c.held--; return 0 }
func (r *remote) SetDepth(d int32) error            { r.depth = d; return nil }
func (r *remote) SetRate(n uint32) error            { r.rate = n; return nil }
func (r *remote) Show(on bool) error                { r.visible = on; return nil }
func (r *remote) SetMatrix(m graphics.Affine) error { r.matrix = m; return nil }
func (r *remote) Present(m graphics.Affine, s graphics.Rect) error {
	r.matrix, r.source = m, s
	return nil
}
func (r *remote) Info(context.Context) (graphics.LayerInfo, error) {
	return graphics.LayerInfo{Number: r.number}, nil
}

func (c *card) Plan(_ context.Context, wishes []graphics.Wish, choices []graphics.Choice) (graphics.Plan, error) {
	p := graphics.Plan{Frame: 7, Left: time.Hour}
	c.asked = append(c.asked[:0], wishes...)
	for i, w := range wishes {
		draw, scale := c.choose(w)
		if !draw {
			c.layers[w.Layer-1].matrix = w.Warp
		}
		choices[i] = graphics.Choice{Layer: w.Layer, Draw: draw, Scale: scale}
	}
	return p, nil
}

func rig(t *testing.T) (*card, *Scene) {
	t.Helper()
	c := &card{choose: func(w graphics.Wish) (bool, float32) { return !(w.Error <= 1), 1 }}
	s, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func square(x, y, size float64) []Point {
	return []Point{{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}}
}

func frame(t *testing.T, s *Scene) Frame {
	t.Helper()
	f, err := s.Frame(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWarpsUntilItIsOff(t *testing.T) {
	c, s := rig(t)
	var drawn []Drawing
	l, err := s.Add(t.Context(), Options{Width: 64, Height: 64, Depth: 3, Rate: 9, Draw: func(_ context.Context, d *Drawing) error {
		drawn = append(drawn, *d)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	r := c.layers[0]
	if r.depth != 3 || r.rate != 9 || r.visible {
		t.Errorf("%+v", r)
	}
	l.Pose(square(10.5, 20.25, 40))
	f := frame(t, s)
	if len(drawn) != 1 || f.Drawn != 1 || !r.visible || f.Number != 7 {
		t.Fatalf("%d drawings, %+v, visible %v", len(drawn), f, r.visible)
	}
	d := drawn[0]
	if d.Number != 2 || d.Scale != 1 || d.Place != (graphics.Affine{XX: 1, YY: 1, X0: 10, Y0: 20}) || d.Width != 42 || d.Height != 42 {
		t.Errorf("%+v", d)
	}
	if r.source != (graphics.Rect{X1: 42, Y1: 42}) || r.matrix != d.Place {
		t.Errorf("%+v", r)
	}
	// It moves: the warp is exact.
	l.Pose(square(100, 50, 40))
	if f = frame(t, s); f.Drawn != 0 || len(drawn) != 1 {
		t.Errorf("a layer that only moves was drawn: %+v", f)
	}
	if off := math.Hypot(float64(r.matrix.X0)-99.5, float64(r.matrix.Y0)-49.75); off > 1e-3 {
		t.Errorf("%+v", r.matrix)
	}
	// A corner goes astray: half a pixel of that is left in the warp.
	p := square(100, 50, 40)
	p[0].X -= 2
	l.Pose(p)
	if frame(t, s); l.Error() < 0.4 || l.Error() > 0.6 || len(drawn) != 1 {
		t.Errorf("off by %v", l.Error())
	}
	p[0].X -= 4
	l.Pose(p)
	if f = frame(t, s); f.Drawn != 1 || l.Error() != 0 {
		t.Errorf("%+v, off by %v", f, l.Error())
	}
	// Light.
	l.Change(5)
	if f = frame(t, s); f.Drawn != 1 {
		t.Errorf("light: %+v", f)
	}
	if f = frame(t, s); f.Drawn != 0 || f.Error != 0 {
		t.Errorf("afterwards: %+v", f)
	}
	if n := s.Totals(); n.Frames != 6 || n.Drawn != 3 || n.Late != 0 {
		t.Errorf("%+v", n)
	}
	// Off the screen, and nowhere.
	l.Pose(square(-300, 50, 40))
	if frame(t, s); len(c.asked) != 0 || r.matrix.X0 > -200 {
		t.Errorf("asked for %+v; %+v", c.asked, r.matrix)
	}
	l.Pose(nil)
	if frame(t, s); r.visible {
		t.Error("a layer without a pose is shown")
	}
	l.Pose([]Point{{math.NaN(), 1}, {2, math.Inf(1)}})
	frame(t, s)
	if s.Close(); c.held != 0 {
		t.Errorf("%d objects are still held", c.held)
	}
}

func TestScales(t *testing.T) {
	c, s := rig(t)
	c.choose = func(graphics.Wish) (bool, float32) { return true, 0.5 }
	var d Drawing
	l, err := s.Add(t.Context(), Options{Width: 64, Height: 32, Least: 0.25, Draw: func(_ context.Context, x *Drawing) error { d = *x; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	l.Pose(square(20, 20, 19))
	frame(t, s)
	if d.Scale != 0.5 || d.Width != 10 || d.Height != 10 {
		t.Errorf("%+v", d)
	}
	// The picture's outer edge is that of the screen's pixels.
	if p := Map(d.Place, Point{-0.5, -0.5}); p != (Point{19.5, 19.5}) {
		t.Errorf("%v", p)
	}
	if frame(t, s); c.asked[0].Error < 0.45 || c.asked[0].Error > 0.55 || c.asked[0].Least != 0.25 {
		t.Errorf("%+v", c.asked)
	}
	// Larger than its surface: as good as it can be.
	c.choose = func(w graphics.Wish) (bool, float32) { return !(w.Error <= 0.01), 1 }
	l.Pose(square(20, 20, 127))
	if frame(t, s); d.Height != 32 || d.Scale != 0.25 {
		t.Errorf("%+v", d)
	}
	if f := frame(t, s); f.Drawn != 0 || c.asked[0].Error > 0.01 {
		t.Errorf("%+v, %+v", f, c.asked)
	}
}

func TestManyLayers(t *testing.T) {
	c, s := rig(t)
	for range 300 {
		l, err := s.Add(t.Context(), Options{Width: 8, Height: 8, Draw: func(context.Context, *Drawing) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		l.Pose(square(5, 5, 6))
	}
	for _, want := range []int{256, 44, 0} {
		if f := frame(t, s); f.Drawn != want {
			t.Errorf("%d layers were drawn, not %d", f.Drawn, want)
		}
	}
	if len(c.asked) != mostWishes {
		t.Errorf("%d wishes", len(c.asked))
	}
}

func TestErrors(t *testing.T) {
	broken := errors.New("broken")
	c, s := rig(t)
	if _, err := s.Add(t.Context(), Options{}); err == nil {
		t.Error("a picture without pixels")
	}
	l, err := s.Add(t.Context(), Options{Width: 8, Height: 8, Draw: func(context.Context, *Drawing) error { return broken }})
	if err != nil {
		t.Fatal(err)
	}
	l.Pose(square(1, 1, 4))
	if _, err := s.Frame(t.Context()); !errors.Is(err, broken) {
		t.Error(err)
	}
	held := c.held
	c.fail = broken
	if _, err := s.Add(t.Context(), Options{Width: 8, Height: 8}); !errors.Is(err, broken) || c.held != held {
		t.Errorf("%v, %d objects held, and %d before", err, c.held, held)
	}
	if _, err := New(t.Context(), c); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := New(t.Context(), nil); err == nil {
		t.Error("no device")
	}
}

func TestPlacedLayers(t *testing.T) {
	c, s := rig(t)
	l, err := s.Add(t.Context(), Options{Width: 8, Height: 8})
	if err != nil {
		t.Fatal(err)
	}
	m := graphics.Affine{XX: 2, YY: 2, X0: 5}
	if err := l.Place(m); err != nil || !c.layers[0].visible || c.layers[0].matrix != m {
		t.Errorf("%v, %+v", err, c.layers[0])
	}
	if frame(t, s); len(c.asked) != 0 || !c.layers[0].visible {
		t.Error("a placed layer takes part in plans")
	}
	if err := l.Hide(); err != nil || c.layers[0].visible {
		t.Error("it is not hidden")
	}
}
