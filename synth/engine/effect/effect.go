// Package effect is the reverberation and the chorus of the synthesizer: two
// processors that turn what voices send into stereo, a block of 64 frames at a
// time.
//
// The reverberation is a feedback delay network after Jot ("Digital delay networks
// for designing artificial reverberators", 1991): eight delay lines of prime
// lengths, a one-pole filter behind each that makes every line fall by the same
// decibels a second at each frequency, and an orthogonal matrix that feeds them
// into one another, turned slowly (after Schlecht and Habets, "Time-varying
// feedback matrices in feedback delay networks", 2015) so that no resonance stays
// where it is. Four allpass filters before it make echoes dense from the start.
//
// The chorus is one delay line with feedback, read by four cubic taps that swing
// a quarter of a cycle apart, two to each side.
//
// Neither allocates after it is made, nor costs anything once it has decayed and
// nothing comes in. What they put out is the same, bit for bit, on every
// processor: the portable loops round explicitly, and the vector loops equal them.
package effect

import (
	"math"

	"github.com/mmlite/mmlite/synth/internal/exact"
)

// Frames is the length of a block.
const Frames = 64

// Block is one channel of a block.
type Block [Frames]float32

// kernels are the inner loops.
type kernels struct {
	// network moves the reverberation's lines on by a block.
	network func(n *network)
	// diffuse runs x through an allpass whose delay line is read and written
	// there: v = x - g*d goes in, d + g*v comes out.
	diffuse func(x, read, write *Block, g float32)
	// cubic reads a block from w at positions pos + i*inc (10.22).
	cubic func(dst *Block, w *taps, pos, inc uint32)
	// spread adds mid and side to left and right: left + (m*a + s*b), right +
	// (m*c + s*d), where the factors are mix and move by step each frame.
	spread func(left, right, m, s *Block, mix *mix)
}

// taps are the frames that a tap of the chorus reads in a block.
type taps [Frames + 32]float32

// mix is how two signals come out: factors and what they move by in a frame.
type mix struct {
	ml, sl, mr, sr     float32
	dml, dsl, dmr, dsr float32
}

func portable() kernels {
	return kernels{network: (*network).run, diffuse: diffuse, cubic: cubic, spread: spread}
}

func diffuse(x, read, write *Block, g float32) {
	for i, d := range read {
		v := x[i] - float32(g*d)
		write[i] = v
		x[i] = d + float32(g*v)
	}
}

const fracBits = 22

func cubic(dst *Block, w *taps, pos, inc uint32) {
	for i := range dst {
		k := pos >> fracBits
		t := float32(pos&(1<<fracBits-1)) * (1.0 / (1 << fracBits))
		y := (*[4]float32)(w[k:])
		c1 := 0.5 * (y[2] - y[0])
		c3 := float32(1.5*(y[1]-y[2])) + float32(0.5*(y[3]-y[0]))
		c2 := y[0] - y[1] + c1 - c3
		dst[i] = float32(float32(float32(float32(float32(c3*t)+c2)*t)+c1)*t) + y[1]
		pos += inc
	}
}

func spread(left, right, m, s *Block, x *mix) {
	// A vector has eight lanes, and a lane every eighth frame.
	for lane := range 8 {
		t := iota32[lane]
		ml, sl := x.ml+float32(t*x.dml), x.sl+float32(t*x.dsl)
		mr, sr := x.mr+float32(t*x.dmr), x.sr+float32(t*x.dsr)
		for i := lane; i < Frames; i += 8 {
			left[i] += float32(m[i]*ml) + float32(s[i]*sl)
			right[i] += float32(m[i]*mr) + float32(s[i]*sr)
			ml, sl = ml+float32(8*x.dml), sl+float32(8*x.dsl)
			mr, sr = mr+float32(8*x.dmr), sr+float32(8*x.dsr)
		}
	}
}

// line is a delay line that is written in whole blocks. Its first block stands
// again after its end, so that any block in it can be read in one piece.
type line struct {
	data []float32 // a multiple of Frames, and Frames more
	at   int       // of the block to be written next
}

// newLine makes a line for delays of up to most frames.
func newLine(most int) line {
	n := (most+2*Frames-1)/Frames*Frames + Frames
	return line{data: make([]float32, n)}
}

// read is the block that was written delay frames before the one to be written,
// delay at least Frames.
func (l *line) read(delay int) *Block {
	at := l.at - delay
	if at < 0 {
		at += len(l.data) - Frames
	}
	return (*Block)(l.data[at:])
}

// write is the block to be written; step must follow.
func (l *line) write() *Block { return (*Block)(l.data[l.at:]) }

func (l *line) step() {
	if l.at == 0 {
		copy(l.data[len(l.data)-Frames:], l.data[:Frames])
	}
	if l.at += Frames; l.at == len(l.data)-Frames {
		l.at = 0
	}
}

// loudest is the largest magnitude in b.
func (b *Block) loudest() float32 {
	top := float32(0)
	for _, x := range b {
		top = max(top, x, -x)
	}
	return top
}

// inaudible is what a tail has to fall below to be over: 6 dB below the 1/2
// step of 16 bits would be 8e-6; this is 18 dB less.
const inaudible = 1e-6

// iota32 is 0, 1, 2 ...
var iota32 = func() (t Block) {
	for i := range t {
		t[i] = float32(i)
	}
	return t
}()

// wave is a cycle of a sine in steps.
type wave [257]float64

var cycle = func() (w wave) {
	for i := range w {
		w[i] = exact.Sine(float64(i) * (2 * math.Pi / 256))
	}
	return w
}()

// at is the sine at a phase of 0 to 1 of a cycle.
func (w *wave) at(phase float64) float64 {
	x := phase * 256
	i := int(x)
	return w[i] + float64((x-float64(i))*(w[i+1]-w[i]))
}
