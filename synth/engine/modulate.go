package engine

import (
	"math"

	"github.com/mmlite/mmlite/synth/bank"
)

// Modulators: SoundFont 2.04, section 8.2 and chapter 9. All of a voice's are
// computed together, only when a controller of its channel has changed.

const linkDepth = 4 // how many links deep modulators feed modulators

// modulate computes v's parameters and returns its generators with everything
// added, valid until the next call.
func (e *Engine) modulate(v *voice) *[bank.NumDest]float32 {
	gen := v.region.Gen
	e.addModulators(v, &gen)
	if v.channel.shape.used || v.channel.soundControlled() {
		e.form(v, &gen)
	}
	if v.channel.rhythm && v.channel.drums.used {
		e.drum(v, &gen)
	}
	if v.shutdown {
		gen[bank.VolEnvRelease], gen[bank.ModEnvRelease] = v.region.Shutdown, v.region.Shutdown
	}
	c, ch := e.curves, v.channel
	key := float64(v.soundKey)
	tune := e.fineTune + ch.fineTune
	if !ch.rhythm {
		tune += e.coarseTune + float64(ch.shift*100) + e.temper(&ch.tuning, v.key)
		if p := ch.preset; p == nil || !p.TuneShiftsKey {
			tune += float64(ch.coarseTune) * 100
		}
	}
	v.root = 0
	root := float64(v.region.Root)
	if v.playerTuning {
		// Relative to 0 cents abs, so that it can be cut to whole cents; root is
		// a whole number of them in all files.
		v.root = math.Round(float64(root * 100))
		root = v.root / 100
	}
	v.pitch = float64(float64(gen[bank.ScaleTuning])*(key-root)) + v.root + float64(gen[bank.Pitch]) + tune

	v.attenuation = min(max(gen[bank.Attenuation], 0), 1440) + v.soft
	pan := min(max(min(max(gen[bank.Pan], -500), 500)+e.balance, -500), 500) + 500
	table := &c.panSine
	if v.region.PanLaw == bank.PanRoot {
		table = &c.panRoot
	}
	i := int(pan)
	f := pan - float32(i)
	g := float32(e.gain*e.master) * fullScale
	v.right = float32(g * (table[i] + float32(f*(table[i+1]-table[i]))))
	pan, i = panSteps-pan, int(panSteps-pan)
	f = pan - float32(i)
	v.left = float32(g * (table[i] + float32(f*(table[i+1]-table[i]))))

	v.cutoff = gen[bank.FilterCutoff]
	v.resonance = newResonance(c, gen[bank.FilterQ])
	v.lastCutoff = -1
	v.modPitch = bound(gen[bank.ModLFOToPitch], 12000)
	v.modCutoff = bound(gen[bank.ModLFOToCutoff], 12000)
	v.modVolume = bound(gen[bank.ModLFOToVolume], 960)
	v.vibPitch = bound(gen[bank.VibLFOToPitch], 12000)
	v.envPitch = bound(gen[bank.ModEnvToPitch], 12000)
	v.envCutoff = bound(gen[bank.ModEnvToCutoff], 12000)
	v.moving = v.modPitch != 0 || v.vibPitch != 0 || v.envPitch != 0
	v.usesMod = v.modPitch != 0 || v.modCutoff != 0 || v.modVolume != 0
	v.usesEnv = v.envPitch != 0 || v.envCutoff != 0
	v.rate = float64(v.region.Sample.Rate) / e.rate
	v.stepKnown = false
	if !v.filtered && (v.cutoff < cutoffHigh || v.modCutoff != 0 || v.envCutoff < 0 || gen[bank.FilterQ] > 0) {
		v.filtered = true
		v.base, v.sharp = cutoffHigh, newResonance(c, 0)
	}
	v.modLFO.rate = float64(c.hertz(bound(gen[bank.ModLFOFreq], 4500))*blockFrames) / e.rate
	v.vibrato.rate = float64(c.hertz(bound(gen[bank.VibLFOFreq], 4500))*blockFrames) / e.rate
	v.volume.set(c, &gen, bank.VolEnvDelay, float32(key), float32(e.rate), shortestOff)
	v.modulation.set(c, &gen, bank.ModEnvDelay, float32(key), float32(e.rate), shortestStage)
	v.reverb, v.chorus = 0, 0
	if e.effects.on {
		v.reverb = float32(g * min(max(gen[bank.ReverbSend], 0), 1000) * 0.001)
		v.chorus = float32(g * min(max(gen[bank.ChorusSend], 0), 1000) * 0.001)
	}
	e.price(v)
	v.dirty, v.steady = false, false
	e.generators = gen
	return &e.generators
}

// bound keeps x within ±limit (LFO frequencies: their least is far below).
func bound(x, limit float32) float32 { return min(max(x, -max(limit, 16000)), limit) }

func (e *Engine) addModulators(v *voice, gen *[bank.NumDest]float32) {
	mods := v.region.Modulators
	linked := false
	for i := range mods {
		m := &mods[i]
		if m.Dest >= bank.ToModulator {
			linked = true
			continue
		}
		if m.Source.Kind == bank.SourceLink {
			continue
		}
		x := e.output(m, e.source(&m.Source, v), v)
		if v.channel.modDepth != 1 && m.Source.CC == 1 && m.Source.Kind == bank.SourceCC && (m.Dest == bank.VibLFOToPitch || m.Dest == bank.ModLFOToPitch) {
			x *= v.channel.modDepth
		}
		gen[m.Dest] += x
	}
	if linked {
		e.addLinked(v, gen)
	}
}

// addLinked follows chains of modulators to linkDepth; a cycle ends there.
func (e *Engine) addLinked(v *voice, gen *[bank.NumDest]float32) {
	mods := v.region.Modulators
	var sums, next [bank.MaxModulators]float32
	for range linkDepth {
		clear(next[:len(mods)])
		for i := range mods {
			m := &mods[i]
			if m.Dest < bank.ToModulator {
				continue
			}
			in := sums[i]
			if m.Source.Kind != bank.SourceLink {
				in = e.source(&m.Source, v)
			}
			next[m.Dest-bank.ToModulator] += e.output(m, in, v)
		}
		sums = next
	}
	for i := range mods {
		if m := &mods[i]; m.Source.Kind == bank.SourceLink && m.Dest < bank.NumDest {
			gen[m.Dest] += e.output(m, sums[i], v)
		}
	}
}

func (e *Engine) output(m *bank.Modulator, in float32, v *voice) float32 {
	x := float32(float32(m.Amount*in) * e.source(&m.Control, v))
	if m.Abs && x < 0 {
		return -x
	}
	return x
}

// source is the transformed value of a modulator's input.
func (e *Engine) source(s *bank.Source, v *voice) float32 {
	ch := v.channel
	var raw float32
	span := float32(128)
	if (s.Curve == bank.Concave || s.Curve == bank.Convex) && !s.Over128 {
		span = 127
	}
	switch s.Kind {
	case bank.SourceVelocity:
		raw = float32(v.velocity)
	case bank.SourceKey:
		raw = float32(v.soundKey)
	case bank.SourcePolyPressure:
		raw = float32(ch.polyPressure[v.key])
	case bank.SourceChannelPressure:
		raw = float32(ch.pressure)
	case bank.SourcePitchWheel:
		raw, span = float32(ch.bend), 16384
	case bank.SourceBendRange:
		raw = ch.bendRange
		if v.playerTuning {
			raw *= 127.0 / 128
		}
	case bank.SourceCC:
		raw = float32(ch.cc[s.CC])
	default:
		return 1
	}
	x := raw / span
	if s.Negative {
		x = 1 - x
	}
	if !s.Bipolar {
		return e.shape(s.Curve, x)
	}
	x = 2*x - 1
	if s.Curve == bank.Linear {
		return x
	}
	if x < 0 {
		if s.Curve == bank.Switch {
			return -1
		}
		return -e.shape(s.Curve, -x)
	}
	if s.Curve == bank.Switch {
		return 1
	}
	return e.shape(s.Curve, x)
}

func (e *Engine) shape(c bank.Curve, x float32) float32 {
	switch c {
	case bank.Concave:
		return e.curves.bend(x)
	case bank.Convex:
		return e.convex(x)
	case bank.Switch:
		if x >= 0.5 {
			return 1
		}
		return 0
	}
	return x
}
