package engine

// control brings v's parameters up to the end of the next n frames: envelopes
// and oscillators advance, and step, filter and target gains follow. sounds says
// whether there is anything to render; ends that the voice is over after this
// block.
func (e *Engine) control(v *voice, n int) (sounds, ends bool) {
	if v.offAt != 0 && e.frame >= v.offAt {
		e.letGo(v)
	}
	if v.dirty {
		e.modulate(v)
	}
	frames := float64(n)
	if v.volume.stage < stageSustain || v.volume.stage == stageRelease {
		v.volume.advance(frames)
	}
	if v.volume.stage == stageDelay {
		if v.fading >= 0 {
			return false, true
		}
		e.advanceModulation(v, frames)
		return false, v.volume.stage == stageDone
	}
	mod, vib, env := e.advanceModulation(v, frames)

	// Gain.
	cb := v.attenuation
	if v.modVolume != 0 {
		if v.region.LFOVolumeDown {
			depth := v.modVolume
			if depth < 0 {
				depth = -depth
			}
			cb += float32(depth * (0.5 - float32(0.5*mod)))
		} else {
			cb -= float32(v.modVolume * mod)
		}
	}
	var g float32
	switch v.volume.stage {
	case stageAttack:
		g = float32(e.gainOf(cb) * float32(v.volume.value))
	case stageDone:
		g, ends = 0, true
	default:
		down := float32(v.region.VolEnvRange * float32(1-v.volume.value))
		g = e.gainOf(cb + down)
		switch v.volume.stage {
		case stageRelease:
			ends = float32(g*max(v.left, v.right)) < inaudible*fullScale
		case stageDecay, stageSustain:
			// Controllers may raise the volume again; only the envelope is final.
			ends = down >= silentCB
		}
		if ends {
			g = 0
		}
	}
	v.envelope = g
	if v.fading >= 0 {
		v.fading = max(v.fading-n, 0)
		g = float32(g * float32(float64(v.fading)/float64(fadeSeconds*e.rate)))
		ends = ends || v.fading == 0
	}
	v.tl, v.tr = float32(g*v.left), float32(g*v.right)

	// Pitch.
	if v.moving || !v.stepKnown {
		cents := v.pitch + float64(float32(v.modPitch*mod)) + float64(float32(v.vibPitch*vib)) + float64(float32(v.envPitch*env))
		ratio := float64(e.curves.ratio(cents)*float64(v.region.Sample.Rate)) / e.rate
		v.step = uint64(min(ratio, maxRatio) * (1 << 32))
		v.stepKnown = true
	}

	// Filter.
	if v.filtered {
		cutoff := v.cutoff + float32(v.modCutoff*mod) + float32(v.envCutoff*env)
		if cutoff != v.lastCutoff {
			k := e.cutoffs.lowpass(cutoff, v.resonance)
			v.filter.b, v.filter.a1, v.filter.a2 = k.b, k.a1, k.a2
			v.lastCutoff = cutoff
		}
	}
	return true, ends
}

// gainOf is the factor of cB of attenuation; an LFO may make them negative.
func (e *Engine) gainOf(cb float32) float32 {
	if cb < 0 {
		return float32(e.curves.ratio(float64(-cb) * (1200 * log2of10 / 200)))
	}
	return e.curves.attenuate(cb)
}

// advanceModulation moves the LFOs and the modulation envelope on.
func (e *Engine) advanceModulation(v *voice, n float64) (mod, vib, env float32) {
	if v.modPitch != 0 || v.modCutoff != 0 || v.modVolume != 0 {
		mod = v.modLFO.advance(n)
	} else if v.modLFO.wait > 0 {
		v.modLFO.wait = max(v.modLFO.wait-n, 0)
	}
	if v.vibPitch != 0 {
		vib = v.vibrato.advance(n)
	} else if v.vibrato.wait > 0 {
		v.vibrato.wait = max(v.vibrato.wait-n, 0)
	}
	m := &v.modulation
	if m.stage < stageSustain || m.stage == stageRelease {
		m.advance(n)
	}
	env = float32(m.value)
	if m.stage == stageAttack && v.region.ModEnvConvex && (v.envPitch != 0 || v.envCutoff != 0) {
		env = e.convex(env)
	}
	return mod, vib, env
}

// ramp is the gain over the block that control prepared; the next one starts
// where it ends.
func (v *voice) ramp(n int) ramp {
	r := ramp{gl: v.gl, gr: v.gr}
	if v.tl != v.gl || v.tr != v.gr {
		inv := 1 / float32(n)
		r.dl, r.dr = float32((v.tl-v.gl)*inv), float32((v.tr-v.gr)*inv)
	}
	v.gl, v.gr = v.tl, v.tr
	return r
}

// follow keeps the filter's state where the signal is while it is not used, so
// that it can be switched in without a step.
func (v *voice) follow(r *row, n int) {
	f := &v.filter
	f.x2, f.y2 = f.x1, f.y1
	if n >= 2 {
		f.x2, f.y2 = float64(r[n-2]), float64(r[n-2])
	}
	f.x1, f.y1 = float64(r[n-1]), float64(r[n-1])
}
