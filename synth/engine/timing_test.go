package engine

import "testing"

func TestPlayerFrame(t *testing.T) {
	for _, c := range []struct {
		ms, tick float64
		want     int
	}{
		{0, 1, 0},
		{0.4, 1, 0},
		{1, 1, 64},     // half a tick early is 0.5 ms: block 0 shows 0 ms, block 1 shows 1
		{1.6, 1, 128},  // due at 1.1: block 1 shows 1, block 2 shows 2
		{10, 1, 448},   // due at 9.5: block 6 shows 8, block 7 shows 10
		{10, 0.1, 448}, // due at 9.95
		{10.2, 0.1, 512},
		{1000, 2, 44096}, // due at 999: block 689 shows 999
	} {
		if got := PlayerFrame(c.ms/1000, c.tick/1000, 44100); got != c.want {
			t.Errorf("%g ms, tick %g: frame %d, want %d", c.ms, c.tick, got, c.want)
		}
	}
}
