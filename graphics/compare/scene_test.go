package compare

import (
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
)

const (
	sceneWidth  = 160
	sceneHeight = 120
	margin      = 48 // that vertices may lie outside
)

// scene is triangles, already transformed, to be drawn by this house's pixel
// loops and by Mesa.
type scene struct {
	name   string
	clear  uint32
	z      float32
	bits   uint8 // of the stencil, at first
	format blit.Format
	bank
	batches []*batch
	bound   bound
}

// bound is how far the pictures may differ.
type bound struct {
	channel int     // of 255
	share   float64 // of pixels that must agree
	// lod is how far the level of detail may differ: a pixel agrees that lies
	// between what Mesa draws with so much bias to either side.
	lod float32
	// moved is how far, in pixels, vertices may lie from each other's places by
	// rounding to sub-pixels: depth may change by what it does on such a way.
	moved float64
	empty bool // nothing may be seen
	// near: of lines and points. A pixel agrees if the other picture has its like
	// there or beside it, either way round.
	near bool
}

// batch is triangles drawn with the same states.
type batch struct {
	raster.Pipeline
	cull    raster.Cull
	sampled [2]*texture
	v       []raster.Vertex // three a triangle
	// projected: texture coordinates are divided by a w of their own, and all
	// else is affine. For fog by depth, see fogCoordinate.
	projected bool
}

func newScene(name string) *scene {
	seed := uint64(14695981039346656037)
	for _, c := range []byte(name) {
		seed = (seed ^ uint64(c)) * 1099511628211
	}
	return &scene{name: name, clear: 0xff203040, z: 1, format: blit.ARGB8888, bound: bound{channel: 2, share: 0.999}, bank: bank{r: rand.New(rand.NewPCG(seed, *dice))}}
}

// batch begins a batch with the default states and no texture.
func (s *scene) batch() *batch {
	b := &batch{cull: raster.CullNone}
	b.State = raster.DefaultState()
	b.State.Stages[0].ColorOp = raster.OpDisable
	b.Params.StencilMask, b.Params.StencilWriteMask = 255, 255
	s.batches = append(s.batches, b)
	return b
}

// texture makes a batch sample a texture in a stage, with point filters.
func (b *batch) texture(i int, t *texture) *raster.Stage {
	b.sampled[i], b.Textures[i] = t, t.texture
	if !t.levels[0].Format.HasAlpha() {
		// OpenGL 2.1, 3.8.9, gives a border the components that the texture has,
		// Direct3D does not say.
		b.Params.BorderColor[i] |= 0xff000000
	}
	st := &b.State.Stages[i]
	st.ColorOp, st.AlphaOp = raster.OpModulate, raster.OpSelect1
	return st
}

// rasterize draws the scene by the linked pixel loops, by those that a compiler
// makes where none are linked, or by the interpreter of states.
func (s *scene) rasterize(t testing.TB, interpret bool, c *raster.Compiler) *picture {
	t.Helper()
	out := newPicture(sceneWidth, sceneHeight)
	pix := make([]byte, 4*sceneWidth*sceneHeight)
	stored := blit.Surface{Pix: pix, Pitch: sceneWidth * s.format.Bytes(), Width: sceneWidth, Height: sceneHeight, Format: s.format}
	chunk := new(raster.Chunk)
	for _, b := range s.batches {
		b.Interpret, b.Compiler = interpret, c
		if err := b.Prepare(); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
	}
	for y := 0; y < sceneHeight; y += raster.Size {
		for x := 0; x < sceneWidth; x += raster.Size {
			chunk.At(x, y, stored.Bounds())
			chunk.Clear(s.clear)
			chunk.ClearDepth(s.z)
			chunk.ClearStencil(s.bits)
			for _, b := range s.batches {
				b.rasterize(chunk, x, y)
			}
			if err := chunk.Store(&stored); err != nil {
				t.Fatal(err)
			}
			if err := chunk.StoreDepth(out.depth, sceneWidth); err != nil {
				t.Fatal(err)
			}
			for i, v := range chunk.Stencil {
				if px, py := x+i%raster.Size, y+i/raster.Size; px < sceneWidth && py < sceneHeight {
					out.stencil[py*sceneWidth+px] = v
				}
			}
		}
	}
	out.load(&stored)
	return out
}

// load takes colours from a surface without a palette.
func (p *picture) load(s *blit.Surface) {
	n := s.Format.Bytes()
	for i := range p.color {
		v := uint32(0)
		for k := range n {
			v |= uint32(s.Pix[n*i+k]) << (8 * k)
		}
		p.color[i] = blit.Expand(s.Format, v, nil)
	}
}

func (b *batch) rasterize(c *raster.Chunk, x, y int) {
	var tri raster.Triangle
	for i := 0; i+2 < len(b.v); i += 3 {
		if tri.Setup(&b.Pipeline, b.cull, &b.v[i], &b.v[i+1], &b.v[i+2]) && tri.Touches(x, y) {
			c.Draw(&tri, &b.Pipeline)
		}
	}
}

// commands are the scene for Mesa.
func (s *scene) commands(bias float32) []byte {
	w := new(wire)
	w.beginScene(sceneWidth, sceneHeight, margin)
	w.clear(s.clear, s.z, s.bits)
	w.textures(s.all)
	for _, b := range s.batches {
		w.states(&b.Pipeline, b.cull, b.sampled, bias, true)
		v := make([]vertex, len(b.v))
		for i := range v {
			v[i] = b.vertex(&b.v[i])
		}
		w.draw(glTriangles, nil, v)
	}
	w.endScene()
	return w.b
}

// vertex undoes the division by w and the viewport, for OpenGL to do again.
// A centre at its number becomes one at a half.
func (b *batch) vertex(v *raster.Vertex) (out vertex) {
	q := 1 / v.RHW
	if b.projected {
		q = 1
	}
	out.position = [4]float32{(2*(v.X+margin+0.5)/(sceneWidth+2*margin) - 1) * q, (2*(v.Y+margin+0.5)/(sceneHeight+2*margin) - 1) * q, (2*v.Z - 1) * q, q}
	out.color = unit(v.Diffuse)
	if b.readsSpecular() {
		out.color = unit(v.Specular)
	}
	second := unit(v.Specular)
	copy(out.second[:], second[:3])
	out.fog = b.fogCoordinate(v)
	for i := range out.tex {
		k := b.State.Stages[i].Coord
		out.tex[i] = [4]float32{v.Tex[k][0], v.Tex[k][1], 0, 1}
		if b.projected {
			out.tex[i] = [4]float32{v.Tex[k][0] * v.RHW, v.Tex[k][1] * v.RHW, 0, v.RHW}
		}
	}
	return out
}

// fogCoordinate is the distance that fog is reckoned by. OpenGL interpolates it
// in perspective, which is right for w; depth is affine on the screen, so scenes
// with fog by depth are projected; and vertex fog is a factor that OpenGL's
// linear fog from 1 to 0 leaves as it is.
func (b *batch) fogCoordinate(v *raster.Vertex) float32 {
	switch {
	case b.State.Fog == raster.FogVertex:
		return float32(v.Specular>>24) / 255
	case b.State.FogByW:
		return 1 / v.RHW
	}
	return v.Z
}

func (b *batch) readsSpecular() bool {
	for i := range b.State.Stages {
		st := &b.State.Stages[i]
		if st.ColorOp == raster.OpDisable {
			break
		}
		for _, a := range []raster.Arg{st.ColorArg1, st.ColorArg2, st.AlphaArg1, st.AlphaArg2} {
			if a&15 == raster.ArgSpecular {
				return true
			}
		}
	}
	return false
}
