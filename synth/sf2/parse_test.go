package sf2

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

func TestDefaults(t *testing.T) {
	f := simple(nil, nil)
	b, notes := mustParse(t, f, Options{})
	if b.Name != "test bank" || len(notes) != 0 {
		t.Errorf("name %q, notes %v", b.Name, notes)
	}
	r := only(t, f)
	want := bank.NewRegion()
	if r.Gen != want.Gen {
		t.Errorf("generators %v, want the defaults %v", r.Gen, want.Gen)
	}
	if r.Start != 0 || r.End != 100 || r.LoopStart != 10 || r.LoopEnd != 90 || r.Loop != bank.LoopNone || r.Root != 60 {
		t.Errorf("region %+v", r)
	}
	if s := r.Sample; s.Name != "sample" || s.Rate != 44100 || !slices.Equal(s.Data, ramp(100)) {
		t.Errorf("sample %q of %g Hz, %d frames", s.Name, s.Rate, len(s.Data))
	}
}

// TestGenerators holds that a value is absolute in an instrument zone, added in a preset zone and
// converted to the model's unit, for every generator.
func TestGenerators(t *testing.T) {
	for _, tc := range []struct {
		n            generator
		preset, inst int
		dest         bank.Dest
		want         float32
	}{
		{genModLfoToPitch, 10, 20, bank.ModLFOToPitch, 30},
		{genVibLfoToPitch, -10, 20, bank.VibLFOToPitch, 10},
		{genModEnvToPitch, 10, -20, bank.ModEnvToPitch, -10},
		{genInitialFilterFc, -500, 9000, bank.FilterCutoff, 8500},
		{genInitialFilterFc, 500, 13400, bank.FilterCutoff, 13500},
		{genInitialFilterQ, 5, 100, bank.FilterQ, 105},
		{genModLfoToFilterFc, 1, 2, bank.ModLFOToCutoff, 3},
		{genModEnvToFilterFc, 1, 2, bank.ModEnvToCutoff, 3},
		{genModLfoToVolume, 1, 2, bank.ModLFOToVolume, 3},
		{genChorusEffectsSend, 100, 200, bank.ChorusSend, 300},
		{genReverbEffectsSend, 900, 200, bank.ReverbSend, 1000},
		{genPan, -100, 300, bank.Pan, 200},
		{genPan, -400, -500, bank.Pan, -900},
		{genPan, -600, -500, bank.Pan, -1000},
		{genInitialAttenuation, -150, 100, bank.Attenuation, -20},
		{genDelayModLFO, 100, -5000, bank.ModLFODelay, -4900},
		{genFreqModLFO, 100, -500, bank.ModLFOFreq, -400},
		{genDelayVibLFO, 100, -5000, bank.VibLFODelay, -4900},
		{genFreqVibLFO, 100, -500, bank.VibLFOFreq, -400},
		{genDelayModEnv, 1, -100, bank.ModEnvDelay, -99},
		{genAttackModEnv, 1, -100, bank.ModEnvAttack, -99},
		{genHoldModEnv, 1, -100, bank.ModEnvHold, -99},
		{genDecayModEnv, 1, -100, bank.ModEnvDecay, -99},
		{genSustainModEnv, 1, 100, bank.ModEnvSustain, 101},
		{genReleaseModEnv, 1, -100, bank.ModEnvRelease, -99},
		{genKeynumToModEnvHold, 1, 100, bank.ModEnvKeyToHold, 101},
		{genKeynumToModEnvDecay, 1, 100, bank.ModEnvKeyToDecay, 101},
		{genDelayVolEnv, 1, -100, bank.VolEnvDelay, -99},
		{genDelayVolEnv, 0, instant, bank.VolEnvDelay, instant},
		{genAttackVolEnv, 1, -100, bank.VolEnvAttack, -99},
		{genAttackVolEnv, 0, -20000, bank.VolEnvAttack, -12000},
		{genHoldVolEnv, 1, -100, bank.VolEnvHold, -99},
		{genDecayVolEnv, 1, -100, bank.VolEnvDecay, -99},
		{genSustainVolEnv, 1, 100, bank.VolEnvSustain, 101},
		{genReleaseVolEnv, 1, -100, bank.VolEnvRelease, -99},
		{genKeynumToVolEnvHold, 1, 100, bank.VolEnvKeyToHold, 101},
		{genKeynumToVolEnvDecay, 1, 100, bank.VolEnvKeyToDecay, 101},
		{genInitialAttenuation, 50, 100, bank.Attenuation, 60},
		{genCoarseTune, 1, -2, bank.Pitch, -100},
		{genFineTune, 60, 70, bank.Pitch, 130},
		{genScaleTuning, -50, 100, bank.ScaleTuning, 50},
		{genScaleTuning, -50, 50, bank.ScaleTuning, 0},
	} {
		r := only(t, simple([]gen{{tc.n, tc.preset}}, []gen{{tc.n, tc.inst}}))
		want := bank.NewRegion().Gen
		want[tc.dest] = tc.want
		for d := range want {
			if !near(r.Gen[d], want[d]) {
				t.Errorf("generator %d, %d + %d: %v is %g, want %g", tc.n, tc.preset, tc.inst, bank.Dest(d), r.Gen[d], want[d])
			}
		}
	}
}

func TestInstrumentOnlyGenerators(t *testing.T) {
	inst := []gen{
		{genStartAddrsOffset, 5}, {genEndAddrsOffset, -7}, {genStartloopAddrsOffset, 3}, {genEndloopAddrsOffset, -2},
		{genKeynum, 40}, {genVelocity, 90}, {genSampleModes, 3}, {genExclusiveClass, 7}, {genOverridingRootKey, 72},
	}
	f := simple(nil, inst)
	f.samples[0].cents = -25
	r := only(t, f)
	if r.Start != 5 || r.End != 93 || r.LoopStart != 13 || r.LoopEnd != 88 {
		t.Errorf("addresses %d %d %d %d", r.Start, r.End, r.LoopStart, r.LoopEnd)
	}
	if r.FixedKey != 40 || r.FixedVelocity != 90 || r.Exclusive != 7 || r.Loop != bank.LoopUntilRelease {
		t.Errorf("key %d velocity %d class %d loop %d", r.FixedKey, r.FixedVelocity, r.Exclusive, r.Loop)
	}
	if !near(r.Root, 72.25) {
		t.Errorf("root %g, want 72.25: the correction stays with another root key", r.Root)
	}
	// In a preset they mean nothing.
	f = simple(inst, nil)
	_, notes := mustParse(t, f, Options{})
	r = only(t, f)
	if r.Start != 0 || r.End != 100 || r.FixedKey != -1 || r.Exclusive != 0 || r.Loop != bank.LoopNone || r.Root != 60 {
		t.Errorf("an instrument's generators act in a preset: %+v", r)
	}
	if len(notes) != 1 || !strings.Contains(notes[0].Text, "9 generators") {
		t.Errorf("notes %v", notes)
	}
}

func TestCoarseOffsets(t *testing.T) {
	f := simple(nil, []gen{{genStartAddrsCoarseOffset, 1}, {genStartAddrsOffset, 232}, {genSampleModes, 1}, {genEndloopAddrsCoarseOffset, 2}})
	f.frames = ramp(100_046)
	f.samples[0].end = 100_000
	r := only(t, f)
	if r.Start != 33000 || r.LoopEnd != 90+65536 {
		t.Errorf("start %d, loop end %d", r.Start, r.LoopEnd)
	}
}

func TestGlobalZones(t *testing.T) {
	f := simple(nil, nil)
	f.insts[0].bags = []bag{
		{gens: []gen{keys(40, 80), {genPan, 100}, {genInitialAttenuation, 100}}},
		{gens: []gen{{genPan, -100}, {genSampleID, 0}}},
		{gens: []gen{keys(0, 127), {genSampleID, 0}}},
	}
	f.presets[0].bags = []bag{
		{gens: []gen{vels(0, 99), {genFineTune, 5}, {genPan, 50}}},
		{gens: []gen{keys(50, 127), {genPan, 7}, {genInstrument, 0}}},
	}
	b, _ := mustParse(t, f, Options{})
	rs := b.Presets()[0].Regions
	if len(rs) != 2 {
		t.Fatalf("%d regions, want 2", len(rs))
	}
	type got struct {
		keyLow, keyHigh, velHigh uint8
		pan, attenuation, pitch  float32
	}
	for i, want := range []got{{50, 80, 99, -93, 40, 5}, {50, 127, 99, 107, 40, 5}} {
		r := rs[i]
		g := got{r.KeyLow, r.KeyHigh, r.VelHigh, r.Gen[bank.Pan], r.Gen[bank.Attenuation], r.Gen[bank.Pitch]}
		if g != want {
			t.Errorf("region %d: %+v, want %+v", i, g, want)
		}
	}
}

func TestRangesIntersect(t *testing.T) {
	f := simple([]gen{keys(60, 70), vels(64, 127)}, nil)
	f.insts[0].bags = []bag{
		{gens: []gen{keys(0, 59), {genSampleID, 0}}},
		{gens: []gen{keys(65, 127), vels(0, 100), {genSampleID, 0}}},
		{gens: []gen{vels(0, 63), {genSampleID, 0}}},
		{gens: []gen{keys(90, 20), {genSampleID, 0}}},
	}
	r := only(t, f)
	if r.KeyLow != 65 || r.KeyHigh != 70 || r.VelLow != 64 || r.VelHigh != 100 {
		t.Errorf("keys %d to %d, velocities %d to %d", r.KeyLow, r.KeyHigh, r.VelLow, r.VelHigh)
	}
}

func TestPresetNumbers(t *testing.T) {
	f := simple(nil, nil)
	bags := f.presets[0].bags
	f.presets = []item{
		{"melodic", 5, 17, bags}, {"kit", 128, 3, bags}, {"high", 259, 4, bags},
		{"twin", 5, 17, bags}, {"no program", 0, 128, bags}, {"no bank", 1 << 14, 0, bags},
	}
	b, notes := mustParse(t, f, Options{})
	if len(b.Presets()) != 3 {
		t.Fatalf("%d presets, want 3", len(b.Presets()))
	}
	for _, tc := range []struct {
		name          string
		drum          bool
		msb, lsb, prg uint8
	}{{"melodic", false, 5, 0, 17}, {"kit", true, 0, 0, 3}, {"high", false, 2, 3, 4}} {
		if p := b.Find(tc.drum, tc.msb, tc.lsb, tc.prg); p == nil || p.Name != tc.name {
			t.Errorf("%s is not found under its numbers", tc.name)
		}
	}
	if len(notes) != 4 {
		t.Errorf("notes %v, want 4", notes)
	}
}

func TestSamplesAreViews(t *testing.T) {
	f := simple(nil, nil)
	f.low = make([]byte, 146)
	data := f.bytes()
	b, _, err := Parse(data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := b.Presets()[0].Regions[0].Sample
	inside := func(p unsafe.Pointer) bool {
		from := uintptr(unsafe.Pointer(&data[0]))
		return uintptr(p) >= from && uintptr(p) < from+uintptr(len(data))
	}
	if !inside(unsafe.Pointer(&s.Data[0])) || !inside(unsafe.Pointer(&s.Low[0])) {
		t.Error("samples are copies of the file, not views")
	}
	// At an odd address the frames cannot be a view, but are the same.
	odd := append([]byte{0}, data...)[1:]
	if b, _, err = Parse(odd, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := b.Presets()[0].Regions[0].Sample.Data; !slices.Equal(got, s.Data) {
		t.Errorf("frames of misaligned data differ: %v", got[:4])
	}
}

func Test24Bit(t *testing.T) {
	f := simple(nil, nil)
	f.samples[0].start = 4
	f.low = make([]byte, 146)
	for i := range f.low {
		f.low[i] = byte(200 + i)
	}
	if s := only(t, f).Sample; len(s.Low) != 96 || s.Low[0] != 204 || s.Data[0] != 12 {
		t.Errorf("low bytes %v, frame %d", s.Low, s.Data[0])
	}
	f.minor = 1
	if s := only(t, f).Sample; s.Low != nil {
		t.Error("24-bit data is used in a file of version 2.01")
	}
	f.minor, f.low = 4, f.low[:100]
	_, notes := mustParse(t, f, Options{})
	if s := only(t, f).Sample; s.Low != nil || len(notes) != 1 || notes[0].Chunk != "sm24" {
		t.Errorf("24-bit data of the wrong length: notes %v", notes)
	}
}

func TestSamplesLeftOut(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(*head)
		want  string
	}{
		{"ROM", func(h *head) { h.kind = typeROM | typeMono }, "ROM"},
		{"rate 0", func(h *head) { h.rate = 0 }, "rate of 0 Hz"},
		{"rate 10 MHz", func(h *head) { h.rate = 10_000_000 }, "rate of 10000000 Hz"},
		{"backwards", func(h *head) { h.start, h.end = 90, 10 }, "frames 90 to 10"},
		{"outside", func(h *head) { h.start, h.end = 1<<31, 1<<32-1 }, "frames 2147483648"},
	} {
		f := simple(nil, nil)
		f.samples = append(f.samples, f.samples[0])
		tc.spoil(&f.samples[1])
		f.insts[0].bags = append(f.insts[0].bags, bag{gens: []gen{{genSampleID, 1}}})
		_, notes := mustParse(t, f, Options{})
		if len(notes) == 0 || !strings.Contains(notes[0].Text, tc.want) || notes[0].Chunk != "shdr" {
			t.Errorf("%s: notes %v", tc.name, notes)
		}
		if r := only(t, f); r.Sample.Name != "sample" {
			t.Errorf("%s: the good sample is gone", tc.name)
		}
	}
}

func TestLoopsThatLie(t *testing.T) {
	for _, tc := range []struct {
		start, end         uint32
		want               bank.LoopMode
		wantStart, wantEnd uint32
		note               string
	}{
		{30, 60, bank.LoopForever, 20, 50, ""},
		{5, 60, bank.LoopForever, 0, 50, "leaves it"},
		{30, 200, bank.LoopForever, 20, 90, "leaves it"},
		{60, 30, bank.LoopNone, 50, 20, "no length"},
		{0, 0, bank.LoopNone, 0, 0, "no length"},
	} {
		f := simple(nil, []gen{{genSampleModes, 1}})
		f.samples[0].start, f.samples[0].loopStart, f.samples[0].loopEnd = 10, tc.start, tc.end
		_, notes := mustParse(t, f, Options{})
		if r := only(t, f); r.Loop != tc.want || r.LoopStart != tc.wantStart || r.LoopEnd != tc.wantEnd {
			t.Errorf("loop %d to %d: %d, %d to %d", tc.start, tc.end, r.Loop, r.LoopStart, r.LoopEnd)
		}
		if tc.note == "" && len(notes) > 0 || tc.note != "" && (len(notes) != 1 || !strings.Contains(notes[0].Text, tc.note)) {
			t.Errorf("loop %d to %d: notes %v", tc.start, tc.end, notes)
		}
	}
}

func TestRefused(t *testing.T) {
	good := simple(nil, nil)
	sf3 := simple(nil, nil)
	sf3.samples[0].kind |= typeCompressed
	v3 := simple(nil, nil)
	v3.major = 3
	v1 := simple(nil, nil)
	v1.major = 1
	other := list("RIFF", "WAVE", chunk("data", nil))
	noSamples := list("RIFF", "sfbk", list("LIST", "pdta"))
	for _, tc := range []struct {
		name string
		data []byte
		want error
	}{
		{"SF3 sample", sf3.bytes(), ErrCompressed},
		{"SF3 version", v3.bytes(), ErrCompressed},
		{"SoundFont 1", v1.bytes(), ErrVersion},
		{"another RIFF file", other, ErrNotSoundFont},
		{"text", []byte("<region> sample=piano.wav"), riff.ErrNotRIFF},
		{"empty", nil, riff.ErrNotRIFF},
		{"cut in the samples", good.bytes()[:200], riff.ErrTruncated},
	} {
		if _, _, err := Parse(tc.data, Options{}); !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want %v", tc.name, err, tc.want)
		}
	}
	if _, _, err := Parse(noSamples, Options{}); err == nil || !strings.Contains(err.Error(), "smpl") {
		t.Errorf("no samples: error %v", err)
	}
}

func TestTruncated(t *testing.T) {
	data := simple([]gen{{genPan, 1}}, []gen{{genPan, 2}}).bytes()
	for n := range len(data) {
		_, _, err := Parse(data[:n], Options{})
		if n < 12 {
			if !errors.Is(err, riff.ErrNotRIFF) {
				t.Errorf("cut at %d of %d: error %v, want ErrNotRIFF", n, len(data), err)
			}
		} else if !errors.Is(err, riff.ErrTruncated) {
			t.Errorf("cut at %d of %d: error %v, want ErrTruncated", n, len(data), err)
		}
	}
}
