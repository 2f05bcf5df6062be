package audio

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// StreamOptions say what a stream shall be. Rate and Channels are needed; zero
// values of the others mean the defaults.
type StreamOptions struct {
	Name     string       // for people; shown in status; at most 256 bytes
	Rate     uint32       // frames a second, 100 to 768000, and at most 32 times the device's
	Channels uint32       // 1 to 8, in the order of a WAVE file; the mix has two
	Format   SampleFormat // of what Write takes; 0 means F32
	Quality  Quality      // of rate conversion; 0 means Normal
	// Buffer is how many frames of its own the stream holds; 0 means half a
	// second. At most 1048576 samples of all channels. Less than the mixer needs
	// for two periods is made that much; Info says what it is.
	Buffer uint32
	// Prefill is how many frames have to be there before the sound begins, and
	// begins again after it ran dry: at most Buffer. 0 means as little as a period
	// takes.
	Prefill uint32
	// MaxRate is the highest rate SetRate may ask for. 0 means that the rate
	// stays what it is.
	MaxRate uint32
	// Follow is for a writer that goes by a clock of its own, such as a
	// microphone's: the rate is trimmed, by at most 0.2 %, so that Prefill frames
	// wait on the average. Offline there is nothing to follow, and it does nothing.
	Follow bool
}

// SampleFormat says how one sample is stored. All formats are little endian.
type SampleFormat uint8

// The sample formats. An integer of b bits stands for its value divided by
// 2^(b-1).
const (
	DefaultFormat SampleFormat = iota // F32
	U8                                // unsigned, 128 is silence
	S16
	S24 // in three bytes
	S32
	F32 // IEEE 754; what is no number is silenced
)

// Quality says how well rates are converted. Figures are between 44.1 and 48 kHz.
type Quality uint8

// The qualities.
const (
	DefaultQuality Quality = iota // Normal
	Fast                          // noise and distortion at -70 dB
	Normal                        // at -100 dB
	High                          // at -120 dB, which costs twice as much
)

// Stream is a sound that is written as samples, of any rate, channel count and
// format, and mixed with all others.
//
// Frames are counted from the opening of the stream and at its own rate. What was
// written has been heard when the device has played it, not when it was copied.
// A stream that runs dry is silent until it has Prefill frames again, loses
// nothing, and counts that. Sound fades over a millisecond and a half where it is
// interrupted and where it goes on.
//
// An offline device waits for a stream that was started: for more to be written,
// or for Drain, Stop, Pause or the last release. So it never runs dry there, and a
// rendering is the same bytes every time.
//
// The last release fades the sound within 10 ms and drops what is left of it.
//
//mm:contract
type Stream interface {
	com.Unknown

	// Write adds frames, whole ones only, in the stream's format. It waits while
	// the buffer is full, and returns when all are in the buffer. ErrInvalid: not
	// whole frames, and nothing was taken. ErrCanceled and ErrTimeout as ctx says,
	// and ErrCanceled if Stop was called: a part may have been taken, which
	// StreamInfo.Written shows. Calls at the same time take turns.
	//
	//mm:limit data 1048576
	Write(ctx context.Context, data []byte) error
	// Start has the stream play: from the next period on, or as soon as Prefill
	// frames are there. A stream that plays is left alone.
	Start(ctx context.Context) error
	// Pause fades the sound out, beginning with the next period, and keeps what is
	// not yet played for Start.
	Pause(ctx context.Context) error
	// SetGain moves the linear gain, at first 1, to one of 0 to 4 within ramp, at
	// most a minute. A ramp of less than 5 ms takes 5 ms, so that nothing clicks.
	// A stream that has not begun to sound begins with the last gain set.
	SetGain(ctx context.Context, gain float32, ramp time.Duration) error
	// SetPan moves the sound between left, -1, and right, 1, within ramp as
	// SetGain does: the far side is turned down and the near one is unchanged.
	SetPan(ctx context.Context, pan float32, ramp time.Duration) error
	// SetRate changes the rate, and so the pitch, without a break, to one of 100
	// to the greater of Rate and MaxRate. ErrNotSupported: MaxRate was 0.
	SetRate(ctx context.Context, rate uint32) error
	// Drain says that nothing follows what was written, and returns when the last
	// frame of it has been heard. The stream is then as before Start, ready for
	// more. ErrInvalid: there is something to be heard, but the stream does not
	// play. When ctx ends, what was begun goes on, and Write waits for it.
	Drain(ctx context.Context) error
	// Stop fades the sound out, drops what is not yet played, which then counts as
	// played, and leaves the stream as before Start. It returns when that is done,
	// within two periods; offline it waits for the clock. Write and Drain that wait
	// fail with ErrCanceled.
	Stop(ctx context.Context) error
	// Info says how the stream fares.
	Info(ctx context.Context) (StreamInfo, error)
}

// StreamInfo says how a stream fares. Frames are the stream's own.
type StreamInfo struct {
	Name      string
	Rate      uint32
	Channels  uint32
	Format    SampleFormat
	Quality   Quality
	Playing   bool          // it was started, and neither paused nor drained since
	Buffer    uint32        // frames it holds
	Buffered  uint32        // frames that wait in it
	Written   uint64        // frames it has taken
	Played    uint64        // frames that have been heard
	Latency   time.Duration // until what is written now is heard, if it plays
	Underruns uint64        // times it ran dry
	Late      uint64        // frames of silence in place of what was not there
	Trim      float64       // parts per million by which the rate is trimmed, with Follow
}
