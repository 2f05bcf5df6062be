package device

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/constraint"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/compose"
	"github.com/mmlite/mmlite/graphics/display"
)

// costly is a composer whose pixels take virtual time.
type costly struct {
	c      compose.Compositor
	r      *rig
	pixel  machine.Duration
	layers []compose.Layer
	rects  []blit.Rect
	seen   uint64
	sharp  bool // whatever the regulator says
}

func (c *costly) Compose(frame *blit.Surface, rects []machine.Rect, items []display.Item) error {
	c.c.Pause = func() {
		c.r.m.Advance(machine.Duration(c.c.Pixels-c.seen) * c.pixel)
		c.seen = c.c.Pixels
		thread.Checkpoint()
	}
	c.layers, c.rects = c.layers[:0], c.rects[:0]
	for i := range items {
		it := &items[i]
		l := compose.Layer{Surface: it.Pixels, Matrix: compose.Affine(it.Matrix), Color: it.Color, Clip: blit.Rect(it.Clip), Coarse: it.Coarse}
		if c.sharp {
			l.Coarse = 0
		}
		c.layers = append(c.layers, l)
	}
	for _, r := range rects {
		c.rects = append(c.rects, blit.Rect(r))
	}
	err := c.c.Compose(frame, c.layers, c.rects)
	c.c.Pause()
	return err
}

// greedy is a client that moves many layers as large as the screen in each frame.
type greedy struct {
	d        graphics.Device
	layers   []graphics.Layer
	surfaces []graphics.Surface
}

func newGreedy(t tester, g graphics.Graphics, n int) *greedy {
	x := &greedy{}
	var err error
	x.d, err = g.Open(background, graphics.DeviceOptions{Name: "greedy"})
	must(t, err)
	for i := range n {
		s, err := x.d.CreateSurface(background, graphics.SurfaceOptions{Width: width / 4, Height: height / 4, Format: graphics.ARGB8888})
		must(t, err)
		for y := range uint32(height / 4) {
			at, err := s.Lock(background, graphics.Rect{Y0: int32(y), X1: width / 4, Y1: int32(y) + 1}, false)
			must(t, err)
			m, err := s.Memory(background)
			must(t, err)
			row := make([]byte, at.Length)
			for k := range row {
				row[k] = byte(k*int(y) + i)
				if k%4 == 3 {
					row[k] = 20
				}
			}
			must(t, m.Put(at.Offset, row))
			must(t, s.Unlock(graphics.Rect{}))
			m.Release()
		}
		l, err := x.d.CreateLayer(background, s)
		must(t, err)
		must(t, l.SetDepth(-10))
		must(t, l.Show(true))
		x.layers, x.surfaces = append(x.layers, l), append(x.surfaces, s)
	}
	return x
}

func (x *greedy) move(t tester, frame int) {
	for i, l := range x.layers {
		s, c := math.Sincos(float64(i)/40 + float64(frame)/90)
		must(t, l.SetMatrix(graphics.Affine{XX: float32(4 * c), XY: float32(-4 * s), X0: 20 - 60*float32(c-1), YX: float32(4 * s), YY: float32(4 * c), Y0: 10}))
	}
}

func (x *greedy) release() {
	for i := range x.layers {
		x.layers[i].Release()
		x.surfaces[i].Release()
	}
	x.d.Release()
}

// TestShedding has a client show 256 layers as large as the screen, which would take
// each frame four times as long as there is. Another client's flips are on time, as is
// a thread with a period like that of sound; what is shown coarse is that client's, and
// it is told so. When there is less, and it rests, it becomes sharp again.
func TestShedding(t *testing.T) {
	t.Run("promises", func(t *testing.T) { shedding(t, true) })
	t.Run("none", func(t *testing.T) { shedding(t, false) })
}

func shedding(t *testing.T, promises bool) {
	const many, few = 256, 24
	frames := 300
	if testing.Short() {
		frames = 60
	}
	c := &costly{pixel: 4}
	r := newRigWith(t, c)
	c.r = r
	if promises {
		r.call(func() { must(t, thread.Current().Processor().SetPolicy(constraint.New(constraint.Config{}))) })
	}
	over, late := false, 0
	sound := r.start(func() {
		for at := thread.Now(); !over && promises; {
			at = at.Add(5800 * machine.Microsecond)
			thread.SleepUntil(at)
			ok, err := thread.BeginConstraint(sched.Constraint{Start: at, Estimate: machine.Millisecond, Deadline: at.Add(4 * machine.Millisecond)})
			if must(t, err); !ok {
				late++
			}
			for range 10 {
				r.m.Advance(100 * machine.Microsecond)
				thread.Checkpoint()
			}
			missed, err := thread.EndConstraint()
			if must(t, err); missed != 0 && thread.Now() > at.Add(4*machine.Millisecond) {
				late++
			}
		}
	})
	much, little := r.f.View(Limits{}), r.f.View(Limits{})
	var x *greedy
	r.call(func() { x = newGreedy(t, much, many) })
	moves, turn := true, 0
	mover := r.start(func() {
		for ; moves; turn++ {
			x.move(t, turn)
			_, err := r.screen.WaitBlank(background)
			must(t, err)
		}
	})
	r.call(func() {
		d, err := little.Open(background, graphics.DeviceOptions{Name: "modest"})
		must(t, err)
		p, err := d.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapPrimary, BackBuffers: 1})
		must(t, err)
		for range 20 { // what composing takes is not known yet
			must(t, p.Flip(background, 1))
		}
		before, err := r.screen.Info(background)
		must(t, err)
		was, err := p.Info(background)
		must(t, err)
		for range frames {
			must(t, p.Flip(background, 1))
		}
		after, err := r.screen.Info(background)
		must(t, err)
		is, err := p.Info(background)
		must(t, err)
		if n := after.Late - before.Late; n != 0 {
			t.Errorf("%d of %d frames were late", n, after.Composed-before.Composed)
		}
		if n := after.Frame - before.Frame; n > uint64(frames)+2 || is.Missed != was.Missed {
			t.Errorf("%d flips took %d frames, %d were missed", frames, n, is.Missed-was.Missed)
		}
		mine, err := d.Info(background)
		must(t, err)
		its, err := x.d.Info(background)
		must(t, err)
		one, err := x.layers[3].Info(background)
		must(t, err)
		t.Logf("the screen was composed for %v of a frame in the mean; %d halvings, %d frames coarse, %d layers left out", (after.Busy-before.Busy)/time.Duration(frames), its.Coarse, its.Shed, its.LeftOut)
		if mine.Coarse != 0 || mine.Shed != 0 || its.Coarse == 0 || its.Shed < uint64(frames)*9/10 || its.LeftOut != 0 || one.Coarse != its.Coarse {
			t.Errorf("modest %+v, greedy %+v, a layer of it %+v", mine, its, one)
		}
		if s := r.f.Status().Devices[0]; s.Name != "greedy" || s.Coarse != its.Coarse || s.Shed < its.Shed {
			t.Errorf("%+v", s)
		}
		if late != 0 {
			t.Errorf("%d periods of sound were late", late)
		}
		p.Release()
		d.Release()

		moves = false
		for _, l := range x.layers[few:] {
			must(t, l.Show(false))
		}
		for range 100 {
			_, err := r.screen.WaitBlank(background)
			must(t, err)
		}
		if its, err = x.d.Info(background); err != nil || its.Coarse != 0 {
			t.Errorf("at rest, with %d layers: %+v, %v", few, its, err)
		}
	})
	mem, _ := r.pixels.Memory()
	rested := bytes.Clone(mem)
	c.sharp = true
	r.call(func() {
		for _, l := range x.layers[:few] { // all of it is composed anew
			must(t, l.Show(false))
			must(t, l.Show(true))
		}
		for range 3 {
			_, err := r.screen.WaitBlank(background)
			must(t, err)
		}
		x.release()
		over = true
	})
	if !bytes.Equal(rested, mem) {
		t.Error("a picture at rest is not as sharp as it can be")
	}
	must(t, r.p.RunFor(machine.Second))
	if !sound() || !mover() {
		t.Error("a thread still runs")
	}
	much.Release()
	little.Release()
}
