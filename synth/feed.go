package synth

import (
	"context"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// Queue implements audio.Port.
func (p *Port) Queue(ctx context.Context, events []audio.Event, until uint64) error {
	if len(events) > maxEvents {
		return com.Errorf(com.ErrInvalid, "%d events at a time, and %d are possible", len(events), maxEvents)
	}
	for i, ev := range events {
		if ev.Message&0x80 == 0 {
			return com.Errorf(com.ErrInvalid, "event %d: message %06x has no status byte", i, ev.Message)
		}
		if i > 0 && ev.Frame < events[i-1].Frame {
			return com.Errorf(com.ErrInvalid, "event %d is at frame %d, and the one before it at %d", i, ev.Frame, events[i-1].Frame)
		}
	}
	if len(events) == 0 {
		return p.feed(ctx, 0, 0, 0, 0, until, nil)
	}
	first, last := events[0].Frame, events[len(events)-1].Frame
	return p.feed(ctx, first, last, len(events), 0, until, func() {
		for _, ev := range events {
			p.look(ev.Message)
			p.queue.add(ev.Frame, ev.Message)
		}
	})
}

// QueueSysEx implements audio.Port.
func (p *Port) QueueSysEx(ctx context.Context, frame uint64, data []byte) error {
	if err := checkSysEx(data); err != nil {
		return err
	}
	return p.feed(ctx, frame, frame, 1, len(data), frame, func() { p.queue.addBytes(frame, data) })
}

// feed waits for room for so many events and bytes, all of them, and puts them.
// While it waits it has promised that nothing comes before them, or an offline
// device would wait for it and it for the device.
func (p *Port) feed(ctx context.Context, first, last uint64, events, bytes int, until uint64, put func()) error {
	stops := p.stops.Load()
	if err := p.feeding.Enter(ctx); err != nil {
		return err
	}
	defer p.feeding.Leave()
	if events > 0 {
		if least := max(p.last, p.promised); first < least {
			return com.Errorf(com.ErrInvalid, "an event at frame %d, and before %d nothing was to follow", first, least)
		}
		p.promise(first)
	}
	var stuck error
	err := p.changed.Until(ctx, func() bool {
		if p.over() || p.stops.Load() != stops || p.f.output.Err() != nil || p.has(events, bytes) {
			return true
		}
		stuck = p.stuck()
		return stuck != nil
	})
	switch {
	case err != nil:
		return err
	case p.over() || p.f.output.Err() != nil:
		return p.err()
	case p.stops.Load() != stops:
		return com.Errorf(com.ErrCanceled, "port %s was stopped", p.name)
	case stuck != nil:
		return stuck
	}
	if events > 0 {
		put()
		p.last = last
	}
	p.promise(max(until, last))
	return nil
}

func (p *Port) has(events, bytes int) bool {
	return p.queue.room() >= events && p.queue.roomBytes() >= bytes
}

// promise tells the output how far it can go.
func (p *Port) promise(until uint64) {
	p.promised = max(p.promised, until)
	p.in.Promise(p.promised)
}

// stuck says so if the queue is full and yet the device's clock cannot go on: that
// many events in one period.
func (p *Port) stuck() error {
	ev, ok := p.queue.first()
	if !ok || !p.f.output.Offline() {
		return nil
	}
	period := uint64(p.f.output.Period())
	if end := (ev.frame/period + 1) * period; end <= p.promised {
		return nil
	}
	return com.Errorf(com.ErrQuota, "port %s: more than %d events in a period of %d frames, at frame %d", p.name, p.queue.len(), period, ev.frame)
}
