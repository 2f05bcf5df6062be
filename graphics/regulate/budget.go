package regulate

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Promise asks the scheduler that an amount of processor time before the frame's
// deadline be promised, in place of what was promised at the last call, and says
// whether it is. com.ErrNotSupported says that this scheduler promises nothing.
type Promise func(amount machine.Duration) (bool, error)

// Budget says how much processor time drawing may take. The zero value is ready.
type Budget struct {
	share float64 // of the processor that drawing got, as far as is known; 0 is not at all

	Promised, Refused uint64 // frames whose time was promised as asked, and not
}

const (
	// leastBudget is the least that is worth asking for.
	leastBudget = 100 * machine.Microsecond
	// leastShare of a processor is expected at the worst.
	leastShare = 1. / 16
)

// Most is how much of the time left a frame's drawing may take: the rest is for what
// comes between the drawing and the frame.
func Most(left machine.Duration) machine.Duration { return max(left-left/8, 0) }

// For is the budget of a frame whose drawing must be done in left, when drawing
// everything would cost want. It is granted if the scheduler has promised it, and
// otherwise what can be expected from the frames before.
func (b *Budget) For(left, want machine.Duration, promise Promise) (budget machine.Duration, granted bool) {
	most := Most(left)
	want = min(want, most)
	if want <= 0 {
		return max(want, 0), false
	}
	expected := machine.Duration(float64(most) * b.expected())
	if b.share > 0 {
		want = min(want, expected) // drawing has been no faster, whatever is promised
	}
	if promise == nil {
		return min(want, expected), false
	}
	ok, err := promise(want)
	switch {
	case com.CodeOf(err) != com.OK:
		return min(want, expected), false
	case ok:
		b.Promised++
		return want, true
	}
	b.Refused++
	// Halves until something is promised, and then what else fits.
	low, high := machine.Duration(0), want
	for ask := want / 2; ask >= leastBudget; ask /= 2 {
		if ok, err := promise(ask); err == nil && ok {
			low = ask
			break
		}
		high = ask
	}
	if low == 0 {
		return min(want, expected, leastBudget*4), false
	}
	held := true
	for high-low > want/32 {
		ask := (low + high) / 2
		if ok, err := promise(ask); err == nil && ok {
			low, held = ask, true
		} else {
			high, held = ask, false
		}
	}
	if !held {
		// A promise takes the place of the one before.
		if ok, err := promise(low); err != nil || !ok {
			return min(low, leastBudget*4), false
		}
	}
	return low, true
}

func (b *Budget) expected() float64 {
	if b.share == 0 {
		return 0.5
	}
	return b.share
}

// Drew says how long drawing took by the clock, and how much processor time. A share
// that was too small is believed at once, a larger one by and by.
func (b *Budget) Drew(used, elapsed machine.Duration) {
	if used <= 0 || elapsed <= 0 {
		return
	}
	s := min(max(float64(used)/float64(elapsed), leastShare), 1)
	if was := b.expected(); s > was {
		s = was + (s-was)/8
	}
	b.share = s
}
