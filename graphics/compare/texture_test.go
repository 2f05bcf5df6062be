package compare

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
	"github.com/mmlite/mmlite/graphics/render"
)

// whiteTexture is the name of a texture of one white texel, for stages that have none.
const whiteTexture = 0

// texture is a texture on both sides, from the same bytes.
type texture struct {
	name    int // in glscene
	levels  []blit.Surface
	texture *raster.Texture

	coding   render.Coding // of levels that are blocks
	rendered *render.Texture
}

// pattern is what a texture shows.
type pattern uint8

const (
	smooth  pattern = iota + 1 // waves, each smaller level the same picture
	checks                     // squares and lines of much contrast
	noise                      // every texel at random
	painted                    // each level in a colour of its own
)

// blocks makes a texture of random blocks of a coding, with all its levels.
func (b *bank) blocks(size int, c render.Coding) *texture {
	x := &texture{name: len(b.all) + 1, coding: c}
	b.all = append(b.all, x)
	n := 16
	if c == render.DXT1 {
		n = 8
	}
	for w := size; w > 0; w /= 2 {
		across := (w + 3) / 4
		s := blit.Surface{Pix: make([]byte, across*across*n), Pitch: across * n, Width: w, Height: w, Format: blit.ARGB8888}
		for i := range s.Pix {
			s.Pix[i] = byte(b.r.Uint32())
		}
		x.levels = append(x.levels, s)
	}
	return x
}

// colorOf is a texel in ARGB8888, x and y from 0 to 1 on the texture.
func (p pattern) colorOf(r *rand.Rand, level, x, y, w, h int) uint32 {
	switch p {
	case smooth:
		wave := func(n, k int) uint32 { return uint32(abs(2*((256*n/k)%256)-255)) & 255 }
		return wave(x, w)<<16 | wave(y, h)<<8 | wave(2*x+1, 2*w) | (wave(x, w)+wave(y, h))/2<<24
	case checks:
		if (x*8/w+y*8/h)&1 == 0 {
			return 0x40ffe000 | uint32(x*255/w)
		}
		return 0xff102040 + uint32(y*190/h)<<8
	case painted:
		c := [...]uint32{0xffff0000, 0xc000ff00, 0x800000ff, 0xffffff00, 0x60ff00ff, 0xff00ffff, 0xa0ffffff, 0xff808080}[level%8]
		return c - 0x202020&c*uint32((x+y)&1)
	}
	return r.Uint32()
}

func abs(x int) int { return max(x, -x) }

// bank is the textures of a scene.
type bank struct {
	all []*texture
	r   *rand.Rand
}

// make makes a texture of a format, with all its levels or one.
func (b *bank) make(t testing.TB, width, height int, mips bool, f blit.Format, p pattern) *texture {
	t.Helper()
	x := &texture{name: len(b.all) + 1}
	b.all = append(b.all, x)
	var palette *blit.Palette
	if f == blit.Indexed8 {
		palette = new(blit.Palette)
		for i := range palette {
			palette[i] = b.r.Uint32()
		}
	}
	for w, h, l := width, height, 0; ; w, h, l = max(w/2, 1), max(h/2, 1), l+1 {
		s := blit.Surface{Pix: make([]byte, w*h*f.Bytes()), Pitch: w * f.Bytes(), Width: w, Height: h, Format: f, Palette: palette}
		for i := range w * h {
			c := p.colorOf(b.r, l, i%w, i/w, w, h)
			v := blit.Reduce(f, c, nil)
			switch f.Bytes() {
			case 1:
				s.Pix[i] = byte(v)
			case 2:
				if f == blit.XRGB1555 {
					v |= b.r.Uint32() & 0x8000 // a bit that means nothing
				}
				binary.LittleEndian.PutUint16(s.Pix[2*i:], uint16(v))
			case 4:
				if f == blit.XRGB8888 {
					v |= b.r.Uint32() & 0xff000000
				}
				binary.LittleEndian.PutUint32(s.Pix[4*i:], v)
			}
		}
		x.levels = append(x.levels, s)
		if w == 1 && h == 1 || !mips {
			break
		}
	}
	n := len(x.levels)
	made, err := raster.NewTexture(make([]uint32, raster.TextureSize(width, height, n)), width, height, n)
	for l := 0; err == nil && l < n; l++ {
		err = made.Load(l, &x.levels[l])
	}
	if err != nil {
		t.Fatal(err)
	}
	x.texture = made
	return x
}

// nameIn is what a texture is called in a stage. OpenGL keeps filters and
// addresses with textures, Direct3D with stages: so there is one for each stage.
func (t *texture) nameIn(stage int) int { return 2*t.name - 1 + stage }

// textures sends textures.
func (w *wire) textures(all []*texture) {
	for _, t := range all {
		w.texture(t)
	}
}

// texture sends a texture in its own format. OpenGL 2.1 has no palettes: those
// are looked up before.
func (w *wire) texture(t *texture) {
	for i := range 2 {
		w.bindTexture(t.nameIn(i))
		for l := range t.levels {
			s := &t.levels[l]
			internal, format, kind, data := uint32(glRGBA8), uint32(glBGRA), uint32(glInt8888Rev), s.Pix
			switch s.Format {
			case blit.RGB565:
				internal, format, kind = glRGB, glRGB, glShort565
			case blit.XRGB1555:
				internal, kind = glRGB5, glShort1555Rev
			case blit.ARGB4444:
				internal, kind = glRGBA4, glShort4444Rev
			case blit.XRGB8888:
				internal = glRGB8
			case blit.Indexed8:
				data = make([]byte, 0, 4*len(s.Pix))
				for _, v := range s.Pix {
					data = binary.LittleEndian.AppendUint32(data, s.Palette[v]|0xff000000)
				}
			}
			if t.coding != render.Plain {
				internal, kind = glDXT1+uint32(t.coding-render.DXT1), 0
			}
			w.texImage(l, internal, s.Width, s.Height, format, kind, data)
		}
	}
}
