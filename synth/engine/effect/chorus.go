package effect

import "math"

// Voices is what a chorus sounds like.
type Voices struct {
	// Level is the gain of what comes in, on both sides together, 0 to 4.
	Level float64
	// Feedback is the share that comes in again, -0.97 to 0.97.
	Feedback float64
	// Delay is the middle delay in seconds, 0 to 0.1; less than half of Depth, and
	// a little more than a block, is not possible and is made that.
	Delay float64
	// Rate is how often the delays swing, 0.01 to 20 Hz.
	Rate float64
	// Depth is how far they swing from one end to the other, 0 to 0.05 seconds.
	Depth float64
	// ToReverb is the share that goes to the reverberation, 0 to 1.
	ToReverb float64
}

func (v Voices) bounded() Voices {
	v.Level = within(v.Level, 0, 4)
	v.Feedback = within(v.Feedback, -0.97, 0.97)
	v.Delay = within(v.Delay, 0, 0.1)
	v.Rate = within(v.Rate, 0.01, 20)
	v.Depth = within(v.Depth, 0, 0.05)
	v.ToReverb = within(v.ToReverb, 0, 1)
	return v
}

const (
	chorusTaps = 4
	mostDelay  = 0.1 + 0.05/2
	margin     = Frames + 4 // frames that a delay has at least: a block and the taps of the spline
	fastestTap = 0.1        // frames that a delay may change by in a frame
)

// Chorus is a chorus or a flanger. It is not safe for concurrent use.
type Chorus struct {
	rate      float64
	kernels   kernels
	now, next Voices
	line      line
	phase     float64
	delay     [chorusTaps]float64 // frames, of each tap at the end of the last block
	mix       mix
	wet       float32
	stop      bool
	active    bool
	moving    bool
	quiet     int
	rest      int
	level     float32 // of the send to the reverberation, at the end of the last block
	feedback  float32
	taps      [chorusTaps]Block
	pieces    taps
}

// NewChorus makes a chorus for a sample rate of 8000 to 192000 Hz. Portable asks
// for the reference loops.
func NewChorus(rate int, voices Voices, portably bool) *Chorus {
	c := &Chorus{rate: float64(rate), kernels: fastest(portably), wet: 1}
	c.line = newLine(int(mostDelay*c.rate) + 2*margin)
	c.rest = len(c.line.data)/Frames + 1
	c.next = voices.bounded()
	c.begin()
	return c
}

// begin takes over what is set, in silence.
func (c *Chorus) begin() {
	c.now, c.moving = c.next, false
	c.wet, c.stop = 1, false
	for i := range c.delay {
		c.delay[i] = c.at(i)
	}
	c.mix.ml = float32(c.now.Level * 0.5)
	c.level, c.feedback = float32(c.now.ToReverb*c.now.Level*0.5), float32(c.now.Feedback)
}

// Set changes the chorus; parameters glide there in about 50 ms, and delays no
// faster than a tap can move.
func (c *Chorus) Set(v Voices) {
	c.next = v.bounded()
	c.moving = true
	if !c.active {
		c.begin()
	}
}

// Voices is what was set last.
func (c *Chorus) Voices() Voices { return c.next }

// Stop fades the sound over 12 ms and forgets it.
func (c *Chorus) Stop() { c.stop = c.active }

// Active says whether Process has anything to do without input.
func (c *Chorus) Active() bool { return c.active }

// at is where tap i is, in frames.
func (c *Chorus) at(i int) float64 {
	p := c.phase + float64(float64(i)*(1.0/chorusTaps))
	if p >= 1 {
		p--
	}
	half := c.now.Depth * c.rate * 0.5
	middle := max(c.now.Delay*c.rate, half+margin)
	return middle + float64(half*cycle.at(p))
}

// Process takes a block of input, nil if there is none, adds the chorus to left
// and right, and the share that is to be reverberated to reverb. It says whether
// there was such a share.
func (c *Chorus) Process(in, left, right, reverb *Block) (sent bool) {
	if !c.active {
		if in == nil {
			return false
		}
		c.begin()
		c.active = true
	}
	if c.stop {
		if c.wet == 0 {
			c.clear()
			return false
		}
		c.wet = max(c.wet-1.0/fadeBlocks, 0)
	}
	if c.moving {
		c.approach()
	}
	if c.phase += c.now.Rate * Frames / c.rate; c.phase >= 1 {
		c.phase--
	}
	for i := range c.taps {
		c.tap(i)
	}
	c.load(in)
	a, b := &c.taps[0], &c.taps[1]
	for i := range a {
		a[i] += c.taps[2][i]
		b[i] += c.taps[3][i]
	}
	const per = 1.0 / Frames
	m := &c.mix
	gain := float32(float32(c.now.Level*0.5) * c.wet)
	m.mr, m.sl, m.dmr, m.dsl = 0, 0, 0, 0
	m.sr, m.dml = m.ml, (gain-m.ml)*per
	m.dsr = m.dml
	c.kernels.spread(left, right, a, b, m)
	m.ml = gain
	if to := float32(float32(c.now.ToReverb) * gain); to > 0 || c.level > 0 {
		d := (to - c.level) * per
		for i := range reverb {
			reverb[i] += float32((a[i] + b[i]) * (c.level + float32(iota32[i]*d)))
		}
		c.level, sent = to, true
	}
	if in != nil || a.loudest() > inaudible || b.loudest() > inaudible {
		c.quiet = 0
	} else if c.quiet++; c.quiet > c.rest {
		c.clear()
	}
	return sent
}

func (c *Chorus) clear() {
	clear(c.line.data)
	c.active, c.quiet = false, 0
}

// approach moves the parameters on towards what is set.
func (c *Chorus) approach() {
	near := true
	step := func(x, goal float64) float64 {
		d := goal - x
		if d > -1e-5 && d < 1e-5 {
			return goal
		}
		near = false
		return x + float64(d*(1.0/glide))
	}
	n, g := &c.now, &c.next
	n.Level, n.Feedback = step(n.Level, g.Level), step(n.Feedback, g.Feedback)
	n.Delay, n.Depth = step(n.Delay, g.Delay), step(n.Depth, g.Depth)
	n.Rate, n.ToReverb = step(n.Rate, g.Rate), step(n.ToReverb, g.ToReverb)
	c.moving = !near
}

// tap reads a block of tap i, whose delay moves evenly over it.
func (c *Chorus) tap(i int) {
	const most = fastestTap * Frames
	from := c.delay[i]
	to := min(max(c.at(i), from-most, margin), from+most)
	c.delay[i] = to
	// The first frame read is one before the position, for the spline.
	whole := int(math.Ceil(from))
	back := whole + 1
	l := &c.line
	at := l.at - back
	n := len(l.data) - Frames
	if at < 0 {
		at += n
	}
	k := copy(c.pieces[:], l.data[at:n])
	copy(c.pieces[k:], l.data[:n])
	const one = 1 << fracBits
	pos := uint32((float64(whole) - from) * one)
	inc := uint32((1 + (from-to)*(1.0/Frames)) * one)
	c.kernels.cubic(&c.taps[i], &c.pieces, pos, inc)
}

// load writes the block of input, with what is fed back, to the line.
func (c *Chorus) load(in *Block) {
	w := c.line.write()
	to := float32(c.now.Feedback)
	switch d := (to - c.feedback) * (1.0 / Frames); {
	case d != 0:
		for i, x := range c.taps[0] {
			w[i] = float32(x * (c.feedback + float32(iota32[i]*d)))
		}
	case to != 0:
		for i, x := range c.taps[0] {
			w[i] = float32(x * to)
		}
	default:
		*w = Block{}
	}
	c.feedback = to
	if in != nil {
		for i, x := range in {
			w[i] += x
		}
	}
	c.line.step()
}
