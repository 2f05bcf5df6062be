package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

func TestConfigIsChecked(t *testing.T) {
	good := Config{SampleRate: testRate}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Config){
		"rate 0":        func(c *Config) { c.SampleRate = 0 },
		"rate 10 MHz":   func(c *Config) { c.SampleRate = 10_000_000 },
		"15 voices":     func(c *Config) { c.Voices = 15 },
		"1025 voices":   func(c *Config) { c.Voices = 1025 },
		"quota":         func(c *Config) { c.Quota = 257 },
		"negative":      func(c *Config) { c.Quota = -1 },
		"interpolation": func(c *Config) { c.Interpolation = numInterpolations },
		"gain":          func(c *Config) { c.Gain = float32(math.NaN()) },
		"events":        func(c *Config) { c.Events = 1 },
	} {
		c := good
		spoil(&c)
		if e, err := New(c); err == nil || e != nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// song plays a few bars that use most of the engine, with events at odd frames.
func song(t *testing.T, e *Engine, cut func(left int) int) []byte {
	t.Helper()
	type message struct {
		at      int
		s, a, b byte
	}
	var all []message
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		at := i * 331
		ch, key := byte(rng.IntN(16)), byte(30+rng.IntN(60))
		all = append(all, message{at, 0x90 | ch, key, byte(1 + rng.IntN(127))})
		switch rng.IntN(5) {
		case 0:
			all = append(all, message{at, 0xE0 | ch, byte(rng.IntN(128)), byte(rng.IntN(128))})
		case 1:
			all = append(all, message{at, 0xB0 | ch, []byte{1, 7, 10, 11, 64}[rng.IntN(5)], byte(rng.IntN(128))})
		case 2:
			all = append(all, message{at, 0x80 | ch, key, 0})
		}
	}
	const total = 80000
	out := make([]byte, 0, total*8)
	for at := 0; at < total; {
		n := min(cut(total-at), total-at)
		for len(all) > 0 && all[0].at < at+n {
			e.must(t, all[0].at-at, all[0].s, all[0].a, all[0].b)
			all = all[1:]
		}
		l, r := e.renderFrames(n)
		for i := range l {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(l[i]))
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(r[i]))
		}
		at += n
	}
	return out
}

// richRegion uses both envelopes, both LFOs and the filter.
func richRegion() *bank.Region {
	r := looped(sineSample(101, 60, 20000))
	r.LoopStart = 700
	r.Modulators = defaults()
	r.Gen[bank.ModLFOToPitch], r.Gen[bank.ModLFOToCutoff], r.Gen[bank.ModLFOToVolume] = 30, 400, 20
	r.Gen[bank.VibLFOToPitch] = 10
	r.Gen[bank.FilterCutoff], r.Gen[bank.FilterQ] = 8000, 60
	r.Gen[bank.ModEnvDecay], r.Gen[bank.ModEnvSustain], r.Gen[bank.ModEnvToCutoff] = -1000, 800, 2400
	r.Gen[bank.VolEnvDecay], r.Gen[bank.VolEnvSustain], r.Gen[bank.VolEnvRelease] = 0, 300, -1500
	return r
}

// TestCutsDoNotMatter: the bytes are the same however Render is called.
func TestCutsDoNotMatter(t *testing.T) {
	for _, kind := range []Interpolation{Cubic, Linear, Sinc} {
		c := Config{Interpolation: kind, Voices: 32}
		want := song(t, testEngine(t, c, richRegion()), func(int) int { return 64 })
		if peak := maxOf(want); peak < 0.01 {
			t.Fatalf("the song's peak is %g: nothing to compare", peak)
		}
		rng := rand.New(rand.NewPCG(3, 4))
		for name, cut := range map[string]func(int) int{
			"one call": func(left int) int { return left },
			"256":      func(int) int { return 256 },
			"odd":      func(int) int { return 37 },
			"random":   func(int) int { return 1 + rng.IntN(500) },
		} {
			if got := song(t, testEngine(t, c, richRegion()), cut); !bytes.Equal(got, want) {
				t.Errorf("interpolation %d, cut %s: other bytes than in blocks of 64", kind, name)
			}
		}
	}
}

// TestBytesAreTheSameEverywhere holds every build to the same output.
func TestBytesAreTheSameEverywhere(t *testing.T) {
	for kind, want := range map[Interpolation]string{
		Cubic: "7dd845bca85de8ad", Linear: "255ceedbb12c05f7", Sinc: "da09ca3a6a4fdaf1",
	} {
		b := song(t, testEngine(t, Config{Interpolation: kind, Voices: 32}, richRegion()), func(int) int { return 500 })
		if got := fmt.Sprintf("%x", sha256.Sum256(b))[:16]; got != want {
			t.Errorf("interpolation %d: %s, want %s", kind, got, want)
		}
	}
	r := richRegion()
	r.Gen[bank.ReverbSend], r.Gen[bank.ChorusSend] = 400, 300
	b := song(t, testEngine(t, Config{Voices: 32, Effects: true}, r), func(int) int { return 500 })
	if got, want := fmt.Sprintf("%x", sha256.Sum256(b))[:16], "fe1a9bce2faec09c"; got != want {
		t.Errorf("with effects: %s, want %s", got, want)
	}
}

func maxOf(b []byte) float64 {
	p := 0.0
	for ; len(b) >= 4; b = b[4:] {
		p = max(p, math.Abs(float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))))
	}
	return p
}

func TestNothingAllocates(t *testing.T) {
	r := richRegion()
	r.Modulators = append(r.Modulators, bank.Modulator{Source: bank.Source{Kind: bank.SourceCC, CC: 2}, Amount: 1, Dest: bank.ToModulator + bank.Dest(len(r.Modulators)+1)},
		bank.Modulator{Source: bank.Source{Kind: bank.SourceLink}, Amount: 10, Dest: bank.Pitch})
	e := testEngine(t, Config{Voices: 16}, r)
	left, right := make([]float32, 256), make([]float32, 256)
	gs := []byte{0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41, 0xF7}
	i := 0
	allocs := testing.AllocsPerRun(300, func() {
		i++
		e.must(t, i%256, 0x90, byte(i%100), 100)
		e.must(t, i%200, 0xB0, byte(i%120), byte(i%128))
		e.must(t, 3, 0xC0, byte(i%3), 0)
		if i%50 == 0 {
			if err := e.SysEx(7, gs); err != nil {
				t.Fatal(err)
			}
			e.AllSoundOff()
		}
		e.Render(left, right)
		e.Channel(0)
	})
	if allocs != 0 {
		t.Errorf("%v allocations per period", allocs)
	}
	if e.Stats().Stolen == 0 {
		t.Error("nothing was stolen: the test does not reach that path")
	}
}

func TestQueue(t *testing.T) {
	e := testEngine(t, Config{Events: 64}, looped(sineSample(100, 10, 20000)))
	for i := range 64 {
		e.must(t, 1000-i, 0xB0, 7, 100)
	}
	if err := e.Event(0, 0x90, 60, 1); err != ErrQueueFull {
		t.Fatalf("65th event: %v, want ErrQueueFull", err)
	}
	e.renderFrames(990)
	e.must(t, 5, 0x90, 60, 1) // places that are done are free again
	if err := e.Event(-100, 0x90, 60, 100); err != nil {
		t.Fatal(err)
	}
	l, _ := e.renderFrames(64)
	if l[1] == 0 {
		t.Error("an offset below 0 does not count as 0")
	}
	if err := e.SysEx(0, bytes.Repeat([]byte{0xF0}, 1<<20)); err != nil {
		t.Errorf("a megabyte of nonsense: %v, want it dropped", err)
	}
	for range 10 {
		if err := e.Event(0, 0xF8, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// TestQueueThatNeverDrains: there is always an event ahead, and system exclusive
// messages go on for longer than the arena.
func TestQueueThatNeverDrains(t *testing.T) {
	e := testEngine(t, Config{}, looped(sineSample(100, 10, 20000)))
	l, r := make([]float32, 64), make([]float32, 64)
	volume := func(v byte) []byte { return []byte{0xF0, 0x7F, 0x7F, 4, 1, 0, v, 0xF7} }
	for i := range 3 * sysexArena / 8 {
		if err := e.SysEx(64+i%64, volume(byte(i%128))); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		e.Render(l, r)
	}
	if err := e.SysEx(200, volume(64)); err != nil { // after all that wait
		t.Fatal(err)
	}
	for range 4 {
		e.Render(l, r)
	}
	if want := float32(64<<7) / 16383; e.master != want*want {
		t.Errorf("master volume %g, want %g", e.master, want*want)
	}
}

// TestHostileMessages throws random bytes at the engine: nothing but sound may
// come of it.
func TestHostileMessages(t *testing.T) {
	e := testEngine(t, Config{Voices: 16}, richRegion())
	rng := rand.New(rand.NewPCG(5, 6))
	heads := [][]byte{{0x7E, 0x7F, 0x09}, {0x7F, 0x7F, 0x04}, {0x41, 0x10, 0x42, 0x12}, {0x43, 0x10, 0x4C}, {0x7E, 0x7F, 0x0A}}
	left, right := make([]float32, 100), make([]float32, 100)
	for range 5000 {
		for range rng.IntN(6) {
			e.must(t, rng.IntN(120), byte(rng.IntN(256)), byte(rng.IntN(256)), byte(rng.IntN(256)))
		}
		d := append([]byte{0xF0}, heads[rng.IntN(len(heads))]...)
		for range rng.IntN(12) {
			d = append(d, byte(rng.IntN(128)))
		}
		if err := e.SysEx(rng.IntN(100), append(d, 0xF7)); err != nil {
			t.Fatal(err)
		}
		e.Render(left, right)
		for i := range left {
			if !(math.Abs(float64(left[i])) < 50 && math.Abs(float64(right[i])) < 50) {
				t.Fatalf("sample %g, %g", left[i], right[i])
			}
		}
	}
}
