package contest

import (
	"encoding/binary"
	"strings"
	"unsafe"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
)

// Fills are the names of the tests of fill: Layers layers of a rotated quad in
// perspective that fills the picture, by what a pixel of it takes.
var Fills = []string{"flat", "flat depth", "Gouraud depth", "nearest", "bilinear", "bilinear Gouraud depth", "bilinear mipmap Gouraud depth",
	"bilinear mipmap Gouraud depth alpha", "trilinear Gouraud depth", "depth fails"}

// Layers is how often a frame of fill fills the picture.
const Layers = 16

// background is what pictures are cleared to.
const background = 0x010203

func fills(tests map[string]func() (*job, error)) {
	for _, name := range Fills {
		tests[name] = func() (*job, error) { return fillJob(name) }
	}
}

// texture is 256 by 256.
func texture(levels int) (*raster.Texture, error) {
	t, err := raster.NewTexture(make([]uint32, raster.TextureSize(256, 256, levels)), 256, 256, levels)
	if err != nil {
		return nil, err
	}
	s := &blit.Surface{Pix: make([]byte, 256*256*4), Pitch: 1024, Width: 256, Height: 256, Format: blit.ARGB8888}
	for i := range uint32(256 * 256) {
		x, y := i%256, i/256
		binary.LittleEndian.PutUint32(s.Pix[4*i:], 0xa0000000|x<<16|y<<8|x^y)
	}
	if err := t.Load(0, s); err != nil {
		return nil, err
	}
	t.Shrink()
	return t, nil
}

// quad is the rotated quad, w from 1 to 2.
func quad() (q [4]raster.Vertex) {
	for i := range q {
		x, y, w := float32(i&1*2-1), float32(i>>1*2-1), float32(i>>1+1)
		x, y = x*1.6+y*.2, y*1.6-x*.2
		q[i] = raster.Vertex{X: (x+1)*Width/2 - .5, Y: (1-y)*Height/2 - .5, Z: .6, RHW: 1 / w, Diffuse: [4]uint32{0xa0283cff, 0xa0ff3c50, 0xa028ff50, 0xa0ffffff}[i]}
		q[i].Tex[0] = [2]float32{(x*.5+.5)*Width/256*1.4 + .13, (y*.5+.5)*Height/256*1.4 + .21}
	}
	return q
}

// states sets a pipeline up for a test by its name.
func states(p *raster.Pipeline, name string) error {
	p.State = raster.DefaultState()
	has := func(what string) bool { return strings.Contains(name, what) }
	s, st := &p.State, &p.State.Stages[0]
	s.Flat = strings.HasPrefix(name, "flat")
	s.DepthTest = has("depth")
	if name == "depth fails" {
		s.DepthFunc, name = raster.Greater, "bilinear"
	}
	if has("alpha") {
		s.Blend, s.SrcBlend, s.DestBlend = true, raster.SrcAlpha, raster.InvSrcAlpha
	}
	levels := 1
	switch {
	case has("trilinear"):
		levels, st.Mag, st.Min, st.Mip = 9, raster.FilterLinear, raster.FilterLinear, raster.FilterLinear
	case has("mipmap"):
		levels, st.Mag, st.Min, st.Mip = 9, raster.FilterLinear, raster.FilterLinear, raster.FilterPoint
	case has("bilinear"):
		st.Mag, st.Min = raster.FilterLinear, raster.FilterLinear
	case !has("nearest"):
		st.ColorOp = raster.OpDisable
		return p.Prepare()
	}
	st.ColorOp, st.AlphaOp = raster.OpSelect1, raster.OpSelect1
	if has("Gouraud") {
		st.ColorOp, st.AlphaOp = raster.OpModulate, raster.OpModulate
	}
	var err error
	if p.Textures[0], err = texture(levels); err != nil {
		return err
	}
	return p.Prepare()
}

// chunk is one that is aligned for speed.
func chunk() *raster.Chunk {
	b := make([]raster.Chunk, 2)
	const line = 64
	at := uintptr(unsafe.Pointer(&b[0])) % line
	if at == 0 {
		return &b[0]
	}
	return (*raster.Chunk)(unsafe.Add(unsafe.Pointer(&b[0]), line-at))
}

func fillJob(name string) (*job, error) {
	p := &raster.Pipeline{}
	if err := states(p, name); err != nil {
		return nil, err
	}
	dst := surface(blit.XRGB8888, Width, Height, 5)
	q, c := quad(), chunk()
	var tris [2]raster.Triangle
	tris[0].Setup(p, raster.CullNone, &q[0], &q[1], &q[2])
	tris[1].Setup(p, raster.CullNone, &q[1], &q[3], &q[2])
	frame := func() error {
		for y := 0; y < Height; y += raster.Size {
			for x := 0; x < Width; x += raster.Size {
				c.At(x, y, dst.Bounds())
				c.Clear(background)
				c.ClearDepth(1)
				for range Layers {
					for k := range tris {
						if tris[k].Touches(x, y) {
							c.Draw(&tris[k], p)
						}
					}
				}
				if err := c.Store(dst); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return &job{frame: frame, fresh: func() {}, picture: func() []byte { return dst.Pix }}, nil
}
