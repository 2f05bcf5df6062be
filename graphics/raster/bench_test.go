package raster

import (
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

// The work is that of the tables peers are measured by: 640 by 480 pixels, 16
// layers of a rotated quad in perspective that fills the picture, a texture of
// 256 by 256; and meshes of small triangles, clearing included.
const benchW, benchH = 640, 480

func benchTexture(tb testing.TB, levels int) *Texture {
	tex, err := NewTexture(make([]uint32, TextureSize(256, 256, levels)), 256, 256, levels)
	if err != nil {
		tb.Fatal(err)
	}
	pix := make([]uint32, 256*256)
	for i := range pix {
		x, y := uint32(i%256), uint32(i/256)
		pix[i] = 0xa0000000 | x<<16 | y<<8 | x ^ y
	}
	if err := tex.Load(0, &blit.Surface{Pix: bytes(pix), Pitch: 1024, Width: 256, Height: 256, Format: blit.ARGB8888}); err != nil {
		tb.Fatal(err)
	}
	tex.Shrink()
	return tex
}

// benchQuad is the rotated quad, w from 1 to 2.
func benchQuad(perspective bool) [4]Vertex {
	var q [4]Vertex
	for i := range q {
		x, y := float32(i&1*2-1), float32(i>>1*2-1)
		w := float32(1)
		if perspective && i&2 != 0 {
			w = 2
		}
		x, y = x*1.6+y*.2, y*1.6-x*.2
		c := [4]uint32{0xa0283cff, 0xa0ff3c50, 0xa028ff50, 0xa0ffffff}[i]
		q[i] = Vertex{X: (x + 1) * benchW / 2, Y: (y + 1) * benchH / 2, Z: .6, RHW: 1 / w, Diffuse: c}
		q[i].Tex[0] = [2]float32{(x*.5+.5)*benchW/256*1.4 + .13, (y*.5+.5)*benchH/256*1.4 + .21}
	}
	return q
}

type fillTest struct {
	name string
	set  func(p *Pipeline)
}

func fillTests(tb testing.TB) []fillTest {
	one, many := benchTexture(tb, 1), benchTexture(tb, 9)
	stage := func(t *Texture, f, mip Filter, mod bool) func(*Pipeline) {
		return func(p *Pipeline) {
			p.Textures[0] = t
			st := &p.State.Stages[0]
			st.ColorOp, st.AlphaOp, st.Mag, st.Min, st.Mip = OpSelect1, OpSelect1, f, f, mip
			if mod {
				st.ColorOp, st.AlphaOp = OpModulate, OpModulate
			}
		}
	}
	with := func(fs ...func(*Pipeline)) func(*Pipeline) {
		return func(p *Pipeline) {
			for _, f := range fs {
				f(p)
			}
		}
	}
	none := func(p *Pipeline) { p.State.Stages[0].ColorOp = OpDisable }
	flat := func(p *Pipeline) { p.State.Flat = true }
	noDepth := func(p *Pipeline) { p.State.DepthTest = false }
	fails := func(p *Pipeline) { p.State.DepthFunc = Greater }
	alpha := func(p *Pipeline) {
		p.State.Blend, p.State.SrcBlend, p.State.DestBlend = true, SrcAlpha, InvSrcAlpha
	}
	return []fillTest{
		{"flat", with(none, flat, noDepth)},
		{"flat depth", with(none, flat)},
		{"gouraud depth", with(none)},
		{"nearest", with(stage(one, FilterPoint, FilterNone, false), noDepth)},
		{"nearest depth", stage(one, FilterPoint, FilterNone, false)},
		{"bilinear", with(stage(one, FilterLinear, FilterNone, false), noDepth)},
		{"bilinear depth", stage(one, FilterLinear, FilterNone, false)},
		{"bilinear gouraud depth", stage(one, FilterLinear, FilterNone, true)},
		{"bilinear mipmap gouraud depth", stage(many, FilterLinear, FilterPoint, true)},
		{"bilinear mipmap gouraud depth alpha", with(stage(many, FilterLinear, FilterPoint, true), alpha)},
		{"trilinear gouraud depth", stage(many, FilterLinear, FilterLinear, true)},
		{"two textures gouraud depth", func(p *Pipeline) {
			stage(many, FilterLinear, FilterPoint, true)(p)
			p.Textures[1], p.State.Stages[1] = one, p.State.Stages[0]
			p.State.Stages[1].Mip = FilterNone
		}},
		{"two textures added gouraud depth", func(p *Pipeline) {
			stage(many, FilterLinear, FilterPoint, true)(p)
			p.Textures[1], p.State.Stages[1] = one, p.State.Stages[0]
			p.State.Stages[1].Mip, p.State.Stages[1].ColorOp, p.State.Stages[1].AlphaOp = FilterNone, OpAdd, OpSelect2
		}},
		{"bilinear modulate2x depth", func(p *Pipeline) {
			stage(one, FilterLinear, FilterNone, true)(p)
			p.State.Stages[0].ColorOp = OpModulate2X
		}},
		{"bilinear mipmap gouraud fog depth", func(p *Pipeline) {
			stage(many, FilterLinear, FilterPoint, true)(p)
			p.State.Fog = FogVertex
		}},
		{"gouraud alpha", with(none, noDepth, alpha)},
		{"depth fails", with(stage(one, FilterLinear, FilterNone, true), fails)},
	}
}

// fill draws layers chunk by chunk, each chunk's bin in one go.
func fillFrame(chunks []Chunk, tris []Triangle, layers int, p *Pipeline) {
	for i := range chunks {
		c := &chunks[i]
		for range layers {
			for k := range tris {
				if tris[k].Touches(int(c.x), int(c.y)) {
					c.Draw(&tris[k], p)
				}
			}
		}
	}
}

func benchFill(b *testing.B, vectors bool, layers int) {
	for _, f := range fillTests(b) {
		b.Run(f.name, func(b *testing.B) {
			p := &Pipeline{State: DefaultState()}
			f.set(p)
			p.Interpret = !vectors
			prepare(b, p)
			benchPipeline(b, p, layers)
		})
	}
}

// benchPipeline draws the quad in layers with a pipeline that is prepared.
func benchPipeline(b *testing.B, p *Pipeline, layers int) {
	g := newTarget(benchW, benchH, 0)
	q := benchQuad(true)
	var tris [2]Triangle
	tris[0].Setup(p, CullNone, &q[0], &q[1], &q[3])
	tris[1].Setup(p, CullNone, &q[0], &q[3], &q[2])
	b.ReportAllocs()
	t := spent()
	for b.Loop() {
		fillFrame(g.chunks, tris[:], layers, p)
	}
	b.ReportMetric(benchW*benchH*float64(layers)*float64(b.N)/(spent()-t).Seconds()/1e6, "Mpixels/s")
}

func BenchmarkFill(b *testing.B)            { benchFill(b, true, 16) }
func BenchmarkFillInterpreted(b *testing.B) { benchFill(b, false, 1) }

// BenchmarkStore clears and writes out a picture chunk by chunk.
func BenchmarkStore(b *testing.B) {
	c := new(Chunk)
	for _, f := range []blit.Format{blit.XRGB8888, blit.RGB565} {
		s := &blit.Surface{Pix: make([]byte, benchW*benchH*f.Bytes()), Pitch: benchW * f.Bytes(), Width: benchW, Height: benchH, Format: f}
		b.Run(f.String(), func(b *testing.B) {
			b.ReportAllocs()
			t := spent()
			for b.Loop() {
				for y := 0; y < benchH; y += Size {
					for x := 0; x < benchW; x += Size {
						c.At(x, y, s.Bounds())
						c.Clear(0)
						c.ClearDepth(1)
						if err := c.Store(s); err != nil {
							b.Fatal(err)
						}
					}
				}
			}
			b.ReportMetric(benchW*benchH*float64(b.N)/(spent()-t).Seconds()/1e6, "Mpixels/s")
		})
	}
}

func TestNothingIsAllocated(t *testing.T) {
	for _, f := range fillTests(t) {
		p := &Pipeline{State: DefaultState()}
		f.set(p)
		prepare(t, p)
		c := new(Chunk)
		c.At(320, 224, blit.Rect{X1: benchW, Y1: benchH})
		s := &blit.Surface{Pix: make([]byte, benchW*benchH*4), Pitch: benchW * 4, Width: benchW, Height: benchH, Format: blit.XRGB8888}
		q := benchQuad(true)
		if n := testing.AllocsPerRun(3, func() {
			var tri Triangle
			if err := p.Prepare(); err != nil || !tri.Setup(p, CullNone, &q[0], &q[1], &q[3]) {
				t.Fatal("not set up")
			}
			c.Clear(1)
			c.ClearDepth(1)
			c.Draw(&tri, p)
			if err := c.Store(s); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s allocates %v times", f.name, n)
		}
	}
}

// BenchmarkChunk draws one triangle that covers a chunk, over and over: what the loops
// themselves do, in the first cache.
func BenchmarkChunk(b *testing.B) {
	for _, f := range fillTests(b) {
		b.Run(f.name, func(b *testing.B) {
			p := &Pipeline{State: DefaultState()}
			f.set(p)
			prepare(b, p)
			c := new(Chunk)
			c.At(544, 64, blit.Rect{X1: benchW, Y1: benchH})
			c.ClearDepth(1)
			q := benchQuad(true)
			var tri Triangle
			tri.Setup(p, CullNone, &q[0], &q[1], &q[3])
			if c.cover(&tri); c.span.full == 0 {
				b.Fatal("the triangle does not cover the chunk")
			}
			t := spent()
			for b.Loop() {
				c.Draw(&tri, p)
			}
			b.ReportMetric(pixels*float64(b.N)/(spent()-t).Seconds()/1e6, "Mpixels/s")
		})
	}
}
