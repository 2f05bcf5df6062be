package format

import (
	"encoding/binary"
	"math"
)

// Decode converts samples of format f to float32 and returns how many it converted: as many as src holds whole and dst
// has room for. Integers become exact fractions where float32 can hold them; S32 is rounded to nearest. Floats are taken
// as they are, infinities and NaN included. An unknown format converts nothing.
func Decode(dst []float32, src []byte, f Format) int {
	size := f.Bytes()
	if size == 0 {
		return 0
	}
	n := min(len(dst), len(src)/size)
	dst = dst[:n]
	src = src[:n*size]
	switch f {
	case U8:
		for i := range dst {
			dst[i] = float32(int(src[i])-128) * (1.0 / (1 << 7))
		}
	case S16:
		for i := range dst {
			dst[i] = float32(int16(binary.LittleEndian.Uint16(src[2*i:]))) * (1.0 / (1 << 15))
		}
	case S24:
		for i := range dst {
			s := src[3*i : 3*i+3 : 3*i+3]
			v := int32(uint32(s[0])<<8|uint32(s[1])<<16|uint32(s[2])<<24) >> 8
			dst[i] = float32(v) * (1.0 / (1 << 23))
		}
	case S32:
		for i := range dst {
			dst[i] = float32(int32(binary.LittleEndian.Uint32(src[4*i:]))) * (1.0 / (1 << 31))
		}
	case F32:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	}
	return n
}
