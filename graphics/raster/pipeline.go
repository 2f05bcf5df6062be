package raster

import (
	"errors"
	"fmt"
	"math"
)

// ErrState: a render state out of its range.
var ErrState = errors.New("raster: bad state")

// What a pipeline needs of a triangle.
const (
	needZ = 1 << iota
	needW
	needDiffuse
	needSpecular
	needTex // and the next bit for the second stage
)

// Pipeline is a set of states with the textures they draw from. Set the
// exported fields, then Prepare; drawing only reads it. A stage that reads a
// texture and has none reads white.
type Pipeline struct {
	State    State
	Params   Params
	Textures [2]*Texture
	// Interpret draws by the interpreter, whatever loops there are. The picture
	// is the same.
	Interpret bool
	// Compiler makes a loop where none is linked. It may be nil.
	Compiler *Compiler

	need     uint8
	stages   int // stages that are on
	bias     [2]float32
	fogScale float32
	ratio    [2]float32 // of textures: see spans
	scale    [2]float32
	kernel   kernel
	compiled compiled
}

// Loop names the pixel loop that Prepare chose: "interpreter", "compiled", or what
// a vector loop does.
func (p *Pipeline) Loop() string {
	if p.compiled.loops != nil {
		return "compiled"
	}
	return p.kernel.name()
}

// Prepare checks the states and chooses the pixel loop.
func (p *Pipeline) Prepare() error {
	s := &p.State
	if err := s.check(); err != nil {
		return err
	}
	p.need, p.stages = 0, 0
	if s.DepthTest || s.Fog >= FogExp && s.Fog <= FogLinear && !s.FogByW {
		p.need |= needZ
	}
	if s.Fog >= FogExp && s.Fog <= FogLinear && s.FogByW {
		p.need |= needW
	}
	for i := range s.Stages {
		st := &s.Stages[i]
		if st.ColorOp == OpDisable {
			break
		}
		p.stages++
		if st.uses() && p.Textures[i] != nil {
			if p.Textures[i].count == 0 {
				return fmt.Errorf("%w: not made by NewTexture", ErrTexture)
			}
			p.need |= needTex << i
		}
		b := p.Params.LODBias[i]
		if !(b > -16 && b < 16) {
			b = 0
		}
		p.bias[i] = float32(math.Exp2(2 * float64(b)))
	}
	if !s.Flat {
		p.need |= needDiffuse
	}
	if s.Specular && !s.Flat || s.Fog == FogVertex || s.specularArgument() && !s.Flat {
		p.need |= needSpecular
	}
	if s.NoColor && !s.AlphaTest {
		p.need &= needZ
	}
	p.fogScale = 0
	if d := p.Params.FogEnd - p.Params.FogStart; d != 0 {
		p.fogScale = 255 / d
	}
	for i := range p.ratio {
		if p.need&(needTex<<i) != 0 {
			p.ratio[i], p.scale[i] = spans(p.Textures[i], p.bias[i])
		}
	}
	p.compiled.loops = nil
	choose(p)
	if p.kernel.none() {
		compile(p)
	}
	return nil
}

func (s *State) specularArgument() bool {
	for i := range s.Stages {
		st := &s.Stages[i]
		for _, a := range [4]Arg{st.ColorArg1, st.ColorArg2, st.AlphaArg1, st.AlphaArg2} {
			if a&15 == ArgSpecular {
				return true
			}
		}
	}
	return false
}

func (s *State) check() error {
	bad := func(what string, v uint8) error { return fmt.Errorf("%w: %s %d", ErrState, what, v) }
	switch {
	case s.DepthTest && (s.DepthFunc < Never || s.DepthFunc > Always):
		return bad("depth comparison", uint8(s.DepthFunc))
	case !s.Stencil.ok():
		return bad("stencil operation, or comparison", uint8(s.Stencil.Func))
	case s.AlphaTest && (s.AlphaFunc < Never || s.AlphaFunc > Always):
		return bad("alpha comparison", uint8(s.AlphaFunc))
	case s.Blend && (s.SrcBlend < Zero || s.SrcBlend > BothInvSrcAlpha):
		return bad("source factor", uint8(s.SrcBlend))
	case s.Blend && (s.DestBlend < Zero || s.DestBlend > SrcAlphaSat) && s.SrcBlend < BothSrcAlpha:
		return bad("destination factor", uint8(s.DestBlend))
	case s.Fog > FogVertex:
		return bad("fog", uint8(s.Fog))
	}
	for i := range s.Stages {
		st := &s.Stages[i]
		if st.ColorOp == OpDisable {
			break
		}
		for _, op := range [2]Op{st.ColorOp, st.AlphaOp} {
			if op < OpDisable || op > OpBlendCurrentAlpha && op != OpDotProduct3 {
				return bad("texture operation", uint8(op))
			}
		}
		for _, a := range [4]Arg{st.ColorArg1, st.ColorArg2, st.AlphaArg1, st.AlphaArg2} {
			if a&15 > ArgSpecular || a > 0x3f {
				return bad("texture argument", uint8(a))
			}
		}
		switch {
		case st.Coord > 1:
			return bad("texture coordinates", st.Coord)
		case st.AddressU < Wrap || st.AddressU > Border || st.AddressV < Wrap || st.AddressV > Border:
			return bad("texture address", uint8(max(st.AddressU, st.AddressV)))
		case st.Mag < FilterPoint || st.Mag > FilterLinear || st.Min < FilterPoint || st.Min > FilterLinear || st.Mip < FilterNone || st.Mip > FilterLinear:
			return bad("texture filter", uint8(st.Mip))
		}
	}
	return nil
}
