package output

import (
	"math"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
)

// mediaClock relates the frames that leave the device to the machine's time. What
// a device tells jitters by the time its thread took to wake up; a delay-locked
// loop takes that out (Adriaensen, "Using a DLL to filter time", 2005). One thread
// writes it, any reads.
type mediaClock struct {
	nominal float64 // ns a frame
	// The writer's own.
	frame  uint64
	at     float64 // ns since origin, at which frame left
	origin machine.Time
	pace   float64 // ns a frame
	locked bool

	seq   atomic.Uint32 // odd while being written; 0: nothing known
	words [3]atomic.Uint64
}

const (
	clockBandwidth = 0.5 // Hz: slow enough for jitter, fast enough to lock within seconds
	clockJump      = 20 * float64(machine.Millisecond)
	clockSpread    = 0.01 // a device is no further off its nominal rate than this
)

func (c *mediaClock) init(rate int) {
	c.nominal = float64(machine.Second) / float64(rate)
	c.pace = c.nominal
}

// tell has the clock know that frame left at the given time.
func (c *mediaClock) tell(frame uint64, at machine.Time) {
	if c.locked && frame <= c.frame {
		return
	}
	if c.locked {
		frames := float64(frame - c.frame)
		passed := frames * c.pace
		off := float64(at.Sub(c.origin)) - (c.at + passed)
		if math.Abs(off) < clockJump {
			omega := 2 * math.Pi * clockBandwidth * passed / float64(machine.Second)
			if omega < 1 {
				c.at += passed + float64(math.Sqrt2*omega*off)
				c.pace += omega * omega * off / frames
				c.pace = min(max(c.pace, c.nominal*(1-clockSpread)), c.nominal*(1+clockSpread))
				c.frame = frame
				c.publish()
				return
			}
		}
	}
	c.frame, c.origin, c.at, c.pace, c.locked = frame, at, 0, c.nominal, true
	c.publish()
}

// forget says that the device stands still.
func (c *mediaClock) forget() {
	c.locked = false
	c.seq.Store(0)
}

func (c *mediaClock) publish() {
	s := c.seq.Load() &^ 1
	c.seq.Store(s + 1)
	c.words[0].Store(c.frame)
	c.words[1].Store(uint64(c.origin.Add(machine.Duration(c.at))))
	c.words[2].Store(math.Float64bits(c.pace))
	if s += 2; s == 0 {
		s = 2
	}
	c.seq.Store(s)
}

// read returns a pair of frame and time, and the pace in ns a frame. It reports
// false while nothing is known.
func (c *mediaClock) read() (frame uint64, at machine.Time, pace float64, ok bool) {
	for range 100 {
		s := c.seq.Load()
		if s == 0 {
			return 0, 0, c.nominal, false
		}
		frame = c.words[0].Load()
		at = machine.Time(c.words[1].Load())
		pace = math.Float64frombits(c.words[2].Load())
		if s&1 == 0 && c.seq.Load() == s {
			return frame, at, pace, true
		}
	}
	return 0, 0, c.nominal, false
}

// heard returns the frame that leaves the device at t.
func (c *mediaClock) heard(t machine.Time) (float64, bool) {
	frame, at, pace, ok := c.read()
	if !ok {
		return 0, false
	}
	return max(float64(frame)+float64(t.Sub(at))/pace, 0), true
}
