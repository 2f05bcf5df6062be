package mixer

import (
	"math"
	"sync/atomic"
)

// counts are written by the thread that renders, except trimmed, which is the producer's.
type counts struct {
	late    atomic.Uint64
	dry     atomic.Uint64
	trimmed atomic.Uint64
	bad     atomic.Uint64
	trim    atomic.Uint64 // float64 bits
	waiting atomic.Int64
	ahead   atomic.Int64
}

// Stats is what has happened to an input.
type Stats struct {
	Played   uint64  `json:"played_frames"`   // of its own frames, in the mix so far
	Buffered int     `json:"buffered_frames"` // of its own, in the ring
	BufferMs float64 `json:"buffer_ms"`       // the same in milliseconds, and what waits in the rate converter
	Late     uint64  `json:"late_frames"`     // of its own, for which there was silence
	Dry      uint64  `json:"underruns"`       // how often it ran into that
	Trimmed  uint64  `json:"trimmed_frames"`  // that came late and were dropped
	Bad      uint64  `json:"bad_periods"`     // that held infinities or NaN, which were silenced
	TrimPPM  float64 `json:"trim_ppm"`        // by how much its rate is corrected for drift
	Ended    bool    `json:"ended"`
}

// Stats tells what has happened so far.
func (in *Input) Stats() Stats {
	s := Stats{
		Late: in.counts.late.Load(), Dry: in.counts.dry.Load(), Trimmed: in.counts.trimmed.Load(), Bad: in.counts.bad.Load(),
		TrimPPM: math.Float64frombits(in.counts.trim.Load()),
		Ended:   in.end.Load() != never,
	}
	s.Played = in.history.latest() >> fineBits
	if in.ring != nil {
		s.Buffered = in.ring.available()
	}
	s.BufferMs = float64(int64(s.Buffered)+in.counts.ahead.Load()) * 1000 / float64(in.rate.Load())
	return s
}

// Ended returns the output frame, as Mix.Frame counts, at which the last of the input was in the mix, once that is so. The
// sound has been heard when the device is past that frame.
func (in *Input) Ended() (frame uint64, ok bool) {
	f := in.end.Load()
	return f, f != never
}

// PositionAt tells which of the input's own frames is in the mix at an output frame of the last periods (Config.History): what is
// heard, when frame is the one the device's clock shows. Frames before the oldest that is known give the oldest, later ones
// than rendered the latest. It may be called from anywhere.
func (in *Input) PositionAt(frame uint64) uint64 { return in.history.at(frame) >> fineBits }

// history remembers where the input was at the beginnings of the last periods, in parts of its frames. One thread writes, any
// reads.
type history struct {
	count    atomic.Uint64 // entries ever written
	entries  []struct{ output, input atomic.Uint64 }
	at1, in1 uint64 // the writer's: the newest entry
}

// init makes room for the entries of so many periods: one each, and some for what happens within one.
func (h *history) init(periods int) {
	h.entries = make([]struct{ output, input atomic.Uint64 }, periods+16)
}

func (h *history) add(output, input uint64) {
	n := h.count.Load()
	if n > 0 && h.at1 == output && h.in1 == input {
		return
	}
	h.at1, h.in1 = output, input
	e := &h.entries[n%uint64(len(h.entries))]
	e.output.Store(output)
	e.input.Store(input)
	h.count.Store(n + 1)
}

// latest is the newest entry's input position, 0 if there is none.
func (h *history) latest() uint64 {
	for {
		n := h.count.Load()
		if n == 0 {
			return 0
		}
		v := h.entries[(n-1)%uint64(len(h.entries))].input.Load()
		if h.count.Load() == n {
			return v
		}
	}
}

// at looks for the entries around an output frame, newest first, and takes what lies between.
func (h *history) at(frame uint64) uint64 {
again:
	n := h.count.Load()
	if n == 0 {
		return 0
	}
	size := uint64(len(h.entries))
	var nextOut, nextIn uint64
	oldest := n - min(n, size-1) // the one before may be under the writer's pen
	for i := n; i > oldest; i-- {
		e := &h.entries[(i-1)%size]
		output, input := e.output.Load(), e.input.Load()
		if h.count.Load()-i >= size-1 {
			goto again // overtaken while reading
		}
		if output <= frame {
			if i == n || nextOut <= output {
				return input
			}
			return input + (nextIn-input)*(frame-output)/(nextOut-output)
		}
		nextOut, nextIn = output, input
	}
	return nextIn
}
