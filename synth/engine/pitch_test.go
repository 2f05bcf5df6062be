package engine

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// frequency estimates the frequency of a sine in Hz from the phase it gains
// between two windows.
func frequency(x []float32, about float64) float64 {
	phase := func(at, n int) float64 {
		var re, im float64
		for i := range n {
			w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n))
			a := 2 * math.Pi * about * float64(at+i) / testRate
			re += w * float64(x[at+i]) * math.Cos(a)
			im -= w * float64(x[at+i]) * math.Sin(a)
		}
		return math.Atan2(im, re)
	}
	n := len(x) / 2
	d := phase(n, n) - phase(0, n)
	d -= 2 * math.Pi * math.Round(d/(2*math.Pi))
	return about + d/(2*math.Pi)*testRate/float64(n)
}

func cents(a, b float64) float64 { return 1200 * math.Log2(a/b) }

// settle plays one note with what came before it and returns the left side after
// half a second.
func settle(t *testing.T, e *Engine, key byte, n int) []float32 {
	t.Helper()
	e.must(t, 0, 0x90, key, 127)
	e.renderFrames(testRate / 2)
	l, _ := e.renderFrames(n)
	return l
}

func TestPitch(t *testing.T) {
	// 100 frames a period: 441 Hz at key 69.
	for _, kind := range []Interpolation{Linear, Cubic, Sinc} {
		for _, c := range []struct {
			name   string
			key    byte
			want   float64 // cents above 441 Hz
			change func(*bank.Region)
			events [][3]byte
		}{
			{"unison", 69, 0, nil, nil},
			{"octave up", 81, 1200, nil, nil},
			{"five octaves down", 9, -6000, nil, nil},
			{"four octaves up", 117, 4800, nil, nil},
			{"fine tuning", 69, 13, func(r *bank.Region) { r.Gen[bank.Pitch] = 13 }, nil},
			{"fractional root", 69, 50, func(r *bank.Region) { r.Root = 68.5 }, nil},
			{"quarter tones", 73, 200, func(r *bank.Region) { r.Gen[bank.ScaleTuning] = 50 }, nil},
			{"fixed key", 20, 300, func(r *bank.Region) { r.FixedKey = 72 }, nil},
			{"half the sample rate", 69, -1200, func(r *bank.Region) { r.Sample.Rate = testRate / 2 }, nil},
			{"bend down", 69, -200, nil, [][3]byte{{0xE0, 0, 0}}},
			{"bend of an octave", 69, -1200, nil, [][3]byte{{0xB0, 101, 0}, {0xB0, 100, 0}, {0xB0, 6, 12}, {0xE0, 0, 0}}},
			{"bend range with cents", 69, -150, nil, [][3]byte{{0xB0, 101, 0}, {0xB0, 100, 0}, {0xB0, 6, 1}, {0xB0, 38, 50}, {0xE0, 0, 0}}},
			{"bend range by increment", 69, -300, nil, [][3]byte{{0xB0, 101, 0}, {0xB0, 100, 0}, {0xB0, 96, 0}, {0xE0, 0, 0}}},
			{"null parameter", 69, -200, nil, [][3]byte{{0xB0, 101, 127}, {0xB0, 100, 127}, {0xB0, 6, 12}, {0xE0, 0, 0}}},
			{"NRPN is not RPN", 69, -200, nil, [][3]byte{{0xB0, 99, 0}, {0xB0, 98, 0}, {0xB0, 6, 12}, {0xE0, 0, 0}}},
			{"channel fine tuning", 69, 50, nil, [][3]byte{{0xB0, 101, 0}, {0xB0, 100, 1}, {0xB0, 6, 96}}},
			{"channel coarse tuning", 69, -300, nil, [][3]byte{{0xB0, 101, 0}, {0xB0, 100, 2}, {0xB0, 6, 61}}},
			{"reset all controllers", 69, 0, nil, [][3]byte{{0xE0, 0, 0}, {0xB0, 121, 0}}},
		} {
			r := looped(sineSample(100, 20, 20000))
			r.Modulators = defaults()
			if c.change != nil {
				c.change(r)
			}
			e := testEngine(t, Config{Interpolation: kind}, r)
			for _, ev := range c.events {
				e.must(t, 0, ev[0], ev[1], ev[2])
			}
			want := 441 * math.Exp2(c.want/1200)
			got := frequency(settle(t, e, c.key, testRate), want)
			if d := cents(got, want); math.Abs(d) > 0.02 {
				t.Errorf("interpolation %d, %s: off by %.4f cents", kind, c.name, d)
			}
		}
	}
}

// TestPlayerTuning: whole cents at or below, unless the engine is told not to or
// the region is DLS's.
func TestPlayerTuning(t *testing.T) {
	for _, c := range []struct {
		name        string
		exact, sine bool
		bend        bool
		want        float64
	}{
		{"whole cents", false, false, false, 12},
		{"exact engine", true, false, false, 12.7},
		{"DLS", false, true, false, 12.7},
		{"wheel", false, false, true, -186}, // the whole cent below 12.7 - 200*127/128
		{"exact wheel", true, false, true, 12.7 - 200},
	} {
		r := looped(sineSample(100, 20, 20000))
		r.Modulators = defaults()
		r.PlayerTuning, r.LFOSine = true, c.sine
		r.Gen[bank.Pitch] = 12.7
		e := testEngine(t, Config{ExactTuning: c.exact}, r)
		if c.bend {
			e.must(t, 0, 0xE0, 0, 0)
		}
		want := 441 * math.Exp2(c.want/1200)
		near(t, c.name+", cents", cents(frequency(settle(t, e, 69, testRate), want), want), 0, 0.02)
	}
}

func TestMasterTuning(t *testing.T) {
	e := testEngine(t, Config{}, looped(sineSample(100, 20, 20000)))
	if err := e.SysEx(0, []byte{0xF0, 0x7F, 0x7F, 4, 4, 0, 62, 0xF7}); err != nil {
		t.Fatal(err)
	}
	want := 441 * math.Exp2(-200.0/1200)
	if d := cents(frequency(settle(t, e, 69, testRate), want), want); math.Abs(d) > 0.02 {
		t.Errorf("off by %.4f cents", d)
	}
}

// TestVibrato: the LFO reaches its depth to both sides, at its frequency, after
// its delay.
func TestVibrato(t *testing.T) {
	r := looped(sineSample(100, 20, 20000))
	r.Gen[bank.VibLFOToPitch] = 100
	r.Gen[bank.VibLFOFreq] = -1200 // 4.09 Hz
	r.Gen[bank.VibLFODelay] = 0    // one second
	e := testEngine(t, Config{}, r)
	e.must(t, 0, 0x90, 69, 100)
	l, _ := e.renderFrames(testRate)
	if d := cents(frequency(l[2000:], 441), 441); math.Abs(d) > 0.05 {
		t.Errorf("during its delay the LFO bends by %.3f cents", d)
	}
	l, _ = e.renderFrames(2 * testRate)
	lo, hi, crossings, last := 0.0, 0.0, 0, 1.0
	for at := 0; at+1000 <= len(l); at += 500 {
		d := cents(frequency(l[at:at+1000], 441), 441)
		lo, hi = min(lo, d), max(hi, d)
		if math.Abs(d) > 20 && d*last < 0 {
			crossings++
			last = d
		}
	}
	if hi < 80 || hi > 101 || lo > -80 || lo < -101 {
		t.Errorf("vibrato reaches from %.1f to %.1f cents, want nearly 100 to both sides", lo, hi)
	}
	if crossings < 14 || crossings > 18 {
		t.Errorf("pitch crosses the middle %d times in two seconds, want about 16", crossings)
	}
}

// TestInterpolationQuality compares with the sine that was sampled.
func TestInterpolationQuality(t *testing.T) {
	for kind, most := range map[Interpolation]float64{Linear: -75, Cubic: -96, Sinc: -96} {
		r := looped(sineSample(100, 64, 32000))
		e := testEngine(t, Config{Interpolation: kind}, r)
		l := settle(t, e, 66, testRate)
		f := 441 * math.Exp2(-300.0/1200)
		// The best fitting sine is taken out; what is left is error.
		var cc, cs, ss, xc, xs float64
		for i, x := range l {
			a := 2 * math.Pi * f * float64(i) / testRate
			c, s := math.Cos(a), math.Sin(a)
			cc, cs, ss = cc+c*c, cs+c*s, ss+s*s
			xc, xs = xc+float64(x)*c, xs+float64(x)*s
		}
		det := cc*ss - cs*cs
		re, im := (xc*ss-xs*cs)/det, (xs*cc-xc*cs)/det
		var signal, left float64
		for i, x := range l {
			a := 2 * math.Pi * f * float64(i) / testRate
			s := re*math.Cos(a) + im*math.Sin(a)
			signal += s * s
			left += (float64(x) - s) * (float64(x) - s)
		}
		got := decibels(math.Sqrt(left / signal))
		t.Logf("interpolation %d: error %.1f dB", kind, got)
		if got > most {
			t.Errorf("interpolation %d: error %.1f dB, at most %.1f", kind, got, most)
		}
	}
}

func TestPortamento(t *testing.T) {
	const seconds = 0.384 // 3*128 ms
	for _, c := range []struct {
		name   string
		events [][3]byte
		from   float64 // cents where the note begins
	}{
		{"off", [][3]byte{{0xB0, 5, 3}}, 0},
		{"on", [][3]byte{{0xB0, 5, 3}, {0xB0, 65, 127}}, -1200},
		{"no time", [][3]byte{{0xB0, 65, 127}}, 0},
		{"control", [][3]byte{{0xB0, 5, 3}, {0xB0, 84, 81}}, 1200},
	} {
		e := testEngine(t, Config{}, looped(sineSample(100, 20, 20000)))
		e.must(t, 0, 0x90, 57, 100)
		e.must(t, 1000, 0xB0, 120, 0)
		e.renderFrames(testRate / 10)
		for _, ev := range c.events {
			e.must(t, 0, ev[0], ev[1], ev[2])
		}
		e.must(t, 0, 0x90, 69, 127)
		l, _ := e.renderFrames(testRate)
		at := func(second float64) float64 {
			i := int(second * testRate)
			middle := 441 * math.Exp2(c.from*(1-min((second+1000.0/testRate)/seconds, 1))/1200)
			return cents(frequency(l[i:i+2000], middle), 441)
		}
		want := c.from * (1 - (seconds/2+1000.0/testRate)/seconds)
		near(t, c.name+", half way, cents", at(seconds/2), want, 15)
		near(t, c.name+", at the end, cents", at(0.6), 0, 0.05)
	}
}
