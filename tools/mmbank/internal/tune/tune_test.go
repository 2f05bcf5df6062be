package tune

import (
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	for name, want := range map[string]int{"C4": 60, "A4": 69, "F#3": 54, "Bb1": 34, "C-1": 0, "G9": 127} {
		if got := key(name); got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
}

func TestMelodyCountsBeats(t *testing.T) {
	s := &score{}
	p := s.part(3, "Test", 0, 100, 64, 40)
	before := len(p.events)
	if end := p.melody(4, 80, "C4:1.5 r:0.5 D4 E4:2"); end != 9 {
		t.Errorf("five beats from beat 4 end at %g", end)
	}
	if n := len(p.events) - before; n != 6 {
		t.Errorf("three notes are %d events", n)
	}
}

// Every bar of every chord chart names three notes or more, and no note leaves the keyboard.
func TestCharts(t *testing.T) {
	for _, chart := range [][]bar{introChords, firstChords, secondChords, codaChords} {
		for i, b := range chart {
			notes := strings.Fields(b.chord)
			if len(notes) < 3 {
				t.Errorf("bar %d has %q only", i, b.chord)
			}
			for _, n := range append(notes, b.bass) {
				if k := key(n); k < 24 || k > 84 {
					t.Errorf("bar %d: %s is key %d", i, n, k)
				}
			}
		}
	}
}
