package bank

import (
	"errors"
	"math"
	"testing"
)

func region(lo, hi uint8) *Region {
	r := NewRegion()
	r.KeyLow, r.KeyHigh = lo, hi
	r.Sample = &Sample{Name: "s", Rate: 44100, Data: make([]int16, 100)}
	r.End = 100
	return r
}

func TestFindAndKey(t *testing.T) {
	p := &Preset{Name: "piano", MSB: 1, LSB: 2, Program: 3, Regions: []*Region{region(0, 60), region(60, 127), region(70, 50)}}
	twin := &Preset{Name: "twin", MSB: 1, LSB: 2, Program: 3}
	drum := &Preset{Name: "kit", MSB: 1, LSB: 2, Program: 3, Drum: true}
	b, err := New("b", []*Preset{drum, p, twin})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Presets()) != 2 {
		t.Fatalf("%d presets, want 2: the first of twins wins", len(b.Presets()))
	}
	if b.Find(false, 1, 2, 3) != p || b.Find(true, 1, 2, 3) != drum {
		t.Error("Find does not return the preset of those numbers")
	}
	if b.Find(false, 1, 2, 4) != nil || b.Find(false, 0, 0, 0) != nil || b.Find(true, 127, 127, 127) != nil {
		t.Error("Find returns a preset for numbers nothing has")
	}
	for key, want := range map[int]int{-1: 0, 0: 1, 59: 1, 60: 2, 61: 1, 127: 1, 128: 0} {
		if got := len(p.Key(key)); got != want {
			t.Errorf("key %d has %d regions, want %d", key, got, want)
		}
	}
	if p.Key(60)[0] != p.Regions[0] || p.Key(60)[1] != p.Regions[1] {
		t.Error("regions of a key are not in file order")
	}
	if n := testing.AllocsPerRun(100, func() { b.Find(false, 1, 2, 3).Key(60) }); n != 0 {
		t.Errorf("lookup allocates %v times", n)
	}
}

func TestNewPutsLoopsRight(t *testing.T) {
	cases := []struct {
		name                    string
		start, end, ls, le      uint32
		wantStart, wantEnd, wLE uint32
		loop                    LoopMode
	}{
		{"good", 0, 100, 10, 90, 0, 100, 90, LoopForever},
		{"end beyond", 0, 1000, 10, 1000, 0, 100, 100, LoopForever},
		{"start beyond", 500, 100, 10, 90, 100, 100, 90, LoopNone},
		{"empty loop", 0, 100, 50, 50, 0, 100, 50, LoopNone},
		{"inverted loop", 0, 100, 90, 50, 0, 100, 50, LoopNone},
	}
	for _, c := range cases {
		r := region(0, 127)
		r.Start, r.End, r.LoopStart, r.LoopEnd, r.Loop = c.start, c.end, c.ls, c.le, LoopForever
		if _, err := New("b", []*Preset{{Regions: []*Region{r}}}); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if r.Start != c.wantStart || r.End != c.wantEnd || r.LoopEnd != c.wLE || r.Loop != c.loop {
			t.Errorf("%s: start %d end %d loop end %d mode %d", c.name, r.Start, r.End, r.LoopEnd, r.Loop)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	cases := map[string]func(*Preset, *Region){
		"no sample":       func(p *Preset, r *Region) { r.Sample = nil },
		"rate 0":          func(p *Preset, r *Region) { r.Sample.Rate = 0 },
		"rate 10 MHz":     func(p *Preset, r *Region) { r.Sample.Rate = 1e7 },
		"rate NaN":        func(p *Preset, r *Region) { r.Sample.Rate = float32(math.NaN()) },
		"short low bytes": func(p *Preset, r *Region) { r.Sample.Low = make([]byte, 99) },
		"NaN generator":   func(p *Preset, r *Region) { r.Gen[Pan] = float32(math.NaN()) },
		"infinite root":   func(p *Preset, r *Region) { r.Root = float32(math.Inf(1)) },
		"envelope range":  func(p *Preset, r *Region) { r.VolEnvRange = 0 },
		"program 128":     func(p *Preset, r *Region) { p.Program = 128 },
		"nil region":      func(p *Preset, r *Region) { p.Regions = append(p.Regions, nil) },
		"bad source":      func(p *Preset, r *Region) { r.Modulators = []Modulator{{Source: Source{Kind: numSources}}} },
		"bad curve":       func(p *Preset, r *Region) { r.Modulators = []Modulator{{Control: Source{Curve: numCurves}}} },
		"bad dest":        func(p *Preset, r *Region) { r.Modulators = []Modulator{{Dest: NumDest}} },
		"bad link":        func(p *Preset, r *Region) { r.Modulators = []Modulator{{Dest: ToModulator + 1}} },
		"link as control": func(p *Preset, r *Region) { r.Modulators = []Modulator{{Control: Source{Kind: SourceLink}}} },
		"too many":        func(p *Preset, r *Region) { r.Modulators = make([]Modulator, MaxModulators+1) },
	}
	for name, spoil := range cases {
		r := region(0, 127)
		p := &Preset{Regions: []*Region{r}}
		spoil(p, r)
		if _, err := New("b", []*Preset{p}); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: error %v, want ErrInvalid", name, err)
		}
	}
	if _, err := New("b", []*Preset{nil}); !errors.Is(err, ErrInvalid) {
		t.Errorf("nil preset: error %v", err)
	}
}

func TestDestNames(t *testing.T) {
	for d := Dest(0); d < NumDest; d++ {
		if d.String() == "" {
			t.Errorf("destination %d has no name", d)
		}
	}
}

func TestSuppliedSamples(t *testing.T) {
	late := &Sample{Name: "late", Rate: 44100, Frames: 100}
	r := region(0, 127)
	r.Sample, r.End, r.LoopStart, r.LoopEnd, r.Loop = late, 1000, 10, 90, LoopForever
	second := region(0, 127)
	second.Sample = late
	p := &Preset{Regions: []*Region{r, second, region(0, 127)}}
	if _, err := New("b", []*Preset{p}); err != nil {
		t.Fatal(err)
	}
	if r.End != 100 || r.Loop != LoopForever {
		t.Errorf("end %d, loop %d: the length to come does not count", r.End, r.Loop)
	}
	missing := func() (n int) {
		p.Missing(func(s *Sample) bool {
			if s != late {
				t.Errorf("%q is there", s.Name)
			}
			n++
			return true
		})
		return n
	}
	if _, ok := late.PCM(); ok || missing() != 1 {
		t.Error("a sample without frames must be missing, once")
	}
	for name, p := range map[string]PCM{
		"short": {Data: make([]int16, 99)}, "long": {Data: make([]int16, 101)}, "low bytes": {make([]int16, 100), make([]byte, 3)},
	} {
		if late.Supply(p) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := late.Supply(PCM{Data: make([]int16, 100)}); err != nil {
		t.Fatal(err)
	}
	if pcm, ok := late.PCM(); !ok || len(pcm.Data) != 100 || missing() != 0 {
		t.Error("what was supplied is not there")
	}
	late.Withdraw()
	if _, ok := late.PCM(); ok {
		t.Error("what was withdrawn is there")
	}
	if region(0, 1).Sample.Supply(PCM{}) == nil {
		t.Error("a sample that has its frames took others")
	}
	if _, err := New("b", []*Preset{{Regions: []*Region{{Sample: &Sample{Rate: 44100, Frames: -1}, VolEnvRange: 960}}}}); !errors.Is(err, ErrInvalid) {
		t.Errorf("negative length: %v", err)
	}
}
