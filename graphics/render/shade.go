package render

import (
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/raster"
)

// shade lights the vertices of a block.
func (f *front) shade(n int) {
	g, s := &f.r.geometry, &f.r.lights
	l, p := &f.l, &g.plan
	if g.layout.normal < 0 {
		l.normal = [3]lane{}
	}
	l.ambient, l.diffuse, l.glossy = l.rest, [3]lane{}, [3]lane{}
	for i := range s.count {
		t := &s.ready[i]
		fade := l.aim(t, n)
		if t.lights {
			add(&l.diffuse, &t.diffuse, &l.dot, n)
		}
		if t.glows {
			add(&l.ambient, &t.ambient, fade, n)
		}
		if p.gloss && t.shines {
			l.reflect(t, fade, s.power, p.viewer, n)
			add(&l.glossy, &t.specular, &l.shine, n)
		}
	}
	l.tones(p, n)
}

// aim finds how much of a light a vertex faces, l.dot, and how the light fades.
func (l *lanes) aim(t *light, n int) (fade *lane) {
	if t.kind == graphics.DirectionalLight {
		face(&l.dot, &l.normal, &t.to, 0, n)
		return &l.ones
	}
	from := &[8]float32{t.at[0], t.at[1], t.at[2], t.reach2, t.a0, t.a1, t.a2}
	for i := aimFast(l, from, n); i < n; i++ {
		x, y, z := t.at[0]-l.eye[0][i], t.at[1]-l.eye[1][i], t.at[2]-l.eye[2][i]
		d2 := float32(x*x) + float32(y*y) + float32(z*z)
		s := inverseRoot(d2)
		x, y, z = x*s, y*s, z*s
		l.light[0][i], l.light[1][i], l.light[2][i] = x, y, z
		// d2*s is the distance.
		f := 1 / (t.a0 + float32(t.a1*float32(d2*s)) + float32(t.a2*d2))
		if !(d2 <= t.reach2) || !(f > 0) || !(f < huge) {
			f = 0
		}
		d := float32(l.normal[0][i]*x) + float32(l.normal[1][i]*y) + float32(l.normal[2][i]*z)
		l.dot[i], l.fade[i] = max0(d)*f, f
	}
	if t.kind == graphics.SpotLight {
		l.cone(t, n)
	}
	return &l.fade
}

const huge = 1e30

func max0(x float32) float32 {
	if !(x > 0) {
		return 0
	}
	return x
}

// face is the product of normals and a direction, at least a number.
func face(to *lane, normals *[3]lane, d *[3]float32, least float32, n int) {
	for i := faceFast(to, normals, d, least, n); i < n; i++ {
		v := float32(normals[0][i]*d[0]) + float32(normals[1][i]*d[1]) + float32(normals[2][i]*d[2])
		if !(v > least) {
			v = least
		}
		to[i] = v
	}
}

// cone dims a spot from its inner to its outer cone.
func (l *lanes) cone(t *light, n int) {
	for i := range n {
		rho := float32(l.light[0][i]*t.to[0]) + float32(l.light[1][i]*t.to[1]) + float32(l.light[2][i]*t.to[2])
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
func (l *lanes) reflect(t *light, fade *lane, exponent float32, near bool, n int) {
	directional := t.kind == graphics.DirectionalLight
	if directional && !near {
		face(&l.shine, &l.normal, &t.half, float32(math.Inf(-1)), n)
	} else {
		if directional {
			for k := range l.light {
				for i := range n {
					l.light[k][i] = t.to[k]
				}
			}
		}
		viewer := &l.far
		if near {
			viewer = &l.viewer
		}
		halfWay(&l.shine, &l.normal, &l.light, viewer, n)
	}
	for i := shineFast(&l.shine, &l.dot, fade, exponent, n); i < n; i++ {
		f := float32(0)
		if l.shine[i] > 0 && l.dot[i] > 0 {
			f = power(l.shine[i], exponent) * fade[i]
		}
		l.shine[i] = f
	}
}

// halfWay is the product of normals and what lies half way between a light and the
// viewer.
func halfWay(to *lane, normals, lights, viewers *[3]lane, n int) {
	for i := halfWayFast(to, normals, lights, viewers, n); i < n; i++ {
		x, y, z := lights[0][i]+viewers[0][i], lights[1][i]+viewers[1][i], lights[2][i]+viewers[2][i]
		s := inverseRoot(float32(x*x) + float32(y*y) + float32(z*z))
		x, y, z = x*s, y*s, z*s
		to[i] = float32(normals[0][i]*x) + float32(normals[1][i]*y) + float32(normals[2][i]*z)
	}
}

// add brings in a light's colour.
func add(to *[3]lane, color *[3]float32, by *lane, n int) {
	for i := addFast(to, color, by, n); i < n; i++ {
		for k := range to {
			to[k][i] += float32(color[k] * by[i])
		}
	}
}

// pick is a colour of the material, or those of the vertices.
func (l *lanes) pick(source uint32, of int) *[4]lane {
	switch source {
	case FromColor1:
		return &l.color
	case FromColor2:
		return &l.second
	}
	return &l.flat[of]
}

// tones makes colours of the light that has come in.
func (l *lanes) tones(p *plan, n int) {
	diffuse := l.pick(p.diffuseSource, ofDiffuse)
	tone(&l.front, &l.ambient, l.pick(p.ambientSource, ofAmbient), &l.diffuse, diffuse, l.pick(p.emissiveSource, ofEmissive), &diffuse[3], n)
	fog := &l.ones
	if p.back {
		fog = &l.second[3] // of the vertex
	}
	tone(&l.back, &l.glossy, l.pick(p.specularSource, ofSpecular), (*[3]lane)(l.none[:3]), &l.none, &l.none, fog, n)
}

// tone packs light1*by1 + light2*by2 + rest, and an alpha.
func tone(to *[block]uint32, light1 *[3]lane, by1 *[4]lane, light2 *[3]lane, by2, rest *[4]lane, alpha *lane, n int) {
	for i := toneFast(to, light1, by1, light2, by2, rest, alpha, n); i < n; i++ {
		v := toByte(alpha[i]) << 24
		for k := range 3 {
			c := float32(light1[k][i]*by1[k][i]) + float32(light2[k][i]*by2[k][i])
			v |= toByte(c+rest[k][i]) << (16 - 8*k)
		}
		to[i] = v
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

// vertices puts the fog factor into the specular alpha.
func (f *fogging) vertices(eye *[3]lane, out []raster.Vertex) {
	for i := range out {
		x, y, d := eye[0][i], eye[1][i], eye[2][i]
		if f.byRange {
			d = float32(math.Sqrt(float64(float32(x*x) + float32(y*y) + float32(d*d))))
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
