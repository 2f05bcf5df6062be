package compare

import (
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/raster"
	"github.com/mmlite/mmlite/graphics/render"
)

func (d *device) value(s render.State) uint32 {
	d.Helper()
	v, err := d.StateValue(s)
	d.ok(err)
	return v
}

func (d *device) on(s render.State) bool { return d.value(s) != 0 }

func (d *device) float(s render.State) float32 { return math.Float32frombits(d.value(s)) }

func (d *device) stageValue(i int, s render.StageState) uint32 {
	d.Helper()
	v, err := d.StageStateValue(i, s)
	d.ok(err)
	return v
}

func (d *device) transform(t render.Transform) matrix {
	d.Helper()
	m, err := d.Transform(t)
	d.ok(err)
	return fromCard(m)
}

// pipeline is the states of pixels, for wire.states.
func (d *device) pipeline() (p raster.Pipeline) {
	s, v := &p.State, &p.Params
	s.DepthTest, s.DepthWrite, s.DepthFunc = d.on(render.ZEnable), d.on(render.ZWriteEnable), raster.Compare(d.value(render.ZFunc))
	s.Stencil = raster.Stencil{Test: d.on(render.StencilEnable), Func: raster.Compare(d.value(render.StencilFunc)), Fail: raster.StencilOp(d.value(render.StencilFail)),
		ZFail: raster.StencilOp(d.value(render.StencilZFail)), Pass: raster.StencilOp(d.value(render.StencilPass))}
	v.StencilRef, v.StencilMask, v.StencilWriteMask = uint8(d.value(render.StencilRef)), uint8(d.value(render.StencilMask)), uint8(d.value(render.StencilWriteMask))
	s.AlphaTest, s.AlphaFunc, v.AlphaRef = d.on(render.AlphaTestEnable), raster.Compare(d.value(render.AlphaFunc)), uint8(d.value(render.AlphaRef))
	s.Blend, s.SrcBlend, s.DestBlend = d.on(render.AlphaBlendEnable), raster.Factor(d.value(render.SrcBlend)), raster.Factor(d.value(render.DestBlend))
	s.Flat, s.Specular = d.value(render.ShadeMode) == render.ShadeFlat, d.on(render.SpecularEnable)
	v.TextureFactor, v.FogColor = d.value(render.TextureFactor), d.value(render.FogColor)
	v.FogStart, v.FogEnd, v.FogDensity = d.float(render.FogStart), d.float(render.FogEnd), d.float(render.FogDensity)
	if d.on(render.FogEnable) {
		s.Fog, s.FogByW = raster.FogVertex, true
		if mode := max(d.value(render.FogTableMode), d.value(render.FogVertexMode)); mode != render.FogNone {
			s.Fog = raster.Fog(mode)
		}
	}
	for i := range s.Stages {
		get := func(s render.StageState) uint32 { return d.stageValue(i, s) }
		s.Stages[i] = raster.Stage{
			ColorOp: raster.Op(get(render.ColorOp)), AlphaOp: raster.Op(get(render.AlphaOp)),
			ColorArg1: raster.Arg(get(render.ColorArg1)), ColorArg2: raster.Arg(get(render.ColorArg2)),
			AlphaArg1: raster.Arg(get(render.AlphaArg1)), AlphaArg2: raster.Arg(get(render.AlphaArg2)),
			AddressU: raster.Address(get(render.AddressU)), AddressV: raster.Address(get(render.AddressV)), Coord: uint8(i),
			Mag: raster.Filter(get(render.MagFilter) + 1), Min: raster.Filter(get(render.MinFilter) + 1), Mip: raster.Filter(get(render.MipFilter)),
		}
		if d.bound[i] == nil {
			st := &s.Stages[i]
			passOn(&st.ColorOp, &st.ColorArg1, &st.ColorArg2)
			passOn(&st.AlphaOp, &st.AlphaArg1, &st.AlphaArg2)
		}
		v.BorderColor[i], v.LODBias[i] = get(render.BorderColor), math.Float32frombits(get(render.LODBias))
	}
	return p
}

// passOn is what an operation does that would read a texture that is not there:
// OpenGL would call it incomplete, Direct3D 7's drivers passed on what came before.
func passOn(op *raster.Op, a, b *raster.Arg) {
	texture := func(a raster.Arg) bool { return a&15 == raster.ArgTexture }
	switch {
	case *op <= raster.OpDisable, *op == raster.OpSelect1 && !texture(*a), *op == raster.OpSelect2 && !texture(*b):
		return
	case *op != raster.OpBlendTextureAlpha && *op != raster.OpBlendTextureAlphaPM && !texture(*a) && !texture(*b):
		return
	}
	*op, *a = raster.OpSelect1, raster.ArgCurrent
}

// send sends the states of pixels.
func (d *device) send(p *raster.Pipeline) {
	d.Helper()
	v := d.Viewport()
	d.w.states(p, raster.Cull(d.value(render.CullMode)), d.bound, d.bias, d.surface.Format.HasAlpha())
	d.w.enable(glScissorTest, v.Width != sceneWidth || v.Height != sceneHeight)
	d.w.scissor(int(v.X), int(v.Y), int(v.Width), int(v.Height))
	d.w.polygonMode(glPointMode + d.value(render.FillMode) - render.FillPoint)
	d.w.depthRange(v.MinZ, v.MaxZ)
	if p.State.Fog != raster.FogNone && p.State.Fog != raster.FogVertex && !d.byRange() {
		d.w.fogi(glFogCoordSrc, glFragmentDepth)
	}
}

// byRange says that fog is reckoned by the distance from the viewer, which
// OpenGL is given with each vertex.
func (d *device) byRange() bool {
	return d.on(render.FogEnable) && d.on(render.RangeFogEnable) && d.value(render.FogVertexMode) != render.FogNone
}

// distance is that of a vertex.
func (d *device) distance(c *corner) float32 {
	m := d.transform(render.World).times(d.transform(render.View))
	var s float64
	for j := range 3 {
		x := float64(m[3][j])
		for i := range 3 {
			x += float64(c.at[i]) * float64(m[i][j])
		}
		s += x * x
	}
	return float32(math.Sqrt(s))
}

// onTarget is what the viewport does, as a matrix after the projection: from
// Direct3D's clip coordinates to OpenGL's, where z/w runs from -1, centres lie at
// a half, the first row is the lowest, and a margin surrounds the picture.
func (d *device) onTarget() matrix {
	v := d.Viewport()
	const across, down = sceneWidth + 2*margin, sceneHeight + 2*margin
	w, h := float32(v.Width), float32(v.Height)
	return matrix{
		{w / across, 0, 0, 0},
		{0, -h / down, 0, 0},
		{0, 0, 2, 0},
		{2*(float32(v.X)+w/2+margin+0.5)/across - 1, 2*(float32(v.Y)+h/2+margin+0.5)/down - 1, -1, 1},
	}
}

// sendMatrices sends all matrices, and planes in world coordinates.
func (d *device) sendMatrices() {
	d.Helper()
	world, view, project := d.transform(render.World), d.transform(render.View), d.transform(render.Projection)
	project = flip.times(project).times(d.onTarget())
	d.w.matrix(glProjection, &project)
	eye := view.times(flip)
	d.w.matrix(glModelView, &eye)
	for i, p := range d.planes {
		on := d.value(render.ClipPlaneEnable)>>i&1 != 0
		d.w.enable(glClipPlane0+uint32(i), on)
		if on {
			d.w.clipPlane(glClipPlane0+uint32(i), [4]float32{p.A, p.B, p.C, p.D})
		}
	}
	model := world.times(eye)
	d.w.matrix(glModelView, &model)
	for i := range 2 {
		d.w.activeTexture(i)
		m := d.textureMatrix(i)
		d.w.matrix(glTextureMatrix, &m)
		mode, made := made[d.stageValue(i, render.TexCoordIndex)&^0xffff]
		for k := range uint32(3) {
			d.w.enable(glTextureGenS+k, made)
			if made {
				d.w.texGeni(glS+k, glTextureGenMode, mode)
			}
		}
	}
}

// made is how coordinates are made up. Of positions there are two numbers: the
// planes that make up the others are none.
var made = map[uint32]uint32{render.CoordCameraNormal: glNormalMap, render.CoordCameraPosition: glEyeLinear, render.CoordCameraReflection: glReflectionMap}

// textureMatrix is a stage's matrix for coordinates that end with 1, 1, as those
// of vertices do in device.draw.
func (d *device) textureMatrix(i int) matrix {
	flags := d.stageValue(i, render.TransformFlags)
	if flags == render.TransformOff {
		return identity
	}
	m := d.transform(render.Texture0 + render.Transform(i))
	if d.stageValue(i, render.TexCoordIndex)>>16 != 0 {
		// Made up: three numbers, the third against OpenGL's, and a one.
		m = flip.times(m)
		for k := range m {
			m[k][3] = identity[k][3]
		}
		return m
	}
	// Direct3D has two numbers and a one, and divides, if at all, by the third.
	m[3] = [4]float32{}
	for k := range m {
		m[k][3] = 0
		if flags&render.Projected != 0 {
			m[k][3] = m[k][2]
		}
	}
	if flags&render.Projected == 0 {
		m[2][3] = 1
	}
	return m
}

// secondSource says that the material takes colours from the second one.
func (d *device) secondSource() bool {
	for _, s := range sources {
		if d.value(s.state) == render.FromColor2 && d.on(render.ColorVertex) && d.on(render.Lighting) {
			return true
		}
	}
	return false
}

var sources = []struct {
	state render.State
	mode  uint32
}{{render.AmbientSource, glAmbient}, {render.DiffuseSource, glDiffuse}, {render.SpecularSource, glSpecular}, {render.EmissiveSource, glEmission}}

// sendLights sends lights, which are in world coordinates, and the material.
func (d *device) sendLights() {
	d.Helper()
	w := &d.w
	w.enable(glLighting, d.on(render.Lighting))
	if !d.on(render.Lighting) {
		return
	}
	world, view := d.transform(render.World), d.transform(render.View)
	eye := view.times(flip)
	w.matrix(glModelView, &eye)
	four := func(c graphics.Color) [4]float32 { return [4]float32{c.R, c.G, c.B, c.A} }
	for i, l := range d.lights {
		w.enable(glLight0+uint32(i), d.shining[i])
		if d.shining[i] {
			d.sendLight(glLight0+uint32(i), &l)
		}
	}
	model := world.times(eye)
	w.matrix(glModelView, &model)
	w.enable(glNormalize, d.on(render.NormalizeNormals))
	w.lightModelfv(glLightModelAmbient, unit(d.value(render.Ambient)))
	w.lightModeli(glLightModelLocal, d.value(render.LocalViewer))
	w.lightModeli(glLightModelColor, glSeparateSpecular)
	m := d.Material()
	w.enable(glColorMaterial, false)
	for i, c := range []graphics.Color{m.Ambient, m.Diffuse, m.Specular, m.Emissive} {
		w.materialfv([]uint32{glAmbient, glDiffuse, glSpecular, glEmission}[i], four(c))
	}
	w.materialfv(glShininess, [4]float32{m.Power})
	if !d.on(render.ColorVertex) {
		return
	}
	// OpenGL has one colour for one part of the material, or for two of them.
	mode := uint32(0)
	for _, s := range sources {
		if d.value(s.state) == render.FromMaterial {
			continue
		}
		switch {
		case mode == 0:
			mode = s.mode
		case mode == glAmbient && s.mode == glDiffuse:
			mode = glAmbientAndDiffuse
		default:
			d.Fatal("OpenGL cannot take these parts of a material from vertices")
		}
	}
	if mode != 0 {
		w.colorMaterial(mode)
		w.enable(glColorMaterial, true)
	}
}

func (d *device) sendLight(name uint32, l *graphics.Light) {
	w := &d.w
	four := func(c graphics.Color) [4]float32 { return [4]float32{c.R, c.G, c.B, c.A} }
	w.lightfv(name, glAmbient, four(l.Ambient))
	w.lightfv(name, glDiffuse, four(l.Diffuse))
	specular := four(l.Specular)
	if !d.on(render.SpecularEnable) {
		specular = [4]float32{}
	}
	w.lightfv(name, glSpecular, specular)
	if l.Type == graphics.DirectionalLight {
		w.lightfv(name, glPosition, [4]float32{-l.Direction.X, -l.Direction.Y, -l.Direction.Z, 0})
	} else {
		w.lightfv(name, glPosition, [4]float32{l.Position.X, l.Position.Y, l.Position.Z, 1})
	}
	for i, a := range []float32{l.Attenuation0, l.Attenuation1, l.Attenuation2} {
		if l.Type == graphics.DirectionalLight {
			a = [3]float32{1, 0, 0}[i]
		}
		w.lightfv(name, glAttenuation+uint32(i), [4]float32{a})
	}
	exponent, cutoff := float32(0), float32(180)
	if l.Type == graphics.SpotLight {
		w.lightfv(name, glSpotDirection, [4]float32{l.Direction.X, l.Direction.Y, l.Direction.Z})
		// The two kinds of cones that both know: a sharp one, and a power of the
		// cosine from the axis to a right angle.
		switch {
		case l.Theta == l.Phi:
			cutoff = l.Phi / 2 * 180 / math.Pi
		case l.Theta == 0 && l.Phi == math.Pi:
			exponent, cutoff = l.Falloff, 90
		default:
			d.Fatal("OpenGL has no such cone")
		}
	}
	w.lightfv(name, glSpotExponent, [4]float32{exponent})
	w.lightfv(name, glSpotCutoff, [4]float32{cutoff})
}
