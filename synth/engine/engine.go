// Package engine is the wavetable synthesizer's voice engine: sixteen MIDI
// channels that play banks of package bank, rendered to float32 stereo.
//
// It knows nothing of files, threads or ports. Whoever owns an Engine feeds it
// MIDI messages with sample offsets and calls Render; all calls come from one
// goroutine at a time, and none of those that happen while music plays
// allocates, locks or waits.
//
// A voice lives in blocks of 64 frames from its first one on. At the start of
// each its envelopes and oscillators move, the samples around the block are
// unrolled into a window, interpolated, filtered, and added, with gains that ramp
// linearly, to an accumulator that reaches as far ahead as a block does. What voices send to
// reverberation and chorus (package effect) goes to buses of the same kind.
//
// Sources: SoundFont 2.04 chapters 8 and 9 (generators, modulators, envelopes);
// DLS Level 1 v1.1b chapter 1 (articulation, exclusive notes, voice
// priorities); General MIDI System Levels 1 and 2; MIDI tuning standard; RP-015
// (reset all controllers); Roland GS and Yamaha XG as far as files use them.
// Where these leave room (shape of the attack, range of the decibel scale, pan
// law, what a key group cut sounds like) it does as FluidSynth does, so that
// banks sound as their authors heard them.
package engine

import (
	"fmt"

	"github.com/mmlite/mmlite/synth/bank"
)

// Config says how an engine is built. The zero value of every field but
// SampleRate means its default.
type Config struct {
	// SampleRate is in Hz, 8000 to 192000.
	SampleRate int
	// Voices is how many sound at once at most, 16 to 1024; 256 by default. A
	// note beyond that takes the place of the least important voice, which fades
	// over 8 ms on a slot of its own.
	Voices int
	// Quota limits the voices further, 1 to Voices; Voices by default. See
	// SetQuota.
	Quota int
	// Interpolation is Cubic by default.
	Interpolation Interpolation
	// Gain is the master gain as FluidSynth counts it: a full-scale voice in the
	// middle comes out at 0.81 times Gain. 0 means DefaultGain.
	Gain float32
	// Events is how many messages may wait, 64 to 1<<20; 4096 by default.
	Events int
	// Selected, if not nil, is told of every preset that a channel comes to, by
	// SetBank or a program change, before notes are played on it. It is called
	// from within SetBank and Render and must not block: where samples are
	// supplied later, it is the place to ask for them.
	Selected func(*bank.Preset)
	// Wanted, if not nil, is told of a note of which something is not loaded, before
	// it starts: the preset's regions, or samples of some of them. If it returns
	// with them there, nothing is missing; else what is missing stays silent and
	// is counted in Stats.NotLoaded. It is called from within Render, and may
	// block where nothing keeps time. key may be outside 0..127.
	Wanted func(p *bank.Preset, key int, velocity uint8)
	// Checkpoint, if not nil, is called between batches of voices, once in about 2
	// microseconds of work, so that a thread that renders many voices can give
	// way. It must not call the engine.
	Checkpoint func()
	// ExactTuning ignores bank.Region.PlayerTuning: every voice sounds at its exact
	// pitch, and SoundFont layers beat a little otherwise than in other players.
	ExactTuning bool
	// Effects turns reverberation and chorus on from the start; see SetEffects.
	Effects bool
	// Portable asks for the reference loops even where faster ones exist. The
	// output is the same, bit for bit.
	Portable bool
}

// DefaultGain brings the peaks of most songs near full scale; the densest go 4 dB
// beyond, which a limiter after the engine takes back.
const DefaultGain = 0.6

// MaxBanks is how many banks SetBank takes.
const MaxBanks = 512

const (
	fadeSeconds   = 0.008
	shortestNote  = 0.010 // a note-off that comes earlier waits
	spareVoices   = 32    // slots for fading voices, beside a quarter of Voices
	maxRatio      = 120   // of pitch above the output rate
	channels      = 16
	rhythmChannel = 9
	inaudible     = 4e-6 // of full scale: an eighth of a 16-bit step
	silentCB      = 950  // how far down an envelope is silence
	sysexArena    = 1 << 16
	fullScale     = 1.143 / 32768 // so that Gain is FluidSynth's, by measurement
)

// Engine is a synthesizer of sixteen channels. It is not safe for concurrent
// use.
type Engine struct {
	rate          float64
	gain          float32
	master        float32 // master volume by system exclusive
	fineTune      float64 // master tuning by system exclusive, cents
	coarseTune    float64
	balance       float32 // of everything, permille of Gen[Pan]
	kernels       kernels
	fadeBlocks    int
	before        int // taps before a position
	taps          int
	curves        *curves
	cutoffs       *filterTable
	limit         int
	quota         int
	banks         []*bank.Bank
	channel       [channels]channel
	kits          [channels]drumKit
	tunings       [tunings][128]float32 // cents
	mode          mode
	effects       effects
	selected      func(*bank.Preset)
	wanted        func(*bank.Preset, int, uint8)
	checkpoint    func()
	work          uint64 // units, see Work
	interpolation Interpolation
	exactTuning   bool
	sensing       bool   // active sensing has been received
	heard         uint64 // frame of the last message
	byRank        bool   // DLS voice allocation: static channel priorities
	voices        []voice
	free          []*voice
	active        []*voice // in the order they started
	ended         int      // of active, have ended and are taken off after the segment
	victims       []victim // room for SetQuota
	sounding      int      // active voices that do not fade
	peak          int
	note          uint64 // number of the last note-on
	frame         uint64 // frames rendered
	queue         queue
	stats         Stats

	window     window
	part       row                   // of a block that is read in pieces
	generators [bank.NumDest]float32 // of the voice modulate was last called for
	batch      batch
	phase      [blockFrames]phaseQueue
	phases     uint64 // bit i: phase i has voices
	sums       [channels]accumulator
	parts      int     // how many of sums are in use
	until      uint64  // frame at which the last block made ends
	mixdown    [1]Stem // Render's buffers, while it runs
}

// New makes an engine with no banks: every channel is silent until SetBank.
func New(c Config) (*Engine, error) {
	if c.Voices == 0 {
		c.Voices = 256
	}
	if c.Quota == 0 {
		c.Quota = c.Voices
	}
	if c.Gain == 0 {
		c.Gain = DefaultGain
	}
	if c.Events == 0 {
		c.Events = 4096
	}
	switch {
	case c.SampleRate < 8000 || c.SampleRate > 192000:
		return nil, fmt.Errorf("engine: sample rate %d Hz outside 8000..192000", c.SampleRate)
	case c.Voices < 16 || c.Voices > 1024:
		return nil, fmt.Errorf("engine: %d voices, 16 to 1024 are possible", c.Voices)
	case c.Quota < 1 || c.Quota > c.Voices:
		return nil, fmt.Errorf("engine: quota of %d voices, 1 to %d are possible", c.Quota, c.Voices)
	case c.Interpolation >= numInterpolations:
		return nil, fmt.Errorf("engine: no interpolation %d", c.Interpolation)
	case !(c.Gain > 0 && c.Gain <= 100):
		return nil, fmt.Errorf("engine: gain %g outside 0..100", c.Gain)
	case c.Events < 64 || c.Events > 1<<20:
		return nil, fmt.Errorf("engine: queue of %d events, 64 to %d are possible", c.Events, 1<<20)
	}
	e := &Engine{
		rate: float64(c.SampleRate), gain: c.Gain, limit: c.Voices, quota: c.Quota,
		parts:       1,
		exactTuning: c.ExactTuning, selected: c.Selected, wanted: c.Wanted, checkpoint: c.Checkpoint, interpolation: c.Interpolation,
		fadeBlocks: max(int(fadeSeconds*float64(c.SampleRate)/blockFrames), 1),
		curves:     newCurves(), kernels: portableKernels(c.Interpolation),
	}
	if k, ok := vectorKernels(c.Interpolation); ok && !c.Portable {
		e.kernels = k
	}
	e.taps, e.before = c.Interpolation.taps()
	e.cutoffs = newFilterTable(e.curves, e.rate)
	e.queue.events = make([]event, 0, c.Events)
	e.queue.arena = make([]byte, 0, sysexArena)
	e.queue.spare = make([]byte, 0, sysexArena)
	slots := c.Voices + c.Voices/4 + spareVoices
	e.voices = make([]voice, slots)
	e.free = make([]*voice, 0, slots)
	e.active = make([]*voice, 0, slots)
	e.victims = make([]victim, 0, slots)
	for i := range e.voices {
		e.free = append(e.free, &e.voices[len(e.voices)-1-i])
	}
	e.effects.init(c)
	for i := range e.channel {
		e.channel[i].drums = &e.kits[i]
	}
	e.reset(modeGS)
	return e, nil
}

// SetBank replaces the stack of banks; where two have the same preset, the later
// wins. Channels look their programs up again; notes that sound go on with the
// bank they started with, which must stay valid until Uses says no.
func (e *Engine) SetBank(banks ...*bank.Bank) error {
	if len(banks) > MaxBanks {
		return fmt.Errorf("engine: %d banks, at most %d", len(banks), MaxBanks)
	}
	for i, b := range banks {
		if b == nil {
			return fmt.Errorf("engine: bank %d is nil", i)
		}
	}
	e.banks = append(e.banks[:0], banks...)
	for i := range e.channel {
		e.selectPreset(&e.channel[i])
	}
	return nil
}

// Uses says whether a voice still plays from b or the stack holds it.
func (e *Engine) Uses(b *bank.Bank) bool {
	for _, x := range e.banks {
		if x == b {
			return true
		}
	}
	for _, v := range e.active {
		if v.bank == b {
			return true
		}
	}
	return false
}

// SetGain changes the master gain (see Config.Gain), ramped over one block.
// Values that are not above 0 are silence; more than 100 is 100.
func (e *Engine) SetGain(gain float32) {
	if !(gain > 0) {
		gain = 0
	}
	e.gain = min(gain, 100)
	e.touchAll()
}

// AllSoundOff fades every voice over 8 ms and the effects over 12, drops the events
// that wait and leaves the channels as they are.
func (e *Engine) AllSoundOff() {
	e.queue.clear()
	e.effects.stop()
	for _, v := range e.active {
		e.fade(v)
	}
}
