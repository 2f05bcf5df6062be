package d3d

import (
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// SetRenderState sets a render state. ErrUnsupported: there is none of that number;
// ErrInvalidParams: it cannot be that.
func (d *Device) SetRenderState(s RenderState, v uint32) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.setRenderState(s, v)
}

func (d *Device) setRenderState(s RenderState, v uint32) error {
	if s > lastState {
		return failed(ErrUnsupported, "render state %d", s)
	}
	if d.state.render[s] == v && v != 0 {
		return nil
	}
	if err := checkState(s, v); err != nil {
		return err
	}
	if d.state.render[s] == v {
		return nil
	}
	if err := d.ok(); err != nil {
		return err
	}
	d.state.render[s] = v
	return d.command(d.r.SetState(uint32(s), v))
}

// SetRenderFloat sets one that is a float.
func (d *Device) SetRenderFloat(s RenderState, f float32) error {
	return d.SetRenderState(s, math.Float32bits(f))
}

// RenderState is what a state was set to.
func (d *Device) RenderState(s RenderState) (uint32, error) {
	if _, ok := stateSpans[s]; !ok {
		return 0, failed(ErrUnsupported, "render state %d", s)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.render[s], nil
}

// SetTextureStageState sets a state of a stage. The errors are those with which
// ValidateDevice of Direct3D refuses: ErrUnsupportedColorOperation and so on.
func (d *Device) SetTextureStageState(stage int, s StageState, v uint32) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.setStageState(stage, s, v)
}

func (d *Device) setStageState(stage int, s StageState, v uint32) error {
	if err := checkStage(stage, s, v); err != nil {
		return err
	}
	t := &d.state.stages[stage]
	if s == Address {
		t[s] = v
		if err := d.setStageState(stage, AddressU, v); err != nil {
			return err
		}
		return d.setStageState(stage, AddressV, v)
	}
	if t[s] == v {
		return nil
	}
	if err := d.ok(); err != nil {
		return err
	}
	t[s] = v
	return d.command(d.r.SetStageState(uint32(stage), uint32(s), v))
}

// TextureStageState is what a state of a stage was set to.
func (d *Device) TextureStageState(stage int, s StageState) (uint32, error) {
	if stage < 0 || stage >= Stages || s < 1 || s > lastStageState {
		return 0, failed(ErrInvalidParams, "state %d of texture stage %d", s, stage)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.stages[stage][s], nil
}

// SetTexture has a stage read from a texture; nil means none.
func (d *Device) SetTexture(stage int, t *Texture) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.setTexture(stage, t)
}

func (d *Device) setTexture(stage int, t *Texture) error {
	if stage < 0 || stage >= Stages {
		return failed(ErrTooManyOperations, "texture stage %d of %d", stage, Stages)
	}
	if d.state.textures[stage] == t {
		return nil
	}
	if err := d.ok(); err != nil {
		return err
	}
	var n uint32
	if t != nil {
		n = t.number
	}
	d.state.textures[stage] = t
	return d.command(d.r.SetTexture(uint32(stage), n))
}

// Transform is one of the matrices (D3DTRANSFORMSTATETYPE).
type Transform uint32

// The transforms.
const (
	World      Transform = 1
	View       Transform = 2
	Projection Transform = 3
	Texture0   Transform = 16
	Texture1   Transform = 17
	transforms           = 5
)

// Identity changes nothing.
var Identity = graphics.Matrix{M11: 1, M22: 1, M33: 1, M44: 1}

func place(t Transform) (int, error) {
	switch t {
	case World, View, Projection:
		return int(t - World), nil
	case Texture0, Texture1:
		return int(t-Texture0) + 3, nil
	}
	return 0, failed(ErrInvalidParams, "transform %d", t)
}

// SetTransform sets a matrix, for row vectors.
func (d *Device) SetTransform(t Transform, m graphics.Matrix) error {
	i, err := place(t)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.setTransform(t, i, m)
}

func (d *Device) setTransform(t Transform, i int, m graphics.Matrix) error {
	if d.state.transforms[i] == m {
		return nil
	}
	if err := d.ok(); err != nil {
		return err
	}
	d.state.transforms[i] = m
	return d.command(d.r.SetTransform(uint32(t), m))
}

// Transform is a matrix that was set.
func (d *Device) Transform(t Transform) (graphics.Matrix, error) {
	i, err := place(t)
	if err != nil {
		return graphics.Matrix{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.transforms[i], nil
}

// MultiplyTransform has m applied before the matrix there is.
func (d *Device) MultiplyTransform(t Transform, m graphics.Matrix) error {
	i, err := place(t)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.setTransform(t, i, Multiply(m, d.state.transforms[i]))
}

// SetViewport says what part of the target is drawn on. ErrInvalidParams: it does
// not lie within the target, or its depths not within 0 to 1.
func (d *Device) SetViewport(v graphics.Viewport) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.setViewport(v)
}

func (d *Device) setViewport(v graphics.Viewport) error {
	t := &d.target
	if v.Width == 0 || v.Height == 0 || !(v.MinZ >= 0 && v.MinZ <= v.MaxZ && v.MaxZ <= 1) ||
		uint64(v.X)+uint64(v.Width) > uint64(t.width) || uint64(v.Y)+uint64(v.Height) > uint64(t.height) {
		return failed(ErrInvalidParams, "a viewport of %d by %d at %d, %d, depth %v to %v, of %d by %d pixels", v.Width, v.Height, v.X, v.Y, v.MinZ, v.MaxZ, t.width, t.height)
	}
	if d.state.viewport == v {
		return nil
	}
	if err := d.ok(); err != nil {
		return err
	}
	d.state.viewport = v
	return d.command(d.r.SetViewport(v))
}

// Viewport is the viewport.
func (d *Device) Viewport() graphics.Viewport {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.viewport
}

// SetMaterial says how what is drawn answers to light.
func (d *Device) SetMaterial(m graphics.Material) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.setMaterial(m)
}

func (d *Device) setMaterial(m graphics.Material) error {
	if d.state.material == m {
		return nil
	}
	if err := d.ok(); err != nil {
		return err
	}
	d.state.material = m
	return d.command(d.r.SetMaterial(m))
}

// Material is what was set.
func (d *Device) Material() graphics.Material {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.material
}

// SetLight describes a light, 0 to Lights-1.
func (d *Device) SetLight(i int, l graphics.Light) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.setLight(i, l)
}

func (d *Device) setLight(i int, l graphics.Light) error {
	bad := i < 0 || i >= Lights || l.Type < graphics.PointLight || l.Type > graphics.DirectionalLight ||
		l.Type != graphics.DirectionalLight && !(l.Range >= 0) ||
		l.Type == graphics.SpotLight && !(l.Theta >= 0 && l.Theta <= l.Phi && l.Phi <= math.Pi+1e-4)
	if bad {
		return failed(ErrInvalidParams, "light %d, %+v", i, l)
	}
	if d.state.set[i] && d.state.lights[i] == l {
		return nil
	}
	if err := d.ok(); err != nil {
		return err
	}
	d.state.lights[i], d.state.set[i] = l, true
	return d.command(d.r.SetLight(uint32(i), l))
}

// Light is a light as it was set. ErrInvalidParams: it was not.
func (d *Device) Light(i int) (graphics.Light, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i < 0 || i >= Lights || !d.state.set[i] {
		return graphics.Light{}, failed(ErrInvalidParams, "light %d was not set", i)
	}
	return d.state.lights[i], nil
}

// LightEnable turns a light on or off. One that was not set shines white along z.
// ErrLightSetFailed: as many as Caps says are on.
func (d *Device) LightEnable(i int, on bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lightEnable(i, on)
}

func (d *Device) lightEnable(i int, on bool) error {
	if i < 0 || i >= Lights {
		return failed(ErrInvalidParams, "light %d of %d", i, Lights)
	}
	if d.state.lit[i] == on {
		return nil
	}
	if on {
		n := uint32(0)
		for _, l := range d.state.lit {
			if l {
				n++
			}
		}
		if n >= d.info.Lights {
			return failed(ErrLightSetFailed, "%d lights are on", n)
		}
	}
	if err := d.ok(); err != nil {
		return err
	}
	d.state.lit[i], d.state.set[i] = on, true
	return d.command(d.r.EnableLight(uint32(i), on))
}

// LightEnabled says whether a light is on.
func (d *Device) LightEnabled(i int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return i >= 0 && i < Lights && d.state.lit[i]
}

// SetClipPlane sets a plane in world coordinates, behind which nothing is drawn
// while its bit of ClipPlaneEnable is set.
func (d *Device) SetClipPlane(i int, p graphics.Plane) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.setClipPlane(i, p)
}

func (d *Device) setClipPlane(i int, p graphics.Plane) error {
	if i < 0 || i >= ClipPlanes {
		return failed(ErrInvalidParams, "clip plane %d of %d", i, ClipPlanes)
	}
	if d.state.planes[i] == p {
		return nil
	}
	if err := d.ok(); err != nil {
		return err
	}
	d.state.planes[i] = p
	return d.command(d.r.SetClipPlane(uint32(i), p))
}
