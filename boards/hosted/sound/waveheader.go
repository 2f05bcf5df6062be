package sound

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/mixer/format"
)

// maxWave is the most a WAVE file can hold: its sizes are 32-bit, and the outer one counts the header too.
const maxWave = 1<<32 - 1 - 64

// Values of wFormatTag, from mmreg.h.
const (
	waveFormatPCM        = 1
	waveFormatFloat      = 3
	waveFormatExtensible = 0xfffe
)

// speakers are the bits of dwChannelMask for 1 to 8 channels, in the order package format gives them.
var speakers = [format.MaxChannels + 1]uint32{1: 0x4, 2: 0x3, 3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3f, 7: 0x70f, 8: 0x63f}

// WaveHeader is everything of a WAVE file before its samples, of which there are data bytes. Its length does not depend on
// their number, so it can be written again once that is known (Multimedia Programming Interface and Data Specifications 1.0,
// chapter 3). More than two channels take the extensible form, which names their speakers (Multiple Channel Audio Data and
// WAVE Files, Microsoft 2001); the others keep the old one, which every program reads.
func WaveHeader(f format.Format, channels, rate int, data uint32) []byte {
	tag := uint16(waveFormatPCM)
	if f == format.F32 {
		tag = waveFormatFloat
	}
	frame := channels * f.Bytes()
	extensible := channels > 2
	size := uint32(16)
	if extensible {
		size = 40
	} else if tag != waveFormatPCM {
		size = 18
	}
	le := binary.LittleEndian
	var b []byte
	b = append(b, "RIFF\x00\x00\x00\x00WAVEfmt "...)
	b = le.AppendUint32(b, size)
	if extensible {
		b = le.AppendUint16(b, waveFormatExtensible)
	} else {
		b = le.AppendUint16(b, tag)
	}
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*frame))
	b = le.AppendUint16(b, uint16(frame))
	b = le.AppendUint16(b, uint16(8*f.Bytes()))
	if extensible {
		b = le.AppendUint16(b, 22)
		b = le.AppendUint16(b, uint16(8*f.Bytes()))
		b = le.AppendUint32(b, speakers[channels])
		b = le.AppendUint16(b, tag)
		b = append(b, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71) // KSDATAFORMAT_SUBTYPE_*, after the tag
	} else if tag != waveFormatPCM {
		b = le.AppendUint16(b, 0)
	}
	if tag != waveFormatPCM {
		b = append(b, "fact"...)
		b = le.AppendUint32(b, 4)
		b = le.AppendUint32(b, data/uint32(frame))
	}
	b = append(b, "data"...)
	b = le.AppendUint32(b, data)
	le.PutUint32(b[4:], uint32(len(b))-8+data+data&1)
	return b
}
