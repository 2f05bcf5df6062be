package audio

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// BufferOptions say what a sound buffer shall be. Rate, Channels and Frames are
// needed; zero values of the others mean the defaults.
type BufferOptions struct {
	Name     string       // for people; shown in status; at most 256 bytes
	Rate     uint32       // frames a second, 100 to 768000, and at most 32 times the device's
	Channels uint32       // 1 to 8, in the order of a WAVE file; the mix has two
	Format   SampleFormat // of what is in the memory; 0 means F32
	Quality  Quality      // of rate conversion; 0 means Normal
	Frames   uint32       // length; at most 67108864 bytes
	// MaxRate is the highest rate SetRate may ask for. 0 means that the rate stays
	// what it is.
	MaxRate uint32
	// Of is a buffer of this card whose memory the new one shares. Rate, Channels,
	// Format and Frames are then those of Of, whatever stands here.
	Of Buffer
}

// Buffer is a sound that lies in memory which the client writes at any time, also
// while it plays: a sample that is heard again and again, or a ring that is filled
// behind the place being played.
//
// What the card reads is what is there at that moment: it neither waits nor looks
// whether anything was written, so a ring that is not filled repeats itself. It
// reads a period, and what rate conversion reaches, before that is heard: between
// the two cursors of a buffer nothing should be written any more.
//
// Where sound stops, jumps or goes on in the middle it fades over a millisecond and
// a half; the beginning of a buffer and its end are played as they are. The last
// release fades the sound within 10 ms.
//
//mm:contract
type Buffer interface {
	com.Unknown

	// Memory returns the samples' memory, Frames of the format, at first silent but
	// for U8. It outlives the buffer.
	Memory(ctx context.Context) (system.Memory, error)
	// Play has the buffer play from where it is, with the next period, on and on if
	// loop is set and otherwise to its end. A buffer that plays takes on loop and
	// plays on.
	Play(ctx context.Context, loop bool) error
	// Stop fades the sound out with the next period. Play goes on from there.
	Stop(ctx context.Context) error
	// SetPosition moves the place to play to a frame, 0 to Frames-1.
	SetPosition(ctx context.Context, frame uint32) error
	// SetLevels moves the linear gain, 0 to 4, and the place between left, -1, and
	// right, 1, within ramp, at most a minute, as Stream's SetGain and SetPan do.
	SetLevels(ctx context.Context, gain, pan float32, ramp time.Duration) error
	// SetRate changes the rate, and so the pitch, without a break, to one of 100 to
	// the greater of Rate and MaxRate. ErrNotSupported: MaxRate was 0.
	SetRate(ctx context.Context, rate uint32) error
	// SetNotify has listener told each time a frame of positions begins to be heard.
	// AtStop among them stands for the end and for being stopped. A nil listener ends
	// that. ErrBusy: the buffer plays.
	//
	//mm:limit positions 256
	SetNotify(ctx context.Context, positions []uint32, listener Listener) error
	// Info says how the buffer fares.
	Info(ctx context.Context) (BufferInfo, error)
}

// AtStop is the position that stands for the moment a buffer stops.
const AtStop = 0xFFFFFFFF

// Listener is an object of a client that is told where a buffer is.
//
//mm:contract
type Listener interface {
	com.Unknown

	// Reached says that the position with a number, its place in the list given to
	// SetNotify, was reached, and how many such notes were dropped before this one
	// because the client did not take them.
	//
	//mm:oneway
	Reached(number uint32, dropped uint32) error
}

// BufferInfo says how a buffer fares.
type BufferInfo struct {
	Name     string
	Rate     uint32
	Channels uint32
	Format   SampleFormat
	Quality  Quality
	Frames   uint32
	Playing  bool
	Looping  bool
	Play     uint32 // the frame that is heard now
	Write    uint32 // the first frame behind it that the card has not read yet, nor is about to
	Heard    uint64 // frames heard since the beginning
	Bad      uint64 // periods with floats that were no numbers, which were silenced
	// Cursor is the number of the cursor in the client's status page that shows what
	// CursorOf takes apart, period by period; 0xFFFFFFFF if there is none.
	Cursor uint32
}

// CursorState is what a buffer's cursor says.
type CursorState struct {
	Play, Write      uint32
	At               int64 // machine time in ns at which Play was heard; 0 offline
	Rate             uint32
	Playing, Looping bool
}

// Values packs the state for a cursor.
func (s CursorState) Values() [3]uint64 {
	v := [3]uint64{uint64(s.Play)<<32 | uint64(s.Write), uint64(s.At), uint64(s.Rate) << 32}
	if s.Playing {
		v[2] |= 1
	}
	if s.Looping {
		v[2] |= 2
	}
	return v
}

// CursorOf takes the values of a cursor apart.
func CursorOf(v [3]uint64) CursorState {
	return CursorState{
		Play: uint32(v[0] >> 32), Write: uint32(v[0]), At: int64(v[1]),
		Rate: uint32(v[2] >> 32), Playing: v[2]&1 != 0, Looping: v[2]&2 != 0,
	}
}
