package simulate

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// watch is a policy that notes what another decides.
type watch struct {
	sched.Policy
	right sched.Right // of whom the last Pick returned
}

// Pick asks the policy, and by what right.
func (w *watch) Pick(now machine.Time) (*sched.Entity, machine.Time) {
	e, until := w.Policy.Pick(now)
	w.right = w.Right(e)
	return e, until
}

// Right asks the policy, if it can say.
func (w *watch) Right(e *sched.Entity) sched.Right {
	if x, ok := w.Policy.(sched.Explainer); ok && e != nil {
		return x.Right(e)
	}
	return sched.RightNone
}

// Promised asks the policy, if it can say.
func (w *watch) Promised(e *sched.Entity, now machine.Time) bool {
	x, ok := w.Policy.(sched.Promiser)
	return ok && x.Promised(e, now)
}

// windows returns of which length every window is to hold what an activity asked
// for, as the policy says.
func (w *watch) windows(acts []*sched.Activity, now machine.Time) []machine.Duration {
	all := make([]machine.Duration, len(acts))
	if x, ok := w.Policy.(sched.Accountant); ok {
		x.Accounts(now, func(a *sched.Account) bool {
			for i := range acts {
				if acts[i] == a.Activity {
					all[i] = a.Window
				}
			}
			return true
		})
	}
	return all
}

// slicer is a policy with a timetable.
type slicer interface {
	Slices(from, to machine.Time, yield func(a *sched.Activity, from, to machine.Time) bool)
}

// slices notes the reserved slices of the beginning of the run. Reservations are
// made before it, so the timetable is the same all the time.
func (r *runner) slices(from machine.Time) {
	s, ok := r.watch.Policy.(slicer)
	if !ok {
		return
	}
	index := make(map[*sched.Activity]int, len(r.acts))
	for i, a := range r.acts {
		index[a] = i
	}
	s.Slices(from, r.end, func(a *sched.Activity, from, to machine.Time) bool {
		if i, ok := index[a]; ok {
			r.res.Slices = append(r.res.Slices, Slice{i, from, to})
		}
		return len(r.res.Slices) < MaxSpans
	})
}
