package output

import (
	"math"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// MaxInputs is how many inputs there can be at a time.
const MaxInputs = 64

// Input is a connection to the mixer. One thread renders for it (the renderer):
// it calls Window, Buffers, Done, Wait and Leave. The other methods are for any.
//
// Frames of an input count from where Start put it. Windows are in frames of the
// device.
type Input struct {
	o    *Output
	slot int
	name string
	wake thread.Event

	left, right []float32
	silent      bool // what the buffers hold, in words
	next        uint64
	joined      bool // of AUDIO: it takes part

	first   atomic.Uint64 // the window it joined at, plus 1; 0: not yet
	done    atomic.Uint64 // the end of the last window rendered
	leaving atomic.Bool
	missed  atomic.Uint64
	tap     tap

	need    atomic.Int64 // ns a window
	budget  atomic.Int64 // ns for the window that is open; 0: no limit
	equal   atomic.Int64 // ns: its part if all had the same
	account account

	start   atomic.Bool
	base    atomic.Uint64 // the device's frame of its frame 0, plus 1; 0: not yet
	until   atomic.Uint64 // it will not be told of anything before
	endless atomic.Bool   // it needs windows, whatever until says
	epoch   atomic.Uint64 // how often until was set
	rest    atomic.Uint64 // epoch plus 1 at which it had nothing left to play
}

// Connect makes an input. The errors are com.ErrQuota if there are MaxInputs,
// com.ErrClosed, and why the device has failed.
func (o *Output) Connect(name string) (*Input, error) {
	if o.closing.Load() {
		return nil, com.Errorf(com.ErrClosed, "the output")
	}
	if err := o.Err(); err != nil {
		return nil, err
	}
	for i := range o.slots {
		if o.slots[i].Load() != nil {
			continue
		}
		in := &Input{o: o, slot: i, name: name}
		in.left, in.right = o.pool[i].left, o.pool[i].right
		if o.slots[i].CompareAndSwap(nil, in) {
			o.holders.Add(1)
			o.inputs.Add(1)
			o.wake.Signal()
			return in, nil
		}
	}
	return nil, com.Errorf(com.ErrQuota, "the mixer has %d inputs, and all are taken", MaxInputs)
}

// Wait waits until there may be a window to render or Wake was called.
func (in *Input) Wait(t *thread.Thread) error { return in.wake.WaitOn(t, machine.Forever) }

// WaitUntil is Wait that returns com.ErrTimeout when the clock shows at.
func (in *Input) WaitUntil(t *thread.Thread, at machine.Time) error { return in.wake.WaitOn(t, at) }

// Wake has the renderer return from Wait.
func (in *Input) Wake() { in.wake.Signal() }

// Window returns the device's frame at which the next window to render begins, and
// false if none is open. A renderer that has fallen behind gets every window, in
// order: what comes too late is not heard but keeps its place.
func (in *Input) Window() (frame uint64, open bool) {
	opened := in.o.opened.Load()
	if in.next == 0 {
		first := in.first.Load()
		if first == 0 {
			return 0, false
		}
		in.next = first
	}
	frame = in.next - 1
	return frame, frame < opened
}

// Behind is how many windows are open beyond the one to render now.
func (in *Input) Behind() int {
	opened := in.o.opened.Load()
	if in.next == 0 || opened < in.next {
		return 0
	}
	return int((opened - in.next) / uint64(in.o.period))
}

// Buffers returns where the renderer puts a window: a period of samples for each
// side, in card memory. They are its own until Done.
func (in *Input) Buffers() (left, right []float32) { return in.left, in.right }

// Sound says what Done hands over.
type Sound uint8

const (
	// Idle is a window in which the input has not yet begun to play. It is silent,
	// whatever the buffers hold, and captures do not record it.
	Idle Sound = iota
	// Silence is a window in which nothing sounds, though the input plays. The
	// buffers hold zeros.
	Silence
	// Samples are in the buffers.
	Samples
)

// Done hands over the window.
func (in *Input) Done(s Sound) {
	if s != Idle {
		in.tap.put(in.left, in.right)
	}
	in.silent = s != Samples
	in.next += uint64(in.o.period)
	in.done.Store(in.next - 1)
	if in.o.awaited.Load() == in {
		in.o.ready.Signal()
	}
}

// Sweep lets go of captures that nobody wants any more. The renderer calls it when
// it was woken with no window to render.
func (in *Input) Sweep() { in.tap.sweep() }

// Leave ends the input and its captures. The renderer calls it, and nothing after.
func (in *Input) Leave() {
	in.tap.end()
	in.leaving.Store(true)
	in.o.ready.Signal()
	in.o.wake.Signal()
	in.o.letGo()
}

// Gone reports that the output has been closed: the renderer is to Leave.
func (in *Input) Gone() bool { return in.o.closing.Load() }

// Start puts the input's frame 0 at the beginning of the next window that opens.
// It reports false if that has been done before.
func (in *Input) Start() bool {
	if !in.start.CompareAndSwap(false, true) {
		return false
	}
	in.o.wake.Signal()
	return true
}

// Started reports whether Start was called.
func (in *Input) Started() bool { return in.start.Load() }

// Base returns the device's frame at which the input's frame 0 is, once that is
// settled.
func (in *Input) Base() (frame uint64, ok bool) {
	b := in.base.Load()
	return b - 1, b != 0
}

// Promise says that nothing more will be asked of the input before its frame
// until, so that an offline device may go that far.
func (in *Input) Promise(until uint64) {
	in.until.Store(until)
	in.epoch.Add(1)
	in.o.wake.Signal()
}

// Until is what was promised.
func (in *Input) Until() uint64 { return in.until.Load() }

// Endless says whether the input needs windows regardless of promises: to let
// voices decay. The renderer calls it.
func (in *Input) Endless(yes bool) {
	if in.endless.Swap(yes) != yes && yes {
		in.o.wake.Signal()
	}
}

// Epoch counts the promises.
func (in *Input) Epoch() uint64 { return in.epoch.Load() }

// Rest says that the input has played all there was when Epoch was epoch. Until
// the next promise an offline device neither waits for it nor goes on for it.
func (in *Input) Rest(epoch uint64) { in.rest.Store(epoch + 1) }

// Missed is how many windows were missing or late, so that silence was heard.
func (in *Input) Missed() uint64 { return in.missed.Load() }

// Capture records what the input plays from its next window on.
func (in *Input) Capture() (*Capture, error) {
	c, err := in.o.newCapture(&in.wake, captureSeconds*in.o.rate)
	if err != nil {
		return nil, err
	}
	if err := in.tap.add(c); err != nil {
		c.end()
		c.Release()
		return nil, err
	}
	return c, nil
}

// demand says what an input means for an offline device's clock.
type demand uint8

const (
	neutral demand = iota // it plays along
	wants                 // it wants the window
	holds                 // it may yet be told of something in the window
)

// demand looks at the window [n, n+period).
func (in *Input) demand(n uint64) demand {
	if in.endless.Load() {
		return wants
	}
	if !in.start.Load() || in.rest.Load() == in.epoch.Load()+1 {
		return neutral
	}
	base, ok := in.Base()
	if !ok {
		base = n
	}
	until := in.until.Load()
	if until > math.MaxUint64-base || base+until >= n+uint64(in.o.period) {
		return wants
	}
	return holds
}
