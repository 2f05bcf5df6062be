package display

import "github.com/mmlite/mmlite/firmware/machine"

// Status is what /status/graphics shows of a screen.
type Status struct {
	Device    string  `json:"device"`
	Width     int     `json:"width"`
	Height    int     `json:"height"`
	RefreshHz float64 `json:"refresh_hz"`
	Frame     uint64  `json:"frame"`    // vertical blanks so far
	Composed  uint64  `json:"composed"` // frames that differed from the one before
	Late      uint64  `json:"late"`     // of these, how often one was not there at the next blank
	BusyMs    float64 `json:"busy_ms"`  // from blanks until frames were composed, altogether
	Layers    int     `json:"layers"`
	Views     int     `json:"views"`
	Exclusive string  `json:"exclusive,omitempty"` // the device that has the screen for itself
}

// Status describes the screen. Any goroutine may ask.
func (s *Screen) Status() Status {
	n, _, _ := s.Blank(s.clock.Now())
	t := Status{
		Device: s.dev.Name(), Width: s.pixels.Width, Height: s.pixels.Height, RefreshHz: float64(s.dev.Refresh()) / 1000,
		Frame: n, Composed: s.composed.Load(), Late: s.late.Load(),
		BusyMs: float64(s.took.Load()) / float64(machine.Millisecond),
	}
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	t.Layers, t.Views = len(s.layers), len(s.views)
	if s.page != nil {
		t.Layers--
	}
	if s.owner != nil {
		t.Exclusive = s.owner.Name
	}
	return t
}
