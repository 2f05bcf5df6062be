package device

import (
	"context"
	"errors"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/graphics/render"
)

// Bounds of renderers.
const (
	maxTarget    = 2048 // pixels, across and down
	maxRenderers = 8    // of a device
	// rendererBytes is what a renderer's bins and vertices take, nearly all of it bins.
	rendererBytes = 8 << 20
)

// Renderer implements graphics.Renderer: render's pipeline on surfaces of a device.
// But for what is said otherwise its fields are the device's lock's.
type Renderer struct {
	com.Object
	d       *Device
	r       *render.Renderer
	target  *Surface // nil: none
	depth   *Surface
	bound   [render.Stages]*Surface
	given   [render.Stages]*render.Texture // what the pipeline has been given
	refused uint64
	indices []uint16 // of the last draw
	cursor  *share.Cursor
	fence   uint64
	ended   bool
	task    wait.Task
}

// rendering adds what the renderer can do.
func (f *Factory) rendering(i *graphics.Info) {
	i.MaxTexture = MaxTexture
	i.Stages, i.Lights, i.ClipPlanes, i.Workers = render.Stages, render.ActiveLights, render.ClipPlanes, uint32(f.team.Workers())
	i.Loops = render.Loops()
}

// CreateRenderer implements graphics.Device.
func (d *Device) CreateRenderer(ctx context.Context) (graphics.Renderer, error) {
	if thread.Current() == nil {
		return nil, com.Errorf(com.ErrInvalid, "a goroutine that is no thread cannot draw")
	}
	if err := d.f.room(ctx, d.quota, surfaces, 0, rendererBytes); err != nil {
		return nil, err
	}
	r := &Renderer{d: d}
	var err error
	r.r, err = render.New(render.Config{
		Width: maxTarget, Height: maxTarget, Vertices: render.LeastVertices, Entries: 1 << 17,
		Team: d.f.team, Checkpoint: thread.Checkpoint, Machine: d.f.machine,
	})
	if err == nil {
		var t *thread.Thread
		if t, err = d.enter(); err == nil {
			if d.renderers == maxRenderers {
				err = com.Errorf(com.ErrQuota, "device %s has %d renderers", d.name, maxRenderers)
			} else {
				d.renderers++
				d.addWorker(r)
			}
			d.unlock(t)
		}
	}
	if err != nil {
		d.quota.give(surfaces, 0, rendererBytes)
		return nil, err
	}
	d.bytes.Add(rendererBytes)
	r.cursor = d.area.Cursor()
	r.task.Do = func() {
		t := d.lock()
		r.end()
		d.unlock(t)
		d.f.gone()
	}
	r.Init(r, func() { d.f.leave(&r.task) }, graphics.RendererType.For(r))
	return r, nil
}

// end draws what was gathered and gives everything back. The device is locked.
func (r *Renderer) end() {
	if r.ended {
		return
	}
	r.ended = true
	d := r.d
	r.flush()
	if err := r.r.Close(); err != nil {
		d.f.log("graphics: device %s: a renderer's end: %v", d.name, err)
	}
	r.cursor.Release()
	d.removeWorker(r)
	d.renderers--
	d.bytes.Add(-rendererBytes)
	d.quota.give(surfaces, 0, rendererBytes)
}

// enter locks the device of a renderer that is still there. The returned function
// unlocks it.
func (r *Renderer) enter() (func(), error) {
	t, err := r.d.enter()
	if err != nil {
		return nil, err
	}
	if r.ended {
		r.d.unlock(t)
		return nil, com.Errorf(com.ErrClosed, "the renderer was released")
	}
	return func() { r.d.unlock(t) }, nil
}

// do is a call that changes a state.
func (r *Renderer) do(change func() error) error {
	t, err := r.d.enter()
	if err != nil {
		return err
	}
	defer r.d.unlock(t)
	if r.ended {
		return com.Errorf(com.ErrClosed, "the renderer was released")
	}
	return coded(change())
}

// coded gives errors of the pipeline their codes.
func coded(err error) error {
	switch {
	case err == nil || com.CodeOf(err) != com.ErrFailed:
		return err
	case errors.Is(err, render.ErrUnsupported):
		return com.Errorf(com.ErrNotSupported, "%v", err)
	}
	return com.Errorf(com.ErrInvalid, "%v", err)
}

// gone says whether a surface is not to be touched any more.
func gone(s *Surface) bool { return s == nil || s.released.Load() || s.c.ended }

// SetTarget implements graphics.Renderer.
func (r *Renderer) SetTarget(_ context.Context, color, depth graphics.Surface) error {
	leave, err := r.enter()
	if err != nil {
		return err
	}
	defer leave()
	var c, z *Surface
	if color != nil {
		if c, err = r.d.own(color); err != nil {
			return err
		}
		if c.c.caps&graphics.CapTarget == 0 {
			return com.Errorf(com.ErrInvalid, "surface %d is no target", c.number)
		}
		if c.shape.width > maxTarget || c.shape.height > maxTarget {
			return com.Errorf(com.ErrInvalid, "a target of %d by %d pixels, and %d are possible", c.shape.width, c.shape.height, maxTarget)
		}
	}
	if depth != nil {
		if z, err = r.d.own(depth); err != nil {
			return err
		}
		switch {
		case z.c.caps&graphics.CapDepth == 0:
			return com.Errorf(com.ErrInvalid, "surface %d is no depth buffer", z.number)
		case c == nil || c.shape.width != z.shape.width || c.shape.height != z.shape.height:
			return com.Errorf(com.ErrInvalid, "depth buffer %d is not of the target's size", z.number)
		}
		if err := z.deepen(); err != nil {
			return err
		}
	}
	r.flush()
	r.target, r.depth = c, z
	return coded(r.aim())
}

// aim has the pipeline draw where the surfaces are now.
func (r *Renderer) aim() error {
	if gone(r.target) {
		r.target, r.depth = nil, nil
		return r.r.SetTarget(nil, nil)
	}
	var z *render.Depth
	if gone(r.depth) {
		r.depth = nil
	} else {
		z = r.depth.c.depth.refresh(r.depth)
	}
	return r.r.SetTarget(r.target.Pixels(), z)
}

// flush draws what was gathered. The device is locked.
func (r *Renderer) flush() {
	if !r.r.Waiting() {
		return
	}
	t := r.target
	t.hold(true)
	began := t.timing()
	t.Pixels() // the palette may be another
	if err := r.r.Flush(); err != nil {
		r.d.f.log("graphics: device %s: rendering: %v", r.d.name, err)
	}
	t.timed(began)
	t.Changed(t.bounds())
	if r.depth != nil {
		r.depth.c.depth.drawn = true
	}
}

// Settle implements Worker. Textures are copies, so who only reads a surface does
// not mind it being written.
func (r *Renderer) Settle(s *Surface, _ bool) {
	if s == r.target || s == r.depth {
		r.flush()
	}
	if s == r.depth {
		s.c.depth.store(s)
	}
}

// ready has the pipeline see surfaces as they are now, before a draw.
func (r *Renderer) ready() error {
	if gone(r.target) {
		return com.Errorf(com.ErrInvalid, "there is no target")
	}
	if err := r.aim(); err != nil {
		return err
	}
	for i, s := range r.bound {
		t, err := r.texture(s)
		if err != nil {
			return err
		}
		if t != r.given[i] {
			if err := r.r.SetTexture(i, t); err != nil {
				return err
			}
			r.given[i] = t
		}
	}
	return nil
}

// draw is a call that draws.
func (r *Renderer) draw(f func() error) error {
	return r.do(func() error {
		err := r.ready()
		if err == nil {
			err = f()
		}
		if err != nil {
			r.refused++
		}
		return err
	})
}

// Fence implements graphics.Renderer. Vertices are transformed when they are drawn,
// so nothing of them is needed any more.
func (r *Renderer) Fence(value uint64) error {
	return r.do(func() error {
		r.fence = value
		r.cursor.Put([3]uint64{value})
		return nil
	})
}

// EndScene implements graphics.Renderer.
func (r *Renderer) EndScene() error {
	return r.do(func() error {
		r.flush()
		return nil
	})
}

// Finish implements graphics.Renderer.
func (r *Renderer) Finish(context.Context) error { return r.EndScene() }

// Validate implements graphics.Renderer.
func (r *Renderer) Validate(context.Context) (uint32, error) {
	err := r.do(func() error {
		if err := r.ready(); err != nil {
			return err
		}
		return r.r.Validate()
	})
	if err != nil {
		return 0, err
	}
	return 1, nil
}

// Info implements graphics.Renderer.
func (r *Renderer) Info(context.Context) (graphics.RendererInfo, error) {
	leave, err := r.enter()
	if err != nil {
		return graphics.RendererInfo{}, err
	}
	defer leave()
	c := r.r.Counts()
	return graphics.RendererInfo{
		Triangles: c.Triangles, Vertices: c.Vertices, Batches: c.Batches, Flushes: c.Flushes, Refused: r.refused,
		Loop: r.r.Loop(), Cursor: r.cursor.Index(), Fence: r.fence,
	}, nil
}

var (
	_ graphics.Renderer = (*Renderer)(nil)
	_ Worker            = (*Renderer)(nil)
)
