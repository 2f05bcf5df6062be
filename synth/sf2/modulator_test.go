package sf2

import (
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

var (
	velocityDown = bank.Source{Kind: bank.SourceVelocity, Curve: bank.Concave, Negative: true}
	cc7Down      = bank.Source{Kind: bank.SourceCC, CC: 7, Curve: bank.Concave, Negative: true}
	cc11Down     = bank.Source{Kind: bank.SourceCC, CC: 11, Curve: bank.Concave, Negative: true}
	wheel        = bank.Source{Kind: bank.SourcePitchWheel, Bipolar: true}
)

func cc(n uint8) bank.Source { return bank.Source{Kind: bank.SourceCC, CC: n} }

// standard are the default modulators as the model has them.
var standard = []bank.Modulator{
	{Source: velocityDown, Amount: 960, Dest: bank.Attenuation},
	{Source: bank.Source{Kind: bank.SourceChannelPressure}, Amount: 50, Dest: bank.VibLFOToPitch},
	{Source: cc(1), Amount: 50, Dest: bank.VibLFOToPitch},
	{Source: cc7Down, Amount: 960, Dest: bank.Attenuation},
	{Source: bank.Source{Kind: bank.SourceCC, CC: 10, Bipolar: true}, Amount: 500, Dest: bank.Pan},
	{Source: cc11Down, Amount: 960, Dest: bank.Attenuation},
	{Source: cc(91), Amount: 200, Dest: bank.ReverbSend},
	{Source: cc(93), Amount: 200, Dest: bank.ChorusSend},
	{Source: wheel, Control: bank.Source{Kind: bank.SourceBendRange, Over128: true}, Amount: 12800, Dest: bank.Pitch},
}

// with returns the standard list with changes: an amount of 0 removes, others replace or append.
func with(changes ...bank.Modulator) []bank.Modulator {
	out := slices.Clone(standard)
	for _, c := range changes {
		i := slices.IndexFunc(out, func(m bank.Modulator) bool {
			return m.Source == c.Source && m.Dest == c.Dest && m.Control == c.Control
		})
		switch {
		case i < 0:
			out = append(out, c)
		case c.Amount == 0:
			out = slices.Delete(out, i, i+1)
		default:
			out[i] = c
		}
	}
	return out
}

func TestModulators(t *testing.T) {
	velocity := modulator{src: 0x0502, dest: uint16(genInitialAttenuation)}
	breath := modulator{src: 0x0082, dest: uint16(genInitialFilterFc)}
	amount := func(m modulator, a int32) modulator { m.amount = a; return m }
	abs := func(m modulator) modulator { m.trans = transAbsolute; return m }
	breathTo := bank.Modulator{Source: cc(2), Dest: bank.FilterCutoff}
	model := func(m bank.Modulator, a float32) bank.Modulator { m.Amount = a; return m }
	for _, tc := range []struct {
		name                                     string
		instGlobal, inst, presetGlobal, pressets []modulator
		want                                     []bank.Modulator
	}{
		{name: "none", want: standard},
		{name: "an instrument replaces a default",
			inst: []modulator{amount(velocity, 500)},
			want: with(bank.Modulator{Source: velocityDown, Amount: 500, Dest: bank.Attenuation})},
		{name: "an instrument turns a default off",
			inst: []modulator{amount(velocity, 0)},
			want: with(bank.Modulator{Source: velocityDown, Dest: bank.Attenuation})},
		{name: "a preset adds to a default",
			pressets: []modulator{amount(velocity, -60)},
			want:     with(bank.Modulator{Source: velocityDown, Amount: 900, Dest: bank.Attenuation})},
		{name: "a preset adds to an instrument",
			inst:     []modulator{amount(breath, 1000)},
			pressets: []modulator{amount(breath, 200)},
			want:     with(model(breathTo, 1200))},
		{name: "a preset revives what an instrument turned off",
			inst:     []modulator{amount(velocity, 0)},
			pressets: []modulator{amount(velocity, 100)},
			want:     with(bank.Modulator{Source: velocityDown, Amount: 100, Dest: bank.Attenuation})},
		{name: "local over global, at both levels",
			instGlobal:   []modulator{amount(breath, 1), amount(velocity, 400)},
			inst:         []modulator{amount(breath, 1000)},
			presetGlobal: []modulator{amount(breath, 7)},
			pressets:     []modulator{amount(breath, 200)},
			want:         with(bank.Modulator{Source: velocityDown, Amount: 400, Dest: bank.Attenuation}, model(breathTo, 1200))},
		{name: "the later of twins in a zone counts",
			inst: []modulator{amount(breath, 1), amount(breath, 2)},
			want: with(model(breathTo, 2))},
		{name: "absolute value", inst: []modulator{abs(amount(breath, 9))},
			want: with(bank.Modulator{Source: cc(2), Amount: 9, Dest: bank.FilterCutoff, Abs: true})},
		{name: "curves, polarity and direction",
			inst: []modulator{{src: 0x0b83, dest: uint16(genPan), amtSrc: 0x0f03, amount: 10}},
			want: with(bank.Modulator{
				Source:  bank.Source{Kind: bank.SourceCC, CC: 3, Curve: bank.Convex, Bipolar: true, Negative: true},
				Control: bank.Source{Kind: bank.SourceKey, Curve: bank.Switch, Bipolar: true, Negative: true},
				Amount:  10, Dest: bank.Pan})},
		{name: "coarse tune is in semitones",
			inst: []modulator{{src: 0x0082, dest: uint16(genCoarseTune), amount: 12}},
			want: with(bank.Modulator{Source: cc(2), Amount: 1200, Dest: bank.Pitch})},
		{name: "coarse offsets are in 32768 frames",
			inst: []modulator{{src: 0x0082, dest: uint16(genStartAddrsCoarseOffset), amount: 2}},
			want: with(bank.Modulator{Source: cc(2), Amount: 65536, Dest: bank.StartOffset})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := simple(nil, nil)
			if tc.instGlobal != nil {
				f.insts[0].bags = append([]bag{{mods: tc.instGlobal}}, f.insts[0].bags...)
			}
			if tc.presetGlobal != nil {
				f.presets[0].bags = append([]bag{{mods: tc.presetGlobal}}, f.presets[0].bags...)
			}
			f.insts[0].bags[len(f.insts[0].bags)-1].mods = tc.inst
			f.presets[0].bags[len(f.presets[0].bags)-1].mods = tc.pressets
			if got := only(t, f).Modulators; !slices.Equal(got, tc.want) {
				t.Errorf("modulators\n%v\nwant\n%v", got, tc.want)
			}
		})
	}
}

func TestLinkedModulators(t *testing.T) {
	cutoff := modulator{src: srcLink, dest: uint16(genInitialFilterFc), amount: 100}
	feed := func(to uint16, cc uint16) modulator {
		return modulator{src: srcCC | cc, dest: destLink | to, amount: 50}
	}
	link := bank.Source{Kind: bank.SourceLink}
	n := bank.Dest(len(standard))
	chain := []bank.Modulator{
		{Source: link, Amount: 100, Dest: bank.FilterCutoff},
		{Source: cc(2), Amount: 50, Dest: bank.ToModulator + n},
	}
	f := simple(nil, nil)
	f.insts[0].bags[0].mods = []modulator{cutoff, feed(0, 2)}
	if got, want := only(t, f).Modulators, with(chain...); !slices.Equal(got, want) {
		t.Errorf("in an instrument: %v, want %v", got, want)
	}

	// Indices count within a zone's own list, wherever that ends up in the merged one.
	f = simple(nil, nil)
	f.presets[0].bags[0].mods = []modulator{cutoff, feed(0, 2)}
	f.insts[0].bags[0].mods = []modulator{{src: 0x0083, dest: uint16(genPan), amount: 1}}
	chain[1].Dest++
	pan := bank.Modulator{Source: cc(3), Amount: 1, Dest: bank.Pan}
	if got, want := only(t, f).Modulators, with(pan, chain[0], chain[1]); !slices.Equal(got, want) {
		t.Errorf("in a preset: %v, want %v", got, want)
	}

	loop := func(to uint16) modulator { return modulator{src: srcLink, dest: destLink | to, amount: 1} }
	for name, mods := range map[string][]modulator{
		"a cycle":                  {loop(1), loop(0), feed(0, 2)},
		"to itself":                {loop(0)},
		"to none":                  {feed(9, 2)},
		"to one that is not fed":   {feed(1, 2), {src: 0x0083, dest: uint16(genPan), amount: 0}},
		"to one that is left out":  {feed(1, 2), {src: srcLink, dest: uint16(genSampleModes), amount: 1}},
		"to one that adds nothing": {feed(1, 2), {src: srcLink, dest: uint16(genPan)}},
	} {
		f := simple(nil, nil)
		f.insts[0].bags[0].mods = mods
		if got := only(t, f).Modulators; !slices.Equal(got, standard) {
			t.Errorf("%s: %v", name, got[len(standard):])
		}
	}
}

func TestModulatorsLeftOut(t *testing.T) {
	good := modulator{src: 0x0082, dest: uint16(genPan), amount: 1}
	for name, spoil := range map[string]func(*modulator){
		"source: a curve":             func(m *modulator) { m.src |= 4 << srcCurve },
		"source: a general":           func(m *modulator) { m.src = 1 },
		"source: a controller":        func(m *modulator) { m.src = srcCC | 6 },
		"amount source: a controller": func(m *modulator) { m.amtSrc = srcCC | 120 },
		"a link as amount source":     func(m *modulator) { m.amtSrc = srcLink },
		"a transform":                 func(m *modulator) { m.trans = 1 },
		"a destination":               func(m *modulator) { m.dest = uint16(genSampleModes) },
		"a destination that":          func(m *modulator) { m.dest = 1000 },
	} {
		m := good
		spoil(&m)
		f := simple(nil, nil)
		f.insts[0].bags[0].mods = []modulator{m}
		_, notes := mustParse(t, f, Options{})
		if len(notes) != 1 || notes[0].Chunk != "imod" || !strings.HasPrefix(notes[0].Text, name) {
			t.Errorf("%s: notes %v", name, notes)
		}
		if got := only(t, f).Modulators; !slices.Equal(got, standard) {
			t.Errorf("%s: modulators %v", name, got[len(standard):])
		}
	}
}

func TestVelocityToCutoff(t *testing.T) {
	darker := bank.Source{Kind: bank.SourceVelocity, Negative: true}
	sw := bank.Source{Kind: bank.SourceVelocity, Negative: true, Curve: bank.Switch}
	for _, tc := range []struct {
		minor uint16
		want  bank.Modulator
	}{
		{4, bank.Modulator{Source: darker, Amount: -2400, Dest: bank.FilterCutoff}},
		{1, bank.Modulator{Source: darker, Control: sw, Amount: -2400, Dest: bank.FilterCutoff}},
	} {
		f := simple(nil, nil)
		f.minor = tc.minor
		b, _ := mustParse(t, f, Options{VelocityToCutoff: true})
		got := b.Presets()[0].Regions[0].Modulators
		if len(got) != len(standard)+1 || got[1] != tc.want {
			t.Errorf("version 2.%02d: %v, want %v second", tc.minor, got, tc.want)
		}
	}
	if r := only(t, simple(nil, nil)); slices.ContainsFunc(r.Modulators, func(m bank.Modulator) bool { return m.Dest == bank.FilterCutoff }) {
		t.Error("velocity moves the filter without being asked to")
	}
}

func TestFullAttenuation(t *testing.T) {
	b, _ := mustParse(t, simple(nil, []gen{{genInitialAttenuation, 100}}), Options{FullAttenuation: true})
	if a := b.Presets()[0].Regions[0].Gen[bank.Attenuation]; a != 100 {
		t.Errorf("attenuation %g cB, want 100", a)
	}
}

func TestMoreModulatorsThanTheModelTakes(t *testing.T) {
	var many []modulator
	for i := range 1000 {
		many = append(many, modulator{src: 0x0081 + uint16(i%3), dest: uint16(i % 60), amtSrc: uint16(i/180) << srcCurve, amount: 1})
	}
	f := simple(nil, nil)
	f.insts[0].bags = append([]bag{{mods: many[:400]}}, f.insts[0].bags...)
	f.insts[0].bags[1].mods = many[400:]
	f.presets[0].bags = append([]bag{{mods: many[:500]}}, f.presets[0].bags...)
	f.presets[0].bags[1].mods = many[500:]
	if n := len(only(t, f).Modulators); n > bank.MaxModulators || n < len(standard) {
		t.Errorf("%d modulators", n)
	}
}
