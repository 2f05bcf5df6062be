// Package pcm turns sample data as files hold it into frames.
package pcm

import (
	"encoding/binary"
	"unsafe"
)

// View16 returns little-endian 16-bit data as frames; an odd last byte is left out. On a
// little-endian machine the frames are the data itself, so that opening a bank of hundreds of
// megabytes reads none of it; where the byte order or the alignment forbid that, they are a copy.
func View16(b []byte) []int16 {
	n := len(b) / 2
	if n == 0 {
		return nil
	}
	first := unsafe.Pointer(unsafe.SliceData(b))
	if littleEndian() && uintptr(first)%2 == 0 {
		return unsafe.Slice((*int16)(first), n)
	}
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return out
}

func littleEndian() bool { return binary.NativeEndian.Uint16([]byte{1, 0}) == 1 }

// From8 returns unsigned 8-bit data as frames, which are a copy: silence is 128 there and 0 here.
func From8(b []byte) []int16 {
	out := make([]int16, len(b))
	for i, v := range b {
		out[i] = int16(uint16(v^0x80) << 8)
	}
	return out
}

// Split returns the channels of interleaved stereo frames, which are copies; an odd last frame is
// left out.
func Split(frames []int16) (left, right []int16) {
	n := len(frames) / 2
	left, right = make([]int16, n), make([]int16, n)
	for i := range n {
		left[i], right[i] = frames[2*i], frames[2*i+1]
	}
	return left, right
}
