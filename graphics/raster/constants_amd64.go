//go:build !purego

package raster

import "math"

// setLight is false for fog no loop has.
func (k *kernel) setLight(p *Pipeline) bool {
	s := &p.State
	if s.Specular {
		k.k[slotGloss] = 0xffffff
	}
	switch {
	case s.Flat && (s.Specular || s.Fog != FogNone):
		return false
	case s.Fog == FogVertex:
		k.k[slotFog] = fogBySpecular
	case s.Fog == FogLinear && !s.FogByW:
		k.k[slotFog] = fogByDepth
	case s.Fog != FogNone:
		return false
	}
	k.k[slotFogColor] = p.Params.FogColor
	k.k[slotFogEnd], k.k[slotFogScale] = math.Float32bits(p.Params.FogEnd), math.Float32bits(p.fogScale)
	return true
}

// setTests puts the comparisons of depth and alpha into masks: what is less,
// what is equal, and whether to turn the sum around.
func (k *kernel) setTests(p *Pipeline) {
	set := func(at int, f Compare) {
		m := [...][3]uint32{Never: {}, Less: {0, 1, 0}, Equal: {0, 0, 1}, LessEqual: {0, 1, 1},
			Greater: {1, 1, 1}, NotEqual: {1, 0, 1}, GreaterEqual: {1, 1, 0}, Always: {1, 0, 0}}[f]
		for i, v := range m {
			k.k[at+i] = -v
		}
	}
	s := &p.State
	set(slotDepth, Always)
	if s.DepthTest {
		set(slotDepth, s.DepthFunc)
		if s.DepthFunc == LessEqual {
			k.k[slotLessEqual] = 1
		}
		if s.DepthWrite {
			k.k[slotWrite] = ^uint32(0)
		}
	}
	if s.AlphaTest {
		k.k[slotAlphaTest], k.k[slotAlphaRef] = 1, uint32(p.Params.AlphaRef)
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
		k.k[slotBlend] = blendOver
		return true
	case complements(a, b):
		return false
	}
	k.k[slotBlend] = blendAny
	for i, f := range [2]Factor{a, b} {
		m := k.k[slotSrc+5*i:][:5]
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

// setTexture is false for addresses no loop has.
func (k *kernel) setTexture(p *Pipeline, b int) bool {
	st, t, to := &p.State.Stages[b], p.Textures[b], &k.tex[b]
	for n := range t.count {
		if n > 0 && st.Mip == FilterNone {
			break
		}
		l, v := &t.levels[n], &to[n]
		set := func(slot int, c uint32) { v[slot] = [8]uint32{c, c, c, c, c, c, c, c} }
		for i, a := range [2]Address{st.AddressU, st.AddressV} {
			size := [2]int{l.width, l.height}[i]
			low, high, near, wrap := int32(math.MinInt32), int32(math.MaxInt32), int32(math.MaxInt32), uint32(math.MaxInt32)
			switch a {
			case Clamp:
				low, high, near, wrap = 0, int32(size-1)<<texBits, int32(size-1), 0
			case Wrap:
			default:
				return false
			}
			set(texLow+i, uint32(low))
			set(texHigh+i, uint32(high))
			set(texNearHigh+i, uint32(near))
			set(texWrap+i, wrap)
			set(texMask+i, uint32(size-1))
			set(texSize+i, uint32(size))
			set(texScale+i, math.Float32bits(float32(size*texOne)))
			set(texNearScale+i, math.Float32bits(float32(size)))
		}
		set(texStride, uint32(l.stride()))
		set(texLast, uint32(t.count-1))
		set(texRatio, math.Float32bits(p.ratio[b]))
		set(texBias, math.Float32bits(p.scale[b]))
		if n > 0 {
			continue
		}
		for i := range t.levels {
			v[texLevels+i/8][i%8] = uint32(t.levels[i].at)
		}
	}
	return true
}
