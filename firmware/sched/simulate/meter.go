package simulate

import "github.com/mmlite/mmlite/firmware/machine"

// span is time on the processor, and how much there was before it.
type span struct {
	from, to machine.Time
	before   machine.Duration
}

// meter finds the worst window of an activity: of all windows of a length during
// which it had work all the time, that in which it ran least. Between two points
// at which it begins or ends to run, what a window holds changes evenly, so the
// least is held by one that begins where a run ends, or ends where one begins, or
// is the first or last of a time with work.
type meter struct {
	length  machine.Duration
	hungry  int // jobs released and not done
	since   machine.Time
	spans   []span // of the last window and the one before
	used    machine.Duration
	cut     bool             // spans of this time with work are gone
	worst   machine.Duration // of windows looked at
	at      machine.Time     // where it begins
	windows int
}

// feed counts a job as released.
func (w *meter) feed(now machine.Time) {
	if w.hungry++; w.hungry == 1 {
		w.since, w.cut = now, false
		w.spans = w.spans[:0]
	}
}

// sate counts a job as done, or as waiting for something.
func (w *meter) sate(now machine.Time) {
	if w.hungry--; w.hungry == 0 {
		w.flush(now)
		w.look(now.Add(-w.length), now)
	}
}

// ran adds time on the processor.
func (w *meter) ran(from, to machine.Time) {
	if n := len(w.spans); n > 0 && w.spans[n-1].to == from {
		w.spans[n-1].to = to
	} else {
		w.flush(from)
		w.look(from.Add(-w.length), from)
		w.spans = append(w.spans, span{from, to, w.used})
	}
	w.used += machine.Duration(to - from)
}

// finish looks at the windows that end with the run.
func (w *meter) finish(end machine.Time) {
	if w.hungry > 0 {
		w.flush(end)
		w.look(end.Add(-w.length), end)
	}
}

// flush looks at the windows that begin where a run ended, or with the work, and
// have ended now.
func (w *meter) flush(now machine.Time) {
	if w.length == 0 || w.hungry < 0 {
		return
	}
	if !w.cut {
		w.look(w.since, now)
	}
	for len(w.spans) > 1 && w.spans[0].to.Add(w.length) <= now {
		w.look(w.spans[0].to, now)
		w.spans = append(w.spans[:0], w.spans[1:]...)
		w.cut = true
	}
}

// look measures the window that begins at from and has ended by now.
func (w *meter) look(from, now machine.Time) {
	to := from.Add(w.length)
	if w.length == 0 || from < w.since || to > now {
		return
	}
	got := w.upTo(to) - w.upTo(from)
	if w.windows == 0 || got < w.worst {
		w.worst, w.at = got, from
	}
	w.windows++
}

// upTo returns how much ran up to t.
func (w *meter) upTo(t machine.Time) machine.Duration {
	sum := w.used
	for i := len(w.spans) - 1; i >= 0; i-- {
		s := w.spans[i]
		if t >= s.to {
			return s.before + machine.Duration(s.to-s.from)
		}
		sum = s.before
		if t >= s.from {
			return s.before + machine.Duration(t-s.from)
		}
	}
	return sum
}
