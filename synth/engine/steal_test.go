package engine

import (
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// TestStealingDoesNotClick: a full engine takes another note; everything sounds
// on within slow ramps and no more voices than allowed are counted.
func TestStealingDoesNotClick(t *testing.T) {
	r := levelRegion()
	r.Gen[bank.VolEnvAttack] = -4000 // 100 ms, so that only a theft could step
	e := testEngine(t, Config{Voices: 16}, r)
	for i := range byte(16) {
		e.must(t, 0, 0x90, 40+i, 127)
	}
	e.renderFrames(testRate / 2)
	for i := range byte(40) {
		e.must(t, 10, 0x90, 60+i, 127)
		l, _ := e.renderFrames(300)
		noSteps(t, "theft", l)
		if e.ActiveVoices() != 16 {
			t.Fatalf("%d voices, want 16", e.ActiveVoices())
		}
	}
	if s := e.Stats(); s.Stolen != 40 || s.Dropped != 0 {
		t.Errorf("%d stolen, %d dropped; want 40 and 0", s.Stolen, s.Dropped)
	}
	if e.PeakVoices() != 16 {
		t.Errorf("peak %d, want 16", e.PeakVoices())
	}
}

// TestStealsTheReleasedFirst, then the pedalled, then the quiet.
func TestStealOrder(t *testing.T) {
	r := levelRegion()
	r.Gen[bank.VolEnvRelease] = 8000
	e := testEngine(t, Config{Voices: 16}, r)
	for i := range byte(13) {
		e.must(t, 0, 0x90, 40+i, 100)
	}
	e.must(t, 0, 0x90, 80, 100) // will be released
	e.must(t, 0, 0x91, 81, 100) // will be pedalled
	e.must(t, 0, 0x92, 82, 10)  // quiet
	e.renderFrames(testRate / 4)
	e.must(t, 0, 0x80, 80, 0)
	e.must(t, 0, 0xB1, 64, 127)
	e.must(t, 0, 0x81, 81, 0)
	e.renderFrames(1000)
	sounds := func(key uint8) bool {
		for _, v := range e.active {
			if v.key == key && v.fading < 0 {
				return true
			}
		}
		return false
	}
	for i, gone := range []uint8{80, 81, 82} {
		e.must(t, 0, 0x93, byte(100+i), 100)
		e.renderFrames(2000)
		if sounds(gone) {
			t.Errorf("theft %d: key %d was spared", i, gone)
		}
		for _, later := range []uint8{80, 81, 82}[i+1:] {
			if !sounds(later) {
				t.Errorf("theft %d took key %d", i, later)
			}
		}
	}
}

// TestChannelPriorities: with DLS voice allocation on, a channel takes voices
// only from itself and those below it: 10, 1 to 9, 11 to 16.
func TestChannelPriorities(t *testing.T) {
	for _, c := range []struct {
		holder, taker byte
		takes         bool
	}{
		{1, 0, true}, {0, 1, false}, {0, 0, true}, {9, 0, false}, {0, 9, true}, {10, 8, true}, {8, 10, false}, {15, 14, true}, {14, 15, false},
	} {
		e := testEngine(t, Config{Voices: 16}, levelRegion())
		kit := &bank.Preset{Name: "kit", Drum: true, Regions: []*bank.Region{levelRegion()}}
		tone := &bank.Preset{Name: "tone", Regions: []*bank.Region{levelRegion()}}
		if err := e.SetBank(testBank(t, kit, tone)); err != nil {
			t.Fatal(err)
		}
		if err := e.SysEx(0, []byte{0xF0, 0x7E, 0x7F, 0x0A, 4, 0xF7}); err != nil {
			t.Fatal(err)
		}
		for i := range byte(16) {
			e.must(t, 0, 0x90|c.holder, 40+i, 100)
		}
		e.renderFrames(1000)
		e.must(t, 0, 0x90|c.taker, 90, 100)
		e.renderFrames(1000)
		if got := e.Stats().Stolen == 1; got != c.takes {
			t.Errorf("channel %d against %d: stolen %v, want %v", c.taker+1, c.holder+1, got, c.takes)
		}
		if e.Stats().Stolen+e.Stats().Dropped != 1 {
			t.Errorf("stolen %d, dropped %d", e.Stats().Stolen, e.Stats().Dropped)
		}
	}
}

func TestQuota(t *testing.T) {
	e := testEngine(t, Config{Voices: 64, Quota: 20}, levelRegion())
	for i := range byte(60) {
		e.must(t, 0, 0x90, 30+i, 100)
	}
	e.renderFrames(1000)
	if e.ActiveVoices() != 20 {
		t.Errorf("%d voices under a quota of 20", e.ActiveVoices())
	}
	e.SetQuota(5)
	l, _ := e.renderFrames(testRate / 100)
	if e.ActiveVoices() != 5 || len(e.active) != 5 {
		t.Errorf("%d voices, %d with fades, want 5 10 ms after the quota sank", e.ActiveVoices(), len(e.active))
	}
	for i := 1; i < len(l); i++ {
		if d := l[i] - l[i-1]; d > 20*unit/200 || d < -20*unit/200 {
			t.Fatalf("a step of %g", d)
		}
	}
	e.SetQuota(1000)
	if e.quota != 64 {
		t.Errorf("quota %d beyond the voices there are", e.quota)
	}
}

// TestEviction: more thefts than there are slots for fades.
func TestEviction(t *testing.T) {
	e := testEngine(t, Config{Voices: 16}, levelRegion())
	for i := range 300 {
		e.must(t, i, 0x90|byte(i%9), byte(i%128), 100)
	}
	e.renderFrames(400)
	if e.ActiveVoices() != 16 || e.Stats().Evicted == 0 {
		t.Errorf("%d voices, %d evicted", e.ActiveVoices(), e.Stats().Evicted)
	}
	if len(e.active)+len(e.free) != len(e.voices) {
		t.Errorf("%d active and %d free of %d", len(e.active), len(e.free), len(e.voices))
	}
	e.AllSoundOff()
	e.renderFrames(1000)
	if len(e.free) != len(e.voices) {
		t.Errorf("%d of %d voices came back", len(e.free), len(e.voices))
	}
}
