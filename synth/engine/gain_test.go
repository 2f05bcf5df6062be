package engine

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// level is the amplitude of a constant, at full scale in the sample, on both
// sides; it is free of the waveform, so envelopes can be read off it.
func levelRegion() *bank.Region {
	s := &bank.Sample{Name: "constant", Rate: testRate, Data: make([]int16, 64)}
	for i := range s.Data {
		s.Data[i] = 16384
	}
	r := looped(s)
	r.Modulators = defaults()
	return r
}

// unit is what levelRegion comes to in the middle with no attenuation.
const unit = 0.5 * DefaultGain * fullScale * 32768

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: %.4f, want %.4f within %g", what, got, want, within)
	}
}

func TestControllersOnLevel(t *testing.T) {
	middle := math.Sqrt(0.5)
	for _, c := range []struct {
		name     string
		velocity byte
		events   [][3]byte
		db       float64
	}{
		{"full", 127, [][3]byte{{0xB0, 7, 127}}, 0},
		{"volume of power-on", 127, nil, 40 * math.Log10(100.0/127)},
		{"velocity", 64, [][3]byte{{0xB0, 7, 127}}, 40 * math.Log10(64.0/127)},
		{"volume", 127, [][3]byte{{0xB0, 7, 30}}, 40 * math.Log10(30.0/127)},
		{"expression", 127, [][3]byte{{0xB0, 7, 127}, {0xB0, 11, 80}}, 40 * math.Log10(80.0/127)},
		{"all three", 100, [][3]byte{{0xB0, 7, 100}, {0xB0, 11, 100}}, 120 * math.Log10(100.0/127)},
		{"reset keeps volume", 127, [][3]byte{{0xB0, 7, 50}, {0xB0, 11, 20}, {0xB0, 121, 0}}, 40 * math.Log10(50.0/127)},
		{"soft pedal", 127, [][3]byte{{0xB0, 7, 127}, {0xB0, 67, 127}}, -3},
	} {
		e := testEngine(t, Config{}, levelRegion())
		for _, ev := range c.events {
			e.must(t, 0, ev[0], ev[1], ev[2])
		}
		e.must(t, 0, 0x90, 69, c.velocity)
		e.renderFrames(1000)
		l, r := e.renderFrames(100)
		near(t, c.name+", left dB", decibels(float64(l[50])/unit/middle), c.db, 0.02)
		near(t, c.name+", right dB", decibels(float64(r[50])/unit/middle), c.db, 0.02)
	}
}

func TestPanLaws(t *testing.T) {
	for _, law := range []bank.PanLaw{bank.PanSine, bank.PanRoot} {
		for _, pan := range []byte{0, 16, 32, 64, 96, 127} {
			reg := levelRegion()
			reg.PanLaw = law
			e := testEngine(t, Config{}, reg)
			e.must(t, 0, 0xB0, 7, 127)
			e.must(t, 0, 0xB0, 10, pan)
			e.must(t, 0, 0x90, 69, 127)
			e.renderFrames(1000)
			l, r := e.renderFrames(1)
			x := float64(pan) / 128
			wantL, wantR := math.Cos(x*math.Pi/2), math.Sin(x*math.Pi/2)
			if law == bank.PanRoot {
				wantL, wantR = math.Sqrt(1-x), math.Sqrt(x)
			}
			near(t, "left", float64(l[0])/unit, wantL, 0.001)
			near(t, "right", float64(r[0])/unit, wantR, 0.001)
			near(t, "power", float64(l[0]*l[0]+r[0]*r[0])/unit/unit, 1, 0.002)
		}
	}
}

// TestVolumeEnvelope reads each stage off a constant.
func TestVolumeEnvelope(t *testing.T) {
	r := levelRegion()
	r.Modulators = nil
	r.Gen[bank.VolEnvDelay] = -3986   // 100 ms
	r.Gen[bank.VolEnvAttack] = -2786  // 200 ms
	r.Gen[bank.VolEnvHold] = -3986    // 100 ms
	r.Gen[bank.VolEnvDecay] = 0       // 1 s for 96 dB
	r.Gen[bank.VolEnvSustain] = 250   // 24 dB down
	r.Gen[bank.VolEnvRelease] = -1200 // 0.5 s for 96 dB
	e := testEngine(t, Config{}, r)
	e.must(t, 0, 0x90, 69, 127)
	full := unit * math.Sqrt(0.5)
	l, _ := e.renderFrames(testRate * 2)
	at := func(ms float64) float64 { return float64(l[int(ms*testRate/1000)]) / full }
	if at(50) != 0 || at(95) != 0 {
		t.Error("sound during the delay")
	}
	near(t, "half way through the attack", at(200), 0.5, 0.01)
	near(t, "end of attack", at(305), 1, 0.001)
	near(t, "end of hold", at(395), 1, 0.001)
	near(t, "decay after 125 ms, dB", decibels(at(525)), -12, 0.3)
	near(t, "sustain, dB", decibels(at(800)), -24, 0.01)
	near(t, "sustain later, dB", decibels(at(1900)), -24, 0.01)
	e.must(t, 0, 0x80, 69, 0)
	l, _ = e.renderFrames(testRate)
	near(t, "release after 125 ms, dB", decibels(at(125)), -48, 0.4)
	if !e.Silent() {
		t.Error("the voice outlives its release")
	}
	if at(500) != 0 {
		t.Error("sound after the release")
	}
}

// TestReleaseFromAttack: a key that goes up during the attack must not jump.
func TestReleaseFromAttack(t *testing.T) {
	r := levelRegion()
	r.Gen[bank.VolEnvAttack], r.Gen[bank.VolEnvRelease] = 0, 0
	e := testEngine(t, Config{}, r)
	e.must(t, 0, 0x90, 69, 127)
	e.must(t, testRate/2, 0x80, 69, 0)
	l, _ := e.renderFrames(testRate)
	for i := 1; i < len(l); i++ {
		if d := math.Abs(float64(l[i] - l[i-1])); d > 0.0005 {
			t.Fatalf("a step of %g at frame %d", d, i)
		}
	}
	if peak(l) < 0.4*unit*math.Sqrt(0.5)*0.5 {
		t.Errorf("the attack reaches %g only", peak(l))
	}
}

// TestEnvelopeKeyScaling: one octave down doubles a decay of -100 tc a key.
func TestEnvelopeKeyScaling(t *testing.T) {
	fallen := func(key byte) float64 {
		r := levelRegion()
		r.Gen[bank.VolEnvDecay], r.Gen[bank.VolEnvSustain], r.Gen[bank.VolEnvKeyToDecay] = 0, 1000, 100
		e := testEngine(t, Config{}, r)
		e.must(t, 0, 0x90, key, 127)
		l, _ := e.renderFrames(testRate / 4)
		return decibels(float64(l[len(l)-1]) / float64(l[500]))
	}
	a, b := fallen(60), fallen(48)
	near(t, "ratio of decay rates", a/b, 2, 0.03)
}

func TestTremolo(t *testing.T) {
	for _, down := range []bool{false, true} {
		r := levelRegion()
		r.Gen[bank.Attenuation] = 200
		r.Gen[bank.ModLFOToVolume] = 60
		r.LFOSine, r.LFOVolumeDown = true, down
		e := testEngine(t, Config{}, r)
		e.must(t, 0, 0xB0, 7, 127)
		e.must(t, 0, 0x90, 69, 127)
		l, _ := e.renderFrames(testRate)
		lo, hi := math.Inf(1), 0.0
		for _, x := range l[2000:] {
			lo, hi = min(lo, float64(x)), max(hi, float64(x))
		}
		middle := unit * math.Sqrt(0.5) * math.Pow(10, -1)
		wantLo, wantHi := -6.0, 6.0
		if down {
			wantHi = 0
		}
		near(t, "lowest, dB", decibels(lo/middle), wantLo, 0.1)
		near(t, "highest, dB", decibels(hi/middle), wantHi, 0.1)
	}
}

// TestFilter measures the low-pass at its cutoff and an octave above.
func TestFilter(t *testing.T) {
	gain := func(cutoff, q float32, key byte) float64 {
		amplitude := func(fc float32) float64 {
			r := looped(sineSample(100, 20, 20000))
			r.Gen[bank.FilterCutoff], r.Gen[bank.FilterQ] = fc, q
			if fc >= 13500 {
				r.Gen[bank.FilterQ] = 0
			}
			return peak(settle(t, testEngine(t, Config{}, r), key, 8000))
		}
		return decibels(amplitude(cutoff) / amplitude(13500))
	}
	at441 := float32(1200 * math.Log2(441/8.175798915643707))
	near(t, "at the cutoff, dB", gain(at441, 0, 69), -3.01, 0.1)
	near(t, "an octave above, dB", gain(at441, 0, 81), -12.3, 0.2)
	near(t, "three octaves below, dB", gain(at441, 0, 33), 0, 0.1)
	// A resonance of 12 dB: half of it is taken back.
	near(t, "resonance at the cutoff, dB", gain(at441, 120, 69), -3.01+12-6, 0.2)
	near(t, "resonance far below, dB", gain(at441, 120, 33), -6, 0.2)
}

func TestModulatorCurves(t *testing.T) {
	e, err := New(Config{SampleRate: testRate})
	if err != nil {
		t.Fatal(err)
	}
	e.channel[0].cc[1] = 32
	v := &voice{channel: &e.channel[0], velocity: 127}
	cc := bank.Source{Kind: bank.SourceCC, CC: 1}
	with := func(change func(*bank.Source)) bank.Source {
		s := cc
		change(&s)
		return s
	}
	concave := 400.0 / 960 * math.Log10(127.0/(127-32))
	for _, c := range []struct {
		name string
		s    bank.Source
		want float64
	}{
		{"none", bank.Source{}, 1},
		{"linear", cc, 0.25},
		{"negative", with(func(s *bank.Source) { s.Negative = true }), 0.75},
		{"bipolar", with(func(s *bank.Source) { s.Bipolar = true }), -0.5},
		{"bipolar negative", with(func(s *bank.Source) { s.Bipolar, s.Negative = true, true }), 0.5},
		{"concave", with(func(s *bank.Source) { s.Curve = bank.Concave }), concave},
		{"convex negative", with(func(s *bank.Source) { s.Curve, s.Negative = bank.Convex, true }), 1 - concave},
		{"switch", with(func(s *bank.Source) { s.Curve = bank.Switch }), 0},
		{"switch negative", with(func(s *bank.Source) { s.Curve, s.Negative = bank.Switch, true }), 1},
		{"switch bipolar", with(func(s *bank.Source) { s.Curve, s.Bipolar = bank.Switch, true }), -1},
		{"full velocity, concave negative", bank.Source{Kind: bank.SourceVelocity, Curve: bank.Concave, Negative: true}, 0},
	} {
		near(t, c.name, float64(e.source(&c.s, v)), c.want, 0.003)
	}
}

// TestLinkedModulators: one modulator scales what another adds; a cycle of two
// ends.
func TestLinkedModulators(t *testing.T) {
	r := looped(sineSample(100, 20, 20000))
	r.Modulators = []bank.Modulator{
		{Source: bank.Source{Kind: bank.SourceCC, CC: 1}, Amount: 1, Dest: bank.ToModulator + 1},
		{Source: bank.Source{Kind: bank.SourceLink}, Control: bank.Source{Kind: bank.SourceCC, CC: 2}, Amount: 1200, Dest: bank.Pitch},
		{Source: bank.Source{Kind: bank.SourceLink}, Amount: 1, Dest: bank.ToModulator + 3},
		{Source: bank.Source{Kind: bank.SourceLink}, Amount: 1, Dest: bank.ToModulator + 2},
	}
	e := testEngine(t, Config{}, r)
	e.must(t, 0, 0xB0, 1, 64)
	e.must(t, 0, 0xB0, 2, 64)
	want := 441 * math.Exp2(0.25)
	near(t, "cents", cents(frequency(settle(t, e, 69, testRate), want), want), 0, 0.02)
}
