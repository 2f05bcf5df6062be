package d3d

// StateBlock is everything a device has set at one moment (D3DSBT_ALL): states,
// textures, matrices, lights, material, viewport and planes.
type StateBlock struct {
	d *Device
	s states
}

// CreateStateBlock captures what is set now.
func (d *Device) CreateStateBlock() *StateBlock {
	b := &StateBlock{d: d}
	b.Capture()
	return b
}

// Capture has the block hold what is set now instead.
func (b *StateBlock) Capture() {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	b.s = b.d.state
}

// ApplyStateBlock sets everything as it was. Only what differs is sent.
func (d *Device) ApplyStateBlock(b *StateBlock) error {
	if b == nil || b.d != d {
		return failed(ErrInvalidStateBlock, "it is none of this device")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var first error
	did := func(err error) {
		if err != nil && first == nil {
			first = err
		}
	}
	for s := range stateSpans {
		did(d.setRenderState(s, b.s.render[s]))
	}
	for i := range b.s.stages {
		for s := StageState(1); s <= lastStageState; s++ {
			if s != Address && b.s.stages[i][s] != d.state.stages[i][s] {
				did(d.setStageState(i, s, b.s.stages[i][s]))
			}
		}
		did(d.setTexture(i, b.s.textures[i]))
	}
	for _, t := range []Transform{World, View, Projection, Texture0, Texture1} {
		if i, err := place(t); err == nil {
			did(d.setTransform(t, i, b.s.transforms[i]))
		}
	}
	if b.s.viewport != d.state.viewport {
		did(d.setViewport(b.s.viewport))
	}
	did(d.setMaterial(b.s.material))
	for i := range b.s.lights {
		if !b.s.lit[i] {
			did(d.lightEnable(i, false))
		}
	}
	for i := range b.s.lights {
		if b.s.set[i] {
			did(d.setLight(i, b.s.lights[i]))
		}
		did(d.lightEnable(i, b.s.lit[i]))
	}
	for i := range b.s.planes {
		did(d.setClipPlane(i, b.s.planes[i]))
	}
	return first
}
