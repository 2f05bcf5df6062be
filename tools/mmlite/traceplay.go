package main

import (
	"fmt"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/trace"
)

// replay goes through the records of a processor.
type replay struct {
	k     *track
	e     *events
	now   machine.Time
	run   slice
	busy  bool
	idle  machine.Time // since when the processor sleeps, if it does
	ready map[uint32]wait
	open  map[uint32][]int // of each thread, indices of constraints
	act   map[uint32]uint16
}

// play makes the records of a track whole, up to the time to.
func (k *track) play(to machine.Time) *events {
	r := &replay{k: k, e: &events{}, ready: map[uint32]wait{}, open: map[uint32][]int{}, act: map[uint32]uint16{}}
	gaps := k.gaps
	for i := range k.records {
		if len(gaps) > 0 && gaps[0].before == i {
			r.forget(&k.records[i], gaps[0].lost)
			gaps = gaps[1:]
		}
		r.record(&k.records[i])
	}
	if n := len(k.records); n > 0 {
		r.now = max(r.now, to)
		r.stop("end of the trace")
		r.awake()
		for t := range r.ready {
			r.waited(t)
		}
	}
	sortEvents(r.e)
	return r.e
}

// forget drops what was known when records are missing: what happened meanwhile
// cannot be told.
func (r *replay) forget(next *trace.Record, lost uint64) {
	r.stop("records lost")
	r.awake()
	clear(r.ready)
	for _, list := range r.open {
		for _, i := range list {
			c := &r.e.constraints[i]
			c.end = min(c.deadline, r.now) // nothing is known against it
		}
	}
	clear(r.open)
	r.e.marks = append(r.e.marks, mark{next.Time, 0, fmt.Sprintf("%d records lost", lost), map[string]any{"lost": lost}})
}

// stop ends the running slice.
func (r *replay) stop(why string) {
	if !r.busy {
		return
	}
	r.busy = false
	r.run.to, r.run.ended = r.now, why
	if r.run.to > r.run.from {
		r.e.slices = append(r.e.slices, r.run)
	}
}

// awake ends a sleep of the processor.
func (r *replay) awake() {
	if r.idle != 0 {
		r.e.idle += r.now.Sub(r.idle)
		r.idle = 0
	}
}

// waited ends the waiting of a thread that was ready.
func (r *replay) waited(thread uint32) {
	w, ok := r.ready[thread]
	if !ok {
		return
	}
	delete(r.ready, thread)
	if w.to = r.now; w.to > w.from {
		r.e.waits = append(r.e.waits, w)
	}
}

func (r *replay) record(x *trace.Record) {
	r.now = max(r.now, x.Time)
	if x.Activity != 0 {
		r.act[x.Thread] = x.Activity
	}
	switch x.Kind {
	case trace.Run:
		r.awake()
		if r.busy && r.run.thread != x.Thread {
			// Whoever had the processor is still ready.
			r.ready[r.run.thread] = wait{r.now, 0, r.run.thread, r.run.activity}
		}
		if r.run.thread == x.Thread {
			r.stop("goes on")
		}
		r.stop("preempted")
		r.waited(x.Thread)
		r.run = slice{from: x.Time, thread: x.Thread, activity: x.Activity, right: x.Right, granted: machine.Duration(x.A)}
		r.busy = true
	case trace.Ready:
		if !r.busy || r.run.thread != x.Thread {
			r.ready[x.Thread] = wait{r.now, 0, x.Thread, x.Activity}
		}
	case trace.Block, trace.Exit:
		if r.busy && r.run.thread == x.Thread {
			r.stop(map[trace.Kind]string{trace.Block: "waits", trace.Exit: "exit"}[x.Kind])
		}
		delete(r.ready, x.Thread)
	case trace.LeftBehind:
		if r.busy && r.run.thread == x.Thread {
			r.stop("left behind")
		}
		r.mark(x, "left behind", map[string]any{"without_checkpoint_us": us(x.A)})
	case trace.Rejoined:
		r.mark(x, "rejoined", map[string]any{"ran_beside_us": us(x.A)})
	case trace.Idle:
		r.stop("waits")
		r.awake()
		r.idle = x.Time
	case trace.Wake:
		r.e.wakes = append(r.e.wakes, latency{x.Time, x.Thread, machine.Duration(x.A)})
		r.e.wakeups.Add(machine.Duration(x.A))
	case trace.Overrun:
		r.e.overruns = append(r.e.overruns, latency{x.Time, x.Thread, machine.Duration(x.A)})
		r.mark(x, "overrun", map[string]any{"late_us": us(x.A)})
	case trace.Promised, trace.BeginRefused, trace.Prepared:
		r.begin(x)
	case trace.Starts:
		if c := r.top(x.Thread); c != nil {
			c.start = machine.Time(x.A)
		}
	case trace.End:
		r.end(x)
	case trace.Miss:
		if c := r.top(x.Thread); c != nil && !c.missed {
			c.missed = true
			r.mark(x, "missed", map[string]any{"deadline_us": us(x.A - int64(x.Time))})
		}
	case trace.Reserved, trace.ReserveRefused:
		name := "reserved"
		if x.Kind == trace.ReserveRefused {
			name = "reservation refused"
		}
		r.mark(x, name, map[string]any{"activity": r.k.acts[x.Activity], "amount_us": us(x.A), "period_us": us(x.B)})
	case trace.Policy:
		r.mark(x, "policy "+x.PolicyName(), nil)
	}
}

func us(ns int64) float64 { return float64(ns) / 1e3 }

func (r *replay) mark(x *trace.Record, name string, args map[string]any) {
	r.e.marks = append(r.e.marks, mark{x.Time, x.Thread, name, args})
}

// top returns the innermost constraint of a thread, or nil.
func (r *replay) top(thread uint32) *constraintEvent {
	if list := r.open[thread]; len(list) > 0 {
		return &r.e.constraints[list[len(list)-1]]
	}
	return nil
}

func (r *replay) begin(x *trace.Record) {
	c := constraintEvent{
		begun: x.Time, start: x.Time, estimate: machine.Duration(x.A), deadline: machine.Time(x.B), thread: x.Thread,
		activity: r.act[x.Thread], promised: x.Kind == trace.Promised, delayed: x.Kind == trace.Prepared,
	}
	if c.delayed {
		c.deadline = x.Time.Add(machine.Duration(x.B))
	} else if top := r.top(x.Thread); top != nil && top.delayed {
		*top = c // the answer to one that was prepared
		return
	}
	r.open[x.Thread] = append(r.open[x.Thread], len(r.e.constraints))
	r.e.constraints = append(r.e.constraints, c)
}

func (r *replay) end(x *trace.Record) {
	list := r.open[x.Thread]
	if len(list) == 0 {
		return // its beginning was not recorded
	}
	c := &r.e.constraints[list[len(list)-1]]
	r.open[x.Thread] = list[:len(list)-1]
	c.end, c.taken = x.Time, machine.Duration(x.A)
	if !c.delayed && x.Time > c.deadline && !c.missed {
		c.missed = true
		r.mark(x, "missed", map[string]any{"late_us": us(int64(x.Time - c.deadline))})
	}
}
