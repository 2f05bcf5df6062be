//go:build !purego

package raster

import "math"

// kernel is a chosen pixel loop: which, and what it reads.
type kernel struct {
	loop   uint8                 // 0: none, the interpreter
	smooth bool                  // the next loop is for perspective
	k      [2][slots]uint32      // the second for the second texture
	wide   [64 + slots][8]uint32 // the same in all lanes, the second from 64 on
	texels [2]*uint32
}

// Loops by number. Without a texture: flat, Gouraud and Gouraud in
// perspective, each without depth, for LessEqual, and for any comparison. With
// one, for each filter: alone, times a flat and times an interpolated colour.
// With specular colour or fog: without a texture, and for each filter.
const (
	loopPlain    = 1
	loopTextured = loopPlain + 9
	loopLit      = loopTextured + 12
	loopDual     = loopLit + 5 // two textures, specular colour and fog
)

var loopNames = [...]string{
	"interpreter",
	"flat", "gouraud", "gouraud",
	"flat less-equal", "gouraud less-equal", "gouraud less-equal",
	"flat depth", "gouraud depth", "gouraud depth",
	"nearest", "nearest flat", "nearest gouraud",
	"bilinear", "bilinear flat", "bilinear gouraud",
	"mipmapped", "mipmapped flat", "mipmapped gouraud",
	"trilinear", "trilinear flat", "trilinear gouraud",
	"lit", "nearest lit", "bilinear lit", "mipmapped lit", "trilinear lit",
	"two textures lit",
}

func (k *kernel) name() string { return loopNames[k.loop] }

func (k *kernel) none() bool { return k.loop == 0 }

// choose finds the loop for a pipeline's states, if there is one.
func choose(p *Pipeline) {
	k := &p.kernel
	*k = kernel{}
	if !k.find(p) {
		k.loop = 0
		return
	}
	for b := range k.k {
		if b > 0 && k.loop != loopDual {
			break
		}
		for i, v := range k.k[b] {
			k.wide[64*b+i] = [8]uint32{v, v, v, v, v, v, v, v}
		}
		if k.texels[b] != nil {
			for i := range p.Textures[b].levels {
				k.wide[64*b+slotLevels+i/8][i%8] = uint32(p.Textures[b].levels[i].at)
			}
		}
	}
}

// find is false where there is no loop.
func (k *kernel) find(p *Pipeline) bool {
	s := &p.State
	if !vector || p.Interpret || s.NoColor || s.Stencil.Test || !k.setBlend(s) || !k.setLight(p) {
		return false
	}
	lit := s.Specular || s.Fog != FogNone
	k.setTests(p)
	if p.stages == 0 {
		k.plain(s, lit)
		return true
	}
	colour, alpha := s.Stages[0].chooses(ArgDiffuse)
	if colour == other || alpha == other {
		return false
	}
	if p.stages == 2 {
		return k.dual(p, colour, alpha)
	}
	if colour == rest && alpha == rest {
		k.plain(s, lit)
		return true
	}
	if p.need&needTex == 0 || !k.setTexture(p, 0) {
		return false
	}
	k.setFull(0, colour, alpha)
	switch {
	case lit:
		k.loop = loopLit + 1 + (k.loop-loopTextured)/3
	case colour == texture && alpha == texture:
	case s.Flat:
		k.loop++
	default:
		k.loop += 2
	}
	return true
}

// dual is for two textures, both linear in the nearest level.
func (k *kernel) dual(p *Pipeline, colour, alpha choice) bool {
	s := &p.State
	colour2, alpha2 := s.Stages[1].chooses(ArgCurrent)
	if s.Flat || colour2 == other || alpha2 == other || p.need&needTex == 0 || p.need&(needTex<<1) == 0 {
		return false
	}
	for i := range p.Textures {
		st := &s.Stages[i]
		if st.Mag != FilterLinear || !k.setTexture(p, i) || st.Mip == FilterLinear && p.Textures[i].count > 1 {
			return false
		}
		if st.Mip == FilterNone {
			k.k[i][slotLast] = 0
		}
	}
	k.setFull(0, colour, alpha)
	k.setFull(1, colour2, alpha2)
	k.loop = loopDual
	return true
}

// setFull makes what is not to be multiplied by count as full.
func (k *kernel) setFull(i int, colour, alpha choice) {
	for _, c := range [2]struct {
		by   choice
		bits uint32
	}{{colour, 0xffffff}, {alpha, 0xff000000}} {
		switch c.by {
		case texture:
			k.k[i][slotOrDiffuse] |= c.bits
		case rest:
			k.k[i][slotOrTex] |= c.bits
		}
	}
}

// choice is where a channel comes from after a stage that loops can do.
type choice uint8

const (
	other   choice = iota
	texture        // the texture alone
	rest           // the diffuse or current colour alone
	both           // their product
)

// chooses says what a stage does, if it is something loops can do. current is
// the argument that means what came before, besides ArgCurrent.
func (st *Stage) chooses(current Arg) (colour, alpha choice) {
	one := func(a Arg) choice {
		switch a {
		case ArgTexture:
			return texture
		case current, ArgCurrent:
			return rest
		}
		return other
	}
	choose := func(op Op, a, b Arg) choice {
		x, y := one(a), one(b)
		switch op {
		case OpSelect1:
			return x
		case OpSelect2:
			return y
		case OpDisable:
			return rest
		case OpModulate:
			if x == texture && y == rest || x == rest && y == texture {
				return both
			}
		}
		return other
	}
	return choose(st.ColorOp, st.ColorArg1, st.ColorArg2), choose(st.AlphaOp, st.AlphaArg1, st.AlphaArg2)
}

// setLight is false for fog no loop has.
func (k *kernel) setLight(p *Pipeline) bool {
	s := &p.State
	if s.Specular {
		k.k[0][slotGloss] = 0xffffff
	}
	switch {
	case s.Flat && (s.Specular || s.Fog != FogNone):
		return false
	case s.Fog == FogVertex:
		k.k[0][slotFog] = fogBySpecular
	case s.Fog == FogLinear && !s.FogByW:
		k.k[0][slotFog] = fogByDepth
	case s.Fog != FogNone:
		return false
	}
	k.k[0][slotFogColor] = p.Params.FogColor
	k.k[0][slotFogEnd], k.k[0][slotFogScale] = math.Float32bits(p.Params.FogEnd), math.Float32bits(p.fogScale)
	return true
}

func (k *kernel) plain(s *State, lit bool) {
	if lit {
		k.loop = loopLit
		return
	}
	k.loop = loopPlain
	if !s.Flat {
		k.loop++
		k.smooth = true
	}
	if s.DepthTest {
		k.loop += 3
		if s.DepthFunc != LessEqual {
			k.loop += 3
		}
	}
}

// setTests puts the comparisons of depth and alpha into masks: what is less,
// what is equal, and whether to turn the sum around.
func (k *kernel) setTests(p *Pipeline) {
	set := func(at int, f Compare) {
		m := [...][3]uint32{Never: {}, Less: {0, 1, 0}, Equal: {0, 0, 1}, LessEqual: {0, 1, 1},
			Greater: {1, 1, 1}, NotEqual: {1, 0, 1}, GreaterEqual: {1, 1, 0}, Always: {1, 0, 0}}[f]
		for i, v := range m {
			k.k[0][at+i] = -v
		}
	}
	s := &p.State
	set(slotDepth, Always)
	if s.DepthTest {
		set(slotDepth, s.DepthFunc)
		if s.DepthWrite {
			k.k[0][slotWrite] = ^uint32(0)
		}
	}
	if s.AlphaTest {
		k.k[0][slotAlphaTest], k.k[0][slotAlphaRef] = 1, uint32(p.Params.AlphaRef)
		set(slotAlpha, s.AlphaFunc)
	}
}

// setBlend is false for factors no loop has.
func (k *kernel) setBlend(s *State) bool {
	if !s.Blend {
		return true
	}
	a, b := s.factors()
	switch {
	case a == One && b == Zero:
		return true
	case a == SrcAlpha && b == InvSrcAlpha:
		k.k[0][slotBlend] = blendOver
		return true
	case complements(a, b):
		return false
	}
	k.k[0][slotBlend] = blendAny
	for i, f := range [2]Factor{a, b} {
		m := k.k[0][slotSrc+5*i:][:5]
		switch f {
		case Zero, One:
		case SrcColor, InvSrcColor:
			m[0] = ^uint32(0)
		case DestColor, InvDestColor:
			m[1] = ^uint32(0)
		case SrcAlpha, InvSrcAlpha:
			m[2] = ^uint32(0)
		case DestAlpha, InvDestAlpha:
			m[3] = ^uint32(0)
		default:
			return false
		}
		switch f {
		case One, InvSrcColor, InvSrcAlpha, InvDestAlpha, InvDestColor:
			m[4] = ^uint32(0)
		}
	}
	return true
}

// setTexture is false for filters and addresses no loop has.
func (k *kernel) setTexture(p *Pipeline, b int) bool {
	st, t, to := &p.State.Stages[b], p.Textures[b], &k.k[b]
	levels := t.count > 1 && st.Mip != FilterNone
	if st.Mag != st.Min || levels && st.Mag != FilterLinear {
		return false
	}
	k.loop = loopTextured
	if st.Mag == FilterLinear {
		k.loop += 3
	}
	if levels {
		k.loop += 3
	}
	if levels && st.Mip == FilterLinear {
		k.loop += 3
	}
	l := &t.levels[0]
	for i, a := range [2]Address{st.AddressU, st.AddressV} {
		size := [2]int{l.width, l.height}[i]
		low, high, wrap := int32(math.MinInt32), int32(math.MaxInt32), uint32(math.MaxInt32)
		switch {
		case a == Clamp && st.Mag == FilterLinear:
			low, high, wrap = 0, int32(size-1)<<texBits, 0
		case a == Clamp:
			low, high = 0, int32(size)<<texBits-1
		case a != Wrap:
			return false
		}
		to[slotLowU+i], to[slotHighU+i], to[slotWrapU+i] = uint32(low), uint32(high), wrap
		to[slotMaskU+i], to[slotWidth+i] = uint32(size-1), uint32(size)
		to[slotScaleU+i] = math.Float32bits(float32(size * texOne))
	}
	to[slotStride], to[slotLast] = uint32(l.stride()), uint32(t.count-1)
	ratio, scale := spans(t, p.bias[b])
	to[slotRatio], to[slotBias] = math.Float32bits(ratio), math.Float32bits(scale)
	k.texels[b] = &t.texels[0]
	return true
}
