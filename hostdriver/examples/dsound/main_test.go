package main

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/hostdriver"
)

// The scene plays on a card in virtual time, and everything in it is heard where and
// when it belongs.
func TestSceneIsHeard(t *testing.T) {
	ctx := context.Background()
	board, err := inside.New(1, inside.Paced)
	if err != nil {
		t.Fatal(err)
	}
	card, err := hostdriver.Open(ctx, "", board.Option())
	if err != nil {
		t.Fatal(err)
	}
	begun := board.Firmware().Machine.Now()
	err = scene(ctx, card, func(d time.Duration) {
		if err := board.Run(machine.FromStd(d)); err != nil {
			t.Fatal(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := board.Firmware().Machine.Now().Sub(begun).Seconds(); d < 6 || d > 6.7 {
		t.Errorf("the scene takes %.2f s", d)
	}
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	sound := board.Sound()
	if err := board.Close(); err != nil {
		t.Fatal(err)
	}
	// The bells: onsets of 880 Hz at 0, 0.4 and 0.8 s; left, middle and right.
	for i, side := range []float64{30, 0, -30} {
		at := float64(i) * 0.4
		l, r := level(sound, 0, 880, at+0.02, at+0.12), level(sound, 1, 880, at+0.02, at+0.12)
		if i < 2 && math.Abs(db(l/r)-side) > 3 || i == 2 && r < 3*l {
			t.Errorf("bell %d: left over right %.1f dB, want %.0f", i+1, db(l/r), side)
		}
		if before := level(sound, i/2, 880, max(at-0.1, 0), max(at-0.01, 0.001)); i > 0 && before > max(l, r)/2 {
			t.Errorf("bell %d: %.4f before it, %.4f then", i+1, before, max(l, r))
		}
	}
	// The voices, from 1.8 s on: where each begins and where it ends.
	begin, end := func(side int, hz float64) float64 { return level(sound, side, hz, 1.84, 1.94) }, func(side int, hz float64) float64 { return level(sound, side, hz, 3.72, 3.8) }
	if a, b := begin(0, 112), begin(0, 163); a < 0.1 || b > a/2 {
		t.Errorf("the lowest voice begins with %.3f at 112 Hz and %.3f at 163", a, b)
	}
	if a, b := end(0, 112), end(0, 163); b < 0.1 || a > b/2 {
		t.Errorf("the lowest voice ends with %.3f at 112 Hz and %.3f at 163", a, b)
	}
	if d := db(begin(0, 277) / begin(1, 277)); d < 15 {
		t.Errorf("the middle voice begins %.1f dB to the left", d)
	}
	if d := db(end(1, 277) / end(0, 277)); d < 15 {
		t.Errorf("the middle voice ends %.1f dB to the right", d)
	}
	if d := db(end(0, 550) / begin(0, 550)); d > -25 || d < -45 {
		t.Errorf("the highest voice ends at %.1f dB", d)
	}
	// The scale, from about 4.02 s on: each note and not its neighbours.
	for i, key := range []float64{60, 62, 64, 65, 67, 69, 71, 72} {
		from := 4.03 + 0.02 + float64(i)*0.25
		hz := 440 * math.Pow(2, (key-69)/12)
		in, out := level(sound, 0, hz, from, from+0.2), level(sound, 0, hz*math.Pow(2, 1.5/12), from, from+0.2)
		if in < 0.05 || out > in/3 {
			t.Errorf("note %d: %.3f, a tone and a half above %.3f", i+1, in, out)
		}
	}
}
