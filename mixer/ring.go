package mixer

import "sync/atomic"

// ring carries frames from one producer to the thread that renders, without a lock. Both positions count frames of the stream
// from its beginning and only grow; each is written by one side. In a timed ring the reader goes on whether there is anything
// or not, so it may be ahead of the writer.
type ring struct {
	channels int
	size     uint64 // frames
	data     []float32
	read     atomic.Uint64
	write    atomic.Uint64
}

func newRing(frames, channels int, memory []float32) *ring {
	if memory == nil {
		memory = make([]float32, frames*channels)
	}
	return &ring{channels: channels, size: uint64(frames), data: memory[:frames*channels]}
}

// available is how many frames wait to be read.
func (r *ring) available() int {
	w, rd := r.write.Load(), r.read.Load()
	if w <= rd {
		return 0
	}
	return int(w - rd)
}

// free is how many frames the producer may write.
func (r *ring) free() int {
	w, rd := r.write.Load(), r.read.Load()
	if w <= rd {
		return int(r.size)
	}
	return int(r.size - (w - rd))
}

// span is the part of the memory for up to n frames from position at: less than n at the end of the memory.
func (r *ring) span(at uint64, n int) []float32 {
	i := at % r.size
	n = min(n, int(r.size-i))
	return r.data[int(i)*r.channels : (int(i)+n)*r.channels]
}

// store writes frames from position at on, and leaves publishing to the caller.
func (r *ring) store(at uint64, src []float32) {
	for len(src) > 0 {
		n := copy(r.span(at, len(src)/r.channels), src)
		src, at = src[n:], at+uint64(n/r.channels)
	}
}

// silence is store of zeros.
func (r *ring) silence(at uint64, frames int) {
	for frames > 0 {
		s := r.span(at, frames)
		clear(s)
		n := len(s) / r.channels
		frames, at = frames-n, at+uint64(n)
	}
}

// get copies frames that are there to dst and returns how many. The reader moves on by as many, or in any case by all that
// dst would hold if it keeps time.
func (r *ring) get(dst []float32, timed bool) int {
	rd := r.read.Load()
	want := len(dst) / r.channels
	n := min(want, r.available())
	for at, rest := rd, dst[:n*r.channels]; len(rest) > 0; {
		k := copy(rest, r.span(at, len(rest)/r.channels))
		rest, at = rest[k:], at+uint64(k/r.channels)
	}
	if timed {
		r.read.Store(rd + uint64(want))
	} else {
		r.read.Store(rd + uint64(n))
	}
	return n
}
