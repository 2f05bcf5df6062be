// Package bankfile opens bank files of any format the synthesizer reads, which it tells apart by
// what is in them and not by their names.
package bankfile

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/dls"
	"github.com/mmlite/mmlite/synth/riff"
	"github.com/mmlite/mmlite/synth/sf2"
)

// Format is the format of a bank file.
type Format string

const (
	SoundFont2 Format = "SoundFont 2"
	DLS        Format = "DLS"
)

// ErrUnknown is wrapped by the error of Open for data that is no bank of a format read here; the
// error says what it seems to be and what can be done.
var ErrUnknown = errors.New("not a DLS or SoundFont 2 bank")

// ErrSilent is wrapped by the error of Open for a bank of which nothing can be played; the error
// gives the first reason, the notes give all.
var ErrSilent = errors.New("no instrument of this bank can be played")

// Options hold what each format's reader can be told; the zero value is right for most banks.
type Options struct {
	SF2 sf2.Options
	DLS dls.Options
}

// Open reads a bank. Samples of 16 bits are views of data, which must stay valid and unchanged for
// as long as the bank is in use. The notes say where and how the file departs from its format;
// they may be there even if the bank is not.
func Open(data []byte, opt Options) (*bank.Bank, Format, []riff.Note, error) {
	format, err := Identify(data)
	if err != nil {
		return nil, "", nil, err
	}
	var b *bank.Bank
	var notes []riff.Note
	if format == SoundFont2 {
		b, notes, err = sf2.Parse(data, opt.SF2)
	} else {
		b, notes, err = dls.Parse(data, opt.DLS)
	}
	if err == nil && !plays(b) {
		b, err = nil, ErrSilent
		if len(notes) > 0 {
			err = fmt.Errorf("%w: %v", ErrSilent, notes[0])
		}
	}
	return b, format, notes, err
}

// plays reports whether a bank has any region. It builds presets until it finds one.
func plays(b *bank.Bank) bool {
	for _, p := range b.Presets() {
		if p.Build() == nil && len(p.All()) > 0 {
			return true
		}
	}
	return false
}

// Identify tells the format of data from its first bytes.
func Identify(data []byte) (Format, error) {
	if len(data) >= 12 && string(data[:4]) == "RIFF" {
		switch form := string(data[8:12]); form {
		case "sfbk":
			return SoundFont2, nil
		case "DLS ":
			return DLS, nil
		default:
			return "", unknown(riffForm(form))
		}
	}
	return "", unknown(other(data))
}

func unknown(what string) error { return fmt.Errorf("%w: %s", ErrUnknown, what) }

// riffForm says what a RIFF file of another form is.
func riffForm(form string) string {
	switch form {
	case "WAVE":
		return "this is a WAV recording; a bank is made of many, with a SoundFont editor"
	case "RMID":
		return "this is a MIDI file in a RIFF wrapper (.rmi): play it as a song"
	case "sfpk":
		return "this is a packed SoundFont (.sfpack): unpack it with SFPack"
	case "AVI ":
		return "this is a video"
	}
	return fmt.Sprintf("this is a RIFF file of the form %v", riff.FourCC([]byte(form)))
}

// signatures are the beginnings of files that people take for banks, or keep banks in.
var signatures = []struct{ start, what string }{
	{"\x1f\x8b", "this is compressed with gzip: unpack it with gunzip"},
	{"PK\x03\x04", "this is a ZIP archive: unpack it and give the bank inside"},
	{"7z\xbc\xaf\x27\x1c", "this is a 7-Zip archive: unpack it and give the bank inside"},
	{"Rar!", "this is a RAR archive: unpack it and give the bank inside"},
	{"BZh", "this is compressed with bzip2: unpack it with bunzip2"},
	{"\xfd7zXZ", "this is compressed with xz: unpack it with unxz"},
	{"\x28\xb5\x2f\xfd", "this is compressed with Zstandard: unpack it with unzstd"},
	{"OggS", "this is an Ogg recording"},
	{"fLaC", "this is a FLAC recording"},
	{"ID3", "this is an MP3 recording"},
	{"MThd", "this is a MIDI file: play it as a song, with a bank beside it"},
	{"GF1PATCH", "this is a Gravis patch, one instrument without a bank: a SoundFont editor can import it"},
	{"RIFX", "this is a RIFF file of a big-endian machine, which no bank format uses"},
	{"RF64", "this is a WAV recording"},
	{"version https://git-lfs", "this only names a file kept with Git LFS: fetch it with git lfs pull"},
	{"<!DOCTYPE", "this is a web page; the download went wrong"},
	{"<html", "this is a web page; the download went wrong"},
}

// other says what data that is no RIFF file seems to be.
func other(data []byte) string {
	if len(data) == 0 {
		return "the file is empty"
	}
	for _, s := range signatures {
		if len(data) >= len(s.start) && string(data[:len(s.start)]) == s.start {
			return s.what
		}
	}
	const look = 4096
	start := data[:min(len(data), look)]
	switch {
	case bytes.Contains(start, []byte("<region>")) || bytes.Contains(start, []byte("<group>")) || bytes.Contains(start, []byte("<control>")):
		return "this is an SFZ instrument, a text that names recordings: Polyphone can turn it into a SoundFont"
	case isText(start):
		return "this is a text"
	case len(data) < 12:
		return fmt.Sprintf("%d bytes are too few for any bank", len(data))
	case zero(start):
		return "the file holds nothing but zeros, as one does whose download was cut off"
	}
	return fmt.Sprintf("it begins with % x, where both formats begin with RIFF", data[:8])
}

// isText reports whether b is text; it may end inside a character.
func isText(b []byte) bool {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return !utf8.FullRune(b[i:])
		}
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
		i += n
	}
	return true
}

func zero(b []byte) bool {
	for _, v := range b {
		if v != 0 {
			return false
		}
	}
	return true
}
