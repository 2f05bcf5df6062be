package ddraw

import (
	"context"
	"sync"
)

// Clipper is a list of rectangles that blits draw inside of (IDirectDrawClipper). It
// belongs to no card.
type Clipper struct {
	mu      sync.Mutex
	list    []Rect
	version uint64
}

// maxClip is how many rectangles a clip list has at most.
const maxClip = 1024

// CreateClipper makes a clipper without a list.
func (d *DirectDraw) CreateClipper() *Clipper { return &Clipper{} }

// SetClipList changes the list, of surfaces that have the clipper, too. Rectangles may
// overlap. nil takes the list away: then a blit draws everywhere.
func (c *Clipper) SetClipList(rects []Rect) error {
	if len(rects) > maxClip {
		return failed(ErrInvalidClipList, "%d rectangles, and %d are possible", len(rects), maxClip)
	}
	for _, r := range rects {
		if r.X0 >= r.X1 || r.Y0 >= r.Y1 {
			return failed(ErrInvalidClipList, "%d,%d to %d,%d", r.X0, r.Y0, r.X1, r.Y1)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append([]Rect(nil), rects...)
	c.version++
	return nil
}

// ClipList returns the list. ErrNoClipList: there is none.
func (c *Clipper) ClipList() ([]Rect, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.list) == 0 {
		return nil, failed(ErrNoClipList, "")
	}
	return append([]Rect(nil), c.list...), nil
}

func (c *Clipper) now() ([]Rect, uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.list, c.version + 1
}

// SetClipper has blits to the surface be clipped; nil ends that.
func (s *Surface) SetClipper(c *Clipper) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if s.clipper != c {
		s.clipper, s.clipped = c, 0
		if c == nil {
			return translate(s.remote.SetClip(context.Background(), nil))
		}
	}
	return nil
}

// Clipper is the one that SetClipper set. ErrNoClipperAttached: none.
func (s *Surface) Clipper() (*Clipper, error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.clipper == nil {
		return nil, failed(ErrNoClipperAttached, "")
	}
	return s.clipper, nil
}

func (s *Surface) clips() bool {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.clipper != nil
}

// tellClip has the card know the list as it is now. The caller holds the lock.
func (s *Surface) tellClip() error {
	if s.clipper == nil {
		return nil
	}
	list, version := s.clipper.now()
	if s.clipped == version {
		return nil
	}
	if err := s.remote.SetClip(context.Background(), list); err != nil {
		return translate(err)
	}
	s.clipped = version
	return nil
}
