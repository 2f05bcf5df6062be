package compare

import (
	"fmt"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
	"github.com/mmlite/mmlite/graphics/render"
)

// placed are transformed vertices anywhere on the picture, on whole 1/256ths.
func (d *device) placed(n int, most float32) []raster.Vertex {
	s := scene{bank: *d.bank}
	var v []raster.Vertex
	for range n {
		v = append(v, s.vertex(place(d.r, 1, sceneWidth-1), place(d.r, 1, sceneHeight-1), &shape{far: 1, most: most, texels: 1}))
	}
	return v
}

// linePlays: Direct3D and OpenGL say alike which pixels lines and points have.
func linePlays(add player) {
	line := func(name string, draw func(d *device)) {
		// OpenGL never draws the last pixel.
		add("line-"+name, func(d *device) {
			d.set(uint32(render.LastPixel), 0)
			draw(d)
		})
	}
	add("lines-last-pixel", func(d *device) { d.drawPlaced(render.LineList, d.placed(40, 1)) }).bound.near = true
	for p := render.LineList; p <= render.LineStrip; p++ {
		for _, shade := range []uint32{render.ShadeFlat, render.ShadeGouraud} {
			for _, most := range []float32{1, 3} {
				line(fmt.Sprintf("%d-shade=%d-w=%v", p, shade, most), func(d *device) {
					d.set(shadeMode, shade)
					d.drawPlaced(p, d.placed(40, most))
				})
			}
		}
	}
	line("depth", func(d *device) {
		d.drawPlaced(render.TriangleList, d.placed(30, 1))
		d.set(shadeMode, render.ShadeFlat)
		d.drawPlaced(render.LineList, d.placed(60, 1))
	})
	line("blend-textured", func(d *device) {
		d.bind(0, d.make(d, 64, 64, false, blit.ARGB8888, smooth))
		d.set(uint32(render.ZEnable), 0, uint32(render.AlphaBlendEnable), 1, uint32(render.SrcBlend), 5, uint32(render.DestBlend), 6)
		d.drawPlaced(render.LineList, d.placed(24, 1))
	})
	line("clipped", func(d *device) {
		d.look(4, 0.5, 0.4)
		m := d.torus(12, 1.2, 0.5)
		d.matrix(render.World, turn(0.5, 0.4).times(move(0.3, 0, -3.2)))
		d.set(shadeMode, render.ShadeFlat)
		d.draw(render.LineStrip, m.v, nil)
	})
	for fill := uint32(render.FillPoint); fill <= render.FillWireframe; fill++ {
		for cull := uint32(render.CullNone); cull <= render.CullCCW; cull++ {
			line(fmt.Sprintf("fill=%d-cull=%d", fill, cull), func(d *device) {
				d.look(3, 0.5, 0.4)
				d.set(uint32(render.FillMode), fill, cullMode, cull, shadeMode, render.ShadeFlat, uint32(render.ZEnable), 0)
				d.solid(d.torus(9, 1.2, 0.5))
			})
		}
	}
	add("points", func(d *device) { d.drawPlaced(render.PointList, d.placed(2000, 3)) })
	add("points-transformed", func(d *device) {
		d.look(3, 0.5, 0.4)
		m := d.torus(60, 1.2, 0.5)
		d.draw(render.PointList, m.v, nil)
	})
	add("points-textured", func(d *device) {
		d.bind(0, d.make(d, 64, 64, false, blit.ARGB8888, noise))
		d.drawPlaced(render.PointList, d.placed(2000, 3))
	})
}
