package convert

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/dls"
	"github.com/mmlite/mmlite/synth/sf2"
)

// back converts a bank, writes it, and reads what was written.
func back(t *testing.T, b *bank.Bank) (*bank.Bank, []Loss) {
	t.Helper()
	f, losses, err := ToDLS(b)
	if err != nil {
		t.Fatal(err)
	}
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, notes, err := dls.Parse(data, dls.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notes {
		t.Error(n)
	}
	return got, losses
}

func sample(name string, n int) *bank.Sample {
	s := &bank.Sample{Name: name, Rate: 44100, Data: make([]int16, n)}
	for i := range s.Data {
		s.Data[i] = int16(8000 * math.Sin(float64(i)/20))
	}
	return s
}

// rich is a region that has something everywhere.
func rich(s *bank.Sample) *bank.Region {
	r := bank.NewRegion()
	r.Sample, r.Start, r.End, r.LoopStart, r.LoopEnd, r.Loop = s, 10, 900, 100, 800, bank.LoopForever
	r.Root = 64.25
	for d, v := range map[bank.Dest]float32{
		bank.Attenuation: 37.5, bank.Pitch: 150, bank.FilterCutoff: 8000, bank.FilterQ: 60, bank.Pan: -250,
		bank.ReverbSend: 100, bank.ChorusSend: 50, bank.ModLFODelay: -3000, bank.ModLFOFreq: -500, bank.ModLFOToPitch: 15,
		bank.ModLFOToCutoff: 200, bank.ModLFOToVolume: 30, bank.VibLFODelay: -2000, bank.VibLFOFreq: -300, bank.VibLFOToPitch: 12,
		bank.ModEnvDelay: -9000, bank.ModEnvAttack: -7000, bank.ModEnvHold: -7000, bank.ModEnvDecay: -100, bank.ModEnvSustain: 400,
		bank.ModEnvRelease: -1200, bank.ModEnvToPitch: 70, bank.ModEnvToCutoff: 1500,
		bank.VolEnvDelay: -9500, bank.VolEnvAttack: -5000, bank.VolEnvHold: -4000, bank.VolEnvDecay: 1200, bank.VolEnvSustain: 300,
		bank.VolEnvRelease: -600,
	} {
		r.Gen[d] = v
	}
	r.Modulators = []bank.Modulator{
		{Source: bank.Source{Kind: bank.SourceVelocity, Curve: bank.Concave, Negative: true}, Amount: 960, Dest: bank.Attenuation},
		{Source: bank.Source{Kind: bank.SourceCC, CC: 1}, Amount: 50, Dest: bank.VibLFOToPitch},
		{Source: bank.Source{Kind: bank.SourcePitchWheel, Bipolar: true}, Control: bank.Source{Kind: bank.SourceBendRange, Over128: true}, Amount: 12800, Dest: bank.Pitch},
		{Source: bank.Source{Kind: bank.SourceCC, CC: 74, Curve: bank.Convex, Bipolar: true}, Amount: -2400, Dest: bank.FilterCutoff},
	}
	return r
}

func one(t *testing.T, regions ...*bank.Region) *bank.Bank {
	t.Helper()
	b, err := bank.New("one", []*bank.Preset{{Name: "it", MSB: 1, Program: 2, Regions: regions}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestARegionComesBack holds that all that DLS can say is said.
func TestARegionComesBack(t *testing.T) {
	want := rich(sample("s", 1000))
	got, losses := back(t, one(t, want))
	p := got.Find(false, 1, 0, 2)
	if p == nil || p.Name != "it" || len(p.Regions) != 1 {
		t.Fatalf("%+v", p)
	}
	r := p.Regions[0]
	if r.Start != 0 || r.End != 890 || r.LoopStart != 90 || r.LoopEnd != 790 || r.Loop != bank.LoopForever {
		t.Errorf("frames %d to %d, loop %d to %d, %v", r.Start, r.End, r.LoopStart, r.LoopEnd, r.Loop)
	}
	if !slices.Equal(r.Sample.Data, want.Sample.Data[10:900]) {
		t.Error("the samples differ")
	}
	if math.Abs(float64(r.Root)-62.75) > 0.005 { // the tuning is in it
		t.Errorf("root %g", r.Root)
	}
	for d := range bank.NumDest {
		w := want.Gen[d]
		if d == bank.Pitch {
			w = 0
		}
		if math.Abs(float64(r.Gen[d]-w)) > 0.01 {
			t.Errorf("%v is %g, was %g", d, r.Gen[d], w)
		}
	}
	if len(r.Modulators) != len(want.Modulators) {
		t.Errorf("%d modulators: %+v", len(r.Modulators), r.Modulators)
	}
	for _, w := range want.Modulators {
		if !slices.ContainsFunc(r.Modulators, func(m bank.Modulator) bool {
			// How 7-bit numbers are divided is the format's.
			m.Source.Over128, m.Control.Over128, w.Source.Over128, w.Control.Over128 = false, false, false, false
			return m == w
		}) {
			t.Errorf("%+v is not among %+v", w, r.Modulators)
		}
	}
	if len(losses) != 2 || !strings.Contains(fmt.Sprint(losses), "sines") || !strings.Contains(fmt.Sprint(losses), "linear") {
		t.Errorf("%v", losses)
	}
}

func TestLayersAndKeys(t *testing.T) {
	s := sample("s", 1000)
	region := func(change func(r *bank.Region)) *bank.Region {
		r := bank.NewRegion()
		r.Sample, r.End = s, 1000
		change(r)
		return r
	}
	got, losses := back(t, one(t,
		region(func(r *bank.Region) { r.VelHigh = 60 }),
		region(func(r *bank.Region) { r.VelLow = 61; r.Gen[bank.Pan] = -500 }),
		region(func(r *bank.Region) { r.KeyHigh = 40; r.Gen[bank.ScaleTuning] = 50; r.Gen[bank.Pitch] = 33 }),
		region(func(r *bank.Region) { r.KeyLow = 41; r.FixedKey = 72; r.Root = 60 }),
		region(func(r *bank.Region) { r.Exclusive = 77; r.Overlap = true }),
		region(func(r *bank.Region) { r.LoopEnd, r.Loop = 1000, bank.LoopUntilRelease }),
		region(func(r *bank.Region) { r.Gen[bank.VolEnvKeyToDecay] = 20; r.Gen[bank.VolEnvDecay] = 100 }),
	))
	r := got.Presets()[0].Regions
	if len(r) != 7 || len(losses) != 0 {
		t.Fatalf("%d regions, %v", len(r), losses)
	}
	if r[0].VelHigh != 60 || r[1].VelLow != 61 || r[1].VelHigh != 127 || r[1].Gen[bank.Pan] != -500 {
		t.Errorf("velocities to %d and from %d, pan %g", r[0].VelHigh, r[1].VelLow, r[1].Gen[bank.Pan])
	}
	if r[2].Gen[bank.ScaleTuning] != 50 || r[2].Gen[bank.Pitch] != 33 || r[2].KeyHigh != 40 || r[2].Root != 60 {
		t.Errorf("%+v", r[2])
	}
	if r[3].Gen[bank.ScaleTuning] != 0 || r[3].Gen[bank.Pitch] != 1200 || r[3].KeyLow != 41 {
		t.Errorf("%+v", r[3])
	}
	if r[4].Exclusive == 0 || !r[4].Overlap || r[4].Shutdown != -200 {
		t.Errorf("%+v", r[4])
	}
	if r[5].Loop != bank.LoopUntilRelease {
		t.Errorf("%+v", r[5])
	}
	// 20 time cents a key below 60: at key 36 the decay is 480 longer.
	decay := r[6].Gen[bank.VolEnvDecay]
	for _, m := range r[6].Modulators {
		if m.Dest == bank.VolEnvDecay && m.Source.Kind == bank.SourceKey {
			decay += m.Amount * 36 / 128
		}
	}
	if math.Abs(float64(decay)-580) > 0.1 {
		t.Errorf("the decay of key 36 is %g time cents", decay)
	}
	if len(got.Presets()[0].Samples()) != 1 {
		t.Error("the sample is there more than once")
	}
}

func TestLosses(t *testing.T) {
	r := rich(sample("s", 1000))
	r.Sample.Low = make([]byte, 1000)
	r.FixedVelocity, r.Gen[bank.StartOffset] = 100, 5
	link := bank.Source{Kind: bank.SourceLink}
	r.Modulators = []bank.Modulator{
		{Source: bank.Source{Kind: bank.SourceVelocity}, Dest: bank.Pan, Amount: 1, Abs: true},
		{Source: link, Dest: bank.Pan, Amount: 1},
		{Source: bank.Source{Kind: bank.SourceVelocity}, Dest: bank.StartOffset, Amount: 1},
		{Source: bank.Source{Kind: bank.SourceVelocity}, Control: bank.Source{Kind: bank.SourceCC, CC: 1}, Dest: bank.ModLFOToPitch, Amount: 1},
		{Source: bank.Source{Kind: bank.SourceCC, CC: 7, Curve: bank.Concave}, Dest: bank.Attenuation, Amount: 1},
	}
	silent := bank.NewRegion()
	silent.Sample = sample("t", 10)
	_, losses := back(t, one(t, r, silent))
	all := fmt.Sprint(losses)
	for _, want := range []string{
		"24 bits", "fixed velocity", "start offset", "absolute", "link", "to start offset", "two inputs", "controller 7", "regions without samples",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not among %v", want, all)
		}
	}
}

func TestUnloadedSamples(t *testing.T) {
	r := bank.NewRegion()
	r.Sample, r.End = &bank.Sample{Name: "far", Rate: 44100, Frames: 10}, 10
	if _, _, err := ToDLS(one(t, r)); err == nil || !strings.Contains(err.Error(), "far") {
		t.Errorf("%v", err)
	}
}

// longest is 100 s in time cents, which the DLS reader stops at.
const longest = 7973

// TestInstalledBanks converts a real bank, and holds that every region comes back.
func TestInstalledBanks(t *testing.T) {
	data, err := os.ReadFile("/usr/share/sounds/sf2/TimGM6mb.sf2")
	if err != nil {
		t.Skip("TimGM6mb is not installed")
	}
	want, _, err := sf2.Parse(data, sf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, losses := back(t, want)
	t.Log(losses)
	if len(got.Presets()) != len(want.Presets()) {
		t.Fatalf("%d presets of %d", len(got.Presets()), len(want.Presets()))
	}
	for i, w := range want.Presets() {
		g := got.Presets()[i]
		if g.Name != w.Name || len(g.Regions) != len(w.Regions) {
			t.Errorf("%q has %d regions, %q had %d", g.Name, len(g.Regions), w.Name, len(w.Regions))
			continue
		}
		for j, r := range w.Regions {
			if q := g.Regions[j]; q.KeyLow != r.KeyLow || q.VelHigh != r.VelHigh || q.Loop != r.Loop ||
				math.Abs(float64(q.Gen[bank.Attenuation]-r.Gen[bank.Attenuation])) > 0.01 ||
				math.Abs(float64(q.Gen[bank.VolEnvRelease]-min(r.Gen[bank.VolEnvRelease], longest))) > 0.01 {
				t.Errorf("%q, region %d: %+v, was %+v", g.Name, j, q, r)
			}
		}
	}
}
