package sf2

import (
	"testing"

	"github.com/mmlite/mmlite/synth/riff"
)

// TestSpans holds that no record belongs to two items, however indices run, and that good indices
// are taken as they are.
func TestSpans(t *testing.T) {
	type span [2]int
	for _, tc := range []struct {
		name    string
		indices []uint16
		want    []span
		notes   int
	}{
		{"rising", []uint16{0, 3, 3, 10}, []span{{0, 3}, {3, 3}, {3, 10}}, 0},
		{"a gap", []uint16{0, 3}, []span{{0, 3}}, 0},
		{"back and forth", []uint16{0, 10, 0, 10, 5}, []span{{0, 10}, {10, 10}, {10, 10}, {10, 10}}, 3},
		{"falling", []uint16{10, 5, 0}, []span{{10, 10}, {10, 10}}, 2},
		{"beyond the end", []uint16{0, 5, 60000, 60001}, []span{{0, 5}, {5, 10}, {10, 10}}, 2},
	} {
		var f riff.File
		index := table{name: "ibag", size: bagSize, data: make([]byte, 0, 100)}
		for _, n := range tc.indices {
			index.data = put(index.data, n, uint16(0))
		}
		s := newSpans(&f, &index, 0, &table{name: "igen", size: genSize, data: make([]byte, 10*genSize)}, 10)
		for i, want := range tc.want {
			if from, to := s.of(i); from != want[0] || to != want[1] {
				t.Errorf("%s: item %d owns %d to %d, want %d to %d", tc.name, i, from, to, want[0], want[1])
			}
		}
		if n := len(f.Notes.List()); n != tc.notes {
			t.Errorf("%s: notes %v, want %d", tc.name, f.Notes.List(), tc.notes)
		}
	}
}
