package device

import (
	"context"
	"math/bits"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/display"
)

// Bounds of surfaces.
const (
	MaxSize        = blit.MaxSize
	MaxTexture     = 2048
	maxBackBuffers = 3
)

// pitchAlign is what rows of surfaces are aligned to, so that vectors do not cross
// cache lines.
const pitchAlign = 64

// chain is surfaces that lie in one memory: front and back buffers, or the levels of
// a texture. Its fields are the device's lock's.
type chain struct {
	d        *Device
	caps     graphics.SurfaceCaps
	format   graphics.Format
	mem      *share.Memory
	bytes    int
	surfaces []*Surface // the one that was created comes first
	palette  *Palette
	colors   blit.Palette // as copied for what is drawn now
	layer    *display.Layer
	source   machine.Rect // the part of the first surface that the layer shows; empty: all
	ended    bool
	texture  *texture         // of renderers, once they read it
	depth    *deep            // of renderers, once they draw on it
	spent    machine.Duration // drawing on it, while it is a layer

	flips, missed uint64
}

// isColor reports whether a format is one of pixels that can be shown.
func isColor(f graphics.Format) bool { return f >= graphics.Indexed8 && f <= graphics.ARGB8888 }

// shape is how large the pixels of a surface are, and how they lie.
type shape struct {
	width, height int
	pitch, bytes  int
}

// block is the size of what formats pack together.
func block(f graphics.Format) (size, bytes int) {
	switch f {
	case graphics.Indexed8:
		return 1, 1
	case graphics.RGB565, graphics.XRGB1555, graphics.ARGB4444, graphics.Depth16:
		return 1, 2
	case graphics.XRGB8888, graphics.ARGB8888, graphics.Depth24:
		return 1, 4
	case graphics.DXT1:
		return 4, 8
	case graphics.DXT3, graphics.DXT5:
		return 4, 16
	}
	return 0, 0
}

func shapeOf(f graphics.Format, width, height int) shape {
	size, bytes := block(f)
	pitch := (width + size - 1) / size * bytes
	if size == 1 {
		pitch = (pitch + pitchAlign - 1) &^ (pitchAlign - 1)
	}
	n := pitch * ((height + size - 1) / size)
	return shape{width, height, pitch, (n + pitchAlign - 1) &^ (pitchAlign - 1)}
}

// check fills in a surface's options and finds what it takes.
func (d *Device) check(o *graphics.SurfaceOptions, m graphics.Mode) ([]shape, error) {
	const all = graphics.CapPrimary | graphics.CapTexture | graphics.CapTarget | graphics.CapDepth
	primary, texture, depth := o.Caps&graphics.CapPrimary != 0, o.Caps&graphics.CapTexture != 0, o.Caps&graphics.CapDepth != 0
	if primary {
		if o.Width == 0 {
			o.Width = m.Width
		}
		if o.Height == 0 {
			o.Height = m.Height
		}
	}
	if o.Format == graphics.AnyFormat && !depth {
		o.Format = m.Format
	}
	if o.Levels == 0 {
		o.Levels = 1
	}
	_, known := block(o.Format)
	bad := func(format string, args ...any) ([]shape, error) {
		return nil, com.Errorf(com.ErrInvalid, format, args...)
	}
	switch {
	case o.Caps&^all != 0:
		return bad("surface capabilities %#x", uint32(o.Caps))
	case known == 0:
		return bad("pixels of format %d", o.Format)
	case o.Width < 1 || o.Height < 1 || o.Width > MaxSize || o.Height > MaxSize:
		return bad("a surface of %d by %d pixels, and 1 to %d are possible", o.Width, o.Height, MaxSize)
	case depth != (o.Format == graphics.Depth16 || o.Format == graphics.Depth24):
		return bad("a surface of format %d with capabilities %#x: a depth buffer has a depth format, and nothing else has", o.Format, uint32(o.Caps))
	case depth && o.Caps != graphics.CapDepth:
		return bad("a depth buffer that is something else, too")
	case !isColor(o.Format) && !depth && o.Caps != graphics.CapTexture:
		return bad("compressed pixels in what is no texture, or a target")
	case texture && (o.Width > MaxTexture || o.Height > MaxTexture || o.Width&(o.Width-1) != 0 || o.Height&(o.Height-1) != 0):
		return bad("a texture of %d by %d texels, and powers of two to %d are possible", o.Width, o.Height, MaxTexture)
	case texture && primary:
		return bad("a texture that is a primary")
	case o.BackBuffers > maxBackBuffers || o.BackBuffers > 0 && (texture || depth):
		return bad("%d back buffers", o.BackBuffers)
	case o.Levels > 1 && !texture || int(o.Levels) > bits.Len32(max(o.Width, o.Height)):
		return bad("%d levels of a surface of %d by %d", o.Levels, o.Width, o.Height)
	}
	var shapes []shape
	for i := range max(o.Levels, 1+o.BackBuffers) {
		w, h := int(o.Width), int(o.Height)
		if texture {
			w, h = max(w>>i, 1), max(h>>i, 1)
		}
		shapes = append(shapes, shapeOf(o.Format, w, h))
	}
	return shapes, nil
}

// CreateSurface implements graphics.Device.
func (d *Device) CreateSurface(ctx context.Context, o graphics.SurfaceOptions) (graphics.Surface, error) {
	t, err := d.enter()
	if err != nil {
		return nil, err
	}
	mode := d.mode
	d.unlock(t)
	shapes, err := d.check(&o, mode)
	if err != nil {
		return nil, err
	}
	sum := int64(0) // four surfaces of the largest size are more than an int of 32 bits
	for _, s := range shapes {
		sum += int64(s.bytes)
	}
	if sum > d.quota.limits.Bytes {
		return nil, com.Errorf(com.ErrQuota, "a surface of %d bytes, and %d are allowed", sum, d.quota.limits.Bytes)
	}
	bytes := int(sum)
	if o.Caps&graphics.CapPrimary != 0 { // one that was just released is still one
		if err := d.f.settled(ctx); err != nil {
			return nil, err
		}
	}
	mem, err := d.alloc(ctx, surfaces, len(shapes), bytes)
	if err != nil {
		return nil, err
	}
	if t, err = d.enter(); err == nil {
		var s *Surface
		if s, err = d.newChain(o, mem, bytes, shapes); err == nil {
			d.unlock(t)
			return s, nil
		}
		d.unlock(t)
	}
	d.free(mem, surfaces, len(shapes), bytes)
	return nil, err
}

// newChain makes the surfaces of a chain in memory, which becomes its. The device is
// locked.
func (d *Device) newChain(o graphics.SurfaceOptions, mem *share.Memory, bytes int, shapes []shape) (*Surface, error) {
	c := &chain{d: d, caps: o.Caps, format: o.Format, mem: mem, bytes: bytes}
	primary := o.Caps&graphics.CapPrimary != 0
	if primary && d.primary != nil {
		return nil, com.Errorf(com.ErrBusy, "device %s has a primary surface", d.name)
	}
	at := 0
	for i, s := range shapes {
		c.surfaces = append(c.surfaces, d.newSurface(c, i, s, at))
		at += s.bytes
	}
	root := c.surfaces[0]
	if primary {
		l, ok := d.f.screen.NewLayer(d.group, root.picture(), true)
		if !ok {
			for _, s := range c.surfaces {
				delete(d.surfaces, s.number)
			}
			return nil, com.Errorf(com.ErrQuota, "the screen has no room for one more layer")
		}
		c.layer, d.primary = l, c
		w, h := d.f.screen.Size()
		l.SetMatrix(stretch(root.shape, w, h))
		l.Show(true)
	}
	d.chains[c] = struct{}{}
	return root, nil
}

// stretch is the matrix that has a picture fill the screen: edges of pixels, which lie
// half a pixel from their centres, go to edges.
func stretch(s shape, width, height int) graphics.Affine {
	x, y := float64(width)/float64(s.width), float64(height)/float64(s.height)
	return graphics.Affine{XX: float32(x), X0: float32((x - 1) / 2), YY: float32(y), Y0: float32((y - 1) / 2)}
}

// end takes a chain off the screen and gives its memory back; the second time it does
// nothing. The device is locked.
func (c *chain) end() {
	if c.ended {
		return
	}
	d := c.d
	for _, s := range c.surfaces {
		d.settle(s, true)
	}
	c.ended = true
	c.forget()
	if c.layer != nil {
		c.layer.Remove()
		c.layer = nil
	}
	if d.primary == c {
		d.primary = nil
	}
	for _, s := range c.surfaces {
		delete(d.surfaces, s.number)
	}
	delete(d.chains, c)
	if c.palette != nil {
		c.palette.Release()
		c.palette = nil
	}
	d.free(c.mem, surfaces, len(c.surfaces), c.bytes)
	for _, s := range c.surfaces[1:] {
		s.Release()
	}
}

// recolored says that the pixels of a chain mean other colours than before.
func (c *chain) recolored() {
	for _, s := range c.surfaces {
		s.changes.Add(1)
	}
	if c.layer != nil {
		s := c.surfaces[0]
		s.damage(s.bounds())
	}
}
