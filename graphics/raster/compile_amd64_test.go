//go:build !purego

package raster

import (
	"errors"
	"math"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/graphics/blit"
)

// genAny draws states of all kinds, also those no linked loop knows.
func genAny(r *rapid.T) State {
	n := func(what string, from, to int) int { return rapid.IntRange(from, to).Draw(r, what) }
	yes := func(what string) bool { return rapid.Bool().Draw(r, what) }
	s := State{DepthTest: yes("depth"), DepthWrite: yes("write"), DepthFunc: Compare(n("depth func", 1, 8)),
		AlphaTest: yes("alpha"), AlphaFunc: Compare(n("alpha func", 1, 8)),
		Blend: yes("blend"), SrcBlend: Factor(n("src", 1, 13)), DestBlend: Factor(n("dst", 1, 11)),
		Flat: yes("flat"), Specular: yes("specular"), Fog: Fog(n("fog", 0, 4)), FogByW: yes("by w"), NoColor: n("colour", 0, 9) == 0}
	if yes("stencil") {
		op := func(what string) StencilOp { return StencilOp(n(what, 1, 8)) }
		s.Stencil = Stencil{Test: true, Func: Compare(n("stencil func", 1, 8)), Fail: op("fail"), ZFail: op("zfail"), Pass: op("pass")}
	}
	stages := n("stages", 0, 2)
	for i := range s.Stages {
		op := func(what string) Op {
			v := n(what, 2, 17)
			if v == 17 {
				return OpDotProduct3
			}
			return Op(v)
		}
		a := func(what string) Arg { return Arg(n(what, 0, 4)) | Arg(n("modifiers", 0, 3)<<4) }
		filter := func(what string) Filter { return Filter(n(what, 2, 3)) }
		st := &s.Stages[i]
		*st = Stage{ColorOp: op("op"), ColorArg1: a("arg"), ColorArg2: a("arg"), AlphaOp: op("alpha op"), AlphaArg1: a("arg"), AlphaArg2: a("arg"),
			Coord: uint8(n("coord", 0, 1)), AddressU: Address(n("u", 1, 4)), AddressV: Address(n("v", 1, 4)), Mag: filter("mag"), Min: filter("min"), Mip: Filter(n("mip", 1, 3))}
		if i >= stages {
			st.ColorOp = OpDisable
		}
	}
	return s
}

// this is the machine that tests run on.
var this = sync.OnceValue(func() machine.Machine { return host.New() })

// compiler is one for it, which the caller closes.
func compiler(t testing.TB) *Compiler {
	t.Helper()
	c := NewCompiler(this())
	if c == nil {
		t.Skip("on this machine no loops are made at run time")
	}
	return c
}

// only has a pipeline draw by what its compiler made.
func only(t testing.TB, p *Pipeline) {
	t.Helper()
	prepare(t, p)
	p.kernel = kernel{}
	if compile(p); p.compiled.loops == nil {
		_, err := p.Compiler.Made()
		if com.CodeOf(err) == com.ErrNotSupported {
			t.Skip(err)
		}
		t.Fatalf("not compiled: %v", err)
	}
}

// TestCompiledLoopsEqualTheInterpreter draws random triangles in all kinds of
// states by a loop made for them and by the interpreter: every bit of colour, depth
// and stencil is the same. A long run, of 100,000 states, is
//
//	go test -run CompiledLoopsEqual -rapid.checks=50000
func TestCompiledLoopsEqualTheInterpreter(t *testing.T) {
	compiler(t)
	textures := []*Texture{randomTexture(t, 64, 32, 1), randomTexture(t, 64, 64, 7), randomTexture(t, 1, 1, 1), randomTexture(t, 8, 256, 9), randomTexture(t, 2, 512, 10), nil}
	for _, wild := range []bool{false, true} {
		rapid.Check(t, func(r *rapid.T) {
			p := &Pipeline{State: genAny(r), Compiler: compiler(t)}
			defer p.Compiler.Close()
			u8 := func(what string) uint8 { return rapid.Uint8().Draw(r, what) }
			f := func(what string) float32 { return rapid.Float32Range(-1, 2).Draw(r, what) }
			p.Params = Params{AlphaRef: u8("ref"), StencilRef: u8("stencil ref"), StencilMask: u8("mask"), StencilWriteMask: u8("write mask"),
				TextureFactor: rapid.Uint32().Draw(r, "factor"), BorderColor: [2]uint32{0x80ff4010, rapid.Uint32().Draw(r, "border")},
				FogColor: rapid.Uint32().Draw(r, "fog colour"), FogStart: f("start"), FogEnd: f("end"), FogDensity: f("density"),
				LODBias: [2]float32{f("bias"), rapid.SampledFrom([]float32{0, -3, 5}).Draw(r, "bias")}}
			for i := range p.Textures {
				p.Textures[i] = textures[rapid.IntRange(0, len(textures)-1).Draw(r, "texture")]
			}
			only(t, p)
			v := [3]Vertex{genVertex(r, wild), genVertex(r, wild), genVertex(r, wild)}
			if rapid.Bool().Draw(r, "one w") {
				v[1].RHW, v[2].RHW = v[0].RHW, v[0].RHW
			}
			var tri Triangle
			if !tri.Setup(p, CullNone, &v[0], &v[1], &v[2]) {
				return
			}
			bounds := blit.Rect{X0: 0, Y0: 0, X1: rapid.SampledFrom([]int{32, 32, 19}).Draw(r, "x1"), Y1: rapid.SampledFrom([]int{32, 9}).Draw(r, "y1")}
			var got, want Chunk
			for _, c := range []*Chunk{&got, &want} {
				c.At(0, 0, bounds)
				c.fillRandom(7)
				for i := range c.Stencil {
					c.Stencil[i] = uint8(i * 7)
				}
			}
			got.Draw(&tri, p)
			q := *p
			q.Interpret = true
			prepare(t, &q)
			want.Draw(&tri, &q)
			for i := range want.Color {
				if got.Color[i] != want.Color[i] {
					r.Fatalf("pixel %d,%d is %#x, not %#x", i%Size, i/Size, got.Color[i], want.Color[i])
				}
				if math.Float32bits(got.Depth[i]) != math.Float32bits(want.Depth[i]) {
					r.Fatalf("depth at %d,%d is %v, not %v", i%Size, i/Size, got.Depth[i], want.Depth[i])
				}
				if got.Stencil[i] != want.Stencil[i] {
					r.Fatalf("stencil at %d,%d is %d, not %d", i%Size, i/Size, got.Stencil[i], want.Stencil[i])
				}
			}
		})
	}
}

// TestCompilerRemembers holds that states which draw alike share a loop.
func TestCompilerRemembers(t *testing.T) {
	c := compiler(t)
	defer c.Close()
	p := &Pipeline{State: DefaultState(), Compiler: c}
	only(t, p)
	first := p.compiled.loops
	p.State.AlphaFunc, p.State.SrcBlend, p.Params.AlphaRef = Less, SrcAlpha, 9 // of tests and blending that are off
	only(t, p)
	if n, _ := c.Made(); n != 1 || p.compiled.loops != first {
		t.Fatalf("%d loops for one", n)
	}
	p.State.AlphaTest = true
	only(t, p)
	if n, _ := c.Made(); n != 2 {
		t.Fatalf("%d loops for two", n)
	}
	if n := testing.AllocsPerRun(100, func() { prepare(t, p) }); n != 0 {
		t.Fatalf("%v allocations to find a loop again", n)
	}
}

// TestCompilerFills holds that a storm of states ends in interpreting, not in more
// and more memory.
func TestCompilerFills(t *testing.T) {
	c := compiler(t)
	p := &Pipeline{State: DefaultState(), Compiler: c}
	p.State.Stages[0].ColorOp = OpAddSmooth // which no linked loop knows
	last := ""
	for i := 0; i < 2*maxCompiled; i++ {
		s := &p.State
		s.AlphaTest, s.AlphaFunc, s.Blend, s.SrcBlend, s.DestBlend = true, Compare(i%8+1), true, Factor(i/8%8+1), Factor(i/64%8+1)
		prepare(t, p)
		last = p.Loop()
		if _, err := c.Made(); com.CodeOf(err) == com.ErrNotSupported {
			t.Skip(err)
		}
	}
	n, err := c.Made()
	if n != maxCompiled || err != nil || !c.Full() || last != "interpreter" {
		t.Fatalf("%d made, %v, full %v, the last by %s", n, err, c.Full(), last)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

// refusing is a machine whose system lets nobody execute what he made.
type refusing struct{ machine.Machine }

func (refusing) NewCode([]byte) (machine.Code, error) {
	return nil, com.Errorf(com.ErrNotSupported, "no")
}

// TestCompilerRefused draws by the interpreter where the system makes no code.
func TestCompilerRefused(t *testing.T) {
	compiler(t)
	p := &Pipeline{State: DefaultState(), Compiler: NewCompiler(refusing{this()})}
	p.State.Stages[0].ColorOp = OpAddSmooth
	prepare(t, p)
	if _, err := p.Compiler.Made(); !errors.Is(err, com.ErrNotSupported) || p.Loop() != "interpreter" {
		t.Fatalf("%v, drawn by the %s", err, p.Loop())
	}
	if c := NewCompiler(struct{ machine.Machine }{this()}); c != nil {
		t.Fatal("a compiler for a machine that runs no code")
	}
}

// BenchmarkCompile is what a new set of states costs.
func BenchmarkCompile(b *testing.B) {
	p := &Pipeline{State: DefaultState(), Textures: [2]*Texture{randomTexture(b, 64, 64, 7), randomTexture(b, 64, 64, 7)}}
	p.State.Stages[0].Mag, p.State.Stages[0].Min, p.State.Stages[0].Mip = FilterLinear, FilterLinear, FilterLinear
	p.State.Stages[1] = p.State.Stages[0]
	for b.Loop() {
		p.Compiler = compiler(b)
		only(b, p)
		p.Compiler.Close()
	}
}

// BenchmarkFillCompiled is BenchmarkFill by loops made at run time, also where one
// is linked.
func BenchmarkFillCompiled(b *testing.B) {
	c := compiler(b)
	defer c.Close()
	for _, f := range fillTests(b) {
		p := &Pipeline{State: DefaultState(), Compiler: c}
		f.set(p)
		b.Run(f.name, func(b *testing.B) {
			only(b, p)
			benchPipeline(b, p, 16)
		})
	}
}
