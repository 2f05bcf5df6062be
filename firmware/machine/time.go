package machine

import (
	"math"
	"time"
)

// Time is a point in a machine's monotonic time, in nanoseconds. The origin is
// the machine's own; on one Linux computer all processes have the same.
type Time int64

// Duration is a span of time in nanoseconds. It is a type of its own so that
// wall-clock durations do not slip in unconverted: see Std and FromStd.
type Duration int64

// Spans of time.
const (
	Nanosecond  Duration = 1
	Microsecond          = 1000 * Nanosecond
	Millisecond          = 1000 * Microsecond
	Second               = 1000 * Millisecond
)

// Forever is later than any time a clock shows.
const Forever Time = math.MaxInt64

// Clock tells the time. It never goes backwards.
type Clock interface {
	Now() Time
}

// Add returns t+d, and Forever or the earliest time where that overflows.
// Forever plus anything is Forever.
func (t Time) Add(d Duration) Time {
	if t == Forever {
		return t
	}
	s := t + Time(d)
	switch {
	case d > 0 && s < t:
		return Forever
	case d < 0 && s > t:
		return math.MinInt64
	}
	return s
}

// Sub returns t-u, at the limits of Duration where that overflows.
func (t Time) Sub(u Time) Duration {
	d := Duration(t - u)
	switch {
	case t > u && d < 0:
		return math.MaxInt64
	case t < u && d > 0:
		return math.MinInt64
	}
	return d
}

// Before reports t < u.
func (t Time) Before(u Time) bool { return t < u }

// String gives the time in seconds, as in 12.345678901s, or "forever".
func (t Time) String() string {
	if t == Forever {
		return "forever"
	}
	return time.Duration(t).String()
}

// Std returns d as the standard library has it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes d as the standard library does, as in 1.5ms.
func (d Duration) String() string { return time.Duration(d).String() }

// Seconds returns d in seconds.
func (d Duration) Seconds() float64 { return time.Duration(d).Seconds() }

// FromStd returns a standard duration as one of the machine's.
func FromStd(d time.Duration) Duration { return Duration(d) }
