package render

import (
	"fmt"
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// MaxLights is how many lights there are, and ActiveLights how many can be on.
const (
	MaxLights    = 64
	ActiveLights = 8
)

// lighting is lights and material as they were set, and as vertices need them.
type lighting struct {
	all      [MaxLights]graphics.Light
	on       [ActiveLights]uint8 // indices, in the order they were turned on
	active   int
	material graphics.Material

	ready [ActiveLights]light
	count int
	rest  [3]float32 // ambient light that reaches everything
	power float32
	fog   fogging
}

// light is a light in view coordinates.
type light struct {
	kind                       graphics.LightType
	diffuse, specular, ambient [3]float32
	at, to                     [3]float32 // position; direction towards the light, of length 1
	half                       [3]float32 // of a directional light and a far viewer
	reach2                     float32    // square of the range
	a0, a1, a2                 float32
	cosTheta, cosPhi, falloff  float32
	scale                      float32 // 1 / (cosTheta-cosPhi)
	shines                     bool    // specular is not black
	lights                     bool    // diffuse is not black
	glows                      bool    // ambient is not black, and fades
}

func (l *lighting) reset() {
	*l = lighting{}
	for i := range l.all {
		l.all[i] = graphics.Light{Type: graphics.DirectionalLight, Diffuse: graphics.Color{R: 1, G: 1, B: 1}, Direction: graphics.Vector{Z: 1}}
	}
}

// SetLight describes a light. ErrValue: an index from MaxLights on, an unknown
// type, or a cone that is none.
func (r *Renderer) SetLight(i int, l graphics.Light) error {
	if i < 0 || i >= MaxLights {
		return fmt.Errorf("%w: light %d of %d", ErrValue, i, MaxLights)
	}
	if l.Type < graphics.PointLight || l.Type > graphics.DirectionalLight {
		return fmt.Errorf("%w: light of type %d", ErrValue, l.Type)
	}
	if l.Type != graphics.DirectionalLight && !(l.Range >= 0) {
		return fmt.Errorf("%w: light with a range of %v", ErrValue, l.Range)
	}
	if l.Type == graphics.SpotLight && !(l.Theta >= 0 && l.Theta <= l.Phi && l.Phi <= math.Pi+1e-4) {
		return fmt.Errorf("%w: spot of %v inside %v", ErrValue, l.Theta, l.Phi)
	}
	r.lights.all[i] = l
	r.dirty |= dirtyLights
	return nil
}

// EnableLight turns a light on or off. ErrValue: an index from MaxLights on, or
// ActiveLights are on already.
func (r *Renderer) EnableLight(i int, on bool) error {
	if i < 0 || i >= MaxLights {
		return fmt.Errorf("%w: light %d of %d", ErrValue, i, MaxLights)
	}
	l := &r.lights
	for k := range l.active {
		if int(l.on[k]) != i {
			continue
		}
		if !on {
			copy(l.on[k:], l.on[k+1:l.active])
			l.active--
			r.dirty |= dirtyLights
		}
		return nil
	}
	if !on {
		return nil
	}
	if l.active == ActiveLights {
		return fmt.Errorf("%w: %d lights are on", ErrValue, ActiveLights)
	}
	l.on[l.active] = uint8(i)
	l.active++
	r.dirty |= dirtyLights
	return nil
}

// SetMaterial describes what is lit.
func (r *Renderer) SetMaterial(m graphics.Material) {
	r.lights.material = m
	r.dirty |= dirtyLights
}

// Material is what was set.
func (r *Renderer) Material() graphics.Material { return r.lights.material }

func rgb(c graphics.Color) [3]float32 { return [3]float32{c.R, c.G, c.B} }

func black(c [3]float32) bool { return c == [3]float32{} }

// vector multiplies a position (w of 1) or a direction (w of 0) by a matrix.
func (m *matrix) vector(v graphics.Vector, w float32) (out [3]float32) {
	for j := range out {
		s := float32(v.X*m[0][j]) + float32(v.Y*m[1][j])
		out[j] = s + (float32(v.Z*m[2][j]) + float32(w*m[3][j]))
	}
	return out
}

func unit(v [3]float32) [3]float32 {
	s := float64(float64(v[0])*float64(v[0])) + float64(float64(v[1])*float64(v[1]))
	s += float64(float64(v[2]) * float64(v[2]))
	if !(s > 0) || math.IsInf(s, 0) {
		return [3]float32{}
	}
	s = 1 / math.Sqrt(s)
	return [3]float32{float32(float64(v[0]) * s), float32(float64(v[1]) * s), float32(float64(v[2]) * s)}
}

// light brings lights up to date.
func (r *Renderer) light() {
	l := &r.lights
	l.rest = fromColor(r.states[Ambient])
	l.power = l.material.Power
	if !(l.power >= 0) {
		l.power = 0
	}
	l.count = 0
	for _, i := range l.on[:l.active] {
		from, to := &l.all[i], &l.ready[l.count]
		l.count++
		*to = light{kind: from.Type, diffuse: rgb(from.Diffuse), specular: rgb(from.Specular), ambient: rgb(from.Ambient)}
		d := unit(r.view.vector(from.Direction, 0))
		to.to = [3]float32{-d[0], -d[1], -d[2]}
		to.at = r.view.vector(from.Position, 1)
		to.half = unit([3]float32{to.to[0], to.to[1], to.to[2] - 1})
		to.reach2 = float32(from.Range * from.Range)
		to.a0, to.a1, to.a2 = from.Attenuation0, from.Attenuation1, from.Attenuation2
		to.shines, to.lights = !black(to.specular) && r.on(SpecularEnable), !black(to.diffuse)
		to.glows = !black(to.ambient)
		if to.kind == graphics.DirectionalLight {
			// What neither fades nor turns is the same everywhere.
			for k := range l.rest {
				l.rest[k] += to.ambient[k]
			}
			to.glows = false
		}
		if to.kind == graphics.SpotLight {
			to.cosTheta, to.cosPhi = float32(math.Cos(float64(from.Theta)/2)), float32(math.Cos(float64(from.Phi)/2))
			to.falloff = from.Falloff
			if w := to.cosTheta - to.cosPhi; w > 0 {
				to.scale = 1 / w
			}
		}
		if !to.shines && !to.lights && !to.glows {
			l.count--
		}
	}
	r.geometry.tints.paint(&l.material, &l.rest)
	l.fog = r.fogging()
}

func fromColor(c uint32) [3]float32 {
	return [3]float32{float32(c>>16&255) / 255, float32(c>>8&255) / 255, float32(c&255) / 255}
}

// fogging is how vertices find their fog.
type fogging struct {
	mode       uint32
	byRange    bool
	end, scale float32 // linear: (end-d)*scale
	density    float32
}

func (r *Renderer) fogging() (f fogging) {
	if !r.on(FogEnable) || r.states[FogTableMode] != FogNone {
		return f
	}
	f = fogging{mode: r.states[FogVertexMode], byRange: r.on(RangeFogEnable), end: r.float(FogEnd), density: r.float(FogDensity)}
	if d := f.end - r.float(FogStart); d != 0 {
		f.scale = 1 / d
	}
	return f
}
