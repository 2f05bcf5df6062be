package display

import (
	"context"
	"math"
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/graphics/blit"
)

// Config is what a screen is made of.
type Config struct {
	// Processor runs the compositor, and should be one that has time for it.
	Processor *thread.Processor
	// Display is what people look at.
	Display machine.Display
	// Composer draws; nil means Warps.
	Composer Composer
	// Heap is where views lie whose clients share no memory with the card. It must be
	// safe for the processors that serve calls.
	Heap heap.Heap
	// Activity is what composing is charged to; nil means a new one.
	Activity *sched.Activity
	// Log takes lines for the card's log, and may be nil. It must not wait.
	Log func(format string, args ...any)
}

// Screen is the display and the compositor. It implements graphics.Screen.
type Screen struct {
	com.Object
	dev      machine.Display
	blanks   machine.Blanker // dev, or nil
	composer Composer
	clock    machine.Clock
	heap     heap.Heap
	log      func(format string, args ...any)
	origin   machine.Time     // of blank 0, where the clock counts them
	period   machine.Duration // of these
	pixels   blit.Surface     // the display's memory
	quota    quota

	mu      sync.Mutex // held for a few instructions
	layers  []*Layer   // from back to front
	numbers uint64
	owner   *Group // whose layers alone are seen
	page    *Layer // what is seen if nothing else is, or nil
	covered bool   // something else was
	fresh   func()
	dirty   tiles  // to be composed
	awake   uint64 // the blank at which the compositor will look, at the latest
	views   []*view
	faces   []*face
	shown   uint64 // the last frame that differed from the one before
	shownAt machine.Time

	// frame is held by whoever writes the display's memory, or reads it.
	frame thread.Mutex
	wake  thread.Event
	seen  wait.List // who waits for a frame; clients have lists of their own, which others cannot fill

	// The compositor's own.
	now       tiles
	regulator regulator
	rects     []machine.Rect
	shows     []composed
	items     []Item
	colors    []blit.Palette

	composed, late atomic.Uint64
	took           atomic.Int64 // ns, from blanks until frames were composed
	closing        atomic.Bool
}

// composed is a layer that takes part in a frame.
type composed struct {
	layer  *Layer
	memory Memory
	flip   bool
}

// Never is later than any blank.
const Never = math.MaxUint64

// New makes a screen and starts its compositor. It returns with the caller's
// reference; the last release ends it. The errors are com.ErrInvalid for a display
// with impossible figures and com.ErrClosed.
func New(c Config) (*Screen, error) {
	d := c.Display
	width, height := d.Size()
	mem, pitch := d.Memory()
	s := &Screen{
		dev: d, composer: c.Composer, clock: c.Processor, heap: c.Heap, log: c.Log, awake: Never,
		pixels: blit.Surface{Pix: mem, Pitch: pitch, Width: width, Height: height, Format: blit.XRGB8888},
	}
	if err := s.pixels.Check(); err != nil {
		return nil, com.Errorf(com.ErrInvalid, "display %s: %v", d.Name(), err)
	}
	if r := d.Refresh(); r < machine.MinRefresh || r > machine.MaxRefresh {
		return nil, com.Errorf(com.ErrInvalid, "display %s: %d frames in a thousand seconds, and %d to %d are possible", d.Name(), r, machine.MinRefresh, machine.MaxRefresh)
	}
	if s.composer == nil {
		s.composer = &Warps{}
	}
	if s.log == nil {
		s.log = func(string, ...any) {}
	}
	if c.Activity == nil {
		c.Activity = &sched.Activity{Name: "SCREEN"}
	}
	s.blanks, _ = d.(machine.Blanker)
	s.period = 1000 * machine.Second / machine.Duration(d.Refresh())
	s.origin = s.clock.Now()
	s.dirty, s.now = newTiles(width, height), newTiles(width, height)
	s.rects = make([]machine.Rect, 0, MaxRects)
	s.regulator.start(width, height)
	s.quota.limits = Limits{Views: maxViews}
	exit := func(_ *thread.Thread, f *thread.Failure) {
		if f != nil && f.Err != com.ErrCanceled {
			s.log("%v\n%s", f, f.Stack)
		}
		s.Close()
	}
	if _, err := c.Processor.Spawn("compositor", thread.Attributes{Activity: c.Activity, Exit: exit}, s.run); err != nil {
		return nil, err
	}
	s.Init(s, s.Close, graphics.ScreenType.For(s))
	return s, nil
}

// Close ends the compositor and whoever waits for the screen. Any goroutine may call
// it; it does not wait for them.
func (s *Screen) Close() {
	if s.closing.Swap(true) {
		return
	}
	s.wake.Signal()
	s.seen.Signal()
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	for _, v := range s.views {
		v.seen.Signal()
	}
	for _, f := range s.faces {
		f.seen.Signal()
	}
}

// Size is that of the display in pixels.
func (s *Screen) Size() (width, height int) { return s.pixels.Width, s.pixels.Height }

// Refresh is in frames in a thousand seconds.
func (s *Screen) Refresh() int { return s.dev.Refresh() }

// Blank returns the number and time of the last vertical blank that is not after now,
// and the time from one to the next.
func (s *Screen) Blank(now machine.Time) (number uint64, at machine.Time, period machine.Duration) {
	if s.blanks != nil {
		number, at, period = s.blanks.Blank(now)
		return number, at, max(period, 1)
	}
	n := max(now.Sub(s.origin), 0) / s.period
	return uint64(n) + 1, s.origin.Add(n * s.period), s.period
}

// at is when a blank that has not been is.
func (s *Screen) at(number uint64) machine.Time {
	n, at, period := s.Blank(s.clock.Now())
	if number <= n {
		return at
	}
	if ahead := number - n; ahead < 1<<32 {
		return at.Add(machine.Duration(ahead) * period)
	}
	return machine.Forever
}

// WaitBlank implements graphics.Screen.
func (s *Screen) WaitBlank(ctx context.Context) (frame uint64, err error) {
	return s.waitBlank(ctx, &s.seen)
}

func (s *Screen) waitBlank(ctx context.Context, list *wait.List) (frame uint64, err error) {
	n, _, _ := s.Blank(s.clock.Now())
	return n + 1, s.wait(ctx, list, n+1, nil)
}

// Wait waits for a vertical blank, or until something holds that is looked at after
// each frame, and is for the card's own threads: clients' wait in lists of their own.
func (s *Screen) Wait(ctx context.Context, blank uint64, until func() bool) error {
	return s.wait(ctx, &s.seen, blank, until)
}

// wait waits in a list, which has room for few, for a vertical blank, or until something
// holds that is looked at when the list is signalled. The errors are those of
// wait.List.Until, and com.ErrClosed.
func (s *Screen) wait(ctx context.Context, list *wait.List, blank uint64, until func() bool) error {
	at := s.at(blank)
	err := list.UntilTime(ctx, at, func() bool {
		return s.clock.Now() >= at || s.closing.Load() || until != nil && until()
	})
	if err == nil && s.closing.Load() {
		return com.Errorf(com.ErrClosed, "the screen")
	}
	return err
}

// info describes the screen, but for the cursor.
func (s *Screen) info() graphics.ScreenInfo {
	n, _, _ := s.Blank(s.clock.Now())
	return graphics.ScreenInfo{
		Device: s.dev.Name(), Width: uint32(s.pixels.Width), Height: uint32(s.pixels.Height), Refresh: uint32(s.dev.Refresh()),
		Frame: n, Composed: s.composed.Load(), Late: s.late.Load(), Busy: machine.Duration(s.took.Load()).Std(), Cursor: share.NoCursor,
	}
}

// Info implements graphics.Screen.
func (s *Screen) Info(context.Context) (graphics.ScreenInfo, error) { return s.info(), nil }

// Layers implements graphics.Screen.
func (s *Screen) Layers(context.Context) ([]graphics.ScreenLayer, error) {
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	var all []graphics.ScreenLayer
	for _, l := range s.layers {
		if p := &l.picture.Pixels; l.shows() && l != s.page {
			all = append(all, graphics.ScreenLayer{
				Device: l.group.Name, Width: uint32(p.Width), Height: uint32(p.Height), Format: graphics.Format(p.Format),
				Matrix: l.matrix, Depth: l.depth, Primary: l.primary,
			})
		}
	}
	return all, nil
}

// Watch implements graphics.Screen.
func (s *Screen) Watch(ctx context.Context) (graphics.View, error) {
	return s.watch(ctx, &s.quota, nil)
}

var _ graphics.Screen = (*Screen)(nil)
