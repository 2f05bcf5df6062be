package dls

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

func seconds(s float64) int32 { return int32(math.Round(65536 * 1200 * math.Log2(s))) }
func hertz(f float64) int32   { return int32(math.Round(65536 * (1200*math.Log2(f/440) + 6900))) }

const (
	unitCent    = 65536
	unitDecibel = 655360
	unitPermill = 65536
)

// standard are the modulators of a region whose file states none.
var standard = func() (list []bank.Modulator) {
	for _, d := range defaultConnections {
		list = append(list, d.mod)
	}
	return list
}()

func near(a, b float32) bool { return math.Abs(float64(a-b)) <= 1e-3*max(1, math.Abs(float64(b))) }

// TestDefaults holds the values of the 29 connections of Level 1 that a file leaves out.
func TestDefaults(t *testing.T) {
	r := only(t, oneRegion(nil, nil))
	want := map[bank.Dest]float32{
		bank.ModLFOFreq: -851.318, bank.VibLFOFreq: -851.318, // 5 Hz
		bank.ModLFODelay: -7972.627, bank.VibLFODelay: -7972.627, // 10 ms
		bank.ScaleTuning: 100, bank.FilterCutoff: 13500,
		bank.VolEnvDelay: instant, bank.VolEnvAttack: instant, bank.VolEnvHold: instant,
		bank.VolEnvDecay: instant, bank.VolEnvRelease: instant,
		bank.ModEnvDelay: instant, bank.ModEnvAttack: instant, bank.ModEnvHold: instant,
		bank.ModEnvDecay: instant, bank.ModEnvRelease: instant,
	}
	for d, v := range r.Gen {
		if !near(v, want[bank.Dest(d)]) {
			t.Errorf("%v is %g, want %g", bank.Dest(d), v, want[bank.Dest(d)])
		}
	}
	if !slices.Equal(r.Modulators, standard) {
		t.Errorf("modulators %v", r.Modulators)
	}
	if r.VolEnvRange != 960 || r.ModEnvConvex || !r.LFOSine || !r.LFOVolumeDown || r.PanLaw != bank.PanRoot || !near(r.Shutdown, -7270.67) {
		t.Errorf("region %+v", r)
	}
}

// TestValues holds what each connection that hangs on no controller sets.
func TestValues(t *testing.T) {
	for _, tc := range []struct {
		source, destination uint16
		scale               int32
		dest                bank.Dest
		want                float32
	}{
		{srcNone, dstLFOFreq, hertz(440), bank.ModLFOFreq, 4500}, // held at 100 Hz
		{srcNone, dstLFOFreq, hertz(0.1), bank.ModLFOFreq, -7623.47},
		{srcNone, dstLFODelay, seconds(10), bank.ModLFODelay, 3986.31},
		{srcNone, dstLFODelay, absoluteZero, bank.ModLFODelay, instant},
		{srcLFO, dstGain, 12 * unitDecibel, bank.ModLFOToVolume, -120},
		{srcLFO, dstPitch, -1200 * unitCent, bank.ModLFOToPitch, -1200},
		{srcNone, dstEG1Attack, seconds(0.4), bank.VolEnvAttack, -1586.31},
		{srcNone, dstEG1Decay, seconds(40), bank.VolEnvDecay, 6386.31},
		{srcNone, dstEG1Decay, absoluteZero, bank.VolEnvDecay, instant},
		{srcNone, dstEG1Decay, 1<<31 - 1, bank.VolEnvDecay, maxTime},
		{srcNone, dstEG1Sustain, 900 * unitPermill, bank.VolEnvSustain, 100},
		{srcNone, dstEG1Sustain, 1000 * unitPermill, bank.VolEnvSustain, 0},
		{srcNone, dstEG1Sustain, 0, bank.VolEnvSustain, 1000},
		{srcNone, dstEG1Sustain, absoluteZero, bank.VolEnvSustain, 1000},
		{srcNone, dstEG1Release, seconds(1), bank.VolEnvRelease, 0},
		{srcNone, dstEG2Attack, seconds(2), bank.ModEnvAttack, 1200},
		{srcNone, dstEG2Decay, seconds(2), bank.ModEnvDecay, 1200},
		{srcNone, dstEG2Sustain, 250 * unitPermill, bank.ModEnvSustain, 750},
		{srcNone, dstEG2Release, seconds(2), bank.ModEnvRelease, 1200},
		{srcEG2, dstPitch, 30 * unitCent, bank.ModEnvToPitch, 30},
		{srcEG2, dstPitch, 2400 * unitCent, bank.ModEnvToPitch, 2400},
		{srcNone, dstPan, -500 * unitPermill, bank.Pan, -500},
		{srcKey, dstPitch, 6400 * unitCent, bank.ScaleTuning, 50},
		{srcKey, dstPitch, 0, bank.ScaleTuning, 0},
		// Level 2
		{srcNone, dstVibFreq, hertz(8), bank.VibLFOFreq, -37.63},
		{srcNone, dstVibDelay, seconds(0.5), bank.VibLFODelay, -1200},
		{srcVibrato, dstPitch, 50 * unitCent, bank.VibLFOToPitch, 50},
		{srcNone, dstEG1Delay, seconds(2), bank.VolEnvDelay, 1200},
		{srcNone, dstEG1Hold, seconds(2), bank.VolEnvHold, 1200},
		{srcNone, dstEG2Delay, seconds(2), bank.ModEnvDelay, 1200},
		{srcNone, dstEG2Hold, seconds(2), bank.ModEnvHold, 1200},
		{srcNone, dstFilterCutoff, hertz(440), bank.FilterCutoff, 6900},
		{srcNone, dstFilterCutoff, 1<<31 - 1, bank.FilterCutoff, 13500},
		{srcNone, dstFilterQ, 15 * unitDecibel, bank.FilterQ, 150},
		{srcLFO, dstFilterCutoff, 1200 * unitCent, bank.ModLFOToCutoff, 1200},
		{srcEG2, dstFilterCutoff, -1200 * unitCent, bank.ModEnvToCutoff, -1200},
		{srcNone, dstReverb, 400 * unitPermill, bank.ReverbSend, 400},
		{srcNone, dstChorus, 300 * unitPermill, bank.ChorusSend, 300},
		{srcNone, dstPitch, 25 * unitCent, bank.Pitch, 25},
		{srcNone, dstGain, -6 * unitDecibel, bank.Attenuation, 60},
		{srcNone, dstGain, absoluteZero, bank.Attenuation, silence},
	} {
		base := only(t, oneRegion(nil, nil))
		b := Block{Source: tc.source, Destination: tc.destination, Scale: tc.scale}
		data := oneRegion(nil, lart(b))
		r := only(t, data)
		base.Gen[tc.dest] = tc.want
		for d := range base.Gen {
			if !near(r.Gen[d], base.Gen[d]) {
				t.Errorf("%v: %v is %g, want %g", b, bank.Dest(d), r.Gen[d], base.Gen[d])
			}
		}
		if _, notes := mustParse(t, data); len(notes) > 0 {
			t.Errorf("%v: notes %v", b, notes)
		}
	}
}

func TestModulations(t *testing.T) {
	cc := func(n uint8) bank.Source { return bank.Source{Kind: bank.SourceCC, CC: n, Over128: true} }
	velocity := bank.Source{Kind: bank.SourceVelocity, Over128: true}
	key := bank.Source{Kind: bank.SourceKey, Over128: true}
	down := func(s bank.Source) bank.Source {
		s.Curve, s.Negative, s.Over128 = bank.Concave, true, false
		return s
	}
	two := seconds(2)
	for _, tc := range []struct {
		name string
		give []Block
		want bank.Modulator
		less int // standard modulators that it replaces
	}{
		{"LFO to level by modulation wheel", []Block{{srcLFO, srcCC + 1, dstGain, 0, unitDecibel}},
			bank.Modulator{Source: cc(1), Amount: -10, Dest: bank.ModLFOToVolume}, 0},
		{"LFO to pitch by modulation wheel", []Block{{srcLFO, srcCC + 1, dstPitch, 0, 50 * unitCent}},
			bank.Modulator{Source: cc(1), Amount: 50, Dest: bank.ModLFOToPitch}, 0},
		{"the same with its inputs the other way round", []Block{{srcCC + 1, srcLFO, dstPitch, 0, 50 * unitCent}},
			bank.Modulator{Source: cc(1), Amount: 50, Dest: bank.ModLFOToPitch}, 0},
		{"a lone control", []Block{{srcNone, srcCC + 2, dstPitch, 0x2 << trnControl, 50 * unitCent}},
			bank.Modulator{Source: bank.Source{Kind: bank.SourceCC, CC: 2, Curve: bank.Convex, Over128: true}, Amount: 50, Dest: bank.Pitch}, 0},
		{"vibrato by channel pressure, inverted", []Block{{srcVibrato, srcChannelPressure, dstPitch, trnInverted << trnControl, 50 * unitCent}},
			bank.Modulator{Source: bank.Source{Kind: bank.SourceChannelPressure, Over128: true, Negative: true}, Amount: 50, Dest: bank.VibLFOToPitch}, 0},
		{"velocity to attack", []Block{{srcNone, 0, dstEG1Attack, 0, two}, {srcVelocity, 0, dstEG1Attack, 0, -1200 * unitCent}},
			bank.Modulator{Source: velocity, Amount: -1200, Dest: bank.VolEnvAttack}, 0},
		{"key to decay", []Block{{srcNone, 0, dstEG1Decay, 0, two}, {srcKey, 0, dstEG1Decay, 0, -1200 * unitCent}},
			bank.Modulator{Source: key, Amount: -1200, Dest: bank.VolEnvDecay}, 0},
		{"velocity to attack of EG2", []Block{{srcNone, 0, dstEG2Attack, 0, two}, {srcVelocity, 0, dstEG2Attack, 0, -1200 * unitCent}},
			bank.Modulator{Source: velocity, Amount: -1200, Dest: bank.ModEnvAttack}, 0},
		{"key to decay of EG2", []Block{{srcNone, 0, dstEG2Decay, 0, two}, {srcKey, 0, dstEG2Decay, 0, -1200 * unitCent}},
			bank.Modulator{Source: key, Amount: -1200, Dest: bank.ModEnvDecay}, 0},
		{"velocity to level as Level 1 writes it", []Block{{srcVelocity, 0, dstGain, 1, 96 * unitDecibel}},
			bank.Modulator{Source: down(velocity), Amount: 960, Dest: bank.Attenuation}, 1},
		{"velocity to level as Level 2 writes it", []Block{{srcVelocity, 0, dstGain, 0x8400, -48 * unitDecibel}},
			bank.Modulator{Source: down(velocity), Amount: 480, Dest: bank.Attenuation}, 1},
		{"volume", []Block{{srcCC7, 0, dstGain, 0x8400, -48 * unitDecibel}},
			bank.Modulator{Source: down(cc(7)), Amount: 480, Dest: bank.Attenuation}, 1},
		{"expression", []Block{{srcCC11, 0, dstGain, 0x8400, -48 * unitDecibel}},
			bank.Modulator{Source: down(cc(11)), Amount: 480, Dest: bank.Attenuation}, 1},
		{"pan", []Block{{srcCC10, 0, dstPan, trnBipolar << trnSource, 250 * unitPermill}},
			bank.Modulator{Source: bank.Source{Kind: bank.SourceCC, CC: 10, Bipolar: true}, Amount: 250, Dest: bank.Pan}, 1},
		{"pitch wheel", []Block{{srcPitchWheel, srcRPN0, dstPitch, trnBipolar << trnSource, 6400 * unitCent}},
			bank.Modulator{Source: bank.Source{Kind: bank.SourcePitchWheel, Bipolar: true},
				Control: bank.Source{Kind: bank.SourceBendRange, Over128: true}, Amount: 6400, Dest: bank.Pitch}, 1},
		{"velocity to cutoff", []Block{{srcVelocity, 0, dstFilterCutoff, 0, 2400 * unitCent}},
			bank.Modulator{Source: velocity, Amount: 2400, Dest: bank.FilterCutoff}, 0},
		{"reverb send", []Block{{srcCC91, 0, dstReverb, 0, 500 * unitPermill}},
			bank.Modulator{Source: cc(91), Amount: 500, Dest: bank.ReverbSend}, 1},
		{"the later of twins", []Block{{srcKey, 0, dstFilterCutoff, 0, 1}, {srcKey, 0, dstFilterCutoff, 0, 1200 * unitCent}},
			bank.Modulator{Source: key, Amount: 1200, Dest: bank.FilterCutoff}, 0},
	} {
		r := only(t, oneRegion(nil, lart(tc.give...)))
		if len(r.Modulators) != len(standard)+1-tc.less || r.Modulators[0] != tc.want {
			t.Errorf("%s: %+v,\nwant %+v first of %d", tc.name, r.Modulators, tc.want, len(standard)+1-tc.less)
		}
	}
}

func TestDefaultsTurnedOff(t *testing.T) {
	for _, b := range []Block{
		{srcVelocity, 0, dstGain, 0x8400, 0}, {srcCC10, 0, dstPan, 0, 0}, {srcPitchWheel, srcRPN0, dstPitch, 0, 0},
	} {
		if r := only(t, oneRegion(nil, lart(b))); len(r.Modulators) != len(standard)-1 {
			t.Errorf("%v: %d modulators, want %d", b, len(r.Modulators), len(standard)-1)
		}
	}
}

func TestAbsoluteZeroIsFrozen(t *testing.T) {
	for _, list := range [][]Block{
		{{srcVelocity, 0, dstEG1Attack, 0, 1200 * unitCent}}, // its default is zero
		{{srcNone, 0, dstEG1Attack, 0, absoluteZero}, {srcVelocity, 0, dstEG1Attack, 0, 1200 * unitCent}},
		{{srcNone, 0, dstEG2Decay, 0, absoluteZero}, {srcKey, 0, dstEG2Decay, 0, 1200 * unitCent}},
	} {
		if r := only(t, oneRegion(nil, lart(list...))); !slices.Equal(r.Modulators, standard) {
			t.Errorf("%v: modulators %v", list, r.Modulators)
		}
	}
	r := only(t, oneRegion(nil, lart(Block{srcNone, 0, dstGain, 0, absoluteZero})))
	if slices.ContainsFunc(r.Modulators, func(m bank.Modulator) bool { return m.Dest == bank.Attenuation }) {
		t.Error("controllers move silence")
	}
}

func TestConnectionsLeftOut(t *testing.T) {
	silent := []Block{
		{0, 0, 0x002, 0, 1}, {0, 0, 0x208, 0, 1}, {0, 0, 0x30c, 0, 1}, {0, 0, 0x012, 0, 1}, {srcEG1, 0, dstGain, 0, 1},
		{srcRPN1, 0, dstPitch, 0, 1}, {srcRPN2, 0, dstKey, 0, 1}, {srcKey, 0, dstKey, 0, 1},
	}
	data := oneRegion(nil, lart(silent...))
	if _, notes := mustParse(t, data); len(notes) > 0 {
		t.Errorf("notes %v on what is to be ignored in silence", notes)
	}
	odd := []Block{
		{0, 0, 0x777, 0, 1}, {0x777, 0, dstPitch, 0, 1}, {srcVelocity, 0x777, dstPitch, 0, 1}, {srcEG1, 0, dstPitch, 0, 1},
		{srcVibrato, 0, dstGain, 0, 1}, {srcLFO, 0x777, dstPitch, 0, 1}, {srcVelocity, 0, dstEG1Shutdown, 0, 1},
		{srcVelocity, 0, dstPitch, 9 << trnSource, 1},
	}
	data = oneRegion(nil, lart(append(silent, odd...)...))
	_, notes := mustParse(t, data)
	if len(notes) != 1 || !strings.HasPrefix(notes[0].Text, "8 connections") {
		t.Errorf("notes %v", notes)
	}
	if r := only(t, data); !slices.Equal(r.Modulators, standard) || r.Gen != defaultGen {
		t.Errorf("region %+v", r)
	}
}

func TestShutdown(t *testing.T) {
	if r := only(t, oneRegion(nil, lart(Block{srcNone, 0, dstEG1Shutdown, 0, seconds(0.25)}))); !near(r.Shutdown, -2400) {
		t.Errorf("shutdown %g", r.Shutdown)
	}
}

func TestTremoloIsAGainInLevel2(t *testing.T) {
	depth := Block{srcLFO, 0, dstGain, 0, 12 * unitDecibel}
	wheel := Block{srcLFO, srcCC + 1, dstGain, 0, unitDecibel}
	r := only(t, oneRegion(nil, rawList("lar2", articChunk("art2", depth, wheel))))
	if r.Gen[bank.ModLFOToVolume] != 120 || r.Modulators[0].Amount != 10 || r.LFOVolumeDown {
		t.Errorf("depth %g, by the wheel %g", r.Gen[bank.ModLFOToVolume], r.Modulators[0].Amount)
	}
}

func TestLyingUnitsCannotBlast(t *testing.T) {
	r := only(t, oneRegion(wsmp(60, 0, 1<<31-1), lart(
		Block{srcNone, 0, dstGain, 0, 1<<31 - 1}, Block{srcCC + 1, 0, dstGain, 0, 1<<31 - 1},
		Block{srcLFO, 0, dstGain, 0, 1<<31 - 1}, Block{srcEG2, 0, dstPitch, 0, 1<<31 - 1}, Block{srcCC + 2, 0, dstReverb, 0, 1<<31 - 1})))
	if r.Gen[bank.Attenuation] < -maxGain || r.Gen[bank.ModLFOToVolume] < -960 || r.Gen[bank.ModEnvToPitch] > 12800 {
		t.Errorf("values %v", r.Gen)
	}
	for _, m := range r.Modulators {
		if m.Dest == bank.Attenuation && m.Amount < -maxGain || m.Dest == bank.ReverbSend && m.Amount > 1000 {
			t.Errorf("modulator %+v", m)
		}
	}
}
