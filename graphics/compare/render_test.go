package compare

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
	"github.com/mmlite/mmlite/graphics/render"
)

// perform draws a play by this house's renderer, and gives the commands for Mesa.
func (p *play) perform(t *testing.T, bias float32) (*picture, []byte) {
	t.Helper()
	s := newScene(p.name)
	d := newDevice(t, &s.bank, p.format, bias)
	p.draw(d)
	return d.finish(), d.w.b
}

// TestMesaAgreesOnRenderer holds scenes that are transformed, lit, cut and put
// together by graphics/render to what Mesa draws.
func TestMesaAgreesOnRenderer(t *testing.T) {
	m := startMesa(t)
	var all table
	for _, p := range plays() {
		var got *picture
		var theirs []*picture
		for i, bias := range []float32{0, p.bound.lod, -p.bound.lod} {
			if i > 0 && p.bound.lod == 0 {
				break
			}
			mine, commands := p.perform(t, bias)
			if i == 0 {
				got = mine
			}
			picture, err := m.draw(sceneWidth, sceneHeight, commands)
			if err != nil {
				t.Fatalf("%s: %v", p.name, err)
			}
			theirs = append(theirs, picture)
		}
		all.report(t, p.name, got, theirs, p.format, &p.bound)
	}
	all.log(t)
}

// TestRendererDrawsTheSame draws the scenes of transformed triangles through the
// renderer and its chunks as well: the same bits as by the pixel loops alone.
func TestRendererDrawsTheSame(t *testing.T) {
	count := 0
	for _, s := range scenes(t) {
		if !s.forRenderer() {
			continue
		}
		count++
		d := newDevice(t, &s.bank, s.format, 0)
		d.clear(s.clear, s.z, s.bits)
		for _, b := range s.batches {
			d.apply(b)
			d.ok(d.Draw(render.TriangleList, render.XYZRHW|render.Diffuse|render.Specular|render.Tex2, memory(b.v)))
		}
		if !d.finish().same(s.rasterize(t, false, nil)) {
			t.Errorf("%s: the renderer draws another picture", s.name)
		}
	}
	if count < 250 && !testing.Short() {
		t.Errorf("only %d scenes went through the renderer", count)
	}
}

// forRenderer: Direct3D 7 has no state for drawing depth only; a target without
// alpha counts as having it in full, and a stage that lacks its texture passes on
// what came before it, which pixel loops do not know.
func (s *scene) forRenderer() bool {
	for _, b := range s.batches {
		if b.State.NoColor {
			return false
		}
		for i := range b.State.Stages {
			st := b.State.Stages[i]
			if passOn(&st.ColorOp, &st.ColorArg1, &st.ColorArg2); st != b.State.Stages[i] && b.sampled[i] == nil {
				return false
			}
		}
	}
	return s.format.HasAlpha() || s.format == blit.XRGB8888
}

// apply sets the renderer's states to those of a batch.
func (d *device) apply(b *batch) {
	d.Helper()
	s, p := &b.State, &b.Params
	set := func(state render.State, v uint32) { d.ok(d.SetState(state, v)) }
	set(render.ZEnable, truth(s.DepthTest))
	if s.DepthTest {
		set(render.ZWriteEnable, truth(s.DepthWrite))
		set(render.ZFunc, uint32(s.DepthFunc))
	}
	set(render.StencilEnable, truth(s.Stencil.Test))
	if s.Stencil.Test {
		set(render.StencilFunc, uint32(s.Stencil.Func))
		set(render.StencilFail, uint32(s.Stencil.Fail))
		set(render.StencilZFail, uint32(s.Stencil.ZFail))
		set(render.StencilPass, uint32(s.Stencil.Pass))
		set(render.StencilRef, uint32(p.StencilRef))
		set(render.StencilMask, uint32(p.StencilMask))
		set(render.StencilWriteMask, uint32(p.StencilWriteMask))
	}
	set(render.AlphaTestEnable, truth(s.AlphaTest))
	if s.AlphaTest {
		set(render.AlphaFunc, uint32(s.AlphaFunc))
		set(render.AlphaRef, uint32(p.AlphaRef))
	}
	set(render.AlphaBlendEnable, truth(s.Blend))
	if s.Blend {
		set(render.SrcBlend, uint32(s.SrcBlend))
		set(render.DestBlend, uint32(s.DestBlend))
	}
	set(render.ShadeMode, render.ShadeGouraud-truth(s.Flat))
	set(render.SpecularEnable, truth(s.Specular))
	set(render.CullMode, uint32(b.cull))
	set(render.TextureFactor, p.TextureFactor)
	set(render.FogEnable, truth(s.Fog != raster.FogNone))
	set(render.FogTableMode, render.FogNone)
	if s.Fog != raster.FogNone && s.Fog != raster.FogVertex {
		set(render.FogTableMode, uint32(s.Fog))
		set(render.FogStart, math.Float32bits(p.FogStart))
		set(render.FogEnd, math.Float32bits(p.FogEnd))
		set(render.FogDensity, math.Float32bits(p.FogDensity))
	}
	set(render.FogColor, p.FogColor)
	m := ortho(2, 0, 1)
	if s.FogByW {
		m = perspective(1, 1, 10)
	}
	d.matrix(render.Projection, m)
	for i := range s.Stages {
		d.applyStage(b, i)
	}
}

func (d *device) applyStage(b *batch, i int) {
	d.Helper()
	st := &b.State.Stages[i]
	d.ok(d.SetTexture(i, nil))
	if b.sampled[i] != nil {
		d.bind(i, b.sampled[i])
	}
	d.stage(i, uint32(render.ColorOp), uint32(st.ColorOp), uint32(render.AlphaOp), uint32(st.AlphaOp),
		uint32(render.ColorArg1), uint32(st.ColorArg1), uint32(render.ColorArg2), uint32(st.ColorArg2),
		uint32(render.AlphaArg1), uint32(st.AlphaArg1), uint32(render.AlphaArg2), uint32(st.AlphaArg2),
		uint32(render.TexCoordIndex), uint32(st.Coord), uint32(render.AddressU), uint32(st.AddressU), uint32(render.AddressV), uint32(st.AddressV),
		uint32(render.MagFilter), uint32(st.Mag)-1, uint32(render.MinFilter), uint32(st.Min)-1, uint32(render.MipFilter), uint32(st.Mip),
		uint32(render.BorderColor), b.Params.BorderColor[i], uint32(render.LODBias), math.Float32bits(b.Params.LODBias[i]))
}
