package mix

import (
	"math"
	"testing"
)

func TestRampIsAStraightLine(t *testing.T) {
	for channels := 1; channels <= 3; channels++ {
		var l Levels
		l.Set(100, 1, 0.5, -1)
		in, out := make([]float32, 200*channels), make([]float32, 200*channels)
		for i := range in {
			in[i] = 2
			out[i] = 1
		}
		Add(out, in, channels, &l)
		target := []float32{1, 0.5, -1}
		for i := range 200 {
			for c := range channels {
				want := 1 + 2*target[c]*min(1, float32(i)/100)
				if got := out[i*channels+c]; math.Abs(float64(got-want)) > 1e-6 {
					t.Fatalf("%d channels: frame %d channel %d is %v, want %v", channels, i, c, got, want)
				}
			}
		}
		if l.Moving() {
			t.Error("the ramp is not over")
		}
	}
}

func TestPiecesGiveTheSameBits(t *testing.T) {
	render := func(piece int) []float32 {
		var l Levels
		l.Set(0, 0.3, 0.7)
		out := make([]float32, 2000)
		in := make([]float32, 2000)
		for i := range in {
			in[i] = float32(math.Sin(float64(i)))
		}
		for at := 0; at < 1000; at += piece {
			if at == 280 {
				l.Set(333, 1, 0.1)
			}
			end := min(at+piece, 1000)
			Add(out[2*at:2*end], in[2*at:2*end], 2, &l)
		}
		return out
	}
	want := render(280)
	for _, piece := range []int{1, 7, 40, 140} {
		for i, v := range render(piece) {
			if v != want[i] {
				t.Fatalf("pieces of %d: sample %d is %v, not %v", piece, i, v, want[i])
			}
		}
	}
}

func TestANewRampBeginsWhereTheOldOneIs(t *testing.T) {
	var l Levels
	l.Set(0, 1)
	l.Set(100, 0)
	in, out := make([]float32, 100), make([]float32, 100)
	for i := range in {
		in[i] = 1
	}
	Add(out[:50], in[:50], 1, &l)
	l.Set(50, 1)
	Add(out[50:], in[50:], 1, &l)
	for i := 1; i < 100; i++ {
		if math.Abs(float64(out[i]-out[i-1])) > 0.0101 {
			t.Errorf("a step of %v at frame %d", out[i]-out[i-1], i)
		}
	}
	if l.at(0) != 1 {
		t.Errorf("ended at %v", l.at(0))
	}
}

func TestSilence(t *testing.T) {
	var l Levels
	out := []float32{1, 2}
	Add(out, []float32{float32(math.NaN()), 1}, 2, &l)
	if out[0] != 1 || out[1] != 2 || !l.Silent(2) {
		t.Errorf("silence added %v", out)
	}
	l.Set(10, 1)
	if l.Silent(1) {
		t.Error("a fade-in is silent")
	}
}

func TestPanLaws(t *testing.T) {
	for _, c := range []struct{ pan, left, right float32 }{{0, 2, 2}, {-1, 2, 0}, {1, 0, 2}, {0.5, 1, 2}, {7, 0, 2}} {
		if l, r := Balance(2, c.pan); l != c.left || r != c.right {
			t.Errorf("balance %v: %v, %v", c.pan, l, r)
		}
	}
	for pan := float32(-1); pan <= 1; pan += 0.125 {
		l, r := EqualPower(0.5, pan)
		if p := l*l + r*r; math.Abs(float64(p)-0.25) > 1e-6 {
			t.Errorf("equal power %v: %v", pan, p)
		}
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	var l Levels
	in, out := make([]float32, 512), make([]float32, 512)
	if n := testing.AllocsPerRun(100, func() {
		l.Set(100, 1, 0)
		Add(out, in, 2, &l)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAdd(b *testing.B) {
	in, out := make([]float32, 512), make([]float32, 512)
	for name, levels := range map[string][]float32{"unity": {1, 1}, "gain": {0.5, 0.5}, "pan": {0.5, 0.4}} {
		b.Run(name, func(b *testing.B) {
			var l Levels
			l.Set(0, levels...)
			for b.Loop() {
				Add(out, in, 2, &l)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/256, "ns/frame")
		})
	}
	b.Run("ramp", func(b *testing.B) {
		var l Levels
		for b.Loop() {
			l.Set(256, 1, 1)
			Add(out, in, 2, &l)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/256, "ns/frame")
	})
}
