package compare

import (
	"fmt"
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/render"
)

// play is a scene for the whole pipeline: transform, lighting, clipping, assembly.
type play struct {
	name   string
	format blit.Format
	bound  bound
	draw   func(d *device)
}

// States that many scenes set.
const (
	lighting  = uint32(render.Lighting)
	cullMode  = uint32(render.CullMode)
	shadeMode = uint32(render.ShadeMode)
)

// plays are all such scenes.
func plays() (all []*play) {
	add := func(name string, draw func(d *device)) *play {
		p := &play{name: name, format: blit.ARGB8888, bound: bound{channel: 2, share: 0.999, moved: 1.0 / 256}, draw: draw}
		all = append(all, p)
		return p
	}
	assemblyPlays(add)
	clipPlays(add)
	lightPlays(add)
	fogPlays(add)
	texturePlays(add)
	targetPlays(add)
	linePlays(add)
	cardPlays(add)
	return all
}

type player func(name string, draw func(d *device)) *play

func assemblyPlays(add player) {
	for p := render.TriangleList; p <= render.TriangleFan; p++ {
		for cull := uint32(render.CullNone); cull <= render.CullCCW; cull++ {
			for _, shade := range []uint32{render.ShadeFlat, render.ShadeGouraud} {
				for _, indexed := range []bool{false, true} {
					add(fmt.Sprintf("assembly-%d-cull=%d-shade=%d-indexed=%t", p, cull, shade, indexed), func(d *device) {
						d.look(4, 0.2, 0.3)
						// Without depth: triangles that fold along a shared edge meet there.
						d.set(cullMode, cull, shadeMode, shade, uint32(render.ZEnable), 0)
						var v []corner
						for range 27 {
							p := [3]float32{between(d.r, -1.8, 1.8), between(d.r, -1.4, 1.4), between(d.r, -0.5, 0.5)}
							v = append(v, corner{at: p, diffuse: d.r.Uint32()})
						}
						var index []uint16
						if indexed {
							for range 45 {
								index = append(index, uint16(d.r.IntN(len(v))))
							}
						}
						d.draw(p, v, index)
					})
				}
			}
		}
	}
	for _, fov := range []float64{0.3, 1, 2.5} {
		add(fmt.Sprintf("solids-fov=%v", fov), func(d *device) {
			d.look(4, 0.5, 0.4)
			d.matrix(render.Projection, perspective(fov, 0.5, 50))
			d.solid(d.torus(24, 1.2, 0.5))
			d.matrix(render.World, scaling(1, 0.5, 2).times(turn(1, 2)).times(move(0.3, 0.2, -0.5)))
			d.solid(d.sphere(16, 0.8))
		})
	}
	add("solids-ortho", func(d *device) {
		d.look(4, 0.5, 0.4)
		d.matrix(render.Projection, ortho(4, 0.5, 50))
		d.solid(d.torus(24, 1.2, 0.5))
	})
	add("solids-many", func(d *device) {
		d.look(9, 0, 0)
		for range 40 {
			d.matrix(render.World, turn(6*d.r.Float64(), 6*d.r.Float64()).times(move(between(d.r, -4, 4), between(d.r, -3, 3), between(d.r, -4, 4))))
			d.solid(d.torus(10, 0.7, 0.3))
		}
	})
}

func clipPlays(add player) {
	for i, at := range []matrix{
		move(0, 0, -3), move(0, 0, -3.6), move(0.5, -1, -4), move(1.3, 0.7, -3.6), move(-1.2, -0.5, -3.8), // through the near plane, around the viewer
		scaling(8, 8, 8).times(move(6, 4, 9)), scaling(30, 3, 3).times(move(0, 3, 3)), scaling(3, 30, 30).times(move(3, 9, 40)), // beyond all sides
		scaling(20, 20, 2).times(move(8, 6, 46)), scaling(40, 40, 4).times(move(20, -20, 44)), // through the far plane
		scaling(300, 300, 0.1).times(move(340, 100, 3)), scaling(5000, 5000, 1).times(move(5600, 1000, 5)), // far out of reach of the pixel loops
	} {
		add(fmt.Sprintf("clip-%d", i), func(d *device) {
			d.look(4, 0, 0)
			d.set(cullMode, render.CullNone)
			d.matrix(render.World, turn(0.5, 0.4).times(at))
			d.solid(d.torus(12, 1.2, 0.5))
		})
	}
	for n := 1; n <= 6; n++ {
		for _, shade := range []uint32{render.ShadeFlat, render.ShadeGouraud} {
			add(fmt.Sprintf("clip-planes=%d-shade=%d", n, shade), func(d *device) {
				d.look(2.8, 0.5, 0.4)
				d.set(cullMode, render.CullNone, shadeMode, shade)
				for i := range n {
					s, c := math.Sincos(float64(i) * 1.3)
					d.plane(i, graphics.Plane{A: float32(c), B: float32(s), C: float32(i%3) * 0.3, D: 1.2 - 0.15*float32(i)})
				}
				d.set(uint32(render.ClipPlaneEnable), 1<<n-1)
				d.solid(d.torus(14, 1.2, 0.6))
			})
		}
	}
	add("clip-planes-near-textured-lit", func(d *device) {
		d.look(4, 0.5, 0.4)
		d.matrix(render.World, turn(0.5, 0.4).times(move(0.5, 0.3, -2.6)))
		d.set(cullMode, render.CullNone)
		d.lit(graphics.Light{Type: graphics.DirectionalLight, Diffuse: graphics.Color{R: 1, G: 0.9, B: 0.7}, Direction: graphics.Vector{X: 0.3, Y: -0.4, Z: 1}})
		d.bind(0, d.make(d, 64, 64, false, blit.ARGB8888, smooth))
		d.plane(2, graphics.Plane{A: 0.3, B: 1, C: 0.2, D: 0.5})
		d.set(uint32(render.ClipPlaneEnable), 4)
		d.solid(d.torus(14, 1.2, 0.6))
	})
	for i, v := range []graphics.Viewport{{X: 20, Y: 10, Width: 100, Height: 90, MaxZ: 1}, {X: 1, Y: 3, Width: 31, Height: 77, MinZ: 0.25, MaxZ: 0.5}, {X: 90, Y: 60, Width: 70, Height: 60, MinZ: 0, MaxZ: 0.1}} {
		add(fmt.Sprintf("viewport-%d", i), func(d *device) {
			d.look(2.5, 0.5, 0.4)
			d.ok(d.SetViewport(v))
			d.solid(d.torus(14, 1.2, 0.6))
		})
	}
}

// lit has a scene lit by some lights, with a material that shows all of them.
func (d *device) lit(lights ...graphics.Light) {
	d.Helper()
	d.set(lighting, 1, uint32(render.Ambient), 0x202838, uint32(render.ColorVertex), 0, uint32(render.NormalizeNormals), 1)
	d.SetMaterial(graphics.Material{Diffuse: graphics.Color{R: 0.6, G: 0.5, B: 0.4, A: 0.75}, Ambient: graphics.Color{R: 0.5, G: 0.6, B: 0.7, A: 1},
		Specular: graphics.Color{R: 0.5, G: 0.4, B: 0.6, A: 1}, Emissive: graphics.Color{R: 0.05, G: 0.02, B: 0.1}, Power: 12})
	for i, l := range lights {
		if l.Range == 0 {
			l.Range = 1e4
		}
		if l.Attenuation0 == 0 && l.Attenuation1 == 0 && l.Attenuation2 == 0 {
			l.Attenuation0 = 1
		}
		d.light(i, l)
	}
}

var (
	sun  = graphics.Light{Type: graphics.DirectionalLight, Diffuse: graphics.Color{R: 0.7, G: 0.6, B: 0.5}, Specular: graphics.Color{R: 0.5, G: 0.5, B: 0.4}, Ambient: graphics.Color{R: 0.1, G: 0.05}, Direction: graphics.Vector{X: 0.5, Y: -0.7, Z: 0.6}}
	lamp = graphics.Light{Type: graphics.PointLight, Diffuse: graphics.Color{R: 0.3, G: 0.5, B: 0.6}, Specular: graphics.Color{R: 0.5, G: 0.3, B: 0.4}, Ambient: graphics.Color{G: 0.1, B: 0.1}, Position: graphics.Vector{X: -1.5, Y: 1, Z: -1.8}}
	spot = graphics.Light{Type: graphics.SpotLight, Diffuse: graphics.Color{R: 0.7, G: 0.6, B: 0.3}, Specular: graphics.Color{R: 0.5, G: 0.5, B: 0.5}, Ambient: graphics.Color{R: 0.1}, Position: graphics.Vector{Y: 0.6, Z: -3}, Direction: graphics.Vector{Y: -0.2, Z: 1}, Phi: math.Pi, Falloff: 6}
)

// cone is a spot with a sharp edge.
func cone() graphics.Light {
	l := spot
	l.Theta, l.Phi = 0.6, 0.6
	return l
}

func fading(l graphics.Light, a0, a1, a2 float32) graphics.Light {
	l.Attenuation0, l.Attenuation1, l.Attenuation2 = a0, a1, a2
	return l
}

func lightPlays(add player) {
	shine := func(name string, specular, local bool, change func(d *device), lights ...graphics.Light) {
		add("light-"+name, func(d *device) {
			d.look(3.2, 0.5, 0.4)
			d.lit(lights...)
			d.set(uint32(render.SpecularEnable), truth(specular), uint32(render.LocalViewer), truth(local))
			if change != nil {
				change(d)
			}
			d.solid(d.torus(40, 1.2, 0.5))
		})
	}
	for _, l := range []struct {
		name string
		l    graphics.Light
	}{{"sun", sun}, {"lamp", lamp}, {"spot", spot}, {"cone", cone()}, {"fading", fading(lamp, 0.3, 0.2, 0.1)}, {"fading-spot", fading(spot, 0, 0.3, 0)}} {
		shine(l.name, false, true, nil, l.l)
		shine(l.name+"-specular", true, false, nil, l.l)
		shine(l.name+"-specular-local", true, true, nil, l.l)
	}
	shine("none", true, true, nil)
	shine("three", true, true, nil, sun, lamp, spot)
	var eight []graphics.Light
	for i := range 8 {
		l := fading([]graphics.Light{lamp, spot}[i%2], 4, 0.8, 0)
		s, c := math.Sincos(float64(i))
		l.Position = graphics.Vector{X: float32(2 * c), Y: float32(2 * s), Z: -2}
		eight = append(eight, l)
	}
	shine("eight", true, true, nil, eight...)
	for _, p := range []float32{0, 0.5, 1, 3, 40, 128} {
		shine(fmt.Sprintf("power=%v", p), true, true, func(d *device) {
			m := d.Material()
			m.Power = p
			d.SetMaterial(m)
		}, sun, lamp)
	}
	for _, f := range []float32{0, 0.5, 1, 2.5, 30} {
		l := spot
		l.Falloff = f
		shine(fmt.Sprintf("falloff=%v", f), true, true, nil, l)
	}
	for _, unit := range []uint32{0, 1} {
		shine(fmt.Sprintf("scaled-unit=%d", unit), true, true, func(d *device) {
			d.matrix(render.World, scaling(1.4, 0.7, 1).times(turn(0.5, 0.4)))
			d.set(uint32(render.NormalizeNormals), unit)
		}, sun, lamp)
	}
	for i, s := range sources {
		for from := uint32(render.FromColor1); from <= render.FromColor2; from++ {
			shine(fmt.Sprintf("source-%d-from=%d", i, from), true, true, func(d *device) {
				d.set(uint32(render.ColorVertex), 1)
				for _, o := range sources {
					d.set(uint32(o.state), render.FromMaterial)
				}
				d.set(uint32(s.state), from)
			}, sun, lamp)
		}
	}
	shine("source-both", true, true, func(d *device) {
		d.set(uint32(render.ColorVertex), 1, uint32(render.AmbientSource), render.FromColor1, uint32(render.DiffuseSource), render.FromColor1, uint32(render.SpecularSource), render.FromMaterial)
	}, sun, lamp)
	shine("flat", true, true, func(d *device) { d.set(shadeMode, render.ShadeFlat) }, sun, lamp)
	add("light-off-specular", func(d *device) {
		d.look(4, 0.5, 0.4)
		d.set(uint32(render.SpecularEnable), 1)
		d.solid(d.torus(20, 1.2, 0.5))
	})
	shine("view", true, true, func(d *device) {
		d.matrix(render.View, move(0.4, -0.3, 0).times(turn(0.2, -0.3)).times(move(0, 0, 4)))
		d.matrix(render.World, turn(0.5, 0.4).times(move(0.2, 0.1, -0.3)))
	}, sun, lamp, cone())
}
