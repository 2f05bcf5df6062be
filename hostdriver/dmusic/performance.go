package dmusic

import (
	"context"

	"github.com/mmlite/mmlite/firmware/com"
)

// PlayOptions say how a segment is played.
type PlayOptions struct {
	At        Time    // when it begins; 0 is as soon as it can be exact
	Repeats   int     // how often it is played again, at most 10000
	Transpose int8    // keys up or down, but for drums; -48 to 48
	Tempo     float64 // by how much it is faster, 0.1 to 10; 0 means 1
}

// Playing is a segment that plays on a port. Its methods and the port's may be called
// at the same time.
type Playing struct {
	port       *Port
	Start, End Time

	// Of the port's lock.
	stopped bool
	keys    [16][128]uint16 // how often each is down
}

// headStart is how much later than now music begins that is asked for at once.
const headStart = 60 * Millisecond

// Play plays a segment, beside all others that play on the port.
func (p *Port) Play(ctx context.Context, s *Segment, o PlayOptions) (*Playing, error) {
	if o.Tempo == 0 {
		o.Tempo = 1
	}
	if o.Repeats < 0 || o.Repeats > 10000 || o.Transpose < -48 || o.Transpose > 48 || !(o.Tempo >= 0.1 && o.Tempo <= 10) {
		return nil, com.Errorf(com.ErrInvalid, "a segment with %d repeats, %d keys up, %g times as fast", o.Repeats, o.Transpose, o.Tempo)
	}
	if n := len(s.Events) * (o.Repeats + 1); n > maxWaiting {
		return nil, com.Errorf(com.ErrQuota, "%d events, and %d can wait", n, maxWaiting)
	}
	if o.At == 0 {
		now, err := p.m.clock.Now(ctx)
		if err != nil {
			return nil, err
		}
		o.At = now + headStart
	}
	length := Time(float64(s.Length) / o.Tempo)
	pl := &Playing{port: p, Start: o.At, End: o.At + length*Time(o.Repeats+1)}
	events := make([]Event, 0, len(s.Events)*(o.Repeats+1))
	for n := range o.Repeats + 1 {
		for _, e := range s.Events {
			e.Time = o.At + length*Time(n) + Time(float64(e.Time)/o.Tempo)
			e.Message = transpose(e.Message, int(o.Transpose))
			events = append(events, e)
		}
	}
	if err := p.put(events, pl); err != nil {
		return nil, err
	}
	return pl, p.Service(ctx)
}

// transpose moves the key of a note that is no drum.
func transpose(m uint32, by int) uint32 {
	if kind := m & 0xF0; kind != 0x80 && kind != 0x90 && kind != 0xA0 || m&0x0F == 9 {
		return m
	}
	key := min(max(int(m>>8&0x7F)+by, 0), 127)
	return m&^0x7F00 | uint32(key)<<8
}

// take reports whether an event of the segment is to be played. The port's lock is
// held.
func (pl *Playing) take(it *item) bool {
	if pl.stopped {
		return false
	}
	ch, key, down := it.Message&0x0F, it.Message>>8&0x7F, it.Message>>16&0x7F
	switch keys := &pl.keys[ch][key]; {
	case it.Message&0xF0 == 0x90 && down > 0:
		*keys++
	case it.Message&0xF0 == 0x90 || it.Message&0xF0 == 0x80:
		if *keys > 0 {
			*keys--
		}
	}
	return true
}

// Stop takes the rest of the segment out, at the end of what the card has already,
// and lets its keys go.
func (pl *Playing) Stop(ctx context.Context) error {
	p := pl.port
	now, err := p.m.clock.Now(ctx)
	if err != nil {
		return err
	}
	var off []Event
	p.mu.Lock()
	pl.stopped = true
	for ch := range pl.keys {
		for key, n := range pl.keys[ch] {
			for range n {
				off = append(off, Event{Time: now, Message: NoteOff(uint8(ch), uint8(key))})
			}
		}
	}
	late := p.late
	p.mu.Unlock()
	if err := p.Queue(ctx, off...); err != nil {
		return err
	}
	p.mu.Lock()
	p.late = late // that these come behind what the card has is meant
	p.mu.Unlock()
	return nil
}
