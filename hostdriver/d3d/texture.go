package d3d

import (
	"context"
	"sync"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
)

// TextureDesc says what a texture shall be.
type TextureDesc struct {
	Width, Height uint32 // powers of two, to Caps.MaxTexture
	Format        graphics.Format
	Levels        uint32 // each half as large; 0 means one
	Target        bool   // a device can draw on it
}

// Texture is a surface that stages read from. It may be used from many goroutines.
type Texture struct {
	number  uint32
	card    *hostdriver.Card
	surface graphics.Surface

	mu     sync.Mutex
	span   *hostdriver.Span
	levels []level
	done   bool
}

type level struct {
	surface graphics.Surface
	info    graphics.SurfaceInfo
	locked  *graphics.Locked
	write   bool
}

// CreateTexture makes a texture. Release it. ErrTextureBadSize: its size is no power
// of two, or too large.
func (d *Device) CreateTexture(ctx context.Context, desc TextureDesc) (*Texture, error) {
	pow2 := func(n uint32) bool { return n > 0 && n&(n-1) == 0 && n <= d.info.MaxTexture }
	if !pow2(desc.Width) || !pow2(desc.Height) {
		return nil, failed(ErrTextureBadSize, "%d by %d", desc.Width, desc.Height)
	}
	o := graphics.SurfaceOptions{Caps: graphics.CapTexture, Width: desc.Width, Height: desc.Height, Format: desc.Format, Levels: desc.Levels}
	if desc.Target {
		o.Caps |= graphics.CapTarget
	}
	s, err := d.device.CreateSurface(ctx, o)
	if err != nil {
		return nil, translate(err)
	}
	defer s.Release()
	return d.TextureOf(ctx, s)
}

// TextureOf returns the texture that a surface with graphics.CapTexture is. The
// surface stays the caller's. Release the texture.
func (d *Device) TextureOf(ctx context.Context, s graphics.Surface) (*Texture, error) {
	i, err := s.Info(ctx)
	if err != nil {
		return nil, translate(err)
	}
	if i.Caps&graphics.CapTexture == 0 {
		return nil, failed(ErrInvalidParams, "surface %d is no texture", i.Number)
	}
	s.AddRef()
	t := &Texture{number: i.Number, card: d.card, surface: s, levels: []level{{surface: s, info: i}}}
	for n := uint32(1); n < i.Chain; n++ {
		a, err := s.Attached(ctx, n)
		if err != nil {
			t.Release()
			return nil, translate(err)
		}
		t.levels = append(t.levels, level{surface: a})
		if t.levels[n].info, err = a.Info(ctx); err != nil {
			t.Release()
			return nil, translate(err)
		}
	}
	m, err := s.Memory(ctx)
	if err != nil {
		t.Release()
		return nil, translate(err)
	}
	defer m.Release()
	if t.span, err = hostdriver.Map(ctx, d.card, m); err != nil {
		t.Release()
		return nil, translate(err)
	}
	return t, nil
}

// Surface is the surface behind the texture, borrowed: to render on, say.
func (t *Texture) Surface() graphics.Surface { return t.surface }

// Levels is how many there are.
func (t *Texture) Levels() int { return len(t.levels) }

// Info describes a level.
func (t *Texture) Info(l int) (graphics.SurfaceInfo, error) {
	if l < 0 || l >= len(t.levels) {
		return graphics.SurfaceInfo{}, failed(ErrInvalidParams, "level %d of %d", l, len(t.levels))
	}
	return t.levels[l].info, nil
}

// Lock returns the memory of a level, rows (or rows of blocks) of pitch bytes, to be
// read and written until Unlock. It waits until what was drawn on it is there.
// ErrTextureLocked: it is locked.
func (t *Texture) Lock(ctx context.Context, l int, readOnly bool) (pixels []byte, pitch int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.check(l); err != nil {
		return nil, 0, err
	}
	v := &t.levels[l]
	if v.locked != nil {
		return nil, 0, failed(ErrTextureLocked, "level %d", l)
	}
	k, err := v.surface.Lock(ctx, graphics.Rect{}, readOnly)
	if err != nil {
		return nil, 0, translate(err)
	}
	mem := t.span.Bytes()
	if uint64(k.Offset)+uint64(k.Length) > uint64(len(mem)) {
		_ = v.surface.Unlock(graphics.Rect{})
		return nil, 0, failed(ErrGeneric, "the card offers %d bytes at %d of %d", k.Length, k.Offset, len(mem))
	}
	if err := t.span.Pull(ctx, int(k.Offset), int(k.Length)); err != nil {
		_ = v.surface.Unlock(graphics.Rect{})
		return nil, 0, translate(err)
	}
	v.locked, v.write = &k, !readOnly
	return mem[k.Offset : k.Offset+k.Length : k.Offset+k.Length], int(k.Pitch), nil
}

// Unlock says that the level has been written, unless it was locked to be read.
func (t *Texture) Unlock(l int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.check(l); err != nil {
		return err
	}
	v := &t.levels[l]
	if v.locked == nil {
		return failed(ErrTextureNotLocked, "level %d", l)
	}
	k := v.locked
	v.locked = nil
	var r graphics.Rect
	if v.write {
		if err := t.span.Push(int(k.Offset), int(k.Length)); err != nil {
			return translate(err)
		}
		r = graphics.Rect{X1: int32(v.info.Width), Y1: int32(v.info.Height)}
	}
	return translate(v.surface.Unlock(r))
}

// Load fills a level with rows of pixels, or of blocks, of the texture's format,
// which lie stride bytes apart.
func (t *Texture) Load(ctx context.Context, l int, pixels []byte, stride int) error {
	mem, pitch, err := t.Lock(ctx, l, false)
	if err != nil {
		return err
	}
	row, rows := rowsOf(t.levels[l].info)
	if stride < row || len(pixels) < stride*(rows-1)+row {
		_ = t.Unlock(l)
		return failed(ErrInvalidParams, "%d bytes, %d a row, for %d rows of %d", len(pixels), stride, rows, row)
	}
	for y := range rows {
		copy(mem[y*pitch:y*pitch+row], pixels[y*stride:])
	}
	return t.Unlock(l)
}

// rowsOf is the bytes of a row of pixels or blocks, and how many there are.
func rowsOf(i graphics.SurfaceInfo) (row, rows int) {
	w, h := int(i.Width), int(i.Height)
	switch i.Format {
	case graphics.Indexed8:
		return w, h
	case graphics.RGB565, graphics.XRGB1555, graphics.ARGB4444, graphics.Depth16:
		return 2 * w, h
	case graphics.DXT1:
		return (w + 3) / 4 * 8, (h + 3) / 4
	case graphics.DXT3, graphics.DXT5:
		return (w + 3) / 4 * 16, (h + 3) / 4
	}
	return 4 * w, h
}

// MakeLevels makes the smaller levels from the largest.
func (t *Texture) MakeLevels() error { return translate(t.surface.MakeLevels()) }

func (t *Texture) check(l int) error {
	switch {
	case t.done:
		return failed(ErrInvalidParams, "the texture was released")
	case l < 0 || l >= len(t.levels):
		return failed(ErrInvalidParams, "level %d of %d", l, len(t.levels))
	}
	return nil
}

// Release gives the texture back. Memory of Lock is not to be touched any more.
func (t *Texture) Release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return
	}
	t.done = true
	if t.span != nil {
		_ = t.span.Release() // it can but fail to unmap what nobody uses any more
	}
	for _, l := range t.levels {
		l.surface.Release()
	}
}
