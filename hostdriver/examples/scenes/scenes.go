// Package scenes is what the examples of pictures show, and mmlite demo one after the
// other: programs of a card's drawing libraries that play themselves.
package scenes

import (
	"context"
	"fmt"
	"time"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
)

// Stage is the card that scenes play on.
type Stage struct {
	Card   *hostdriver.Card
	Screen graphics.Screen
	Info   graphics.ScreenInfo
	Silent bool // no sounds
}

// Open looks at a card. Close is due.
func Open(ctx context.Context, card *hostdriver.Card) (*Stage, error) {
	screen, err := hostdriver.Bind(ctx, card, "/screen", graphics.ScreenType)
	if err != nil {
		return nil, err
	}
	info, err := screen.Info(ctx)
	if err != nil {
		screen.Release()
		return nil, err
	}
	return &Stage{Card: card, Screen: screen, Info: info}, nil
}

// Close lets go of the screen.
func (s *Stage) Close() { s.Screen.Release() }

// device opens a device of this program's own.
func (s *Stage) device(ctx context.Context, name string) (graphics.Device, error) {
	g, err := hostdriver.Bind(ctx, s.Card, "/graphics", graphics.GraphicsType)
	if err != nil {
		return nil, err
	}
	defer g.Release()
	return g.Open(ctx, graphics.DeviceOptions{Name: name})
}

// Tick is a frame to be.
type Tick struct {
	Frame uint64  // of the scene, from 0 on; those that were missed count
	Time  float64 // s since the scene began, at which it is to be seen
}

// Scene is a program to look at. It is opened once, for one stage.
type Scene interface {
	// Title is a few words, Text what is to be seen, a line each.
	Title() string
	Text() []string
	// Open makes what is needed on the card. After an error nothing is left.
	Open(ctx context.Context, s *Stage) error
	// Frame draws one. It does not wait for it to be seen.
	Frame(ctx context.Context, t Tick) error
	// Figures says what the scene has measured so far.
	Figures() string
	Close()
}

// Report is what became of a scene.
type Report struct {
	Title   string        `json:"title"`
	Frames  uint64        `json:"frames"`
	Missed  uint64        `json:"missed"` // vertical blanks without a frame of their own
	Took    time.Duration `json:"took_ns"`
	Figures string        `json:"figures"`
}

func (r Report) String() string {
	return fmt.Sprintf("%s: %d frames, %.1f a second, %d blanks missed. %s", r.Title, r.Frames, float64(r.Frames)/max(r.Took.Seconds(), 1e-9), r.Missed, r.Figures)
}

// Run plays an opened scene for so many seconds of the screen's time, one frame for
// each vertical blank. after, if not nil, is called after each with its number. The
// end of ctx ends the scene without an error.
func Run(ctx context.Context, s *Stage, scene Scene, seconds float64, after func(frame uint64) error) (r Report, err error) {
	r.Title = scene.Title()
	begin := time.Now()
	first, err := s.Screen.WaitBlank(ctx)
	if err != nil {
		return r, err
	}
	period := 1000 / float64(max(s.Info.Refresh, 1))
	last := uint64(float64(seconds) / period)
	now := first
	for ctx.Err() == nil && now-first < last {
		if err := scene.Frame(ctx, Tick{Frame: now - first, Time: float64(now-first) * period}); err != nil {
			if ctx.Err() != nil {
				break
			}
			return r, err
		}
		r.Frames++
		if after != nil {
			if err := after(now - first); err != nil {
				return r, err
			}
		}
		next, err := s.Screen.WaitBlank(ctx)
		if err != nil {
			if ctx.Err() != nil {
				break
			}
			return r, err
		}
		if next > now+1 {
			r.Missed += next - now - 1
		}
		now = next
	}
	r.Took = time.Since(begin)
	r.Figures = scene.Figures()
	return r, nil
}
