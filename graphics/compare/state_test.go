package compare

import (
	"github.com/mmlite/mmlite/graphics/raster"
)

// What Direct3D's states are in OpenGL.

func comparison(c raster.Compare) uint32 { return glNever + uint32(c) - uint32(raster.Never) }

var factors = map[raster.Factor]uint32{
	raster.Zero: 0, raster.One: 1, raster.SrcColor: glSrcColor, raster.InvSrcColor: glOneMinusSrcColor,
	raster.SrcAlpha: glSrcAlpha, raster.InvSrcAlpha: glOneMinusSrcAlpha, raster.DestAlpha: glDstAlpha, raster.InvDestAlpha: glOneMinusDstAlpha,
	raster.DestColor: glDstColor, raster.InvDestColor: glOneMinusDstColor, raster.SrcAlphaSat: glSrcAlphaSaturate,
}

var stencilOps = map[raster.StencilOp]uint32{
	raster.StencilKeep: glKeep, raster.StencilZero: 0, raster.StencilReplace: glReplace, raster.StencilIncrSat: glIncr, raster.StencilDecrSat: glDecr,
	raster.StencilInvert: glInvert, raster.StencilIncrement: glIncrWrap, raster.StencilDecrement: glDecrWrap,
}

// states sends a pipeline's states. bias is added to the level of detail; without
// alpha none is written.
func (w *wire) states(p *raster.Pipeline, cull raster.Cull, textures [2]*texture, bias float32, alpha bool) {
	s, v := &p.State, &p.Params
	w.enable(glDepthTest, s.DepthTest)
	if s.DepthTest {
		w.depthFunc(comparison(s.DepthFunc))
		w.depthMask(s.DepthWrite)
	}
	w.enable(glAlphaTest, s.AlphaTest)
	if s.AlphaTest {
		w.alphaFunc(comparison(s.AlphaFunc), float32(v.AlphaRef)/255)
	}
	w.enable(glStencilTest, s.Stencil.Test)
	if s.Stencil.Test {
		w.stencilFunc(comparison(s.Stencil.Func), uint32(v.StencilRef), uint32(v.StencilMask))
		w.stencilOp(stencilOps[s.Stencil.Fail], stencilOps[s.Stencil.ZFail], stencilOps[s.Stencil.Pass])
		w.stencilMask(uint32(v.StencilWriteMask))
	}
	w.enable(glBlend, s.Blend)
	if s.Blend {
		switch s.SrcBlend {
		case raster.BothSrcAlpha:
			w.blendFunc(glSrcAlpha, glOneMinusSrcAlpha)
		case raster.BothInvSrcAlpha:
			w.blendFunc(glOneMinusSrcAlpha, glSrcAlpha)
		default:
			w.blendFunc(factors[s.SrcBlend], factors[s.DestBlend])
		}
	}
	w.colorMask(!s.NoColor, !s.NoColor && alpha)
	w.shadeModel(glSmooth - truth(s.Flat))
	w.enable(glColorSum, s.Specular)
	// The picture stands on its head, so what went clockwise still does in the
	// scene's coordinates, and not in OpenGL's: there y goes up.
	w.enable(glCullFace, cull != raster.CullNone)
	w.frontFace(glCCW)
	w.cullFace(glBack - truth(cull == raster.CullClockwise))
	w.fog(s, v)
	off := false
	for i := range s.Stages {
		w.activeTexture(i)
		off = off || s.Stages[i].ColorOp == raster.OpDisable
		w.enable(glTexture2D, !off)
		if !off {
			st := s.Stages[i]
			if st.ColorOp == raster.OpDotProduct3 {
				st.AlphaOp = raster.OpDisable // the product is alpha, too; OpenGL would scale it
			}
			w.stage(&st, textures[i], i)
			w.texParameterfv(glTextureBorderColor, unit(v.BorderColor[i]))
			w.texEnvfv(glFilterControl, glLODBias, [4]float32{v.LODBias[i] + bias})
			w.texEnvfv(glTextureEnv, glTextureEnvColor, unit(v.TextureFactor))
		}
	}
}

// fog: the distance is a coordinate of vertices, see fogCoordinate.
func (w *wire) fog(s *raster.State, v *raster.Params) {
	w.enable(glFog, s.Fog != raster.FogNone)
	if s.Fog == raster.FogNone {
		return
	}
	w.fogi(glFogCoordSrc, glFogCoord)
	w.fogfv(glFogColor, unit(v.FogColor))
	w.fogfv(glFogDensity, [4]float32{v.FogDensity})
	start, end := v.FogStart, v.FogEnd
	switch s.Fog {
	case raster.FogExp:
		w.fogi(glFogMode, glExp)
	case raster.FogExp2:
		w.fogi(glFogMode, glExp2)
	case raster.FogVertex:
		start, end = 1, 0
		fallthrough
	case raster.FogLinear:
		w.fogi(glFogMode, glLinear)
	}
	w.fogfv(glFogStart, [4]float32{start})
	w.fogfv(glFogEnd, [4]float32{end})
}

var addresses = map[raster.Address]uint32{
	raster.Wrap: glRepeat, raster.Mirror: glMirroredRepeat, raster.Clamp: glClampToEdge, raster.Border: glClampToBorder,
}

// stage sends a stage's operations, and the sampling of its texture.
func (w *wire) stage(st *raster.Stage, t *texture, i int) {
	name, levels := whiteTexture, 1
	if t != nil {
		name, levels = t.nameIn(i), len(t.levels)
	}
	w.bindTexture(name)
	w.texParameteri(glTextureMaxLevel, uint32(levels-1))
	w.texParameteri(glTextureWrapS, addresses[st.AddressU])
	w.texParameteri(glTextureWrapT, addresses[st.AddressV])
	w.texParameteri(glTextureMag, glNearest+truth(st.Mag == raster.FilterLinear))
	small := glNearest + truth(st.Min == raster.FilterLinear)
	switch st.Mip {
	case raster.FilterPoint:
		small += glNearestMipNearest - glNearest
	case raster.FilterLinear:
		small += glNearestMipNearest - glNearest + 2
	}
	w.texParameteri(glTextureMin, small)
	w.texEnvi(glTextureEnv, glTextureEnvMode, glCombine)
	w.combine(st.ColorOp, st.ColorArg1, st.ColorArg2, glCombineRGB, glSrc0RGB, glOperand0RGB, glRGBScale)
	w.combine(st.AlphaOp, st.AlphaArg1, st.AlphaArg2, glCombineAlpha, glSrc0Alpha, glOperand0Alpha, glAlphaScale)
}

// combine sends one operation, of colour or of alpha.
func (w *wire) combine(op raster.Op, a, b raster.Arg, mode, source, operand, scaling uint32) {
	env := func(what, v uint32) { w.texEnvi(glTextureEnv, what, v) }
	arg := func(i uint32, a raster.Arg) {
		env(source+i, argument(a))
		env(operand+i, modifier(a, operand == glOperand0Alpha))
	}
	weight := func(from uint32) {
		env(mode, glInterpolate)
		arg(0, a)
		arg(1, b)
		env(source+2, from)
		env(operand+2, glSrcAlpha)
	}
	two := func(function, by uint32) {
		env(mode, function)
		arg(0, a)
		arg(1, b)
		env(scaling, by)
	}
	env(scaling, 1)
	switch op {
	case raster.OpDisable: // of alpha only
		env(mode, glReplace)
		arg(0, raster.ArgCurrent)
	case raster.OpSelect1:
		env(mode, glReplace)
		arg(0, a)
	case raster.OpSelect2:
		env(mode, glReplace)
		arg(0, b)
	case raster.OpModulate:
		two(glModulate, 1)
	case raster.OpModulate2X:
		two(glModulate, 2)
	case raster.OpModulate4X:
		two(glModulate, 4)
	case raster.OpAdd:
		two(glAdd, 1)
	case raster.OpAddSigned:
		two(glAddSigned, 1)
	case raster.OpAddSigned2X:
		two(glAddSigned, 2)
	case raster.OpSubtract:
		two(glSubtract, 1)
	case raster.OpDotProduct3:
		if mode == glCombineRGB {
			two(glDot3RGBA, 1)
		} else {
			env(mode, glReplace) // the colour's operation gives alpha, too
			arg(0, raster.ArgCurrent)
		}
	case raster.OpAddSmooth: // (1-a)*b + a
		env(mode, glModulateAddATI)
		arg(0, a^raster.ArgComplement)
		arg(1, a)
		arg(2, b)
	case raster.OpBlendTextureAlphaPM: // b*(1-alpha) + a
		env(mode, glModulateAddATI)
		arg(0, b)
		arg(1, a)
		env(source+2, glTexture)
		env(operand+2, glOneMinusSrcAlpha)
	case raster.OpBlendDiffuseAlpha:
		weight(glPrimaryColor)
	case raster.OpBlendTextureAlpha:
		weight(glTexture)
	case raster.OpBlendFactorAlpha:
		weight(glConstant)
	case raster.OpBlendCurrentAlpha:
		weight(glPrevious)
	}
}

func argument(a raster.Arg) uint32 {
	switch a & 15 {
	case raster.ArgCurrent:
		return glPrevious
	case raster.ArgTexture:
		return glTexture
	case raster.ArgFactor:
		return glConstant
	}
	// The diffuse colour; and the specular one, which OpenGL's combiners do not
	// know: scenes that read it send it in the diffuse colour's place.
	return glPrimaryColor
}

func modifier(a raster.Arg, alpha bool) uint32 {
	m := uint32(glSrcColor)
	if alpha || a&raster.ArgAlphaReplicate != 0 {
		m = glSrcAlpha
	}
	return m + truth(a&raster.ArgComplement != 0)
}
