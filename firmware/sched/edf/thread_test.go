package edf_test

import (
	"errors"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/edf"
	"github.com/mmlite/mmlite/firmware/thread"
)

const (
	us = machine.Microsecond
	ms = machine.Millisecond
)

func card(t *testing.T) (*thread.Processor, *sim.Machine, *edf.Policy) {
	t.Helper()
	m := sim.New(1)
	policy := edf.New(edf.Config{Blocking: 50 * us})
	p := thread.NewProcessor(thread.Config{Machine: m, Policy: policy, Exit: func(_ *thread.Thread, f *thread.Failure) {
		t.Errorf("%v\n%s", f, f.Stack)
	}})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, m, policy
}

func spawn(t *testing.T, p *thread.Processor, name string, a *sched.Activity, fn func(th *thread.Thread)) {
	t.Helper()
	if _, err := p.Spawn(name, thread.Attributes{Activity: a}, fn); err != nil {
		t.Fatal(err)
	}
}

// work takes the processor for d with a checkpoint every so often.
func work(m *sim.Machine, d, step machine.Duration) {
	for d > 0 {
		n := min(d, step)
		m.Advance(n)
		thread.Checkpoint()
		d -= n
	}
}

// TestCard runs a card's threads: sound with a constraint each period, a renderer with a reservation
// that locks what a background thread locks too, and background work.
func TestCard(t *testing.T) {
	p, m, policy := card(t)
	const period = 5805 * us
	draw := &sched.Activity{Name: "renderer"}
	promised, late, frames := 0, 0, 0
	var mu thread.Mutex
	spawn(t, p, "mixer", nil, func(*thread.Thread) {
		start := m.Now()
		// Beside its own work, three others may be before it at the mutex, and each goes on
		// until its checkpoint after it has passed the mutex on.
		c := sched.Constraint{Start: start, Estimate: ms + 3*(100+40)*us, Deadline: start.Add(3 * ms)}
		ok, err := thread.BeginConstraint(c)
		for frames < 500 {
			if err != nil {
				t.Error(err)
				return
			}
			if m.Now() < c.Start {
				t.Errorf("it began at %v instead of %v", m.Now(), c.Start)
			}
			mu.Lock()
			work(m, 100*us, 20*us)
			mu.Unlock()
			work(m, 900*us, 20*us)
			frames++
			if ok {
				promised++
			}
			if m.Now() > c.Deadline {
				late++
			}
			c.Start = c.Start.Add(period)
			c.Deadline = c.Start.Add(3 * ms)
			_, ok, err = thread.NextConstraint(c)
			if e := policy.Check(); e != nil {
				t.Error(e)
				return
			}
		}
		if _, err := thread.EndConstraint(); err != nil {
			t.Error(err)
		}
	})
	spawn(t, p, "renderer", draw, func(*thread.Thread) {
		if _, err := thread.Reserve(draw, 4*ms, 13300*us); err != nil {
			t.Error(err)
		}
		for frames < 500 {
			work(m, 50*us, 50*us)
		}
		// In the window of the constraint there is room for about half.
		if g, err := thread.Reserve(draw, 13*ms, 13300*us); !errors.Is(err, com.ErrQuota) || g.Amount < 6*ms || g.Amount > 8*ms {
			t.Errorf("%+v, %v", g, err)
		}
		if _, err := thread.Reserve(draw, 0, 0); err != nil {
			t.Error(err)
		}
	})
	for range 3 {
		spawn(t, p, "background", &sched.Activity{Name: "compile"}, func(*thread.Thread) {
			for frames < 500 {
				work(m, 300*us, 40*us)
				mu.Lock()
				work(m, 100*us, 40*us)
				mu.Unlock()
			}
		})
	}
	if err := p.RunFor(4 * machine.Second); err != nil {
		t.Fatal(err)
	}
	if frames != 500 || promised != 500 || late != 0 {
		t.Errorf("%d frames, %d promised, %d late\n%s", frames, promised, late, policy.Dump())
	}
	if least := machine.Duration(500*period) * 4 / 14; draw.Used() < least {
		t.Errorf("the renderer got %v instead of %v", draw.Used(), least)
	}
	if s, err := p.Status(); err != nil || s.Promises != 0 || s.Threads != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	if err := policy.Check(); err != nil {
		t.Error(err)
	}
}

// TestExchange puts the policy in the place of another and takes it out, which promises prevent.
func TestExchange(t *testing.T) {
	m := sim.New(1)
	p := thread.NewProcessor(thread.Config{Machine: m})
	defer p.Close()
	policy := edf.New(edf.Config{})
	done := false
	spawn(t, p, "a", &sched.Activity{Name: "a"}, func(th *thread.Thread) {
		if err := p.SetPolicy(policy); err != nil {
			t.Error(err)
		}
		work(m, ms, 50*us)
		if _, err := thread.BeginConstraint(sched.Constraint{Estimate: ms, Deadline: thread.Now().Add(2 * ms)}); err != nil {
			t.Error(err)
		}
		if err := p.SetPolicy(sched.NewRoundRobin(0)); !errors.Is(err, com.ErrBusy) {
			t.Error(err)
		}
		if taken, err := thread.EndConstraint(); taken != 0 || err != nil {
			t.Error(taken, err)
		}
		if err := p.SetPolicy(sched.NewRoundRobin(0)); err != nil {
			t.Error(err)
		}
		done = true
	})
	spawn(t, p, "b", nil, func(*thread.Thread) { work(m, 5*ms, 50*us) })
	if err := p.RunFor(machine.Second); err != nil || !done {
		t.Fatal(err, done)
	}
	if err := policy.Check(); err != nil {
		t.Error(err)
	}
	if len(p.Threads(nil)) != 0 {
		t.Error("threads are left")
	}
}
