package engine

import (
	"fmt"
	"math"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// TestEverySource goes through every input, curve, direction and polarity of a
// modulator and all values, and compares with the arithmetic of SoundFont 2.04:
// section 8.2 for the mapping of the range to 0..1 or -1..1 (128 or 16384 steps,
// so that the middle is exact), section 9.5 for the curves.
func TestEverySource(t *testing.T) {
	e, err := New(Config{SampleRate: testRate})
	if err != nil {
		t.Fatal(err)
	}
	c := &e.channel[0]
	concave := func(x float64) float64 { // of x in 0..127
		if x >= 127 {
			return 1
		}
		return min(-20.0/96*math.Log10((127-x)*(127-x)/(127*127)), 1)
	}
	inputs := []struct {
		name string
		s    bank.Source
		top  int
		set  func(v *voice, x int)
	}{
		{"velocity", bank.Source{Kind: bank.SourceVelocity}, 127, func(v *voice, x int) { v.velocity = uint8(x) }},
		{"key", bank.Source{Kind: bank.SourceKey}, 127, func(v *voice, x int) { v.soundKey = uint8(x) }},
		{"poly pressure", bank.Source{Kind: bank.SourcePolyPressure}, 127, func(v *voice, x int) { c.polyPressure[v.key] = uint8(x) }},
		{"channel pressure", bank.Source{Kind: bank.SourceChannelPressure}, 127, func(v *voice, x int) { c.pressure = uint8(x) }},
		{"wheel", bank.Source{Kind: bank.SourcePitchWheel}, 16383, func(v *voice, x int) { c.bend = uint16(x) }},
		{"bend range", bank.Source{Kind: bank.SourceBendRange}, 127, func(v *voice, x int) { c.bendRange = float32(x) }},
	}
	for cc := range uint8(120) {
		inputs = append(inputs, struct {
			name string
			s    bank.Source
			top  int
			set  func(v *voice, x int)
		}{fmt.Sprintf("controller %d", cc), bank.Source{Kind: bank.SourceCC, CC: cc}, 127, func(v *voice, x int) { c.cc[cc] = uint8(x) }})
	}
	for _, in := range inputs {
		for curve := bank.Linear; curve <= bank.Switch; curve++ {
			for flags := range 4 {
				s := in.s
				s.Curve, s.Negative, s.Bipolar = curve, flags&1 != 0, flags&2 != 0
				curved := curve == bank.Concave || curve == bank.Convex
				span := float64(in.top + 1)
				if curved && in.top == 127 {
					span = 127
				}
				for x := 0; x <= in.top; x += 1 + in.top/4000 {
					v := &voice{channel: c, key: 60, region: bank.NewRegion()}
					in.set(v, x)
					u := float64(x) / span
					if s.Negative {
						u = 1 - u
					}
					sign := 1.0
					if s.Bipolar {
						if u = 2*u - 1; u < 0 {
							u, sign = -u, -1
						}
					}
					want := u
					switch curve {
					case bank.Concave:
						want = concave(u * 127)
					case bank.Convex:
						want = 1 - concave(127-u*127)
					case bank.Switch:
						want = 0
						if u >= 0.5 || s.Bipolar {
							want = 1
						}
					}
					want *= sign
					// Curves come from a table of the 128 values; between
					// two, where a bipolar one may fall, it interpolates.
					within := 2e-6
					if curved && (s.Bipolar || in.top != 127) {
						within = 0.07
					}
					if got := float64(e.source(&s, v)); math.Abs(got-want) > within {
						t.Fatalf("%s, curve %d, negative %v, bipolar %v: %d is %.5f, want %.5f", in.name, curve, s.Negative, s.Bipolar, x, got, want)
					}
				}
			}
		}
	}
	if got := e.source(&bank.Source{}, &voice{channel: c}); got != 1 {
		t.Errorf("no source is %g, want 1", got)
	}
}

// TestEveryDestination: whatever a generator is, a modulator adds to it, and what
// the engine makes of the sum is what the specification says (sections 8.1.2 and
// 8.1.3). The table has every destination, so that none is forgotten.
func TestEveryDestination(t *testing.T) {
	const amount = 300
	seconds := func(tc float64) float64 { return math.Exp2(tc / 1200) }
	blocks := func(n int) float64 { return float64(n) * blockFrames / testRate }
	octave := func(cents float64) float64 { return math.Exp2(cents / 1200) }
	hertz := func(rate float64) float64 { return rate * testRate / blockFrames }
	block := float64(blockFrames) / testRate * 1.01
	tests := [bank.NumDest]struct {
		base   float32
		got    func(v *voice) float64
		want   float64
		within float64
	}{
		bank.Attenuation:      {100, func(v *voice) float64 { return float64(v.attenuation) }, 400, 1e-3},
		bank.Pitch:            {-50, func(v *voice) float64 { return v.pitch }, 250, 1e-3},
		bank.ScaleTuning:      {100, func(v *voice) float64 { return v.pitch }, 400 * 9, 1e-3},
		bank.FilterCutoff:     {6000, func(v *voice) float64 { return float64(v.cutoff) }, 6300, 1e-3},
		bank.FilterQ:          {20, func(v *voice) float64 { return -20 * math.Log10(v.resonance.gain) }, 16, 0.01},
		bank.Pan:              {-200, func(v *voice) float64 { return math.Atan2(float64(v.right), float64(v.left)) / (math.Pi / 2) }, 0.6, 1e-4},
		bank.ReverbSend:       {100, func(v *voice) float64 { return float64(v.reverb) / (DefaultGain * fullScale) }, 0.4, 1e-4},
		bank.ChorusSend:       {100, func(v *voice) float64 { return float64(v.chorus) / (DefaultGain * fullScale) }, 0.4, 1e-4},
		bank.ModLFODelay:      {-1200, func(v *voice) float64 { return float64(v.modLFO.wait+blockFrames) / testRate }, seconds(-900), 1e-4},
		bank.ModLFOFreq:       {-600, func(v *voice) float64 { return hertz(v.modLFO.rate) }, 8.1758 * octave(-300), 1e-3},
		bank.ModLFOToPitch:    {50, func(v *voice) float64 { return float64(v.modPitch) }, 350, 1e-3},
		bank.ModLFOToCutoff:   {50, func(v *voice) float64 { return float64(v.modCutoff) }, 350, 1e-3},
		bank.ModLFOToVolume:   {50, func(v *voice) float64 { return float64(v.modVolume) }, 350, 1e-3},
		bank.VibLFODelay:      {-1200, func(v *voice) float64 { return float64(v.vibrato.wait+blockFrames) / testRate }, seconds(-900), 1e-4},
		bank.VibLFOFreq:       {-600, func(v *voice) float64 { return hertz(v.vibrato.rate) }, 8.1758 * octave(-300), 1e-3},
		bank.VibLFOToPitch:    {50, func(v *voice) float64 { return float64(v.vibPitch) }, 350, 1e-3},
		bank.ModEnvDelay:      {-1200, func(v *voice) float64 { return blocks(v.modulation.delay) }, seconds(-900), block},
		bank.ModEnvAttack:     {-1200, func(v *voice) float64 { return blocks(v.modulation.attack) }, seconds(-900), block},
		bank.ModEnvHold:       {-1200, func(v *voice) float64 { return blocks(v.modulation.hold) }, seconds(-900), block},
		bank.ModEnvDecay:      {-1200, func(v *voice) float64 { return blocks(v.modulation.decay) }, seconds(-900), block},
		bank.ModEnvSustain:    {250, func(v *voice) float64 { return v.modulation.sustain }, 0.45, 1e-5},
		bank.ModEnvRelease:    {-1200, func(v *voice) float64 { return blocks(v.modulation.release) }, seconds(-900), block},
		bank.ModEnvKeyToHold:  {0, func(v *voice) float64 { return blocks(v.modulation.hold) }, seconds(-1200 - 9*amount), block},
		bank.ModEnvKeyToDecay: {0, func(v *voice) float64 { return blocks(v.modulation.decay) }, seconds(-1200 - 9*amount), block},
		bank.ModEnvToPitch:    {50, func(v *voice) float64 { return float64(v.envPitch) }, 350, 1e-3},
		bank.ModEnvToCutoff:   {50, func(v *voice) float64 { return float64(v.envCutoff) }, 350, 1e-3},
		bank.VolEnvDelay:      {-1200, func(v *voice) float64 { return blocks(v.volume.delay) }, seconds(-900), block},
		bank.VolEnvAttack:     {-1200, func(v *voice) float64 { return blocks(v.volume.attack) }, seconds(-900), block},
		bank.VolEnvHold:       {-1200, func(v *voice) float64 { return blocks(v.volume.hold) }, seconds(-900), block},
		bank.VolEnvDecay:      {-1200, func(v *voice) float64 { return blocks(v.volume.decay) }, seconds(-900), block},
		bank.VolEnvSustain:    {250, func(v *voice) float64 { return v.volume.sustain }, 0.45, 1e-5},
		bank.VolEnvRelease:    {-1200, func(v *voice) float64 { return blocks(v.volume.release) }, seconds(-900), block},
		bank.VolEnvKeyToHold:  {0, func(v *voice) float64 { return blocks(v.volume.hold) }, seconds(-1200 - 9*amount), block},
		bank.VolEnvKeyToDecay: {0, func(v *voice) float64 { return blocks(v.volume.decay) }, seconds(-1200 - 9*amount), block},
		bank.StartOffset:      {0, func(v *voice) float64 { return float64(v.start) }, amount, 0},
		bank.EndOffset:        {-500, func(v *voice) float64 { return float64(v.end) }, 2000 - 200, 0},
		bank.LoopStartOffset:  {0, func(v *voice) float64 { return float64(v.loopStart) }, amount, 0},
		bank.LoopEndOffset:    {-500, func(v *voice) float64 { return float64(v.loopEnd) }, 2000 - 200, 0},
	}
	for d, c := range tests {
		dest := bank.Dest(d)
		if c.got == nil {
			t.Errorf("%v is not in the table", dest)
			continue
		}
		r := looped(sineSample(100, 20, 20000))
		r.Root = 60
		if dest != bank.ScaleTuning {
			r.Root = 69
		}
		switch dest {
		case bank.ModEnvKeyToHold, bank.ModEnvKeyToDecay:
			r.Gen[dest-1-(bank.ModEnvKeyToHold-bank.ModEnvRelease)] = 0
			r.Gen[bank.ModEnvHold], r.Gen[bank.ModEnvDecay] = -1200, -1200
		case bank.VolEnvKeyToHold, bank.VolEnvKeyToDecay:
			r.Gen[bank.VolEnvHold], r.Gen[bank.VolEnvDecay] = -1200, -1200
		}
		r.Gen[dest] = c.base
		// Half by a plain modulator, half by one whose amount another source
		// scales; both inputs are at their middle or their top.
		r.Modulators = []bank.Modulator{
			{Source: bank.Source{Kind: bank.SourceCC, CC: 2}, Amount: amount, Dest: dest},
			{Source: bank.Source{Kind: bank.SourceCC, CC: 3}, Control: bank.Source{Kind: bank.SourceCC, CC: 4}, Amount: amount * 2, Dest: dest},
		}
		e := testEngine(t, Config{Effects: true}, r)
		for _, set := range [][2]byte{{2, 64}, {3, 64}, {4, 64}} {
			e.must(t, 0, 0xB0, set[0], set[1])
		}
		e.must(t, 0, 0x90, 69, 127)
		e.renderFrames(1)
		v := e.active[0]
		near(t, dest.String(), c.got(v), c.want, c.within)
		if v.region.Gen[dest] != c.base {
			t.Errorf("%v: the region was changed", dest)
		}
	}
}
