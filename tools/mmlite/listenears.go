package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/mixer"
	"github.com/mmlite/mmlite/mixer/format"
)

// ears move sound from a card to a device here. One goroutine reads from the card and
// writes to the ring of an input; another, which the device's clock drives, mixes and
// plays. The input follows the card's clock. A file has no clock: what comes is
// written.
type ears struct {
	capture  audio.Capture
	options  audio.ListenOptions
	dev      sound.Device
	mix      *mixer.Mix
	frame    int // bytes of a frame over the link
	file     periods
	samples  []float32
	stereo   []float32
	fold     *format.Matrix
	next     uint64        // the capture's frame that follows
	behind   time.Duration // how long a sound is on its way from the card's mix to the device
	frames   uint64        // that came
	rests    uint64        // times that the card played nothing
	restTime time.Duration

	mu   sync.Mutex // of what follows
	in   *mixer.Input
	full bool   // more has come than is to be kept back
	dry  uint64 // of inputs before
	lost uint64 // frames
}

// restTime is after how long without sound a card is taken to play nothing.
const restTime = time.Second

// piece is the most that is asked for at a time, in frames. Mostly a period comes; on a
// slow line, on which each call waits for the one before, as much as gathers meanwhile.
const piece = 4096

func newEars(capture audio.Capture, o audio.ListenOptions, dev sound.Device) (*ears, error) {
	e := &ears{capture: capture, options: o, dev: dev, frame: carried[o.Format].Bytes() * int(o.Channels), restTime: restTime}
	var err error
	if dev.Offline() {
		e.file = periods{file: dev}
		e.samples = make([]float32, piece*o.Channels)
		e.stereo = make([]float32, piece*2)
		e.fold, err = format.NewMatrix(int(o.Channels), 2)
		return e, err
	}
	if e.mix, err = mixer.New(mixer.Config{Rate: dev.Rate(), Channels: dev.Channels(), Period: dev.Period(), Inputs: 4}); err != nil {
		return nil, err
	}
	e.in, err = e.input()
	return e, err
}

// input is one that holds back as much as the latency says, and has room for twice
// as much again.
func (e *ears) input() (*mixer.Input, error) {
	c := mixer.InputConfig{Rate: int(e.options.Rate), Channels: int(e.options.Channels), Format: carried[e.options.Format], Drift: true}
	c.Prefill = max(int(e.options.Behind.Seconds()*float64(c.Rate)), e.mix.MinBuffer(c))
	c.Buffer = 3*c.Prefill + 2*piece
	return e.mix.Open(c)
}

// close lets go of card and device.
func (e *ears) close() error {
	e.capture.Release()
	return e.dev.Close()
}

// run listens until there is enough, which 0 is not, or enough is closed, and what
// came until then has been heard; or until ctx ends or the card does.
func (e *ears) run(ctx context.Context, enough <-chan struct{}, limit uint64) error {
	taking, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-enough:
			cancel()
		case <-taking.Done():
		}
	}()
	if e.dev.Offline() {
		return errors.Join(e.take(taking, limit), e.file.flush())
	}
	ended := make(chan struct{})
	played := make(chan error, 1)
	go func() {
		played <- e.play(ctx, ended)
		cancel() // nobody hears what comes
	}()
	err := e.take(taking, limit)
	close(ended)
	return errors.Join(err, <-played)
}

// take reads from the card.
func (e *ears) take(ctx context.Context, limit uint64) error {
	buf := make([]byte, piece*e.frame)
	for limit == 0 || e.frames < limit {
		began := time.Now()
		n, frame, err := e.capture.Read(patient{ctx}, buf)
		switch {
		case err == nil && n == 0, ctx.Err() != nil, errors.Is(err, com.ErrCanceled), errors.Is(err, com.ErrGone):
			return nil // the card's device was closed, or somebody wants no more
		case com.CodeOf(err) == com.ErrTimeout:
			continue
		case err != nil:
			return err
		case int(n) > len(buf):
			return com.Errorf(com.ErrProtocol, "the card says that it wrote %d bytes to a buffer of %d", n, len(buf))
		}
		if e.frames > 0 && time.Since(began) > e.restTime {
			e.rests++
		}
		if err := e.put(buf[:n], frame); err != nil {
			return err
		}
	}
	return nil
}

// put takes frames of the capture, from frame on.
func (e *ears) put(b []byte, frame uint64) error {
	missed := uint64(0)
	if e.frames > 0 && frame > e.next {
		missed = frame - e.next
	}
	n := len(b) / e.frame
	e.next = frame + uint64(n)
	e.frames += uint64(n)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lost += missed
	if e.dev.Offline() {
		return e.write(b, missed)
	}
	took := 0
	if !e.full {
		took = e.in.Write(b)
	}
	if took < n {
		e.full = true
		e.lost += uint64(n - took)
	}
	return nil
}

// period mixes the next period. Where the device has stood still, and more has come
// meanwhile than is to be kept back, it goes on with what is new as at the beginning.
func (e *ears) period(out []float32) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.full {
		s := e.in.Stats()
		e.lost += uint64(s.Buffered)
		e.dry += s.Dry
		e.in.Close()
		in, err := e.input()
		if err != nil {
			return err
		}
		e.in, e.full = in, false
	}
	e.mix.Render(out, e.dev.Period())
	return nil
}

// write writes to a file, with silence for what was missed.
func (e *ears) write(b []byte, missed uint64) error {
	for range missed {
		if err := e.file.put(0, 0); err != nil {
			return err
		}
	}
	for len(b) > 0 {
		n := format.Decode(e.samples, b, carried[e.options.Format])
		b = b[n*carried[e.options.Format].Bytes():]
		frames := e.fold.Apply(e.stereo, e.samples[:n])
		for i := range frames {
			if err := e.file.put(e.stereo[2*i], e.stereo[2*i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// play plays until what came before ended was closed has been heard, or ctx ends.
func (e *ears) play(ctx context.Context, ended <-chan struct{}) error {
	period := make([]float32, e.dev.Period()*e.dev.Channels())
	over := false
	for ctx.Err() == nil {
		select {
		case <-ended:
			if !over {
				over = true
				e.mu.Lock()
				e.in.Finish()
				e.mu.Unlock()
			}
		default:
		}
		if over && e.finished() {
			return e.dev.Drain()
		}
		if err := e.period(period); err != nil {
			return err
		}
		err := e.dev.Write(period)
		for errors.Is(err, sound.ErrStalled) && ctx.Err() == nil {
			err = e.dev.Write(period)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// finished reports whether all has been mixed. An input that never had enough to
// begin has ended when it has nothing.
func (e *ears) finished() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.in.Stats()
	return s.Ended || s.Buffered == 0
}

// report says how it went.
func (e *ears) report(r *hearing) {
	r.Frames, r.Lost = e.frames, e.lost
	r.Seconds = float64(e.frames) / float64(e.options.Rate)
	if e.in == nil {
		return
	}
	s := e.in.Stats()
	r.Gaps, r.Drift = e.dry+s.Dry, s.TrimPPM
	r.Gaps -= min(e.rests, r.Gaps)
}
