// Package limit keeps sound below a ceiling.
//
// A look-ahead limiter: every frame's peak asks for a gain; the smallest gain asked for within the look-ahead is held, rises
// again slowly, and is averaged over the look-ahead. As each frame comes out that much later, the average that meets it
// contains only gains at most its own: nothing overshoots, and the gain moves in smooth ramps. (Signalsmith Audio, Designing a
// Straightforward Limiter, 2022, explains this structure.) The sound is unchanged to the bit, only later, while it stays below
// the ceiling.
//
// Gains are whole numbers, in units of 2^-30, so the running average never drifts. Nothing allocates after New.
package limit

import (
	"fmt"
	"math"
)

// Defaults of a Config.
const (
	DefaultCeiling   = 0.985 // -0.13 dB
	DefaultLookahead = 0.0015
	DefaultRelease   = 0.080
)

// Config describes a limiter. Zero values of Ceiling, Lookahead and Release mean the defaults.
type Config struct {
	Rate      int     // frames per second, 1000 to 1000000
	Channels  int     // 1 to 8; one gain for all, so that the picture stays in place
	Ceiling   float64 // the highest magnitude let out, within (0, 1024]
	Lookahead float64 // seconds, at most 0.1; also the delay
	Release   float64 // time constant in seconds of the gain's way back, 0.001 to 10
}

// unity is a gain of 1.
const unity = 1 << 30

// Limiter is the state of one limiter. It belongs to one thread.
type Limiter struct {
	channels int
	window   int     // frames of look-ahead
	ceiling  float32 // of the output
	scale    float64 // ceiling times unity
	release  int64   // part of the distance to unity the gain goes back in a frame, in 2^-30

	delay []float32 // ring of the last window frames
	spare []float32
	woven []float32 // interleaved, for ProcessStereo
	at    int       // the one to be written next

	// The smallest gain of a window is that of the frames so far in this round of the ring and of the rest of the round before
	// (van Herk, Gil and Werman, 1992 and 1993: the cost does not depend on the window).
	asked  []int64 // gains asked for, by the place in the ring
	rest   []int64 // smallest of the round before from a place on, and unity at the end
	prefix int64   // smallest of this round

	gain int64   // after the release
	box  []int64 // the last window gains, by the place in the ring
	sum  int64

	below   int   // frames since the gain was last below unity
	clean   bool  // asked, rest and prefix are unity
	reduced int64 // smallest sum since it was last told
}

// New makes a limiter.
func New(c Config) (*Limiter, error) {
	if c.Ceiling == 0 {
		c.Ceiling = DefaultCeiling
	}
	if c.Lookahead == 0 {
		c.Lookahead = DefaultLookahead
	}
	if c.Release == 0 {
		c.Release = DefaultRelease
	}
	switch {
	case c.Rate < 1000 || c.Rate > 1_000_000:
		return nil, fmt.Errorf("limit: a rate of %d Hz; use 1000 to 1000000", c.Rate)
	case c.Channels < 1 || c.Channels > 8:
		return nil, fmt.Errorf("limit: %d channels; use 1 to 8", c.Channels)
	case !(c.Ceiling > 0 && c.Ceiling <= 1024):
		return nil, fmt.Errorf("limit: a ceiling of %v; use more than 0, at most 1024", c.Ceiling)
	case !(c.Lookahead > 0 && c.Lookahead <= 0.1):
		return nil, fmt.Errorf("limit: a look-ahead of %v s; use more than 0, at most 0.1", c.Lookahead)
	case !(c.Release >= 0.001 && c.Release <= 10):
		return nil, fmt.Errorf("limit: a release of %v s; use 0.001 to 10", c.Release)
	}
	window := max(1, int(math.Round(c.Lookahead*float64(c.Rate))))
	l := &Limiter{
		channels: c.Channels,
		window:   window,
		ceiling:  float32(c.Ceiling),
		scale:    float64(float32(c.Ceiling)) * unity,
		release:  int64(math.Ceil((1 - math.Exp(-1/(c.Release*float64(c.Rate)))) * unity)),
		delay:    make([]float32, window*c.Channels),
		spare:    make([]float32, window*c.Channels),
		woven:    make([]float32, 2*256),
		asked:    make([]int64, window),
		rest:     make([]int64, window+1),
		box:      make([]int64, window),
	}
	l.Reset()
	return l, nil
}

// Reset forgets the sound under way.
func (l *Limiter) Reset() {
	clear(l.delay)
	l.at, l.gain, l.below = 0, unity, l.window
	l.sum = int64(l.window) * unity
	l.reduced = l.sum
	for i := range l.box {
		l.box[i] = unity
	}
	l.rest[l.window] = unity
	l.forget()
}

// forget makes all gains asked for unity.
func (l *Limiter) forget() {
	for i := range l.asked {
		l.asked[i], l.rest[i] = unity, unity
	}
	l.prefix, l.clean = unity, true
}

// Latency is by how many frames the output is later than the input.
func (l *Limiter) Latency() int { return l.window - 1 }

// Reduction is the smallest gain applied since it was last asked for, 1 if none was below.
func (l *Limiter) Reduction() float32 {
	full := int64(l.window) * unity
	r := l.reduced
	l.reduced = full
	return float32(float64(r) / float64(full))
}

// Process limits whole interleaved frames in place. NaN becomes silence, infinities become the ceiling at most.
func (l *Limiter) Process(x []float32) {
	for n := len(x) / l.channels * l.channels; n > 0; {
		part := min(n, l.window*l.channels)
		if l.idle(x[:part]) {
			l.pass(x[:part])
		} else {
			l.limit(x[:part])
		}
		x, n = x[part:], n-part
	}
}

// ProcessStereo is Process of two channels that lie apart, as many frames as the shorter has. It reports whether it had to turn
// anything down.
func (l *Limiter) ProcessStereo(left, right []float32) (limited bool) {
	if l.channels != 2 {
		return false
	}
	full, before := int64(l.window)*unity, l.reduced
	l.reduced = full
	for n := min(len(left), len(right)); n > 0; {
		part := min(n, len(l.woven)/2)
		x := l.woven[:2*part]
		for i := range part {
			x[2*i], x[2*i+1] = left[i], right[i]
		}
		l.Process(x)
		for i := range part {
			left[i], right[i] = x[2*i], x[2*i+1]
		}
		left, right, n = left[part:], right[part:], n-part
	}
	limited = l.reduced < full
	l.reduced = min(l.reduced, before)
	return limited
}

// idle reports whether all gains under way are unity and x asks for nothing else.
func (l *Limiter) idle(x []float32) bool {
	if l.below < l.window {
		return false
	}
	for _, v := range x {
		if !(v <= l.ceiling && v >= -l.ceiling) {
			return false
		}
	}
	return true
}

// pass only delays at most window frames. The gains in the ring are all unity already.
func (l *Limiter) pass(x []float32) {
	size, old := len(l.delay), l.spare[:len(x)]
	// What comes out begins a frame after what is written, and so does its end in time for the last frame written.
	in := l.at * l.channels
	out := in + l.channels
	if out == size {
		out = 0
	}
	last := l.channels // when a whole window passes, the last frame out is the first one in
	if len(x) < size {
		last = 0
	}
	n := copy(old[:len(x)-last], l.delay[out:])
	copy(old[n:len(x)-last], l.delay)
	copy(old[len(x)-last:], x[:last])
	n = copy(l.delay[in:], x)
	copy(l.delay, x[n:])
	copy(x, old)
	l.at = (l.at + len(x)/l.channels) % l.window
	if !l.clean {
		l.forget()
	}
}

func (l *Limiter) limit(x []float32) {
	l.clean = false
	full := int64(l.window) * unity
	scale := 1 / float64(full)
	for i := 0; i < len(x); i += l.channels {
		frame := x[i : i+l.channels : i+l.channels]
		wanted := l.wanted(frame)
		at, next := l.at, l.at+1
		l.asked[at] = wanted
		l.prefix = min(l.prefix, wanted)

		// The gain rises toward unity, but not above what is held.
		l.gain = min(l.gain+((unity-l.gain)*l.release)>>30+1, l.prefix, l.rest[next], unity)
		l.sum += l.gain - l.box[at]
		l.box[at] = l.gain
		if l.below++; l.gain < unity {
			l.below = 0
		}
		l.reduced = min(l.reduced, l.sum)

		if next == l.window {
			l.turn()
			next = 0
		}
		l.at = next
		copy(l.delay[at*l.channels:], frame)
		old := l.delay[next*l.channels:][:l.channels]
		if l.sum == full {
			copy(frame, old)
			continue
		}
		g := float32(float64(l.sum) * scale)
		for c, v := range old {
			// Rounding may go up by a part in 2^24.
			v = float32(v * g)
			if v > l.ceiling {
				v = l.ceiling
			} else if v < -l.ceiling {
				v = -l.ceiling
			}
			frame[c] = v
		}
	}
}

// turn begins a new round of the ring.
func (l *Limiter) turn() {
	smallest := int64(unity)
	for i := l.window - 1; i >= 0; i-- {
		smallest = min(smallest, l.asked[i])
		l.rest[i] = smallest
	}
	l.prefix = unity
}

// wanted is the gain a frame asks for, and makes the frame finite.
func (l *Limiter) wanted(frame []float32) int64 {
	peak := l.ceiling
	for c, v := range frame {
		if v < 0 {
			v = -v
		}
		if v <= peak {
			continue
		}
		if !(v <= math.MaxFloat32) { // infinite, or not a number
			frame[c] = float32(math.Copysign(math.MaxFloat32, float64(frame[c])))
			if v != v {
				frame[c] = 0
				continue
			}
			v = math.MaxFloat32
		}
		peak = v
	}
	if peak == l.ceiling {
		return unity
	}
	return int64(l.scale / float64(peak))
}
