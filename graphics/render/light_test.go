package render

import (
	"math"
	"math/rand"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/raster"
)

type vec [3]float64

func (a vec) dot(b vec) float64        { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func (a vec) plus(b vec) vec           { return vec{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }
func (a vec) times(s float64) vec      { return vec{a[0] * s, a[1] * s, a[2] * s} }
func (a vec) unit() vec                { return a.times(1 / math.Sqrt(a.dot(a))) }
func fromVector(v graphics.Vector) vec { return vec{float64(v.X), float64(v.Y), float64(v.Z)} }
func fromColor64(c graphics.Color) vec { return vec{float64(c.R), float64(c.G), float64(c.B)} }
func (a vec) by(b vec) vec             { return vec{a[0] * b[0], a[1] * b[1], a[2] * b[2]} }
func clamp01(v float64) float64        { return math.Min(math.Max(v, 0), 1) }
func rotated(m *graphics.Matrix, v vec, w float64) vec {
	return vec{
		v[0]*float64(m.M11) + v[1]*float64(m.M21) + v[2]*float64(m.M31) + w*float64(m.M41),
		v[0]*float64(m.M12) + v[1]*float64(m.M22) + v[2]*float64(m.M32) + w*float64(m.M42),
		v[0]*float64(m.M13) + v[1]*float64(m.M23) + v[2]*float64(m.M33) + w*float64(m.M43),
	}
}

// shade64 is the lighting of Direct3D 7 in float64, in view coordinates.
func shade64(at, normal vec, lights []graphics.Light, view *graphics.Matrix, m *graphics.Material, ambient vec, local bool) (diffuse, specular vec) {
	diffuse = fromColor64(m.Emissive).plus(ambient.by(fromColor64(m.Ambient)))
	for _, l := range lights {
		way := rotated(view, fromVector(l.Direction), 0).unit().times(-1)
		fade := 1.0
		if l.Type != graphics.DirectionalLight {
			to := rotated(view, fromVector(l.Position), 1).plus(at.times(-1))
			d := math.Sqrt(to.dot(to))
			if d > float64(l.Range) {
				continue
			}
			fade = 1 / (float64(l.Attenuation0) + float64(l.Attenuation1)*d + float64(l.Attenuation2)*d*d)
			if l.Type == graphics.SpotLight {
				rho, inner, outer := to.unit().dot(way), math.Cos(float64(l.Theta)/2), math.Cos(float64(l.Phi)/2)
				switch {
				case rho <= outer:
					fade = 0
				case rho <= inner:
					fade *= math.Pow((rho-outer)/(inner-outer), float64(l.Falloff))
				}
			}
			way = to.unit()
		}
		diffuse = diffuse.plus(fromColor64(l.Ambient).by(fromColor64(m.Ambient)).times(fade))
		if d := normal.dot(way); d > 0 {
			diffuse = diffuse.plus(fromColor64(l.Diffuse).by(fromColor64(m.Diffuse)).times(fade * d))
			viewer := vec{0, 0, -1}
			if local {
				viewer = at.times(-1).unit()
			}
			if h := normal.dot(way.plus(viewer).unit()); h > 0 {
				specular = specular.plus(fromColor64(l.Specular).by(fromColor64(m.Specular)).times(fade * math.Pow(h, float64(m.Power))))
			}
		}
	}
	return diffuse, specular
}

// TestLightingAgainstModel compares vertices under random lights with the model.
func TestLightingAgainstModel(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	f := func(low, high float64) float32 { return float32(low + r.Float64()*(high-low)) }
	color := func() graphics.Color { return graphics.Color{R: f(0, 1), G: f(0, 1), B: f(0, 1), A: f(0, 1)} }
	worst := 0.0
	for round := range 200 {
		s := newStand(t, 32, 32, Config{})
		local := round&1 != 0
		turn := r.Float64() * 6
		view := graphics.Matrix{M11: float32(math.Cos(turn)), M13: float32(math.Sin(turn)), M22: 1, M31: -float32(math.Sin(turn)), M33: float32(math.Cos(turn)), M43: 8, M44: 1}
		world := graphics.Matrix{M11: 2, M22: 2, M33: 2, M41: f(-1, 1), M44: 1}
		s.ok(s.SetTransform(View, &view))
		s.ok(s.SetTransform(World, &world))
		s.set(uint32(SpecularEnable), 1, uint32(NormalizeNormals), 1, uint32(Ambient), 0x203040, uint32(ColorVertex), 0)
		if !local {
			s.set(uint32(LocalViewer), 0)
		}
		m := graphics.Material{Diffuse: color(), Ambient: color(), Specular: color(), Emissive: graphics.Color{R: .1, B: .1}, Power: f(1, 40)}
		s.SetMaterial(m)
		var lights []graphics.Light
		for i := range 1 + round%ActiveLights {
			l := graphics.Light{Type: graphics.LightType(1 + r.Intn(3)), Diffuse: color(), Specular: color(), Ambient: color(),
				Position: graphics.Vector{X: f(-5, 5), Y: f(-5, 5), Z: f(-5, 5)}, Direction: graphics.Vector{X: f(-1, 1), Y: f(-1, 1), Z: f(.1, 1)},
				Range: f(5, 30), Falloff: f(.5, 3), Attenuation0: f(.5, 2), Attenuation1: f(0, .2), Attenuation2: f(0, .1), Theta: f(0, .5), Phi: f(.6, 3)}
			lights = append(lights, l)
			s.ok(s.SetLight(10+i, l))
			s.ok(s.EnableLight(10+i, true))
		}
		v := make([]vertex, 130)
		for i := range v {
			v[i] = vertex{x: f(-4, 4), y: f(-4, 4), z: f(-4, 4), nx: f(-1, 1), ny: f(-1, 1), nz: f(-1, 1)}
		}
		s.ok(s.Draw(PointList, Vertex, bytesOf(v)))
		for i := range v {
			at := rotated(&view, rotated(&world, vec{float64(v[i].x), float64(v[i].y), float64(v[i].z)}, 1), 1)
			n := rotated(&view, vec{float64(v[i].nx), float64(v[i].ny), float64(v[i].nz)}, 0).unit()
			d, g := shade64(at, n, lights, &view, &m, vec{32. / 255, 48. / 255, 64. / 255}, local)
			got := &s.geometry.vertices[i]
			for k := range 3 {
				for _, c := range [2]struct {
					got  uint32
					want float64
				}{{got.Diffuse, d[k]}, {got.Specular, g[k]}} {
					e := math.Abs(float64(c.got>>(16-8*k)&255) - 255*clamp01(c.want))
					worst = math.Max(worst, e)
					if e > .6 {
						t.Fatalf("round %d: channel %d of vertex %d is %d, the model says %.2f", round, k, i, c.got>>(16-8*k)&255, 255*c.want)
					}
				}
			}
		}
	}
	t.Logf("worst channel is %.3f of 255 off", worst)
}

// TestColorSources lights by the colours of vertices.
func TestColorSources(t *testing.T) {
	type lv struct {
		x, y, z, nx, ny, nz float32
		front, back         uint32
	}
	s := newStand(t, 32, 32, Config{})
	s.set(uint32(Ambient), 0xffffff, uint32(EmissiveSource), FromColor2, uint32(DiffuseSource), FromColor1)
	s.SetMaterial(graphics.Material{Ambient: graphics.Color{R: .5}, Diffuse: graphics.Color{A: .25}})
	v := []lv{{front: 0x80102030, back: 0x11002233, nz: -1}}
	get := func() raster.Vertex {
		s.ok(s.Draw(PointList, XYZ|Normal|Diffuse|Specular, bytesOf(v)))
		return s.geometry.vertices[s.geometry.base]
	}
	if got := get(); got.Diffuse != 0x80802233 || got.Specular != 0x11000000 {
		t.Errorf("%08x and %08x", got.Diffuse, got.Specular)
	}
	s.set(uint32(ColorVertex), 0)
	if got := get(); got.Diffuse != 0x40800000 {
		t.Errorf("%08x with the material alone", got.Diffuse)
	}
	s.set(uint32(Lighting), 0)
	if got := get(); got.Diffuse != 0x80102030 || got.Specular != 0x11002233 {
		t.Errorf("%08x and %08x unlit", got.Diffuse, got.Specular)
	}
}

func TestFogOfVertices(t *testing.T) {
	s := newStand(t, 32, 32, Config{})
	one := graphics.Matrix{M11: 1, M22: 1, M33: 1, M44: 1}
	s.ok(s.SetTransform(View, &one))
	s.set(uint32(Lighting), 0, uint32(FogEnable), 1, uint32(FogStart), math.Float32bits(2), uint32(FogEnd), math.Float32bits(10), uint32(FogDensity), math.Float32bits(.2))
	for _, c := range []struct {
		mode, byRange uint32
		v             [3]float32
		want          float64
	}{
		{FogLinear, 0, [3]float32{0, 0, 4}, .75}, {FogLinear, 0, [3]float32{0, 0, 1}, 1}, {FogLinear, 0, [3]float32{0, 0, 12}, 0},
		{FogExp, 0, [3]float32{0, 0, 4}, math.Exp(-.8)}, {FogExp2, 0, [3]float32{0, 0, 4}, math.Exp(-.64)},
		{FogLinear, 1, [3]float32{3, 0, 4}, .625}, {FogNone, 0, [3]float32{0, 0, 4}, 1},
	} {
		s.set(uint32(FogVertexMode), c.mode, uint32(RangeFogEnable), c.byRange)
		v := []meshPoint{{c.v[0], c.v[1], c.v[2], 0xff808080}}
		s.ok(s.Draw(PointList, XYZ|Diffuse, bytesOf(v)))
		got := s.geometry.vertices[s.geometry.base].Specular >> 24
		if math.Abs(float64(got)-255*c.want) > .6 {
			t.Errorf("%+v gives %d", c, got)
		}
	}
}
