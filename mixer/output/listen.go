package output

import (
	"context"
	"encoding/binary"
	"math"
	"math/bits"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/mixer/format"
	"github.com/mmlite/mmlite/mixer/resample"
)

// minListenRate is the lowest rate the mix is converted to, in frames a second.
const minListenRate = 4000

// ear is a capture of the mix in another format. What is recorded is converted by
// the thread that reads it, which has all the time there is.
type ear struct {
	com.Object
	c      *Capture
	behind uint64 // cells; 0: all that the capture holds
	gate   wait.Gate

	device, rate int // frames a second
	channels     int
	bytes        int // of a frame
	fold         *format.Matrix
	convert      *resample.Converter
	encoder      *format.Encoder

	raw  []byte    // a piece of the capture
	both []float32 // the same
	in   []float32 // the same, folded: what is left of it
	room []float32 // where in lies
	out  []float32 // converted
	next uint64    // the frame of the capture that follows what was converted
	at   uint64    // the frame of the capture at which in began
	made uint64    // the next frame to give
}

// Listen implements audio.Output.
func (o *Output) Listen(_ context.Context, options audio.ListenOptions) (audio.Capture, error) {
	if err := o.gone(); err != nil {
		return nil, err
	}
	e, q, err := o.newEar(options)
	if err != nil {
		return nil, err
	}
	if e.rate != o.rate {
		design := func() {
			var f *resample.Filter
			if f, err = resample.NewFilter(o.rate, e.rate, q); err == nil {
				e.convert, err = resample.New(f, e.channels)
			}
		}
		if thread.Current() == nil {
			return nil, com.Errorf(com.ErrInvalid, "a goroutine that is no thread cannot listen")
		}
		thread.Await(design) // computes for milliseconds
		if err != nil {
			return nil, com.Errorf(com.ErrInvalid, "%v", err)
		}
	}
	keep := captureSeconds * o.rate
	if e.behind > 0 {
		keep = min(keep, int(2*e.behind)*o.period)
	}
	if e.c, err = o.capture(keep); err != nil {
		return nil, err
	}
	e.Init(e, func() { e.c.Release() }, audio.CaptureType.For(e))
	return e, nil
}

// newEar checks the options.
func (o *Output) newEar(options audio.ListenOptions) (e *ear, q resample.Quality, err error) {
	e = &ear{device: o.rate, rate: int(options.Rate), channels: int(options.Channels)}
	f, ok := formats[options.Format]
	if !ok {
		return nil, 0, com.Errorf(com.ErrInvalid, "there is no sample format %d", options.Format)
	}
	if q, ok = qualities[options.Quality]; !ok {
		return nil, 0, com.Errorf(com.ErrInvalid, "there is no quality %d", options.Quality)
	}
	if options.Rate == 0 {
		e.rate = o.rate
	}
	if options.Channels == 0 {
		e.channels = 2
	}
	longest := captureSeconds * time.Second
	switch {
	case options.Rate != 0 && (options.Rate < minListenRate || options.Rate > uint32(o.rate)):
		return nil, 0, com.Errorf(com.ErrInvalid, "the mix at %d Hz, and %d to %d are possible", options.Rate, minListenRate, o.rate)
	case options.Channels > 2:
		return nil, 0, com.Errorf(com.ErrInvalid, "the mix in %d channels, and 1 and 2 are possible", options.Channels)
	case options.Behind < 0 || options.Behind > longest:
		return nil, 0, com.Errorf(com.ErrInvalid, "%v behind, and 0 to %v are possible", options.Behind, longest)
	}
	if options.Behind > 0 && !o.dev.Offline() {
		frames := uint64(options.Behind) * uint64(o.rate) / uint64(time.Second)
		e.behind = frames/uint64(o.period) + 2
	}
	if e.encoder, err = format.NewEncoder(f, true, 1); err != nil {
		return nil, 0, com.Errorf(com.ErrInvalid, "%v", err)
	}
	if e.fold, err = format.NewMatrix(2, e.channels); err != nil {
		return nil, 0, com.Errorf(com.ErrInvalid, "%v", err)
	}
	e.bytes = f.Bytes() * e.channels
	e.raw = make([]byte, o.period*bytesPerFrame)
	e.both = make([]float32, 2*o.period)
	e.room = make([]float32, e.channels*o.period)
	e.out = make([]float32, e.channels*o.period)
	return e, q, nil
}

// Read implements audio.Capture.
func (e *ear) Read(ctx context.Context, buf []byte) (n uint32, frame uint64, err error) {
	if len(buf) < e.bytes {
		return 0, 0, com.Errorf(com.ErrInvalid, "a buffer of %d bytes holds no frame of %d", len(buf), e.bytes)
	}
	if err := e.gate.Enter(ctx); err != nil {
		return 0, 0, err
	}
	defer e.gate.Leave()
	done := 0
	for len(buf)-done >= e.bytes {
		if len(e.in) == 0 {
			if done > 0 && !e.c.ready() {
				break
			}
			more, err := e.fetch(ctx)
			switch {
			case err != nil && done == 0:
				return 0, 0, err
			case err != nil || !more: // it comes again with the next call
				return uint32(done), e.made - uint64(done/e.bytes), nil
			}
		}
		if e.at != e.next {
			if done > 0 {
				break
			}
			e.jump()
		}
		k := e.work(buf[done:])
		done += k * e.bytes
		e.made += uint64(k)
		thread.Checkpoint()
	}
	return uint32(done), e.made - uint64(done/e.bytes), nil
}

// fetch waits for a piece of the capture. It reports false when there will be none.
func (e *ear) fetch(ctx context.Context) (more bool, err error) {
	if e.behind > 0 {
		e.c.skip(e.behind)
	}
	n, frame, err := e.c.Read(ctx, e.raw)
	if err != nil || n == 0 {
		return false, err
	}
	samples := e.both[:n/4]
	for i := range samples {
		samples[i] = math.Float32frombits(binary.LittleEndian.Uint32(e.raw[4*i:]))
	}
	e.at = frame
	e.in = e.room[:e.fold.Apply(e.room, samples)*e.channels]
	return true, nil
}

// jump goes on after frames that were missed.
func (e *ear) jump() {
	if e.convert != nil {
		e.convert.Reset()
	}
	hi, lo := bits.Mul64(e.at, uint64(e.rate))
	q, _ := bits.Div64(hi%uint64(e.device), lo, uint64(e.device))
	e.made = max(e.made, q)
	e.next = e.at
}

// work converts what is left of the piece as far as there is room for it, and
// returns how many frames came of it.
func (e *ear) work(buf []byte) (made int) {
	room := min(len(buf)/e.bytes, len(e.out)/e.channels) * e.channels
	took := 0
	samples := e.out[:room]
	if e.convert == nil {
		made = min(room, len(e.in)) / e.channels
		took, samples = made, e.in
	} else {
		made, took = e.convert.Process(samples, e.in)
	}
	e.encoder.Encode(buf, samples[:made*e.channels])
	e.in = e.in[took*e.channels:]
	e.next += uint64(took)
	e.at = e.next
	return made
}

var _ audio.Capture = (*ear)(nil)
