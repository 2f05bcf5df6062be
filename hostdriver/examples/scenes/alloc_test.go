package scenes

import (
	"context"
	"math"
	"runtime"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
)

// TestFramesAllocateNothing plays each scene, and looks whether the program, the library
// it draws with, the link, or the card, which is in this process, allocates for a
// frame, alone and while somebody follows the screen.
func TestFramesAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for name, scene := range map[string]Scene{
		"sprites": &Sprites{}, "layers": &Layers{Kites: 12, Leaves: 40}, "mesh": &Mesh{}, "game": &Game{},
	} {
		t.Run(name, func(t *testing.T) { allocates(t, scene) })
	}
}

func allocates(t *testing.T, scene Scene) {
	s := stage(t)
	ctx, cancel := context.WithCancel(t.Context()) // as a program's that can be interrupted
	defer cancel()
	if err := scene.Open(ctx, s); err != nil {
		t.Fatal(err)
	}
	defer scene.Close()
	now, look := 0, func() {}
	frames := func(n int) {
		for ; n > 0; n-- {
			if err := scene.Frame(ctx, Tick{Frame: uint64(now), Time: float64(now) / 60}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Screen.WaitBlank(ctx); err != nil {
				t.Fatal(err)
			}
			look()
			now++
		}
	}
	for _, monitored := range []bool{false, true} {
		if monitored {
			look = monitor(t, ctx, s)
		}
		frames(40) // all becomes as large as it will be
		// What allocates for a frame does so each time. The runtime, and the device that
		// keeps what is heard, do so now and then.
		const n, tries = 100, 3
		least := uint64(math.MaxUint64)
		for range tries {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			frames(n)
			runtime.ReadMemStats(&after)
			if least = min(least, after.Mallocs-before.Mallocs); least < n/10 {
				break
			}
		}
		if least >= n/10 {
			t.Errorf("%d objects in %d frames, monitored: %v", least, n, monitored)
		}
	}
}

// monitor follows the screen, as the web monitor does.
func monitor(t *testing.T, ctx context.Context, s *Stage) (look func()) {
	view, err := s.Screen.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	m, err := view.Memory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	span, err := hostdriver.Map(ctx, s.Card, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := span.Release(); err != nil {
			t.Error(err)
		}
		m.Release()
		view.Release()
	})
	rects, seen := make([]graphics.Rect, 64), uint64(0)
	return func() {
		n, c, err := view.Next(ctx, rects)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 || c.Frame <= seen {
			t.Fatalf("%d rectangles of frame %d after frame %d", n, c.Frame, seen)
		}
		seen = c.Frame
	}
}
