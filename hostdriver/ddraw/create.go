package ddraw

import (
	"context"
	"sync"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
)

// SurfaceDesc describes a surface (DDSURFACEDESC2). To create one Caps are needed, and
// the size of what is no primary; what is zero is left to the card.
type SurfaceDesc struct {
	Caps            Caps
	Width, Height   uint32
	BackBufferCount uint32
	MipMapCount     uint32
	PixelFormat     PixelFormat
	SrcBlt, DestBlt *ColorKey
	Pitch           uint32 // bytes from a row, or row of blocks, to the next; the card's
}

// chain is surfaces that were created together and lie in one memory.
type chain struct {
	d    *DirectDraw
	desc SurfaceDesc
	opt  graphics.SurfaceOptions

	mu       sync.Mutex
	released bool
	conn     *conn // of the card it is on; nil once it was lost and nothing restored it
	span     *hostdriver.Span
	old      []*hostdriver.Span // of cards that are gone: a program may still write there
	surfaces []*Surface
	palette  *Palette
}

// check turns a description into the card's options.
func (desc *SurfaceDesc) check() (o graphics.SurfaceOptions, err error) {
	c := desc.Caps
	has := func(f Caps) bool { return c&f != 0 }
	switch {
	case has(Overlay):
		return o, failed(ErrNoOverlayHW, "")
	case c&^asked != 0:
		return o, failed(ErrInvalidCaps, "%#x", uint32(c&^asked))
	case c&^ignored&^(Complex|Device3D) == 0:
		return o, failed(ErrInvalidCaps, "%#x do not say what the surface is", uint32(c))
	case has(FlipCap) != (desc.BackBufferCount > 0), has(FlipCap) && !has(Complex):
		return o, failed(ErrInvalidCaps, "%#x with %d back buffers: these need FlipCap and Complex", uint32(c), desc.BackBufferCount)
	case has(MipMap) && !has(Texture), desc.MipMapCount > 1 && !(has(MipMap) && has(Complex)):
		return o, failed(ErrInvalidCaps, "%#x with %d levels: these need Texture, MipMap and Complex", uint32(c), desc.MipMapCount)
	case has(PrimarySurface) && (desc.Width != 0 || desc.Height != 0 || desc.PixelFormat != PixelFormat{}):
		return o, failed(ErrInvalidParams, "a primary is as the mode says")
	case has(PrimarySurface) && has(OffscreenPlain|Texture|ZBuffer), has(ZBuffer) && has(OffscreenPlain|Texture|FlipCap):
		return o, failed(ErrInvalidCaps, "%#x contradict each other", uint32(c))
	case !has(PrimarySurface) && (desc.Width == 0 || desc.Height == 0):
		return o, failed(ErrInvalidParams, "a surface of %d by %d pixels", desc.Width, desc.Height)
	case desc.Width > maxMode:
		return o, failed(ErrTooBigWidth, "%d pixels", desc.Width)
	case desc.Height > maxMode:
		return o, failed(ErrTooBigHeight, "%d pixels", desc.Height)
	}
	if o.Format, err = desc.PixelFormat.format(); err != nil {
		return o, err
	}
	for _, f := range [...]struct {
		from Caps
		to   graphics.SurfaceCaps
	}{{PrimarySurface, graphics.CapPrimary}, {Texture, graphics.CapTexture}, {Device3D, graphics.CapTarget}, {ZBuffer, graphics.CapDepth}} {
		if has(f.from) {
			o.Caps |= f.to
		}
	}
	o.Width, o.Height, o.BackBuffers, o.Levels = desc.Width, desc.Height, desc.BackBufferCount, desc.MipMapCount
	if has(MipMap) && has(Complex) && o.Levels == 0 { // down to one texel
		for n := max(o.Width, o.Height); n > 0; n /= 2 {
			o.Levels++
		}
	}
	return o, nil
}

// CreateSurface makes a surface, black, and those attached to it. Release it.
func (d *DirectDraw) CreateSurface(ctx context.Context, desc SurfaceDesc) (*Surface, error) {
	o, err := desc.check()
	if err != nil {
		return nil, err
	}
	c := &chain{d: d, desc: desc, opt: o}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	if d.shut {
		d.mu.Unlock()
		c.close()
		return nil, failed(ErrNotInitialized, "it was closed")
	}
	d.surfaces[c] = struct{}{}
	d.mu.Unlock()
	s := c.surfaces[0]
	for _, k := range [...]struct {
		flag KeyFlags
		key  *ColorKey
	}{{SrcBlt, desc.SrcBlt}, {DestBlt, desc.DestBlt}} {
		if k.key == nil {
			continue
		}
		if err := s.setKey(k.flag, k.key); err != nil {
			c.end()
			return nil, err
		}
	}
	return s, nil
}

// open makes the surfaces on the card. The caller holds the lock.
func (c *chain) open(ctx context.Context) error {
	conn, err := c.d.use()
	if err != nil {
		return err
	}
	defer conn.drop()
	root, err := conn.device.CreateSurface(ctx, c.opt)
	switch {
	case com.CodeOf(err) == com.ErrBusy:
		return failed(ErrPrimarySurfaceAlreadyExists, "%w", err)
	case com.CodeOf(err) == com.ErrInvalid && c.opt.Caps&graphics.CapTexture != 0:
		return failed(ErrInvalidParams, "%w", err)
	case err != nil:
		return translate(err)
	}
	made := []graphics.Surface{root}
	undo := func(err error) error {
		for _, r := range made {
			r.Release()
		}
		return translate(err)
	}
	memory, err := root.Memory(ctx)
	if err != nil {
		return undo(err)
	}
	defer memory.Release()
	span, err := hostdriver.Map(ctx, conn.card, memory)
	if err != nil {
		return undo(err)
	}
	var infos []graphics.SurfaceInfo
	for i := uint32(0); ; i++ {
		info, err := made[i].Info(ctx)
		if err == nil && !fits(&info, len(span.Bytes())) {
			err = com.Errorf(com.ErrProtocol, "the card's surface %+v does not lie in its %d bytes", info, len(span.Bytes()))
		}
		if infos = append(infos, info); err == nil && i+1 < min(info.Chain, maxChain) {
			var next graphics.Surface
			if next, err = root.Attached(ctx, i+1); err == nil {
				made = append(made, next)
				continue
			}
		}
		if err != nil {
			_ = span.Release() // the error that matters is the card's
			return undo(err)
		}
		break
	}
	for i, r := range made {
		if i == len(c.surfaces) {
			c.surfaces = append(c.surfaces, &Surface{c: c, index: i})
		}
		s := c.surfaces[i]
		s.remote, s.info, s.locked, s.clipped = r, infos[i], false, 0
	}
	c.conn, c.span = conn, span
	return nil
}

// maxChain bounds how many surfaces a card may say that a chain has.
const maxChain = 16

func fits(i *graphics.SurfaceInfo, bytes int) bool {
	return i.Width > 0 && i.Height > 0 && i.Width <= maxMode && i.Height <= maxMode && uint64(i.Offset) < uint64(bytes)
}

// close gives back what is on the card. The memory stays until the release.
func (c *chain) close() {
	if c.conn == nil {
		return
	}
	for _, s := range c.surfaces {
		s.remote.Release()
		s.remote, s.locked = nil, false
	}
	c.old = append(c.old, c.span)
	c.conn, c.span = nil, nil
}

// release ends the chain.
func (c *chain) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end()
}

// end is release for who holds the lock.
func (c *chain) end() {
	if c.released {
		return
	}
	c.released = true
	c.close()
	for _, s := range c.old {
		_ = s.Release() // it can but fail to unmap what nobody uses any more
	}
	c.old = nil
	c.palette = nil
	c.d.mu.Lock()
	delete(c.d.surfaces, c)
	c.d.mu.Unlock()
}

// lost says why the chain cannot be used, or nil. The caller holds the lock.
func (c *chain) lost() error {
	if c.released {
		return failed(ErrNotInitialized, "the surface was released")
	}
	if c.conn == nil {
		return failed(ErrSurfaceLost, "it was not restored")
	}
	if err := c.conn.card.Err(); err != nil {
		return failed(ErrSurfaceLost, "%w", err)
	}
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	if c.d.conn != c.conn {
		return failed(ErrSurfaceLost, "it is on the card before")
	}
	return nil
}
