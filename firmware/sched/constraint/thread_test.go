package constraint_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/constraint"
	"github.com/mmlite/mmlite/firmware/thread"
)

const (
	us = machine.Microsecond
	ms = machine.Millisecond
)

func card(t *testing.T) (*thread.Processor, *sim.Machine, *constraint.Policy) {
	m := sim.New(1)
	policy := constraint.New(constraint.Config{})
	p := thread.NewProcessor(thread.Config{Machine: m, Policy: policy})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if err := policy.Check(); err != nil {
			t.Error(err)
		}
	})
	return p, m, policy
}

// work takes processor time, with checkpoints as components have them.
func work(m *sim.Machine, th *thread.Thread, d machine.Duration) {
	for ; d > 0; d -= 50 * us {
		m.Advance(min(d, 50*us))
		th.Checkpoint()
	}
}

func spawn(t *testing.T, p *thread.Processor, name string, a *sched.Activity, fn func(th *thread.Thread)) *thread.Thread {
	t.Helper()
	th, err := p.Spawn(name, thread.Attributes{Activity: a}, fn)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func hogs(t *testing.T, p *thread.Processor, m *sim.Machine, n int) {
	for i := range n {
		spawn(t, p, fmt.Sprint("hog ", i), nil, func(th *thread.Thread) {
			for {
				work(m, th, ms)
			}
		})
	}
}

func TestPeriodicThreadMeetsItsDeadlines(t *testing.T) {
	p, m, policy := card(t)
	audio := &sched.Activity{Name: "audio"}
	if _, err := p.Reserve(audio, 1500*us, 5805*us); err != nil {
		t.Fatal(err)
	}
	periods, missed, refused := 0, 0, 0
	spawn(t, p, "audio", audio, func(th *thread.Thread) {
		next := p.Now()
		c := func() sched.Constraint {
			return sched.Constraint{Start: next, Estimate: 1200 * us, Deadline: next.Add(5805 * us)}
		}
		ok, err := thread.BeginConstraint(c())
		for {
			if err != nil {
				t.Error(err)
				return
			}
			if !ok {
				refused++
			}
			if now := p.Now(); now < next {
				t.Errorf("period %d began at %v, not %v", periods, now, next)
			}
			work(m, th, 1200*us)
			next = next.Add(5805 * us)
			if p.Now() > next {
				missed++
			}
			periods++
			var taken machine.Duration
			taken, ok, err = thread.NextConstraint(c())
			if taken != 1200*us {
				t.Errorf("period %d took %v", periods, taken)
			}
		}
	})
	hogs(t, p, m, 20)
	if err := p.RunFor(10 * machine.Second); err != nil {
		t.Fatal(err)
	}
	if periods != 10_000_000/5805 && periods != 10_000_000/5805+1 || missed > 0 || refused > 0 {
		t.Errorf("%d periods, %d missed, %d refused", periods, missed, refused)
	}
	if err := policy.Check(); err != nil {
		t.Error(err)
	}
}

func TestMutexOwnersInherit(t *testing.T) {
	p, m, _ := card(t)
	hogs(t, p, m, 10)
	var mu [3]thread.Mutex
	for i := range mu {
		spawn(t, p, fmt.Sprint("link ", i), nil, func(th *thread.Thread) {
			for {
				mu[i].Lock()
				if i > 0 {
					mu[i-1].Lock()
				}
				work(m, th, 400*us)
				if i > 0 {
					mu[i-1].Unlock()
				}
				mu[i].Unlock()
				thread.Sleep(300 * us)
			}
		})
	}
	worst := machine.Duration(0)
	rounds := 0
	spawn(t, p, "urgent", nil, func(th *thread.Thread) {
		for {
			thread.Sleep(13 * ms)
			from := p.Now()
			ok, err := thread.BeginConstraint(sched.Constraint{Estimate: 4 * ms, Deadline: from.Add(8 * ms)})
			if !ok || err != nil {
				t.Errorf("round %d: %v, %v", rounds, ok, err)
			}
			mu[2].Lock()
			work(m, th, 500*us)
			mu[2].Unlock()
			worst = max(worst, p.Now().Sub(from))
			if _, err := thread.EndConstraint(); err != nil {
				t.Error(err)
			}
			rounds++
		}
	})
	if err := p.RunFor(5 * machine.Second); err != nil {
		t.Fatal(err)
	}
	if rounds < 200 || worst > 8*ms {
		t.Errorf("%d rounds, the longest took %v", rounds, worst)
	}
}

func TestDriverWithDelayedConstraint(t *testing.T) {
	p, m, _ := card(t)
	var ev thread.Event
	var rang machine.Time
	served, late, refused := 0, 0, 0
	spawn(t, p, "driver", nil, func(th *thread.Thread) {
		c := sched.Constraint{Estimate: 200 * us, Deadline: machine.Time(600 * us), Delayed: true}
		_, err := thread.BeginConstraint(c)
		for err == nil {
			if err = ev.Wait(machine.Forever); err != nil {
				break
			}
			if ok, _ := thread.Promised(); !ok {
				refused++
			}
			work(m, th, 200*us)
			served++
			if p.Now().Sub(rang) > 650*us {
				late++
			}
			_, _, err = thread.NextConstraint(c)
		}
		t.Error(err)
	})
	hogs(t, p, m, 10)
	m.Every(2901*us, func() bool {
		rang = m.Now()
		ev.Signal()
		return true
	})
	if err := p.RunFor(2 * machine.Second); err != nil {
		t.Fatal(err)
	}
	if served < 2_000_000/2901-1 || late > 0 || refused > 0 {
		t.Errorf("%d served, %d late, %d refused", served, late, refused)
	}
}

func TestThreadThatWaitsForItsStartCanBeEnded(t *testing.T) {
	p, _, policy := card(t)
	ended := false
	th := spawn(t, p, "waits", nil, func(th *thread.Thread) {
		defer func() {
			if _, err := thread.EndConstraint(); !errors.Is(err, com.ErrInvalid) {
				t.Errorf("a constraint is left: %v", err)
			}
			ended = true
		}()
		thread.BeginConstraint(sched.Constraint{Start: p.Now().Add(3600 * machine.Second), Estimate: ms, Deadline: machine.Forever})
		t.Error("it goes on")
	})
	if err := p.RunFor(machine.Second); err != nil {
		t.Fatal(err)
	}
	if policy.Promises() != 1 {
		t.Errorf("%d promises", policy.Promises())
	}
	th.Kill()
	if err := p.RunFor(machine.Second); err != nil || !ended {
		t.Errorf("%v, ended: %v", err, ended)
	}
	if policy.Promises() != 0 {
		t.Errorf("%d promises", policy.Promises())
	}
}

func TestPolicyWithPromisesStays(t *testing.T) {
	p, m, _ := card(t)
	a := &sched.Activity{Name: "a"}
	hogs(t, p, m, 3)
	if _, err := p.Reserve(a, ms, 10*ms); err != nil {
		t.Fatal(err)
	}
	if err := p.SetPolicy(sched.NewRoundRobin(0)); !errors.Is(err, com.ErrBusy) {
		t.Errorf("replaced: %v", err)
	}
	if _, err := p.Reserve(a, 0, 0); err != nil {
		t.Fatal(err)
	}
	if err := p.SetPolicy(sched.NewRoundRobin(0)); err != nil {
		t.Error(err)
	}
	if _, err := p.Reserve(a, ms, 10*ms); !errors.Is(err, com.ErrNotSupported) {
		t.Errorf("round robin reserves: %v", err)
	}
	if err := p.SetPolicy(constraint.New(constraint.Config{})); err != nil {
		t.Error(err)
	}
	if err := p.RunFor(machine.Second); err != nil {
		t.Error(err)
	}
}

// TestCallsAreChargedToTheCaller has a server work for two clients, one of which
// has reserved time.
func TestCallsAreChargedToTheCaller(t *testing.T) {
	p, m, _ := card(t)
	own, rich, poor := &sched.Activity{Name: "own"}, &sched.Activity{Name: "rich"}, &sched.Activity{Name: "poor"}
	if _, err := p.Reserve(rich, 4*ms, 10*ms); err != nil {
		t.Fatal(err)
	}
	hogs(t, p, m, 8)
	for _, a := range []*sched.Activity{rich, poor} {
		spawn(t, p, "server", own, func(th *thread.Thread) {
			for {
				was := th.SetActivity(a)
				work(m, th, 500*us)
				th.SetActivity(was)
			}
		})
	}
	if err := p.RunFor(5 * machine.Second); err != nil {
		t.Fatal(err)
	}
	if rich.Used() < 1900*ms || poor.Used() > 700*ms || own.Used() > 100*ms {
		t.Errorf("rich %v, poor %v, own %v", rich.Used(), poor.Used(), own.Used())
	}
}

// BenchmarkSwitch is decision and switch among threads that yield all the time, on
// the host's own clock, driven as on a card: few in the caches, and so many that
// neither their stacks nor what is known of them do. Each thread is charged by the
// cycle counter. They are of one activity, or each has an account of its own, which
// is one record more to be fetched. BenchmarkCoroutineMany in package thread is the
// limit.
func BenchmarkSwitch(b *testing.B) {
	for _, c := range []struct {
		name   string
		policy func() sched.Policy
		act    *sched.Activity
	}{
		{"constraint", func() sched.Policy { return constraint.New(constraint.Config{}) }, nil},
		{"constraint-activity", func() sched.Policy { return constraint.New(constraint.Config{}) }, &sched.Activity{Name: "all"}},
		{"roundrobin", func() sched.Policy { return sched.NewRoundRobin(0) }, nil},
	} {
		for _, n := range []int{10, 100, 1000, 10000} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				p := thread.NewProcessor(thread.Config{Machine: host.New(), Policy: c.policy()})
				ctx, cancel := context.WithCancel(context.Background())
				done := make(chan error, 1)
				go func() { done <- p.Run(ctx) }()
				err := p.Call("first", thread.Attributes{Activity: c.act}, func(th *thread.Thread) {
					stop := false
					for range n - 1 {
						if _, err := p.Spawn("other", thread.Attributes{Activity: c.act}, func(th *thread.Thread) {
							for !stop {
								th.Yield()
							}
						}); err != nil {
							b.Error(err)
						}
					}
					th.Yield()
					b.ResetTimer()
					for range b.N/n + 1 {
						th.Yield()
					}
					b.StopTimer()
					stop = true
				})
				cancel()
				if err := errors.Join(err, <-done); err != nil {
					b.Error(err)
				}
			})
		}
	}
}
