package format

import (
	"math"
	"testing"
)

func TestIntegersSurviveTheRoundTrip(t *testing.T) {
	for _, f := range []Format{U8, S16, S24} {
		size := f.Bytes()
		count := 1 << (8 * min(size, 2))
		src := make([]byte, 0, count*size)
		for v := range count {
			switch f {
			case U8:
				src = append(src, byte(v))
			case S16:
				src = append(src, byte(v), byte(v>>8))
			case S24:
				src = append(src, byte(v*7), byte(v), byte(v>>8))
			}
		}
		mid := make([]float32, count)
		if n := Decode(mid, src, f); n != count {
			t.Fatalf("%v: decoded %d of %d", f, n, count)
		}
		e, err := NewEncoder(f, false, 1)
		if err != nil {
			t.Fatal(err)
		}
		back := make([]byte, len(src))
		e.Encode(back, mid)
		for i := range src {
			if src[i] != back[i] {
				t.Fatalf("%v: byte %d was %d, came back %d", f, i, src[i], back[i])
			}
		}
	}
}

func TestScaleAndClipping(t *testing.T) {
	inf := float32(math.Inf(1))
	nan := float32(math.NaN())
	cases := []struct {
		f    Format
		x    float32
		want int32
	}{
		{U8, 0, 128}, {U8, 1, 255}, {U8, -1, 0}, {U8, -3, 0}, {U8, nan, 128},
		{S16, 0.5, 16384}, {S16, 1, 32767}, {S16, 0.99999, 32767}, {S16, -1, -32768}, {S16, -inf, -32768}, {S16, nan, 0},
		{S16, 0.5 / 32768, 0}, {S16, 1.5 / 32768, 2}, {S16, -1.5 / 32768, -2}, // ties to even
		{S24, 1, 1<<23 - 1}, {S24, -1, -1 << 23}, {S24, inf, 1<<23 - 1},
		{S32, 1, math.MaxInt32}, {S32, -1, math.MinInt32}, {S32, 0.25, 1 << 29}, {S32, nan, 0},
	}
	for _, c := range cases {
		e, err := NewEncoder(c.f, false, 0)
		if err != nil {
			t.Fatal(err)
		}
		var b [4]byte
		e.Encode(b[:c.f.Bytes()], []float32{c.x})
		var got int32
		switch c.f {
		case U8:
			got = int32(b[0])
		case S16:
			got = int32(int16(uint16(b[0]) | uint16(b[1])<<8))
		case S24:
			got = int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24) >> 8
		case S32:
			got = int32(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24)
		}
		if got != c.want {
			t.Errorf("%v of %v: got %d, want %d", c.f, c.x, got, c.want)
		}
	}
}

func TestFloatsPassUnclipped(t *testing.T) {
	e, _ := NewEncoder(F32, true, 0)
	var b [12]byte
	e.Encode(b[:], []float32{3.25, float32(math.NaN()), -7})
	var back [3]float32
	Decode(back[:], b[:], F32)
	if back != [3]float32{3.25, 0, -7} {
		t.Errorf("got %v", back)
	}
}

// The total error of a TPDF-dithered quantizer has mean 0 and variance 1/4 LSB squared (1/12 of rounding, 1/6 of noise),
// whatever the sound; without dither a level of a third of a step is lost entirely.
func TestDitherMakesTheErrorIndependentOfTheSound(t *testing.T) {
	const n = 200_000
	e, _ := NewEncoder(S16, true, 42)
	src := make([]float32, n)
	dst := make([]byte, 2*n)
	back := make([]float32, n)
	for _, level := range []float32{0, 1.0 / 3, 0.5, 0.9} {
		for i := range src {
			src[i] = level / 32768
		}
		e.Encode(dst, src)
		Decode(back, dst, S16)
		var sum, square float64
		for _, x := range back {
			err := float64(x)*32768 - float64(level)
			sum += err
			square += err * err
		}
		mean, variance := sum/n, square/n
		if math.Abs(mean) > 0.005 || math.Abs(variance-0.25) > 0.005 {
			t.Errorf("level %v: mean %v, variance %v, want 0 and 0.25", level, mean, variance)
		}
	}
	e.Reset()
	again := make([]byte, 2*n)
	e.Encode(again, src)
	e.Reset()
	e.Encode(dst, src)
	if string(dst) != string(again) {
		t.Error("the same seed gave other bytes")
	}
}

func TestDamagedSizesConvertWhatIsWhole(t *testing.T) {
	dst := make([]float32, 2)
	if n := Decode(dst, []byte{1, 2, 3, 4, 5}, S24); n != 1 {
		t.Errorf("five bytes of s24 gave %d samples", n)
	}
	if n := Decode(dst, make([]byte, 100), S16); n != 2 {
		t.Errorf("decoded %d into room for two", n)
	}
	if n := Decode(dst, make([]byte, 100), Format(9)); n != 0 {
		t.Errorf("an unknown format decoded %d", n)
	}
	if _, err := NewEncoder(Format(0), false, 0); err == nil {
		t.Error("an unknown format was accepted")
	}
}

func TestParse(t *testing.T) {
	for f := U8; f <= F32; f++ {
		if g, err := Parse(f.String()); err != nil || g != f {
			t.Errorf("%v parsed as %v, %v", f, g, err)
		}
	}
	if _, err := Parse("s17"); err == nil {
		t.Error("s17 parsed")
	}
}

func TestChannelMatrix(t *testing.T) {
	apply := func(from, to int, in ...float32) []float32 {
		t.Helper()
		m, err := NewMatrix(from, to)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]float32, to)
		if m.Apply(out, in) != 1 {
			t.Fatal("no frame converted")
		}
		return out
	}
	const h = float32(0.70710678118654752440)
	check := func(got []float32, want ...float32) {
		t.Helper()
		for i := range want {
			if math.Abs(float64(got[i]-want[i])) > 1e-6 {
				t.Errorf("got %v, want %v", got, want)
				return
			}
		}
	}
	check(apply(1, 2, 0.5), 0.5, 0.5)
	check(apply(2, 1, 0.5, 0.25), 0.375)
	check(apply(2, 2, 0.5, 0.25), 0.5, 0.25)
	check(apply(6, 2, 0.1, 0.2, 0.4, 9, 0.8, 0.6), 0.1+h*(0.4+0.8), 0.2+h*(0.4+0.6))
	check(apply(4, 1, 1, 0, 0, 0), 0.5)
	check(apply(2, 6, 0.5, 0.25), 0.5, 0.25, 0, 0, 0, 0)
	check(apply(1, 6, 0.5), 0.5, 0.5, 0, 0, 0, 0)
	check(apply(8, 6, 0, 0, 0, 1, 0, 0, 1, 0), h, 0, 0, 1, 0, 0)
	for _, bad := range [][2]int{{0, 2}, {2, 0}, {9, 2}, {2, 9}, {-1, 1}} {
		if _, err := NewMatrix(bad[0], bad[1]); err == nil {
			t.Errorf("%v accepted", bad)
		}
	}
}

func TestConversionAllocatesNothing(t *testing.T) {
	src := make([]float32, 512)
	dst := make([]byte, 2048)
	back := make([]float32, 512)
	mono := make([]float32, 256)
	m, _ := NewMatrix(2, 1)
	for f := U8; f <= F32; f++ {
		e, _ := NewEncoder(f, true, 1)
		if n := testing.AllocsPerRun(100, func() {
			e.Encode(dst, src)
			Decode(back, dst, f)
			m.Apply(mono, back)
		}); n != 0 {
			t.Errorf("%v: %v allocations", f, n)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	src := make([]float32, 512)
	for i := range src {
		src[i] = float32(math.Sin(float64(i) * 0.1))
	}
	dst := make([]byte, 2048)
	for _, c := range []struct {
		name   string
		f      Format
		dither bool
	}{{"s16", S16, false}, {"s16 dithered", S16, true}, {"s24", S24, false}, {"f32", F32, false}} {
		e, _ := NewEncoder(c.f, c.dither, 1)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				e.Encode(dst, src)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/256, "ns/frame")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	dst := make([]float32, 512)
	src := make([]byte, 2048)
	for f := U8; f <= F32; f++ {
		b.Run(f.String(), func(b *testing.B) {
			for b.Loop() {
				Decode(dst, src[:512*f.Bytes()], f)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/256, "ns/frame")
		})
	}
}

func FuzzDecodeEncode(f *testing.F) {
	f.Add([]byte{0, 0, 0x80, 0x7f, 0xff, 0xff, 0xff, 0xff}, uint8(5), true)
	f.Add([]byte{1, 2, 3}, uint8(2), false)
	f.Fuzz(func(t *testing.T, raw []byte, kind uint8, dither bool) {
		kindOf := Format(kind)
		mid := make([]float32, len(raw)+1)
		n := Decode(mid, raw, kindOf)
		e, err := NewEncoder(kindOf, dither, 7)
		if err != nil {
			if kindOf.Valid() || n != 0 {
				t.Fatalf("%v: %d samples, %v", kindOf, n, err)
			}
			return
		}
		out := make([]byte, len(raw))
		if m := e.Encode(out, mid[:n]); m != n {
			t.Fatalf("decoded %d, encoded %d", n, m)
		}
		if dither || kindOf == S32 || kindOf == F32 {
			return
		}
		if string(out[:n*kindOf.Bytes()]) != string(raw[:n*kindOf.Bytes()]) {
			t.Fatalf("%v does not survive: %x became %x", kindOf, raw, out)
		}
	})
}
