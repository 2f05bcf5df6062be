package raster

import (
	"errors"
	"fmt"

	"github.com/mmlite/mmlite/graphics/blit"
)

// MaxTexture is the largest width and height of a texture.
const MaxTexture = 2048

// MaxLevels is how many levels a texture of that size has.
const MaxLevels = 12

// ErrTexture: a texture that is no power of two, too large, or not made.
var ErrTexture = errors.New("raster: bad texture")

// Texture is a picture with its smaller levels, in ARGB8888 with the highest
// bit of each channel flipped, which vector loops want. Each level has one column and one row more than its size, which repeat the first ones, so
// that two neighbours can always be read at once.
type Texture struct {
	texels []uint32
	levels [MaxLevels]level
	count  int
}

type level struct {
	at            int // first texel
	width, height int
}

func (l level) stride() int { return l.width + 1 }

// TextureSize is how many texels of memory a texture needs, for NewTexture.
func TextureSize(width, height, levels int) int {
	n := 0
	for range levels {
		n += (width + 1) * (height + 1)
		width, height = max(width/2, 1), max(height/2, 1)
	}
	return n
}

// NewTexture makes a texture in memory of TextureSize words, which it keeps,
// and which only its methods may read or write from then on.
// Sizes are powers of two up to MaxTexture; levels are 1 or up to as many as
// halving reaches.
func NewTexture(memory []uint32, width, height, levels int) (*Texture, error) {
	if width < 1 || height < 1 || width > MaxTexture || height > MaxTexture || width&(width-1) != 0 || height&(height-1) != 0 {
		return nil, fmt.Errorf("%w: %d by %d", ErrTexture, width, height)
	}
	full := 1
	for max(width, height)>>full > 0 {
		full++
	}
	if levels < 1 || levels > full {
		return nil, fmt.Errorf("%w: %d levels of %d", ErrTexture, levels, full)
	}
	if n := TextureSize(width, height, levels); len(memory) < n {
		return nil, fmt.Errorf("%w: %d words of memory, %d needed", ErrTexture, len(memory), n)
	}
	t := &Texture{texels: memory, count: levels}
	at := 0
	for i := range levels {
		t.levels[i] = level{at, width, height}
		at += (width + 1) * (height + 1)
		width, height = max(width/2, 1), max(height/2, 1)
	}
	return t, nil
}

// Levels is how many levels there are.
func (t *Texture) Levels() int { return t.count }

// Size is the size of a level in texels.
func (t *Texture) Size(l int) (width, height int) { return t.levels[l].width, t.levels[l].height }

// Load fills a level from a surface of its size, of any format.
func (t *Texture) Load(l int, s *blit.Surface) error { return t.LoadBetween(l, s, nil) }

// LoadBetween is Load that calls between, unless it is nil, every few rows.
func (t *Texture) LoadBetween(l int, s *blit.Surface, between func()) error {
	if l < 0 || l >= t.count {
		return fmt.Errorf("%w: level %d of %d", ErrTexture, l, t.count)
	}
	v := t.levels[l]
	if err := s.Check(); err != nil {
		return err
	}
	if s.Width != v.width || s.Height != v.height {
		return fmt.Errorf("%w: %d by %d pixels for a level of %d by %d", ErrTexture, s.Width, s.Height, v.width, v.height)
	}
	to := &blit.Surface{Pix: bytes(t.texels[v.at : v.at+v.stride()*v.height]), Pitch: 4 * v.stride(), Width: v.width, Height: v.height, Format: blit.ARGB8888}
	if err := blit.Blit(to, s.Bounds(), s, s.Bounds(), &blit.Options{Between: between}); err != nil {
		return err
	}
	for y := range v.height {
		row := t.texels[v.at+y*v.stride():][:v.stride()]
		for x := range row[:v.width] {
			row[x] ^= signs
		}
		row[v.width] = row[0]
		if y%8 == 7 && between != nil {
			between()
		}
	}
	copy(t.texels[v.at+v.height*v.stride():][:v.stride()], t.texels[v.at:])
	return nil
}

// Free lets go of the texels. Nothing is to be drawn with the texture after that.
func (t *Texture) Free() { t.texels = nil }

// Shrink makes every level but the first from the one before it: each texel
// is the mean of the four above it, rounded to nearest.
func (t *Texture) Shrink() {
	for l := 1; l < t.count; l++ {
		from, to := t.levels[l-1], t.levels[l]
		for y := range to.height {
			for x := range to.width {
				x0, y0 := 2*x, 2*y
				x1, y1 := min(x0+1, from.width-1), min(y0+1, from.height-1)
				at := func(x, y int) uint32 { return t.texels[from.at+y*from.stride()+x] ^ signs }
				a, b, c, d := at(x0, y0), at(x1, y0), at(x0, y1), at(x1, y1)
				var m uint32
				for sh := 0; sh < 32; sh += 8 {
					m |= (a>>sh&255 + b>>sh&255 + c>>sh&255 + d>>sh&255 + 2) / 4 << sh
				}
				t.texels[to.at+y*to.stride()+x] = m ^ signs
			}
			row := t.texels[to.at+y*to.stride():][:to.stride()]
			row[to.width] = row[0]
		}
		copy(t.texels[to.at+to.height*to.stride():][:to.stride()], t.texels[to.at:])
	}
}
