package main

import (
	"context"
	"math"
	"testing"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/hostdriver"
)

// The example plays on a card in virtual time, and the four notes are heard.
func TestChordIsHeard(t *testing.T) {
	ctx := context.Background()
	board, err := inside.New(1)
	if err != nil {
		t.Fatal(err)
	}
	card, err := hostdriver.Open(ctx, "", board.Option())
	if err != nil {
		t.Fatal(err)
	}
	play(ctx, card)
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	sound := board.Sound()
	if err := board.Close(); err != nil {
		t.Fatal(err)
	}
	if frames := len(sound) / 2; frames < 2*inside.Rate {
		t.Fatalf("%d frames, less than two seconds", frames)
	}
	left := make([]float64, inside.Rate)
	for i := range left {
		left[i] = float64(sound[2*i])
	}
	// A chord has its four notes and not those between.
	for _, key := range []float64{60, 64, 67, 72} {
		if in, beside := tone(left, key), tone(left, key+0.5); in < 4*beside {
			t.Errorf("key %v: %.5f, a quarter tone beside it %.5f", key, in, beside)
		}
	}
}

// tone is how much there is of the pitch of a key.
func tone(x []float64, key float64) float64 {
	step := 2 * math.Pi * 440 * math.Pow(2, (key-69)/12) / inside.Rate
	var re, im float64
	for i, v := range x {
		window := 1 - math.Cos(2*math.Pi*float64(i)/float64(len(x)))
		re += v * window * math.Cos(step*float64(i))
		im += v * window * math.Sin(step*float64(i))
	}
	return math.Hypot(re, im) / float64(len(x))
}
