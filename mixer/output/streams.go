package output

import "github.com/mmlite/mmlite/mixer"

// What AUDIO and MIXER do for streams. The inputs of the mix are MIXER's while a
// window is under way and AUDIO's between two windows.

// newStreamMix makes the mix that all streams go through. It has no limiter: that
// of the output follows.
func (o *Output) newStreamMix(between func()) (err error) {
	o.streamMix, err = mixer.New(mixer.Config{
		Rate: o.rate, Channels: 2, Period: o.period, Inputs: MaxStreams,
		History: min(max(60, o.dev.Queue()+30), 1<<16), Between: between,
	})
	return err
}

// mixStreams makes this window of all streams. It is done each time, so that the
// frames of the mix are those of the device.
func (o *Output) mixStreams() {
	o.streamMix.Render(o.wide, o.period)
	// Looked at afterwards, so that a stream which came meanwhile is not left out.
	o.streaming = o.streams.Load() > 0
}

// addStreams adds them to the two sides.
func (o *Output) addStreams(left, right []float32) {
	wide := o.wide[:2*len(left)]
	right = right[:len(left)]
	for i := range left {
		left[i] += wide[2*i]
		right[i] += wide[2*i+1]
	}
}

// settleStreams carries out what was asked of streams. No mix is under way. Buffers
// at rest do not count among the streams, and are looked at all the same.
func (o *Output) settleStreams() {
	played, _ := o.dev.Played()
	for i := range o.streamSlots {
		s := o.streamSlots[i].Load()
		if s == nil {
			continue
		}
		switch {
		case s.released.Load():
			if s.in.Leave() {
				o.unlist(i, s)
			}
		case s.buffer != nil:
			s.buffer.settle(played)
			s.buffer.tell()
			s.buffer.rest()
		case s.dropping.Load():
			if !s.in.Sounding() {
				s.in.Reset()
				s.draining.Store(false)
				s.dropping.Store(false)
				s.changed.Signal()
			}
		case s.draining.Load():
			if end, ok := s.in.Ended(); ok && played >= end+uint64(o.limiter.Latency()) {
				s.in.Reset()
				s.draining.Store(false)
				s.changed.Signal()
			}
		}
	}
}

// tellStreams has those who wait for streams look again.
func (o *Output) tellStreams() {
	if o.streams.Load() == 0 {
		return
	}
	for i := range o.streamSlots {
		if s := o.streamSlots[i].Load(); s != nil {
			s.changed.Signal()
		}
	}
}

// demand is what a stream means for an offline device's window [n, n+period).
func (s *Stream) demand(n uint64) demand {
	switch {
	case s.released.Load(), s.dropping.Load():
		if s.in.Sounding() {
			return wants
		}
		return neutral
	case s.draining.Load():
		end, ok := s.in.Ended()
		switch {
		case ok && n < end+uint64(s.o.limiter.Latency()):
			return wants
		case ok:
			return neutral
		}
	}
	switch {
	case s.buffer != nil:
		return s.buffer.demand()
	case !s.in.Running():
		return neutral
	case s.in.Ready(s.o.period):
		return wants
	}
	return holds
}
