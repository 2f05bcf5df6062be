// Package drift finds by how much another clock runs faster or slower than the one that plays.
//
// A stream that is written by one clock and read by another fills its buffer, or empties it, ever so slowly. The fill is seen
// only in jumps, a block in, a period out, each late by some milliseconds. Controller smooths it and drives a trim of the
// reader's rate such that the fill stays at a target: a proportional and an integral term, critically damped, behind a second
// order low-pass ten times faster (Adriaensen, Controlling Adaptive Resampling, Linux Audio Conference 2012). The integral is
// the drift itself, so once it has been found the fill returns to the target and stays there.
package drift

import (
	"fmt"
	"math"
)

// Config describes a controller.
type Config struct {
	Rate   float64 // nominal frames per second of the stream
	Target float64 // frames the buffer should hold
	// Bandwidth is how fast the loop follows once it has settled, in Hz, at most 0.1; it begins, and after an upset begins
	// again, ten times faster. What jitter it lets through grows with its cube. 0: 0.01.
	Bandwidth float64
	// MaxTrim bounds the trim, in parts per million, at most 50000. Crystals differ by less than 200. 0: 2000, which is a
	// thirtieth of a semitone.
	MaxTrim float64
}

// Controller is the state of the loop. It belongs to one thread.
type Controller struct {
	c              Config
	bandwidth      float64 // at present
	started        bool
	first, second  float64 // the low-pass
	integral, trim float64 // ppm
}

// New makes a controller.
func New(c Config) (*Controller, error) {
	if c.Bandwidth == 0 {
		c.Bandwidth = 0.01
	}
	if c.MaxTrim == 0 {
		c.MaxTrim = 2000
	}
	switch {
	case !(c.Rate >= 100 && c.Rate <= 1e6):
		return nil, fmt.Errorf("drift: a rate of %v Hz; use 100 to 1000000", c.Rate)
	case !(c.Target >= 0 && c.Target <= 1e7):
		return nil, fmt.Errorf("drift: a target of %v frames; use 0 to 10000000", c.Target)
	case !(c.Bandwidth > 0 && c.Bandwidth <= 0.1):
		return nil, fmt.Errorf("drift: a bandwidth of %v Hz; use more than 0, at most 0.1", c.Bandwidth)
	case !(c.MaxTrim > 0 && c.MaxTrim <= 50_000):
		return nil, fmt.Errorf("drift: a trim of %v ppm; use more than 0, at most 50000", c.MaxTrim)
	}
	return &Controller{c: c, bandwidth: haste * c.Bandwidth}, nil
}

// haste is by how much the loop is faster before it has settled.
const haste = 10

// Update takes the fill in frames, seen seconds after the time before, and returns the trim in parts per million: positive
// where the reader has to read faster. The first call only begins.
func (d *Controller) Update(fill, seconds float64) float64 {
	e := fill - d.c.Target
	if math.IsNaN(e) || math.IsInf(e, 0) {
		return d.trim
	}
	if !d.started {
		d.started, d.first, d.second = true, e, e
		return d.trim
	}
	if !(seconds > 0) {
		return d.trim
	}
	w := 2 * math.Pi * d.bandwidth
	smooth := 10 * w                    // of the low-pass, in radians per second
	seconds = min(seconds, 0.25/smooth) // after a pause the past says nothing
	k := 1 - math.Exp(-smooth*seconds)
	d.first += k * (e - d.first)
	d.second += k * (d.first - d.second)
	// It settles in time proportional to what the present bandwidth takes, and an error of half the target unsettles it.
	d.bandwidth -= 0.3 * d.bandwidth * (d.bandwidth - d.c.Bandwidth) * seconds
	if math.Abs(d.second) > max(d.c.Target/2, 64) {
		d.bandwidth = haste * d.c.Bandwidth
	}
	limit := d.c.MaxTrim
	kp, ki := 2*w/d.c.Rate*1e6, w*w/d.c.Rate*1e6 // ppm per frame, and per frame and second
	wanted := kp*d.second + d.integral
	// While the trim is at its bound the integral must not go on in that direction.
	if math.Abs(wanted) < limit || wanted*d.second < 0 {
		d.integral = max(-limit, min(limit, d.integral+ki*d.second*seconds))
	}
	d.trim = max(-limit, min(limit, wanted))
	return d.trim
}

// Trim is the present trim in parts per million.
func (d *Controller) Trim() float64 { return d.trim }

// Drift is the estimate of the difference between the clocks in parts per million: positive where the writer's is faster.
func (d *Controller) Drift() float64 { return d.integral }

// Restart forgets the fill, as after an underrun; what is known of the drift stays.
func (d *Controller) Restart() {
	d.started, d.trim, d.bandwidth = false, d.integral, haste*d.c.Bandwidth
}
