package scenes

import (
	"context"
	"runtime"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
)

// TestFramesAllocateNothing plays 1,000 frames of each scene: neither the program, nor
// the library it draws with, nor the link, nor the card, which is in this process,
// allocates for a frame, whether or not somebody follows the screen.
func TestFramesAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for name, scene := range map[string]func() Scene{
		"sprites": func() Scene { return &Sprites{} },
		"layers":  func() Scene { return &Layers{Kites: 24, Leaves: 60} },
		"mesh":    func() Scene { return &Mesh{} },
		"game":    func() Scene { return &Game{} },
	} {
		t.Run(name, func(t *testing.T) { play1000(t, scene(), false) })
		t.Run(name+", monitored", func(t *testing.T) { play1000(t, scene(), true) })
	}
}

func play1000(t *testing.T, scene Scene, monitored bool) {
	n := 1000
	if testing.Short() {
		n = 200
	}
	s := stage(t)
	ctx, cancel := context.WithCancel(t.Context()) // as a program's that can be interrupted
	defer cancel()
	if err := scene.Open(ctx, s); err != nil {
		t.Fatal(err)
	}
	defer scene.Close()
	look := func() {}
	if monitored {
		look = monitor(t, ctx, s)
	}
	frames := func(from, to int) {
		for i := from; i < to; i++ {
			if err := scene.Frame(ctx, Tick{Frame: uint64(i), Time: float64(i) / 60}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Screen.WaitBlank(ctx); err != nil {
				t.Fatal(err)
			}
			look()
		}
	}
	frames(0, 100) // all has been as large as it will be
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	frames(100, 100+n)
	runtime.ReadMemStats(&after)
	// What the card's sound device has heard is kept here, in memory that grows.
	if got := after.Mallocs - before.Mallocs; got > uint64(n)/20 {
		t.Errorf("%d objects in %d frames", got, n)
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
