package engine

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// TestWildRegions plays regions whose values are anything a file can hold, at
// the extremes of the sample rate: sound may be strange but stays bounded, and
// every voice ends.
func TestWildRegions(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	values := []float32{0, 1, -1, 100, -100, 960, -960, 1200, -1200, 5000, -7200, 12000, -12000, 32767, -32768, 1 << 20, -1 << 20}
	for round := range 300 {
		s := &bank.Sample{Rate: []float32{bank.MinSampleRate, 8000, 44100, bank.MaxSampleRate}[rng.IntN(4)], Data: make([]int16, rng.IntN(300))}
		for i := range s.Data {
			s.Data[i] = int16(rng.IntN(65536) - 32768)
		}
		r := bank.NewRegion()
		r.Sample = s
		r.Start, r.End = uint32(rng.IntN(300)), uint32(rng.IntN(400))
		r.LoopStart, r.LoopEnd = uint32(rng.IntN(300)), uint32(rng.IntN(300))
		r.Loop = bank.LoopMode(rng.IntN(3))
		r.Root = float32(rng.IntN(512) - 256)
		r.LFOSine, r.LFOVolumeDown, r.ModEnvConvex = rng.IntN(2) == 0, rng.IntN(2) == 0, rng.IntN(2) == 0
		r.PanLaw = bank.PanLaw(rng.IntN(2))
		for d := range r.Gen {
			if rng.IntN(3) == 0 {
				r.Gen[d] = values[rng.IntN(len(values))]
			}
		}
		for range rng.IntN(6) {
			r.Modulators = append(r.Modulators, bank.Modulator{
				Source:  bank.Source{Kind: bank.SourceKind(rng.IntN(8)), CC: uint8(rng.IntN(128)), Curve: bank.Curve(rng.IntN(4)), Bipolar: rng.IntN(2) == 0},
				Control: bank.Source{Kind: bank.SourceKind(rng.IntN(8)), CC: uint8(rng.IntN(128)), Negative: rng.IntN(2) == 0},
				Amount:  values[rng.IntN(len(values))], Dest: bank.Dest(rng.IntN(int(bank.NumDest))), Abs: rng.IntN(2) == 0,
			})
		}
		e, err := New(Config{SampleRate: []int{8000, 44100, 192000}[rng.IntN(3)], Voices: 16, Interpolation: Interpolation(rng.IntN(3))})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.SetBank(testBank(t, &bank.Preset{Regions: []*bank.Region{r}})); err != nil {
			t.Fatal(err)
		}
		for range 30 {
			e.must(t, rng.IntN(200), 0x90, byte(rng.IntN(128)), byte(rng.IntN(128)))
			e.must(t, rng.IntN(200), 0xB0, byte(rng.IntN(120)), byte(rng.IntN(128)))
			e.must(t, rng.IntN(200), 0xE0, byte(rng.IntN(128)), byte(rng.IntN(128)))
			e.must(t, rng.IntN(200), 0x80, byte(rng.IntN(128)), 0)
			l, right := e.renderFrames(200)
			for i := range l {
				if !(math.Abs(float64(l[i])) < 400 && math.Abs(float64(right[i])) < 400) {
					t.Fatalf("round %d: sample %g, %g of %+v", round, l[i], right[i], r)
				}
			}
		}
		e.AllSoundOff()
		e.renderFrames(192000 / 50)
		if !e.Silent() {
			t.Fatalf("round %d: a voice does not end", round)
		}
	}
}

// TestAllVoices: the largest engine sounds a thousand voices.
func TestAllVoices(t *testing.T) {
	r := looped(sineSample(100, 100, 20000))
	e := testEngine(t, Config{Voices: 1024}, r)
	for i := range 1024 {
		e.must(t, i%400, 0x90|byte(i&15)%9, byte(i/9%128), 100)
	}
	e.renderFrames(1000)
	if e.ActiveVoices() != 1024 {
		t.Errorf("%d voices, want 1024", e.ActiveVoices())
	}
}
