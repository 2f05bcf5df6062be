// Package sf2 reads SoundFont 2 files into the instrument model of synth/bank.
//
// It follows the "SoundFont Technical Specification", version 2.04 (E-mu Systems, 2006); sections
// cited in this package are that document's. The whole generator and modulator model is resolved
// when a preset is built: global and local zones, generators that are absolute in instruments and
// added in presets, ranges that intersect, default modulators and what overrides them. The sample
// data, which is nearly all of a file, is neither copied nor read.
//
// Where the text and the players that banks are voiced with differ, the players win, and the
// place says so: attenuation counts 0.4 (FluidSynth, after the E-mu hardware), the pan controller
// reaches 500 permille, velocity leaves the filter alone, envelopes span 96 dB. Both channels of
// a linked stereo sample are zones of their own in every bank and need no treatment beyond that.
package sf2

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

// Errors of this package, besides riff.ErrNotRIFF and riff.ErrTruncated; test with errors.Is.
var (
	// ErrNotSoundFont says that a RIFF file holds something else.
	ErrNotSoundFont = errors.New("sf2: not a SoundFont bank")
	// ErrVersion says that the file is of another SoundFont generation than 2.
	ErrVersion = errors.New("sf2: not SoundFont version 2")
	// ErrCompressed says that samples are compressed: the SF3 extension.
	ErrCompressed = errors.New("sf2: samples are compressed with Vorbis (SF3), which is not supported; a SoundFont editor such as Polyphone can export the bank as .sf2")
)

// Options says how a bank is read. The zero value is what fits most banks.
type Options struct {
	// VelocityToCutoff puts in the second default modulator of section 8.4, which darkens soft
	// notes by up to 2400 cents of filter cutoff and which most players leave out.
	VelocityToCutoff bool
	// FullAttenuation takes initialAttenuation at its word and not times 0.4.
	FullAttenuation bool
}

// Parse reads a SoundFont 2 bank. The bank's samples are views of data, which must stay valid and
// unchanged for as long as the bank is in use. Notes say what was wrong and yet could be read, or
// had to be left out; they may be there even if err is not nil.
//
// Errors wrap riff.ErrNotRIFF, riff.ErrTruncated, riff.ErrTooDeep, riff.ErrTooMany,
// ErrNotSoundFont, ErrVersion, ErrCompressed or bank.ErrInvalid, or describe what is missing.
func Parse(data []byte, opt Options) (*bank.Bank, []riff.Note, error) {
	f, root, err := riff.Open(data)
	if err != nil {
		return nil, nil, fmt.Errorf("sf2: %w", err)
	}
	b, err := parse(f, root, opt, true)
	return b, f.Notes.List(), err
}

// Open reads a bank of which there is an image, made with Keep. Presets of the bank have no regions until
// they are built, and samples have no frames where the image lacks them: their Place says where
// they are. Building reads the image; it is not safe for concurrent use, nor are the notes, to which
// building adds.
//
// Errors are those of Parse and riff.ErrAbsent.
func Open(m *riff.Image, opt Options) (*bank.Bank, *riff.Notes, error) {
	f, root, err := riff.OpenImage(m)
	if err != nil {
		return nil, nil, fmt.Errorf("sf2: %w", err)
	}
	b, err := parse(f, root, opt, false)
	return b, &f.Notes, err
}

var idSmpl = riff.FourCC{'s', 'm', 'p', 'l'}

// version204 is the first version with 24-bit samples, as Parse encodes versions.
const version204 = 2<<16 | 4

// parts are the chunks of a file that matter.
type parts struct {
	ifil, inam, smpl, sm24, pdta riff.Chunk

	cut bool // the file ends inside one of its lists
}

func parse(f *riff.File, root riff.Chunk, opt Options, whole bool) (*bank.Bank, error) {
	if root.Form.String() != "sfbk" {
		return nil, fmt.Errorf("%w: the form is %v", ErrNotSoundFont, root.Form)
	}
	p, err := findParts(f, root)
	if err != nil {
		return nil, err
	}
	version, err := p.version(f)
	if err != nil {
		return nil, err
	}
	if err := p.complete(); err != nil {
		return nil, err
	}
	h, err := readHydra(f, p.pdta)
	if err != nil {
		return nil, err
	}
	for i := range h.shdr.len() - 1 {
		if h.shdr.u16(i, 44)&typeCompressed != 0 {
			return nil, ErrCompressed
		}
	}
	r := newResolver(f, h, newPool(f, h, p.smpl, p.sm24, version), opt, version)
	presets := r.presets()
	if whole {
		if err := r.all(presets); err != nil {
			return nil, err
		}
	}
	b, err := bank.New(riff.Text(p.inam.Body), presets)
	if err != nil {
		return nil, fmt.Errorf("sf2: %w", err)
	}
	return b, nil
}

func findParts(f *riff.File, root riff.Chunk) (*parts, error) {
	p := parts{cut: root.Short}
	for list := range f.Children(root) {
		p.cut = p.cut || list.Short
		switch {
		case list.List("INFO"):
			for c := range f.Children(list) {
				switch c.ID.String() {
				case "ifil":
					p.ifil = c
				case "INAM":
					p.inam = c
				}
			}
		case list.List("sdta"):
			for c := range f.Children(list) {
				p.cut = p.cut || c.Short
				switch c.ID.String() {
				case "smpl":
					p.smpl = c
				case "sm24":
					p.sm24 = c
				}
			}
		case list.List("pdta"):
			p.pdta = list
		default:
			f.Notes.Add(list.Offset, list.Name(), "not part of a SoundFont bank; left out")
		}
	}
	if err := f.Err(); err != nil {
		return nil, fmt.Errorf("sf2: %w", err)
	}
	return &p, nil
}

// complete returns why the samples or the presets cannot be read, if so.
func (p *parts) complete() error {
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"smpl (samples)", p.smpl.ID == idSmpl && !p.smpl.Short},
		{"pdta (presets)", p.pdta.IsList()},
	} {
		switch {
		case need.ok:
		case p.cut:
			return fmt.Errorf("sf2: chunk %s: %w", need.name, riff.ErrTruncated)
		default:
			return fmt.Errorf("sf2: chunk %s is missing", need.name)
		}
	}
	return nil
}

// version returns the version as major<<16 | minor.
func (p *parts) version(f *riff.File) (uint32, error) {
	if len(p.ifil.Body) < 4 {
		f.Notes.Add(p.ifil.Offset, "ifil", "no version; taken as 2.01")
		return 2<<16 | 1, nil
	}
	major := binary.LittleEndian.Uint16(p.ifil.Body)
	minor := binary.LittleEndian.Uint16(p.ifil.Body[2:])
	switch major {
	case 2:
		return uint32(major)<<16 | uint32(minor), nil
	case 3:
		return 0, ErrCompressed
	}
	return 0, fmt.Errorf("%w but %d.%02d", ErrVersion, major, minor)
}
