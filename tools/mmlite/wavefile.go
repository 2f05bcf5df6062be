package main

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// wave is what a WAVE file holds. The samples are read, as they lie in the file,
// from data. The format is that of Microsoft, Multimedia Programming Interface and
// Data Specifications 1.0, 1991, chapter 3, with WAVEFORMATEXTENSIBLE of 1999.
//
// A reader of its own, because a card takes samples as they are, and because sizes
// in a file may lie: nothing is allocated by them.
type wave struct {
	rate, channels uint32
	format         audio.SampleFormat
	frame          int    // bytes
	frames         uint64 // 0 where the file does not know
	data           io.Reader
}

// Formats of a "fmt " chunk.
const (
	waveInteger    = 1
	waveFloat      = 3
	waveExtensible = 0xFFFE
)

// isWave reports whether a file that begins with head is a WAVE file.
func isWave(head []byte) bool {
	return len(head) >= 12 && (string(head[:4]) == "RIFF" || string(head[:4]) == "RF64") && string(head[8:12]) == "WAVE"
}

// readWave reads up to the samples. The errors are com.ErrProtocol for what is no
// WAVE file, com.ErrCorrupt, and com.ErrNotSupported for samples that no card takes.
func readWave(r io.Reader) (*wave, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || !isWave(head[:]) {
		return nil, com.Errorf(com.ErrProtocol, "not a WAVE file")
	}
	var w *wave
	for {
		var h [8]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return nil, com.Errorf(com.ErrCorrupt, "a WAVE file that ends before its samples")
		}
		id, size := string(h[:4]), int64(binary.LittleEndian.Uint32(h[4:]))
		rest := size + size&1 // chunks begin at even places
		switch {
		case id == "fmt " && w == nil:
			var err error
			if w, err = readFormat(r, size); err != nil {
				return nil, err
			}
			rest -= min(size, maxFormat)
		case id == "data":
			if w == nil {
				return nil, com.Errorf(com.ErrCorrupt, "a WAVE file whose samples come before their format")
			}
			w.data = r
			// A program that writes to a pipe does not know the size.
			if size != 0 && size != 0xFFFFFFFF && string(head[:4]) == "RIFF" {
				w.data, w.frames = io.LimitReader(r, size), uint64(size)/uint64(w.frame)
			}
			return w, nil
		}
		if _, err := io.CopyN(io.Discard, r, rest); err != nil {
			return nil, com.Errorf(com.ErrCorrupt, "a WAVE file whose chunk %q is cut short", id)
		}
	}
}

// maxFormat is how much of a "fmt " chunk says anything.
const maxFormat = 40

func readFormat(r io.Reader, size int64) (*wave, error) {
	var b [maxFormat]byte
	if size < 16 {
		return nil, com.Errorf(com.ErrCorrupt, "a WAVE file with a format of %d bytes", size)
	}
	if _, err := io.ReadFull(r, b[:min(size, maxFormat)]); err != nil {
		return nil, com.Errorf(com.ErrCorrupt, "a WAVE file that ends in its format")
	}
	tag, bits := binary.LittleEndian.Uint16(b[:]), binary.LittleEndian.Uint16(b[14:])
	if tag == waveExtensible && size >= maxFormat {
		tag = binary.LittleEndian.Uint16(b[24:]) // the first word of the GUID
	}
	w := &wave{rate: binary.LittleEndian.Uint32(b[4:]), channels: uint32(binary.LittleEndian.Uint16(b[2:])), frame: int(binary.LittleEndian.Uint16(b[12:]))}
	switch {
	case tag == waveInteger && bits == 8:
		w.format = audio.U8
	case tag == waveInteger && bits == 16:
		w.format = audio.S16
	case tag == waveInteger && bits == 24:
		w.format = audio.S24
	case tag == waveInteger && bits == 32:
		w.format = audio.S32
	case tag == waveFloat && bits == 32:
		w.format = audio.F32
	default:
		return nil, com.Errorf(com.ErrNotSupported, "a WAVE file with samples of format %d and %d bits; 8, 16, 24 and 32 bit integers and 32 bit floats can be played", tag, bits)
	}
	if w.channels < 1 || w.channels > 8 {
		return nil, com.Errorf(com.ErrNotSupported, "a WAVE file of %d channels; 1 to 8 can be played", w.channels)
	}
	if w.rate == 0 || w.frame != int(w.channels)*int(bits)/8 {
		return nil, com.Errorf(com.ErrCorrupt, "a WAVE file of %d Hz with frames of %d bytes", w.rate, w.frame)
	}
	return w, nil
}

// next fills buf with whole frames and returns how many bytes those are; 0 at the
// end. A part of a frame at the end of a file is left out.
func (w *wave) next(buf []byte) (int, error) {
	n, err := io.ReadFull(w.data, buf[:len(buf)/w.frame*w.frame])
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n / w.frame * w.frame, err
}
