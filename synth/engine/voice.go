package engine

import (
	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/internal/exact"
)

// voice is one region sounding.
type voice struct {
	bank      *bank.Bank
	region    *bank.Region
	pcm       bank.PCM
	channel   *channel
	note      uint64 // number of the note-on that started it
	started   uint64 // frame of the engine
	clock     int    // frames of this voice before its next block
	offAt     int    // clock of a note-off that came too early; 0 is none
	key       uint8  // as played
	soundKey  uint8  // as the region has it
	velocity  uint8
	exclusive uint16
	shutdown  bool // cut by its exclusive class
	held      bool // the key is down
	pedalled  bool // the key is up, a pedal holds the note
	sostenuto bool
	released  bool
	dirty     bool // modulators must be computed anew
	filtered  bool
	steady    bool // the gain stays as it is
	last      bool // ends with the current block
	fading    int  // blocks of the fade left; -1 is no fade
	soft      float32
	// playerTuning is bank.Region.PlayerTuning, where it counts.
	playerTuning bool

	// Where it is in its sample: 32.32 frames, and the step per output frame.
	position, step     uint64
	start, end         uint32
	loopStart, loopEnd uint32
	looped             bool // has passed the loop's end once

	volume, modulation envelope
	modLFO, vibrato    lfo
	glide, glideStep   float64 // portamento: cents still to go, and per block
	filter             biquad
	base               float32   // cutoff, on its way to that of parameters
	sharp              resonance // likewise

	parameters
	gl, gr   float32 // gains at the end of the current block
	toReverb float32 // and those of the sends
	toChorus float32
	loudness float32 // gain of attenuation and envelope, for stealing

	sends sends  // over the current block, to the effects
	ramp  ramp   // gain over the current block
	cost  uint32 // of a block, see Work
	phase uint8  // frame of the clock's blocks at which this voice's begin
	next  *voice // that starts its blocks at the same frame
}

// parameters are what modulators and controllers make of a voice, computed when
// one of them changes.
type parameters struct {
	pitch          float64 // cents above the sample's rate and root, oscillators apart
	root           float64 // cents that count as the sample's rate
	attenuation    float32 // cB
	left, right    float32 // pan, gain and scale
	cutoff         float32 // cents abs
	resonance      resonance
	modPitch       float32 // cents
	modCutoff      float32 // cents
	modVolume      float32 // cB
	vibPitch       float32 // cents
	envPitch       float32 // cents
	envCutoff      float32 // cents
	rate           float64 // of the sample, by the output's
	moving         bool    // pitch moves from block to block
	usesMod        bool    // the modulation LFO acts on something
	usesEnv        bool    // and the modulation envelope
	stepKnown      bool
	lastCutoff     float32
	reverb, chorus float32 // gain of what goes to the effects, before panning
}

// noteOn starts the regions of the channel's preset that the key and velocity
// choose.
func (e *Engine) noteOn(c *channel, key, velocity uint8) {
	p := c.preset
	if p == nil {
		e.stats.Unassigned++
		return
	}
	e.note++
	from, seconds := c.glide(key)
	at := int(key)
	if p.TuneShiftsKey && !c.rhythm {
		at += c.coarseTune
	}
	if e.wanted != nil && !p.Loaded(at, velocity) {
		e.wanted(p, at, velocity)
	}
	if !p.Ready() {
		e.stats.NotLoaded++
		return
	}
	for _, r := range p.Key(at) {
		if !r.HasVelocity(velocity) {
			continue
		}
		pcm, ok := r.Sample.PCM()
		if !ok {
			e.stats.NotLoaded++
			continue
		}
		e.makeWay(c, r, key)
		v := e.allocate(c)
		if v == nil {
			continue
		}
		e.start(v, c, r, pcm, key, uint8(at), velocity)
		if blocks := int(float64(seconds*e.rate) / blockFrames); blocks > 0 {
			v.glide = float64(from-int(key)) * float64(r.Gen[bank.ScaleTuning])
			v.glideStep = v.glide / float64(blocks)
		}
	}
}

// makeWay ends the notes that a new one of region r and key excludes.
func (e *Engine) makeWay(c *channel, r *bank.Region, key uint8) {
	for _, v := range e.active {
		if v.channel != c || v.note == e.note || v.fading >= 0 {
			continue
		}
		if v.key == key && v.held && !r.Overlap {
			e.release(v)
		}
		if r.Exclusive != 0 && v.exclusive == r.Exclusive {
			v.exclusive, v.shutdown, v.dirty = 0, true, true
			e.letGo(v)
		}
	}
}

// start sets v, which is taken from the free list, sounding.
func (e *Engine) start(v *voice, c *channel, r *bank.Region, pcm bank.PCM, key, sound, velocity uint8) {
	if r.FixedKey >= 0 {
		sound = uint8(r.FixedKey)
	}
	if r.FixedVelocity >= 0 {
		velocity = uint8(r.FixedVelocity)
	}
	*v = voice{
		bank: c.presetBank, region: r, pcm: pcm, channel: c, note: e.note, started: e.frame,
		key: key, soundKey: sound, velocity: velocity, exclusive: r.Exclusive,
		held: true, fading: -1,
		start: r.Start, end: r.End, loopStart: r.LoopStart, loopEnd: r.LoopEnd,
	}
	v.playerTuning = r.PlayerTuning && !r.LFOSine && !e.exactTuning
	if c.cc[ccSoft] >= 64 {
		v.soft = softPedalCB
	}
	v.modLFO.sine, v.vibrato.sine = r.LFOSine, r.LFOSine
	gen := e.modulate(v)
	v.base, v.sharp = v.cutoff, v.resonance
	v.moveEnds(gen)
	v.modLFO.wait = e.frames(gen[bank.ModLFODelay])
	v.vibrato.wait = e.frames(gen[bank.VibLFODelay])
	v.position = uint64(v.start) << 32
	e.active = append(e.active, v)
	e.link(v)
	e.work += noteUnits
	e.sounding++
	e.peak = max(e.peak, e.sounding)
}

// frames is a delay in time cents.
func (e *Engine) frames(tc float32) int {
	if tc <= shortestStage {
		return 0
	}
	return int(e.curves.seconds(min(tc, longestDelay)) * e.rate)
}

// moveEnds applies modulated sample offsets, which count at note-on only.
func (v *voice) moveEnds(gen *[bank.NumDest]float32) {
	if gen[bank.StartOffset] == 0 && gen[bank.EndOffset] == 0 && gen[bank.LoopStartOffset] == 0 && gen[bank.LoopEndOffset] == 0 {
		return
	}
	last := int64(len(v.pcm.Data))
	move := func(at uint32, by float32, low, high int64) uint32 {
		return uint32(min(max(int64(at)+int64(by), low), high))
	}
	v.end = move(v.end, gen[bank.EndOffset], 0, last)
	v.start = move(v.start, gen[bank.StartOffset], 0, int64(v.end))
	v.loopEnd = move(v.loopEnd, gen[bank.LoopEndOffset], 0, int64(v.end))
	v.loopStart = move(v.loopStart, gen[bank.LoopStartOffset], 0, int64(v.loopEnd))
}

// loops says whether the loop is in force.
func (v *voice) loops() bool {
	if v.loopStart >= v.loopEnd {
		return false
	}
	switch v.region.Loop {
	case bank.LoopForever:
		return true
	case bank.LoopUntilRelease:
		return !v.released
	}
	return false
}

// noteOff is a key that goes up.
func (e *Engine) noteOff(c *channel, key uint8) {
	for _, v := range e.active {
		if v.channel == c && v.key == key && v.held {
			e.release(v)
		}
	}
}

// release takes the key away from a voice; pedals may still hold it.
func (e *Engine) release(v *voice) {
	if !v.held || v.fading >= 0 {
		return
	}
	v.held = false
	if v.sostenuto || v.channel.sustained() {
		v.pedalled = true
		return
	}
	e.letGo(v)
}

// letGo starts the release of the envelopes, or puts it off to the end of the
// shortest note.
func (e *Engine) letGo(v *voice) {
	if v.released {
		return
	}
	if least := int(shortestNote * e.rate); v.clock < least {
		v.offAt = least
		v.held, v.pedalled = false, false
		return
	}
	v.held, v.pedalled, v.released, v.offAt = false, false, true, 0
	if v.volume.stage == stageAttack && v.volume.value > 0 {
		// The attack is linear in amplitude and the release in decibels: go on
		// from the same amplitude.
		cb := float64(-200 / exact.Log2Of10 * exact.Log2(v.volume.value))
		v.volume.value = min(max(1-cb/float64(v.region.VolEnvRange), 0), 1)
	}
	if v.modulation.stage == stageAttack && v.region.ModEnvConvex {
		v.modulation.value = float64(e.convex(float32(v.modulation.value)))
	}
	v.volume.stage, v.modulation.stage = stageRelease, stageRelease
	v.steady = false
}

// convex is the mirror image of the concave curve.
func (e *Engine) convex(x float32) float32 { return 1 - e.curves.bend(1-x) }

// releaseAll lets every note go, pedals or not.
func (e *Engine) releaseAll() {
	for i := range e.channel {
		e.channel[i].cc[ccSustain], e.channel[i].cc[ccSostenuto] = 0, 0
	}
	for _, v := range e.active {
		v.sostenuto = false
		e.letGo(v)
	}
}

// fade silences v over 8 ms and gives its place away.
func (e *Engine) fade(v *voice) {
	if v.fading >= 0 {
		return
	}
	v.fading, v.steady = e.fadeBlocks, false
	v.held, v.pedalled = false, false
	e.sounding--
}

// retire ends v, which is linked no more. Its slot is given back by sweep.
func (e *Engine) retire(v *voice) {
	if v.fading < 0 {
		e.sounding--
	}
	v.region, v.bank, v.channel, v.pcm = nil, nil, nil, bank.PCM{}
	e.ended++
}

// sweep takes the voices that have ended off the active list, all at once: when
// hundreds end in one block, one by one would take long.
func (e *Engine) sweep() {
	if e.ended == 0 {
		return
	}
	e.ended = 0
	kept := e.active[:0]
	for _, v := range e.active {
		if v.region == nil {
			e.free = append(e.free, v)
		} else {
			kept = append(kept, v)
		}
	}
	clear(e.active[len(kept):])
	e.active = kept
}
