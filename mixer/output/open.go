package output

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mixer"
	"github.com/mmlite/mmlite/mixer/format"
	"github.com/mmlite/mmlite/mixer/resample"
)

// MaxStreams is how many streams there can be at a time.
const MaxStreams = 256

const (
	maxName    = 256     // bytes
	maxSamples = 1 << 20 // of a stream's buffer, as far as a client asks for it
)

// Limits bound what the streams of an output, or of one client's view of it, may
// use together.
type Limits struct {
	Streams int   // 0 means MaxStreams; sound buffers count as streams
	Bytes   int64 // of buffers; 0 means what card memory holds
	// Share is what the memory of sound buffers comes from, so that the client can
	// fill them in place; nil means card memory.
	Share *share.Area
}

// quota counts what is used of limits, and of those of the parent.
type quota struct {
	limits  Limits
	streams atomic.Int32
	bytes   atomic.Int64
	parent  *quota
}

func (q *quota) take(bytes int64) error {
	most := q.limits.Streams
	if most <= 0 || most > MaxStreams {
		most = MaxStreams
	}
	if n := q.streams.Add(1); int(n) > most {
		q.streams.Add(-1)
		return com.Errorf(com.ErrQuota, "%d streams are open, and no more are allowed", most)
	}
	if n := q.bytes.Add(bytes); q.limits.Bytes > 0 && n > q.limits.Bytes {
		q.bytes.Add(-bytes)
		q.streams.Add(-1)
		return com.Errorf(com.ErrQuota, "a stream with a buffer of %d bytes: %d of %d are taken by others", bytes, n-bytes, q.limits.Bytes)
	}
	if q.parent == nil {
		return nil
	}
	err := q.parent.take(bytes)
	if err != nil {
		q.bytes.Add(-bytes)
		q.streams.Add(-1)
	}
	return err
}

func (q *quota) give(bytes int64) {
	for ; q != nil; q = q.parent {
		q.bytes.Add(-bytes)
		q.streams.Add(-1)
	}
}

// view is a client's own face of an output, with limits of its own.
type view struct {
	com.Object
	o     *Output
	quota quota
}

// View returns the same output, whose streams together keep within limits. The
// caller owns the reference.
func (o *Output) View(limits Limits) audio.Output {
	v := &view{o: o}
	v.quota.limits, v.quota.parent = limits, &o.quota
	o.AddRef()
	v.Init(v, func() { o.Release() }, audio.OutputType.For(v))
	return v
}

// Info implements audio.Output.
func (v *view) Info(ctx context.Context) (audio.OutputInfo, error) { return v.o.Info(ctx) }

// Capture implements audio.Output.
func (v *view) Capture(ctx context.Context) (audio.Capture, error) { return v.o.Capture(ctx) }

// Listen implements audio.Output.
func (v *view) Listen(ctx context.Context, options audio.ListenOptions) (audio.Capture, error) {
	return v.o.Listen(ctx, options)
}

// SetVolume implements audio.Output.
func (v *view) SetVolume(ctx context.Context, gain float32) error { return v.o.SetVolume(ctx, gain) }

// OpenStream implements audio.Output.
func (v *view) OpenStream(ctx context.Context, options audio.StreamOptions) (audio.Stream, error) {
	return v.o.openStream(options, &v.quota)
}

// OpenStream implements audio.Output.
func (o *Output) OpenStream(_ context.Context, options audio.StreamOptions) (audio.Stream, error) {
	return o.openStream(options, &o.quota)
}

var formats = map[audio.SampleFormat]format.Format{
	audio.DefaultFormat: format.F32, audio.U8: format.U8, audio.S16: format.S16, audio.S24: format.S24, audio.S32: format.S32, audio.F32: format.F32,
}

var qualities = map[audio.Quality]resample.Quality{
	audio.DefaultQuality: resample.Normal, audio.Fast: resample.Fast, audio.Normal: resample.Normal, audio.High: resample.High,
}

// configure turns a stream's options into those of an input.
func (o *Output) configure(s *audio.StreamOptions) (c mixer.InputConfig, err error) {
	var ok bool
	if c.Format, ok = formats[s.Format]; !ok {
		return c, com.Errorf(com.ErrInvalid, "there is no sample format %d", s.Format)
	}
	if c.Quality, ok = qualities[s.Quality]; !ok {
		return c, com.Errorf(com.ErrInvalid, "there is no quality %d", s.Quality)
	}
	highest := min(resample.MaxRate, o.rate*resample.MaxReduction)
	switch {
	case len(s.Name) > maxName:
		return c, com.Errorf(com.ErrInvalid, "a stream's name of %d bytes, and %d are possible", len(s.Name), maxName)
	case s.Rate < resample.MinRate || max(s.Rate, s.MaxRate) > uint32(highest):
		return c, com.Errorf(com.ErrInvalid, "a stream of %d Hz, and %d to %d are possible", max(s.Rate, s.MaxRate), resample.MinRate, highest)
	case s.Channels < 1 || s.Channels > format.MaxChannels:
		return c, com.Errorf(com.ErrInvalid, "a stream of %d channels, and 1 to %d are possible", s.Channels, format.MaxChannels)
	case s.Buffer > maxSamples/s.Channels:
		return c, com.Errorf(com.ErrInvalid, "a buffer of %d frames of %d channels, and %d are possible", s.Buffer, s.Channels, maxSamples/s.Channels)
	}
	c.Rate, c.Channels, c.MaxRate, c.Paused = int(s.Rate), int(s.Channels), int(s.MaxRate), true
	c.Drift = s.Follow && !o.dev.Offline()
	c.Buffer = int(s.Buffer)
	if c.Buffer == 0 {
		c.Buffer = min(c.Rate/2, maxSamples/c.Channels)
	}
	c.Buffer = max(c.Buffer, 2*o.streamMix.MinBuffer(c))
	if int64(s.Prefill) > int64(c.Buffer) {
		return c, com.Errorf(com.ErrInvalid, "a prefill of %d frames in a buffer of %d", s.Prefill, c.Buffer)
	}
	c.Prefill = int(s.Prefill)
	return c, nil
}

// openStream makes a stream. Filters are designed here, while the calling thread
// waits.
func (o *Output) openStream(options audio.StreamOptions, q *quota) (audio.Stream, error) {
	if err := o.gone(); err != nil {
		return nil, err
	}
	if thread.Current() == nil {
		return nil, com.Errorf(com.ErrInvalid, "a goroutine that is no thread cannot open a stream")
	}
	c, err := o.configure(&options)
	if err != nil {
		return nil, err
	}
	bytes := int64(4 * c.Buffer * c.Channels)
	if err := q.take(bytes); err != nil {
		return nil, err
	}
	m, err := allocate(o.heap, int(bytes))
	if err != nil {
		q.give(bytes)
		return nil, err
	}
	c.Memory = m.floats(0, c.Buffer*c.Channels)
	clear(c.Memory)
	o.streams.Add(1) // before MIXER can see it
	var in *mixer.Input
	thread.Await(func() { in, err = o.streamMix.Open(c) }) // computes for milliseconds and takes a lock
	if err != nil {
		o.streams.Add(-1)
		q.give(bytes)
		if e := m.free(); e != nil {
			o.log("stream: %v", e)
		}
		if errors.Is(err, mixer.ErrFull) {
			return nil, com.Errorf(com.ErrQuota, "%v", err)
		}
		return nil, com.Errorf(com.ErrInvalid, "%v", err)
	}
	s := newStream(o, in, options, m, q, bytes)
	if !o.list(s) {
		s.Release()
		return nil, com.Errorf(com.ErrClosed, "the output")
	}
	o.wake.Signal()
	return s, nil
}

// list gives a stream a place, which there is since the mix has one for it.
func (o *Output) list(s *Stream) bool {
	for !o.streamsOver.Load() {
		for i := range o.streamSlots {
			if o.streamSlots[i].CompareAndSwap(nil, s) {
				if o.streamsOver.Load() {
					o.unlist(i, s)
				}
				return true
			}
		}
	}
	o.streams.Add(-1)
	s.letGo()
	return false
}

// unlist takes a stream out, once.
func (o *Output) unlist(i int, s *Stream) {
	if o.streamSlots[i].CompareAndSwap(s, nil) {
		o.streams.Add(-1)
		s.ended.Store(true)
		s.changed.Signal()
		s.letGo()
	}
}

// endStreams ends all streams, now and later. The threads of the output are no more.
func (o *Output) endStreams() {
	o.streamsOver.Store(true)
	for i := range o.streamSlots {
		if s := o.streamSlots[i].Load(); s != nil {
			o.unlist(i, s)
		}
	}
}

// gone says why nothing is played any more, or nil.
func (o *Output) gone() error {
	if o.closing.Load() {
		return com.Errorf(com.ErrClosed, "the output")
	}
	return o.Err()
}
