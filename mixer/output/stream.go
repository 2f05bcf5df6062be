package output

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/mixer"
)

const (
	// pieceSamples is how much Write converts between two checkpoints.
	pieceSamples = 8192
	// shortestRamp is over how long levels move at least.
	shortestRamp = 5 * time.Millisecond
	longestRamp  = time.Minute
)

// Stream is a sound that is written as samples. It implements audio.Stream. Its
// methods run on threads that serve calls; what they have for AUDIO and MIXER they
// leave in atomic words, of the input of the mix and of the stream.
type Stream struct {
	com.Object
	o       *Output
	in      *mixer.Input
	options audio.StreamOptions
	frame   int     // bytes
	buffer  *Buffer // whose place in the mix it is, or nil
	mem     memory
	quota   *quota
	bytes   int64
	holders atomic.Int32 // the client and the output
	task    wait.Task

	feeding wait.Gate     // who writes, drains or stops
	stops   atomic.Uint64 // counts what makes them give up
	changed wait.List     // who waits for room, or for what AUDIO does

	leveling wait.Gate // who sets gain and pan
	gain     float32
	pan      float32

	// Orders to AUDIO, which resets them when they are carried out.
	draining, dropping atomic.Bool
	released           atomic.Bool // the last reference has gone
	ended              atomic.Bool // the output is no more
}

// newStream returns a stream with the caller's reference, and another hold that is
// the output's.
func newStream(o *Output, in *mixer.Input, options audio.StreamOptions, m memory, q *quota, bytes int64) *Stream {
	c := in.Config()
	if options.Name = com.Printable(options.Name); options.Name == "" {
		options.Name = "stream"
	}
	if options.Format == audio.DefaultFormat {
		options.Format = audio.F32
	}
	if options.Quality == audio.DefaultQuality {
		options.Quality = audio.Normal
	}
	options.Buffer = uint32(c.Buffer)
	s := &Stream{o: o, in: in, options: options, frame: c.Format.Bytes() * c.Channels, mem: m, quota: q, bytes: bytes, gain: 1}
	s.task.Do = func() {
		if err := s.mem.free(); err != nil {
			o.log("stream: %v", err)
		}
		s.quota.give(s.bytes)
		o.letGo()
	}
	o.holders.Add(1)
	s.holders.Store(2)
	s.Init(s, s.final, audio.StreamType.For(s))
	return s
}

// final is the last release: AUDIO takes the stream out when it has faded.
func (s *Stream) final() {
	s.in.Close()
	s.released.Store(true)
	s.stops.Add(1)
	s.changed.Signal()
	s.o.wake.Signal()
	s.letGo()
}

func (s *Stream) letGo() {
	if s.holders.Add(-1) == 0 {
		s.o.reaper.Leave(&s.task)
	}
}

// over reports whether the stream plays no more.
func (s *Stream) over() bool {
	return s.released.Load() || s.ended.Load() || s.o.failed.Load() || s.o.closing.Load()
}

// err says why, or nil.
func (s *Stream) err() error {
	if err := s.o.gone(); err != nil {
		return err
	}
	if s.released.Load() || s.ended.Load() {
		return com.Errorf(com.ErrGone, "stream %s", s.options.Name)
	}
	return nil
}

// until waits for cond, and no longer than until Stop is called for the time after
// stops, or the stream is over.
func (s *Stream) until(ctx context.Context, stops uint64, cond func() bool) error {
	err := s.changed.Until(ctx, func() bool { return cond() || s.stops.Load() != stops || s.over() })
	if err != nil {
		return err
	}
	if s.over() {
		return s.err()
	}
	if s.stops.Load() != stops && !cond() {
		return com.Errorf(com.ErrCanceled, "stream %s was stopped", s.options.Name)
	}
	return nil
}

// Write implements audio.Stream.
func (s *Stream) Write(ctx context.Context, data []byte) error {
	if len(data)%s.frame != 0 {
		return com.Errorf(com.ErrInvalid, "%d bytes are no whole number of frames of %d", len(data), s.frame)
	}
	stops := s.stops.Load()
	if err := s.feeding.Enter(ctx); err != nil {
		return err
	}
	defer s.feeding.Leave()
	c := s.in.Config()
	// A writer that waits is woken for a quarter of the buffer, but the buffer is
	// filled as far as the mix needs it to go on.
	part := max(1, min(c.Buffer/4, c.Buffer-max(c.Prefill, s.o.streamMix.MinBuffer(c))))
	for len(data) > 0 {
		want := min(part, len(data)/s.frame)
		err := s.until(ctx, stops, func() bool { return !s.draining.Load() && s.in.Free() >= want })
		if err != nil {
			return err
		}
		n := s.in.Write(data[:min(len(data), pieceSamples/c.Channels*s.frame)])
		data = data[n*s.frame:]
		if s.o.dev.Offline() {
			s.o.wake.Signal() // the clock may have waited for it
		}
		thread.Checkpoint()
	}
	return s.err()
}

// Start implements audio.Stream.
func (s *Stream) Start(context.Context) error {
	if err := s.err(); err != nil {
		return err
	}
	s.in.Resume()
	s.o.wake.Signal()
	return nil
}

// Pause implements audio.Stream.
func (s *Stream) Pause(context.Context) error {
	if err := s.err(); err != nil {
		return err
	}
	s.in.Pause()
	s.o.wake.Signal()
	return nil
}

// SetGain implements audio.Stream.
func (s *Stream) SetGain(ctx context.Context, gain float32, ramp time.Duration) error {
	if !(gain >= 0 && gain <= 4) {
		return com.Errorf(com.ErrInvalid, "a gain of %g, and 0 to 4 are possible", gain)
	}
	return s.setLevel(ctx, ramp, func() { s.gain = gain })
}

// SetPan implements audio.Stream.
func (s *Stream) SetPan(ctx context.Context, pan float32, ramp time.Duration) error {
	if !(pan >= -1 && pan <= 1) {
		return com.Errorf(com.ErrInvalid, "a pan of %g, and -1 to 1 are possible", pan)
	}
	return s.setLevel(ctx, ramp, func() { s.pan = pan })
}

func (s *Stream) setLevel(ctx context.Context, ramp time.Duration, set func()) error {
	if ramp < 0 || ramp > longestRamp {
		return com.Errorf(com.ErrInvalid, "a ramp of %v, and 0 to %v are possible", ramp, longestRamp)
	}
	if err := s.leveling.Enter(ctx); err != nil {
		return err
	}
	defer s.leveling.Leave()
	set()
	s.in.SetGain(s.gain, s.pan, int(math.Ceil(max(ramp, shortestRamp).Seconds()*float64(s.o.rate))))
	return s.err()
}

// SetRate implements audio.Stream.
func (s *Stream) SetRate(_ context.Context, rate uint32) error {
	if s.options.MaxRate == 0 {
		return com.Errorf(com.ErrNotSupported, "stream %s was opened with a rate that stays", s.options.Name)
	}
	if err := s.in.SetRate(int(min(rate, math.MaxInt32))); err != nil {
		return com.Errorf(com.ErrInvalid, "%v", err)
	}
	return s.err()
}

// Drain implements audio.Stream.
func (s *Stream) Drain(ctx context.Context) error {
	stops := s.stops.Load()
	if err := s.feeding.Enter(ctx); err != nil {
		return err
	}
	defer s.feeding.Leave()
	if !s.draining.Load() {
		if !s.in.Running() {
			if s.in.Stats().Buffered > 0 {
				return com.Errorf(com.ErrInvalid, "stream %s does not play, so what waits in it would never be heard", s.options.Name)
			}
			return s.err()
		}
		s.in.Finish()
		s.draining.Store(true)
	}
	s.o.wake.Signal()
	return s.until(ctx, stops, func() bool { return !s.draining.Load() })
}

// Stop implements audio.Stream.
func (s *Stream) Stop(ctx context.Context) error {
	stops := s.stops.Add(1) // has those who write or drain give up
	s.changed.Signal()
	if err := s.feeding.Enter(ctx); err != nil {
		return err
	}
	defer s.feeding.Leave()
	s.in.Pause()
	s.dropping.Store(true)
	s.o.wake.Signal()
	return s.until(ctx, stops, func() bool { return !s.dropping.Load() })
}

// heard is the frame of the mix that leaves the device now.
func (o *Output) heard() uint64 {
	frame := o.Heard(o.machine.Now())
	return frame - min(frame, uint64(o.limiter.Latency()))
}

// Info implements audio.Stream.
func (s *Stream) Info(context.Context) (audio.StreamInfo, error) {
	if err := s.err(); err != nil {
		return audio.StreamInfo{}, err
	}
	if s.buffer != nil {
		return s.buffer.streamInfo(), nil
	}
	st, c := s.in.Stats(), s.in.Config()
	i := audio.StreamInfo{
		Name: s.options.Name, Rate: uint32(s.in.Rate()), Channels: s.options.Channels, Format: s.options.Format, Quality: s.options.Quality,
		Playing: s.in.Running(), Buffer: uint32(c.Buffer), Buffered: uint32(st.Buffered),
		Written: s.in.Written(), Underruns: st.Dry, Late: st.Late, Trim: st.TrimPPM,
	}
	heard := s.o.heard()
	i.Played = min(s.in.PositionAt(heard), i.Written)
	mixed := s.o.streamMix.Frame()
	ms := st.BufferMs + float64(mixed-min(mixed, heard))*1000/float64(s.o.rate)
	i.Latency = time.Duration(math.Round(ms * 1e6))
	return i, nil
}

var _ audio.Stream = (*Stream)(nil)
