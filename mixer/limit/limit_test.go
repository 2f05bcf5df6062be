package limit

import (
	"math"
	"math/rand/v2"
	"testing"
)

func mustNew(t testing.TB, c Config) *Limiter {
	t.Helper()
	l, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// loud is sound with bursts, clicks and steps of up to 40 dB above the ceiling.
func loud(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, n)
	level := float32(0.3)
	for i := range x {
		if r.IntN(700) == 0 {
			level = float32(math.Exp(r.Float64()*8 - 3))
		}
		x[i] = level * float32(math.Sin(float64(i)*0.07))
		if r.IntN(3000) == 0 {
			x[i] = 100
		}
	}
	return x
}

func TestNothingOvershoots(t *testing.T) {
	for channels := 1; channels <= 3; channels++ {
		for _, look := range []float64{0.00001, 0.0015, 0.02} {
			l := mustNew(t, Config{Rate: 44100, Channels: channels, Lookahead: look, Ceiling: 0.9})
			x := loud(60_000*channels, uint64(channels))
			l.Process(x)
			for i, v := range x {
				if v > 0.9 || v < -0.9 {
					t.Fatalf("%d channels, %v s: sample %d is %v", channels, look, i, v)
				}
			}
			if l.Reduction() > 0.02 || l.Reduction() != 1 {
				t.Error("the reduction was not told, or not forgotten")
			}
		}
	}
}

func TestTransparentBelowTheCeiling(t *testing.T) {
	l := mustNew(t, Config{Rate: 44100, Channels: 2})
	if l.Latency() != 65 {
		t.Errorf("late by %d frames", l.Latency())
	}
	in := make([]float32, 4000)
	for i := range in {
		in[i] = 0.985 * float32(math.Sin(float64(i)))
	}
	out := append([]float32(nil), in...)
	for at := 0; at < len(out); at += 300 {
		l.Process(out[at:min(at+300, len(out))])
	}
	for i := range out {
		want := float32(0)
		if i >= 130 {
			want = in[i-130]
		}
		if out[i] != want {
			t.Fatalf("sample %d is %v, want %v", i, out[i], want)
		}
	}
	if l.Reduction() != 1 {
		t.Error("reduced below the ceiling")
	}
}

func TestPiecesGiveTheSameBits(t *testing.T) {
	render := func(piece int) []float32 {
		l := mustNew(t, Config{Rate: 48000, Channels: 2})
		x := loud(40_000, 9)
		for at := 0; at < len(x); at += piece {
			l.Process(x[at:min(at+piece, len(x))])
		}
		return x
	}
	want := render(40_000)
	for _, piece := range []int{2, 50, 512} {
		for i, v := range render(piece) {
			if v != want[i] {
				t.Fatalf("pieces of %d: sample %d is %v, not %v", piece, i, v, want[i])
			}
		}
	}
}

func TestChannelsApartAreLimitedTheSame(t *testing.T) {
	a, b := mustNew(t, Config{Rate: 44100, Channels: 2}), mustNew(t, Config{Rate: 44100, Channels: 2})
	x := loud(20_000, 4)
	left, right := make([]float32, 10_000), make([]float32, 10_000)
	for i := range left {
		left[i], right[i] = x[2*i], x[2*i+1]
	}
	a.Process(x)
	if !b.ProcessStereo(left[:9000], right[:9000]) || b.ProcessStereo(nil, nil) {
		t.Error("it does not say whether it limited")
	}
	b.ProcessStereo(left[9000:], right[9000:])
	for i := range left {
		if left[i] != x[2*i] || right[i] != x[2*i+1] {
			t.Fatalf("frame %d is %v and %v, want %v and %v", i, left[i], right[i], x[2*i], x[2*i+1])
		}
	}
	if a.Reduction() != b.Reduction() {
		t.Error("the reductions differ")
	}
}

// Before a peak the gain comes down along the look-ahead, not in a step, and afterwards goes back to exactly one.
func TestGainMovesSmoothlyAndReturns(t *testing.T) {
	l := mustNew(t, Config{Rate: 44100, Channels: 1, Ceiling: 1})
	x := make([]float32, 44100*4)
	for i := range x {
		x[i] = 0.5
	}
	for i := 2000; i < 2400; i++ {
		x[i] = 4
	}
	in := append([]float32(nil), x...)
	l.Process(x)
	last := 1.0
	for i := 65; i < len(x); i++ {
		gain := float64(x[i]) / float64(in[i-65])
		if math.Abs(gain-last) > 0.76/66 {
			t.Fatalf("at frame %d the gain goes from %v to %v", i, last, gain)
		}
		last = gain
	}
	if x[2200+65] != 1 {
		t.Errorf("a loud constant comes out at %v", x[2265])
	}
	if x[len(x)-1] != 0.5 {
		t.Errorf("after four seconds the gain is %v", x[len(x)-1]/0.5)
	}
}

func TestNoNumberGetsThrough(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	l := mustNew(t, Config{Rate: 44100, Channels: 2})
	x := make([]float32, 44100*2*3)
	for i := range x {
		x[i] = 0.25
	}
	x[100], x[101], x[5000], x[9000] = nan, inf, -inf, math.MaxFloat32
	l.Process(x)
	for i, v := range x {
		if !(v <= 0.985 && v >= -0.985) {
			t.Fatalf("sample %d is %v", i, v)
		}
	}
	if x[len(x)-1] != 0.25 {
		t.Errorf("it never recovered: %v", x[len(x)-1])
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []Config{{}, {Rate: 44100}, {Rate: 44100, Channels: 9}, {Rate: 1, Channels: 2}, {Rate: 44100, Channels: 2, Ceiling: -1},
		{Rate: 44100, Channels: 2, Ceiling: math.NaN()}, {Rate: 44100, Channels: 2, Lookahead: 1}, {Rate: 44100, Channels: 2, Lookahead: math.NaN()},
		{Rate: 44100, Channels: 2, Release: 1e-9}, {Rate: 44100, Channels: 2, Release: math.Inf(1)}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v accepted", c)
		}
	}
}

func TestProcessAllocatesNothing(t *testing.T) {
	l := mustNew(t, Config{Rate: 44100, Channels: 2})
	x := loud(512, 1)
	if n := testing.AllocsPerRun(100, func() { l.Process(x); l.ProcessStereo(x[:256], x[256:]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkProcess(b *testing.B) {
	for name, level := range map[string]float32{"quiet": 0.1, "loud": 3} {
		b.Run(name, func(b *testing.B) {
			l := mustNew(b, Config{Rate: 44100, Channels: 2})
			x, source := make([]float32, 512), make([]float32, 512)
			for i := range source {
				source[i] = level * float32(math.Sin(float64(i)*0.1))
			}
			for b.Loop() {
				copy(x, source)
				l.Process(x)
			}
			frame := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / 256
			b.ReportMetric(frame, "ns/frame")
			b.ReportMetric(frame*44100*1e-6, "ms/s")
		})
	}
}
