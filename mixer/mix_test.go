package mixer

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mmlite/mmlite/mixer/format"
	"github.com/mmlite/mmlite/mixer/resample"
)

func mustMix(t testing.TB, c Config) *Mix {
	t.Helper()
	if c.Rate == 0 {
		c.Rate = 44100
	}
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustInput(t testing.TB, m *Mix, c InputConfig) *Input {
	t.Helper()
	if c.Rate == 0 {
		c.Rate = 44100
	}
	if c.Channels == 0 {
		c.Channels = 2
	}
	in, err := m.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func noise(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32() - 0.5
	}
	return x
}

// clip is a Source of given samples.
type clip struct {
	data     []float32
	channels int
	at       int
}

func (c *clip) Pull(dst []float32) (int, bool) {
	n := copy(dst, c.data[c.at:])
	c.at += n
	return n / c.channels, c.at < len(c.data)
}

// sine is a Source without end.
type sine struct {
	hz, rate float64
	channels int
	n        int
}

func (s *sine) Pull(dst []float32) (int, bool) {
	frames := len(dst) / s.channels
	for i := range frames {
		v := float32(0.5 * math.Sin(2*math.Pi*s.hz*float64(s.n)/s.rate))
		for c := range s.channels {
			dst[i*s.channels+c] = v
		}
		s.n++
	}
	return frames, true
}

func render(m *Mix, frames int) []float32 {
	out := make([]float32, frames*m.cfg.Channels)
	m.Render(out, frames)
	return out
}

func TestEqualRatesPassUnchanged(t *testing.T) {
	m := mustMix(t, Config{})
	a, b := noise(2000, 1), noise(2000, 2)
	mustInput(t, m, InputConfig{Source: &clip{data: a, channels: 2}})
	in := mustInput(t, m, InputConfig{Format: format.F32})
	if n := in.WriteFloat(b); n != 1000 {
		t.Fatalf("wrote %d", n)
	}
	in.Finish()
	out := render(m, 1000)
	for i := range out {
		if out[i] != a[i]+b[i] {
			t.Fatalf("sample %d is %v, want %v", i, out[i], a[i]+b[i])
		}
	}
	if m.Frame() != 1000 {
		t.Errorf("frame %d", m.Frame())
	}
}

func TestPiecesRenderTheSame(t *testing.T) {
	build := func(pieces []int) []float32 {
		m := mustMix(t, Config{Ceiling: 0.6})
		mustInput(t, m, InputConfig{Source: &clip{data: noise(20000, 1), channels: 2}})
		mustInput(t, m, InputConfig{Rate: 48000, Channels: 1, Source: &sine{hz: 700, rate: 48000, channels: 1}})
		mustInput(t, m, InputConfig{Rate: 11025, Channels: 6, MaxRate: 96000, Source: &sine{hz: 70, rate: 11025, channels: 6}}).SetGain(0.4, 0.3, 5000)
		mustInput(t, m, InputConfig{Paused: true, Source: &sine{hz: 3000, rate: 44100, channels: 2}}).StartAt(1234)
		var out []float32
		for i := 0; len(out) < 2*5000; i++ {
			out = append(out, render(m, min(pieces[i%len(pieces)], 5000-len(out)/2))...)
		}
		return out
	}
	want := build([]int{256})
	for _, pieces := range [][]int{{1}, {100, 7}, {5000}, {255, 257}} {
		for i, v := range build(pieces) {
			if v != want[i] {
				t.Fatalf("pieces of %v: sample %d is %v, not %v", pieces, i, v, want[i])
			}
		}
	}
}

func TestFormatsRatesAndChannelsMeet(t *testing.T) {
	m := mustMix(t, Config{})
	in := mustInput(t, m, InputConfig{Rate: 48000, Channels: 1, Format: format.S16, Quality: resample.High, Buffer: 48000})
	raw := make([]byte, 2*48000)
	e, err := format.NewEncoder(format.S16, false, 0)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 48000)
	for i := range x {
		x[i] = float32(0.5 * math.Sin(2*math.Pi*1000*float64(i)/48000))
	}
	e.Encode(raw, x)
	if n := in.Write(raw); n != 48000 {
		t.Fatalf("wrote %d frames", n)
	}
	in.SetGain(0.5, 1, 0)
	out := render(m, 44000)
	for i := 200; i < 43900; i++ {
		want := 0.25 * math.Sin(2*math.Pi*1000*float64(i)/44100)
		if out[2*i] != 0 || math.Abs(float64(out[2*i+1])-want) > 2e-5 {
			t.Fatalf("frame %d is %v and %v, want 0 and %v", i, out[2*i], out[2*i+1], want)
		}
	}
}

func TestEveryPlaceIsTakenAndFreed(t *testing.T) {
	m := mustMix(t, Config{Inputs: 3})
	var inputs []*Input
	for range 3 {
		inputs = append(inputs, mustInput(t, m, InputConfig{Source: &sine{hz: 100, rate: 44100, channels: 2}}))
	}
	if _, err := m.Open(InputConfig{Rate: 44100, Channels: 2}); !errors.Is(err, ErrFull) {
		t.Errorf("got %v", err)
	}
	render(m, 256)
	inputs[1].Close()
	out := render(m, 256)
	for i := 2; i < len(out); i++ { // the closed one fades
		if math.Abs(float64(out[i]-out[i-2])) > 0.03 {
			t.Fatalf("a step of %v at %d", out[i]-out[i-2], i/2)
		}
	}
	count := 0
	m.Each(func(*Input) bool { count++; return true })
	if count != 2 {
		t.Errorf("%d inputs left", count)
	}
	mustInput(t, m, InputConfig{})
}

func TestNotANumberIsSilence(t *testing.T) {
	m := mustMix(t, Config{})
	x := noise(2000, 3)
	x[100], x[301], x[700] = float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))
	in := mustInput(t, m, InputConfig{Rate: 48000, Source: &clip{data: x, channels: 2}})
	in.SetGain(float32(math.Inf(1)), float32(math.NaN()), 10)
	for i, v := range render(m, 1000) {
		if v != v || math.IsInf(float64(v), 0) {
			t.Fatalf("sample %d is %v", i, v)
		}
	}
	if s := in.Stats(); s.Bad == 0 || s.Bad > 3 {
		t.Errorf("%d bad periods", s.Bad)
	}
}

func TestLimiterHoldsTheSum(t *testing.T) {
	m := mustMix(t, Config{Ceiling: 0.9})
	for range 5 {
		mustInput(t, m, InputConfig{Source: &sine{hz: 300, rate: 44100, channels: 2}})
	}
	for i, v := range render(m, 20000) {
		if v > 0.9 || v < -0.9 {
			t.Fatalf("sample %d is %v", i, v)
		}
	}
	if r := m.Reduction(); r > 0.37 || r < 0.35 {
		t.Errorf("reduced to %v", r)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []Config{{}, {Rate: -1}, {Rate: 1 << 30}, {Rate: 44100, Channels: 9}, {Rate: 44100, Period: 1}, {Rate: 44100, Period: 1 << 20},
		{Rate: 44100, Inputs: 5000}, {Rate: 44100, Ceiling: -1}, {Rate: 44100, Ceiling: math.NaN()}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v accepted", c)
		}
	}
	m := mustMix(t, Config{})
	source := &sine{channels: 2}
	for _, c := range []InputConfig{{}, {Rate: 0, Channels: 2}, {Rate: 10_000_000, Channels: 2}, {Rate: 44100}, {Rate: 44100, Channels: 9},
		{Rate: 44100, Channels: 2, Format: 77}, {Rate: 44100, Channels: 2, Quality: 9, MaxRate: 48000}, {Rate: 44100, Channels: 2, Buffer: -1},
		{Rate: 44100, Channels: 2, Buffer: 1 << 30}, {Rate: 44100, Channels: 2, Buffer: 10}, {Rate: 44100, Channels: 2, Prefill: 1 << 21},
		{Rate: 44100, Channels: 2, Buffer: 1000, Prefill: 2000}, {Rate: 44100, Channels: 2, Timed: true, Source: source},
		{Rate: 44100, Channels: 2, Timed: true, Drift: true}, {Rate: 44100, Channels: 2, Drift: true, Source: source},
		{Rate: 44100, Channels: 2, MaxRate: 1 << 30}} {
		if in, err := m.Open(c); err == nil {
			t.Errorf("%+v accepted: %+v", c, in.Config())
		}
	}
	in := mustInput(t, m, InputConfig{Source: source})
	if in.SetRate(22050) == nil || in.WriteAt(0, nil) == nil || in.Write(make([]byte, 100)) != 0 || in.WriteFloat(make([]float32, 100)) != 0 || in.Free() != 0 {
		t.Error("a source's input let itself be fed")
	}
	m.Render(nil, 1000)
	m.Render(make([]float32, 10), -5)
	if m.Frame() != 0 {
		t.Error("rendering nothing moved the mix")
	}
}

func TestRenderAllocatesNothing(t *testing.T) {
	m := mustMix(t, Config{Ceiling: 0.5})
	var fed []*Input
	for _, c := range []InputConfig{{}, {Rate: 48000, Channels: 1, Format: format.S16}, {Rate: 22050, Drift: true}, {MaxRate: 96000}} {
		fed = append(fed, mustInput(t, m, c))
	}
	timed := mustInput(t, m, InputConfig{Timed: true})
	mustInput(t, m, InputConfig{Rate: 32000, Channels: 5, Source: &sine{hz: 100, rate: 32000, channels: 5}})
	out, raw, x := make([]float32, 512), make([]byte, 4096), make([]float32, 512)
	frame := uint64(0)
	if n := testing.AllocsPerRun(300, func() {
		for _, in := range fed {
			in.Write(raw)
			in.SetGain(0.5, float32(frame%3)-1, 100)
		}
		_ = fed[3].SetRate(30000 + int(frame%20000))
		_ = timed.WriteAt(frame, x)
		frame += 256
		m.Render(out, 256)
		_ = fed[0].Stats()
		_ = fed[0].PositionAt(frame)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkRender(b *testing.B) {
	for _, c := range []struct {
		name   string
		inputs int
		config InputConfig
	}{
		{"1 at 44100", 1, InputConfig{Rate: 44100, Channels: 2}},
		{"16 at 44100", 16, InputConfig{Rate: 44100, Channels: 2}},
		{"16 mono at 22050, normal", 16, InputConfig{Rate: 22050, Channels: 1}},
		{"16 at 48000, normal", 16, InputConfig{Rate: 48000, Channels: 2}},
		{"1 at 48000, high", 1, InputConfig{Rate: 48000, Channels: 2, Quality: resample.High}},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := mustMix(b, Config{Ceiling: 0.95})
			for range c.inputs {
				c.config.Source = &clip{data: noise(c.config.Channels<<13, 1), channels: c.config.Channels}
				mustInput(b, m, c.config)
			}
			out := make([]float32, 512)
			best := time.Hour // of a call: what it costs where nobody else runs
			for b.Loop() {
				m.Each(func(in *Input) bool { in.cfg.Source.(*clip).at = 0; return true })
				begin := time.Now()
				m.Render(out, 256)
				best = min(best, time.Since(begin))
			}
			frame := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / 256
			b.ReportMetric(frame, "ns/frame")
			b.ReportMetric(frame*44100*1e-6, "ms/s")
			b.ReportMetric(float64(best.Nanoseconds())/256*44100*1e-6, "best-ms/s")
		})
	}
}
