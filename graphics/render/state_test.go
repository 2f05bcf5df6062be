package render

import (
	"errors"
	"math"
	"math/rand"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/blit"
)

func TestStatesAreChecked(t *testing.T) {
	s := newStand(t, 32, 32, Config{})
	for _, c := range []struct {
		state State
		value uint32
		want  error
	}{
		{0, 0, ErrUnsupported}, {1, 0, ErrUnsupported}, {153, 0, ErrUnsupported}, {math.MaxUint32, 0, ErrUnsupported},
		{ZEnable, 2, ErrValue}, {FillMode, 0, ErrValue}, {CullMode, 4, ErrValue}, {SrcBlend, 14, ErrValue}, {DestBlend, 12, ErrValue},
		{ZFunc, 0, ErrValue}, {FogEnd, 0x7fc00000, ErrValue}, {FogStart, 0xff800000, ErrValue}, {ZFunc, 8, nil}, {Ambient, 0xffffffff, nil},
	} {
		before, _ := s.StateValue(c.state)
		err := s.SetState(c.state, c.value)
		after, _ := s.StateValue(c.state)
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("state %d to %d: %v", c.state, c.value, err)
		}
		if err != nil && before != after || err == nil && after != c.value {
			t.Errorf("state %d is %d after %d and %v", c.state, after, before, err)
		}
	}
	for _, c := range []struct {
		stage int
		state StageState
		value uint32
		want  error
	}{
		{2, ColorOp, 1, ErrUnsupported}, {-1, ColorOp, 1, ErrUnsupported}, {0, 7, 0, ErrUnsupported}, {0, ColorOp, 0, ErrValue}, {0, ColorOp, 17, ErrValue},
		{0, ColorOp, 24, nil}, {1, AlphaOp, 24, ErrValue}, {0, ColorArg1, 5, ErrValue}, {0, ColorArg1, 0x40, ErrValue}, {0, TexCoordIndex, 8, ErrValue},
		{1, TexCoordIndex, CoordCameraReflection, nil}, {0, MagFilter, 3, ErrValue}, {0, LODBias, math.Float32bits(16), ErrValue}, {0, TransformFlags, 1, ErrValue},
	} {
		if err := s.SetStageState(c.stage, c.state, c.value); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("state %d of stage %d to %d: %v", c.state, c.stage, c.value, err)
		}
	}
	s.Reset()
	if v, _ := s.StateValue(ZFunc); v != 4 {
		t.Errorf("depth comparison after Reset is %d", v)
	}
	if err := s.SetViewport(graphics.Viewport{Width: 1, Height: 1, MinZ: .5, MaxZ: .4}); !errors.Is(err, ErrValue) {
		t.Error(err)
	}
	for i := range ActiveLights {
		s.ok(s.EnableLight(i, true))
	}
	if err := s.EnableLight(60, true); !errors.Is(err, ErrValue) {
		t.Error(err)
	}
	s.ok(s.EnableLight(3, false))
	s.ok(s.EnableLight(60, true))
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		f    Format
		want int
	}{{Vertex, 32}, {LVertex, 32}, {TLVertex, 32}, {XYZ, 12}, {XYZ | Normal | Diffuse | Specular | Tex2, 48}, {XYZ | Tex1 | 1<<16, 24}, {XYZ | Tex1 | 3<<16, 16},
		{0, 0}, {6, 0}, {XYZRHW | Normal, 0}, {XYZ | 1, 0}, {XYZ | 0x900, 0}, {XYZ | 1<<16, 0}, {XYZ | 0x1000, 0}, {0xffffffff, 0}} {
		if got := c.f.Stride(); got != c.want {
			t.Errorf("a vertex of %#x has %d bytes, not %d", c.f, got, c.want)
		}
	}
}

// storm sets states at random between draws of one triangle each.
func storm(s *stand, n int, seed int64) {
	r := rand.New(rand.NewSource(seed))
	v := make([]tl, 3)
	for range n {
		s.set(uint32(ZFunc), 1+uint32(r.Intn(8)), uint32(AlphaBlendEnable), uint32(r.Intn(2)), uint32(SrcBlend), 1+uint32(r.Intn(10)), uint32(DestBlend), 1+uint32(r.Intn(10)),
			uint32(ShadeMode), 1+uint32(r.Intn(2)), uint32(AlphaRef), uint32(r.Intn(256)), uint32(AlphaTestEnable), 1, uint32(AlphaFunc), 1+uint32(r.Intn(8)))

		for i := range v {
			v[i] = tl{x: r.Float32() * 64, y: r.Float32() * 64, z: r.Float32(), rhw: 1, color: r.Uint32()}
		}
		s.ok(s.Draw(TriangleList, TLVertex, bytesOf(v)))
	}
	s.ok(s.Flush())
}

// TestStormOfStates: memory is what it was, whatever is set, and little of it
// draws what much does.
func TestStormOfStates(t *testing.T) {
	var pictures [2][]uint32
	for i, c := range []Config{{States: 4, Entries: 4096}, {States: 1024}} {
		s := newStand(t, 64, 64, c)
		s.set(uint32(CullMode), CullNone)
		s.clear(0xff336699)
		storm(s, 20000, 9)
		pictures[i] = slices.Clone(words(s.s))
		if i == 0 {
			if n := testing.AllocsPerRun(1, func() { storm(s, 5000, 10) }); n > 5 {
				t.Errorf("a storm of 5,000 states allocates %v times", n) // its random numbers do, a few times
			}
		}
	}
	if !slices.Equal(pictures[0], pictures[1]) {
		t.Error("little memory draws another picture than much")
	}
}

// TestOverflowsFlush draws more than bins hold, large and cut triangles among
// it, with little memory and with much.
func TestOverflowsFlush(t *testing.T) {
	var pictures [2][]uint32
	var flushes [2]uint64
	for i, c := range []Config{{Entries: 4096, Width: 256, Height: 256, Vertices: MaxVertices + spare}, {Entries: 1 << 22, Vertices: 1 << 20}} {
		s := newStand(t, 256, 256, c)
		s.set(uint32(CullMode), CullNone, uint32(Lighting), 0, uint32(AlphaBlendEnable), 1, uint32(SrcBlend), 2, uint32(DestBlend), 2, uint32(ZEnable), 0)
		p := perspective(1, 1, 1, 100)
		s.ok(s.SetTransform(Projection, &p))
		s.clear(0)
		r := rand.New(rand.NewSource(2))
		for range 4 {
			v := make([]meshPoint, 700)
			for k := range v {
				v[k] = meshPoint{float32(r.NormFloat64() * 9), float32(r.NormFloat64() * 9), float32(r.NormFloat64() * 9), 0x01010101}
			}
			s.ok(s.Draw(TriangleList, XYZ|Diffuse, bytesOf(v)))
			s.set(uint32(FillMode), FillWireframe)
			s.ok(s.Draw(TriangleStrip, XYZ|Diffuse, bytesOf(v[:100])))
			s.set(uint32(FillMode), FillSolid)
		}
		s.ok(s.Flush())
		pictures[i], flushes[i] = slices.Clone(words(s.s)), s.Counts().Flushes
	}
	if !slices.Equal(pictures[0], pictures[1]) {
		t.Error("little memory draws another picture than much")
	}
	if flushes[0] < 3 {
		t.Errorf("little memory was flushed %d times", flushes[0])
	}
}

// TestLongDraws draws what has more vertices than go at once, in one call and in many.
func TestLongDraws(t *testing.T) {
	for _, p := range []Primitive{TriangleList, TriangleStrip, LineStrip} {
		s := newStand(t, 64, 64, Config{})
		s.set(uint32(Lighting), 0, uint32(ZEnable), 0, uint32(AlphaBlendEnable), 1, uint32(SrcBlend), 2, uint32(DestBlend), 2)
		s.stage(0, uint32(ColorOp), 1)
		r := rand.New(rand.NewSource(4))
		v := make([]tl, 140001)
		for i := range v {
			v[i] = tl{x: 32 + r.Float32(), y: float32(r.Intn(60)) + .5, z: .5, rhw: 1, color: 0x00000101 << (i & 15)}
		}
		s.clear(0)
		s.ok(s.Draw(p, TLVertex, bytesOf(v)))
		s.ok(s.Flush())
		all := slices.Clone(words(s.s))
		s.clear(0)
		step, again := 99, 0
		switch p {
		case TriangleStrip:
			step, again = 98, 2
		case LineStrip:
			s.set(uint32(LastPixel), 0)
			again = 1
		}
		for i := 0; i+again < len(v); i += step {
			end := min(i+step+again, len(v))
			if end == len(v) {
				s.set(uint32(LastPixel), 1)
			}
			s.ok(s.Draw(p, TLVertex, bytesOf(v[i:end])))
		}
		s.ok(s.Flush())
		if !slices.Equal(all, words(s.s)) {
			t.Errorf("primitive %d: one long draw is not the same as many short ones", p)
		}
		if p == TriangleList {
			if err := s.Draw(TriangleFan, TLVertex, bytesOf(v)); !errors.Is(err, ErrVertices) {
				t.Error(err)
			}
			if err := s.DrawIndexed(TriangleList, TLVertex, bytesOf(v), []uint16{1, 2, 3}); !errors.Is(err, ErrVertices) {
				t.Error(err)
			}
		}
	}
}

// TestTeamDrawsTheSame compares a team of several with nobody's help.
func TestTeamDrawsTheSame(t *testing.T) {
	var pictures [2][]uint32
	for i, team := range []Team{nil, newCrew(t, 4)} {
		s := benchStand(t, team)
		paintings[2].set(s)
		v, index := newMesh(30)
		s.clear(0xff102030)
		s.ok(s.DrawIndexed(TriangleList, meshFormat, bytesOf(v), index))
		s.ok(s.Flush())
		pictures[i] = slices.Clone(words(s.s))
	}
	if !slices.Equal(pictures[0], pictures[1]) {
		t.Error("a team draws another picture")
	}
}

func TestBadDraws(t *testing.T) {
	s := newStand(t, 64, 64, Config{})
	v := []tl{{x: 1, y: 1, rhw: 1}, {x: 9, y: 1, rhw: 1}, {x: 1, y: 9, rhw: 1}}
	b := bytesOf(v)
	for _, c := range []struct {
		name string
		err  error
		want error
	}{
		{"primitive 0", s.Draw(0, TLVertex, b), ErrUnsupported},
		{"primitive 7", s.Draw(7, TLVertex, b), ErrUnsupported},
		{"format", s.Draw(TriangleList, 0, b), ErrUnsupported},
		{"bytes", s.Draw(TriangleList, TLVertex, b[:95]), ErrVertices},
		{"index", s.DrawIndexed(TriangleList, TLVertex, b, []uint16{0, 1, 3}), ErrIndex},
		{"no vertices", s.DrawIndexed(TriangleList, TLVertex, nil, []uint16{0, 1, 2}), ErrIndex},
		{"clear", s.Clear(graphics.Clear{}, nil), ErrValue},
		{"clear depth", s.Clear(graphics.Clear{Flags: ClearDepth, Z: float32(math.NaN())}, nil), ErrValue},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v", c.name, c.err)
		}
	}
	s.ok(s.Draw(TriangleList, TLVertex, nil))
	s.ok(s.DrawIndexed(TriangleList, TLVertex, b, nil))
	s.ok(s.SetTarget(nil, nil))
	if err := s.Draw(TriangleList, TLVertex, b); !errors.Is(err, ErrTarget) {
		t.Error(err)
	}
	if err := s.SetTarget(newSurface(1025, 4, blit.RGB565), nil); !errors.Is(err, ErrTarget) {
		t.Error(err)
	}
	if err := s.SetTarget(newSurface(10, 4, blit.RGB565), s.d); !errors.Is(err, ErrTarget) {
		t.Error(err)
	}
}

func TestClears(t *testing.T) {
	s := newStand(t, 70, 50, Config{})
	v := []tl{{x: 0, y: 0, z: .5, rhw: 1, color: 0xffffffff}, {x: 200, y: 0, z: .5, rhw: 1, color: 0xffffffff}, {x: 0, y: 200, z: .5, rhw: 1, color: 0xffffffff}}
	s.stage(0, uint32(ColorOp), 1)
	s.clear(0xff000000)
	s.ok(s.Draw(TriangleList, TLVertex, bytesOf(v)))
	s.ok(s.Clear(graphics.Clear{Flags: ClearTarget | ClearDepth, Color: 0xff0000ff, Z: .25}, []blit.Rect{{X0: -5, Y0: 30, X1: 40, Y1: 90}, {X0: 60, Y0: 0, X1: 60, Y1: 9}}))
	for i := range v {
		v[i].z, v[i].color = .3, 0xff00ff00
	}
	s.ok(s.Draw(TriangleList, TLVertex, bytesOf(v))) // nearer than the first, but not than what was cleared
	s.ok(s.Clear(graphics.Clear{Flags: ClearStencil, Stencil: 7}, []blit.Rect{{X0: 33, Y0: 33, X1: 35, Y1: 34}}))
	s.ok(s.Flush())
	for y := range 50 {
		for x := range 70 {
			want, z, st := uint32(0xff00ff00), float32(.3), uint8(0)
			if x < 40 && y >= 30 {
				want, z = 0xff0000ff, .25
			}
			if y == 33 && (x == 33 || x == 34) {
				st = 7
			}
			gotZ, gotS := s.d.Get(x, y)
			if got := words(s.s)[y*70+x]; got != want || gotZ != z || gotS != st {
				t.Fatalf("pixel %d, %d is %08x, %v, %d", x, y, got, gotZ, gotS)
			}
		}
	}
	// A clear of everything lets go of what was gathered.
	before := s.Counts().Flushes
	s.ok(s.Draw(TriangleList, TLVertex, bytesOf(v)))
	s.clear(0xff123456)
	if got := s.at(5, 5); got != 0xff123456 || s.Counts().Flushes != before+1 {
		t.Errorf("%08x after %d flushes", got, s.Counts().Flushes-before)
	}
}

// TestTargets draws on every format, with and without what is there before.
func TestTargets(t *testing.T) {
	for _, f := range []blit.Format{blit.Indexed8, blit.RGB565, blit.XRGB1555, blit.ARGB4444, blit.XRGB8888, blit.ARGB8888} {
		s := newStand(t, 40, 40, Config{})
		target := newSurface(40, 40, f)
		s.ok(s.SetTarget(target, nil))
		s.stage(0, uint32(ColorOp), 1)
		s.set(uint32(AlphaBlendEnable), 1, uint32(SrcBlend), 7, uint32(DestBlend), 1) // the colour, times the alpha that is there
		s.ok(s.Clear(graphics.Clear{Flags: ClearTarget, Color: 0x80404040}, []blit.Rect{{X0: 1, X1: 20, Y1: 40}}))
		s.ok(s.Flush())
		v := []tl{{x: 0, y: 0, z: .5, rhw: 1, color: 0xff808080}, {x: 200, y: 0, z: .5, rhw: 1, color: 0xff808080}, {x: 0, y: 200, z: .5, rhw: 1, color: 0xff808080}}
		s.ok(s.Draw(TriangleList, TLVertex, bytesOf(v)))
		s.ok(s.Flush())
		got := words(target)[0:1]
		want := uint32(0xff808080)
		switch f {
		case blit.ARGB8888:
			want = 0x80404040
		case blit.ARGB4444:
			want = 0x88484848
		}
		out := newSurface(40, 40, blit.ARGB8888)
		s.ok(blit.Copy(out, 0, 0, target, target.Bounds()))
		g := words(out)[2]
		for sh := 0; sh < 24; sh += 8 {
			if d := int(g>>sh&255) - int(want>>sh&255); d < -9 || d > 9 {
				t.Errorf("%v: pixel is %08x (%08x in memory), not about %08x", f, g, got, want)
				break
			}
		}
	}
}

// TestDrawnOnTexture refuses to read what is drawn on.
func TestDrawnOnTexture(t *testing.T) {
	s := newStand(t, 64, 64, Config{})
	tex, err := NewTexture([]Level{{Surface: *s.s}})
	s.ok(err)
	s.ok(s.SetTexture(0, tex))
	s.clear(0)
	v := []tl{{x: 0, y: 0, z: .5, rhw: 1, color: 0xffffffff}, {x: 200, y: 0, z: .5, rhw: 1, color: 0xffffffff}, {x: 0, y: 200, z: .5, rhw: 1, color: 0xffffffff}}
	if err := s.Draw(TriangleList, TLVertex, bytesOf(v)); !errors.Is(err, ErrFeedback) {
		t.Error(err)
	}
	if got := s.at(3, 3); got != 0xffffffff {
		t.Errorf("%08x", got)
	}
	other := newSurface(64, 64, blit.RGB565)
	s.ok(s.SetTarget(other, nil))
	tex.Changed()
	s.ok(s.Draw(TriangleList, TLVertex, bytesOf(v)))
	s.ok(s.Flush())
	if other.Pix[0] != 0xff {
		t.Error("a texture that was a target is not drawn")
	}
}
