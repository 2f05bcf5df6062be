package namespace

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/mutate"
	"github.com/mmlite/mmlite/firmware/system"
)

// slot is the place of one component, made when it is first asked for.
type slot struct {
	component *component.Component
	state     atomic.Pointer[state]
}

// state of a slot; nil stands for not loaded. It never changes but is replaced.
type state struct {
	loading *load
	obj     com.Unknown
	dir     system.Namespace // obj as a namespace, if it is one
	kept    bool             // holds a reference to obj
	env     *component.Env
	over    mutate.Event // set when a component that is tied to its object has ended
}

// bury clears a state whose object has ended, when its final has run.
func (s *slot) bury(ctx context.Context, st *state) error {
	if st.env.Tied() {
		if err := st.over.Wait(ctx); err != nil {
			return err
		}
	}
	if s.state.CompareAndSwap(st, nil) {
		st.env.End()
	}
	return nil
}

// forget clears the state of the component whose end is over.
func (s *slot) forget(over mutate.Event) {
	for st := s.state.Load(); st != nil && st.over == over; st = s.state.Load() {
		s.state.CompareAndSwap(st, nil)
	}
}

// unkeep makes the slot's reference weak. With idle, only if it is the last one.
func (s *slot) unkeep(idle bool) bool {
	st := s.state.Load()
	if st == nil || !st.kept {
		return false
	}
	if r, ok := st.obj.(interface{ Refs() uint32 }); idle && ok && r.Refs() > 1 {
		return false
	}
	weak := *st
	weak.kept = false
	if !s.state.CompareAndSwap(st, &weak) {
		return false
	}
	return st.obj.Release() == 0
}

// sweep clears the state of an object that has ended without telling.
func (s *slot) sweep() bool {
	st := s.state.Load()
	if st == nil || st.loading != nil || st.kept || st.env.Tied() {
		return false
	}
	if st.obj.AddRef() != 0 && st.obj.Release() != 0 || !s.state.CompareAndSwap(st, nil) {
		return false
	}
	st.env.End()
	return true
}

// describe adds what the state says to a listing.
func (st *state) describe(out *system.Entry) {
	switch {
	case st == nil:
		return
	case st.loading != nil:
		out.Note = "loading"
		return
	case st.obj.AddRef() == 0:
		return
	}
	e := describe(entry{obj: st.obj, dir: st.dir})
	st.obj.Release()
	out.Contracts, out.Directory = e.Contracts, e.Directory
	out.Refs = e.Refs - min(e.Refs, 1) // the one held to look at it
	out.Note = "loaded"
	if st.kept {
		out.Note = "kept"
	}
	if e.Note != "" {
		out.Note += ", " + e.Note
	}
}
