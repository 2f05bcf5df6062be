package compare

import (
	"encoding/binary"
	"math"
)

// wire collects commands for gl/glscene.c, under the names that OpenGL has for
// them. See there for what each takes.
type wire struct{ b []byte }

func (w *wire) words(v ...uint32) {
	for _, x := range v {
		w.b = binary.NativeEndian.AppendUint32(w.b, x)
	}
}

func (w *wire) floats(v ...float32) {
	for _, x := range v {
		w.words(math.Float32bits(x))
	}
}

func (w *wire) beginScene(width, height, margin int) {
	w.words(1, uint32(width), uint32(height), uint32(margin))
	w.bindTexture(whiteTexture)
	w.texImage(0, glRGBA8, 1, 1, glBGRA, glInt8888Rev, []byte{255, 255, 255, 255})
}
func (w *wire) endScene() { w.words(2) }
func (w *wire) clear(color uint32, z float32, stencil uint8) {
	w.words(3, color)
	w.floats(z)
	w.words(uint32(stencil))
}

// enable switches a capability.
func (w *wire) enable(what uint32, on bool) {
	if on {
		w.words(4, what)
	} else {
		w.words(5, what)
	}
}

func (w *wire) blendFunc(src, dst uint32) { w.words(6, src, dst) }
func (w *wire) depthFunc(f uint32)        { w.words(7, f) }
func (w *wire) depthMask(on bool)         { w.words(8, truth(on)) }
func (w *wire) alphaFunc(f uint32, ref float32) {
	w.words(9, f)
	w.floats(ref)
}
func (w *wire) stencilFunc(f, ref, mask uint32)    { w.words(10, f, ref, mask) }
func (w *wire) stencilOp(fail, zfail, pass uint32) { w.words(11, fail, zfail, pass) }
func (w *wire) stencilMask(m uint32)               { w.words(12, m) }
func (w *wire) shadeModel(m uint32)                { w.words(13, m) }
func (w *wire) cullFace(f uint32)                  { w.words(14, f) }
func (w *wire) frontFace(f uint32)                 { w.words(15, f) }
func (w *wire) colorMask(rgb, alpha bool)          { w.words(16, truth(rgb), truth(alpha)) }
func (w *wire) fogfv(what uint32, v [4]float32) {
	w.words(17, what)
	w.floats(v[:]...)
}
func (w *wire) fogi(what, v uint32)            { w.words(18, what, v) }
func (w *wire) activeTexture(i int)            { w.words(19, uint32(i)) }
func (w *wire) texEnvi(target, what, v uint32) { w.words(20, target, what, v) }
func (w *wire) texEnvfv(target, what uint32, v [4]float32) {
	w.words(21, target, what)
	w.floats(v[:]...)
}
func (w *wire) bindTexture(name int)         { w.words(22, uint32(name)) }
func (w *wire) texParameteri(what, v uint32) { w.words(23, what, v) }
func (w *wire) texParameterfv(what uint32, v [4]float32) {
	w.words(24, what)
	w.floats(v[:]...)
}
func (w *wire) texImage(level int, internal uint32, width, height int, format, kind uint32, data []byte) {
	w.words(25, uint32(level), internal, uint32(width), uint32(height), format, kind, uint32(len(data)))
	w.b = append(w.b, data...)
}

// vertex is one of OpenGL's, before its transformation.
type vertex struct {
	position [4]float32
	normal   [3]float32
	color    [4]float32
	second   [3]float32
	fog      float32
	tex      [2][4]float32
}

func (w *wire) draw(primitive uint32, index []uint16, v []vertex) {
	w.words(27, primitive, uint32(len(index)), uint32(len(v)))
	for _, i := range index {
		w.words(uint32(i))
	}
	for i := range v {
		p := &v[i]
		w.floats(p.position[:]...)
		w.floats(p.normal[:]...)
		w.floats(p.color[:]...)
		w.floats(p.second[:]...)
		w.floats(p.fog)
		w.floats(p.tex[0][:]...)
		w.floats(p.tex[1][:]...)
	}
}

func (w *wire) matrix(which uint32, m *matrix) {
	w.words(26, which)
	for i := range m {
		w.floats(m[i][:]...) // rows of what is multiplied from the left are OpenGL's columns
	}
}
func (w *wire) lightfv(light, what uint32, v [4]float32) {
	w.words(28, light, what)
	w.floats(v[:]...)
}
func (w *wire) materialfv(what uint32, v [4]float32) {
	w.words(29, glFrontAndBack, what)
	w.floats(v[:]...)
}
func (w *wire) lightModelfv(what uint32, v [4]float32) {
	w.words(30, what)
	w.floats(v[:]...)
}
func (w *wire) lightModeli(what, v uint32) { w.words(31, what, v) }
func (w *wire) clipPlane(plane uint32, v [4]float32) {
	w.words(32, plane)
	w.floats(v[:]...)
}
func (w *wire) colorMaterial(mode uint32)    { w.words(33, glFrontAndBack, mode) }
func (w *wire) depthRange(near, far float32) { w.words(36); w.floats(near, far) }
func (w *wire) scissor(x, y, width, height int) {
	w.words(37, uint32(x), uint32(y), uint32(width), uint32(height))
}
func (w *wire) polygonMode(m uint32)               { w.words(38, m) }
func (w *wire) texGeni(coordinate, what, v uint32) { w.words(39, coordinate, what, v) }

func truth(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// unit is a colour in ARGB8888 as red, green, blue and alpha from 0 to 1.
func unit(c uint32) [4]float32 {
	f := func(sh int) float32 { return float32(c>>sh&255) / 255 }
	return [4]float32{f(16), f(8), f(0), f(24)}
}

// OpenGL's numbers.
const (
	glPoints             = 0
	glLines              = 1
	glLineStrip          = 3
	glTriangles          = 4
	glTriangleStrip      = 5
	glTriangleFan        = 6
	glNever              = 0x200 // the eight comparisons, in Direct3D's order
	glFront              = 0x404
	glBack               = 0x405
	glCW                 = 0x900
	glCCW                = 0x901
	glFog                = 0xb60
	glFogDensity         = 0xb62
	glFogStart           = 0xb63
	glFogEnd             = 0xb64
	glFogMode            = 0xb65
	glFogColor           = 0xb66
	glDepthTest          = 0xb71
	glStencilTest        = 0xb90
	glAlphaTest          = 0xbc0
	glBlend              = 0xbe2
	glCullFace           = 0xb44
	glExp                = 0x800
	glExp2               = 0x801
	glLinear             = 0x2601
	glNearest            = 0x2600
	glNearestMipNearest  = 0x2700
	glFlat               = 0x1d00
	glSmooth             = 0x1d01
	glKeep               = 0x1e00
	glReplace            = 0x1e01
	glIncr               = 0x1e02
	glDecr               = 0x1e03
	glInvert             = 0x150a
	glIncrWrap           = 0x8507
	glDecrWrap           = 0x8508
	glTexture2D          = 0xde1
	glTextureBorderColor = 0x1004
	glTextureMag         = 0x2800
	glTextureMin         = 0x2801
	glTextureWrapS       = 0x2802
	glTextureWrapT       = 0x2803
	glTextureMaxLevel    = 0x813d
	glRepeat             = 0x2901
	glClampToBorder      = 0x812d
	glClampToEdge        = 0x812f
	glMirroredRepeat     = 0x8370
	glTextureEnv         = 0x2300
	glTextureEnvMode     = 0x2200
	glTextureEnvColor    = 0x2201
	glFilterControl      = 0x8500
	glLODBias            = 0x8501
	glCombine            = 0x8570
	glCombineRGB         = 0x8571
	glCombineAlpha       = 0x8572
	glRGBScale           = 0x8573
	glAlphaScale         = 0xd1c
	glAddSigned          = 0x8574
	glInterpolate        = 0x8575
	glConstant           = 0x8576
	glPrimaryColor       = 0x8577
	glPrevious           = 0x8578
	glTexture            = 0x1702
	glModulate           = 0x2100
	glAdd                = 0x104
	glSubtract           = 0x84e7
	glDot3RGBA           = 0x86af
	glModulateAddATI     = 0x8744
	glSrc0RGB            = 0x8580
	glSrc0Alpha          = 0x8588
	glOperand0RGB        = 0x8590
	glOperand0Alpha      = 0x8598
	glSrcColor           = 0x300
	glOneMinusSrcColor   = 0x301
	glSrcAlpha           = 0x302
	glOneMinusSrcAlpha   = 0x303
	glDstAlpha           = 0x304
	glOneMinusDstAlpha   = 0x305
	glDstColor           = 0x306
	glOneMinusDstColor   = 0x307
	glSrcAlphaSaturate   = 0x308
	glColorSum           = 0x8458
	glFogCoordSrc        = 0x8450
	glFogCoord           = 0x8451
	glRGB                = 0x1907
	glBGRA               = 0x80e1
	glRGB5               = 0x8050
	glRGB8               = 0x8051
	glRGBA4              = 0x8056
	glRGBA8              = 0x8058
	glShort565           = 0x8363
	glShort4444Rev       = 0x8365
	glShort1555Rev       = 0x8366
	glInt8888Rev         = 0x8367
	glFragmentDepth      = 0x8452
	glAmbientAndDiffuse  = 0x1602
	glFrontAndBack       = 0x408
	glAmbient            = 0x1200
	glDiffuse            = 0x1201
	glSpecular           = 0x1202
	glPosition           = 0x1203
	glSpotDirection      = 0x1204
	glSpotExponent       = 0x1205
	glSpotCutoff         = 0x1206
	glAttenuation        = 0x1207 // constant, linear, quadratic
	glEmission           = 0x1600
	glShininess          = 0x1601
	glLightModelLocal    = 0xb51
	glLightModelAmbient  = 0xb53
	glLightModelColor    = 0x81f8
	glSeparateSpecular   = 0x81fa
	glLighting           = 0xb50
	glColorMaterial      = 0xb57
	glNormalize          = 0xba1
	glLight0             = 0x4000
	glClipPlane0         = 0x3000
	glModelView          = 0x1700
	glProjection         = 0x1701
	glTextureMatrix      = 0x1702
	glScissorTest        = 0xc11
	glTextureGenS        = 0xc60
	glTextureGenMode     = 0x2500
	glS                  = 0x2000
	glEyeLinear          = 0x2400
	glNormalMap          = 0x8511
	glReflectionMap      = 0x8512
	glPointMode          = 0x1b00 // and line, fill
	glDXT1               = 0x83f1 // with alpha, and DXT3, DXT5
)
