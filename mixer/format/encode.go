package format

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Encoder converts float32 to one sample format. It is not safe for concurrent use: the dither generator is its state.
type Encoder struct {
	format Format
	dither bool
	seed   uint64
	state  uint64
}

// NewEncoder makes an encoder. With dither, U8 and S16 and S24 get triangular noise of two least significant bits peak to
// peak before rounding (Lipshitz, Wannamaker and Vanderkooy, Quantization and Dither, JAES 40(5), 1992: it makes the error's
// mean and power independent of the sound); S32 and F32 need none and get none. The noise is a function of the seed and of
// how many samples came before, so the same render gives the same bytes.
func NewEncoder(f Format, dither bool, seed uint64) (*Encoder, error) {
	if !f.Valid() {
		return nil, fmt.Errorf("format: cannot encode %v; use u8, s16, s24, s32 or f32", f)
	}
	return &Encoder{format: f, dither: dither && f != S32 && f != F32, seed: seed, state: seed}, nil
}

// Format is the encoder's sample format.
func (e *Encoder) Format() Format { return e.format }

// Reset starts the dither noise from the beginning.
func (e *Encoder) Reset() { e.state = e.seed }

// roundMagic pushes the fraction out of a float64's significand, so that the addition itself rounds to the nearest integer,
// ties to even, and leaves the integer in the low bits.
const roundMagic = 3 << 51

// Encode converts samples and returns how many it converted: as many as src holds and dst has room for. Values beyond
// full scale are clipped, NaN becomes zero; F32 is passed on unclipped, but NaN becomes zero there too.
func (e *Encoder) Encode(dst []byte, src []float32) int {
	size := e.format.Bytes()
	if size == 0 {
		return 0
	}
	n := min(len(src), len(dst)/size)
	src = src[:n]
	dst = dst[:n*size]
	switch e.format {
	case U8:
		for i, x := range src {
			dst[i] = byte(e.quantize(x, 1<<7) + 128)
		}
	case S16:
		for i, x := range src {
			binary.LittleEndian.PutUint16(dst[2*i:], uint16(e.quantize(x, 1<<15)))
		}
	case S24:
		for i, x := range src {
			v := e.quantize(x, 1<<23)
			d := dst[3*i : 3*i+3 : 3*i+3]
			d[0], d[1], d[2] = byte(v), byte(v>>8), byte(v>>16)
		}
	case S32:
		for i, x := range src {
			binary.LittleEndian.PutUint32(dst[4*i:], uint32(e.quantize(x, 1<<31)))
		}
	case F32:
		for i, x := range src {
			if x != x {
				x = 0
			}
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(x))
		}
	}
	return n
}

// quantize scales, dithers, clips and rounds one sample. The product is exact in float64 (scale is a power of two), so it
// makes no difference whether a compiler fuses it with the addition.
func (e *Encoder) quantize(x float32, scale float64) int32 {
	v := float64(x) * scale
	if e.dither {
		e.state += 0x9e3779b97f4a7c15
		v += noise(e.state)
	}
	if v >= scale-1 {
		v = scale - 1
	} else if v < -scale {
		v = -scale
	} else if v != v {
		v = 0
	}
	return int32(uint32(math.Float64bits(v + roundMagic)))
}

// noise is one sample of triangular noise in [-1, 1): the sum of two independent uniform ones, from the halves of a word
// scrambled as in SplitMix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
func noise(z uint64) float64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float64(int64(int32(z))+int64(int32(z>>32))) * (1.0 / (1 << 32))
}
