package simulate

import (
	"context"
	"fmt"
	"math"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/constraint"
	"github.com/mmlite/mmlite/firmware/sched/edf"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Policies are the names that NewPolicy knows.
var Policies = []string{"null", "roundrobin", "constraint", "edf"}

// NewPolicy returns a policy by its name, as it is by default. com.ErrNotFound if
// there is none.
func NewPolicy(name string) (sched.Policy, error) {
	switch name {
	case "null":
		return sched.NewNull(), nil
	case "roundrobin":
		return sched.NewRoundRobin(0), nil
	case "constraint":
		return constraint.New(constraint.Config{}), nil
	case "edf":
		return edf.New(edf.Config{Blocking: thread.OverrunAllowance}), nil
	}
	return nil, com.Errorf(com.ErrNotFound, "policy %q; there are %v", name, Policies)
}

// runner is a set at work.
type runner struct {
	set     *Set
	m       *sim.Machine
	p       *thread.Processor
	watch   *watch
	acts    []*sched.Activity
	tasks   []*task
	meters  []meter // of windows of the periods asked for
	pledged []meter // of windows for which the policy promised it
	mutexes []thread.Mutex
	res     *Result
	end     machine.Time
}

// Run runs a set under a policy, which is not used again. The error is ctx's, or
// com.ErrFailed if a thread ended as it should not.
func Run(ctx context.Context, set *Set, policy sched.Policy) (*Result, error) {
	m := sim.New(set.Seed)
	r := &runner{set: set, m: m, end: m.Now().Add(set.Run), watch: &watch{Policy: policy}}
	r.res = &Result{Title: set.Title, Policy: policy.Name(), Run: set.Run}
	var failure error
	r.p = thread.NewProcessor(thread.Config{Machine: m, Policy: r.watch, Exit: func(_ *thread.Thread, f *thread.Failure) {
		if failure == nil {
			failure = com.Errorf(com.ErrFailed, "%v", f)
		}
	}})
	defer r.p.Close()
	r.mutexes = make([]thread.Mutex, len(set.Mutexes))
	r.meters, r.pledged = make([]meter, len(set.Activities)), make([]meter, len(set.Activities))
	r.res.Activities = make([]ActivityResult, len(set.Activities))
	for i, a := range set.Activities {
		act := &sched.Activity{Name: a.Name}
		r.acts = append(r.acts, act)
		out := &r.res.Activities[i]
		out.Name, out.Amount, out.Period = a.Name, a.Amount, a.Period
		r.meters[i].length = a.Period
		if a.Amount > 0 {
			g, err := r.p.Reserve(act, a.Amount, a.Period)
			switch {
			case err == nil:
				out.Grant = g
			case com.CodeOf(err) == com.ErrQuota, com.CodeOf(err) == com.ErrBusy:
				out.Refused, out.Fits = true, g.Amount
			case com.CodeOf(err) != com.ErrNotSupported:
				return nil, err
			}
		}
	}
	for i, d := range r.watch.windows(r.acts, m.Now()) {
		r.pledged[i].length, r.res.Activities[i].Window = d, d
	}
	r.slices(m.Now())
	for i := range set.Threads {
		t := &set.Threads[i]
		for k := range t.Count {
			name := t.Name
			if t.Count > 1 {
				name = fmt.Sprintf("%s %d", t.Name, k+1)
			}
			r.res.Threads = append(r.res.Threads, ThreadResult{Name: name, Activity: set.Activities[t.Activity].Name, Periodic: t.When != Always})
		}
	}
	n := 0
	for i := range set.Threads {
		t := &set.Threads[i]
		for range t.Count {
			k := &task{r: r, t: t, index: n, out: &r.res.Threads[n]}
			n++
			r.tasks = append(r.tasks, k)
			if _, err := r.p.Spawn(k.out.Name, thread.Attributes{Activity: r.acts[t.Activity]}, k.body); err != nil {
				return nil, err
			}
			if t.When == Clock || t.When == Random {
				k.arm()
			}
		}
	}
	for m.Now() < r.end && failure == nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := r.p.RunUntil(nil, min(r.end, m.Now().Add(100*machine.Millisecond))); err != nil {
			return nil, err
		}
	}
	if failure != nil {
		return nil, failure
	}
	r.finish()
	return r.res, nil
}

// finish collects what is known at the end.
func (r *runner) finish() {
	for i := range r.meters {
		w, v := &r.meters[i], &r.pledged[i]
		out := &r.res.Activities[i]
		w.finish(r.end)
		v.finish(r.end)
		out.Used = r.acts[i].Used()
		out.Windows, out.Worst, out.WorstAt = w.windows, w.worst, w.at
		out.Pledged, out.Least, out.LeastAt = v.windows, v.worst, v.at
	}
	for _, k := range r.tasks {
		k.finish()
	}
	for _, in := range r.p.Threads(nil) { // those that have ended noted it themselves
		out := &r.res.Threads[in.ID-1]
		out.CPU, out.Stretch = in.CPU, in.Stretch
	}
	if s, err := r.p.Status(); err == nil {
		r.res.Idle, r.res.Switches = s.Idle, s.Switches
	}
}

// task is a thread of the set.
type task struct {
	r     *runner
	t     *Thread
	index int // in Result.Threads
	out   *ThreadResult

	open     bool // a constraint is in force
	plain    bool // the policy knows none
	estimate machine.Duration
	asked    machine.Duration // the estimate of the constraint in force
	event    thread.Event
	arrivals []machine.Time
	next     machine.Time // the next release of a periodic thread
	busy     machine.Time // deadline of the job that is being done, or 0
}

// maxArrivals is how many jobs that interrupts release may wait.
const maxArrivals = 10_000

func (k *task) body(th *thread.Thread) {
	t := k.t
	k.plain = t.Estimate == 0 && !t.Taken
	if k.estimate = t.Estimate; k.estimate == 0 {
		k.estimate = t.Most
	}
	switch t.When {
	case Every:
		k.every(th)
	case Random, Clock:
		k.interrupted(th)
	case Always:
		k.always(th)
	}
	if k.open {
		thread.EndConstraint()
	}
}

// over reports whether the thread is to end.
func (k *task) over() bool { return k.t.To > 0 && k.r.m.Now() >= machine.Time(k.t.To) }

// feed counts a job as released.
func (k *task) feed() {
	now := k.r.m.Now()
	k.r.meters[k.t.Activity].feed(now)
	k.r.pledged[k.t.Activity].feed(now)
}

// sate counts a job as done, or as waiting for something.
func (k *task) sate() {
	now := k.r.m.Now()
	k.r.meters[k.t.Activity].sate(now)
	k.r.pledged[k.t.Activity].sate(now)
}

func (k *task) always(th *thread.Thread) {
	k.feed()
	for !k.over() {
		k.work(th, k.r.set.Stretch)
	}
	k.sate()
}

func (k *task) every(th *thread.Thread) {
	m := k.r.m
	for k.next = m.Now().Add(k.t.Offset); ; {
		release := k.next
		if to := k.t.To; to > 0 && release >= machine.Time(to) {
			return
		}
		deadline := release.Add(k.t.Deadline)
		if deadline <= m.Now() {
			k.next = release.Add(k.t.Period)
			k.out.Jobs++
			k.drop(release, deadline)
			continue
		}
		m.At(release, k.feed)
		promised := k.constrain(sched.Constraint{Start: release, Deadline: deadline})
		if k.plain && release > m.Now() {
			th.SleepUntil(release)
		}
		k.next = release.Add(k.t.Period)
		k.job(th, release, deadline, promised)
	}
}

// finish counts as missed what was to be done by the end of the run, and was not.
func (k *task) finish() {
	t, end := k.t, k.r.end
	if k.busy > 0 && k.busy < end {
		k.out.Missed++
	}
	for _, at := range k.arrivals {
		if at.Add(t.Deadline) < end {
			k.out.Missed++
		}
	}
	if t.When != Every {
		return
	}
	last := end.Add(-t.Deadline)
	if t.To > 0 {
		last = min(last, machine.Time(t.To)-1)
	}
	if k.next == 0 {
		k.next = machine.Time(t.Offset) // it has never run
	}
	if last > k.next {
		n := int(last.Sub(k.next) / t.Period)
		k.out.Jobs += n
		k.out.Missed += n
		k.out.Dropped += n
	}
}

// drop notes a job that is not begun.
func (k *task) drop(release, deadline machine.Time) {
	k.out.Missed++
	k.out.Dropped++
	k.r.res.note(Job{Activity: k.t.Activity, Thread: k.index, Release: release, Deadline: deadline, Dropped: true})
}

// constrain begins the constraint of the next job, and ends that of the last one.
func (k *task) constrain(c sched.Constraint) (promised bool) {
	if k.plain {
		return false
	}
	c.Estimate, c.Critical = max(k.estimate, 1), k.t.Critical
	k.asked = c.Estimate
	var err error
	if k.open {
		var taken machine.Duration
		taken, promised, err = thread.NextConstraint(c)
		if k.t.Taken && err == nil && taken > 0 {
			k.estimate += (taken + taken/4 - k.estimate) / 4
		}
	} else {
		promised, err = thread.BeginConstraint(c)
	}
	if err != nil {
		k.plain = true
		return false
	}
	k.open = true
	return promised
}

// arm has interrupts release jobs.
func (k *task) arm() {
	m := k.r.m
	next := func() machine.Duration {
		if k.t.When == Clock {
			return k.t.Period
		}
		x := -math.Log(1-m.Rand().Float64()) * float64(k.t.Period)
		return machine.Duration(min(max(x, 1), float64(MaxRun)))
	}
	var arrive func()
	arrive = func() {
		if k.over() {
			k.event.Signal()
			return
		}
		k.out.Jobs++
		if len(k.arrivals) < maxArrivals {
			k.arrivals = append(k.arrivals, m.Now())
			k.feed()
			k.event.Signal()
		} else {
			k.drop(m.Now(), m.Now().Add(k.t.Deadline))
		}
		m.After(next(), arrive)
	}
	m.After(k.t.Offset+next(), arrive)
}

func (k *task) interrupted(th *thread.Thread) {
	m := k.r.m
	promised := false
	for {
		delayed := len(k.arrivals) == 0
		if !delayed {
			promised = k.constrain(sched.Constraint{Deadline: max(k.arrivals[0].Add(k.t.Deadline), 0)})
		} else {
			k.constrain(sched.Constraint{Deadline: machine.Time(k.t.Deadline), Delayed: true})
		}
		waited := false
		for len(k.arrivals) == 0 {
			waited = true
			if k.over() {
				return
			}
			if err := k.event.WaitOn(th, machine.Forever); err != nil {
				panic(err)
			}
		}
		release := k.arrivals[0]
		k.arrivals = append(k.arrivals[:0], k.arrivals[1:]...)
		k.out.Jobs-- // job counts it
		due := release.Add(k.t.Deadline)
		if delayed && !k.plain {
			if !waited { // the constraint counts from when this is asked
				due = m.Now().Add(k.t.Deadline)
			}
			promised, _ = thread.Promised()
		}
		k.job(th, release, due, promised)
	}
}

// job does one job, and notes how it went. If it is promised, it is by due.
func (k *task) job(th *thread.Thread, release, due machine.Time, promised bool) {
	t, m, out := k.t, k.r.m, k.out
	out.Jobs++
	k.busy = max(release.Add(t.Deadline), 1)
	w := t.Least
	if t.Most > t.Least {
		w += machine.Duration(m.Rand().Int64N(int64(t.Most-t.Least) + 1))
	}
	if !k.plain {
		if promised {
			out.Promised++
		} else {
			out.Refused++
			w = w * machine.Duration(t.Shed) / 100
		}
	}
	need := w
	for _, l := range t.Locks {
		k.lock(th, &k.r.mutexes[l.Mutex])
		k.work(th, l.Work)
		need += l.Work
	}
	for i := len(t.Locks) - 1; i >= 0; i-- {
		k.r.mutexes[t.Locks[i].Mutex].UnlockOn(th)
	}
	k.work(th, w)
	now := m.Now()
	k.busy = 0
	k.sate()
	k.r.res.note(Job{k.t.Activity, k.index, release, release.Add(t.Deadline), now, k.asked, need, !k.plain, promised, false})
	response := now.Sub(release)
	out.Longest = max(out.Longest, response)
	if response > t.Deadline {
		out.Missed++
	}
	if promised && now > due && need <= k.asked {
		out.Broken++
	}
}

// lock takes a mutex. Time spent waiting for it is not time with work.
func (k *task) lock(th *thread.Thread, mu *thread.Mutex) {
	if mu.TryLock() {
		return
	}
	k.sate()
	mu.LockOn(th)
	k.feed()
}

// work takes processor time, with checkpoints.
func (k *task) work(th *thread.Thread, w machine.Duration) {
	m := k.r.m
	for w > 0 {
		d := min(w, k.r.set.Stretch)
		from := m.Now()
		m.Advance(d)
		k.r.meters[k.t.Activity].ran(from, m.Now())
		k.r.pledged[k.t.Activity].ran(from, m.Now())
		k.r.res.paint(k, from, m.Now())
		w -= d
		th.Checkpoint()
	}
}
