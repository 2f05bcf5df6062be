package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/simulate"
	"github.com/mmlite/mmlite/firmware/thread"
)

// schedMeter measures under one policy after the other.
type schedMeter struct {
	*schedBench
	total   time.Duration
	what    atomic.Value // string: what is measured
	results []schedResult
	still   machine.Duration // a processor of this computer, while cards played
}

const (
	// schedRounds is how many short rounds are made, of which the best counts: this
	// computer has other things to do, too.
	schedRounds = 15
	// schedSwitches is how many switches there are in a round.
	schedSwitches = 20_000
	// schedActivities have reservations while a constraint is measured.
	schedActivities = 100
	// schedConstraints is how many are begun and ended in a round.
	schedConstraints = 2_000
	// schedPeriod is that of wake-ups.
	schedPeriod = machine.Millisecond
	// schedEstimate is what a wake-up asks for.
	schedEstimate = 50 * machine.Microsecond
)

func (m *schedMeter) all(ctx context.Context) error {
	for _, name := range m.Policy {
		r := schedResult{Policy: name, Dispatch: map[string]float64{}, Decision: map[string]float64{}}
		for _, step := range []struct {
			what string
			do   func(context.Context, *schedResult) error
		}{
			{"switches", m.switches}, {"decisions", m.decisions}, {"constraints", m.constraints}, {"wake-ups", m.wakeups}, {"sound under load", m.audio},
		} {
			m.what.Store(step.what + " under " + name)
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := step.do(ctx, &r); err != nil {
				return fmt.Errorf("%s under %s: %w", step.what, name, err)
			}
		}
		m.results = append(m.results, r)
	}
	return nil
}

// threadsKey names a number of threads in a result.
func threadsKey(n int) string { return strconv.Itoa(n) }

// on runs fn on a thread of a processor of its own.
func on(ctx context.Context, policy string, kind machine.Kind, fn func(p *thread.Processor, t *thread.Thread) error) error {
	pol, err := simulate.NewPolicy(policy)
	if err != nil {
		return err
	}
	var failure atomic.Pointer[thread.Failure]
	p := thread.NewProcessor(thread.Config{Name: "bench", Machine: host.New(), Policy: pol, Kind: kind, Exit: func(_ *thread.Thread, f *thread.Failure) { failure.Store(f) }})
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	var inner error
	err = p.Call("bench", thread.Attributes{Activity: &sched.Activity{Name: "bench"}}, func(t *thread.Thread) { inner = fn(p, t) })
	cancel()
	if e := <-done; err == nil {
		err = e
	}
	if err == nil {
		err = inner
	}
	if f := failure.Load(); err == nil && f != nil {
		err = com.Errorf(com.ErrFailed, "%v", f)
	}
	return err
}

// switches measures switches between two threads, and among many.
func (m *schedMeter) switches(ctx context.Context, r *schedResult) (err error) {
	if r.Switch, err = switchTime(ctx, r.Policy, 2); err != nil {
		return err
	}
	for _, n := range schedThreads {
		if r.Dispatch[threadsKey(n)], err = switchTime(ctx, r.Policy, n); err != nil {
			return err
		}
	}
	return nil
}

// switchTime returns what it takes from a thread's giving way to the next one's
// going on, in ns, with n threads that take turns. One thread alone is asked about,
// and goes on.
func switchTime(ctx context.Context, policy string, n int) (float64, error) {
	best := math.Inf(1)
	err := on(ctx, policy, machine.Spare, func(p *thread.Processor, t *thread.Thread) error {
		stop := false
		var others []*thread.Thread
		for range n - 1 {
			o, err := p.Spawn("other", thread.Attributes{Activity: t.Activity()}, func(t *thread.Thread) {
				for !stop {
					t.Yield()
				}
			})
			if err != nil {
				return err
			}
			others = append(others, o)
		}
		t.Yield()
		turns := max(schedSwitches/n, 2)
		for range schedRounds {
			began := time.Now()
			for range turns {
				t.Yield()
			}
			best = min(best, float64(time.Since(began))/float64(turns*n))
		}
		stop = true
		for _, o := range others {
			if err := o.Join(machine.Forever); err != nil {
				return err
			}
		}
		return nil
	})
	return best, err
}

// decisions measures the policy alone: charge, yield and pick with n ready entities.
func (m *schedMeter) decisions(ctx context.Context, r *schedResult) error {
	for _, n := range schedThreads {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := simulate.NewPolicy(r.Policy)
		if err != nil {
			return err
		}
		now := machine.Time(machine.Second)
		a := &sched.Activity{Name: "bench"}
		list := make([]sched.Entity, n)
		for i := range list {
			list[i].Activity = a
			if err := p.Add(&list[i], now); err != nil {
				return err
			}
			p.Ready(&list[i], now)
		}
		best := math.Inf(1)
		for range schedRounds {
			began := time.Now()
			for range schedSwitches {
				e, _ := p.Pick(now)
				now += machine.Time(machine.Microsecond)
				p.Charge(e, machine.Microsecond, now)
				p.Yield(e, now)
			}
			best = min(best, float64(time.Since(began))/schedSwitches)
		}
		r.Decision[threadsKey(n)] = best
	}
	return nil
}

// constraints measures a constraint's beginning and end while many activities have
// reservations, where the policy has such.
func (m *schedMeter) constraints(ctx context.Context, r *schedResult) error {
	best := math.Inf(1)
	err := on(ctx, r.Policy, machine.Spare, func(p *thread.Processor, t *thread.Thread) error {
		for range schedActivities {
			if _, err := thread.Reserve(&sched.Activity{Name: "other"}, 250*machine.Microsecond, 100*machine.Millisecond); err != nil {
				return err
			}
		}
		for range schedRounds {
			began := time.Now()
			for range schedConstraints {
				now := p.Now()
				if _, err := thread.BeginConstraint(sched.Constraint{Start: now, Estimate: schedEstimate, Deadline: now.Add(20 * machine.Millisecond)}); err != nil {
					return err
				}
				if _, err := thread.EndConstraint(); err != nil {
					return err
				}
			}
			best = min(best, float64(time.Since(began))/schedConstraints)
		}
		return nil
	})
	if com.CodeOf(err) == com.ErrNotSupported {
		return nil
	}
	r.Constraint = &best
	return err
}

// wakeups measures how late a real-time thread wakes: alone, and beside garbage.
func (m *schedMeter) wakeups(ctx context.Context, r *schedResult) error {
	d := time.Duration(m.Seconds * float64(time.Second))
	var err error
	if r.late, r.Granted, err = lateness(ctx, r.Policy, d); err != nil {
		return err
	}
	r.WakeupP50, r.WakeupP99, r.WakeupMax = three(r.late)
	stop := makeGarbage()
	r.loaded, _, err = lateness(ctx, r.Policy, d)
	stop()
	if err != nil {
		return err
	}
	r.LoadedP50, r.LoadedP99, r.LoadedMax = three(r.loaded)
	return nil
}

// three returns median, 99th percentile and maximum of a sorted list in us.
func three(list []time.Duration) (p50, p99, most float64) {
	n := len(list)
	return micros(list[n/2]), micros(list[n*99/100]), micros(list[n-1])
}

// lateness returns how late a thread woke that has a deadline every millisecond,
// sorted. Where the policy has constraints, it is their start that it waits for.
func lateness(ctx context.Context, policy string, d time.Duration) (late []time.Duration, granted string, err error) {
	host.SpareProcs(1)
	late = make([]time.Duration, 0, d/schedPeriod.Std()+1)
	err = on(ctx, policy, machine.RealTime, func(p *thread.Processor, t *thread.Thread) error {
		granted = "an ordinary thread: SCHED_FIFO is not granted here"
		if s, err := p.Status(); err == nil && s.RealTime == nil {
			granted = "SCHED_FIFO"
			if rt, ok := p.Machine().(machine.RealTimeReporter); ok {
				granted = rt.RealTime().Got
			}
		}
		open, plain := false, false
		for at := p.Now().Add(schedPeriod); len(late) < cap(late) && ctx.Err() == nil; at = at.Add(schedPeriod) {
			c := sched.Constraint{Start: at, Estimate: schedEstimate, Deadline: at.Add(schedPeriod)}
			var err error
			switch {
			case plain:
				t.SleepUntil(at)
			case open:
				_, _, err = thread.NextConstraint(c)
			default:
				_, err = thread.BeginConstraint(c)
				open = err == nil
			}
			if com.CodeOf(err) == com.ErrNotSupported {
				plain = true
				t.SleepUntil(at)
			} else if err != nil {
				return err
			}
			now := p.Now()
			late = append(late, max(now.Sub(at), 0).Std())
			if now > at.Add(schedPeriod) {
				at = now // what was slept through is not counted again
			}
		}
		if open {
			_, err := thread.EndConstraint()
			return err
		}
		return nil
	})
	if err == nil && len(late) == 0 {
		err = ctx.Err()
	}
	slices.Sort(late)
	return late, granted, err
}

// makeGarbage has two goroutines allocate without end.
func makeGarbage() (stop func()) {
	var quit atomic.Bool
	done := make(chan struct{})
	const workers = 2
	for range workers {
		go func() {
			var keep [64]*[64]*byte
			for n := 0; !quit.Load(); n++ {
				keep[n%len(keep)] = new([64]*byte)
				keep[n%len(keep)][n%64] = new(byte)
			}
			done <- struct{}{}
		}()
	}
	return func() {
		quit.Store(true)
		for range workers {
			<-done
		}
	}
}

// audio counts underruns of a card under load.
func (m *schedMeter) audio(ctx context.Context, r *schedResult) error {
	if m.Audio == 0 {
		return nil
	}
	c := soakAudioCmd{Minutes: m.Audio / 60, Device: "null", Period: 256, Queue: 2, Ports: 8, Voices: 64, Load: runtime.NumCPU(), Storm: 2}
	one, err := c.run(ctx, r.Policy, false)
	if err != nil {
		return err
	}
	n := one.Underruns - one.Excused
	r.Underruns = &n
	m.still = max(m.still, machine.Duration(one.Still*1e3))
	return nil
}
