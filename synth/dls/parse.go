// Package dls reads and writes Downloadable Sounds files.
//
// It follows "Downloadable Sounds Level 1", version 1.1b (MMA, 2004), and of "DLS Level 2.2"
// (MMA, 2006) what banks use: two envelopes of six segments, the vibrato oscillator, the filter,
// layers, effect sends, looping until release and conditional chunks. Reading is lenient, since
// those who have a faulty bank have no editor to mend it, and says in notes what it put up with;
// writing is strict.
//
// A file resolves into the instrument model of synth/bank, an instrument when it is built. 16-bit waves
// of a file in memory stay views of it, 8-bit waves are converted when a region first plays them.
package dls

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

// Caps on what a file may hold; what is beyond them is left out with a note. Level 2 asks players
// to hold 256 instruments and 1,024 regions.
const (
	maxInstruments = 16384
	maxRegions     = 1 << 16 // in all instruments
	maxWaves       = 1 << 16
	maxBlocks      = 512 // connections of one articulation
)

// ErrNotDLS says that a RIFF file holds something else; test with errors.Is.
var ErrNotDLS = errors.New("dls: not a Downloadable Sounds file")

// Options says how a file is read. The zero value follows the text of the specification.
type Options struct {
	// BipolarTremolo swings the level to both sides of a Level 1 region's own, as the worked
	// example of the specification has it; its text, and the zero value, only lower it.
	BipolarTremolo bool
}

// Parse reads a Downloadable Sounds file. The bank's 16-bit waves are views of data, which must
// stay valid and unchanged for as long as the bank is in use. Notes say what was wrong and yet
// could be read, or had to be left out; they may be there even if err is not nil.
//
// Errors wrap riff.ErrNotRIFF, riff.ErrTruncated, riff.ErrTooDeep, riff.ErrTooMany, ErrNotDLS or
// bank.ErrInvalid, or describe what is missing.
func Parse(data []byte, opt Options) (*bank.Bank, []riff.Note, error) {
	f, root, err := riff.Open(data)
	if err != nil {
		return nil, nil, fmt.Errorf("dls: %w", err)
	}
	f.SizeOf = knownSize
	b, err := parse(f, root, opt, true)
	return b, f.Notes.List(), err
}

// Open reads a file of which there is an image, made with Keep. Presets of the bank have no regions
// until they are built, and waves have no frames where the image lacks them: their Place says where they
// are. Building reads the image; it is not safe for concurrent use, nor are the notes, to which
// building adds.
//
// Errors are those of Parse and riff.ErrAbsent.
func Open(m *riff.Image, opt Options) (*bank.Bank, *riff.Notes, error) {
	f, root, err := riff.OpenImage(m)
	if err != nil {
		return nil, nil, fmt.Errorf("dls: %w", err)
	}
	f.SizeOf = knownSize
	b, err := parse(f, root, opt, false)
	return b, &f.Notes, err
}

// Keep says how much of a chunk Open needs; it is for riff.Skim.
func Keep(c riff.Chunk) int64 {
	const little = 4096
	switch c.Name() {
	case "lins":
		return int64(c.Size)
	case "ptbl":
		return little + 4*maxWaves
	case "colh", "INFO", "INAM", "fmt ", "wsmp", "cdl ":
		return little
	}
	return 0
}

// knownSize corrects the one chunk that a widespread program, Crystal, writes with a wrong length.
func knownSize(id riff.FourCC, stated uint32) uint32 {
	if id == (riff.FourCC{'c', 'r', 's', '1'}) {
		return 28
	}
	return stated
}

// contents are the chunks of a file that matter.
type contents struct {
	colh, lins, ptbl, wvpl riff.Chunk
	name                   string
}

// reader reads one file.
type reader struct {
	f     *riff.File
	opt   Options
	waves waves

	regions int
	full    bool // the cap on regions was noted
}

func parse(f *riff.File, root riff.Chunk, opt Options, whole bool) (*bank.Bank, error) {
	if root.Form.String() != "DLS " {
		return nil, fmt.Errorf("%w: the form is %v", ErrNotDLS, root.Form)
	}
	r := &reader{f: f, opt: opt}
	if !r.holds(root) {
		return nil, errors.New("dls: the file's own conditions (cdl) exclude this player")
	}
	c, err := r.contents(root)
	if err != nil {
		return nil, err
	}
	r.waves.read(f, c.wvpl, c.ptbl)
	presets := r.instruments(c)
	if whole {
		for _, p := range presets {
			// What ends it early is told below.
			p.Regions, _ = p.Make()
			p.Make = nil
		}
	}
	if err := f.Err(); err != nil {
		return nil, fmt.Errorf("dls: %w", err)
	}
	b, err := bank.New(c.name, presets)
	if err != nil {
		return nil, fmt.Errorf("dls: %w", err)
	}
	return b, nil
}

// contents finds the chunks of the file in whatever order they stand.
func (r *reader) contents(root riff.Chunk) (*contents, error) {
	var c contents
	cut := root.Short
	for k := range r.f.Children(root) {
		cut = cut || k.Short
		switch k.Name() {
		case "colh":
			c.colh = k
		case "lins":
			c.lins = k
		case "ptbl":
			c.ptbl = k
		case "wvpl":
			c.wvpl = k
		case "INFO":
			c.name = r.info(k)
		case "vers", "dlid", "cdl ", "msyn":
		default:
			r.f.Notes.Add(k.Offset, k.Name(), "not a chunk of DLS; left out")
		}
	}
	if err := r.f.Err(); err != nil {
		return nil, fmt.Errorf("dls: %w", err)
	}
	for _, need := range []struct {
		name string
		c    riff.Chunk
	}{{"lins (instruments)", c.lins}, {"wvpl (waves)", c.wvpl}} {
		switch {
		case need.c.IsList() && !need.c.Short:
		case cut:
			return nil, fmt.Errorf("dls: list %s: %w", need.name, riff.ErrTruncated)
		default:
			return nil, fmt.Errorf("dls: list %s is missing", need.name)
		}
	}
	return &c, nil
}

// info returns the name that an INFO list states.
func (r *reader) info(list riff.Chunk) string {
	for c := range r.f.Children(list) {
		if c.Name() == "INAM" {
			return riff.Text(c.Body)
		}
	}
	return ""
}

// instruments resolves the list of instruments.
func (r *reader) instruments(c *contents) []*bank.Preset {
	var out []*bank.Preset
	seen := make(map[[4]uint8]bool)
	for k := range r.f.Children(c.lins) {
		if !k.List("ins ") {
			r.f.Notes.Add(k.Offset, k.Name(), "not an instrument; left out")
			continue
		}
		if len(out) == maxInstruments {
			r.f.Notes.Add(k.Offset, "lins", "more than %d instruments; the rest is left out", maxInstruments)
			break
		}
		p := r.instrument(k)
		if p == nil {
			continue
		}
		id := [4]uint8{p.MSB, p.LSB, p.Program}
		if p.Drum {
			id[3] = 1
		}
		if seen[id] {
			r.f.Notes.Add(k.Offset, "ins ", "instrument %q has bank %d:%d and program %d as one before it; left out", p.Name, p.MSB, p.LSB, p.Program)
			continue
		}
		seen[id] = true
		out = append(out, p)
	}
	if len(c.colh.Body) >= 4 {
		if n := binary.LittleEndian.Uint32(c.colh.Body); int64(n) != int64(len(out)) {
			r.f.Notes.Add(c.colh.Offset, "colh", "%d instruments announced, %d can be used", n, len(out))
		}
	}
	return out
}
