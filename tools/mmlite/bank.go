package main

import (
	"io"
	"os"
	"path/filepath"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/bankfile"
	"github.com/mmlite/mmlite/synth/riff"
)

// bankCmd looks at bank files. No card takes part.
type bankCmd struct {
	Info    bankInfoCmd    `cmd:"" help:"List the instruments of a bank, DLS or SoundFont 2."`
	Check   bankCheckCmd   `cmd:"" help:"Say what is wrong with a bank, and where. The exit status is 1 if something of it cannot be used."`
	Convert bankConvertCmd `cmd:"" help:"Convert a SoundFont 2 bank to DLS, and say what is lost."`
}

// bankFile is a bank of which the tables are in memory.
type bankFile struct {
	file   *os.File
	size   int64
	image  *riff.Image
	bank   *bank.Bank // nil if it cannot be used
	format bankfile.Format
	notes  *riff.Notes
}

// openBank reads the tables of a bank. The error says why the file cannot be read at all; refused says
// why the bank in it cannot be used.
func openBank(path string) (b *bankFile, refused, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() { // a pipe may have no end, and opening it may wait
		return nil, nil, com.Errorf(com.ErrInvalid, "%s is not a regular file", path)
	}
	b = &bankFile{size: info.Size()}
	if b.file, err = os.Open(path); err != nil {
		return nil, nil, err
	}
	if b.image, err = bankfile.Skim(b.read, b.size); err != nil {
		b.file.Close()
		return nil, nil, com.Errorf(com.CodeOf(err), "%s: %v", path, err)
	}
	b.bank, b.format, b.notes, refused = bankfile.Read(b.image, bankfile.Options{})
	if refused != nil {
		refused = com.Errorf(com.ErrCorrupt, "%s: %v", filepath.Base(path), refused)
	}
	return b, refused, nil
}

// read implements riff.Source.
func (b *bankFile) read(at int64, buf []byte) error {
	_, err := io.ReadFull(io.NewSectionReader(b.file, at, int64(len(buf))), buf)
	return err
}

func (b *bankFile) close() { b.file.Close() }

// build makes all presets, so that the notes are complete. The error is the first; a preset that
// cannot be made has no regions.
func (b *bankFile) build() (first error) {
	for _, p := range b.bank.Presets() {
		if err := p.Build(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
