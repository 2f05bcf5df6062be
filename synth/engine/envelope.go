package engine

import "github.com/mmlite/mmlite/synth/bank"

// The envelopes are the DAHDSR generators of SoundFont 2.04, section 9.1.7, and
// of DLS 2, section 1.6: a value from 0 to 1 that the volume envelope maps to
// decibels (and to amplitude during the attack) and the modulation envelope to
// cents. Stages last whole blocks, rounded the way FluidSynth rounds them: banks
// have millisecond-long pitch blips, which set how layers beat ever after.

type stage uint8

const (
	stageDelay stage = iota
	stageAttack
	stageHold
	stageDecay
	stageSustain
	stageRelease
	stageDone
)

type envelope struct {
	stage stage
	at    int // blocks into the stage
	value float64
	times
}

// times are the stages' durations in blocks, decay and release from 1 to 0, and
// the sustain level.
type times struct {
	delay, attack, hold, decay, release int
	sustain                             float64
}

// Time cents that a file may ask for at most, and the least that count.
const (
	longestDelay  = 5000
	longestStage  = 8000
	shortestStage = -12000
	shortestOff   = -7200 // of the volume envelope's release, 16 ms
)

// set reads the stages from modulated generators, of which first is the
// envelope's delay. key is the note's, least the shortest release in time cents.
func (t *times) set(c *curves, gen *[bank.NumDest]float32, first bank.Dest, key, rate, least float32) {
	at := func(d bank.Dest) float32 { return gen[first+d-bank.VolEnvDelay] }
	blocks := func(tc, lo, hi float32, up float64) int {
		if tc <= noTime {
			return 0
		}
		s := c.seconds(min(max(tc, lo), hi))
		return int(float64(s*float64(rate))/blockFrames + up)
	}
	below := 60 - key
	t.delay = blocks(at(bank.VolEnvDelay), shortestStage, longestDelay, 0)
	t.attack = 1 + blocks(at(bank.VolEnvAttack), shortestStage, longestStage, 0)
	t.hold = blocks(at(bank.VolEnvHold)+float32(below*at(bank.VolEnvKeyToHold)), shortestStage, longestDelay, 0.5)
	t.decay = blocks(at(bank.VolEnvDecay)+float32(below*at(bank.VolEnvKeyToDecay)), shortestStage, longestStage, 0.5)
	t.release = 1 + blocks(at(bank.VolEnvRelease), least, longestStage, 0)
	t.sustain = float64(1 - float32(min(max(at(bank.VolEnvSustain), 0), 1000)*0.001))
}

// noTime and below is a time of zero.
const noTime = -32768

// step moves the envelope on by a block.
func (v *envelope) step() {
	for {
		switch v.stage {
		case stageDelay:
			if v.at < v.delay {
				v.at++
				return
			}
		case stageAttack:
			if v.at < v.attack {
				v.at++
				v.value = min(v.value+1/float64(v.attack), 1)
				return
			}
		case stageHold:
			v.value = 1
			if v.at < v.hold {
				v.at++
				return
			}
		case stageDecay:
			if v.at < v.decay {
				v.at++
				v.value -= 1 / float64(v.decay)
				if v.value > v.sustain {
					return
				}
				v.value, v.stage = v.sustain, stageSustain
				return
			}
			v.value = v.sustain
		case stageRelease:
			v.value -= 1 / float64(v.release)
			if v.value <= 0 {
				v.value, v.stage = 0, stageDone
			}
			return
		default:
			return
		}
		v.stage, v.at = v.stage+1, 0
	}
}

// lfo is a low-frequency oscillator that starts at zero, rising, after a delay.
type lfo struct {
	wait  int     // frames until it starts
	phase float64 // of the cycle, 0..1
	rate  float64 // cycles per block
	sine  bool
}

// step moves it on by a block.
func (l *lfo) step() {
	if l.wait > 0 {
		l.wait -= blockFrames
		return
	}
	l.phase += l.rate
	if l.phase >= 1 {
		l.phase -= float64(int(l.phase))
	}
}

// value is where it is now, -1..1.
func (l *lfo) value() float32 {
	p := l.phase
	if l.sine {
		// Bhaskara's rational sine is within 0.2 percent, far below hearing here.
		q, sign := p*2, 16.0
		if q >= 1 {
			q, sign = q-1, -16
		}
		w := float64(q * (1 - q))
		return float32(float64(sign*w) / (5 - float64(4*w)))
	}
	switch {
	case p < 0.25:
		return float32(4 * p)
	case p < 0.75:
		return float32(2 - float64(4*p))
	}
	return float32(float64(4*p) - 4)
}
