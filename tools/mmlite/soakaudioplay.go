package main

import (
	"context"
	"errors"
	"sync"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/synth/gm"
	"github.com/mmlite/mmlite/tools/mmlite/song"
)

// loop says how the tune that comes along is played over and over.
type loop struct {
	ports  int
	voices uint32 // of each port
	gain   float32
}

// looping is a card that plays until it is stopped.
type looping struct {
	ports []audio.Port
	end   context.CancelFunc
	wg    sync.WaitGroup
	mu    sync.Mutex
	err   error
}

// playLoop has a card play the tune on several ports, each begun at another place
// of it, so that together they are dense.
func playLoop(ctx context.Context, card *hostdriver.Card, l loop) (p *looping, err error) {
	_, file := gm.Tune()
	s, err := song.Parse(file, card.Info().Frames)
	if err != nil {
		return nil, err
	}
	var events []audio.Event
	for _, e := range s.Events {
		if e.SysEx == nil {
			events = append(events, e.Event)
		}
	}
	synth, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
	if err != nil {
		return nil, err
	}
	defer synth.Release()
	ctx, end := context.WithCancel(ctx)
	p = &looping{end: end}
	for k := range l.ports {
		port, err := synth.Open(ctx, audio.PortOptions{Name: "loop", Voices: l.voices, Gain: l.gain})
		if err != nil {
			return nil, errors.Join(err, p.stop())
		}
		p.ports = append(p.ports, port)
		from := s.Frames * uint64(k) / uint64(l.ports)
		p.wg.Go(func() {
			if err := queueLoop(ctx, port, events, s.Frames, from); err != nil && ctx.Err() == nil {
				p.mu.Lock()
				p.err = errors.Join(p.err, err)
				p.mu.Unlock()
			}
		})
	}
	return p, nil
}

// queueLoop queues events again and again until ctx is done; the port's queue
// paces it. Events before the frame from are heard at once, so that channels are
// set up, but not their notes.
func queueLoop(ctx context.Context, port audio.Port, events []audio.Event, frames, from uint64) error {
	started := false
	batch := make([]audio.Event, 0, chunk)
	flush := func(until uint64) error {
		err := port.Queue(ctx, batch, until)
		batch = batch[:0]
		if err == nil && !started {
			started = true
			err = port.Start(ctx)
		}
		return err
	}
	for begin := uint64(0); ; begin += frames {
		for _, e := range events {
			at := begin + e.Frame
			if at < from {
				if kind := e.Message & 0xf0; kind == 0x80 || kind == 0x90 {
					continue
				}
				at = from
			}
			if len(batch) == chunk {
				if err := flush(at - from); err != nil {
					return err
				}
			}
			batch = append(batch, audio.Event{Frame: at - from, Message: e.Message})
		}
		if begin+frames > from {
			if err := flush(begin + frames - from); err != nil {
				return err
			}
		}
	}
}

// failed returns what went wrong until now.
func (p *looping) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// stop ends it and gives the ports back.
func (p *looping) stop() error {
	p.end()
	p.wg.Wait()
	objs := make([]com.Unknown, len(p.ports))
	for i, port := range p.ports {
		objs[i] = port
	}
	com.Release(objs...)
	p.ports = nil
	return p.failed()
}
