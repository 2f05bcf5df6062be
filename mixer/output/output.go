package output

import (
	"context"
	"errors"
	"math"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/mixer"
	"github.com/mmlite/mmlite/mixer/limit"
)

const forever = machine.Forever

// Config is what an output is made of.
type Config struct {
	// Processor runs the AUDIO and MIXER threads.
	Processor *thread.Processor
	// Spare runs clean-up, and should be a processor that has time for it. Nil
	// means Processor.
	Spare *thread.Processor
	// Device is played on. The output does not close it.
	Device Device
	// Heap is where buffers come from. It must be safe for the processors that
	// serve calls, and Spare.
	Heap heap.Heap
	// Audio and Mixer are what the two threads are charged to; nil means new ones.
	Audio, Mixer *sched.Activity
	// Log takes lines for the card's log, and may be nil. It must not wait.
	Log func(format string, args ...any)
}

// Output is the device and the mixer. It implements audio.Output.
type Output struct {
	com.Object
	dev            Device
	timed          Timed // dev, or nil
	heap           heap.Heap
	reaper         *wait.Reaper
	log            func(format string, args ...any)
	rate, period   int
	span           machine.Duration // of a period
	audio, mixer   *sched.Activity
	processor      *thread.Processor
	playing        pledge // AUDIO's
	mixing         pledge // MIXER's
	share          sharing
	sizes          sizes
	relaxed        atomic.Bool // nothing is to be promised: there is nothing to play
	clock          mediaClock
	machine        machine.Clock
	mem            memory
	pool           [MaxInputs]struct{ left, right []float32 }
	left, right    []float32
	frames         []float32 // interleaved
	slots          [MaxInputs]atomic.Pointer[Input]
	inputs         atomic.Int32
	streamMix      *mixer.Mix // of the streams
	wide           []float32  // what it made of them, interleaved
	streaming      bool       // of MIXER: there were any
	streamSlots    [MaxStreams]atomic.Pointer[Stream]
	streams        atomic.Int32 // those, and those being opened
	streamsOver    atomic.Bool
	quota          quota // of streams
	tap            tap
	gain           float32 // at the end of the last period
	limiter        *limit.Limiter
	volume         atomic.Uint32 // bits of the gain to move to
	opened         atomic.Uint64 // the end of the last window opened
	given          atomic.Uint64 // frames given to the device
	late, limited  atomic.Uint64
	failed         atomic.Bool
	closing        atomic.Bool
	resting        atomic.Bool  // the device is paused
	holders        atomic.Int32 // threads, inputs and captures, which use the memory
	memDone        wait.Task
	captures       atomic.Int32
	wake           thread.Event // of AUDIO
	mix, ready     thread.Event // of MIXER: a window is open; an input is done
	finished       thread.Event // of AUDIO: MIXER is done
	mixed          atomic.Bool
	awaited        atomic.Pointer[Input] // signals ready when it is done
	progress       wait.List
	idle, patience int               // periods without inputs; how many before a pause
	part           [MaxInputs]*Input // who takes part in the open window
	count          int
	deadline       machine.Time // at which MIXER has to start
}

// New makes an output and starts its threads. It returns with the caller's
// reference; the last release closes it. The errors are com.ErrInvalid for a
// device with impossible figures, com.ErrNoMemory and com.ErrClosed.
func New(c Config) (*Output, error) {
	d := c.Device
	rate, period := d.Rate(), d.Period()
	switch {
	case rate < 8000 || rate > 192000:
		return nil, com.Errorf(com.ErrInvalid, "device %s: %d Hz, and 8000 to 192000 are possible", d.Name(), rate)
	case period < 16 || period > 16384:
		return nil, com.Errorf(com.ErrInvalid, "device %s: a period of %d frames, and 16 to 16384 are possible", d.Name(), period)
	case d.Queue() < 1:
		return nil, com.Errorf(com.ErrInvalid, "device %s: a queue of %d periods", d.Name(), d.Queue())
	}
	if c.Spare == nil {
		c.Spare = c.Processor
	}
	if c.Audio == nil {
		c.Audio = &sched.Activity{Name: "AUDIO"}
	}
	if c.Mixer == nil {
		c.Mixer = &sched.Activity{Name: "MIXER"}
	}
	if c.Log == nil {
		c.Log = func(string, ...any) {}
	}
	o := &Output{
		dev: d, heap: c.Heap, log: c.Log, rate: rate, period: period, gain: 1, machine: c.Processor,
		span:  machine.Second * machine.Duration(period) / machine.Duration(rate),
		audio: c.Audio, mixer: c.Mixer, processor: c.Processor,
	}
	o.relaxed.Store(true)
	o.playing.init(o, 50*machine.Microsecond, o.span/4)
	o.mixing.init(o, 100*machine.Microsecond, o.span)
	o.share.init(o)
	o.timed, _ = d.(Timed)
	o.clock.init(rate)
	o.patience = idleAfter * rate / period
	o.idle = o.patience + 1
	o.resting.Store(true)
	o.volume.Store(math.Float32bits(1))
	var err error
	if o.limiter, err = limit.New(limit.Config{Rate: rate, Channels: 2}); err != nil {
		return nil, com.Errorf(com.ErrInvalid, "%v", err)
	}
	if err = o.newStreamMix(thread.Checkpoint); err != nil {
		return nil, com.Errorf(com.ErrInvalid, "%v", err)
	}
	if err := o.takeMemory(); err != nil {
		return nil, err
	}
	if err := o.begin(c); err != nil {
		return nil, err
	}
	o.Init(o, o.Close, audio.OutputType.For(o))
	return o, nil
}

// takeMemory makes the pool: two sides for each input, and two and the
// interleaved period for the mix, and one for the streams.
func (o *Output) takeMemory() error {
	side := 4 * o.period
	m, err := allocate(o.heap, side*(2*MaxInputs+6))
	if err != nil {
		return err
	}
	o.mem = m
	at := 0
	take := func(n int) []float32 {
		f := m.floats(at, n)
		at += 4 * n
		return f
	}
	for i := range o.pool {
		o.pool[i].left, o.pool[i].right = take(o.period), take(o.period)
	}
	o.left, o.right, o.frames, o.wide = take(o.period), take(o.period), take(2*o.period), take(2*o.period)
	return nil
}

func (o *Output) begin(c Config) error {
	var err error
	if o.reaper, err = wait.NewReaper(c.Spare, "audio clean-up", nil); err != nil {
		o.mem.free()
		return err
	}
	o.dev.Attach(&o.wake)
	o.holders.Store(2)
	o.memDone.Do = func() {
		if err := o.mem.free(); err != nil {
			o.log("audio: %v", err)
		}
		o.reaper.Close()
	}
	var running atomic.Int32
	running.Store(2)
	exit := func(_ *thread.Thread, f *thread.Failure) {
		o.ended(f)
		if running.Add(-1) == 0 {
			o.tap.end()
			o.endStreams()
		}
		o.letGo()
	}
	if _, err = c.Processor.Spawn("audio", thread.Attributes{Activity: c.Audio, Exit: exit}, o.runAudio); err != nil {
		o.Close()
		o.letGo()
		o.letGo()
		return err
	}
	if _, err = c.Processor.Spawn("mixer", thread.Attributes{Activity: c.Mixer, Exit: exit}, o.runMixer); err != nil {
		o.Close()
		o.letGo()
		return err
	}
	return o.beginSizes(c.Spare)
}

// ended has the output end with a thread that failed.
func (o *Output) ended(f *thread.Failure) {
	if f != nil && f.Err != com.ErrCanceled {
		o.log("%v\n%s", f, f.Stack)
		o.Close()
	}
}

// Close ends the threads, inputs and captures. Any goroutine may call it; it does
// not wait for them.
func (o *Output) Close() {
	if o.closing.Swap(true) {
		return
	}
	o.wake.Signal()
	o.mix.Signal()
	o.ready.Signal()
	o.finished.Signal()
	o.share.begin.Signal()
	o.sizes.change.Signal()
	o.progress.Signal()
	for i := range o.slots {
		if in := o.slots[i].Load(); in != nil {
			in.wake.Signal()
		}
	}
	o.tellStreams()
}

// letGo is called by each holder at its end.
func (o *Output) letGo() {
	if o.holders.Add(-1) == 0 {
		o.reaper.Leave(&o.memDone)
	}
}

// Rate is in frames a second.
func (o *Output) Rate() int { return o.rate }

// Period is in frames.
func (o *Output) Period() int { return o.period }

// Offline reports that the device has no clock of its own.
func (o *Output) Offline() bool { return o.dev.Offline() }

// Err is why the device plays no more, or nil.
func (o *Output) Err() error {
	err := o.dev.Err()
	if err == nil {
		return nil
	}
	var known *com.Error
	if errors.As(err, &known) {
		return err
	}
	return com.Errorf(com.CodeOf(err), "sound device: %s", com.TextOf(err))
}

// Arrival returns the device's frame at which something that arrives at now is to
// sound: a period after the latest frame that may have been rendered by then. It
// is the same for the same time whatever the threads are doing, so that what comes
// in evenly sounds evenly. Offline, and before the device has told the time, it is
// 0: as soon as possible.
func (o *Output) Arrival(now machine.Time) uint64 {
	heard, ok := o.clock.heard(now)
	if !ok {
		return 0
	}
	frame := uint64(heard) + uint64((o.dev.Queue()+1)*o.period)
	return min(frame, o.opened.Load()+uint64(2*o.period))
}

// Heard returns the device's frame that is heard at now.
func (o *Output) Heard(now machine.Time) uint64 {
	if o.dev.Offline() {
		frame, _ := o.dev.Played()
		return frame
	}
	heard, ok := o.clock.heard(now)
	if !ok {
		frame, _ := o.dev.Played()
		return frame
	}
	return min(uint64(heard), o.given.Load())
}

// HeardAt returns when what inputs render at the given frame of the device has
// come through limiter and device and is heard. It reports false offline, and
// before the device has told the time.
func (o *Output) HeardAt(frame uint64) (machine.Time, bool) {
	heard, at, pace, ok := o.clock.read()
	if !ok {
		return 0, false
	}
	frame += uint64(o.limiter.Latency())
	return at.Add(machine.Duration((float64(frame) - float64(heard)) * pace)), true
}

// WaitPlayed waits until all that inputs rendered before the given frame of the
// device has left it, save what the limiter still looks at. The errors are those of wait.List.Until, com.ErrClosed, and why the device
// has failed.
func (o *Output) WaitPlayed(ctx context.Context, frame uint64) error {
	err := o.progress.Until(ctx, func() bool {
		played, _ := o.dev.Played()
		return played >= frame || o.failed.Load() || o.closing.Load()
	})
	if err != nil {
		return err
	}
	if played, _ := o.dev.Played(); played >= frame {
		return nil
	}
	if err := o.Err(); err != nil {
		return err
	}
	return com.ErrClosed
}

// Capture implements audio.Output.
func (o *Output) Capture(context.Context) (audio.Capture, error) {
	c, err := o.capture(captureSeconds * o.rate)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// capture records the mix, and keeps so many frames for its reader.
func (o *Output) capture(frames int) (*Capture, error) {
	c, err := o.newCapture(&o.wake, frames)
	if err != nil {
		return nil, err
	}
	if err := o.tap.add(c); err != nil {
		c.end()
		c.Release()
		return nil, err
	}
	return c, nil
}

// SetVolume implements audio.Output.
func (o *Output) SetVolume(_ context.Context, gain float32) error {
	if !(gain >= 0 && gain <= 4) {
		return com.Errorf(com.ErrInvalid, "a volume of %g, and 0 to 4 are possible", gain)
	}
	o.volume.Store(math.Float32bits(gain))
	return nil
}

func (o *Output) currentVolume() float32 { return math.Float32frombits(o.volume.Load()) }

// Info implements audio.Output.
func (o *Output) Info(context.Context) (audio.OutputInfo, error) {
	d := o.dev
	i := audio.OutputInfo{
		Device: d.Name(), Rate: uint32(o.rate), Period: uint32(o.period), Queue: uint32(d.Queue()), Offline: d.Offline(),
		Frame: o.given.Load(), Inputs: uint32(max(o.inputs.Load(), 0)), Streams: uint32(max(o.streams.Load(), 0)), Underruns: d.Underruns(),
		Late: o.late.Load(), Limited: o.limited.Load(),
	}
	if !d.Offline() {
		i.Latency = (o.span * machine.Duration(d.Queue())).Std()
	}
	frame, at := d.Played()
	if f, t, _, ok := o.clock.read(); ok {
		frame, at = f, t
	}
	i.Played, i.PlayedAt = frame, int64(at)
	return i, nil
}

var _ audio.Output = (*Output)(nil)
