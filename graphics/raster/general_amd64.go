//go:build !purego

package raster

// What vector loops read of an operation of a texture stage: words, of which
// the first 8 are these, then vectors. The generator repeats the numbers.
const (
	unitOp     = 0
	unitArg    = 1 // two: where arguments lie in an entry of the list
	unitWeight = 3
	unitLast   = 4 // not 0: the stage's last
	unitEnd    = 5 // not 0: the last of all

	unitShuffle = 1 // vectors; two
	unitFlip    = 3 // two
	unitMask    = 5
	unitVectors = 6
)

// Where the colours that arguments select lie in an entry of the list.
const (
	entryDiffuse = 64
	entryGloss   = 96
	entryCurrent = 160
	entryTexel   = 192
	entryFactor  = 224
	entrySecond  = 224 // from the first stage's texel to the second's
)

// general is for any operations of stages, except products of normals. It is
// false if they read what its loops have not.
func (k *kernel) general(p *Pipeline) bool {
	s := &p.State
	if p.need&needTex == 0 || s.Flat && s.specularArgument() || !k.setTexture(p, 0) {
		return false
	}
	k.k[slotFactor] = p.Params.TextureFactor
	if s.Flat {
		k.k[slotFlat] = 1
	}
	u := 0
	for i := range p.stages {
		st := &s.Stages[i]
		same := st.AlphaOp == st.ColorOp && st.AlphaArg1 == st.ColorArg1 && st.AlphaArg2 == st.ColorArg2
		mask := uint32(0xffffff)
		if same {
			mask = ^uint32(0)
		}
		if !k.unit(p, u, i, st.ColorOp, st.ColorArg1, st.ColorArg2, mask) {
			return false
		}
		if u++; !same && st.AlphaOp != OpDisable {
			if !k.unit(p, u, i, st.AlphaOp, st.AlphaArg1, st.AlphaArg2, 0xff000000) {
				return false
			}
			u++
		}
		k.wide[slotUnits+(u-1)*unitVectors][unitLast] = 1
	}
	k.wide[slotUnits+(u-1)*unitVectors][unitEnd] = 1
	st := &s.Stages[0]
	levels := p.Textures[0].count > 1 && st.Mip != FilterNone
	if p.need&(needTex<<1) != 0 {
		return k.generalDuo(p)
	}
	switch k.one, k.near = loopBilinearAny, loopNearestAny; {
	case st.Mag == st.Min && !levels:
		if k.loop = k.one; st.Mag != FilterLinear {
			k.loop = k.near
		}
		return true
	case st.Mag == FilterLinear && st.Min == FilterLinear && st.Mip == FilterPoint:
		k.loop = loopMipmappedAny
	}
	k.blended, k.choose = loopBlendedAny, true
	return true
}

// generalDuo is for two textures, both linear.
func (k *kernel) generalDuo(p *Pipeline) bool {
	k.loop = loopDualAny
	for i := range p.Textures {
		st := &p.State.Stages[i]
		if st.Mag != FilterLinear || st.Min != FilterLinear || !k.setTexture(p, i) {
			return false
		}
		switch {
		case st.Mip == FilterNone:
			k.tex[i][0][texLast] = [8]uint32{}
		case st.Mip == FilterLinear && p.Textures[i].count > 1:
			k.loop = 0
		}
	}
	k.one, k.two = loopDuoAny, true
	return true
}

// unit writes down one operation. It is false if no loop can do it.
func (k *kernel) unit(p *Pipeline, u, stage int, op Op, arg1, arg2 Arg, mask uint32) bool {
	if op < OpSelect1 || op > OpBlendCurrentAlpha {
		return false
	}
	to := k.wide[slotUnits+u*unitVectors:]
	to[0] = [8]uint32{unitOp: uint32(op)}
	texel := uint32(entryTexel + stage*entrySecond)
	reads := op == OpBlendTextureAlpha || op == OpBlendTextureAlphaPM
	for i, a := range [2]Arg{arg1, arg2} {
		reads = reads || a&15 == ArgTexture
		to[0][unitArg+i] = [...]uint32{ArgDiffuse: entryDiffuse, ArgCurrent: entryCurrent, ArgTexture: texel, ArgFactor: entryFactor, ArgSpecular: entryGloss}[a&15]
		for lane := range 8 {
			at := uint32(lane%4*4) * 0x01010101
			if to[unitShuffle+i][lane] = at + 0x03020100; a&ArgAlphaReplicate != 0 {
				to[unitShuffle+i][lane] = at + 0x03030303
			}
			if to[unitFlip+i][lane] = 0; a&ArgComplement != 0 {
				to[unitFlip+i][lane] = ^uint32(0)
			}
			to[unitMask][lane] = mask
		}
	}
	switch op {
	case OpBlendDiffuseAlpha:
		to[0][unitWeight] = entryDiffuse
	case OpBlendFactorAlpha:
		to[0][unitWeight] = entryFactor
	case OpBlendCurrentAlpha:
		to[0][unitWeight] = entryCurrent
	default:
		to[0][unitWeight] = texel
	}
	return !reads || p.need&(needTex<<stage) != 0
}
