package engine

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// Test banks are made here, of sines and constants, so that what a test expects
// can be computed.

const testRate = 44100

// sineSample holds cycles whole cycles of period frames each, peak amplitude a.
func sineSample(period, cycles int, a float64) *bank.Sample {
	s := &bank.Sample{Name: "sine", Rate: testRate, Data: make([]int16, period*cycles)}
	for i := range s.Data {
		s.Data[i] = int16(math.Round(a * math.Sin(2*math.Pi*float64(i)/float64(period))))
	}
	return s
}

// looped is a region that plays all of s over and over at key 69.
func looped(s *bank.Sample) *bank.Region {
	r := bank.NewRegion()
	r.Sample, r.End, r.LoopEnd, r.Loop = s, uint32(len(s.Data)), uint32(len(s.Data)), bank.LoopForever
	r.Root = 69
	r.PlayerTuning = false
	return r
}

// defaults are the SoundFont modulators that most tests want.
func defaults() []bank.Modulator {
	down := func(kind bank.SourceKind, cc uint8) bank.Modulator {
		return bank.Modulator{
			Source: bank.Source{Kind: kind, CC: cc, Curve: bank.Concave, Negative: true},
			Amount: 960, Dest: bank.Attenuation,
		}
	}
	return []bank.Modulator{
		down(bank.SourceVelocity, 0), down(bank.SourceCC, 7), down(bank.SourceCC, 11),
		{Source: bank.Source{Kind: bank.SourceCC, CC: 10, Bipolar: true}, Amount: 500, Dest: bank.Pan},
		{Source: bank.Source{Kind: bank.SourceCC, CC: 1}, Amount: 50, Dest: bank.VibLFOToPitch},
		{
			Source: bank.Source{Kind: bank.SourcePitchWheel, Bipolar: true}, Control: bank.Source{Kind: bank.SourceBendRange},
			Amount: 12800, Dest: bank.Pitch,
		},
	}
}

func testBank(t testing.TB, presets ...*bank.Preset) *bank.Bank {
	t.Helper()
	b, err := bank.New("test", presets)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// testEngine plays regions as program 0 of every melodic channel.
func testEngine(t testing.TB, c Config, regions ...*bank.Region) *Engine {
	t.Helper()
	c.SampleRate = testRate
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.SetBank(testBank(t, &bank.Preset{Name: "tone", Regions: regions})); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *Engine) must(t testing.TB, offset int, status, a, b byte) {
	t.Helper()
	if err := e.Event(offset, status, a, b); err != nil {
		t.Fatal(err)
	}
}

// frames renders n frames and returns both sides.
func (e *Engine) renderFrames(n int) (l, r []float32) {
	l, r = make([]float32, n), make([]float32, n)
	e.Render(l, r)
	return l, r
}

func peak(x []float32) float64 {
	p := 0.0
	for _, v := range x {
		p = max(p, math.Abs(float64(v)))
	}
	return p
}

func decibels(x float64) float64 { return 20 * math.Log10(x) }
