package output

import (
	"math/bits"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Timed is a Device that knows when it will have room, so that AUDIO can look by
// itself and nobody has to signal it.
type Timed interface {
	Device
	// FreeAt is when there will be room for a period, if nothing is submitted
	// meanwhile; a time that has passed if there is some, since all that was held may
	// have left after Free was asked. At rest it is machine.Forever.
	FreeAt() machine.Time
}

// Paced plays to nobody, at the right speed. It is a Device of any machine: it has
// no goroutine and no interrupt, only the clock. It begins when its queue is full,
// or at a pause, and again so after an underrun. Its frame k leaves at a whole
// number of frames after the beginning, so nothing drifts.
type Paced struct {
	clock               machine.Clock
	rate, period, queue int

	// AUDIO's own.
	written uint64
	base    uint64       // frame that left at epoch
	epoch   machine.Time // if running
	running bool
	ending  bool // nothing follows for a while
	resting bool // and all has left

	underruns atomic.Uint64
	seq       atomic.Uint32 // odd while the words change
	words     [3]atomic.Uint64
}

// NewPaced returns a device of rate frames a second, which holds queue periods of
// period frames. The errors are com.ErrInvalid.
func NewPaced(clock machine.Clock, rate, period, queue int) (*Paced, error) {
	if rate < 1000 || rate > 1_000_000 || period < 1 || period > 1<<16 || queue < 1 || queue > 1024 {
		return nil, com.Errorf(com.ErrInvalid, "a device of %d Hz with %d periods of %d frames", rate, queue, period)
	}
	return &Paced{clock: clock, rate: rate, period: period, queue: queue}, nil
}

// Name returns "null".
func (d *Paced) Name() string { return "null" }

// Rate is in frames a second.
func (d *Paced) Rate() int { return d.rate }

// Period is in frames.
func (d *Paced) Period() int { return d.period }

// Queue is in periods.
func (d *Paced) Queue() int { return d.queue }

// Offline returns false.
func (d *Paced) Offline() bool { return false }

// Attach does nothing: see FreeAt.
func (d *Paced) Attach(*thread.Event) {}

// Err returns nil.
func (d *Paced) Err() error { return nil }

// frames is how many frames last d, rounded down; span how long frames last,
// rounded up.
func (d *Paced) frames(t machine.Duration) uint64 {
	if t <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(t), uint64(d.rate))
	q, _ := bits.Div64(hi%uint64(machine.Second), lo, uint64(machine.Second))
	return q
}

func (d *Paced) span(frames uint64) machine.Duration {
	hi, lo := bits.Mul64(frames, uint64(machine.Second))
	q, r := bits.Div64(hi%uint64(d.rate), lo, uint64(d.rate))
	if r > 0 {
		q++
	}
	return machine.Duration(q)
}

// look brings the state up to now and returns how many frames have left.
func (d *Paced) look() uint64 {
	if !d.running {
		return d.base
	}
	left := d.base + d.frames(d.clock.Now().Sub(d.epoch))
	if left < d.written {
		return left
	}
	if !d.ending {
		d.underruns.Add(1)
	}
	d.base, d.running, d.ending, d.resting = d.written, false, false, d.ending
	d.publish()
	return d.base
}

func (d *Paced) start() {
	if d.running || d.base == d.written {
		return
	}
	d.running, d.epoch = true, d.clock.Now()
	d.publish()
}

// Free is how many periods Submit takes now.
func (d *Paced) Free() int {
	queued := d.written - d.look()
	return d.queue - int((queued+uint64(d.period)-1)/uint64(d.period))
}

// FreeAt implements Timed.
func (d *Paced) FreeAt() machine.Time {
	d.look()
	held := uint64((d.queue - 1) * d.period)
	switch {
	case d.resting:
		return machine.Forever
	case !d.running || d.written < held+d.base:
		return d.clock.Now()
	}
	return d.epoch.Add(d.span(d.written - held - d.base))
}

// Submit takes a period.
func (d *Paced) Submit(period []float32) bool {
	if len(period) != 2*d.period || d.Free() <= 0 {
		return false
	}
	d.written += uint64(d.period)
	d.ending, d.resting = false, false
	if d.Free() == 0 {
		d.start()
	}
	if d.running {
		d.publish() // how far it can play
	}
	return true
}

// Pause says that nothing follows for a while.
func (d *Paced) Pause() {
	d.ending = true
	d.start()
	d.look()
}

// publish tells other threads.
func (d *Paced) publish() {
	s := d.seq.Load()
	d.seq.Store(s + 1)
	epoch := machine.Forever
	if d.running {
		epoch = d.epoch
	}
	d.words[0].Store(d.base)
	d.words[1].Store(uint64(epoch))
	d.words[2].Store(d.written)
	d.seq.Store(s + 2)
}

// Played returns how many frames have left by now.
func (d *Paced) Played() (uint64, machine.Time) {
	for {
		s := d.seq.Load()
		base, epoch, written := d.words[0].Load(), machine.Time(d.words[1].Load()), d.words[2].Load()
		now := d.clock.Now()
		if s&1 != 0 || d.seq.Load() != s {
			continue // AUDIO is between two stores
		}
		if epoch == machine.Forever {
			return base, now
		}
		return min(base+d.frames(now.Sub(epoch)), written), now
	}
}

// Underruns is how often it had to go on with nothing to play.
func (d *Paced) Underruns() uint64 { return d.underruns.Load() }

var _ Timed = (*Paced)(nil)
