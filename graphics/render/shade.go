package render

import (
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/raster"
)

// shade lights the vertices of a block.
func (r *Renderer) shade(n int) {
	g, s := &r.geometry, &r.lights
	l, p := g.l, &g.plan
	if g.layout.normal < 0 {
		l.nx, l.ny, l.nz = lane{}, lane{}, lane{}
	}
	for k := range 3 {
		for i := range n {
			l.ambient[k][i], l.diffuse[k][i], l.glossy[k][i] = s.rest[k], 0, 0
		}
	}
	for i := range s.count {
		t := &s.ready[i]
		l.aim(t, n)
		l.add(&l.diffuse, &t.diffuse, &l.dot, n, t.lights)
		l.add(&l.ambient, &t.ambient, &l.fade, n, t.glows)
		if p.gloss && t.shines {
			l.reflect(t, s.power, p.viewer, n)
			l.add(&l.glossy, &t.specular, &l.shine, n, true)
		}
	}
	r.color(n)
}

// aim finds how much of a light a vertex faces: dot, times fade.
func (l *lanes) aim(t *light, n int) {
	if t.kind == graphics.DirectionalLight {
		for i := range n {
			d := float32(l.nx[i]*t.to[0]) + float32(l.ny[i]*t.to[1]) + float32(l.nz[i]*t.to[2])
			l.dot[i], l.fade[i] = max0(d), 1
		}
		return
	}
	for i := range n {
		x, y, z := t.at[0]-l.ex[i], t.at[1]-l.ey[i], t.at[2]-l.ez[i]
		d2 := float32(x*x) + float32(y*y) + float32(z*z)
		s := inverseRoot(d2)
		x, y, z = x*s, y*s, z*s
		l.lx[i], l.ly[i], l.lz[i] = x, y, z
		// d2*s is the distance.
		f := 1 / (t.a0 + float32(t.a1*float32(d2*s)) + float32(t.a2*d2))
		if !(d2 <= t.reach2) || !(f > 0) || !(f < huge) {
			f = 0
		}
		d := float32(l.nx[i]*x) + float32(l.ny[i]*y) + float32(l.nz[i]*z)
		l.dot[i], l.fade[i] = max0(d)*f, f
	}
	if t.kind == graphics.SpotLight {
		l.cone(t, n)
	}
}

const huge = 1e30

func max0(x float32) float32 {
	if !(x > 0) {
		return 0
	}
	return x
}

// cone dims a spot from its inner to its outer cone.
func (l *lanes) cone(t *light, n int) {
	for i := range n {
		rho := float32(l.lx[i]*t.to[0]) + float32(l.ly[i]*t.to[1]) + float32(l.lz[i]*t.to[2])
		f := float32(1)
		switch {
		case !(rho > t.cosPhi):
			f = 0
		case !(rho > t.cosTheta):
			f = float32((rho - t.cosPhi) * t.scale)
			if t.falloff != 1 {
				f = power(f, t.falloff)
			}
		}
		l.dot[i], l.fade[i] = l.dot[i]*f, l.fade[i]*f
	}
}

// reflect finds how much of a light shines back to the viewer. What faces away
// from it does not.
func (l *lanes) reflect(t *light, exponent float32, near bool, n int) {
	for i := range n {
		x, y, z := t.half[0], t.half[1], t.half[2]
		if near || t.kind != graphics.DirectionalLight {
			if t.kind == graphics.DirectionalLight {
				x, y, z = t.to[0], t.to[1], t.to[2]
			} else {
				x, y, z = l.lx[i], l.ly[i], l.lz[i]
			}
			if near {
				x, y, z = x+l.vx[i], y+l.vy[i], z+l.vz[i]
			} else {
				z -= 1
			}
			s := inverseRoot(float32(x*x) + float32(y*y) + float32(z*z))
			x, y, z = x*s, y*s, z*s
		}
		d := float32(l.nx[i]*x) + float32(l.ny[i]*y) + float32(l.nz[i]*z)
		f := float32(0)
		if d > 0 && l.dot[i] > 0 {
			f = power(d, exponent) * l.fade[i]
		}
		l.shine[i] = f
	}
}

// add brings in a light's colour.
func (l *lanes) add(to *[3]lane, color *[3]float32, by *lane, n int, on bool) {
	if !on {
		return
	}
	for k := range to {
		c := color[k]
		for i := range n {
			to[k][i] += float32(c * by[i])
		}
	}
}

// pick is a colour of the material, or those of the vertices.
func (l *lanes) pick(source uint32, m *graphics.Color, k, i int) float32 {
	switch source {
	case FromColor1:
		return l.color[k][i]
	case FromColor2:
		return l.second[k][i]
	}
	return [4]float32{m.R, m.G, m.B, m.A}[k]
}

// color makes colours of the light that has come in.
func (r *Renderer) color(n int) {
	l, p, m := r.geometry.l, &r.geometry.plan, &r.lights.material
	for i := range n {
		front, back := toByte(l.pick(p.diffuseSource, &m.Diffuse, 3, i))<<24, uint32(0xff000000)
		if p.back {
			back = toByte(l.second[3][i]) << 24 // the fog of the vertex
		}
		for k := range 3 {
			c := float32(l.ambient[k][i] * l.pick(p.ambientSource, &m.Ambient, k, i))
			c += float32(l.diffuse[k][i] * l.pick(p.diffuseSource, &m.Diffuse, k, i))
			c += l.pick(p.emissiveSource, &m.Emissive, k, i)
			front |= toByte(c) << (16 - 8*k)
			if p.gloss {
				back |= toByte(float32(l.glossy[k][i]*l.pick(p.specularSource, &m.Specular, k, i))) << (16 - 8*k)
			}
		}
		l.front[i], l.back[i] = front, back
	}
}

// toByte is a channel of 0 to 1 in 0 to 255, rounded to nearest.
func toByte(c float32) uint32 {
	if !(c > 0) {
		return 0
	}
	if c > 1 {
		c = 1
	}
	return uint32(float32(c*255) + 0.5)
}

// fogVertices puts the fog factor into the specular alpha.
func (r *Renderer) fogVertices(out []raster.Vertex) {
	l, f := r.geometry.l, &r.lights.fog
	for i := range out {
		d := l.ez[i]
		if f.byRange {
			d = float32(math.Sqrt(float64(float32(l.ex[i]*l.ex[i]) + float32(l.ey[i]*l.ey[i]) + float32(d*d))))
		}
		if d < 0 {
			d = -d
		}
		var v float32
		switch f.mode {
		case FogLinear:
			v = float32((f.end - d) * f.scale)
		case FogExp:
			v = exp2(float32(-log2e * float32(f.density*d)))
		case FogExp2:
			t := float32(f.density * d)
			v = exp2(float32(-log2e * float32(t*t)))
		}
		out[i].Specular = out[i].Specular&0xffffff | toByte(v)<<24
	}
}

const log2e = 1.442695

// power is x to the power of y for x of 0 to about 1, to 1e-5 for y to 10, by the
// same operations everywhere.
func power(x, y float32) float32 {
	if y == 0 {
		return 1
	}
	if !(x > tiny) {
		return 0
	}
	return exp2(float32(y * log2(x)))
}

// log2 is the logarithm to base 2 of a positive number, to 2e-6.
func log2(x float32) float32 {
	b := math.Float32bits(x)
	e := float32(int32(b>>23) - 127)
	t := math.Float32frombits(b&0x7fffff|0x3f800000) - 1
	p := float32(0.02001665*t) + -0.09462681
	p = float32(p*t) + 0.21394321
	p = float32(p*t) + -0.3383772
	p = float32(p*t) + 0.47749636
	p = float32(p*t) + -0.7211441
	p = float32(p*t) + 1.442693
	return e + float32(p*t)
}

// exp2 is 2 to the power of x for x up to 127, to 1e-6; 0 below -126.
func exp2(x float32) float32 {
	if !(x > -126) {
		return 0
	}
	if x > 127 {
		x = 127
	}
	n := float32(math.Floor(float64(x)))
	t := x - n
	p := float32(0.0017883687*t) + 0.009199388
	p = float32(p*t) + 0.055657055
	p = float32(p*t) + 0.24020719
	p = float32(p*t) + 0.69314754
	p = float32(p*t) + 1
	return p * math.Float32frombits(uint32(int32(n)+127)<<23)
}
