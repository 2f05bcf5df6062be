package main

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/dmusic"
)

// The music plays on a card in virtual time; every note begins at its frame.
func TestMusicIsHeard(t *testing.T) {
	ctx := context.Background()
	board, err := inside.New(1, inside.Paced)
	if err != nil {
		t.Fatal(err)
	}
	card, err := hostdriver.Open(ctx, "", board.Option())
	if err != nil {
		t.Fatal(err)
	}
	var heardAt func(dmusic.Time) float64
	if music, err := dmusic.Open(ctx, card); err == nil {
		defer music.Close()
		heardAt = func(at dmusic.Time) float64 {
			f, err := music.Clock().Frame(ctx, at)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
	} else {
		t.Fatal(err)
	}
	base := math.NaN()
	p, err := play(ctx, card, func(d time.Duration) {
		if err := board.Run(machine.FromStd(d)); err != nil {
			t.Fatal(err)
		}
		if math.IsNaN(base) { // the device plays: where time 0 is in what it played
			base = heardAt(0)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if p.patch.Waves == 0 || p.patch.Failed != 0 || p.patch.Bytes == 0 {
		t.Errorf("downloaded: %+v", p.patch)
	}
	sound := board.Sound()
	frame := func(at dmusic.Time) int { return int(math.Round(base + at.Seconds()*inside.Rate)) }
	for n := range 8 {
		hz := 440 * math.Pow(2, ([]float64{60, 64, 67, 72}[n%4]-69)/12)
		at := frame(p.segment.Start + dmusic.Time(n)*250*dmusic.Millisecond)
		in, beside := level(sound, hz, at+500, at+9000), level(sound, hz*math.Pow(2, 1.0/24), at+500, at+9000)
		before := level(sound, hz, at-5000, at-200)
		if in < 0.003 || in < 3*beside || in < 3*before {
			t.Errorf("note %d: %.4f; a quarter tone beside it %.4f; before it %.4f", n+1, in, beside, before)
		}
	}
	if n := onset(sound, frame(p.segment.Start)-3000); math.Abs(float64(n-frame(p.segment.Start))) > 120 {
		t.Errorf("the segment begins at frame %d and is heard at %d", frame(p.segment.Start), n)
	}
	if n := onset(sound, frame(p.solo)-2000); math.Abs(float64(n-frame(p.solo))) > 120 {
		t.Errorf("the solo begins at frame %d and is heard at %d", frame(p.solo), n)
	}
	// By hand, four times, a quarter of a second apart.
	last := frame(p.solo + 1500*dmusic.Millisecond)
	for n, from := 0, onset(sound, last); n < 4; n++ {
		loud := 0.0
		for i := from; i < from+inside.Rate/8 && i < len(sound)/2; i++ {
			loud = max(loud, math.Abs(float64(sound[2*i])))
		}
		if from == 0 || loud < 0.01 {
			t.Errorf("drum %d: %.4f at frame %d", n+1, loud, from)
		}
		from += inside.Rate / 4
	}
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	if err := board.Close(); err != nil {
		t.Fatal(err)
	}
}

// onset is the first frame from one on that is louder by far than all of the 20 ms
// before that one; 0 if there is none.
func onset(sound []float32, from int) int {
	peak := 0.0
	for i := max(from-inside.Rate/50, 0); i < from && i < len(sound)/2; i++ {
		peak = max(peak, math.Abs(float64(sound[2*i])))
	}
	for i := max(from, 0); i < len(sound)/2; i++ {
		if math.Abs(float64(sound[2*i])) > max(3*peak, 5e-4) {
			return i
		}
	}
	return 0
}

// level is how much of a tone is on the left from a frame to another.
func level(sound []float32, hz float64, from, to int) float64 {
	var re, im, weight float64
	for i := max(from, 0); i < min(to, len(sound)/2); i++ {
		w := 1 - math.Cos(2*math.Pi*float64(i-from)/float64(to-from))
		re += w * float64(sound[2*i]) * math.Cos(2*math.Pi*hz*float64(i)/inside.Rate)
		im += w * float64(sound[2*i]) * math.Sin(2*math.Pi*hz*float64(i)/inside.Rate)
		weight += w
	}
	return 2 * math.Hypot(re, im) / weight
}
