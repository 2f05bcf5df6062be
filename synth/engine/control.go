package engine

import (
	"math"

	"github.com/mmlite/mmlite/synth/internal/exact"
)

// A voice's parameters move once in 64 frames, counted from its own first frame:
// so nothing about it depends on how the caller cuts time, and a voice's blocks
// fall where they would if it were alone.

// control brings v's parameters up to the end of its next block: envelopes and
// oscillators advance; pitch, filter and target gains follow. It returns false
// while there is nothing to render.
func (e *Engine) control(v *voice) bool {
	if v.offAt != 0 && v.clock >= v.offAt {
		e.letGo(v)
	}
	if v.dirty {
		e.modulate(v)
	}
	v.clock += blockFrames
	v.modLFO.step()
	v.vibrato.step()
	if v.volume.stage != stageSustain {
		v.volume.step()
	}
	if v.modulation.stage != stageSustain {
		v.modulation.step()
	}
	if v.volume.stage == stageDelay || v.volume.stage == stageDone && v.gl == 0 && v.gr == 0 {
		v.last = v.last || v.fading >= 0 || v.volume.stage == stageDone
		return false
	}
	mod, env := float32(0), float32(0)
	if v.usesMod {
		mod = v.modLFO.value()
	}
	if v.usesEnv {
		env = float32(v.modulation.value)
		if v.modulation.stage == stageAttack && v.region.ModEnvConvex {
			env = e.convex(env)
		}
	}
	e.amplify(v, mod)
	if v.moving || v.glide != 0 || !v.stepKnown {
		cents := v.pitch + v.glide + float64(float32(v.modPitch*mod)) + float64(float32(v.envPitch*env))
		if v.vibPitch != 0 {
			cents += float64(float32(v.vibPitch * v.vibrato.value()))
		}
		if v.playerTuning {
			cents = math.Floor(cents) - v.root
		}
		ratio := float64(e.curves.ratio(cents) * v.rate)
		v.step = uint64(min(ratio, maxRatio) * (1 << 32))
		v.stepKnown = true
		if v.glide != 0 {
			if v.glide -= v.glideStep; float64(v.glide*v.glideStep) <= 0 {
				v.glide, v.stepKnown = 0, false
			}
		}
	}
	if v.filtered {
		if v.base != v.cutoff || v.sharp != v.resonance {
			v.approach()
		}
		cutoff := v.base + float32(v.modCutoff*mod) + float32(v.envCutoff*env)
		if cutoff != v.lastCutoff {
			k := e.cutoffs.lowpass(cutoff, v.sharp)
			v.filter.b, v.filter.a1, v.filter.a2 = k.b, k.a1, k.a2
			v.lastCutoff = cutoff
		}
	}
	return true
}

// approach moves the filter towards where controllers have put it. A jump of its
// coefficients would be heard, and so would one of the gain that resonance takes.
func (v *voice) approach() {
	v.base = min(max(v.cutoff, v.base-cutoffGlide), v.base+cutoffGlide)
	v.lastCutoff = -1
	s, q := &v.sharp, &v.resonance
	s.halfInverse += float64((q.halfInverse - s.halfInverse) * resonanceGlide)
	s.gain += float64((q.gain - s.gain) * resonanceGlide)
	if near := q.gain - s.gain; near < 1e-3 && near > -1e-3 {
		*s = *q
	}
}

const (
	cutoffGlide    = 200 // cents in a block
	resonanceGlide = 0.08
)

// amplify sets the ramp that leads over the block to the gain at its end.
func (e *Engine) amplify(v *voice, mod float32) {
	if v.steady {
		v.ramp = ramp{gl: v.gl, gr: v.gr}
		v.sends.reverb, v.sends.chorus = send{gain: v.toReverb}, send{gain: v.toChorus}
		return
	}
	var g, down float32
	if v.volume.stage > stageAttack {
		down = float32(v.region.VolEnvRange * float32(1-v.volume.value))
	}
	cb := down
	if v.modVolume != 0 {
		if v.region.LFOVolumeDown {
			cb += float32(max(v.modVolume, -v.modVolume) * (0.5 - float32(0.5*mod)))
		} else {
			cb -= float32(v.modVolume * mod)
		}
	}
	if v.region.LFOSine {
		cb = max(cb, -120) // DLS allows an LFO 12 dB
	} else {
		cb = max(cb, 0) // SoundFont players never go above the envelope's peak
	}
	cb += v.attenuation
	switch v.volume.stage {
	case stageAttack:
		g = float32(e.gainOf(cb) * float32(v.volume.value))
	case stageDone:
		v.last = true
	default:
		g = e.gainOf(cb)
		switch v.volume.stage {
		case stageRelease:
			v.last = v.last || float32(g*max(v.left, v.right)) < inaudible*fullScale
		case stageDecay, stageSustain:
			// Controllers may raise the volume again; only the envelope is final.
			v.last = v.last || down >= silentCB
		}
		if v.last {
			g = 0
		}
	}
	v.loudness = g
	if v.fading >= 0 {
		v.fading--
		g = float32(g*float32(max(v.fading, 0))) / float32(e.fadeBlocks)
		v.last = v.last || v.fading <= 0
	}
	const per = 1.0 / blockFrames
	l, r := float32(g*v.left), float32(g*v.right)
	v.ramp = ramp{v.gl, (l - v.gl) * per, v.gr, (r - v.gr) * per}
	if v.sends.any = v.reverb > 0 || v.chorus > 0 || v.toReverb > 0 || v.toChorus > 0; v.sends.any {
		r, c := float32(g*v.reverb), float32(g*v.chorus)
		v.sends.reverb = send{v.toReverb, (r - v.toReverb) * per}
		v.sends.chorus = send{v.toChorus, (c - v.toChorus) * per}
		v.toReverb, v.toChorus = r, c
	}
	v.steady = v.volume.stage == stageSustain && v.modVolume == 0 && v.fading < 0 && !v.last
	v.gl, v.gr = l, r
}

// gainOf is the factor of cB of attenuation; an LFO may make them negative.
func (e *Engine) gainOf(cb float32) float32 {
	if cb < 0 {
		return float32(e.curves.ratio(float64(-cb) * (1200 * exact.Log2Of10 / 200)))
	}
	return e.curves.attenuate(cb)
}
