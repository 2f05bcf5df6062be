package hosted

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Drive plays on a device of the host from a thread of the card. Writing to the
// device blocks in Go's own ways, so a goroutine does it; between it and the
// thread is a ring of periods that takes no lock.
type Drive struct {
	dev   sound.Device
	clock machine.Clock
	ring  [][]float32
	head  atomic.Uint64 // periods submitted
	tail  atomic.Uint64 // periods the device took
	pause atomic.Bool
	more  chan struct{} // holds one token: something to do
	event atomic.Pointer[thread.Event]
	err   atomic.Pointer[error]
	stop  atomic.Bool
	done  chan struct{}
	once  sync.Once
	ended error
}

// Periods between thread and goroutine. A device with a clock has a queue of its
// own, and each more would be latency; one without is to be kept busy.
const (
	pacedRing   = 1
	offlineRing = 16
)

// NewDrive starts to drive d, which belongs to the Drive from then on. Only
// stereo devices serve.
func NewDrive(d sound.Device, clock machine.Clock) (*Drive, error) {
	if d.Channels() != 2 {
		return nil, com.Errorf(com.ErrNotSupported, "device %s has %d channels; the card plays stereo", d.Name(), d.Channels())
	}
	n := pacedRing
	if d.Offline() {
		n = offlineRing
	}
	v := &Drive{dev: d, clock: clock, ring: make([][]float32, n), more: make(chan struct{}, 1), done: make(chan struct{})}
	for i := range v.ring {
		v.ring[i] = make([]float32, 2*d.Period())
	}
	go v.run()
	return v, nil
}

func (v *Drive) run() {
	defer close(v.done)
	for range v.more {
		for v.tail.Load() < v.head.Load() {
			t := v.tail.Load()
			if err := v.write(v.ring[t%uint64(len(v.ring))]); err != nil {
				v.err.CompareAndSwap(nil, &err)
				v.signal()
				return
			}
			v.tail.Store(t + 1)
			v.signal()
		}
		if v.pause.Swap(false) {
			v.dev.Pause()
		}
		if v.stop.Load() && v.tail.Load() >= v.head.Load() {
			return
		}
	}
}

// write writes one period, however long the device's clock stands still.
func (v *Drive) write(p []float32) error {
	for {
		err := v.dev.Write(p)
		if err != sound.ErrStalled || v.stop.Load() {
			return err
		}
	}
}

func (v *Drive) signal() {
	if ev := v.event.Load(); ev != nil {
		ev.Signal()
	}
}

func (v *Drive) poke() {
	select {
	case v.more <- struct{}{}:
	default:
	}
}

// Name implements output.Device, as the other methods do.
func (v *Drive) Name() string { return v.dev.Name() }

// Rate is in frames a second.
func (v *Drive) Rate() int { return v.dev.Rate() }

// Period is in frames.
func (v *Drive) Period() int { return v.dev.Period() }

// Queue is in periods: the device's and those on the way to it.
func (v *Drive) Queue() int { return v.dev.Queue() + len(v.ring) }

// Offline reports that the device has no clock.
func (v *Drive) Offline() bool { return v.dev.Offline() }

// Attach has ev signalled when there is room.
func (v *Drive) Attach(ev *thread.Event) { v.event.Store(ev) }

// Free is how many periods Submit takes now.
func (v *Drive) Free() int { return len(v.ring) - int(v.head.Load()-v.tail.Load()) }

// Submit takes a period.
func (v *Drive) Submit(period []float32) bool {
	if v.Free() <= 0 || v.err.Load() != nil || v.stop.Load() {
		return false
	}
	h := v.head.Load()
	copy(v.ring[h%uint64(len(v.ring))], period)
	v.head.Store(h + 1)
	v.poke()
	return true
}

// Pause says that nothing follows for a while.
func (v *Drive) Pause() {
	v.pause.Store(true)
	v.poke()
}

// Played says what has been heard.
func (v *Drive) Played() (uint64, machine.Time) {
	frame, at := v.dev.Position()
	return frame, v.clock.Now().Add(-machine.FromStd(time.Since(at)))
}

// Underruns is how often the device ran dry.
func (v *Drive) Underruns() uint64 { return v.dev.Underruns() }

// Err is why the device plays no more.
func (v *Drive) Err() error {
	if e := v.err.Load(); e != nil {
		return *e
	}
	return nil
}

// Close gives the device what was submitted and closes it: a file is complete
// then. It returns what went wrong with the device at any time.
func (v *Drive) Close() error {
	v.once.Do(func() {
		v.stop.Store(true)
		if !v.dev.Offline() { // what waits in a paced device's way is not worth waiting for
			v.head.Store(v.tail.Load())
		}
		v.poke()
		<-v.done
		v.ended = v.Err()
		if err := v.dev.Close(); v.ended == nil {
			v.ended = err
		}
	})
	return v.ended
}
