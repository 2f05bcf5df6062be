// Package section says whether a virtual processor may go on without the thread that
// runs on it. Package thread decides that and asks; whoever shares things among the
// threads of a processor, and has no lock for them, works with them within sections.
package section

import "sync/atomic"

// State is that of one processor. One goroutine at a time is within a section: its
// driver or the thread that runs. The zero State is outside.
type State struct {
	inside uint32
	want   atomic.Uint32
	// Ask comes in, instead of Enter, while somebody wants to be asked. It is set
	// before the State is used.
	Ask func(was uint32) uint32
}

// Enter begins a section, and returns what Leave is to be called with. It may wait
// until it is the turn of the calling thread.
func (s *State) Enter() (was uint32) {
	was, ok := s.Begin()
	if !ok {
		return s.Ask(was)
	}
	return was
}

// Leave ends a section. With 0 it ends all that the thread is in.
func (s *State) Leave(was uint32) { store(&s.inside, was) }

// Begin is Enter that reports false, in place of asking, if it has to. It may say so
// after it has come in.
func (s *State) Begin() (was uint32, ok bool) {
	was = load(&s.inside)
	if s.want.Load() != 0 {
		return was, false
	}
	store(&s.inside, 1)
	return was, s.want.Load() == 0
}

// Force begins a section that need not be asked for.
func (s *State) Force() (was uint32) {
	was = load(&s.inside)
	store(&s.inside, 1)
	return was
}

// Inside reports whether somebody is within a section.
func (s *State) Inside() bool { return load(&s.inside) != 0 }

// Wanted reports whether Enter asks.
func (s *State) Wanted() bool { return s.want.Load() != 0 }

// Want has Enter ask from now on, or no more. On machines whose processors see each
// other's stores late, those of others before it are seen by Inside after that time.
func (s *State) Want(ask bool) {
	if ask {
		s.want.Store(1)
	} else {
		s.want.Store(0)
	}
}
