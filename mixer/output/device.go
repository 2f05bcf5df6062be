package output

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Device is what AUDIO plays on. Its methods neither wait nor allocate. Attach,
// Free, Submit and Pause are called by the AUDIO thread alone, the others by any.
type Device interface {
	// Name says which device it is.
	Name() string
	// Rate is in frames a second.
	Rate() int
	// Period is how many frames Submit takes.
	Period() int
	// Queue is how many periods it holds when it is full.
	Queue() int
	// Offline reports that it has no clock of its own and takes what comes.
	Offline() bool

	// Attach has the device signal ev each time that Free has grown, and when it
	// has failed.
	Attach(ev *thread.Event)
	// Free is how many periods Submit takes now.
	Free() int
	// Submit takes a period of interleaved stereo and copies it. It reports false,
	// and has taken nothing, when the device is full or has failed.
	Submit(period []float32) bool
	// Pause says that nothing follows for a while: when the device has played what
	// it got, that is no underrun.
	Pause()

	// Played is how many of the frames submitted had left the device at a moment,
	// as its clock last told.
	Played() (frame uint64, at machine.Time)
	// Underruns is how often it had to go on with nothing to play.
	Underruns() uint64
	// Err is why it plays no more, or nil.
	Err() error
}
