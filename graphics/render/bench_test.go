package render

import (
	"math"
	"math/rand"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/blit"
)

const benchW, benchH = 640, 480

// gang has helpers of a crew sleep as goroutines do.
type gang struct {
	wake   []chan bool
	joined chan struct{}
	pause  func()
}

func newCrew(tb testing.TB, n int) *Crew {
	if n > runtime.NumCPU() {
		return impatientCrew(tb, n, 100) // where many wait for one processor
	}
	return impatientCrew(tb, n, 20000)
}

func impatientCrew(tb testing.TB, n, patience int) *Crew {
	g := &gang{wake: make([]chan bool, n-1), joined: make(chan struct{}, 1), pause: func() {}}
	c := NewCrew(n-1, patience, g)
	var ended sync.WaitGroup
	for i := range g.wake {
		g.wake[i] = make(chan bool, 1)
	}
	for i := range g.wake {
		ended.Go(func() { c.Help(i) })
	}
	tb.Cleanup(func() {
		for _, w := range g.wake {
			w <- false
		}
		ended.Wait()
	})
	return c
}

func (g *gang) Sleep(i int) bool { return <-g.wake[i] }

func (g *gang) Wake(i int) {
	select {
	case g.wake[i] <- true:
	default:
	}
}

func (g *gang) Join() bool {
	<-g.joined
	return true
}

func (g *gang) Joined() {
	select {
	case g.joined <- struct{}{}:
	default:
	}
}

func (g *gang) Pause() { g.pause() }

// meshVertex has what all of the tests want; formats take parts of it.
type meshVertex struct {
	x, y, z    float32
	nx, ny, nz float32
	color      uint32
	u, v       float32
}

const meshFormat = XYZ | Normal | Diffuse | Tex1

// newMesh is a jittered grid in perspective of triangles of a mean area, w from 1 to 2.
func newMesh(area float64) (v []meshVertex, index []uint16) {
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
			w := 1 + fy
			a, b := math.Sin(fx*20)*.5, math.Sin(fy*15)*.5
			v = append(v, meshVertex{float32((fx*2 - 1) * w), float32((1 - fy*2) * w), float32(w),
				float32(a), float32(b), float32(-math.Sqrt(1 - a*a - b*b)),
				0xa0000000 | uint32(r.Intn(1<<24)), float32(fx * benchW / 256 * 1.1), float32(fy * benchH / 256 * 1.1)})
		}
	}
	for y := range ny {
		for x := range nx {
			a := y*(nx+1) + x
			b, c, d := a+1, a+nx+1, a+nx+2
			index = append(index, uint16(a), uint16(b), uint16(c), uint16(b), uint16(d), uint16(c))
		}
	}
	return v, index
}

func benchTexture(tb testing.TB, levels int) *Texture {
	var l []Level
	for i := range levels {
		n := 256 >> i
		s := newSurface(n, n, blit.ARGB8888)
		for k := range words(s) {
			x, y := uint32(k%n<<i), uint32(k/n<<i)
			words(s)[k] = 0xa0000000 | x<<16&0xff0000 | y<<8&0xff00 | (x^y)&255
		}
		l = append(l, Level{Surface: *s})
	}
	t, err := NewTexture(l)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// benchStand has the mesh's projection and a target without alpha.
func benchStand(tb testing.TB, team Team) *stand {
	s := newStand(tb, benchW, benchH, Config{Width: benchW, Height: benchH, Team: team})
	s.s = newSurface(benchW, benchH, blit.XRGB8888)
	s.ok(s.SetTarget(s.s, s.d))
	p := graphics.Matrix{M11: 1, M22: 1, M33: 1.2, M43: -.6, M34: 1}
	s.ok(s.SetTransform(Projection, &p))
	s.set(uint32(Lighting), 0, uint32(CullMode), CullNone)
	return s
}

// paintings are the ways to paint small triangles.
var paintings = []struct {
	name string
	set  func(s *stand)
}{
	{"gouraud depth", func(s *stand) { s.stage(0, uint32(ColorOp), 1) }},
	{"bilinear depth", func(s *stand) {
		s.ok(s.SetTexture(0, benchTexture(s, 1)))
		s.stage(0, uint32(ColorOp), 2, uint32(AlphaOp), 2, uint32(MagFilter), 2, uint32(MinFilter), 2)
	}},
	{"bilinear mipmap gouraud depth", func(s *stand) {
		s.ok(s.SetTexture(0, benchTexture(s, 9)))
		s.stage(0, uint32(ColorOp), 4, uint32(AlphaOp), 4, uint32(MagFilter), 2, uint32(MinFilter), 2, uint32(MipFilter), 2)
	}},
}

func BenchmarkTriangles(b *testing.B) {
	for _, area := range []struct {
		name string
		size float64
	}{{"10", 10}, {"50", 50}, {"200", 200}} {
		for _, p := range paintings {
			for _, workers := range []int{1, 2} {
				b.Run(area.name+"px "+p.name+" on "+string(rune('0'+workers)), func(b *testing.B) {
					s := benchStand(b, newCrew(b, workers))
					p.set(s)
					v, index := newMesh(area.size)
					b.ReportAllocs()
					frame := func() {
						s.ok(s.Clear(graphics.Clear{Flags: ClearTarget | ClearDepth, Z: 1}, nil))
						s.ok(s.DrawIndexed(TriangleList, meshFormat, bytesOf(v), index))
						s.ok(s.Flush())
					}
					frame()
					measure(b, float64(len(index)/3), "Mtriangles/s", frame)
				})
			}
		}
	}
}

// measure reports units of a frame by processor time and by the clock.
func measure(b *testing.B, units float64, unit string, frame func()) {
	runtime.GC()
	t, w := spent(), time.Now()
	for b.Loop() {
		frame()
	}
	n := units * float64(b.N) / 1e6
	b.ReportMetric(n/(spent()-t).Seconds(), unit)
	b.ReportMetric(n/time.Since(w).Seconds(), unit+"-wall")
}

// lightings are what vertices go through.
var lightings = []struct {
	name string
	set  func(s *stand)
}{
	{"transform", func(s *stand) {}},
	{"one directional", func(s *stand) { lightUp(s, false, false) }},
	{"and one point", func(s *stand) { lightUp(s, true, false) }},
	{"and specular", func(s *stand) { lightUp(s, true, true) }},
}

func lightUp(s *stand, point, specular bool) {
	one, red := graphics.Color{R: 1, G: 1, B: 1, A: 1}, graphics.Color{R: 1, G: .5, B: .3, A: 1}
	s.set(uint32(Lighting), 1, uint32(NormalizeNormals), 1, uint32(LocalViewer), 0, uint32(ColorVertex), 0)
	s.ok(s.SetLight(0, graphics.Light{Type: graphics.DirectionalLight, Diffuse: one, Ambient: graphics.Color{R: .2, G: .2, B: .2}, Direction: graphics.Vector{X: -.3, Y: -.4, Z: .8}}))
	s.ok(s.EnableLight(0, true))
	s.ok(s.SetLight(1, graphics.Light{Type: graphics.PointLight, Diffuse: red, Specular: red, Position: graphics.Vector{X: .2, Y: .3, Z: -1}, Range: 1000, Attenuation0: 1, Attenuation1: .1, Attenuation2: .1}))
	s.ok(s.EnableLight(1, point))
	m := graphics.Material{Diffuse: one, Ambient: one}
	if specular {
		m.Specular, m.Power = one, 20
		s.set(uint32(SpecularEnable), 1)
	}
	s.SetMaterial(m)
}

func BenchmarkVertices(b *testing.B) {
	for i := range 2 * len(lightings) {
		l, workers := &lightings[i/2], 1+i%2
		b.Run(l.name+" on "+string(rune('0'+workers)), func(b *testing.B) {
			s := benchStand(b, newCrew(b, workers))
			l.set(s)
			s.set(uint32(CullMode), CullCW)
			s.stage(0, uint32(ColorOp), 1)
			v, index := newMesh(10)
			b.ReportAllocs()
			frame := func() { s.ok(s.DrawIndexed(TriangleList, meshFormat, bytesOf(v), index)) }
			frame()
			if s.Waiting() {
				b.Fatal("not everything is culled")
			}
			measure(b, float64(len(v)), "Mvertices/s", frame)
		})
	}
}

func TestNothingIsAllocated(t *testing.T) {
	for _, p := range paintings {
		s := benchStand(t, newCrew(t, 2))
		p.set(s)
		lightUp(s, true, true)
		v, index := newMesh(50)
		s.ok(s.SetViewport(graphics.Viewport{X: 3, Y: 5, Width: 600, Height: 400, MaxZ: 1}))
		frame := func() {
			s.ok(s.Clear(graphics.Clear{Flags: ClearTarget | ClearDepth, Z: 1}, nil))
			for i := range 4 {
				s.set(uint32(ZFunc), uint32(4+i), uint32(FogColor), uint32(i), uint32(FogEnable), uint32(i&1))
				s.ok(s.DrawIndexed(TriangleList, meshFormat, bytesOf(v), index))
				s.ok(s.Draw(LineStrip, meshFormat, bytesOf(v[:90])))
			}
			s.ok(s.Flush())
		}
		frame()
		if n := testing.AllocsPerRun(3, frame); n != 0 {
			t.Errorf("%s allocates %v times a frame", p.name, n)
		}
	}
}
