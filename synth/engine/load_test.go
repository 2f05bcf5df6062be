package engine

import (
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// TestQuotaDropsByPriority: released notes go first, then pedalled ones, then the
// quiet and old among those that are held; drums and new notes stay longest.
func TestQuotaDropsByPriority(t *testing.T) {
	e := testEngine(t, Config{}, func() *bank.Region {
		r := levelRegion()
		r.Gen[bank.VolEnvRelease] = 1200 // two seconds
		r.Modulators = defaults()
		return r
	}())
	kit := &bank.Preset{Drum: true, Regions: []*bank.Region{levelRegion()}}
	if err := e.SetBank(e.banks[0], testBank(t, kit)); err != nil {
		t.Fatal(err)
	}
	e.must(t, 0, 0x90, 40, 120) // released
	e.must(t, 0, 0x91, 41, 120) // pedalled
	e.must(t, 0, 0x90, 42, 20)  // held, quiet
	e.must(t, 0, 0x90, 43, 120) // held, loud
	e.must(t, 0, 0x99, 44, 120) // a drum
	e.must(t, 0, 0xB1, 64, 127)
	e.renderFrames(testRate)
	e.must(t, 0, 0x80, 40, 0)
	e.must(t, 0, 0x81, 41, 0)
	e.renderFrames(1000)
	e.must(t, 0, 0x90, 45, 20) // has not been heard yet
	e.renderFrames(1)
	for i, gone := range []byte{40, 41, 42, 43, 44} {
		before := e.frame
		e.SetQuota(5 - i)
		if e.ActiveVoices() != 5-i {
			t.Fatalf("%d voices sound, want %d", e.ActiveVoices(), 5-i)
		}
		for _, v := range e.active {
			if fades := v.fading >= 0; fades != (v.key <= gone) {
				t.Errorf("with a quota of %d, key %d fades: %v", 5-i, v.key, fades)
			}
		}
		if e.frame != before {
			t.Error("it must not render")
		}
	}
	for range 8 { // 8 ms and a block, in which nothing jumps
		l, _ := e.renderFrames(64)
		noSteps(t, "quota", l)
	}
	if n := len(e.active); n != 1 {
		t.Errorf("%d voices are left, want 1", n)
	}
}

func TestQuotaAllocatesNothing(t *testing.T) {
	e := testEngine(t, Config{Voices: 1024}, levelRegion())
	fill := func() {
		for i := range 1000 {
			e.must(t, 0, 0x90|byte(i&7), byte(i>>3), 100)
		}
		e.renderFrames(64)
	}
	e.SetQuota(1024)
	fill()
	if n := testing.AllocsPerRun(1, func() { e.SetQuota(10) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
	for range 20 {
		e.renderFrames(64)
	}
	if len(e.active) != 10 {
		t.Errorf("%d voices, want 10", len(e.active))
	}
}

// TestWork: the forecast and the account agree while nothing happens.
func TestWork(t *testing.T) {
	r := levelRegion()
	r.Gen[bank.FilterCutoff] = 9000
	e := testEngine(t, Config{}, r)
	if e.Ahead(256) != 0 {
		t.Error("silence is said to cost")
	}
	for k := range 50 {
		e.must(t, 0, 0x90, byte(30+k), 100)
	}
	e.renderFrames(64)
	ahead, before := e.Ahead(640), e.Work()
	e.renderFrames(640)
	if done := e.Work() - before; done != ahead || done == 0 {
		t.Errorf("%d units were foreseen and %d counted", ahead, done)
	}
}

// TestCheckpoint: a thread that renders many voices gives way every few.
func TestCheckpoint(t *testing.T) {
	count := 0
	e := testEngine(t, Config{Voices: 1024, Checkpoint: func() { count++ }}, levelRegion())
	for i := range 800 {
		e.must(t, 0, 0x90|byte(i&7), byte(i>>3), 100)
	}
	e.renderFrames(64)
	if count < 100+800/batchVoices {
		t.Errorf("%d checkpoints for 800 notes and their first blocks", count)
	}
}

// BenchmarkQuota cuts 1000 voices to 200.
func BenchmarkQuota(b *testing.B) {
	e := testEngine(b, Config{Voices: 1024}, levelRegion())
	for i := range 1000 {
		e.must(b, 0, 0x90|byte(i&7), byte(i>>3), 100)
	}
	e.renderFrames(640)
	for b.Loop() {
		e.SetQuota(200)
		for _, v := range e.active {
			if v.fading >= 0 {
				v.fading = -1
				e.sounding++
			}
		}
	}
}
