package engine

import "github.com/mmlite/mmlite/synth/engine/effect"

// The effects stand behind the voices. Each voice adds its sound, before it is
// panned, to a bus for each effect that its region, its controllers 91 and 93 or
// its modulators send it to (SoundFont generators 15 and 16, DLS 2 destinations
// CHORUS and REVERB). A block that is full is processed as a whole, so the
// effects are heard 64 frames after the voices.

// bus sums what is sent to an effect, as accumulator does.
type bus struct {
	sum  [2 * blockFrames]float32
	ends uint64 // frame at which the last block that was added ends
}

// effects are both, with their parameters.
type effects struct {
	on       bool
	reverb   *effect.Reverb
	chorus   *effect.Chorus
	toReverb bus
	toChorus bus
	settings effectSettings
}

// What the effects' blocks cost in units of Work.
const (
	reverbUnits = 420
	chorusUnits = 300
)

func (f *effects) init(c Config) {
	f.settings.reset()
	f.reverb = effect.NewReverb(c.SampleRate, f.settings.room(), c.Portable)
	f.chorus = effect.NewChorus(c.SampleRate, f.settings.voices(), c.Portable)
	f.on = c.Effects
}

// SetEffects turns reverberation and chorus on or off; what sounds of them fades
// over 12 ms.
func (e *Engine) SetEffects(on bool) {
	if on == e.effects.on {
		return
	}
	e.effects.on = on
	if !on {
		e.effects.stop()
	}
	e.touchAll()
}

// Effects says whether reverberation and chorus are on.
func (e *Engine) Effects() bool { return e.effects.on }

// stop fades the tails. What voices send meanwhile is heard as long.
func (f *effects) stop() {
	f.reverb.Stop()
	f.chorus.Stop()
}

// apply hands the parameters over.
func (f *effects) apply() {
	f.reverb.Set(f.settings.room())
	f.chorus.Set(f.settings.voices())
}

// silent says whether nothing is to come from the effects.
func (f *effects) silent() bool {
	return f.toReverb.ends == 0 && f.toChorus.ends == 0 && !f.reverb.Active() && !f.chorus.Active()
}

// units is what the next block of the effects costs.
func (f *effects) units() uint64 {
	sum := uint64(0)
	if f.reverb.Active() {
		sum += reverbUnits
	}
	if f.chorus.Active() {
		sum += chorusUnits
	}
	return sum
}

// block is the first block of the bus, nil if nothing was added to it.
func (b *bus) block() *effect.Block {
	if b.ends == 0 {
		return nil
	}
	return (*effect.Block)(b.sum[:blockFrames])
}

// turn goes on to the block that begins at frame now.
func (b *bus) turn(now uint64) {
	if b.ends == 0 {
		return
	}
	copy(b.sum[:blockFrames], b.sum[blockFrames:])
	clear(b.sum[blockFrames:])
	if b.ends <= now {
		b.ends = 0
	}
}

// turnEffects processes the blocks of the buses that end now, and adds what comes
// of them to the block that begins.
func (e *Engine) turnEffects() {
	f := &e.effects
	if f.silent() {
		return
	}
	e.work += f.units()
	e.until = max(e.until, e.frame+blockFrames)
	left, right := (*effect.Block)(e.sums[0].left[:blockFrames]), (*effect.Block)(e.sums[0].right[:blockFrames])
	if f.chorus.Process(f.toChorus.block(), left, right, (*effect.Block)(f.toReverb.sum[:blockFrames])) {
		f.toReverb.ends = max(f.toReverb.ends, e.frame)
	}
	f.reverb.Process(f.toReverb.block(), left, right)
	f.toReverb.turn(e.frame)
	f.toChorus.turn(e.frame)
}
