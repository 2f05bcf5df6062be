package device

import (
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/graphics/render"
)

// texture is what renderers read of a chain of levels. Its memory is counted.
type texture struct {
	t     *render.Texture
	seen  uint64 // changes of all levels when it was last told
	bytes int
}

// codings are those of formats that are packed in blocks.
var codings = map[graphics.Format]render.Coding{graphics.DXT1: render.DXT1, graphics.DXT3: render.DXT3, graphics.DXT5: render.DXT5}

// texture is what stages read of a surface, as it is now; nil for none.
func (r *Renderer) texture(s *Surface) (*render.Texture, error) {
	if gone(s) {
		return nil, nil
	}
	c := s.c
	if c.texture == nil {
		if err := c.newTexture(); err != nil {
			return nil, err
		}
	}
	for _, w := range r.d.workers { // what another renderer has not drawn yet belongs to the picture
		if o, ok := w.(*Renderer); ok && o != r && o.target != nil && o.target.c == c {
			o.flush()
		}
	}
	t := c.texture
	var n uint64
	for _, l := range c.surfaces {
		n += l.changes.Load()
	}
	if n != t.seen {
		t.seen = n
		s.Pixels() // copies the palette's colours to where levels look
		t.t.SetKey(s.source)
		t.t.SetPalette(s.view.Palette)
		t.t.Changed()
	}
	return t.t, nil
}

// newTexture makes the renderers' copy of a texture.
func (c *chain) newTexture() error {
	root := c.surfaces[0]
	n := render.TextureBytes(root.shape.width, root.shape.height, len(c.surfaces))
	if err := c.d.quota.take(surfaces, 0, int64(n)); err != nil {
		return err
	}
	levels := make([]render.Level, len(c.surfaces))
	for i, s := range c.surfaces {
		levels[i] = render.Level{Surface: *s.Pixels(), Coding: codings[c.format]}
	}
	t, err := render.NewTexture(levels)
	if err != nil {
		c.d.quota.give(surfaces, 0, int64(n))
		return com.Errorf(com.ErrInvalid, "%v", err)
	}
	c.d.bytes.Add(int64(n))
	c.texture = &texture{t: t, seen: ^uint64(0), bytes: n}
	return nil
}

// forget gives the memory of renderers back. The device is locked.
func (c *chain) forget() {
	n := 0
	if c.texture != nil {
		n += c.texture.bytes
		for _, w := range c.d.workers {
			r, ok := w.(*Renderer)
			if !ok {
				continue
			}
			if c.texture.t.Waits(r.r) {
				r.flush()
			}
			if err := r.r.Forget(c.texture.t); err != nil {
				c.d.f.log("graphics: device %s: a texture's end: %v", c.d.name, err)
			}
			for i := range r.given {
				if r.given[i] == c.texture.t {
					r.given[i] = nil
				}
			}
		}
		c.texture.t.Free()
		c.texture = nil
	}
	if c.depth != nil {
		n += c.depth.bytes
		c.depth = nil
	}
	c.d.bytes.Add(int64(-n))
	c.d.quota.give(surfaces, 0, int64(n))
}
