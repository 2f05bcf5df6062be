package section

import "testing"

func TestSectionsNest(t *testing.T) {
	var s State
	outer := s.Enter()
	inner := s.Enter()
	s.Leave(inner)
	if !s.Inside() {
		t.Error("leaving the inner section has ended the outer one")
	}
	s.Leave(outer)
	if s.Inside() {
		t.Error("inside after the last section")
	}
	s.Enter()
	s.Enter()
	if s.Leave(0); s.Inside() {
		t.Error("inside after leaving all")
	}
}

func TestEnterAsks(t *testing.T) {
	var s State
	asked := 0
	s.Ask = func(was uint32) uint32 {
		asked++
		return was
	}
	s.Want(true)
	if was := s.Enter(); was != 0 || asked != 1 || s.Inside() {
		t.Errorf("was %d, asked %d times, inside %v before it was let in", was, asked, s.Inside())
	}
	if _, ok := s.Begin(); ok || !s.Wanted() {
		t.Error("let in without asking")
	}
	s.Want(false)
	if _, ok := s.Begin(); !ok || s.Wanted() || asked != 1 {
		t.Error("kept out though nobody wants to be asked")
	}
}

func BenchmarkSection(b *testing.B) {
	var s State
	for b.Loop() {
		s.Leave(s.Enter())
	}
}
