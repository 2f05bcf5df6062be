package engine

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

func named(name string, drum bool, msb, lsb, program uint8) *bank.Preset {
	return &bank.Preset{Name: name, Drum: drum, MSB: msb, LSB: lsb, Program: program, Regions: []*bank.Region{levelRegion()}}
}

func TestProgramsAndBanks(t *testing.T) {
	gm := testBank(t, named("piano", false, 0, 0, 0), named("organ", false, 0, 0, 16), named("variation", false, 8, 0, 16),
		named("fine", false, 8, 3, 16), named("kit", true, 0, 0, 0), named("room", true, 0, 0, 8))
	own := testBank(t, named("my organ", false, 0, 0, 16))
	gmOn := []byte{0xF0, 0x7E, 0x7F, 9, 1, 0xF7}
	gsReset := []byte{0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7F, 0, 0x41, 0xF7}
	xgOn := []byte{0xF0, 0x43, 0x10, 0x4C, 0, 0, 0x7E, 0, 0xF7}
	drumPart := []byte{0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x15, 1, 0x19, 0xF7}
	bad := append([]byte(nil), drumPart...)
	bad[9]++
	for _, c := range []struct {
		name   string
		banks  []*bank.Bank
		sysex  []byte
		events [][3]byte
		ch     int
		want   string
	}{
		{"power-on", []*bank.Bank{gm}, nil, nil, 0, "piano"},
		{"rhythm channel", []*bank.Bank{gm}, nil, nil, 9, "kit"},
		{"program", []*bank.Bank{gm}, nil, [][3]byte{{0xC2, 16}}, 2, "organ"},
		{"kit", []*bank.Bank{gm}, nil, [][3]byte{{0xC9, 8}}, 9, "room"},
		{"unknown kit", []*bank.Bank{gm}, nil, [][3]byte{{0xC9, 25}}, 9, "kit"},
		{"bank waits for program", []*bank.Bank{gm}, nil, [][3]byte{{0xC0, 16}, {0xB0, 0, 8}}, 0, "organ"},
		{"bank", []*bank.Bank{gm}, nil, [][3]byte{{0xB0, 0, 8}, {0xC0, 16}}, 0, "variation"},
		{"bank LSB", []*bank.Bank{gm}, nil, [][3]byte{{0xB0, 0, 8}, {0xB0, 32, 3}, {0xC0, 16}}, 0, "fine"},
		{"unknown LSB", []*bank.Bank{gm}, nil, [][3]byte{{0xB0, 0, 8}, {0xB0, 32, 9}, {0xC0, 16}}, 0, "variation"},
		{"unknown bank", []*bank.Bank{gm}, nil, [][3]byte{{0xB0, 0, 77}, {0xC0, 16}}, 0, "organ"},
		{"unknown program", []*bank.Bank{gm}, nil, [][3]byte{{0xC0, 99}}, 0, "piano"},
		{"bank on the rhythm channel", []*bank.Bank{gm}, nil, [][3]byte{{0xB9, 0, 8}, {0xC9, 8}}, 9, "room"},
		{"later bank wins", []*bank.Bank{gm, own}, nil, [][3]byte{{0xC0, 16}}, 0, "my organ"},
		{"earlier bank loses", []*bank.Bank{own, gm}, nil, [][3]byte{{0xC0, 16}}, 0, "organ"},
		{"stack keeps the rest", []*bank.Bank{gm, own}, nil, [][3]byte{{0xB0, 0, 8}, {0xC0, 16}}, 0, "variation"},
		{"no bank", nil, nil, nil, 0, ""},
		{"GM ignores banks", []*bank.Bank{gm}, gmOn, [][3]byte{{0xB0, 0, 8}, {0xC0, 16}}, 0, "organ"},
		{"GS has variations", []*bank.Bank{gm}, gsReset, [][3]byte{{0xB0, 0, 8}, {0xC0, 16}}, 0, "variation"},
		{"XG drum bank", []*bank.Bank{gm}, xgOn, [][3]byte{{0xB3, 0, 127}, {0xC3, 8}}, 3, "room"},
		{"drum part", []*bank.Bank{gm}, drumPart, nil, 0, "kit"},
		{"drum part, wrong sum", []*bank.Bank{gm}, bad, nil, 0, "piano"},
	} {
		e, err := New(Config{SampleRate: testRate})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.SetBank(c.banks...); err != nil {
			t.Fatal(err)
		}
		if c.sysex != nil {
			if err := e.SysEx(0, c.sysex); err != nil {
				t.Fatal(err)
			}
		}
		for _, ev := range c.events {
			e.must(t, 0, ev[0], ev[1], ev[2])
		}
		e.renderFrames(1)
		if got := e.Channel(c.ch).Name; got != c.want {
			t.Errorf("%s: channel %d plays %q, want %q", c.name, c.ch+1, got, c.want)
		}
	}
}

func TestGSParts(t *testing.T) {
	for part, want := range []byte{9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15} {
		if got := gsPart(byte(part)); got != want {
			t.Errorf("part %d is channel %d, want %d", part, got, want)
		}
	}
}

func TestUnassignedChannelIsCounted(t *testing.T) {
	e := testEngine(t, Config{}, levelRegion())
	e.must(t, 0, 0x99, 40, 100)
	l, _ := e.renderFrames(100)
	if peak(l) != 0 || e.Stats().Unassigned != 1 {
		t.Errorf("peak %g, unassigned %d", peak(l), e.Stats().Unassigned)
	}
}

// TestCoarseTuneOfDLS moves the key before regions are chosen, except for drums.
func TestCoarseTuneOfDLS(t *testing.T) {
	low, high := levelRegion(), levelRegion()
	low.KeyHigh, high.KeyLow = 63, 64
	p := &bank.Preset{TuneShiftsKey: true, Regions: []*bank.Region{low, high}}
	kit := &bank.Preset{TuneShiftsKey: true, Drum: true, Regions: []*bank.Region{low, high}}
	e := testEngine(t, Config{})
	if err := e.SetBank(testBank(t, p, kit)); err != nil {
		t.Fatal(err)
	}
	for _, ch := range []byte{0, 9} {
		e.must(t, 0, 0xB0|ch, 101, 0)
		e.must(t, 0, 0xB0|ch, 100, 2)
		e.must(t, 0, 0xB0|ch, 6, 64+12)
		e.must(t, 0, 0x90|ch, 60, 100)
	}
	e.renderFrames(100)
	if e.active[0].region != high || e.active[1].region != low {
		t.Error("the key of the melodic channel must move, that of the rhythm channel must not")
	}
	if d := e.active[0].pitch - 300; math.Abs(d) > 0.001 {
		t.Errorf("pitch off by %.3f cents: tuned twice?", d)
	}
}

// TestBankChange: notes go on with the old bank, and Uses says so.
func TestBankChange(t *testing.T) {
	e := testEngine(t, Config{}, levelRegion())
	old := e.banks[0]
	e.must(t, 0, 0x90, 60, 127)
	e.renderFrames(1000)
	if err := e.SetBank(testBank(t, named("new", false, 0, 0, 0))); err != nil {
		t.Fatal(err)
	}
	l, _ := e.renderFrames(1000)
	noSteps(t, "bank change", l)
	if !e.Uses(old) {
		t.Error("a voice plays from the old bank, Uses says no")
	}
	e.AllSoundOff()
	e.renderFrames(1000)
	if e.Uses(old) {
		t.Error("nothing plays from the old bank, Uses says yes")
	}
	if e.SetBank(nil) == nil {
		t.Error("a nil bank was taken")
	}
	if e.SetBank(make([]*bank.Bank, MaxBanks+1)...) == nil {
		t.Error("too many banks were taken")
	}
}

// TestSmoothControllers: sweeps of volume, pan, expression and master volume are
// ramps, not steps.
func TestSmoothControllers(t *testing.T) {
	e := testEngine(t, Config{}, levelRegion())
	e.must(t, 0, 0xB0, 7, 127)
	e.must(t, 0, 0x90, 60, 127)
	e.renderFrames(1000)
	for i, ev := range [][3]byte{{0xB0, 7, 64}, {0xB0, 7, 127}, {0xB0, 11, 0}, {0xB0, 11, 127}, {0xB0, 10, 0}, {0xB0, 10, 127}} {
		e.must(t, 33, ev[0], ev[1], ev[2])
		l, _ := e.renderFrames(256)
		for k := 1; k < len(l); k++ {
			if d := math.Abs(float64(l[k] - l[k-1])); d > unit/60 {
				t.Fatalf("event %d: a step of %.4f", i, d)
			}
		}
	}
	e.must(t, 0, 0xB0, 10, 64)
	l, _ := e.renderFrames(1000)
	before := float64(l[999])
	if err := e.SysEx(0, []byte{0xF0, 0x7F, 0x7F, 4, 1, 0, 64, 0xF7}); err != nil {
		t.Fatal(err)
	}
	l, _ = e.renderFrames(1000)
	near(t, "master volume of a half", float64(l[999])/before, 0.25, 0.001)
}

// TestSamplesThatComeLater: notes that come too early are counted, the others
// sound, and the place to load from is told in time.
func TestSamplesThatComeLater(t *testing.T) {
	late := &bank.Sample{Name: "late", Rate: testRate, Frames: 64}
	r := levelRegion()
	r.Sample = late
	p := &bank.Preset{Name: "late", Program: 5, Regions: []*bank.Region{r}}
	var told []*bank.Preset
	e, err := New(Config{SampleRate: testRate, Selected: func(p *bank.Preset) { told = append(told, p) }})
	if err != nil {
		t.Fatal(err)
	}
	first := named("first", false, 0, 0, 0)
	if err := e.SetBank(testBank(t, first, p)); err != nil {
		t.Fatal(err)
	}
	told = told[:0]
	e.must(t, 0, 0xC0, 5, 0)
	e.must(t, 10, 0x90, 69, 127)
	l, _ := e.renderFrames(1000)
	if len(told) != 1 || told[0] != p {
		t.Fatalf("told of %v", told)
	}
	if peak(l) != 0 || e.Stats().NotLoaded != 1 {
		t.Errorf("peak %g, %d not loaded", peak(l), e.Stats().NotLoaded)
	}
	data := make([]int16, 64)
	for i := range data {
		data[i] = 16384
	}
	p.Missing(func(s *bank.Sample) bool {
		if err := s.Supply(bank.PCM{Data: data}); err != nil {
			t.Fatal(err)
		}
		return true
	})
	e.must(t, 0, 0x90, 69, 127)
	e.renderFrames(1000)
	late.Withdraw()
	l, _ = e.renderFrames(100)
	if peak(l) < 0.3*unit || e.Stats().NotLoaded != 1 {
		t.Errorf("peak %g, %d not loaded, want the note to go on", peak(l), e.Stats().NotLoaded)
	}
}
