package engine

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// sendingRegion sends everything to both effects.
func sendingRegion() *bank.Region {
	r := looped(sineSample(100, 20, 20000))
	r.Modulators = defaults()
	r.Gen[bank.ReverbSend], r.Gen[bank.ChorusSend] = 500, 300
	return r
}

// TestEffectsAreTheSame: whatever the cuts and the loops, and whether another
// voice of no send plays beside.
func TestEffectsAreTheSame(t *testing.T) {
	render := func(cut func(left int) int, portable bool) []byte {
		e := testEngine(t, Config{Effects: true, Portable: portable}, sendingRegion())
		return song(t, e, cut)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	want := render(func(left int) int { return left }, false)
	if !bytes.Equal(want, render(func(int) int { return 1 + rng.IntN(300) }, false)) {
		t.Error("the cuts are heard")
	}
	if !bytes.Equal(want, render(func(int) int { return 256 }, true)) {
		t.Error("the portable loops differ")
	}
	dry := testEngine(t, Config{}, sendingRegion())
	if bytes.Equal(want, song(t, dry, func(left int) int { return left })) {
		t.Error("no effect is heard")
	}
}

// TestUnusedEffectsDoNothing: without a send the bytes and the work are those of
// an engine without effects.
func TestUnusedEffectsDoNothing(t *testing.T) {
	r := sendingRegion()
	r.Gen[bank.ReverbSend], r.Gen[bank.ChorusSend] = 0, 0
	with, without := testEngine(t, Config{Effects: true}, r), testEngine(t, Config{}, r)
	cut := func(int) int { return 256 }
	if !bytes.Equal(song(t, with, cut), song(t, without, cut)) {
		t.Error("the sound differs")
	}
	if with.Work() != without.Work() {
		t.Errorf("%d units of work, without effects %d", with.Work(), without.Work())
	}
}

// TestTail: the reverberation goes on after the note, ends, and then costs
// nothing.
func TestTail(t *testing.T) {
	e := testEngine(t, Config{Effects: true}, sendingRegion())
	e.must(t, 0, 0x90, 69, 127)
	e.must(t, testRate/2, 0x80, 69, 0)
	e.renderFrames(testRate)
	if e.ActiveVoices() != 0 || e.Silent() {
		t.Fatalf("%d voices sound; silent: %v", e.ActiveVoices(), e.Silent())
	}
	l, _ := e.renderFrames(testRate / 10)
	if peak(l) < 0.001*unit {
		t.Errorf("the tail is at %g", peak(l))
	}
	seconds := 0
	for ; !e.Silent(); seconds++ {
		if seconds == 20 {
			t.Fatal("the tail does not end")
		}
		e.renderFrames(testRate)
	}
	work := e.Work()
	l, r := e.renderFrames(testRate)
	if peak(l) != 0 || peak(r) != 0 || e.Work() != work {
		t.Errorf("after the tail: peaks %g and %g, %d units of work", peak(l), peak(r), e.Work()-work)
	}
}

// TestEffectsStop: turned off by a message, by SetEffects or by AllSoundOff, the
// tail fades without a step and is over within 15 ms.
func TestEffectsStop(t *testing.T) {
	for name, stop := range map[string]func(e *Engine){
		"message":     func(e *Engine) { e.SysEx(0, []byte{0xF0, 0x7D, 0x4D, 0x4D, 1, 0, 0xF7}) },
		"SetEffects":  func(e *Engine) { e.SetEffects(false) },
		"AllSoundOff": func(e *Engine) { e.AllSoundOff() },
		"GM on":       func(e *Engine) { e.SysEx(0, []byte{0xF0, 0x7E, 0x7F, 9, 1, 0xF7}) },
	} {
		e := testEngine(t, Config{Effects: true}, sendingRegion())
		e.must(t, 0, 0x90, 69, 127)
		e.must(t, testRate/2, 0x80, 69, 0)
		e.renderFrames(testRate * 3 / 4)
		stop(e)
		l, _ := e.renderFrames(testRate * 15 / 1000)
		for i := 1; i < len(l); i++ {
			if d := math.Abs(float64(l[i] - l[i-1])); d > 0.05*unit {
				t.Errorf("%s: a step of %.4f", name, d)
			}
		}
		if e.renderFrames(256); !e.Silent() {
			t.Errorf("%s: it still sounds", name)
		}
	}
}

// TestStemsHaveTheEffectsFirst: all stems together are the mix.
func TestStemsHaveTheEffectsFirst(t *testing.T) {
	mix, apart := testEngine(t, Config{Effects: true}, sendingRegion()), testEngine(t, Config{Effects: true}, sendingRegion())
	for _, e := range []*Engine{mix, apart} {
		for ch := range byte(16) {
			e.must(t, int(ch)*100, 0x90|ch, 50+ch, 100)
		}
	}
	l, _ := mix.renderFrames(8192)
	var stems [16]Stem
	for i := range stems {
		stems[i] = Stem{make([]float32, 8192), make([]float32, 8192)}
	}
	apart.RenderStems(&stems)
	for i := range l {
		sum := float32(0)
		for k := range stems {
			sum += stems[k].Left[i]
		}
		if math.Abs(float64(sum-l[i])) > 1e-5 {
			t.Fatalf("frame %d: %g and %g", i, sum, l[i])
		}
	}
}

func TestEffectsAllocateNothing(t *testing.T) {
	e := testEngine(t, Config{Effects: true}, sendingRegion())
	l, r := make([]float32, 256), make([]float32, 256)
	rev := rolandMessage(0x40, 1, 0x30, 1)
	k := byte(0)
	if n := testing.AllocsPerRun(200, func() {
		k++
		e.Event(0, 0x90, k&127, 100)
		e.Event(100, 0x80, k&127, 0)
		rev[8], rev[9] = k&7, (128-(0x40+1+0x30+k&7)&127)&127
		e.SysEx(50, rev)
		e.Render(l, r)
	}); n != 0 {
		t.Errorf("%g allocations a period", n)
	}
}

// BenchmarkEffects is a port of 32 voices without and with effects.
func BenchmarkEffects(b *testing.B) {
	for _, on := range []bool{false, true} {
		name := "off"
		if on {
			name = "on"
		}
		b.Run(name, func(b *testing.B) {
			e := testEngine(b, Config{Effects: on}, sendingRegion())
			for i := range 32 {
				e.must(b, 0, 0x90, byte(40+i), 100)
			}
			l, r := make([]float32, 256), make([]float32, 256)
			e.Render(l, r)
			start := cpuTime()
			for b.Loop() {
				e.Render(l, r)
			}
			b.ReportMetric((cpuTime()-start).Seconds()/(float64(b.N)*256/testRate)*100, "%core")
		})
	}
}
