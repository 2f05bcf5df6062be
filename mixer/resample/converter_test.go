package resample

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

func noise(n int) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32()*2 - 1
	}
	return x
}

func mustFilter(t testing.TB, in, out int, q Quality, variable bool) *Filter {
	t.Helper()
	make := NewFilter
	if variable {
		make = NewVariableFilter
	}
	f, err := make(in, out, q)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustConverter(t testing.TB, f *Filter, channels int) *Converter {
	t.Helper()
	c, err := New(f, channels)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// However the stream is cut into calls, the frames are the same, and Need says exactly how much input they take.
func TestPiecesMakeTheSameStream(t *testing.T) {
	for _, variable := range []bool{false, true} {
		for _, pair := range [][2]int{{48000, 44100}, {44100, 48000}, {192000, 8000}, {100, 44100}, {44101, 44100}} {
			f := mustFilter(t, pair[0], pair[1], Fast, variable)
			const frames = 5000
			whole := mustConverter(t, f, 2)
			src := noise(2 * whole.Need(frames))
			want := make([]float32, 2*frames)
			if made, took := whole.Process(want, src); made != frames || took != len(src)/2 {
				t.Fatalf("%v: made %d, took %d of %d", pair, made, took, len(src)/2)
			}
			r := rand.New(rand.NewPCG(3, 4))
			pieces := mustConverter(t, f, 2)
			got := make([]float32, 2*frames)
			for out, in := 0, 0; out < frames; {
				n := min(1+r.IntN(400), frames-out)
				need := pieces.Need(n)
				give := min(need, r.IntN(2*need+2))
				made, took := pieces.Process(got[2*out:2*(out+n)], src[2*in:2*(in+give)])
				if took != give {
					t.Fatalf("%v: needed %d, was given %d, took %d", pair, need, give, took)
				}
				if (made == n) != (give == need) {
					t.Fatalf("%v: made %d of %d from %d of %d", pair, made, n, give, need)
				}
				out, in = out+made, in+took
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("%v: sample %d is %v in pieces, %v at once", pair, i, got[i], want[i])
				}
			}
		}
	}
}

// Output frame k lies at input frame k*in/out, after an hour as in the beginning.
func TestPositionsAreExact(t *testing.T) {
	for _, pair := range [][2]int{{48000, 44100}, {44100, 48000}, {44100, 47999}, {96000, 44100}, {8000, 48000}} {
		f := mustFilter(t, pair[0], pair[1], Fast, false)
		c := mustConverter(t, f, 1)
		dst, src := make([]float32, 4096), make([]float32, 4096*3)
		var out, in int64
		for out < int64(pair[1])*60 {
			made, took := c.Process(dst, src[:c.Need(len(dst))])
			out, in = out+int64(made), in+int64(took)
		}
		// The window of the last frame ends Delay frames after its position.
		want := (out-1)*int64(pair[0])/int64(pair[1]) + int64(f.Delay()) + 1
		if in != want {
			t.Errorf("%v: %d frames took %d, want %d", pair, out, in, want)
		}
	}
}

func TestImpulseComesOutWhereItWentIn(t *testing.T) {
	f := mustFilter(t, 22050, 44100, High, false)
	c := mustConverter(t, f, 1)
	src, dst := make([]float32, 1000), make([]float32, 1600)
	src[300] = 1
	c.Process(dst, src)
	peak := 0
	for i, v := range dst {
		if v > dst[peak] {
			peak = i
		}
	}
	if peak != 600 {
		t.Errorf("an impulse at 300 of 22050 Hz peaks at %d of 44100 Hz", peak)
	}
}

func TestConstantStaysConstant(t *testing.T) {
	for _, variable := range []bool{false, true} {
		f := mustFilter(t, 44100, 48000, Normal, variable)
		c := mustConverter(t, f, 1)
		src := make([]float32, 4000)
		for i := range src {
			src[i] = 0.5
		}
		dst := make([]float32, 4000)
		made, _ := c.Process(dst, src)
		for i, v := range dst[200:made] {
			if math.Abs(float64(v)-0.5) > 3e-7 {
				t.Fatalf("frame %d is %v", i, v)
			}
		}
	}
}

// The float32 result is that of the same filter in float64, to within rounding.
func TestAgainstDoublePrecision(t *testing.T) {
	f := mustFilter(t, 48000, 44100, High, false)
	c := mustConverter(t, f, 1)
	src := noise(3000)
	dst := make([]float32, 2000)
	c.Process(dst, src)
	var worst float64
	for k := 200; k < 2000; k++ {
		at := k * 160 / 147
		var sum float64
		for i, w := range f.bands[0].row(k % 147) {
			sum += float64(w) * float64(src[at-f.Taps()/2+1+i])
		}
		worst = max(worst, math.Abs(sum-float64(dst[k])))
	}
	if worst > 4e-7 {
		t.Errorf("off by %g", worst)
	}
}

func TestTrimChangesTheRateByThatMuch(t *testing.T) {
	f := mustFilter(t, 44100, 44100, Fast, true)
	c := mustConverter(t, f, 1)
	dst, src := make([]float32, 4410), make([]float32, 6000)
	for _, ppm := range []float64{0, 100, -100, 0.5, MaxTrim, -MaxTrim} {
		if err := c.SetTrim(ppm); err != nil {
			t.Fatal(err)
		}
		c.Process(dst, src[:c.Need(len(dst))])
		var in int
		for range 2000 {
			_, took := c.Process(dst, src[:c.Need(len(dst))])
			in += took
		}
		want := 8_820_000 * (1 + ppm*1e-6)
		if math.Abs(float64(in)-want) > 1.5 {
			t.Errorf("trimmed by %v ppm it took %d frames, want %.1f", ppm, in, want)
		}
	}
	for _, bad := range []float64{MaxTrim + 1, -MaxTrim - 1, math.NaN(), math.Inf(1)} {
		if c.SetTrim(bad) == nil {
			t.Errorf("a trim of %v was accepted", bad)
		}
	}
}

// A change of rate or trim in mid-sound leaves no step: a tone's phase is continuous, so no output frame differs from the
// one before by more than the tone's slope.
func TestChangesOnTheWayAreSmooth(t *testing.T) {
	f := mustFilter(t, 96000, 44100, Normal, true)
	c := mustConverter(t, f, 1)
	var in int
	c.SetRate(48000)
	dst, src := make([]float32, 256), make([]float32, 1024)
	last, largest := float32(0), 0.0
	for block := range 400 {
		switch {
		case block%50 == 20:
			if err := c.SetRate(24000 + block*60 - block%3*8000); err != nil {
				t.Fatal(err)
			}
		case block%7 == 0:
			if err := c.SetTrim(float64(block)*20 - 4000); err != nil {
				t.Fatal(err)
			}
		}
		need := c.Need(len(dst))
		for i := range need {
			src[i] = float32(math.Sin(2 * math.Pi * 0.004 * float64(in+i)))
		}
		made, took := c.Process(dst, src[:need])
		in += took
		for _, v := range dst[:made] {
			if block == 0 {
				break // the tone's beginning is a corner
			}
			largest = max(largest, math.Abs(float64(v-last)))
			last = v
		}
		last = dst[made-1]
	}
	if limit := 2 * math.Pi * 0.004 * (48000.0 / 44100) * 1.01; largest > limit {
		t.Errorf("a step of %v, the tone's slope is %v", largest, limit)
	}
}

func TestAheadFollowsTheInput(t *testing.T) {
	c := mustConverter(t, mustFilter(t, 48000, 44100, Normal, true), 2)
	if a := c.Ahead(); a != 0 {
		t.Errorf("a new converter is %v frames ahead", a)
	}
	if a := mustConverter(t, mustFilter(t, 96000, 44100, Normal, true), 2); a.SetRate(30000) != nil || a.Ahead() != 0 {
		t.Errorf("a change of rate moved the position by %v", a.Ahead())
	}
	dst := make([]float32, 512)
	_, took := c.Process(dst, make([]float32, 1200))
	if want := float64(took) - 256*48000.0/44100; math.Abs(c.Ahead()-want) > 1e-6 {
		t.Errorf("ahead by %v, want %v", c.Ahead(), want)
	}
}

func TestChannelsDoNotMix(t *testing.T) {
	f := mustFilter(t, 48000, 44100, Fast, false)
	for channels := 1; channels <= MaxChannels; channels++ {
		all := mustConverter(t, f, channels)
		src := noise(1000 * channels)
		dst := make([]float32, 800*channels)
		all.Process(dst, src)
		for ch := range channels {
			one := mustConverter(t, f, 1)
			x, y := make([]float32, 1000), make([]float32, 800)
			for i := range x {
				x[i] = src[i*channels+ch]
			}
			one.Process(y, x)
			for i := range y {
				if y[i] != dst[i*channels+ch] {
					t.Fatalf("channel %d of %d: frame %d is %v, alone %v", ch, channels, i, dst[i*channels+ch], y[i])
				}
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		in, out int
		q       Quality
	}{{0, 44100, High}, {44100, 0, High}, {-1, 44100, High}, {10_000_000, 44100, High}, {44100, 10_000_000, High},
		{192000, 4000, High}, {44100, 48000, 0}, {44100, 48000, 9}} {
		if _, err := NewFilter(c.in, c.out, c.q); err == nil {
			t.Errorf("%v accepted", c)
		}
		if _, err := NewVariableFilter(c.in, c.out, c.q); err == nil {
			t.Errorf("%v accepted", c)
		}
	}
	f := mustFilter(t, 44100, 48000, Fast, false)
	for _, n := range []int{0, -1, MaxChannels + 1} {
		if _, err := New(f, n); err == nil {
			t.Errorf("%d channels accepted", n)
		}
	}
	if _, err := New(nil, 2); err == nil {
		t.Error("no filter accepted")
	}
	c := mustConverter(t, f, 2)
	if c.SetTrim(1) == nil || c.SetRate(22050) == nil {
		t.Error("a fixed converter let itself be changed")
	}
}

func TestConversionAllocatesNothing(t *testing.T) {
	for _, variable := range []bool{false, true} {
		c := mustConverter(t, mustFilter(t, 48000, 44100, High, variable), 2)
		dst, src := make([]float32, 512), make([]float32, 2000)
		if n := testing.AllocsPerRun(200, func() {
			c.Process(dst, src[:2*c.Need(256)])
			if variable {
				_ = c.SetTrim(3)
				_ = c.SetRate(32000)
			}
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

func TestBothKernelsGiveTheSameBits(t *testing.T) {
	fast := best()
	if fast == &portable {
		t.Skip("this processor has the portable kernel only")
	}
	for _, variable := range []bool{false, true} {
		for _, pair := range [][2]int{{48000, 44100}, {44100, 48000}, {192000, 44100}, {8000, 48000}, {44100, 44099}} {
			for q := Fast; q <= High; q++ {
				for channels := 1; channels <= 3; channels++ {
					f := mustFilter(t, pair[0], pair[1], q, variable)
					a, _ := newWith(f, channels, &portable)
					b, _ := newWith(f, channels, fast)
					src := noise(channels * 9000)
					x, y := make([]float32, 2000*channels), make([]float32, 2000*channels)
					made, took := a.Process(x, src)
					made2, took2 := b.Process(y, src)
					if made != made2 || took != took2 || a.phase != b.phase {
						t.Fatalf("%v %v: %d, %d, %+v and %d, %d, %+v", pair, q, made, took, a.phase, made2, took2, b.phase)
					}
					for i := range x {
						if math.Float32bits(x[i]) != math.Float32bits(y[i]) {
							t.Fatalf("%v %v %d channels: sample %d is %v and %v", pair, q, channels, i, x[i], y[i])
						}
					}
				}
			}
		}
	}
}

func BenchmarkConvert(b *testing.B) {
	for _, k := range []*kernels{best(), &portable} {
		for _, pair := range [][2]int{{48000, 44100}, {22050, 44100}, {44100, 48000}} {
			for q := Fast; q <= High; q++ {
				for _, variable := range []bool{false, true} {
					f := mustFilter(b, pair[0], pair[1], q, variable)
					name := k.name + "/" + strconv.Itoa(pair[0]) + " to " + strconv.Itoa(pair[1]) + "/" + q.String()
					if variable {
						name += " variable"
					}
					b.Run(name, func(b *testing.B) {
						c, err := newWith(f, 2, k)
						if err != nil {
							b.Fatal(err)
						}
						dst, src := make([]float32, 512), noise(4000)
						best := time.Hour // of a call: what it costs where nobody else runs
						for b.Loop() {
							begin := time.Now()
							c.Process(dst, src[:2*c.Need(256)])
							best = min(best, time.Since(begin))
						}
						frame := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / 256
						b.ReportMetric(frame, "ns/frame")
						b.ReportMetric(frame*float64(f.Out())*1e-6, "ms/s")
						b.ReportMetric(float64(best.Nanoseconds())/256*float64(f.Out())*1e-6, "best-ms/s")
					})
				}
			}
		}
		if k == &portable {
			break
		}
	}
}

func BenchmarkDesign(b *testing.B) {
	for b.Loop() {
		if _, err := NewFilter(48000, 44100, High); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzConverter(f *testing.F) {
	f.Add(uint32(48000), uint32(44100), uint8(1), uint8(2), true, []byte{10, 200, 0, 3})
	f.Add(uint32(192000), uint32(8000), uint8(3), uint8(1), false, []byte{255, 255})
	f.Add(uint32(100), uint32(768000), uint8(2), uint8(8), true, []byte{0, 1})
	f.Fuzz(func(t *testing.T, in, out uint32, q, channels uint8, variable bool, calls []byte) {
		make1 := NewFilter
		if variable {
			make1 = NewVariableFilter
		}
		filter, err := make1(int(in), int(out), Quality(q))
		if err != nil {
			return
		}
		c, err := New(filter, int(channels))
		if err != nil {
			return
		}
		dst, src := make([]float32, 256*int(channels)), make([]float32, 4096*int(channels))
		for i, b := range calls[:min(len(calls), 64)] {
			if variable && i%3 == 2 {
				_ = c.SetTrim(float64(b)*400 - 50000)
				_ = c.SetRate(int(in) * int(b) / 255)
			}
			n := int(b) * int(channels)
			need := c.Need(int(b))
			made, took := c.Process(dst[:n], src[:min(need*int(channels), len(src))])
			if need*int(channels) <= len(src) && (made != int(b) || took != need) {
				t.Fatalf("made %d of %d, took %d of %d", made, b, took, need)
			}
		}
	})
}
