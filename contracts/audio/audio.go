// Package audio holds the contracts of sound: the synthesizer and its ports,
// streams of samples, captures of what is rendered, and the sound device of the
// card.
//
// Time in these contracts is counted in frames: one sample for each channel.
// The card's rate is in system.Info; there are always two channels.
package audio

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

//go:generate go run ../../tools/mmidl .

// Synth is the factory of synthesizer ports, at /synth.
//
//mm:contract
type Synth interface {
	com.Unknown

	// Open returns a port with sixteen channels, a voice quota and a state of
	// its own. ErrQuota says that the client or the card has no more.
	Open(ctx context.Context, options PortOptions) (Port, error)
	// Load opens a bank, DLS or SoundFont 2. It reads the tables and returns when
	// the bank is ready to play; ErrCorrupt or ErrProtocol say what is wrong
	// with the file and where. Samples are read into card memory when something
	// that needs them is about to be played (see Port) or is downloaded, so the
	// bank holds the file, which must stay as it is, until its last release. A
	// sample that cannot be read then is silent, is told in the card's log, and
	// counts in BankInfo.
	Load(ctx context.Context, file system.File, name string) (Bank, error)
	// BuiltIn returns the bank that the card carries.
	BuiltIn(ctx context.Context) (Bank, error)
}

// PortOptions say what a port shall be. Zero values mean the defaults.
type PortOptions struct {
	Name          string        // for people; shown in status
	Voices        uint32        // 16 to 1024; 0 means 256
	Interpolation Interpolation // of the samples
	Gain          float32       // linear; 0 means the synthesizer's default
	Bank          Bank          // nil means the built-in one
	Effects       bool          // reverberation and chorus, as songs ask for them
}

// Interpolation says how samples are interpolated between their points.
type Interpolation uint8

// The interpolations.
const (
	DefaultInterpolation Interpolation = iota // Cubic
	Linear                                    // two points
	Cubic                                     // four points, third order
	Sinc                                      // seven points, windowed sinc
)

// Bank is a set of instruments on the card. A port that uses it holds it.
//
//mm:contract
type Bank interface {
	com.Unknown

	// Info describes the bank.
	Info(ctx context.Context) (BankInfo, error)
	// Presets lists the instruments, at most 4096, sorted by bank and program.
	Presets(ctx context.Context) ([]Preset, error)
	// Download reads one instrument, which Bank, Program and Drums of preset name,
	// and the waves it plays for keys low to high, 0 to 127. A port plays it once
	// it is assigned there. ErrNotFound: the bank has no such instrument;
	// ErrNoMemory and ErrQuota: its waves do not fit, and none stay; the error
	// of the file if no wave can be read.
	Download(ctx context.Context, preset Preset, low, high uint8) (Instrument, error)
}

// BankInfo describes a bank.
type BankInfo struct {
	Name    string
	Format  string   // "DLS", "SoundFont 2"
	Bytes   uint64   // memory its tables and the samples loaded so far take
	Presets uint32   // instruments
	Notes   []string // what the reader had to overlook so far, at most 64
	Samples uint32   // loaded now
	Failed  uint32   // samples that could not be read
	File    uint64   // length of the file in bytes
}

// Preset names an instrument.
type Preset struct {
	Bank    uint16 // CC0 * 128 + CC32
	Program uint8
	Drums   bool
	Name    string
}

// Port is a synthesizer with sixteen MIDI channels. Channel 10 plays drums.
//
// A port has a clock of its own: frame 0 is where Start put it, at the beginning
// of a period. Queued events carry frames of this clock and sound exactly there.
// What a port renders depends on its events and their frames alone: not on other
// ports, nor on whether the device plays in real time or renders to a file.
//
// Samples of a large bank are loaded when a program is selected, and ahead of
// queued events that need them. A device with a clock of its own waits for
// them, so no note is ever without. In real time a note that comes before its
// samples is dropped, since a late one would be worse, and counted.
//
// The last release of a port silences its voices within 10 ms and ends it.
//
//mm:contract
type Port interface {
	com.Unknown

	// Start puts frame 0 at the beginning of the next period. It first waits, for at
	// most two seconds, until the samples are loaded that the channels' programs
	// and the events queued so far need. Before it the
	// port renders only what Short and SysEx play at once; a device with a
	// clock of its own goes on for ports that were started. A second Start fails
	// with ErrBusy.
	Start(ctx context.Context) error
	// Queue adds events in order of time and says that none before frame until
	// will follow: a device with a clock of its own does not go further than
	// that. The largest uint64 says that nothing will follow at all, up to the
	// next Drain. Queue takes all events or, when it fails, none. It waits while
	// the queue, of 16384 events, has no room for them. An event whose frame has
	// passed sounds at once and is counted as late. ErrInvalid: events out of
	// order or before what an earlier call said; ErrCanceled: Stop was called;
	// ErrQuota: a device with a clock of its own waits for more events in one
	// period than the queue can hold.
	//
	//mm:limit events 4096
	Queue(ctx context.Context, events []Event, until uint64) error
	// QueueSysEx queues a system exclusive message, F0 and F7 included, in the
	// same order and in the same way; it says that nothing before frame follows.
	//
	//mm:limit data 4096
	QueueSysEx(ctx context.Context, frame uint64, data []byte) error
	// Short plays a message of up to three bytes, status in the lowest byte, one
	// period after its arrival, without jitter. ErrBusy: hundreds of messages
	// arrived in one period, and this one was dropped.
	//
	//mm:oneway
	Short(message uint32) error
	// SysEx plays a system exclusive message as Short does.
	//
	//mm:oneway
	//mm:limit data 4096
	SysEx(data []byte) error
	// Drain returns when every queued event has sounded, the frame that Queue
	// promised has come, the voices have decayed and the device has played what
	// was rendered. Keys and pedals that are still down then are let go. A port
	// that has drained does not hold up a device with a clock of its own until
	// more is queued.
	Drain(ctx context.Context) error
	// Assign has the port play a downloaded instrument as the program that Bank,
	// Program and Drums of to name, over that of the port's bank and one
	// assigned there before; nil takes it away again, ErrNotFound if there is
	// none. It counts for notes that start after it returns; those that sound end
	// as they began. ErrQuota: 256 instruments are assigned.
	Assign(ctx context.Context, instrument Instrument, to Preset) error
	// Stop drops what is queued and silences all voices within 10 ms. The port's
	// clock goes on. Calls that wait to queue fail with ErrCanceled.
	Stop(ctx context.Context) error
	// Info says how the port fares.
	Info(ctx context.Context) (PortInfo, error)
	// Channels says what plays on the sixteen channels.
	Channels(ctx context.Context) ([]ChannelInfo, error)
	// Capture records what this port renders, before mix and limiter, from the
	// next period on or, if it has not begun to play, from its first: that of
	// Start, or of the first message played at once.
	Capture(ctx context.Context) (Capture, error)
}

// Event is a MIDI message of up to three bytes at a frame of the port's clock.
type Event struct {
	Frame   uint64
	Message uint32 // status | data1<<8 | data2<<16
}

// PortInfo says how a port fares.
type PortInfo struct {
	Name       string
	Frame      uint64        // the port's clock: the next frame to render
	Heard      uint64        // the frame that leaves the device now
	Placed     bool          // the clock runs
	Base       uint64        // then the device's frame at which frame 0 is
	Queued     uint32        // events that wait
	Voices     uint32        // sounding now
	PeakVoices uint32        // most at once
	Late       uint64        // events that came after their frame
	Stolen     uint64        // voices ended early for want of others
	Dropped    uint64        // notes that found no instrument
	NotLoaded  uint64        // notes, or layers of them, that came before their samples
	Missed     uint64        // periods this port was not ready for: silence instead
	Busy       time.Duration // processor time spent rendering
}

// ChannelInfo says what plays on a channel.
type ChannelInfo struct {
	Bank    uint16
	Program uint8
	Drums   bool
	Name    string // of the instrument
	Voices  uint32
}

// Capture is a recording of what goes by, kept in card memory until it is read.
//
//mm:contract
type Capture interface {
	com.Unknown

	// Read fills buf with interleaved stereo float32 samples, little endian, or
	// those that Listen was asked for, and returns the bytes filled, whole frames,
	// and the number of the first frame since the capture began. It waits until
	// there is at least one period. n is 0 when the source has ended. A reader that
	// falls behind by more than four seconds misses frames, which frame shows; a
	// device with a clock of its own waits for it instead.
	//
	//mm:out buf
	//mm:limit buf 1048576
	Read(ctx context.Context, buf []byte) (n uint32, frame uint64, err error)
}

// Output is the sound device of the card and the mixer in front of it, at
// /audio.
//
//mm:contract
type Output interface {
	com.Unknown

	// Info says what the device is and how it fares.
	Info(ctx context.Context) (OutputInfo, error)
	// Capture records the mix as the device gets it.
	Capture(ctx context.Context) (Capture, error)
	// Listen is Capture for those who play the mix elsewhere at the same time, and
	// for links that carry less than the whole of it. ErrInvalid says which option
	// is impossible.
	Listen(ctx context.Context, options ListenOptions) (Capture, error)
	// SetVolume sets the linear gain of the mix, 0 to 4; it moves there within
	// one period.
	SetVolume(ctx context.Context, gain float32) error
	// OpenStream returns a stream of samples into the mix, which does not play
	// until it is started. ErrInvalid says which option is impossible; ErrQuota
	// that the client or the card has no more streams or memory for them.
	OpenStream(ctx context.Context, options StreamOptions) (Stream, error)
	// OpenBuffer returns a sound buffer into the mix, with memory of its own or that
	// of another buffer. ErrInvalid says which option is impossible; ErrQuota and
	// ErrNoMemory that the client or the card has no more.
	OpenBuffer(ctx context.Context, options BufferOptions) (Buffer, error)
}

// ListenOptions say what is to be had of the mix. Zero values mean the defaults.
type ListenOptions struct {
	Rate     uint32       // frames a second, 4000 to the device's; 0 means the device's
	Channels uint32       // 2, or 1 for the mean of both; 0 means 2
	Format   SampleFormat // 0 means F32
	Quality  Quality      // of rate conversion; 0 means Normal
	// Behind is by how much a reader may fall behind, at most four seconds, which 0
	// means. It gets the newest then, and misses what is older.
	Behind time.Duration
}

// OutputInfo says how the device fares.
type OutputInfo struct {
	Device    string
	Rate      uint32        // frames a second
	Period    uint32        // frames
	Queue     uint32        // periods the device holds
	Latency   time.Duration // from render to sound: what the queue holds; 0 offline
	Offline   bool          // the clock is the work's own
	Frame     uint64        // frames given to the device
	Played    uint64        // frames that left it
	PlayedAt  int64         // machine time in ns when that was so
	Inputs    uint32        // ports connected
	Streams   uint32        // streams open
	Underruns uint64        // times the device ran dry
	Late      uint64        // input periods that were missing or late: silence instead
	Limited   uint64        // periods in which the limiter held the level down
}
