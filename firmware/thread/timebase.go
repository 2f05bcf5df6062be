package thread

import (
	"math"
	"math/bits"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/cpu"
)

// timebase turns the cycle counter, which is cheap, into the machine's time. It
// looks at the clock once a millisecond or so, and extrapolates between. Where
// there is no counter the clock is the counter.
type timebase struct {
	clock  machine.Clock
	rate   uint64 // counts a second, 0 without a counter
	mult   uint64 // ns a count, 32.32
	inv    uint64 // counts a ns, 32.32
	baseC  uint64
	baseT  machine.Time
	resync uint64 // look at the clock from this count on
	last   machine.Time
}

func (b *timebase) init(m machine.Machine) {
	b.clock = m
	if b.setRate(m.CycleRate()); b.rate != 0 {
		b.sync()
	}
}

func (b *timebase) setRate(rate uint64) {
	if b.rate = rate; rate == 0 {
		return
	}
	const second = uint64(machine.Second)
	b.mult, _ = bits.Div64(second>>32, second<<32, rate)
	b.inv, _ = bits.Div64(rate>>32, rate<<32, second)
}

// sync reads counter and clock together. If something comes in between, which
// would put the time ahead of the clock until the next look, it tries again.
func (b *timebase) sync() {
	const tries = 4
	best := uint64(math.MaxUint64)
	for range tries {
		c := cpu.Cycles()
		t := b.clock.Now()
		d := cpu.Cycles() - c
		if d < best {
			best, b.baseC, b.baseT = d, c+d/2, t
		}
		if d < b.rate/1e6 {
			break
		}
	}
	b.resync = b.baseC + b.rate/1000
}

// read returns the count.
func (b *timebase) read() uint64 {
	if b.rate == 0 {
		return uint64(b.clock.Now())
	}
	return cpu.Cycles()
}

// both returns the count and its time.
func (b *timebase) both() (uint64, machine.Time) {
	c := b.read()
	return c, b.at(c)
}

// at returns the time at a count just read. It never goes back.
func (b *timebase) at(c uint64) machine.Time {
	if b.rate == 0 {
		return machine.Time(c)
	}
	if c >= b.resync {
		b.sync()
	}
	t := b.baseT
	if c > b.baseC {
		t += machine.Time(b.span(c - b.baseC))
	}
	b.last = max(b.last, t)
	return b.last
}

// when returns the time of a count that another processor may have read.
func (b *timebase) when(c uint64) machine.Time {
	switch {
	case b.rate == 0:
		return machine.Time(c)
	case c < b.baseC:
		return b.baseT.Add(-b.span(b.baseC - c))
	}
	return b.baseT.Add(b.span(c - b.baseC))
}

// span returns how long a number of counts is.
func (b *timebase) span(counts uint64) machine.Duration {
	if b.rate == 0 {
		return machine.Duration(counts)
	}
	hi, lo := bits.Mul64(counts, b.mult)
	return machine.Duration(hi<<32 | lo>>32)
}

// counts returns the count at time t, or the largest one for Forever and for
// times beyond a few centuries.
func (b *timebase) count(t machine.Time) uint64 {
	if t == machine.Forever {
		return math.MaxUint64
	}
	if b.rate == 0 {
		return uint64(max(t, 0))
	}
	if t <= b.baseT {
		return b.baseC - min(b.baseC, b.counts(b.baseT.Sub(t)))
	}
	n := b.counts(t.Sub(b.baseT))
	if c := b.baseC + n; c >= n {
		return c
	}
	return math.MaxUint64
}

// counts returns how many counts a span that is not negative has.
func (b *timebase) counts(d machine.Duration) uint64 {
	if b.rate == 0 {
		return uint64(d)
	}
	hi, lo := bits.Mul64(uint64(d), b.inv)
	if hi>>32 != 0 {
		return math.MaxUint64
	}
	return hi<<32 | lo>>32
}
