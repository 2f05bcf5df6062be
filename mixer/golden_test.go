package mixer

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"testing"

	"github.com/mmlite/mmlite/mixer/resample"
)

// Every build makes the same bytes of the same sounds.
func TestSameBytesOnEveryBuild(t *testing.T) {
	m := mustMix(t, Config{Ceiling: 0.7})
	for i, c := range []InputConfig{
		{Rate: 44100, Channels: 2}, {Rate: 48000, Channels: 1, Quality: resample.High}, {Rate: 11025, Channels: 6},
		{Rate: 32000, Channels: 2, MaxRate: 64000, Quality: resample.Fast},
	} {
		c.Source = &clip{data: noise(c.Channels*9000, uint64(i)), channels: c.Channels}
		mustInput(t, m, c).SetGain(0.8, float32(i)*0.3-0.5, 1000*i)
	}
	h := fnv.New64a()
	for range 40 {
		for _, v := range render(m, 256) {
			h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
		}
	}
	const want = 0xf46e167a64a2c73
	if got := h.Sum64(); got != want {
		t.Errorf("%#x, want %#x", got, uint64(want))
	}
}
