package overload

import (
	"context"
	"errors"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/compose"
	"github.com/mmlite/mmlite/graphics/regulate"
)

// device is as much of a graphics.Device as a scene of layers needs, in this
// program's memory. What it does not have is nil and is not called.
type device struct {
	graphics.Device
	layers   []*layer
	surfaces []*surface
	left     func() machine.Duration // until the next blank
	ask      regulate.Promise
	budget   regulate.Budget
	chosen   regulate.Regulator
	promised machine.Duration // in all frames
}

// surface is a picture and what is drawn to take its place.
type surface struct {
	graphics.Surface
	pixels blit.Surface
	back   *surface
	number uint32
}

// layer shows one of the two, in its place.
type layer struct {
	graphics.Layer
	number  uint32 // less 1
	surface *surface
	next    compose.Layer // as it will be at the next blank
	cost    *regulate.Layer
	took    machine.Duration
	scale   float32
}

var errShape = errors.New("overload: a layer's surface has one back buffer, and alpha")

func (d *device) Info(context.Context) (graphics.DeviceInfo, error) {
	return graphics.DeviceInfo{Name: "overload", Mode: graphics.Mode{Width: Width, Height: Height}}, nil
}

func (d *device) CreateSurface(_ context.Context, o graphics.SurfaceOptions) (graphics.Surface, error) {
	if o.BackBuffers != 1 || o.Format != graphics.ARGB8888 {
		return nil, errShape
	}
	picture := func() *surface {
		d.surfaces = append(d.surfaces, &surface{
			number: uint32(len(d.surfaces) + 1),
			pixels: blit.Surface{Pix: make([]byte, 4*o.Width*o.Height), Pitch: int(4 * o.Width), Width: int(o.Width), Height: int(o.Height), Format: blit.ARGB8888},
		})
		return d.surfaces[len(d.surfaces)-1]
	}
	s := picture()
	s.back = picture()
	return s, nil
}

func (s *surface) Info(context.Context) (graphics.SurfaceInfo, error) {
	return graphics.SurfaceInfo{Number: s.number, Width: uint32(s.pixels.Width), Height: uint32(s.pixels.Height)}, nil
}

func (s *surface) Attached(_ context.Context, n uint32) (graphics.Surface, error) {
	if n != 1 || s.back == nil {
		return nil, errShape
	}
	return s.back, nil
}

func (s *surface) Release() uint32 { return 0 }

func (d *device) CreateLayer(_ context.Context, s graphics.Surface) (graphics.Layer, error) {
	own, ok := s.(*surface)
	if !ok {
		return nil, errShape
	}
	l := &layer{number: uint32(len(d.layers)), surface: own, cost: regulate.NewLayer(own.pixels.Width * own.pixels.Height)}
	l.next = compose.Layer{Surface: own.pixels, Matrix: compose.Identity, Color: 0xffffffff, Hidden: true}
	d.layers = append(d.layers, l)
	return l, nil
}

func (l *layer) Info(context.Context) (graphics.LayerInfo, error) {
	return graphics.LayerInfo{Number: l.number + 1}, nil
}

func (l *layer) SetDepth(depth int32) error {
	l.next.Depth = depth
	return nil
}

func (l *layer) Show(on bool) error {
	l.next.Hidden = !on
	return nil
}

func (l *layer) SetMatrix(m graphics.Affine) error {
	l.next.Matrix = compose.Affine(m)
	return nil
}

func (l *layer) Present(m graphics.Affine, source graphics.Rect) error {
	s := l.surface
	s.pixels, s.back.pixels = s.back.pixels, s.pixels
	l.next.Surface, l.next.Matrix = s.pixels, compose.Affine(m)
	l.next.Surface.Width, l.next.Surface.Height = int(source.X1), int(source.Y1)
	l.cost.Took(l.took, l.scale)
	return nil
}

func (l *layer) Release() uint32 { return 0 }

// Plan regulates.
func (d *device) Plan(_ context.Context, wishes []graphics.Wish, answer []graphics.Choice) (graphics.Plan, error) {
	layers, asked, choices := make([]*regulate.Layer, len(wishes)), make([]regulate.Wish, len(wishes)), make([]regulate.Choice, len(wishes))
	for i, w := range wishes {
		layers[i] = d.layers[w.Layer-1].cost
		asked[i] = regulate.Wish{Error: w.Error, Weight: w.Weight, Least: w.Least}
	}
	left := d.left()
	budget, granted := d.budget.For(left, regulate.Want(layers, asked), d.ask)
	if granted {
		d.promised += budget
	}
	d.chosen.Choose(budget, layers, asked, choices)
	plan := graphics.Plan{Left: left.Std(), Budget: budget.Std()}
	for i, c := range choices {
		l := d.layers[wishes[i].Layer-1]
		if c.Draw {
			l.scale = c.Scale
		} else {
			l.next.Matrix = compose.Affine(wishes[i].Warp)
		}
		answer[i] = graphics.Choice{Layer: wishes[i].Layer, Draw: c.Draw, Scale: c.Scale}
	}
	return plan, nil
}
