package raster

import (
	"math"
	"math/rand"
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
		{"bilinear gouraud depth", stage(one, FilterLinear, FilterNone, true)},
		{"bilinear mipmap gouraud depth", stage(many, FilterLinear, FilterPoint, true)},
		{"bilinear mipmap gouraud depth alpha", with(stage(many, FilterLinear, FilterPoint, true), alpha)},
		{"trilinear gouraud depth", stage(many, FilterLinear, FilterLinear, true)},
		{"two textures gouraud depth", func(p *Pipeline) {
			stage(many, FilterLinear, FilterPoint, true)(p)
			p.Textures[1], p.State.Stages[1] = one, p.State.Stages[0]
			p.State.Stages[1].Mip = FilterNone
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

// benchMesh is a jittered grid of triangles of a mean area.
func benchMesh(area float64) (v []Vertex, index []int) {
	s := math.Sqrt(2 * area)
	nx, ny := int(math.Ceil(benchW/s)), int(math.Ceil(benchH/s))
	r := rand.New(rand.NewSource(7))
	for y := 0; y <= ny; y++ {
		for x := 0; x <= nx; x++ {
			jx, jy := 0.0, 0.0
			if x > 0 && x < nx {
				jx = (r.Float64() - .5) * .4
			}
			if y > 0 && y < ny {
				jy = (r.Float64() - .5) * .4
			}
			fx, fy := (float64(x)+jx)/float64(nx), (float64(y)+jy)/float64(ny)
			p := Vertex{X: float32(fx * benchW), Y: float32(fy * benchH), Z: float32(.5 + .25*math.Sin(fx*9)*math.Cos(fy*7)), RHW: float32(1 / (1 + fy)),
				Diffuse: 0xa0000000 | uint32(r.Intn(1<<24))}
			p.Tex[0] = [2]float32{float32(fx * benchW / 256 * 1.1), float32(fy * benchH / 256 * 1.1)}
			v = append(v, p)
		}
	}
	for y := range ny {
		for x := range nx {
			a := y*(nx+1) + x
			b, c, d := a+1, a+nx+1, a+nx+2
			index = append(index, a, b, c, b, d, c)
		}
	}
	return v, index
}

// BenchmarkTriangles sets triangles up, bins them and draws the bins.
func BenchmarkTriangles(b *testing.B) {
	for _, area := range []struct {
		name string
		size float64
	}{{"2", 2}, {"10", 10}, {"50", 50}, {"200", 200}} {
		for _, f := range fillTests(b) {
			if f.name != "gouraud depth" && f.name != "bilinear gouraud depth" && f.name != "bilinear mipmap gouraud depth" {
				continue
			}
			b.Run(area.name+"px "+f.name, func(b *testing.B) {
				p := &Pipeline{State: DefaultState()}
				f.set(p)
				prepare(b, p)
				v, index := benchMesh(area.size)
				g := newTarget(benchW, benchH, 0)
				out := g.surface()
				tris := make([]Triangle, len(index)/3)
				bins := make([][]uint32, len(g.chunks))
				for i := range bins {
					bins[i] = make([]uint32, 0, len(tris))
				}
				b.ReportAllocs()
				t := spent()
				for b.Loop() {
					meshFrame(b, p, v, index, g, tris, bins, out)
				}
				b.ReportMetric(float64(len(tris))*float64(b.N)/(spent()-t).Seconds()/1e6, "Mtriangles/s")
			})
		}
	}
}

func meshFrame(b testing.TB, p *Pipeline, v []Vertex, index []int, g *target, tris []Triangle, bins [][]uint32, out *blit.Surface) {
	for i := range bins {
		bins[i] = bins[i][:0]
	}
	columns := benchW / Size
	for i := range tris {
		t := &tris[i]
		if !t.Setup(p, CullNone, &v[index[3*i]], &v[index[3*i+1]], &v[index[3*i+2]]) {
			continue
		}
		x0, y0, x1, y1 := t.Bounds()
		x0, y0, x1, y1 = max(x0, 0)/Size, max(y0, 0)/Size, min(x1, benchW-1)/Size, min(y1, benchH-1)/Size
		for y := y0; y <= y1; y++ {
			for x := x0; x <= x1; x++ {
				k := y*columns + x
				bins[k] = append(bins[k], uint32(i))
			}
		}
	}
	for i := range g.chunks {
		c := &g.chunks[i]
		c.Clear(0)
		c.ClearDepth(1)
		for _, k := range bins[i] {
			c.Draw(&tris[k], p)
		}
		if err := c.Store(out); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStore clears and writes out a picture of chunks.
func BenchmarkStore(b *testing.B) {
	g := newTarget(benchW, benchH, 0)
	for _, f := range []blit.Format{blit.XRGB8888, blit.RGB565} {
		s := &blit.Surface{Pix: make([]byte, benchW*benchH*f.Bytes()), Pitch: benchW * f.Bytes(), Width: benchW, Height: benchH, Format: f}
		b.Run(f.String(), func(b *testing.B) {
			b.ReportAllocs()
			t := spent()
			for b.Loop() {
				for i := range g.chunks {
					c := &g.chunks[i]
					c.Clear(0)
					c.ClearDepth(1)
					if err := c.Store(s); err != nil {
						b.Fatal(err)
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
