package engine

import "github.com/mmlite/mmlite/synth/bank"

// The envelopes are the DAHDSR generators of SoundFont 2.04, section 9.1.7, and
// of DLS 2, section 1.6: a value from 0 to 1 that the volume envelope maps to
// decibels (and to amplitude during the attack) and the modulation envelope to
// cents. Times are frames.

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

// times are the durations of an envelope's stages in frames: decay and release
// from 1 to 0. sustain is a level.
type times struct {
	delay, attack, hold, decay, release float64
	sustain                             float64
}

type envelope struct {
	stage stage
	at    float64 // frames into delay or hold
	value float64
	times
}

// Time cents that a file may ask for at most, and the least that does not click.
const (
	longestDelay   = 5000
	longestAttack  = 8000
	shortest       = -12000
	shortestVolOff = -7200 // 16 ms, as SoundFont players have it
)

// setTimes reads the stage durations from modulated generators, first naming the
// envelope's delay; key is the note's. softest is the least release in time cents.
func (v *envelope) setTimes(c *curves, gen *[bank.NumDest]float32, first bank.Dest, key float64, rate float64, softest float32) {
	at := func(d bank.Dest) float32 { return gen[first+d-bank.VolEnvDelay] }
	frames := func(tc, lo, hi float32) float64 {
		if tc > lo {
			return float64(c.seconds(min(tc, hi)) * rate)
		}
		if tc <= -32768 {
			return 0
		}
		return float64(c.seconds(lo) * rate)
	}
	below := float32(60 - key)
	v.delay = frames(at(bank.VolEnvDelay), shortest, longestDelay)
	if at(bank.VolEnvDelay) <= shortest {
		v.delay = 0
	}
	v.attack = max(frames(at(bank.VolEnvAttack), shortest, longestAttack), blockFrames)
	v.hold = frames(at(bank.VolEnvHold)+float32(below*at(bank.VolEnvKeyToHold)), shortest, longestDelay)
	v.decay = frames(at(bank.VolEnvDecay)+float32(below*at(bank.VolEnvKeyToDecay)), shortest, longestAttack)
	v.release = max(frames(max(at(bank.VolEnvRelease), softest), shortest, longestAttack), blockFrames)
	v.sustain = float64(1 - float32(min(max(at(bank.VolEnvSustain), 0), 1000)*0.001))
}

// advance moves the envelope on by n frames.
func (v *envelope) advance(n float64) {
	for n > 0 {
		switch v.stage {
		case stageDelay:
			if v.at+n < v.delay {
				v.at += n
				return
			}
			n -= max(v.delay-v.at, 0)
			v.stage, v.at = stageAttack, 0
		case stageAttack:
			if next := v.value + n/v.attack; next < 1 {
				v.value = next
				return
			}
			n -= float64((1 - v.value) * v.attack)
			v.stage, v.value, v.at = stageHold, 1, 0
		case stageHold:
			if v.at+n < v.hold {
				v.at += n
				return
			}
			n -= max(v.hold-v.at, 0)
			v.stage = stageDecay
		case stageDecay:
			v.value -= n / max(v.decay, 1)
			if v.value > v.sustain {
				return
			}
			v.value, v.stage = v.sustain, stageSustain
			return
		case stageRelease:
			v.value -= n / v.release
			if v.value > 0 {
				return
			}
			v.value, v.stage = 0, stageDone
			return
		default:
			return
		}
	}
}

// lfo is a low-frequency oscillator that starts at zero, rising, after a delay.
type lfo struct {
	wait  float64 // frames until it starts
	phase float64 // of the cycle, 0..1
	step  float64 // cycles per frame
	sine  bool
}

// advance moves it on by n frames and returns its value, -1..1.
func (l *lfo) advance(n float64) float32 {
	if l.wait > 0 {
		if l.wait >= n {
			l.wait -= n
			return 0
		}
		n -= l.wait
		l.wait = 0
	}
	l.phase += float64(n * l.step)
	for l.phase >= 1 {
		l.phase -= float64(int(l.phase))
	}
	p := l.phase
	if l.sine {
		// Bhaskara's rational sine is within 0.2 percent, far below hearing here.
		q, sign := p*2, float64(1)
		if q >= 1 {
			q, sign = q-1, -1
		}
		w := float64(q * (1 - q))
		return float32(sign * 16 * w / (5 - float64(4*w)))
	}
	switch {
	case p < 0.25:
		return float32(4 * p)
	case p < 0.75:
		return float32(2 - float64(4*p))
	}
	return float32(float64(4*p) - 4)
}
