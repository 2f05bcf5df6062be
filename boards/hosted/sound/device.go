// Package sound is the sound hardware of the hosted board: a WAV file, a paced device that plays to nobody, the PulseAudio or
// PipeWire server of the session, and what oto reaches on macOS and Windows. Each is one file and one Device; the card's AUDIO
// component drives any of them the same way. Which there are, and why one is not available, List says; Open opens one by name.
package sound

import (
	"errors"
	"fmt"
	"time"
)

// Device plays interleaved float32 sound, one period at a time. The device's own clock takes the periods; the caller keeps its
// queue filled. Write, Free, Pause, Drain and Wake belong to one goroutine at a time; the other methods may be called from any.
//
// A real-time device begins to play when its queue is full, or at Pause and Drain, and again so after an underrun. Nothing here is to be
// called from a thread of the card, since Write and Drain block in Go: a helper goroutine, or an OS thread that was locked for
// it, calls them. A caller that must not block looks at Free, and is woken by Wake.
type Device interface {
	// Name is what Open would open this device by.
	Name() string
	// Rate is in frames per second.
	Rate() int
	// Channels is the number of samples in a frame.
	Channels() int
	// Period is the number of frames that Write takes.
	Period() int
	// Queue is how many periods the device holds back before they are heard, not counting what the hardware behind it adds.
	Queue() int
	// Offline reports that the device has no clock: it takes periods as fast as they come, and Write never waits.
	Offline() bool

	// Write takes exactly one period of Period times Channels samples, copies it, and blocks until there was room for it. It
	// allocates nothing. After an error other than ErrStalled the device is of no more use than to be closed.
	Write(period []float32) error
	// Free is how many periods Write would take at once without blocking.
	Free() int
	// Wake receives a value after Free has grown, after an underrun, and when the device has failed; a value may also mean
	// nothing. It is nil if the device is offline.
	Wake() <-chan struct{}
	// Pause says that nothing will follow for a while: what was written is played even if the queue is not full, and its end
	// is no underrun. It does not wait. The next Write ends the pause.
	Pause()
	// Drain blocks until all that was written has been heard, or the device has failed.
	Drain() error

	// Position is how many of the frames written had been heard at a moment, as the device's clock last told. It never runs
	// backward, and stands still while the device has nothing to play.
	Position() (frame uint64, at time.Time)
	// Latency is how long a frame written now would take to be heard, as far as is known.
	Latency() time.Duration
	// Underruns is how often the device wanted to go on and had nothing to play.
	Underruns() uint64

	// Err is why the device plays no more, nil while it does.
	Err() error

	// Close stops at once; what was not heard is dropped. A file is complete, under its own name, only once Close has returned
	// without an error. Closing again does nothing.
	Close() error
}

var (
	// ErrClosed is returned for a device that was closed.
	ErrClosed = errors.New("sound: the device is closed")
	// ErrStalled is returned by Write and Drain when a device's clock has stood still, as when the system suspended it. The
	// period was not taken; it can be written again.
	ErrStalled = errors.New("sound: the device's clock stands still")
	// ErrNoDevice is returned by Open when no device that plays to somebody is available.
	ErrNoDevice = errors.New("sound: no sound device is available")
)

// stallTime is how long a device may make Write wait.
const stallTime = 2 * time.Second

// Status is what a device can say about its buffering, for people and for /status.
type Status struct {
	Device    string  `json:"device"`
	Rate      int     `json:"rate"`
	Channels  int     `json:"channels"`
	Period    int     `json:"period_frames"`
	Queue     int     `json:"queue_periods"`
	BufferMs  float64 `json:"buffer_ms"`  // of the queue when full
	LatencyMs float64 `json:"latency_ms"` // from a write to the ear, at present
	Heard     uint64  `json:"heard_frames"`
	Underruns uint64  `json:"underruns"`
}

// StatusOf collects the status of a device.
func StatusOf(d Device) Status {
	heard, _ := d.Position()
	return Status{
		Device: d.Name(), Rate: d.Rate(), Channels: d.Channels(), Period: d.Period(), Queue: d.Queue(),
		BufferMs:  float64(d.Queue()*d.Period()) * 1000 / float64(d.Rate()),
		LatencyMs: float64(d.Latency()) / float64(time.Millisecond),
		Heard:     heard, Underruns: d.Underruns(),
	}
}

// String is one line for a terminal.
func (s Status) String() string {
	return fmt.Sprintf("%s: %d Hz, %d channels, %d periods of %d frames (%.1f ms), %d underruns",
		s.Device, s.Rate, s.Channels, s.Queue, s.Period, s.BufferMs, s.Underruns)
}

func checkPeriod(d Device, period []float32) error {
	if len(period) != d.Period()*d.Channels() {
		return fmt.Errorf("sound: %s takes periods of %d frames of %d channels, got %d samples", d.Name(), d.Period(), d.Channels(), len(period))
	}
	return nil
}

// frames is how many frames at rate fit into d, and span how long that many last. Both are exact for a century.
func frames(d time.Duration, rate int) uint64 {
	if d <= 0 {
		return 0
	}
	s, ns := uint64(d/time.Second), uint64(d%time.Second)
	return s*uint64(rate) + ns*uint64(rate)/uint64(time.Second)
}

func span(frames uint64, rate int) time.Duration {
	s, rest := frames/uint64(rate), frames%uint64(rate)
	return time.Duration(s)*time.Second + time.Duration((rest*uint64(time.Second)+uint64(rate)-1)/uint64(rate))
}
