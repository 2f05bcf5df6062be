package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/synth/riff"
)

type bankCheckCmd struct {
	File string `arg:"" help:"The bank." type:"existingfile"`
}

// Severities of a finding.
const (
	fatal   = "error"   // the bank cannot be used
	loses   = "warning" // something of it cannot
	remarks = "remark"  // it departs from its format, and nothing is lost
)

// finding is one thing that check found.
type finding struct {
	Severity string `json:"severity"`
	Offset   int    `json:"offset"` // bytes from the start of the file
	Path     string `json:"path"`   // of the chunk: sfbk/pdta/igen
	Text     string `json:"text"`
}

// String is the finding as a line. In a file that is no bank at all nothing has a path.
func (f finding) String() string {
	place := fmt.Sprintf("byte %d", f.Offset)
	if f.Path != "" {
		place += ", " + f.Path
	}
	return fmt.Sprintf("%-7s  %s: %s", f.Severity, place, f.Text)
}

// verdict is all that it says.
type verdict struct {
	File     string    `json:"file"`
	Format   string    `json:"format,omitempty"`
	Findings []finding `json:"findings"`
}

// Run implements kong.
func (c *bankCheckCmd) Run(g *globals) error {
	b, refused, err := openBank(c.File)
	if err != nil {
		return err
	}
	defer b.close()
	v := b.check(refused)
	v.File = c.File
	if g.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(v); err != nil {
			return err
		}
	} else {
		for _, f := range v.Findings {
			fmt.Println(f)
		}
		if len(v.Findings) == 0 {
			fmt.Printf("%s: nothing is wrong with this bank (%s, %s)\n", c.File, v.Format, plural(uint64(len(b.bank.Presets())), "instrument"))
		}
	}
	worst := v.worst()
	switch {
	case refused != nil:
		return refused
	case worst == fatal || worst == loses:
		return com.Errorf(com.ErrCorrupt, "%s: not all of this bank can be used", c.File)
	}
	return nil
}

// check builds everything and collects what the readers noted.
func (b *bankFile) check(refused error) *verdict {
	v := &verdict{Format: string(b.format), Findings: []finding{}}
	if b.bank != nil {
		if err := b.build(); err != nil {
			v.Findings = append(v.Findings, finding{loses, 0, riff.PathAt(b.image, 0), err.Error()})
		}
		v.samples(b)
	}
	for _, n := range b.notes.List() {
		s := remarks
		if n.Loses() {
			s = loses
		}
		path := riff.PathAt(b.image, n.Offset)
		if path == "" {
			path = n.Chunk
		}
		v.Findings = append(v.Findings, finding{s, n.Offset, path, n.Text})
	}
	if refused != nil {
		v.Findings = append(v.Findings, finding{fatal, 0, riff.PathAt(b.image, 0), refused.Error()})
	}
	return v
}

// samples sees whether the last byte of every sample can be read.
func (v *verdict) samples(b *bankFile) {
	for _, p := range b.bank.Presets() {
		for _, s := range p.Samples() {
			at := s.Place.Offset + int64(s.Frames)*int64(s.Place.Bits/8)*int64(s.Place.Channels)
			if s.Data != nil || s.Frames == 0 {
				continue
			}
			if err := b.read(at-1, make([]byte, 1)); err != nil {
				v.Findings = append(v.Findings, finding{loses, int(s.Place.Offset), riff.PathAt(b.image, int(s.Place.Offset)),
					fmt.Sprintf("sample %q cannot be read to its end: %v", s.Name, err)})
			}
		}
	}
}

func (v *verdict) worst() string {
	worst := ""
	for _, f := range v.Findings {
		switch {
		case f.Severity == fatal:
			return fatal
		case f.Severity == loses || worst == "":
			worst = f.Severity
		}
	}
	return worst
}
