package output

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
)

// The activities that have reservations.
const (
	forAudio = iota
	forMixer
	forInputs
	reserves
)

// How many periods pass between two changes of reservations, at least, and between
// two tries at one that was refused.
const (
	resizeAfter = 16
	retryAfter  = 172 // a second
	// inputsPart is which part of the time is reserved for inputs at most. They may be
	// promised more, but AUDIO and MIXER must find time at any moment that is not
	// reserved for others.
	inputsPart = 3
	// shortest is the shortest period to reserve of; several of shorter ones are
	// taken together.
	shortest = 2 * machine.Millisecond
)

// sizes are what is reserved for AUDIO, MIXER and inputs of each period of the
// device. AUDIO sees what they need; a thread that has time asks for it.
type sizes struct {
	change  thread.Event
	wanted  [reserves]atomic.Int64 // ns
	granted [reserves]atomic.Int64
	refused atomic.Uint64
	asking  asking
	pause   int    // periods
	seen    uint64 // of refused
}

// beginSizes starts the thread that reserves.
func (o *Output) beginSizes(p *thread.Processor) error {
	if o.dev.Offline() {
		return nil
	}
	o.holders.Add(1)
	exit := func(_ *thread.Thread, f *thread.Failure) {
		o.ended(f)
		o.letGo()
	}
	_, err := p.Spawn("audio reservations", thread.Attributes{Exit: exit}, o.runSizes)
	if err != nil {
		o.Close()
		o.letGo()
	}
	return err
}

// size sees whether reservations should be changed. AUDIO calls it once a period.
func (o *Output) size() {
	z := &o.sizes
	if z.pause--; z.pause > 0 {
		return
	}
	if n := z.refused.Load(); n != z.seen {
		z.seen, z.pause = n, retryAfter
		return
	}
	if !z.asking.asks(o.processor) {
		return
	}
	change := o.resize(forAudio, o.playing.most()+allowance)
	change = o.resize(forMixer, o.mixing.most()+allowance) || change
	if o.share.activity.Load() != nil {
		change = o.resize(forInputs, min(o.share.demand.Next()+allowance, o.span/inputsPart)) || change
	}
	if change {
		z.pause = resizeAfter
		z.change.Signal()
	}
}

// resize reports whether need calls for another reservation: at once if what there
// is does not do, and if it is more than twice as much.
func (o *Output) resize(i int, need machine.Duration) bool {
	z := &o.sizes
	have := machine.Duration(z.granted[i].Load())
	if need <= have && have <= 2*need+allowance {
		return false
	}
	z.wanted[i].Store(int64(min(need+need/8, o.span/inputsPart)))
	return true
}

// unsize gives all reservations back.
func (o *Output) unsize() {
	for i := range o.sizes.wanted {
		o.sizes.wanted[i].Store(0)
	}
	o.sizes.pause = 0
	o.sizes.change.Signal()
}

// runSizes is the thread that asks for reservations.
func (o *Output) runSizes(t *thread.Thread) {
	z := &o.sizes
	for !o.closing.Load() {
		if z.change.WaitOn(t, machine.Forever) != nil {
			break
		}
		for i := range z.wanted {
			if w := z.wanted[i].Load(); w != z.granted[i].Load() && z.asking.asks(o.processor) {
				o.reserve(i, machine.Duration(w))
			}
		}
	}
	for i := range z.granted {
		if z.granted[i].Load() > 0 {
			o.reserve(i, 0)
		}
	}
}

func (o *Output) owner(i int) *sched.Activity {
	switch i {
	case forAudio:
		return o.audio
	case forMixer:
		return o.mixer
	}
	return o.share.activity.Load()
}

// reserve asks for a reservation, and for what would fit if it does not.
func (o *Output) reserve(i int, amount machine.Duration) {
	z := &o.sizes
	a := o.owner(i)
	if a == nil {
		return
	}
	if i == forInputs {
		amount = min(amount, o.span/inputsPart)
	}
	times := (shortest + o.span - 1) / o.span
	for range 2 {
		g, err := o.processor.Reserve(a, amount*times, o.span*times)
		g.Amount /= times
		if err == nil {
			z.granted[i].Store(int64(amount))
			return
		}
		switch com.CodeOf(err) {
		case com.ErrQuota, com.ErrBusy:
			z.refused.Add(1)
			if g.Amount <= machine.Duration(z.granted[i].Load()) {
				return
			}
			amount = g.Amount
		case com.ErrNotSupported:
			z.asking.refuse(o.processor)
			return
		default:
			if com.CodeOf(err) != com.ErrClosed {
				o.log("audio: %v", err)
			}
			z.asking.refuse(o.processor)
			return
		}
	}
}
