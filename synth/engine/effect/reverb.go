package effect

import (
	"math"

	"github.com/mmlite/mmlite/synth/internal/exact"
)

// Room is what a reverberation sounds like.
type Room struct {
	// Time is how long low frequencies take to fall by 60 dB, 0.05 to 20 seconds.
	Time float64
	// High is the share of Time that 8 kHz takes, 0.05 to 1.
	High float64
	// Size scales the distances between echoes, 0.2 to 1.25; 1 is a large hall.
	Size float64
	// Delay is the time before the first echo, 0 to 0.2 seconds, beside the block
	// that the reverberation takes itself.
	Delay float64
	// Width is 0 for one signal on both sides, 1 for two that have nothing in
	// common.
	Width float64
	// Level is the gain of a steady noise on each side, 0 to 4.
	Level float64
}

// bounded is r with what is outside the ranges brought into them.
func (r Room) bounded() Room {
	r.Time = within(r.Time, 0.05, 20)
	r.High = within(r.High, 0.05, 1)
	r.Size = within(r.Size, 0.2, 1.25)
	r.Delay = within(r.Delay, 0, 0.2)
	r.Width = within(r.Width, 0, 1)
	r.Level = within(r.Level, 0, 4)
	return r
}

// within keeps x in a range; NaN is its lower end.
func within(x, low, high float64) float64 {
	if !(x > low) {
		return low
	}
	return min(x, high)
}

// Lengths of the lines and of the allpasses in milliseconds, at size 1.
var (
	lineLengths    = [lines]float64{31.1, 36.7, 43.3, 47.9, 54.7, 61.3, 68.9, 77.1}
	diffuseLengths = [4]float64{2.3, 4.7, 8.1, 12.9}
	diffuseGains   = [4]float32{0.7, 0.7, 0.6, 0.6}
)

const (
	largest      = 1.25 // Room.Size
	longest      = 0.2  // Room.Delay
	highPoint    = 8000 // Hz, for which Room.High counts
	loudestInput = 3    // factor, where a room is so short that little comes round
	wander       = 0.8  // radians that the pairs of lines turn to either side
	fadeBlocks   = 8    // in which the sound goes or comes when lengths change
	glide        = 8    // a parameter covers 1/glide of the rest of its way in a block
)

// wanderHertz is how fast each pair turns.
var wanderHertz = [lines / 2]float64{0.31, 0.47, 0.61, 0.83}

// Reverb is a reverberation. It is not safe for concurrent use.
type Reverb struct {
	rate    float64
	kernels kernels
	room    Room // as it sounds, parameters on their way aside
	next    Room // where it shall go
	net     network
	before  line // Room.Delay
	allpass [len(diffuseLengths)]line
	line    [lines]line
	length  [lines]int
	delays  [len(diffuseLengths)]int
	delay   int
	norm    float32 // what the input is multiplied by
	scale   float32 // and was last
	phase   [lines / 2]float64
	end     struct{ gain, pole, cos, sin [lines]float32 } // of the block
	mix     mix
	wet     float32 // gain of lengths that change, 0 to 1
	feed    float32 // the same of the input
	fading  bool    // down, to change lengths or to stop
	stop    bool
	quiet   int // blocks without input or audible output
	rest    int // how many of these are enough
	active  bool
	moving  bool // parameters are on their way
	mono    Block
	outs    [2]Block
}

// NewReverb makes a reverberation for a sample rate of 8000 to 192000 Hz. Portable
// asks for the reference loops.
func NewReverb(rate int, room Room, portably bool) *Reverb {
	r := &Reverb{rate: float64(rate), kernels: fastest(portably)}
	for i := range r.line {
		r.line[i] = newLine(nextPrime(int(lineLengths[i] * largest / 1000 * r.rate)))
		r.net.input[i] = inputSigns[i]
	}
	for i := range r.allpass {
		r.allpass[i] = newLine(nextPrime(max(int(diffuseLengths[i]*largest/1000*r.rate), Frames)))
	}
	r.before = newLine(int(longest*r.rate) + Frames)
	r.net.mid, r.net.side, r.net.in = &r.outs[0], &r.outs[1], &r.mono
	r.next = room.bounded()
	r.build()
	return r
}

// inputSigns send the input into the lines so that the two outputs, which are the
// second and third rows of the matrix, do not share the first echo's sign.
var inputSigns = [lines]float32{1, -1, 1, 1, -1, -1, 1, -1}

// Set changes the room. Time, High, Width and Level glide there in about 50 ms. A
// change of Size or Delay fades the sound out over 12 ms and begins anew, as
// lengths of lines cannot change under a sound.
func (r *Reverb) Set(room Room) {
	r.next = room.bounded()
	r.moving = true
	if !r.active {
		r.build()
		return
	}
	if r.next.Size != r.room.Size || r.next.Delay != r.room.Delay {
		r.fading = true
	}
}

// Room is what was set last.
func (r *Reverb) Room() Room { return r.next }

// Stop fades the sound over 12 ms and forgets it.
func (r *Reverb) Stop() {
	if r.active {
		r.fading, r.stop = true, true
	}
}

// Active says whether Process has anything to do without input.
func (r *Reverb) Active() bool { return r.active }

// build sets everything to the room to come, in silence.
func (r *Reverb) build() {
	r.room = r.next
	for i := range r.line {
		ms := lineLengths[i] * r.room.Size
		r.length[i] = nextPrime(max(int(ms/1000*r.rate), Frames))
	}
	longestLine := r.length[lines-1]
	for i := range r.allpass {
		r.delays[i] = nextPrime(max(int(diffuseLengths[i]*r.room.Size/1000*r.rate), Frames))
		longestLine += r.delays[i]
	}
	r.delay = int(r.room.Delay * r.rate)
	r.rest = (longestLine+r.delay)/Frames + 2
	r.moving = false
	r.aim()
	n := &r.net
	n.gain, n.pole = r.end.gain, r.end.pole
	r.scale = float32(r.norm * r.feed)
	r.mix.ml, r.mix.sl = r.sides()
	r.mix.mr, r.mix.sr = r.mix.sl, r.mix.ml
}

// aim computes where the filters shall go, for the present lengths.
func (r *Reverb) aim() {
	total := 0
	for i, n := range r.length {
		r.end.gain[i], r.end.pole[i] = r.decay(n)
		total += n
	}
	// A steady noise shall come out of each sum at the level it has: mean is what
	// is left of its power after a mean line.
	mean := exact.Exp2(-6 * exact.Log2Of10 * float64(total) / (lines * r.rate * r.room.Time))
	r.norm = min(float32(math.Sqrt((1-mean)/mean)), loudestInput)
}

// decay is the filter of a line of n frames: its gain at 0 Hz and at highPoint make
// the line fall by 60 dB in Time and in Time*High.
func (r *Reverb) decay(n int) (gain, pole float32) {
	low := exact.Exp2(-3 * exact.Log2Of10 * float64(n) / (r.rate * r.room.Time))
	high := exact.Exp2(-3 * exact.Log2Of10 * float64(n) / (r.rate * r.room.Time * r.room.High))
	f := min(highPoint, 0.45*r.rate)
	c := exact.Sine(math.Pi/2 - float64(2*math.Pi*f/r.rate))
	// (1-p)^2 / (1 - 2 p c + p^2) = k has this solution within 0..1.
	k := float64((high / low) * (high / low))
	a, b := 1-k, 1-float64(k*c)
	p := 0.0
	if a > 1e-9 {
		p = (b - math.Sqrt(max(float64(b*b)-float64(a*a), 0))) / a
	}
	return float32(float64(low*(1-p)) * math.Sqrt(1.0/lines)), float32(p)
}

// DecayAt is how many seconds the sound takes to fall by 60 dB at a frequency, as
// the filters have it.
func (r *Reverb) DecayAt(hertz float64) float64 {
	c := math.Cos(2 * math.Pi * hertz / r.rate)
	db, total := 0.0, 0
	for i, n := range r.length {
		g, p := float64(r.end.gain[i])*math.Sqrt(lines), float64(r.end.pole[i])
		db += 20 * math.Log10(g/math.Sqrt(1-2*p*c+p*p))
		total += n
	}
	return -60 * float64(total) / (db * r.rate)
}

// sides is what the left side takes of the two sums; the right one takes them the
// other way round.
func (r *Reverb) sides() (near, far float32) {
	// Two signals with nothing in common, each mixed into the other.
	a, b := (1+r.room.Width)/2, (1-r.room.Width)/2
	scale := r.room.Level / math.Sqrt(float64(a*a)+float64(b*b)) * float64(r.wet)
	return float32(a * scale), float32(b * scale)
}

// Process takes a block of input, nil if there is none, and adds the
// reverberation to left and right.
func (r *Reverb) Process(in, left, right *Block) {
	if !r.active {
		if in == nil {
			return
		}
		r.wet, r.feed = 1, 1
		r.build()
		r.active = true
	}
	if r.fade(); !r.active {
		return
	}
	if r.moving {
		r.approach()
	}
	r.turn()
	r.load(in)
	n := &r.net
	for i := range r.line {
		n.read[i], n.write[i] = r.line[i].read(r.length[i]), r.line[i].write()
	}
	r.kernels.network(n)
	for i := range r.line {
		r.line[i].step()
	}
	n.gain, n.pole, n.cos, n.sin = r.end.gain, r.end.pole, r.end.cos, r.end.sin
	m := &r.mix
	ml, sl := r.sides()
	const per = 1.0 / Frames
	m.dml, m.dsl = (ml-m.ml)*per, (sl-m.sl)*per
	m.dmr, m.dsr = m.dsl, m.dml
	r.kernels.spread(left, right, n.mid, n.side, m)
	m.ml, m.sl, m.mr, m.sr = ml, sl, sl, ml
	if in != nil || n.mid.loudest() > inaudible || n.side.loudest() > inaudible {
		r.quiet = 0
	} else if r.quiet++; r.quiet > r.rest {
		r.clear()
		r.active = false
	}
}

// fade goes on with a change of lengths, or with the end.
func (r *Reverb) fade() {
	const step = 1.0 / fadeBlocks
	switch {
	case r.fading && r.wet > 0:
		r.wet = max(r.wet-step, 0)
	case r.fading:
		r.clear()
		r.fading = false
		if r.stop {
			r.stop, r.active = false, false
			return
		}
		r.wet, r.feed = 1, 0
		r.build()
	case r.feed < 1:
		r.feed = min(r.feed+step, 1)
	}
}

// clear empties all lines.
func (r *Reverb) clear() {
	for i := range r.line {
		clear(r.line[i].data)
	}
	for i := range r.allpass {
		clear(r.allpass[i].data)
	}
	clear(r.before.data)
	r.net.state = [lines]float32{}
	r.quiet = 0
}

// approach moves the parameters that may move on towards what is set.
func (r *Reverb) approach() {
	near := true
	step := func(x, goal float64) float64 {
		d := goal - x
		if d > -1e-4 && d < 1e-4 {
			return goal
		}
		near = false
		return x + float64(d*(1.0/glide))
	}
	r.room.Time = step(r.room.Time, r.next.Time)
	r.room.High = step(r.room.High, r.next.High)
	r.room.Width = step(r.room.Width, r.next.Width)
	r.room.Level = step(r.room.Level, r.next.Level)
	r.moving = !near
	r.aim()
}

// turn sets where the filters and the angles of the pairs are at the end of the
// block, and how they get there.
func (r *Reverb) turn() {
	n := &r.net
	for j := range r.phase {
		r.phase[j] += wanderHertz[j] * Frames / r.rate
		if r.phase[j] >= 1 {
			r.phase[j]--
		}
		x := float64(wander * cycle.at(r.phase[j]))
		x2 := float64(x * x)
		s := float64(x * (1 - float64(x2*(1.0/6-float64(x2*(1.0/120))))))
		c := float32(math.Sqrt(1 - float64(s*s)))
		r.end.cos[2*j], r.end.cos[2*j+1] = c, c
		r.end.sin[2*j], r.end.sin[2*j+1] = float32(-s), float32(s)
	}
	const per = 1.0 / Frames
	for k := range lines {
		n.dGain[k], n.dPole[k] = (r.end.gain[k]-n.gain[k])*per, (r.end.pole[k]-n.pole[k])*per
		n.dCos[k], n.dSin[k] = (r.end.cos[k]-n.cos[k])*per, (r.end.sin[k]-n.sin[k])*per
	}
}

// load takes the input through the delay and the allpasses to the network.
func (r *Reverb) load(in *Block) {
	goal := float32(r.norm * r.feed)
	d := (goal - r.scale) * (1.0 / Frames)
	w := r.before.write()
	switch {
	case in == nil:
		*w = Block{}
	case d == 0:
		for i, x := range in {
			w[i] = float32(x * goal)
		}
	default:
		for i, x := range in {
			w[i] = float32(x * (r.scale + float32(iota32[i]*d)))
		}
	}
	r.scale = goal
	if r.delay < Frames {
		r.mono = *w
	} else {
		r.mono = *r.before.read(r.delay)
	}
	r.before.step()
	for i := range r.allpass {
		l := &r.allpass[i]
		r.kernels.diffuse(&r.mono, l.read(r.delays[i]), l.write(), diffuseGains[i])
		l.step()
	}
}

// nextPrime is the least prime not below n.
func nextPrime(n int) int {
	for n = max(n, 2); ; n++ {
		prime := true
		for d := 2; d*d <= n && prime; d++ {
			prime = n%d != 0
		}
		if prime {
			return n
		}
	}
}
