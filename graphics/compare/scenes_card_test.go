package compare

import (
	"fmt"
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/render"
)

// cardPlays: any states of the whole pipeline together.
func cardPlays(add player) {
	for n := range 40 {
		f := formats[1+n%5]
		p := add(fmt.Sprintf("card-%d", n), func(d *device) {
			r := d.r
			d.clear(r.Uint32(), 1, 2)
			d.look(2.5+r.Float32()*2, 0, 0)
			if r.IntN(4) == 0 {
				x, y := uint32(r.IntN(60)), uint32(r.IntN(40))
				d.ok(d.SetViewport(graphics.Viewport{X: x, Y: y, Width: 30 + uint32(r.IntN(70)), Height: 30 + uint32(r.IntN(50)), MinZ: 0.1, MaxZ: 0.8}))
			}
			smoothOne, noiseOne := d.make(d, 32, 64, true, formats[r.IntN(len(formats))], smooth), d.make(d, 8, 4, false, formats[r.IntN(len(formats))], noise)
			d.matrix(render.Texture1, matrix{{1.3, 0.4, 0, 0}, {-0.5, 0.9, 0, 0}, {0.2, 0.7, 1, 0}, {0, 0, 0, 1}})
			d.solid(d.torus(6, 1, 0.5)) // something to blend with
			for range 3 {
				d.anyLights()
				d.anyPixels()
				d.stage(0, colorOp, 1)
				if r.IntN(3) > 0 {
					d.anyStage(0, smoothOne, 2)
					d.stage(1, colorOp, 1)
					if r.IntN(2) == 0 {
						d.anyStage(1, noiseOne, 1)
						d.stage(1, uint32(render.TexCoordIndex), uint32(r.IntN(2)), uint32(render.TransformFlags), uint32(r.IntN(2))*render.TransformCount2)
					}
				}
				at := move(between(r, -0.8, 0.8), between(r, -0.8, 0.8), between(r, -1.5, 1))
				d.matrix(render.World, turn(6*r.Float64(), 6*r.Float64()).times(at))
				d.plane(3, graphics.Plane{A: between(r, -1, 1), B: between(r, -1, 1), C: between(r, -1, 1), D: between(r, -0.2, 1)})
				d.set(uint32(render.ClipPlaneEnable), uint32(r.IntN(2))<<3)
				if r.IntN(2) == 0 {
					d.solid(d.torus(14, 0.9, 0.4))
				} else {
					d.solid(d.sphere(12, 0.9))
				}
			}
		})
		p.format = f
		p.bound.channel = 4
	}
}

func (d *device) anyLights() {
	r := d.r
	for i := range d.lights {
		d.ok(d.EnableLight(i, false))
		d.shining[i] = false
	}
	d.set(lighting, 0)
	if r.IntN(3) == 0 {
		return
	}
	color := func() graphics.Color {
		return graphics.Color{R: r.Float32() / 2, G: r.Float32() / 2, B: r.Float32() / 2, A: r.Float32()}
	}
	var all []graphics.Light
	for range r.IntN(4) {
		l := graphics.Light{Type: graphics.LightType(1 + r.IntN(3)), Diffuse: color(), Specular: color(), Ambient: color(), Phi: math.Pi, Falloff: 3 * r.Float32(), Attenuation0: 0.7, Attenuation1: r.Float32() / 3}
		l.Position = graphics.Vector{X: between(r, -3, 3), Y: between(r, -3, 3), Z: -2.5}
		l.Direction = graphics.Vector{X: between(r, -1, 1), Y: between(r, -1, 1), Z: 1}
		all = append(all, l)
	}
	d.lit(all...)
	d.set(uint32(render.SpecularEnable), uint32(r.IntN(2)), uint32(render.LocalViewer), uint32(r.IntN(2)), uint32(render.Ambient), r.Uint32()>>2&0x3f3f3f)
	d.SetMaterial(graphics.Material{Diffuse: color(), Ambient: color(), Specular: color(), Emissive: color(), Power: 0.5 + 20*r.Float32()})
	if r.IntN(2) == 0 {
		d.set(uint32(render.ColorVertex), 1)
		for _, s := range sources {
			d.set(uint32(s.state), render.FromMaterial)
		}
		d.set(uint32(sources[r.IntN(len(sources))].state), 1+uint32(r.IntN(2)))
	}
}

// anyPixels: states of depth, alpha, stencil, blending, fog. There is no fog over
// specular colours, see scene.dim; and fog of vertices is linear, within its
// bounds, see fogPlays.
func (d *device) anyPixels() {
	r := d.r
	d.set(shadeMode, 1+uint32(r.IntN(4)+2)/3, cullMode, 1+uint32(r.IntN(3)), uint32(render.ZWriteEnable), uint32(r.IntN(2)), uint32(render.ZFunc), []uint32{4, 4, 2, 8, 7}[r.IntN(5)])
	d.set(uint32(render.AlphaTestEnable), uint32(r.IntN(2)), uint32(render.AlphaFunc), 5+2*uint32(r.IntN(2)), uint32(render.AlphaRef), uint32(r.IntN(256)))
	d.set(uint32(render.AlphaBlendEnable), uint32(r.IntN(2)), uint32(render.SrcBlend), 1+uint32(r.IntN(13)), uint32(render.DestBlend), 1+uint32(r.IntN(11)))
	d.set(uint32(render.StencilEnable), uint32(r.IntN(3)/2), uint32(render.StencilFunc), 2+uint32(r.IntN(7)), uint32(render.StencilRef), uint32(r.IntN(5)))
	for s := render.StencilFail; s <= render.StencilPass; s++ {
		d.set(uint32(s), 1+uint32(r.IntN(8)))
	}
	d.set(uint32(render.FogEnable), 0, uint32(render.FogTableMode), 0, uint32(render.FogVertexMode), 0)
	if d.value(render.SpecularEnable) == 0 && r.IntN(3) == 0 {
		if r.IntN(2) == 0 {
			d.foggy(render.FogTableMode, 1+uint32(r.IntN(3)), 2, 5, 0.25)
		} else {
			d.foggy(render.FogVertexMode, render.FogLinear, 0, 9, 0)
		}
	}
}

func (d *device) anyStage(i int, t *texture, filter uint32) {
	r := d.r
	d.bind(i, t)
	op := func() uint32 { return uint32((&scene{bank: *d.bank}).anyOp()) }
	arg := func() uint32 { return uint32(r.IntN(4)) | uint32(r.IntN(4))<<4 }
	d.set(uint32(render.TextureFactor), r.Uint32())
	d.stage(i, colorOp, op(), alphaOp, op(), colorArg1, arg(), colorArg2, arg(), uint32(render.AlphaArg1), arg(), uint32(render.AlphaArg2), arg())
	d.stage(i, uint32(render.AddressU), 1+uint32(r.IntN(3)), uint32(render.AddressV), 1+uint32(r.IntN(3)), uint32(render.MagFilter), filter, uint32(render.MinFilter), filter)
}
