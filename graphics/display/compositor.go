package display

import (
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
)

// Item is a layer as a Composer is to draw it.
type Item struct {
	Pixels blit.Surface // with the palette of this frame
	Matrix graphics.Affine
	Color  uint32       // ARGB8888 that pixels are multiplied by; not transparent
	Clip   machine.Rect // of the screen, within it and not empty
	Coarse uint8        // in how many halvings of the screen's resolution

	share       *Share
	tiles, rows int // that are due, and not hidden
}

// Composer draws what a screen shows.
type Composer interface {
	// Compose draws items, from back to front on black, into those parts of the frame
	// that rects are; they do not overlap. It has checkpoints, allocates nothing, and
	// keeps nothing. An item that it cannot draw is left out.
	Compose(frame *blit.Surface, rects []machine.Rect, items []Item) error
}

// damage has a part of the screen be composed at the next blank. The caller holds mu.
func (s *Screen) damage(r machine.Rect) {
	if r.Empty() {
		return
	}
	clean := !s.dirty.any()
	s.dirty.add(r)
	if clean && s.dirty.any() {
		n, _, _ := s.Blank(s.clock.Now())
		s.expect(n + 1)
	}
}

// expect has the compositor look at a blank. The caller holds mu.
func (s *Screen) expect(blank uint64) {
	if blank < s.awake {
		s.awake = blank
		s.wake.Signal()
	}
}

// run is the compositor: one turn for each frame that differs.
func (s *Screen) run(t *thread.Thread) {
	failed := false
	for !s.closing.Load() {
		s.mu.Lock() //mm:blocking held for a few instructions
		next := s.awake
		s.mu.Unlock()
		at := machine.Forever
		if next != Never {
			at = s.at(next)
		}
		if now := s.clock.Now(); now < at {
			_ = s.wake.WaitOn(t, at) // at, or sooner: there may be an earlier blank to look at
			continue
		}
		if err := s.compose(t); err != nil && !failed {
			failed = true
			s.log("screen: %v", err)
		}
		t.Checkpoint()
	}
	s.empty()
}

// empty lets go of what layers hold.
func (s *Screen) empty() {
	s.mu.Lock() //mm:blocking held for a few instructions
	all := append([]*Layer(nil), s.layers...)
	s.mu.Unlock()
	for _, l := range all {
		l.Remove()
	}
}

// compose makes the frame of the blank that is now.
func (s *Screen) compose(t *thread.Thread) error {
	began := s.clock.Now()
	frame, at := s.gather()
	var err error
	if len(s.rects) > 0 {
		s.frame.LockOn(t)
		start := s.clock.Now()
		_, blank, period := s.Blank(start)
		s.regulator.plan(s.items, &s.now, frame, blank.Add(period).Sub(start), period)
		err = s.composer.Compose(&s.pixels, s.rects, s.items)
		s.regulator.took(s.clock.Now().Sub(start))
		s.now.clear()
		s.dev.Show(frame, s.rects)
		s.publish(frame, at)
		s.frame.UnlockOn(t)
		s.composed.Add(1)
	}
	s.scatter(frame)
	s.rest()
	s.seen.Signal()
	s.took.Add(int64(s.clock.Now().Sub(began)))
	if n, _, _ := s.Blank(s.clock.Now()); n > frame {
		s.late.Add(n - frame)
	}
	return err
}

// rest has the compositor look again at what it has composed coarse.
func (s *Screen) rest() {
	if s.regulator.coarse.any() {
		s.mu.Lock() //mm:blocking held for a few instructions
		s.awake = min(s.awake, s.regulator.rest)
		s.mu.Unlock()
	}
}

// gather takes the flips that are due, and makes the list of what is to be drawn.
func (s *Screen) gather() (frame uint64, at machine.Time) {
	s.mu.Lock() //mm:blocking held for a few instructions
	frame, at, _ = s.Blank(s.clock.Now())
	s.awake = Never
	s.shows, s.items = s.shows[:0], s.items[:0]
	s.turn()
	for _, l := range s.layers {
		if l.flip {
			if l.due > frame {
				s.awake = min(s.awake, l.due)
			} else {
				s.take(l)
			}
		}
		s.list(l)
	}
	s.now.take(&s.dirty)
	s.awake = min(s.awake, s.regulator.sharpen(&s.now, frame))
	s.mu.Unlock()
	s.rects = s.now.rects(s.rects[:0])
	s.tint()
	return frame, at
}

// take has a layer show its next picture. What it has shown stays held until the
// frame is there.
func (s *Screen) take(l *Layer) {
	old := l.picture
	l.spoil()
	l.picture, l.next, l.flip, l.taken = l.next, Picture{}, false, true
	if l.moves {
		l.matrix, l.moves = l.to, false
	}
	l.spoil()
	s.shows = append(s.shows, composed{layer: l, memory: old.Memory, flip: true})
}

// list has a layer be drawn, if it can be seen.
func (s *Screen) list(l *Layer) {
	p := &l.picture
	all := l.covers(machine.Rect{X1: p.Pixels.Width, Y1: p.Pixels.Height})
	if !l.shows() || all.Empty() || l == s.page && s.covered {
		return
	}
	hold(*p)
	s.shows = append(s.shows, composed{layer: l, memory: p.Memory})
	s.items = append(s.items, Item{Pixels: p.Pixels, Matrix: l.matrix, Color: l.color, Clip: all, share: l.group.share})
	if n := len(s.items); p.Colors != nil {
		for len(s.colors) < n {
			s.colors = append(s.colors, blit.Palette{})
		}
		p.Colors.Copy(&s.colors[n-1])
		s.items[n-1].Pixels.Palette = &s.colors[n-1]
	}
}

// tint points items to their palettes, which may have moved as there came more.
func (s *Screen) tint() {
	for i := range s.items {
		if s.items[i].Pixels.Palette != nil {
			s.items[i].Pixels.Palette = &s.colors[i]
		}
	}
}

// publish tells views and cursors of a frame.
func (s *Screen) publish(frame uint64, at machine.Time) {
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	s.shown, s.shownAt = frame, at
	for _, v := range s.views {
		for _, r := range s.rects {
			v.dirty.add(r)
		}
		v.seen.Signal()
	}
	for _, f := range s.faces {
		f.tell()
	}
}

// scatter lets go of what was drawn, and says that flips have been seen.
func (s *Screen) scatter(frame uint64) {
	s.mu.Lock() //mm:blocking held for a few instructions
	for i := range s.shows {
		if c := &s.shows[i]; c.flip {
			c.layer.taken, c.layer.seen = false, frame
			c.layer.group.seen.Signal()
		}
	}
	s.mu.Unlock()
	for i := range s.shows {
		if m := s.shows[i].memory; m != nil {
			m.Release()
		}
		s.shows[i] = composed{}
	}
	clear(s.items)
}
