package engine

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// TestNoteStartsAtItsFrame: silence up to the offset, sound right after it.
func TestNoteStartsAtItsFrame(t *testing.T) {
	for _, offset := range []int{0, 1, 63, 64, 100, 255, 700} {
		e := testEngine(t, Config{}, levelRegion())
		e.must(t, offset, 0x90, 69, 127)
		var l []float32
		for range 4 {
			x, _ := e.renderFrames(256)
			l = append(l, x...)
		}
		first := -1
		for i, x := range l {
			if x != 0 {
				first = i
				break
			}
		}
		if first != offset+1 { // the ramp from zero is 0 in its first frame
			t.Errorf("offset %d: first sound in frame %d", offset, first)
		}
	}
}

func TestLoopModes(t *testing.T) {
	s := sineSample(100, 100, 20000) // 10,000 frames, a quarter second
	for _, c := range []struct {
		mode         bank.LoopMode
		alone, after bool // sounds after a second; 100 ms after the release began
	}{
		{bank.LoopNone, false, false},
		{bank.LoopForever, true, true},
		{bank.LoopUntilRelease, true, false},
	} {
		r := looped(s)
		r.Loop, r.LoopStart, r.LoopEnd = c.mode, 1000, 7000
		r.Gen[bank.VolEnvRelease] = 5000
		e := testEngine(t, Config{}, r)
		e.must(t, 0, 0x90, 69, 127)
		e.renderFrames(testRate)
		if got := !e.Silent(); got != c.alone {
			t.Errorf("mode %d: sounds after a second: %v", c.mode, got)
		}
		e.must(t, 0, 0x80, 69, 0)
		e.renderFrames(testRate / 2)
		if got := !e.Silent(); got != c.after {
			t.Errorf("mode %d: sounds half a second after the key went up: %v", c.mode, got)
		}
	}
}

// TestLoopIsContinuous: a loop of whole periods sounds like an endless sine, for
// loops longer and shorter than a block, at several pitches.
func TestLoopIsContinuous(t *testing.T) {
	for _, c := range []struct{ period, start, end int }{
		{100, 0, 10000}, {100, 300, 500}, {100, 300, 400}, {16, 16, 32}, {4, 8, 12}, {2, 4, 6}, {100, 9900, 10000},
	} {
		for _, key := range []byte{30, 62, 69, 75, 100} {
			r := looped(sineSample(c.period, 10000/c.period, 20000))
			r.LoopStart, r.LoopEnd = uint32(c.start), uint32(c.end)
			e := testEngine(t, Config{}, r)
			l := settle(t, e, key, 4000)
			step := math.Exp2(float64(int(key)-69)/12) * 2 * math.Pi / float64(c.period)
			if step > math.Pi {
				continue // above what can be represented
			}
			// A sine obeys x[n+1] + x[n-1] = 2 cos(w) x[n].
			worst := 0.0
			for i := 1; i+1 < len(l); i++ {
				worst = max(worst, math.Abs(float64(l[i+1])+float64(l[i-1])-2*math.Cos(step)*float64(l[i])))
			}
			if c.period >= 16 && worst > 0.01*math.Max(1, step*8) {
				t.Errorf("loop %v key %d: a jump of %.4f", c, key, worst)
			}
			if peak(l) > 0.7 {
				t.Errorf("loop %v key %d: peak %.3f", c, key, peak(l))
			}
		}
	}
}

// TestTinySamples: one frame, two, none: no crash, no blast.
func TestTinySamples(t *testing.T) {
	for frames := range 5 {
		for _, mode := range []bank.LoopMode{bank.LoopNone, bank.LoopForever} {
			for _, kind := range []Interpolation{Linear, Cubic, Sinc} {
				s := &bank.Sample{Rate: testRate, Data: make([]int16, frames), Low: make([]byte, frames)}
				for i := range s.Data {
					s.Data[i] = 30000
				}
				r := looped(s)
				r.Loop = mode
				e := testEngine(t, Config{Interpolation: kind}, r)
				for key := byte(0); key < 128; key += 9 {
					e.must(t, int(key), 0x90, key, 127)
				}
				l, _ := e.renderFrames(5000)
				if p := peak(l); p > 15*1.3 || math.IsNaN(p) {
					t.Errorf("%d frames, loop %d: peak %g", frames, mode, p)
				}
			}
		}
	}
}

func Test24Bit(t *testing.T) {
	s := &bank.Sample{Rate: testRate, Data: make([]int16, 64), Low: make([]byte, 64)}
	for i := range s.Data {
		s.Low[i] = 128
	}
	e := testEngine(t, Config{}, looped(s))
	e.must(t, 0, 0x90, 69, 127)
	e.renderFrames(1000)
	l, _ := e.renderFrames(1)
	near(t, "half a 16-bit step", float64(l[0]), 0.5*DefaultGain*fullScale*math.Sqrt(0.5), 1e-7)
}

func TestPedals(t *testing.T) {
	type step struct {
		s, a, b byte
		voices  int // sounding with the key or a pedal down
	}
	held := func(e *Engine) int {
		n := 0
		for _, v := range e.active {
			if !v.released {
				n++
			}
		}
		return n
	}
	for name, steps := range map[string][]step{
		"sustain":                   {{0x90, 60, 9, 1}, {0xB0, 64, 127, 1}, {0x80, 60, 0, 1}, {0xB0, 64, 0, 0}},
		"sustain below 64 is off":   {{0x90, 60, 9, 1}, {0xB0, 64, 63, 1}, {0x80, 60, 0, 0}},
		"struck again under pedal":  {{0xB0, 64, 127, 0}, {0x90, 60, 9, 1}, {0x80, 60, 0, 1}, {0x90, 60, 9, 2}, {0xB0, 64, 0, 1}, {0x80, 60, 0, 0}},
		"struck again":              {{0x90, 60, 9, 1}, {0x90, 60, 9, 1}, {0x80, 60, 0, 0}},
		"sostenuto":                 {{0x90, 60, 9, 1}, {0xB0, 66, 127, 1}, {0x90, 64, 9, 2}, {0x80, 64, 0, 1}, {0x80, 60, 0, 1}, {0xB0, 66, 0, 0}},
		"sostenuto inside sustain":  {{0x90, 60, 9, 1}, {0xB0, 66, 127, 1}, {0xB0, 64, 127, 1}, {0x80, 60, 0, 1}, {0xB0, 66, 0, 1}, {0xB0, 64, 0, 0}},
		"all notes off under pedal": {{0x90, 60, 9, 1}, {0xB0, 64, 127, 1}, {0xB0, 123, 0, 1}, {0xB0, 64, 0, 0}},
		"reset lets go":             {{0x90, 60, 9, 1}, {0xB0, 64, 127, 1}, {0x80, 60, 0, 1}, {0xB0, 121, 0, 0}},
		"note-on of velocity 0":     {{0x90, 60, 9, 1}, {0x90, 60, 0, 0}},
		"another channel":           {{0x90, 60, 9, 1}, {0x81, 60, 0, 1}, {0xB1, 64, 0, 1}, {0x80, 60, 0, 0}},
	} {
		r := levelRegion()
		r.Gen[bank.VolEnvRelease] = 5000
		e := testEngine(t, Config{}, r)
		for i, s := range steps {
			e.must(t, 0, s.s, s.a, s.b)
			e.renderFrames(1000)
			if got := held(e); got != s.voices {
				t.Errorf("%s, step %d: %d voices held, want %d", name, i, got, s.voices)
			}
		}
	}
}

func TestAllSoundOffFades(t *testing.T) {
	for name, off := range map[string]func(e *Engine){
		"controller": func(e *Engine) { e.must(t, 0, 0xB0, 120, 0) },
		"call":       func(e *Engine) { e.AllSoundOff() },
		"GM on": func(e *Engine) {
			if err := e.SysEx(0, []byte{0xF0, 0x7E, 0x7F, 9, 1, 0xF7}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		e := testEngine(t, Config{}, levelRegion())
		e.must(t, 0, 0x90, 69, 127)
		e.renderFrames(1000)
		off(e)
		l, _ := e.renderFrames(testRate / 100)
		noSteps(t, name, l)
		if !e.Silent() || e.ActiveVoices() != 0 {
			t.Errorf("%s: still sounding after 10 ms", name)
		}
	}
}

// noSteps fails if neighbouring frames of what should be a slow ramp differ by
// more than a ramp of 5 ms would.
func noSteps(t *testing.T, name string, l []float32) {
	t.Helper()
	for i := 1; i < len(l); i++ {
		if d := math.Abs(float64(l[i] - l[i-1])); d > unit/200 {
			t.Fatalf("%s: a step of %.5f at frame %d", name, d, i)
		}
	}
}

func TestExclusiveClass(t *testing.T) {
	open, closed := levelRegion(), levelRegion()
	open.KeyLow, open.KeyHigh, open.Exclusive = 46, 46, 1
	closed.KeyLow, closed.KeyHigh, closed.Exclusive = 42, 42, 1
	twin := levelRegion()
	*twin = *open
	other := levelRegion()
	other.KeyLow, other.KeyHigh, other.Exclusive = 50, 50, 2
	for _, r := range []*bank.Region{open, closed, twin, other} {
		r.Shutdown = -7271 // 15 ms
		r.Gen[bank.VolEnvRelease] = 5000
	}
	e := testEngine(t, Config{}, open, closed, twin, other)
	e.must(t, 0, 0x90, 46, 127)
	e.must(t, 0, 0x90, 50, 127)
	e.must(t, 0, 0x91, 46, 127)
	e.renderFrames(2000)
	if e.ActiveVoices() != 5 {
		t.Fatalf("%d voices, want 5: regions of one note do not silence each other", e.ActiveVoices())
	}
	e.must(t, 0, 0x90, 42, 127)
	e.renderFrames(2000)
	if e.ActiveVoices() != 4 {
		t.Errorf("%d voices, want 4: the class silences its own channel's, nothing else", e.ActiveVoices())
	}
}

func TestOverlap(t *testing.T) {
	for _, overlap := range []bool{false, true} {
		r := levelRegion()
		r.Overlap = overlap
		e := testEngine(t, Config{}, r)
		for range 3 {
			e.must(t, 0, 0x90, 60, 100)
			e.renderFrames(testRate / 10)
		}
		want := 1
		if overlap {
			want = 3
		}
		if e.ActiveVoices() != want {
			t.Errorf("overlap %v: %d voices, want %d", overlap, e.ActiveVoices(), want)
		}
	}
}

func TestShortNoteIsHeard(t *testing.T) {
	r := levelRegion()
	r.Gen[bank.VolEnvRelease] = -7200
	e := testEngine(t, Config{}, r)
	e.must(t, 0, 0x90, 69, 127)
	e.must(t, 1, 0x80, 69, 0)
	l, _ := e.renderFrames(testRate / 10)
	if peak(l[:441]) < 0.5*unit*0.707*0.6 || !e.Silent() {
		t.Errorf("a note of one frame peaks at %g, silent after: %v", peak(l), e.Silent())
	}
}

// TestActiveSensing: notes end when a sender that promised to go on does not.
func TestActiveSensing(t *testing.T) {
	for _, c := range []struct {
		name          string
		sense, repeat bool
		sounds        bool
	}{
		{"never sensed", false, false, true},
		{"sensed once", true, false, false},
		{"sensed on", true, true, true},
	} {
		e := testEngine(t, Config{}, levelRegion())
		e.must(t, 0, 0xB0, 64, 127)
		e.must(t, 0, 0x90, 60, 100)
		if c.sense {
			e.must(t, 0, 0xFE, 0, 0)
		}
		for range 20 {
			e.renderFrames(testRate / 10)
			if c.repeat {
				e.must(t, 0, 0xFE, 0, 0)
			}
		}
		if got := !e.Silent(); got != c.sounds {
			t.Errorf("%s: sounds %v, want %v", c.name, got, c.sounds)
		}
	}
}
