package resample

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"testing"
)

// Every build makes the same bytes: this processor's vector code and the portable code, with and without fused instructions.
func TestSameBytesOnEveryBuild(t *testing.T) {
	for _, k := range []*kernels{best(), &portable} {
		h := fnv.New64a()
		for _, variable := range []bool{false, true} {
			for q := Fast; q <= High; q++ {
				for _, pair := range [][2]int{{48000, 44100}, {22050, 44100}, {96000, 32000}} {
					c, err := newWith(mustFilter(t, pair[0], pair[1], q, variable), 2, k)
					if err != nil {
						t.Fatal(err)
					}
					dst := make([]float32, 2*500)
					c.Process(dst, noise(2*c.Need(500)))
					for _, v := range dst {
						h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
					}
				}
			}
		}
		const want = 0x2312685acfd0a432
		if got := h.Sum64(); got != want {
			t.Errorf("%s: %#x, want %#x", k.name, got, uint64(want))
		}
	}
}
