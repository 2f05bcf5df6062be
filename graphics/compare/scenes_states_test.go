package compare

import (
	"fmt"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
	"github.com/mmlite/mmlite/graphics/render"
)

func (d *device) foggy(mode render.State, f uint32, start, end, density float32) {
	d.Helper()
	d.set(uint32(render.FogEnable), 1, uint32(mode), f, uint32(render.FogColor), 0x8090a0)
	d.setFloat(render.FogStart, start)
	d.setFloat(render.FogEnd, end)
	d.setFloat(render.FogDensity, density)
}

func fogPlays(add player) {
	for f := uint32(render.FogExp); f <= render.FogLinear; f++ {
		for _, lit := range []bool{false, true} {
			// Vertex fog is interpolated, Mesa's is each pixel's: a fine mesh keeps
			// them together.
			add(fmt.Sprintf("fog-vertices-%s-lit=%t", fogName[f], lit), func(d *device) {
				d.look(3.2, 0.5, 0.4)
				if lit {
					d.lit(sun)
				}
				d.foggy(render.FogVertexMode, f, 2, 6, 0.25)
				d.solid(d.torus(48, 1.2, 0.5))
			})
			add(fmt.Sprintf("fog-table-w-%s-lit=%t", fogName[f], lit), func(d *device) {
				d.look(3.2, 0.5, 0.4)
				if lit {
					d.lit(sun)
				}
				d.foggy(render.FogTableMode, f, 2.5, 5, 0.25)
				d.solid(d.torus(9, 1.2, 0.5))
			})
		}
	}
	for f := uint32(render.FogExp); f <= render.FogLinear; f++ {
		add(fmt.Sprintf("fog-range-%s", fogName[f]), func(d *device) {
			d.look(3.2, 0.5, 0.4)
			d.matrix(render.Projection, perspective(2, 0.5, 50))
			d.foggy(render.FogVertexMode, f, 1, 6, 0.25)
			d.set(uint32(render.RangeFogEnable), 1)
			d.solid(d.wall(40, 12, 1))
		})
	}
	add("fog-table-w-wall", func(d *device) {
		d.look(3.2, 1.2, 0.1)
		d.set(cullMode, render.CullNone)
		d.foggy(render.FogTableMode, render.FogLinear, 2.5, 9, 0)
		d.solid(d.wall(3, 9, 0))
	})
	add("fog-of-vertices", func(d *device) {
		d.look(3.2, 0.5, 0.4)
		d.foggy(render.FogVertexMode, render.FogNone, 0, 1, 0)
		d.solid(d.torus(12, 1.2, 0.5))
	})
}

const colorOp, colorArg1, colorArg2, alphaOp = uint32(render.ColorOp), uint32(render.ColorArg1), uint32(render.ColorArg2), uint32(render.AlphaOp)

func texturePlays(add player) {
	filters := func(d *device, stage int, f uint32, mip uint32) {
		d.stage(stage, uint32(render.MagFilter), f, uint32(render.MinFilter), f, uint32(render.MipFilter), mip)
	}
	for c := render.DXT1; c <= render.DXT5; c++ {
		for f := uint32(1); f <= 2; f++ {
			p := add(fmt.Sprintf("texture-dxt%d-filter=%d", 2*c-1, f), func(d *device) {
				d.look(3.2, 0.5, 0.4)
				d.bind(0, d.blocks(32, c))
				d.stage(0, colorOp, 2, alphaOp, 2)
				d.set(uint32(render.AlphaBlendEnable), 1, uint32(render.SrcBlend), 5, uint32(render.DestBlend), 6)
				filters(d, 0, f, 1)
				d.solid(d.torus(16, 1.2, 0.6))
			})
			if f == 2 {
				p.bound.channel = 4
			}
		}
	}
	for f := uint32(1); f <= 2; f++ {
		for mip := uint32(1); mip <= 3; mip++ {
			p := add(fmt.Sprintf("texture-filter=%d-mip=%d", f, mip), func(d *device) {
				d.look(3.2, 0.5, 0.4)
				d.bind(0, d.make(d, 64, 64, true, blit.RGB565, smooth))
				filters(d, 0, f, mip)
				d.solid(d.wall(8, 5, 0.4))
			})
			p.bound.channel = 4
			if mip > 1 {
				p.bound.lod = 0.1
			}
		}
	}
	rows := matrix{{1.3, 0.4, 0.03, 0}, {-0.5, 0.9, 0.05, 0}, {0.2, 0.7, 1.1, 0}, {0.4, 0.1, 0, 1}}
	for _, m := range []struct {
		name               string
		coordinates, flags uint32
	}{
		{"matrix", 0, render.TransformCount2}, {"matrix-projected", 0, render.TransformCount3 | render.Projected},
		{"normal", render.CoordCameraNormal, 0}, {"normal-matrix", render.CoordCameraNormal, render.TransformCount2},
		{"position", render.CoordCameraPosition, 0}, {"reflection", render.CoordCameraReflection, 0}, {"reflection-matrix", render.CoordCameraReflection, render.TransformCount2},
	} {
		p := add("texture-"+m.name, func(d *device) {
			d.look(3.2, 0.5, 0.4)
			d.set(uint32(render.NormalizeNormals), 1)
			d.bind(0, d.make(d, 64, 64, false, blit.ARGB8888, smooth))
			filters(d, 0, 2, 1)
			d.matrix(render.Texture0, rows)
			d.stage(0, uint32(render.TexCoordIndex), m.coordinates, uint32(render.TransformFlags), m.flags)
			d.solid(d.torus(40, 1.2, 0.5))
		})
		p.bound.channel = 4
	}
	for op := uint32(2); op <= 16; op++ {
		p := add(fmt.Sprintf("stages-%d", op), func(d *device) {
			d.look(3.2, 0.5, 0.4)
			d.lit(sun, lamp)
			d.set(uint32(render.TextureFactor), 0x80c04060)
			d.bind(0, d.make(d, 64, 64, false, blit.XRGB1555, smooth))
			d.bind(1, d.make(d, 8, 8, false, blit.ARGB4444, noise))
			filters(d, 0, 2, 1)
			d.stage(1, colorOp, op, colorArg1, 2, colorArg2, 1, alphaOp, 4, uint32(render.TexCoordIndex), 0, uint32(render.TransformFlags), render.TransformCount2)
			d.matrix(render.Texture1, rows)
			d.solid(d.torus(24, 1.2, 0.5))
		})
		// See scene.stages; and what a filter has left open goes through a second stage.
		p.bound.channel = 4
	}
}

func targetPlays(add player) {
	for _, f := range formats[1:] {
		for _, factors := range [][2]uint32{{5, 6}, {7, 8}, {9, 3}, {11, 6}, {12, 0}, {13, 0}} {
			p := add(fmt.Sprintf("target-%s-blend=%d", f, factors[0]), func(d *device) {
				d.look(3.2, 0.5, 0.4)
				d.clear(0x90a06040, 1, 0)
				d.stage(0, alphaOp, 3)
				d.set(uint32(render.ZEnable), 0, cullMode, render.CullNone, uint32(render.AlphaBlendEnable), 1, uint32(render.SrcBlend), factors[0])
				if factors[1] != 0 {
					d.set(uint32(render.DestBlend), factors[1])
				}
				d.solid(d.torus(8, 1.2, 0.6))
			})
			p.format = f
			if factors[0] == 9 {
				p.bound.channel = 4 // twice the product: rounding under a layer counts double
			}
		}
	}
	add("target-stencil-shadow", func(d *device) {
		d.look(3.2, 0.5, 0.4)
		d.solid(d.torus(14, 1.2, 0.6))
		d.set(uint32(render.StencilEnable), 1, uint32(render.ZWriteEnable), 0, cullMode, render.CullCW, uint32(render.StencilZFail), uint32(raster.StencilIncrement))
		ball := d.sphere(14, 0.9)
		d.solid(ball)
		d.set(cullMode, render.CullCCW, uint32(render.StencilZFail), uint32(raster.StencilDecrement))
		d.solid(ball)
		d.set(uint32(render.ZEnable), 0, uint32(render.StencilZFail), uint32(raster.StencilKeep), uint32(render.StencilFunc), uint32(raster.NotEqual))
		d.set(uint32(render.AlphaBlendEnable), 1, uint32(render.SrcBlend), uint32(raster.Zero), uint32(render.DestBlend), uint32(raster.SrcColor), cullMode, render.CullNone)
		v := []raster.Vertex{{X: -1, Y: -1, RHW: 1}, {X: 200, Y: -1, RHW: 1}, {X: -1, Y: 130, RHW: 1}, {X: 200, Y: 130, RHW: 1}}
		for i := range v {
			v[i].Diffuse, v[i].Specular = 0xff606080, 0xff000000
		}
		d.drawPlaced(render.TriangleStrip, v)
	})
}
