package engine

// The inner loops. Each works on one block of one or a few voices and is a
// function of a table chosen at New, so that a processor's vector unit can be
// used where there is one; the functions here are the reference that such
// kernels must equal bit for bit. Products that feed a sum are rounded
// explicitly, so no compiler fuses them.

const (
	blockFrames = 64 // control rate: parameters move once a block
	batchVoices = 8  // voices that are filtered and mixed together
	windowSize  = 1024
	windowPad   = 8
	fracBits    = 22 // of positions in the window: 10.22 fixed point
)

// window holds the frames around a block, converted and with loops unrolled, so
// that interpolation knows nothing of loops and ends.
type window [windowSize + windowPad]float32

// row is one block of one voice.
type row [blockFrames]float32

// ramp is a voice's gain over a block: g + i*d in frame i.
type ramp struct{ gl, dl, gr, dr float32 }

// send is a voice's gain to a bus over a block: gain + i*step in frame i.
type send struct{ gain, step float32 }

// sends are those to both buses.
type sends struct {
	any            bool // one is not 0
	reverb, chorus send
}

type kernels struct {
	// interpolate writes n frames of dst, read from w at positions pos + i*inc
	// (10.22).
	// The frame at position 0 of a kernel's support is w[0]: its first tap.
	interpolate func(dst *row, n int, w *window, pos, inc uint32)
	// convert writes float32 values of src to dst, which is as long.
	convert func(dst []float32, src []int16)
	// filter runs filters over the rows that which names, in place.
	filter func(rows *[batchVoices]row, which []uint8, filters []*biquad)
	// mix adds src to left and right with the gains of g.
	mix func(left, right, src *row, g *ramp)
	// send adds src with a gain that moves by step each frame to a bus.
	send func(bus, src *row, gain, step float32)
}

// Interpolation chooses how samples are read between frames.
type Interpolation uint8

const (
	// Cubic is a 4-point Catmull-Rom spline, the default.
	Cubic Interpolation = iota
	// Linear is cheapest and dullest.
	Linear
	// Sinc is a 7-point windowed sinc.
	Sinc
	numInterpolations
)

// taps is the length of the support; before is how much of it lies before the
// frame whose position it is.
func (i Interpolation) taps() (taps, before int) {
	switch i {
	case Linear:
		return 2, 0
	case Sinc:
		return 8, 3
	}
	return 4, 1
}

func portableKernels(i Interpolation) kernels {
	k := kernels{convert: convert, filter: filterRows, mix: mixRow, send: sendRow}
	switch i {
	case Linear:
		k.interpolate = linear
	case Sinc:
		k.interpolate = newSinc().interpolate
	default:
		k.interpolate = cubic
	}
	return k
}

func convert(dst []float32, src []int16) {
	dst = dst[:len(src)]
	for i, s := range src {
		dst[i] = float32(s)
	}
}

// iota32 is 0, 1, 2 ... as float32: conversion in the loop costs more.
var iota32 = func() (t row) {
	for i := range t {
		t[i] = float32(i)
	}
	return t
}()

func mixRow(left, right, src *row, g *ramp) {
	gl, gr, dl, dr := g.gl, g.gr, g.dl, g.dr
	for i, x := range src {
		t := iota32[i]
		left[i] += float32(x * (gl + float32(t*dl)))
		right[i] += float32(x * (gr + float32(t*dr)))
	}
}

func sendRow(bus, src *row, gain, step float32) {
	for i, x := range src {
		bus[i] += float32(x * (gain + float32(iota32[i]*step)))
	}
}

func filterRows(rows *[batchVoices]row, which []uint8, filters []*biquad) {
	for len(which) >= 2 {
		filterPair(&rows[which[0]], &rows[which[1]], filters[0], filters[1])
		which, filters = which[2:], filters[2:]
	}
	if len(which) == 1 {
		filterOne(&rows[which[0]], filters[0])
	}
}

func filterOne(x *row, f *biquad) {
	b, a1, a2, x1, w1, y1, y2 := f.b, f.a1, f.a2, f.x1, f.w1, f.y1, f.y2
	for i := range x {
		s := float64(x[i])
		w := s + x1
		y := float64(b*(w+w1)) - float64(a2*y2)
		y -= float64(a1 * y1)
		x1, w1, y2, y1 = s, w, y1, y
		x[i] = float32(y)
	}
	f.x1, f.w1, f.y1, f.y2 = x1, w1, y1, y2
}

// filterPair runs two voices at once, so that the one's arithmetic fills the
// time the other waits for its own last value.
func filterPair(x, z *row, f, g *biquad) {
	b, a1, a2, x1, w1, y1, y2 := f.b, f.a1, f.a2, f.x1, f.w1, f.y1, f.y2
	gb, ga1, ga2, gx1, gw1, gy1, gy2 := g.b, g.a1, g.a2, g.x1, g.w1, g.y1, g.y2
	for i := range x {
		s, t := float64(x[i]), float64(z[i])
		w, gw := s+x1, t+gx1
		y := float64(b*(w+w1)) - float64(a2*y2)
		gy := float64(gb*(gw+gw1)) - float64(ga2*gy2)
		y -= float64(a1 * y1)
		gy -= float64(ga1 * gy1)
		x1, w1, y2, y1 = s, w, y1, y
		gx1, gw1, gy2, gy1 = t, gw, gy1, gy
		x[i], z[i] = float32(y), float32(gy)
	}
	f.x1, f.w1, f.y1, f.y2 = x1, w1, y1, y2
	g.x1, g.w1, g.y1, g.y2 = gx1, gw1, gy1, gy2
}
