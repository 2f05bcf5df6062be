package bankfile

import (
	"fmt"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/dls"
	"github.com/mmlite/mmlite/synth/internal/pcm"
	"github.com/mmlite/mmlite/synth/riff"
	"github.com/mmlite/mmlite/synth/sf2"
)

// Skim reads the tables of a bank file, and none of its samples, which are nearly all of it. src is
// called on the caller's goroutine. The errors are those of src and of riff.Skim.
func Skim(src riff.Source, size int64) (*riff.Image, error) {
	return riff.Skim(src, size, func(root, c riff.Chunk) int64 {
		switch root.Form.String() {
		case "sfbk":
			return sf2.Keep(c)
		case "DLS ":
			return dls.Keep(c)
		}
		return 0
	})
}

// Read reads a bank whose tables Skim has read. Its presets are built when Preset.Build is called,
// its samples have Places and get their frames with Load and Supply. Building adds to the notes and must
// not happen at the same time as anything else that touches them.
func Read(m *riff.Image, opt Options) (b *bank.Bank, format Format, notes *riff.Notes, err error) {
	notes = new(riff.Notes)
	if format, err = Identify(m.Header(sniffed)); err != nil {
		return nil, "", notes, err
	}
	if format == SoundFont2 {
		b, notes, err = sf2.Open(m, opt.SF2)
	} else {
		b, notes, err = dls.Open(m, opt.DLS)
	}
	if notes == nil {
		notes = new(riff.Notes)
	}
	if err == nil && !plays(b) {
		b, err = nil, ErrSilent
		if list := notes.List(); len(list) > 0 {
			err = fmt.Errorf("%w: %v", ErrSilent, list[0])
		}
	}
	return b, format, notes, err
}

// sniffed is how much of a file Identify looks at.
const sniffed = 4096

// Bytes is how much memory Load needs for a sample.
func Bytes(s *bank.Sample) int {
	n := 2 * s.Frames
	if s.Place.Low != 0 {
		n += s.Frames
	}
	return n
}

// Load reads the frames of a sample into mem, of Bytes bytes, and returns them; they alias mem. The caller
// passes them to Supply. The errors are those of src.
func Load(src riff.Source, s *bank.Sample, mem []byte) (bank.PCM, error) {
	p, n := s.Place, s.Frames
	wide := mem[: 2*n : 2*n]
	switch {
	case p.Bits == 16 && p.Channels == 1:
		if err := fill(src, p.Offset, wide); err != nil {
			return bank.PCM{}, err
		}
	default:
		if err := unpack(src, p, wide); err != nil {
			return bank.PCM{}, err
		}
	}
	out := bank.PCM{Data: pcm.View16(wide)}
	if p.Low != 0 {
		out.Low = mem[2*n : 3*n : 3*n]
		if err := fill(src, p.Low, out.Low); err != nil {
			return bank.PCM{}, err
		}
	}
	return out, nil
}

// fill reads len(b) bytes by pieces.
func fill(src riff.Source, at int64, b []byte) error {
	for len(b) > 0 {
		part := b[:min(len(b), riff.Piece)]
		if err := src(at, part); err != nil {
			return err
		}
		at, b = at+int64(len(part)), b[len(part):]
	}
	return nil
}

// unpack reads one channel of frames of any width as little-endian frames of 16 bits.
func unpack(src riff.Source, p bank.Place, out []byte) error {
	width := int(p.Bits/8) * int(p.Channels)
	first := int(p.Bits/8) * int(p.Channel)
	buf := make([]byte, min(len(out)/2*width, riff.Piece/width*width))
	for at := p.Offset; len(out) > 0; {
		part := buf[:min(len(buf), len(out)/2*width)]
		if err := src(at, part); err != nil {
			return err
		}
		at += int64(len(part))
		for ; len(part) > 0; part, out = part[width:], out[2:] {
			if p.Bits == 8 {
				out[0], out[1] = 0, part[first]^0x80 // silence is 128 there and 0 here
			} else {
				out[0], out[1] = part[first], part[first+1]
			}
		}
	}
	return nil
}
