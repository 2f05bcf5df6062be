package dls

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

// sampleInfo is a wsmp chunk (Level 1, section 2.12): how a wave is to be played. Its zero value
// is not the default; use defaultSample.
type sampleInfo struct {
	unity    float32 // key
	fineTune float32 // cents, added to the pitch
	gain     float32 // cB, positive is louder
	silent   bool
	loop     bank.LoopMode
	start    uint32 // frames
	length   uint32 // frames
}

// defaultSample is what counts where neither the region nor the wave has a wsmp chunk.
var defaultSample = sampleInfo{unity: 60}

// Loop types; the second is of Level 2.
const (
	loopForward = 0
	loopRelease = 1
)

// readSampleInfo reads a wsmp chunk. It reports false where there is too little of it to use.
func readSampleInfo(f *riff.File, c riff.Chunk) (sampleInfo, bool) {
	b := c.Body
	if len(b) < 20 {
		f.Notes.Add(c.Offset, "wsmp", "%d bytes are too few; left out", len(b))
		return sampleInfo{}, false
	}
	le := binary.LittleEndian
	gain := int32(le.Uint32(b[8:]))
	s := sampleInfo{
		unity:    float32(le.Uint16(b[4:])),
		fineTune: float32(int16(le.Uint16(b[6:]))),
		// Level 1 names the field attenuation, its formula and Level 2 make it a gain.
		gain:   float32(gain) / 65536,
		silent: gain == absoluteZero,
	}
	if s.unity > 127 {
		f.Notes.Add(c.Offset, "wsmp", "unity note %g; taken as 60", s.unity)
		s.unity = 60
	}
	loops := le.Uint32(b[16:])
	if loops == 0 {
		return s, true
	}
	if loops > 1 {
		f.Notes.Add(c.Offset, "wsmp", "%d loops; the first is used", loops)
	}
	skip := le.Uint32(b)
	if skip < 20 || int64(skip)+16 > int64(len(b)) {
		if len(b) < 36 {
			f.Notes.Add(c.Offset, "wsmp", "a loop is announced and missing")
			return s, true
		}
		f.Notes.Add(c.Offset, "wsmp", "a header of %d bytes; taken as 20", skip)
		skip = 20
	}
	b = b[skip:]
	switch kind := le.Uint32(b[4:]); kind {
	case loopForward:
		s.loop = bank.LoopForever
	case loopRelease:
		s.loop = bank.LoopUntilRelease
	default:
		f.Notes.Add(c.Offset, "wsmp", "loop type %d; taken as 0", kind)
		s.loop = bank.LoopForever
	}
	s.start, s.length = le.Uint32(b[8:]), le.Uint32(b[12:])
	return s, true
}

// apply puts the settings into a region that plays smp. Loops that do not fit are cut, since
// files whose loop ends a few frames late are common.
func (s *sampleInfo) apply(f *riff.File, at int, r *bank.Region, smp *bank.Sample) {
	n := uint32(smp.Len())
	r.Sample, r.Start, r.End = smp, 0, n
	// A fine tune may hold 327 semitones; what is beyond any pitch must not cost the bank.
	r.Root = min(max(s.unity-s.fineTune/100, -256), 256)
	r.Gen[bank.Attenuation] = limit(bank.Attenuation, r.Gen[bank.Attenuation]-s.gain)
	if s.silent {
		r.Gen[bank.Attenuation] = silence
	}
	if s.loop == bank.LoopNone {
		return
	}
	end := uint64(s.start) + uint64(s.length)
	if s.length == 0 || s.start >= n {
		f.Notes.Add(at, "wsmp", "a loop of %d frames at %d of %d; left out", s.length, s.start, n)
		return
	}
	if end > uint64(n) {
		f.Notes.Add(at, "wsmp", "a loop from %d to %d of %d frames; cut", s.start, end, n)
		end = uint64(n)
	}
	r.Loop, r.LoopStart, r.LoopEnd = s.loop, s.start, uint32(end)
}
