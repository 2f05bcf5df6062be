package output

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/mixer"
)

// maxBufferBytes is the longest buffer.
const maxBufferBytes = 64 << 20

// Buffer is a sound in memory that the client writes. It implements audio.Buffer.
// It takes a stream's place in the mix, as an input that pulls.
type Buffer struct {
	com.Object
	voice   *Stream // its place; no object
	src     *bufferSource
	mem     *share.Memory
	cursor  *share.Cursor
	shown   link.Cursor // the same, where no client can write
	options audio.BufferOptions

	again    atomic.Bool // Play was called when the end had been pulled
	counted  atomic.Bool // among the output's streams, which keep the device going
	leveling wait.Gate
	notify   atomic.Pointer[notifier]

	// Of AUDIO.
	heard   uint64 // frames, when it last looked
	sounded bool   // it played then
}

// OpenBuffer implements audio.Output.
func (o *Output) OpenBuffer(_ context.Context, options audio.BufferOptions) (audio.Buffer, error) {
	return o.openBuffer(options, &o.quota, nil)
}

// OpenBuffer implements audio.Output.
func (v *view) OpenBuffer(_ context.Context, options audio.BufferOptions) (audio.Buffer, error) {
	return v.o.openBuffer(options, &v.quota, v.quota.limits.Share)
}

// shape fills in what a buffer takes over from another, and checks the length.
func (o *Output) shape(options *audio.BufferOptions) (of *Buffer, c mixer.InputConfig, err error) {
	if options.Of != nil {
		var ok bool
		if of, ok = options.Of.(*Buffer); !ok || of.voice.o != o {
			return nil, c, com.Errorf(com.ErrInvalid, "a buffer can share the memory of one of this card")
		}
		s := of.options
		options.Rate, options.Channels, options.Format, options.Frames = s.Rate, s.Channels, s.Format, s.Frames
		options.Of = nil
	}
	s := audio.StreamOptions{Name: options.Name, Rate: options.Rate, Channels: options.Channels, Format: options.Format, Quality: options.Quality, MaxRate: options.MaxRate}
	if c, err = o.configure(&s); err != nil {
		return nil, c, err
	}
	c.Buffer, c.Drift = 0, false
	if frame := c.Format.Bytes() * c.Channels; options.Frames < 1 || uint64(options.Frames)*uint64(frame) > maxBufferBytes {
		return nil, c, com.Errorf(com.ErrInvalid, "a buffer of %d frames of %d bytes, and %d bytes are possible", options.Frames, frame, maxBufferBytes)
	}
	return of, c, nil
}

// openBuffer makes a buffer. Filters are designed here, while the calling thread
// waits.
func (o *Output) openBuffer(options audio.BufferOptions, q *quota, area *share.Area) (audio.Buffer, error) {
	if err := o.gone(); err != nil {
		return nil, err
	}
	if thread.Current() == nil {
		return nil, com.Errorf(com.ErrInvalid, "a goroutine that is no thread cannot open a buffer")
	}
	of, c, err := o.shape(&options)
	if err != nil {
		return nil, err
	}
	bytes := int64(options.Frames) * int64(c.Format.Bytes()*c.Channels)
	charged := bytes
	if of != nil {
		charged = 0
	}
	if err := q.take(charged); err != nil {
		return nil, err
	}
	options.Name = com.Printable(options.Name)
	b := &Buffer{options: options, shown: link.NewCursor()}
	if of != nil {
		b.mem = of.mem
		b.mem.AddRef()
	} else {
		if b.mem, err = area.Alloc(int(bytes), o.heap); err != nil {
			q.give(charged)
			return nil, err
		}
		silence(b.mem.Bytes(), options.Format)
	}
	b.src = newBufferSource(b.mem.Bytes(), c.Format, c.Channels, options.Frames)
	c.Source = b.src
	o.streams.Add(1) // before MIXER can see it
	var in *mixer.Input
	thread.Await(func() { in, err = o.streamMix.Open(c) }) // computes for milliseconds and takes a lock
	if err != nil {
		o.streams.Add(-1)
		q.give(charged)
		b.mem.Release()
		if errors.Is(err, mixer.ErrFull) {
			return nil, com.Errorf(com.ErrQuota, "%v", err)
		}
		return nil, com.Errorf(com.ErrInvalid, "%v", err)
	}
	b.cursor = area.Cursor()
	b.voice = newVoice(o, in, b)
	b.voice.task.Do = func() {
		b.cursor.Release()
		b.mem.Release()
		q.give(charged)
		o.letGo()
	}
	b.counted.Store(true)
	b.Init(b, b.final, audio.BufferType.For(b))
	if !o.list(b.voice) {
		b.Release()
		return nil, com.Errorf(com.ErrClosed, "the output")
	}
	o.wake.Signal()
	return b, nil
}

// silence fills memory, which holds zeros or what a client left there.
func silence(mem []byte, f audio.SampleFormat) {
	zero := byte(0)
	if f == audio.U8 {
		zero = 128
	}
	for len(mem) > 0 {
		n := min(len(mem), 64<<10)
		for i := range mem[:n] {
			mem[i] = zero
		}
		mem = mem[n:]
		thread.Checkpoint()
	}
}

// newVoice returns the place of a buffer in the mix, held by the buffer and by the
// output.
func newVoice(o *Output, in *mixer.Input, b *Buffer) *Stream {
	c := b.options
	if c.Name == "" {
		c.Name = "buffer"
	}
	if c.Format == audio.DefaultFormat {
		c.Format = audio.F32
	}
	if c.Quality == audio.DefaultQuality {
		c.Quality = audio.Normal
	}
	b.options = c
	s := &Stream{o: o, in: in, buffer: b, gain: 1, options: audio.StreamOptions{
		Name: c.Name, Rate: c.Rate, Channels: c.Channels, Format: c.Format, Quality: c.Quality, MaxRate: c.MaxRate,
	}}
	o.holders.Add(1)
	s.holders.Store(2)
	return s
}

// final is the last release.
func (b *Buffer) final() {
	if n := b.notify.Swap(nil); n != nil {
		n.end()
	}
	s := b.voice
	s.in.Close()
	s.released.Store(true)
	b.count()
	s.o.wake.Signal()
	s.letGo()
}

// Memory implements audio.Buffer.
func (b *Buffer) Memory(context.Context) (system.Memory, error) {
	b.mem.AddRef()
	return b.mem, nil
}

// Play implements audio.Buffer.
func (b *Buffer) Play(_ context.Context, loop bool) error {
	if err := b.voice.err(); err != nil {
		return err
	}
	b.src.loop.Store(loop)
	if b.src.over.Load() {
		b.again.Store(true)
	}
	b.voice.in.Resume()
	b.count()
	b.voice.o.wake.Signal()
	return nil
}

// count has the device go on for the buffer.
func (b *Buffer) count() {
	if !b.counted.Swap(true) {
		b.voice.o.streams.Add(1)
	}
}

// rest has the device go on for others alone, if nothing of the buffer sounds or is
// still to be heard. AUDIO calls it.
func (b *Buffer) rest() {
	s := b.voice
	busy := func() bool {
		_, ended := s.in.Ended()
		return s.in.Running() || s.in.Sounding() || ended || s.released.Load()
	}
	if !b.counted.Load() || busy() || s.in.PositionAt(s.o.opened.Load()) != b.heard {
		return
	}
	if b.counted.CompareAndSwap(true, false) {
		s.o.streams.Add(-1)
		if busy() { // Play or the last release came meanwhile, and found it counted
			b.count()
		}
	}
}

// Stop implements audio.Buffer.
func (b *Buffer) Stop(context.Context) error {
	if err := b.voice.err(); err != nil {
		return err
	}
	b.again.Store(false)
	b.voice.in.Pause()
	b.voice.o.wake.Signal()
	return nil
}

// SetPosition implements audio.Buffer.
func (b *Buffer) SetPosition(_ context.Context, frame uint32) error {
	if frame >= b.options.Frames {
		return com.Errorf(com.ErrInvalid, "frame %d of a buffer of %d", frame, b.options.Frames)
	}
	b.src.jump.Store(uint64(frame) + 1)
	b.voice.o.wake.Signal()
	return b.voice.err()
}

// SetLevels implements audio.Buffer.
func (b *Buffer) SetLevels(ctx context.Context, gain, pan float32, ramp time.Duration) error {
	switch {
	case !(gain >= 0 && gain <= 4):
		return com.Errorf(com.ErrInvalid, "a gain of %g, and 0 to 4 are possible", gain)
	case !(pan >= -1 && pan <= 1):
		return com.Errorf(com.ErrInvalid, "a pan of %g, and -1 to 1 are possible", pan)
	}
	return b.voice.setLevel(ctx, ramp, func() { b.voice.gain, b.voice.pan = gain, pan })
}

// SetRate implements audio.Buffer.
func (b *Buffer) SetRate(ctx context.Context, rate uint32) error { return b.voice.SetRate(ctx, rate) }

// settle carries out what was asked for. AUDIO calls it, between two windows.
func (b *Buffer) settle(played uint64) {
	s := b.voice
	end, ended := s.in.Ended()
	again := b.again.Load()
	if ended && (again || played >= end+uint64(s.o.limiter.Latency())) {
		b.tell() // what was heard belongs to the time before
		b.rewind(0)
		if again {
			b.again.CompareAndSwap(true, false)
			s.in.Resume()
		} else {
			b.stopped()
		}
	} else if again && !b.src.over.Load() {
		b.again.CompareAndSwap(true, false)
		s.in.Resume()
	}
	if to := b.src.jump.Load(); to != 0 && !s.in.Sounding() && b.src.jump.CompareAndSwap(to, 0) {
		_, ended := s.in.Ended()
		running := s.in.Running() && !ended
		b.rewind(uint32(to - 1)) // what waits in the rate converter belongs to the place before
		if running {
			s.in.Resume()
		} else if ended {
			b.stopped()
		}
	}
}

// rewind puts a buffer that is silent somewhere, at rest.
func (b *Buffer) rewind(to uint32) {
	b.voice.in.Reset()
	b.src.over.Store(false)
	b.src.seek(to)
}

// stopped notes that the sound has come to an end.
func (b *Buffer) stopped() {
	b.sounded = false
	if n := b.notify.Load(); n != nil {
		n.stopped()
	}
}

// tell publishes where the buffer is, and notes what it has passed. AUDIO calls it,
// between two windows.
func (b *Buffer) tell() {
	s := b.voice
	now := s.o.machine.Now()
	heard := s.in.PositionAt(s.o.heardAt(now))
	if heard < b.heard {
		heard = b.heard
	}
	n := b.notify.Load()
	if n != nil && heard > b.heard {
		b.src.passed(b.heard, heard, n.positions, n.note)
	}
	b.heard = heard
	playing := s.in.Running() || s.in.Sounding()
	if _, ended := s.in.Ended(); b.sounded && !playing && !ended {
		b.stopped() // by Stop
	}
	b.sounded = playing
	at := int64(now)
	if s.o.dev.Offline() {
		at = 0
	}
	v := b.state(heard, at).Values()
	b.cursor.Put(v)
	b.shown.Put(v)
	b.src.forget(heard)
}

func (b *Buffer) state(heard uint64, at int64) audio.CursorState {
	in := b.voice.in
	st := audio.CursorState{Play: b.src.place(heard), At: at, Rate: uint32(in.Rate()), Looping: b.src.loop.Load()}
	st.Playing = in.Running()
	ahead := 0
	if st.Playing {
		ahead = in.Reach()
	}
	st.Write = uint32((uint64(b.src.pos) + uint64(ahead)) % uint64(b.options.Frames))
	if to := b.src.jump.Load(); to != 0 && !st.Playing { // it will be there when it plays
		st.Play, st.Write = uint32(to-1), uint32(to-1)
	}
	return st
}

// heardAt is the frame of the mix that leaves the device at a time.
func (o *Output) heardAt(now machine.Time) uint64 {
	frame := o.Heard(now)
	return frame - min(frame, uint64(o.limiter.Latency()))
}

// Info implements audio.Buffer.
func (b *Buffer) Info(context.Context) (audio.BufferInfo, error) {
	s := b.voice
	if err := s.err(); err != nil {
		return audio.BufferInfo{}, err
	}
	o := b.options
	i := audio.BufferInfo{
		Name: o.Name, Rate: uint32(s.in.Rate()), Channels: o.Channels, Format: o.Format, Quality: o.Quality, Frames: o.Frames,
		Playing: s.in.Running(), Looping: b.src.loop.Load(), Bad: s.in.Stats().Bad, Cursor: b.cursor.Index(),
	}
	if v, ok := b.shown.Get(); ok {
		st := audio.CursorOf(v)
		i.Play, i.Write = st.Play, st.Write
	}
	i.Heard = s.in.PositionAt(s.o.heard())
	return i, nil
}

// streamInfo is what the status of streams shows of a buffer.
func (b *Buffer) streamInfo() audio.StreamInfo {
	s := b.voice
	st := s.in.Stats()
	return audio.StreamInfo{
		Name: b.options.Name, Rate: uint32(s.in.Rate()), Channels: b.options.Channels, Format: b.options.Format, Quality: b.options.Quality,
		Playing: s.in.Running(), Buffer: b.options.Frames, Written: st.Played, Played: s.in.PositionAt(s.o.heard()),
	}
}

// demand is what the buffer means for an offline device's window. A sound has to be
// heard; one that goes on for ever plays along with others.
func (b *Buffer) demand() demand {
	s := b.voice
	switch end, ended := s.in.Ended(); {
	case ended && s.o.opened.Load() < end+uint64(s.o.limiter.Latency()):
		return wants
	case ended || !s.in.Running() || b.src.loop.Load():
		return neutral
	}
	return wants
}

var _ audio.Buffer = (*Buffer)(nil)
