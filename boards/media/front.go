package media

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/boards/screen"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/display"
	"github.com/mmlite/mmlite/mmd"
)

// front is the page that the screen shows while no program draws.
type front struct {
	state  PageState
	card   *firmware.Card
	server *mmd.Server
	always bool
	screen *display.Screen
	layer  *display.Layer
	page   *screen.Screen
	bounds machine.Rect
	mu     thread.Mutex // of the page
	beat   int
	looked thread.Event // somebody begins to look
	broken atomic.Bool
}

// PageState says what the screen shows while no program draws. beat grows by one.
type PageState func(card *firmware.Card, server *mmd.Server, beat int) screen.State

// SetPage says what that is. state is called on a thread, once a second: always, or
// only while somebody follows the screen over a link.
func (m *Media) SetPage(state PageState, always bool) {
	m.pictures.front = &front{state: state, always: always}
}

// open puts the page on the screen and starts the thread that keeps it up to date.
func (f *front) open(m *Media, s *display.Screen) error {
	w, h := s.Size()
	if w < screen.MinWidth || h < screen.MinHeight {
		return nil // too small to say anything
	}
	var span heap.Span
	span, err := m.card.Heap.Alloc(uint64(w*h*machine.DisplayPixel), 0)
	if err != nil {
		return err
	}
	to := blit.Surface{Pix: span.Bytes(), Pitch: w * machine.DisplayPixel, Width: w, Height: h, Format: blit.XRGB8888}
	if f.page, err = screen.New(&to); err != nil {
		return err
	}
	f.card, f.server, f.screen, f.bounds = m.card, m.mmd, s, machine.Rect{X1: w, Y1: h}
	f.layer, _ = s.NewLayer(s.NewGroup("page", nil), display.Picture{Pixels: to}, false) // it is the first
	f.layer.Show(true)
	s.SetPage(f.layer, func() {
		f.looked.Signal()
		f.refresh()
	})
	_, err = m.card.Spare.Spawn("page", thread.Attributes{Activity: m.card.Activities.Get("screen")}, f.run)
	return err
}

// run keeps the page up to date.
func (f *front) run(t *thread.Thread) {
	f.refresh()
	for {
		if !f.always && !f.screen.Watched() {
			if f.looked.WaitOn(t, machine.Forever) != nil {
				return
			}
		}
		thread.Sleep(machine.Second)
		if f.screen.PageSeen() {
			f.refresh()
		}
	}
}

// refresh draws what there is to see now.
func (f *front) refresh() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken.Load() {
		return
	}
	f.beat++
	if f.page.Show(f.state(f.card, f.server, f.beat)) != nil { // what it drew on once cannot be wrong
		f.broken.Store(true)
		return
	}
	f.layer.Damage(f.bounds)
}
