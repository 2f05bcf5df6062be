// Package format converts between sample formats and channel layouts.
//
// Inside the card sound is float32, interleaved, nominally within [-1, 1). At its edges it is whatever a client or a device
// speaks: little-endian integers of 8, 16, 24 or 32 bits as a WAVE file holds them (Microsoft, Multimedia Programming
// Interface and Data Specifications 1.0, 1991, chapter 3: 8 bits are unsigned with 128 as zero, wider ones are two's
// complement), or 32-bit IEEE floats. An integer of b bits stands for its value divided by 2^(b-1), so whatever has at most
// 24 bits survives the way in and out unchanged.
//
// Nothing here allocates after construction, and the same input gives the same bytes on every processor.
package format

import "fmt"

// Format is how one sample is stored.
type Format uint8

// The formats. All are little-endian.
const (
	U8  Format = 1 + iota // unsigned 8-bit integer, 128 is zero
	S16                   // signed 16-bit integer
	S24                   // signed 24-bit integer in three bytes
	S32                   // signed 32-bit integer
	F32                   // 32-bit IEEE float
)

// Bytes is the size of one sample in bytes, 0 for an unknown format.
func (f Format) Bytes() int {
	switch f {
	case U8:
		return 1
	case S16:
		return 2
	case S24:
		return 3
	case S32, F32:
		return 4
	}
	return 0
}

// Valid reports whether f is one of the formats above.
func (f Format) Valid() bool { return f.Bytes() != 0 }

// String is the short name, such as "s16".
func (f Format) String() string {
	switch f {
	case U8:
		return "u8"
	case S16:
		return "s16"
	case S24:
		return "s24"
	case S32:
		return "s32"
	case F32:
		return "f32"
	}
	return fmt.Sprintf("format %d", uint8(f))
}

// Parse is the inverse of String.
func Parse(name string) (Format, error) {
	for f := U8; f <= F32; f++ {
		if f.String() == name {
			return f, nil
		}
	}
	return 0, fmt.Errorf("format: %q is not a sample format; use u8, s16, s24, s32 or f32", name)
}
