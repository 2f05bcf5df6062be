package render

import (
	"fmt"
	"unsafe"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
)

// Coding is how a level's texels are packed, beside the formats of surfaces.
type Coding uint8

// The codings. All blocks are 4 by 4 texels.
const (
	Plain Coding = iota // pixels of the surface's format
	DXT1                // 8 bytes a block
	DXT3                // 16 bytes, alpha of 4 bits
	DXT5                // 16 bytes, alpha interpolated
)

// Level is the memory of one level of a texture: a surface of any format, or
// with a Coding, whose Pix are blocks, row by row, Pitch bytes a row of blocks.
type Level struct {
	blit.Surface
	Coding Coding
}

// check says whether a level is sound.
func (l *Level) check() error {
	if l.Coding == Plain {
		return l.Surface.Check()
	}
	b := l.Coding.blockBytes()
	if b == 0 {
		return fmt.Errorf("%w: coding %d", ErrTexture, l.Coding)
	}
	if l.Width < 1 || l.Height < 1 || l.Width > raster.MaxTexture || l.Height > raster.MaxTexture {
		return fmt.Errorf("%w: %d by %d texels", ErrTexture, l.Width, l.Height)
	}
	across, down := (l.Width+3)/4*b, (l.Height+3)/4
	if l.Pitch < across || l.Pitch > 1<<24 || int64(len(l.Pix)) < int64(l.Pitch)*int64(down-1)+int64(across) {
		return fmt.Errorf("%w: %d bytes of memory, %d a row, for blocks of %d by %d texels", ErrTexture, len(l.Pix), l.Pitch, l.Width, l.Height)
	}
	return nil
}

// Texture is what stages read: a copy, in the form that pixel loops want, of
// levels whose memory belongs to the caller. Textures are used with one Renderer
// at a time, or with several by one goroutine.
type Texture struct {
	raster  *raster.Texture
	levels  [raster.MaxLevels]Level
	count   int
	key     blit.Key
	scratch []uint32 // of the largest level, where copying goes through it
	stale   bool
	reader  *Renderer // whose bins may read it, if its flushes are still
	flushes uint64    // as many
}

// TextureBytes is the memory NewTexture takes for its copy at most.
func TextureBytes(width, height, levels int) int {
	return 4*raster.TextureSize(width, height, levels) + 4*width*height
}

// NewTexture makes a texture of its levels, each half as large as the one
// before it; it keeps them and reads them when it is drawn with, again after
// each Changed. Sizes are powers of two to raster.MaxTexture.
func NewTexture(levels []Level) (*Texture, error) {
	if len(levels) < 1 || len(levels) > raster.MaxLevels {
		return nil, fmt.Errorf("%w: %d levels", ErrTexture, len(levels))
	}
	w, h := levels[0].Width, levels[0].Height
	if w < 1 || h < 1 || w > raster.MaxTexture || h > raster.MaxTexture {
		return nil, fmt.Errorf("%w: %d by %d texels", ErrTexture, w, h)
	}
	t := &Texture{count: len(levels), stale: true}
	x, y := w, h
	for i := range levels {
		l := &levels[i]
		if err := l.check(); err != nil {
			return nil, fmt.Errorf("level %d: %w", i, err)
		}
		if l.Width != x || l.Height != y {
			return nil, fmt.Errorf("%w: level %d is %d by %d, not %d by %d", ErrTexture, i, l.Width, l.Height, x, y)
		}
		t.levels[i] = *l
		x, y = max(x/2, 1), max(y/2, 1)
	}
	var err error
	t.raster, err = raster.NewTexture(make([]uint32, raster.TextureSize(w, h, len(levels))), w, h, len(levels))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTexture, err)
	}
	if levels[0].Coding != Plain {
		t.scratch = make([]uint32, w*h)
	}
	return t, nil
}

// Size is the size of the first level.
func (t *Texture) Size() (width, height int) { return t.levels[0].Width, t.levels[0].Height }

// SetKey has texels of a range of values, as they stand in memory, not drawn
// where ColorKeyEnable is set. It allocates once. DXT textures have no keys.
func (t *Texture) SetKey(k blit.Key) {
	if t.key == k {
		return
	}
	t.key, t.stale = k, true
	if k.On && t.scratch == nil {
		t.scratch = make([]uint32, t.levels[0].Width*t.levels[0].Height)
	}
}

// SetPalette gives indexed levels other colours.
func (t *Texture) SetPalette(p *blit.Palette) {
	for i := range t.levels[:t.count] {
		t.levels[i].Palette = p
	}
	t.stale = true
}

// Changed says that the memory of the levels has been written to, or their
// palette: the next draw reads it anew.
func (t *Texture) Changed() { t.stale = true }

// Waits says whether what r has gathered will read the texture.
func (t *Texture) Waits(r *Renderer) bool { return t.reader == r && t.waits() && r.Waiting() }

// Free lets go of the texture's copy, for which nothing waits any more. It is not to
// be drawn with after that. Renderers remember what they have drawn with, so that
// the copy stays until each has had it in Renderer.Forget.
func (t *Texture) Free() {
	t.raster.Free()
	t.scratch = nil
}

// shares says whether a surface's memory is also a level's.
func (t *Texture) shares(s *blit.Surface) bool {
	for i := range t.levels[:t.count] {
		if overlap(t.levels[i].Pix, s.Pix) {
			return true
		}
	}
	return false
}

func overlap(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	a0, b0 := uintptr(unsafe.Pointer(&a[0])), uintptr(unsafe.Pointer(&b[0]))
	return a0 < b0+uintptr(len(b)) && b0 < a0+uintptr(len(a))
}

// waits says whether gathered primitives will read the texture.
func (t *Texture) waits() bool { return t.reader != nil && t.flushes == t.reader.bins.flushes }

// use makes the texture ready for a draw by r.
func (t *Texture) use(r *Renderer) error {
	if t.waits() && (t.reader != r || t.stale) {
		if err := t.reader.Flush(); err != nil {
			return err
		}
	}
	if t.stale {
		for i := range t.count {
			if err := t.load(i, r.checkpoint); err != nil {
				return err
			}
		}
		t.stale = false
	}
	t.reader, t.flushes = r, r.bins.flushes
	return nil
}

func (t *Texture) load(i int, between func()) error {
	l := &t.levels[i]
	if t.scratch == nil || l.Coding == Plain && !t.key.On {
		return t.raster.LoadBetween(i, &l.Surface, between)
	}
	texels := t.scratch[:l.Width*l.Height]
	s := blit.Surface{Pix: asBytes(texels), Pitch: 4 * l.Width, Width: l.Width, Height: l.Height, Format: blit.ARGB8888}
	if l.Coding != Plain {
		l.decode(texels, between)
		return t.raster.LoadBetween(i, &s, between)
	}
	for y := range l.Height {
		clear(texels[y*l.Width:][:l.Width])
		if y%8 == 7 {
			between()
		}
	}
	if err := blit.Blit(&s, s.Bounds(), &l.Surface, l.Bounds(), &blit.Options{SrcKey: t.key, Between: between}); err != nil {
		return err
	}
	if !l.Format.HasAlpha() {
		spread(texels, l.Width, l.Height, between)
	}
	return t.raster.LoadBetween(i, &s, between)
}

// spread gives texels that are left out the mean colour of those around them,
// so that filtering brings no other colour to the edges.
func spread(texels []uint32, w, h int, between func()) {
	for y := range h {
		between()
		for x := range w {
			at := y*w + x
			if texels[at]>>24 != 0 {
				continue
			}
			var r, g, b, n uint32
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					c := texels[(y+dy)&(h-1)*w+(x+dx)&(w-1)]
					if c>>24 != 0 {
						r, g, b, n = r+c>>16&255, g+c>>8&255, b+c&255, n+1
					}
				}
			}
			if n > 0 {
				texels[at] = r/n<<16 | g/n<<8 | b/n
			}
		}
	}
}

// asBytes is the memory of words, little-endian as every machine this runs on.
func asBytes(w []uint32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), 4*len(w))
}
