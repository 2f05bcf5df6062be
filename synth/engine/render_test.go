package engine

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// TestStems: the channels' own renders add up to the whole, and each holds its
// channel alone.
func TestStems(t *testing.T) {
	start := func() *Engine {
		e := testEngine(t, Config{}, richRegion())
		for ch := range byte(3) {
			e.must(t, 100*int(ch), 0x90|ch, 50+7*ch, 100)
		}
		return e
	}
	l, r := start().renderFrames(5000)
	e := start()
	var stems [16]Stem
	for i := range stems {
		stems[i] = Stem{make([]float32, 5000), make([]float32, 5000)}
	}
	e.RenderStems(&stems)
	for i := range l {
		sum := stems[0].Left[i] + stems[1].Left[i] + stems[2].Left[i]
		if math.Abs(float64(sum-l[i])) > 1e-6 {
			t.Fatalf("frame %d: stems add up to %g, the whole is %g", i, sum, l[i])
		}
	}
	if peak(stems[1].Left[:100]) != 0 || peak(stems[1].Left) == 0 || peak(stems[3].Right) != 0 || peak(r) == 0 {
		t.Error("a stem holds another channel's sound")
	}
	allocs := testing.AllocsPerRun(10, func() { e.RenderStems(&stems) })
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// clicks counts frames at which the second difference is above limit: for slow
// sines and ramps of milliseconds it is tiny, a step makes it large.
func clicks(x []float32, limit float64) (n int, worst float64) {
	for i := 2; i < len(x); i++ {
		d := math.Abs(float64(x[i]) - 2*float64(x[i-1]) + float64(x[i-2]))
		if d > limit {
			n++
		}
		worst = max(worst, d)
	}
	return n, worst
}

// TestNoClicks plays ten minutes of low tones, so that any step stands out, with
// effects, while programs, banks, controllers, parameters, quota and pedals change
// at random, voices are stolen, channels silenced and the synthesizer reset.
func TestNoClicks(t *testing.T) {
	tone := func() *bank.Region {
		r := looped(sineSample(441, 10, 20000))
		r.Root = 60
		r.Modulators = defaults()
		r.Gen[bank.VolEnvAttack] = -5000 // 56 ms
		r.Gen[bank.VolEnvRelease] = -1000
		r.Gen[bank.Attenuation] = 100
		return r
	}
	filtered := tone()
	filtered.Gen[bank.FilterCutoff], filtered.Gen[bank.FilterQ] = 8000, 20
	filtered.Gen[bank.ModLFOToCutoff] = 1200
	swept := tone()
	swept.Modulators = append(swept.Modulators, bank.Modulator{Source: bank.Source{Kind: bank.SourceCC, CC: 74}, Amount: -4000, Dest: bank.FilterCutoff})
	named := func(program uint8, r *bank.Region) *bank.Preset {
		return &bank.Preset{Program: program, Regions: []*bank.Region{r}}
	}
	first := testBank(t, named(0, tone()), named(1, filtered), named(2, swept))
	second := testBank(t, named(0, filtered), named(2, tone()))
	for _, b := range []*bank.Bank{first, second} {
		for _, p := range b.Presets() {
			p.Regions[0].Gen[bank.ReverbSend], p.Regions[0].Gen[bank.ChorusSend] = 200, 100
		}
	}
	e := testEngine(t, Config{Voices: 24, Effects: true})
	rng := rand.New(rand.NewPCG(11, 12))
	l, r := make([]float32, 441), make([]float32, 441)
	var tail []float32
	sounded, worst, count := 0.0, 0.0, 0
	minutes := 10
	if testing.Short() {
		minutes = 1
	}
	for i := range minutes * 6000 {
		if i%200 == 0 {
			banks := []*bank.Bank{first, second}[:1+rng.IntN(2)]
			if err := e.SetBank(banks...); err != nil {
				t.Fatal(err)
			}
		}
		ch := byte(rng.IntN(9))
		e.must(t, rng.IntN(400), 0x90|ch, byte(36+rng.IntN(24)), byte(1+rng.IntN(127)))
		switch rng.IntN(12) {
		case 0:
			e.must(t, rng.IntN(400), 0xC0|ch, byte(rng.IntN(3)), 0)
		case 1, 2, 3:
			e.must(t, rng.IntN(400), 0xB0|ch, []byte{7, 10, 11, 74, 1}[rng.IntN(5)], byte(rng.IntN(128)))
		case 4:
			e.must(t, rng.IntN(400), 0xB0|ch, []byte{64, 66, 123, 120, 121}[rng.IntN(5)], byte(rng.IntN(128)))
		case 5:
			e.must(t, rng.IntN(400), 0x80|ch, byte(36+rng.IntN(24)), 0)
		case 6:
			if i%100 == 6 {
				if err := e.SysEx(50, []byte{0xF0, 0x7E, 0x7F, 9, 1, 0xF7}); err != nil {
					t.Fatal(err)
				}
			}
		}
		switch rng.IntN(60) {
		case 0:
			e.SetQuota(4 + rng.IntN(21))
		case 1:
			e.SetEffects(rng.IntN(2) == 0)
		case 2:
			e.AllSoundOff()
		case 3, 4, 5: // NRPN, of the sound and of generators
			e.must(t, 0, 0xB0|ch, 99, []byte{1, 120}[rng.IntN(2)])
			e.must(t, 0, 0xB0|ch, 98, []byte{8, 32, 33, 17, 48}[rng.IntN(5)])
			e.must(t, rng.IntN(400), 0xB0|ch, 6, byte(60+rng.IntN(8)))
		case 6, 7:
			if err := e.SysEx(rng.IntN(400), rolandMessage(0x40, 1, byte(0x30+rng.IntN(16)), byte(rng.IntN(128)))); err != nil {
				t.Fatal(err)
			}
		case 8:
			if err := e.SysEx(rng.IntN(400), rolandMessage(0x40, 0x10|byte(rng.IntN(9)), byte(0x40+rng.IntN(12)), byte(54+rng.IntN(20)))); err != nil {
				t.Fatal(err)
			}
		}
		e.Render(l, r)
		for _, side := range [][]float32{l, r} {
			if p := peak(side); !(p < 4) {
				t.Fatalf("a peak of %g after %d periods", p, i)
			}
		}
		tail = append(tail, l...)
		n, w := clicks(tail, 0.015)
		count, worst = count+n, max(worst, w)
		tail = append(tail[:0], l[len(l)-8:]...)
		sounded = max(sounded, peak(l))
	}
	if sounded < 0.05 || e.Stats().Stolen < 100 {
		t.Fatalf("peak %.3f, %d stolen: the test does not bite", sounded, e.Stats().Stolen)
	}
	// A ramp of 64 frames to a voice's full level of 0.15 bends by 0.15/64 where
	// it begins and ends, and a few of the two dozen voices may turn together when
	// all are faded; a step of a tenth of one voice's level would be more.
	if count > 0 {
		t.Errorf("%d clicks, the worst of %.4f", count, worst)
	} else {
		t.Logf("worst bend %.5f at a peak of %.3f", worst, sounded)
	}
}
