package sf2

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/internal/pcm"
	"github.com/mmlite/mmlite/synth/riff"
)

// Bits of a sample header's type (section 7.10; bit 4 is the SF3 extension).
const (
	typeMono       = 0x0001
	typeRight      = 0x0002
	typeLeft       = 0x0004
	typeLinked     = 0x0008
	typeCompressed = 0x0010
	typeROM        = 0x8000
)

// unpitched is the root key where a sample header states none (section 7.10, byOriginalPitch).
const unpitched = 60

// sample is a sample header in the terms of the model.
type sample struct {
	pcm *bank.Sample // nil where the header cannot be used
	// root is the key it sounds at, the correction included.
	root float32
	// correction is the part of root that a zone's own root key keeps.
	correction         float32
	loopStart, loopEnd uint32
	// loopCut says that the header's loop leaves the sample.
	loopCut bool
	// loopNoted says that a note was made of the loop.
	loopNoted bool
}

// pool is the sample data of a file with its headers.
type pool struct {
	f      *riff.File
	frames []int16 // where the file lies in memory
	low    []byte  // of 24-bit samples, else nil
	count  int     // of frames
	at     int64   // where they are in the file
	lowAt  int64   // and the low bytes, 0 where there are none
	shdr   *table
	made   []sample
	seen   []bool
}

// newPool takes the sample data as it lies in the file.
func newPool(f *riff.File, h *hydra, smpl, sm24 riff.Chunk, version uint32) *pool {
	p := &pool{f: f, shdr: &h.shdr, count: smpl.Size / 2, at: int64(smpl.Start)}
	if len(smpl.Body) == smpl.Size {
		p.frames = pcm.View16(smpl.Body)
	}
	p.made = make([]sample, h.shdr.len()-1)
	p.seen = make([]bool, h.shdr.len()-1)
	switch n := p.count; {
	case sm24.Size == 0:
	case version < version204:
		f.Notes.Add(sm24.Offset, "sm24", "24-bit data in a file of version %d.%02d; its low bytes are left out", version>>16, version&0xffff)
	case sm24.Size != n+n&1 && sm24.Size != n:
		f.Notes.Add(sm24.Offset, "sm24", "%d low bytes for %d frames; left out", sm24.Size, n)
	default:
		p.lowAt = int64(sm24.Start)
		if p.frames != nil {
			p.low = sm24.Body
		}
	}
	return p
}

// noteLoop says, once for a sample, what is wrong with the loop of a region that plays it.
func (p *pool) noteLoop(i int, r *bank.Region) {
	s := &p.made[i]
	if s.loopNoted || r.LoopStart < r.LoopEnd && !s.loopCut {
		return
	}
	s.loopNoted = true
	what := "its loop leaves it; cut"
	if r.LoopStart >= r.LoopEnd {
		what = "a loop of no length; it is played once"
	}
	p.f.Notes.Add(p.shdr.offset(i), "shdr", "sample %q: %s", s.pcm.Name, what)
}

// get returns sample header i, made on first use: most of a bank's notes are about samples, and
// those that nothing plays are nobody's concern.
func (p *pool) get(i int) *sample {
	if !p.seen[i] {
		p.seen[i] = true
		p.made[i] = p.make(i)
	}
	return &p.made[i]
}

func (p *pool) make(i int) sample {
	rec := p.shdr.at(i)
	le := binary.LittleEndian
	start, end := le.Uint32(rec[20:]), le.Uint32(rec[24:])
	loopStart, loopEnd := le.Uint32(rec[28:]), le.Uint32(rec[32:])
	rate, key, cents := le.Uint32(rec[36:]), rec[40], int8(rec[41])
	kind := le.Uint16(rec[44:])
	who := name(rec)
	refuse := func(format string, args ...any) sample {
		p.f.Notes.Add(p.shdr.offset(i), "shdr", "sample %q: "+format+"; left out", append([]any{who}, args...)...)
		return sample{}
	}
	note := func(format string, args ...any) {
		p.f.Notes.Add(p.shdr.offset(i), "shdr", "sample %q: "+format, append([]any{who}, args...)...)
	}
	n := uint32(p.count) // a chunk is shorter than 4 GB
	switch {
	case kind&typeROM != 0:
		return refuse("it is in the ROM of a sound card")
	case start >= n || end <= start:
		return refuse("frames %d to %d of %d", start, end, n)
	case rate < bank.MinSampleRate || rate > bank.MaxSampleRate:
		return refuse("a rate of %d Hz", rate)
	}
	if end > n {
		note("frames %d to %d of %d; cut", start, end, n)
		end = n
	}
	if end-start > bank.MaxSampleFrames {
		return refuse("%d frames are too many", end-start)
	}
	if kind&(typeLeft|typeRight|typeLinked) != 0 {
		if link := int(le.Uint16(rec[42:])); link >= len(p.made) {
			note("its other channel is sample %d of %d; it plays alone", link, len(p.made))
		}
	}
	if key > 127 {
		if key != 255 {
			note("a root key of %d; taken as %d", key, unpitched)
		}
		key = unpitched
	}
	s := sample{
		pcm:        p.take(start, end),
		correction: -float32(cents) / 100,
	}
	s.pcm.Name, s.pcm.Rate = who, float32(rate)
	s.root = float32(key) + s.correction
	s.loopCut = loopStart < start || loopEnd > end
	s.loopStart = min(max(loopStart, start), end) - start
	s.loopEnd = min(max(loopEnd, start), end) - start
	return s
}

// take returns frames start to end as a sample.
func (p *pool) take(start, end uint32) *bank.Sample {
	s := &bank.Sample{}
	if p.frames == nil {
		s.Frames = int(end - start)
		s.Place = bank.Place{Offset: p.at + 2*int64(start), Bits: 16, Channels: 1}
		if p.lowAt != 0 {
			s.Place.Low = p.lowAt + int64(start)
		}
		return s
	}
	s.Data = p.frames[start:end:end]
	if p.low != nil {
		s.Low = p.low[start:end:end]
	}
	return s
}
