package display

import "context"

// SetPage has a layer be seen only while no other is: what a card shows of itself.
// fresh, which may be nil, brings the picture up to date on the calling thread; it is
// called when somebody begins to look. It is set once.
func (s *Screen) SetPage(l *Layer, fresh func()) {
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	s.page, s.fresh = l, fresh
	l.spoil()
}

// Watched reports whether somebody follows the screen.
func (s *Screen) Watched() bool {
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	return len(s.views) > 0
}

// PageSeen reports whether the page is what the screen shows.
func (s *Screen) PageSeen() bool {
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	return s.page != nil && !s.busy()
}

// busy reports whether a layer besides the page is seen. The caller holds mu.
func (s *Screen) busy() bool {
	for _, l := range s.layers {
		if l != s.page && l.shows() {
			return true
		}
	}
	return false
}

// turn has everything be composed when the page comes or goes. The caller holds mu.
func (s *Screen) turn() {
	if s.page == nil {
		return
	}
	if now := s.busy(); now != s.covered {
		s.covered = now
		s.dirty.add(s.dirty.bounds())
	}
}

// greet brings the page up to date for somebody who begins to look.
func (s *Screen) greet(ctx context.Context) {
	s.mu.Lock() //mm:blocking held for a few instructions
	fresh := s.fresh
	s.mu.Unlock()
	if fresh == nil || !s.PageSeen() {
		return
	}
	fresh()
	n, _, _ := s.Blank(s.clock.Now())
	// If it is not composed by then, the page is a little older.
	_ = s.Wait(ctx, n+2, func() bool {
		s.mu.Lock() //mm:blocking held for a few instructions
		defer s.mu.Unlock()
		return !s.dirty.any()
	})
}
