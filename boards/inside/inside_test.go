package inside_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver"
)

// beep plays a note on a card of its own and returns what was heard.
func beep(t *testing.T, seed uint64) []float32 {
	t.Helper()
	ctx := context.Background()
	card, err := inside.New(seed)
	if err != nil {
		t.Fatal(err)
	}
	driver, err := hostdriver.Open(ctx, "", card.Option())
	if err != nil {
		t.Fatal(err)
	}
	synth, err := hostdriver.Bind(ctx, driver, "/synth", audio.SynthType)
	if err != nil {
		t.Fatal(err)
	}
	port, err := synth.Open(ctx, audio.PortOptions{})
	if err != nil {
		t.Fatal(err)
	}
	events := []audio.Event{{Frame: 1000, Message: 0x90 | 69<<8 | 100<<16}, {Frame: 30000, Message: 0x80 | 69<<8}}
	if err := port.Queue(ctx, events, 30000); err != nil {
		t.Fatal(err)
	}
	if err := port.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := port.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	port.Release()
	synth.Release()
	if err := driver.Close(); err != nil {
		t.Fatal(err)
	}
	sound := slices.Clone(card.Sound())
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	return sound
}

func TestNoteSoundsWhereItWasPut(t *testing.T) {
	sound := beep(t, 1)
	first := slices.IndexFunc(sound, func(s float32) bool { return math.Abs(float64(s)) > 1e-4 }) / 2
	// The clock stood still until the port started, and the limiter looks a little ahead.
	if first < 1000 || first > 1000+512 {
		t.Fatalf("the note put at frame 1000 is heard from frame %d", first)
	}
	if len(sound) < 2*30000 || !slices.Equal(sound, beep(t, 1)) {
		t.Fatal("two cards do not play the same")
	}
}
