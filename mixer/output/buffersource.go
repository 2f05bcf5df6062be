package output

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/mixer/format"
)

// bufferSource plays a buffer's memory. MIXER pulls from it; between two windows
// AUDIO may call the other methods.
//
// The memory is the client's to write at any moment. Nothing read of it decides
// anything: whatever the bytes are, they are samples, and floats that are no numbers
// are silenced behind this by the mix.
type bufferSource struct {
	mem      []byte
	format   format.Format
	channels int
	frame    int    // bytes
	frames   uint32 // length

	loop atomic.Bool
	over atomic.Bool   // the end has been pulled
	jump atomic.Uint64 // where to go on, plus 1; 0: nowhere else

	pos   uint32 // the next frame to pull
	taken uint64 // frames pulled
	legs  [legs]leg
	count int // of legs
	old   []float32
}

// leg says that from a number of frames pulled on the buffer was played from a
// place on. Those still to be heard are kept.
type leg struct {
	from uint64
	at   uint32
}

const (
	legs = 16
	// crossed is over how many frames a sound that jumps does so.
	crossed = 64
)

func newBufferSource(mem []byte, f format.Format, channels int, frames uint32) *bufferSource {
	return &bufferSource{mem: mem, format: f, channels: channels, frame: f.Bytes() * channels, frames: frames,
		old: make([]float32, crossed*channels), legs: [legs]leg{{}}, count: 1}
}

// Pull implements mixer.Source.
func (s *bufferSource) Pull(dst []float32) (frames int, more bool) {
	if to := s.jump.Swap(0); to != 0 {
		// What would have come fades out under what comes.
		n := min(crossed, len(dst)/s.channels)
		old := s.old[:n*s.channels]
		got, _ := s.read(old)
		clear(old[got*s.channels:])
		s.seek(uint32(to - 1))
		frames, more = s.read(dst)
		n = min(n, frames)
		for i := range n {
			g := float32(i) / float32(n)
			for c := range s.channels {
				x := i*s.channels + c
				dst[x] = float32(dst[x]*g) + float32(old[x]*(1-g))
			}
		}
	} else {
		frames, more = s.read(dst)
	}
	s.taken += uint64(frames)
	if !more {
		s.over.Store(true)
	}
	return frames, more
}

// read takes frames from the present place on.
func (s *bufferSource) read(dst []float32) (frames int, more bool) {
	want := len(dst) / s.channels
	for frames < want {
		n := min(want-frames, int(s.frames-s.pos))
		at := int(s.pos) * s.frame
		format.Decode(dst[frames*s.channels:(frames+n)*s.channels], s.mem[at:at+n*s.frame], s.format)
		frames += n
		if s.pos += uint32(n); s.pos == s.frames {
			if !s.loop.Load() {
				return frames, false
			}
			s.pos = 0
		}
	}
	return frames, true
}

// seek goes on somewhere else.
func (s *bufferSource) seek(to uint32) {
	s.pos = to
	if s.count > 0 && s.legs[s.count-1].from == s.taken {
		s.count-- // of that leg nothing will be heard
	}
	if s.count == legs {
		copy(s.legs[:], s.legs[1:])
		s.count--
	}
	s.legs[s.count] = leg{s.taken, to}
	s.count++
}

// forget drops the legs that have been heard.
func (s *bufferSource) forget(heard uint64) {
	n := 0
	for n+1 < s.count && s.legs[n+1].from <= heard {
		n++
	}
	if n > 0 {
		copy(s.legs[:], s.legs[n:s.count])
		s.count -= n
	}
}

// place is where in the buffer the frame with a number among those pulled lies.
func (s *bufferSource) place(n uint64) uint32 {
	l := s.legs[0]
	for _, x := range s.legs[1:s.count] {
		if x.from > n {
			break
		}
		l = x
	}
	return uint32((uint64(l.at) + (n - min(n, l.from))) % uint64(s.frames))
}

// passed calls yield for each of positions whose frame lies among those pulled with
// numbers from a up to but without b, in no order.
func (s *bufferSource) passed(a, b uint64, positions []uint32, yield func(i int)) {
	for k := range s.count {
		l, end := s.legs[k], b
		if k+1 < s.count {
			end = min(end, s.legs[k+1].from)
		}
		from := max(a, l.from)
		if from >= end {
			continue
		}
		at := uint64(s.place(from))
		for i, p := range positions {
			if p >= s.frames {
				continue
			}
			// How far it is from the first frame heard to the position.
			if ahead := (uint64(p) + uint64(s.frames) - at) % uint64(s.frames); ahead < end-from {
				yield(i)
			}
		}
	}
}
