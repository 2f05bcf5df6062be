package device

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/render"
)

// SetState implements graphics.Renderer.
func (r *Renderer) SetState(state, value uint32) error {
	return r.do(func() error { return r.r.SetState(render.State(state), value) })
}

// SetStageState implements graphics.Renderer.
func (r *Renderer) SetStageState(stage, state, value uint32) error {
	return r.do(func() error {
		return r.r.SetStageState(int(min(stage, render.Stages)), render.StageState(state), value)
	})
}

// SetTexture implements graphics.Renderer.
func (r *Renderer) SetTexture(stage, number uint32) error {
	return r.do(func() error {
		if stage >= render.Stages {
			return com.Errorf(com.ErrNotSupported, "texture stage %d of %d", stage, render.Stages)
		}
		if number == 0 {
			r.bound[stage] = nil
			return nil
		}
		s, err := r.d.Surface(number)
		if err != nil {
			return err
		}
		if s.c.caps&graphics.CapTexture == 0 {
			return com.Errorf(com.ErrInvalid, "surface %d is no texture", number)
		}
		r.bound[stage] = s.c.surfaces[0]
		return nil
	})
}

// SetTransform implements graphics.Renderer.
func (r *Renderer) SetTransform(which uint32, m graphics.Matrix) error {
	return r.do(func() error { return r.r.SetTransform(render.Transform(which), &m) })
}

// SetViewport implements graphics.Renderer.
func (r *Renderer) SetViewport(v graphics.Viewport) error {
	return r.do(func() error { return r.r.SetViewport(v) })
}

// SetLight implements graphics.Renderer.
func (r *Renderer) SetLight(index uint32, l graphics.Light) error {
	return r.do(func() error { return r.r.SetLight(int(min(index, render.MaxLights)), l) })
}

// EnableLight implements graphics.Renderer.
func (r *Renderer) EnableLight(index uint32, on bool) error {
	return r.do(func() error { return r.r.EnableLight(int(min(index, render.MaxLights)), on) })
}

// SetMaterial implements graphics.Renderer.
func (r *Renderer) SetMaterial(m graphics.Material) error {
	return r.do(func() error {
		r.r.SetMaterial(m)
		return nil
	})
}

// SetClipPlane implements graphics.Renderer.
func (r *Renderer) SetClipPlane(index uint32, p graphics.Plane) error {
	return r.do(func() error { return r.r.SetClipPlane(int(min(index, render.ClipPlanes)), p) })
}

// Clear implements graphics.Renderer.
func (r *Renderer) Clear(c graphics.Clear, rects []graphics.Rect) error {
	return r.draw(func() error {
		if len(rects) == 0 {
			return r.r.Clear(c, nil)
		}
		for _, q := range rects {
			one := [1]blit.Rect{{X0: int(q.X0), Y0: int(q.Y0), X1: int(q.X1), Y1: int(q.Y1)}}
			if err := r.r.Clear(c, one[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Draw implements graphics.Renderer.
func (r *Renderer) Draw(p graphics.Primitive, format uint32, vertices []byte) error {
	return r.draw(func() error { return r.r.Draw(p, render.Format(format), vertices) })
}

// numbers are indices in memory of the renderer, which lasts.
func (r *Renderer) numbers(b []byte) ([]uint16, error) {
	if len(b)%2 != 0 {
		return nil, com.Errorf(com.ErrInvalid, "%d bytes of indices", len(b))
	}
	n := len(b) / 2
	if cap(r.indices) < n {
		r.indices = make([]uint16, n, max(n, 2*cap(r.indices)))
	}
	x := r.indices[:n]
	for i := range x {
		x[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return x, nil
}

// DrawIndexed implements graphics.Renderer.
func (r *Renderer) DrawIndexed(p graphics.Primitive, format uint32, vertices, indices []byte) error {
	return r.draw(func() error {
		x, err := r.numbers(indices)
		if err != nil {
			return err
		}
		return r.r.DrawIndexed(p, render.Format(format), vertices, x)
	})
}

// part is count vertices of a buffer from vertex first on.
func (d *Device) part(format, buffer, first, count uint32) ([]byte, error) {
	b := d.buffers[buffer]
	if b == nil {
		return nil, com.Errorf(com.ErrInvalid, "vertex buffer %d is none of device %s", buffer, d.name)
	}
	stride := uint64(render.Format(format).Stride())
	if stride == 0 {
		return nil, com.Errorf(com.ErrNotSupported, "vertex format %#x", format)
	}
	from, to := uint64(first)*stride, (uint64(first)+uint64(count))*stride
	if to > uint64(len(b.mem.Bytes())) {
		return nil, com.Errorf(com.ErrInvalid, "%d vertices from %d on of %d bytes each, and buffer %d has %d bytes", count, first, stride, buffer, len(b.mem.Bytes()))
	}
	return b.mem.Bytes()[from:to:to], nil
}

// DrawBuffer implements graphics.Renderer.
func (r *Renderer) DrawBuffer(p graphics.Primitive, format, buffer, first, count uint32) error {
	return r.draw(func() error {
		v, err := r.d.part(format, buffer, first, count)
		if err != nil {
			return err
		}
		return r.r.Draw(p, render.Format(format), v)
	})
}

// DrawIndexedBuffer implements graphics.Renderer.
func (r *Renderer) DrawIndexedBuffer(p graphics.Primitive, format, buffer, first, count uint32, indices []byte) error {
	return r.draw(func() error {
		v, err := r.d.part(format, buffer, first, count)
		if err != nil {
			return err
		}
		x, err := r.numbers(indices)
		if err != nil {
			return err
		}
		return r.r.DrawIndexed(p, render.Format(format), v, x)
	})
}
