package thread

import (
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/constraint"
	"github.com/mmlite/mmlite/firmware/sched/edf"
	"github.com/mmlite/mmlite/firmware/trace"
)

// Policies take turns while many threads run, wait and hold mutexes.
func TestExchangeWhileThreadsRun(t *testing.T) {
	p, m := card(t, nil)
	policies := []func() sched.Policy{
		func() sched.Policy { return constraint.New(constraint.Config{}) },
		func() sched.Policy { return sched.NewNull() },
		func() sched.Policy { return edf.New(edf.Config{}) },
		func() sched.Policy { return sched.NewRoundRobin(0) },
	}
	acts := [3]*sched.Activity{{Name: "a"}, {Name: "b"}}
	var mus [3]Mutex
	var inside [3]int
	var ev Event
	ended, exchanged := 0, 0
	for i := range 40 {
		if _, err := p.Spawn("worker", Attributes{Activity: acts[i%3]}, func(me *Thread) {
			for k := range 30 {
				j := (i + k) % 3
				switch k % 5 {
				case 0, 1, 2:
					mus[j].LockOn(me)
					if inside[j]++; inside[j] != 1 {
						t.Error("two own a mutex")
					}
					if k%2 == 0 {
						me.SleepUntil(m.Now().Add(machine.Duration(k) * 30 * machine.Microsecond))
					} else {
						m.Advance(100 * machine.Microsecond)
						me.Checkpoint()
					}
					inside[j]--
					mus[j].UnlockOn(me)
				case 3:
					ev.Wait(m.Now().Add(ms))
				case 4:
					m.Advance(200 * machine.Microsecond)
					ev.Signal()
					me.Yield()
				}
			}
			ended++
		}); err != nil {
			t.Fatal(err)
		}
	}
	for ended < 40 {
		if err := p.RunFor(3 * ms); err != nil {
			t.Fatal(err)
		}
		verify(p)
		if err := p.SetPolicy(policies[exchanged%len(policies)]()); err != nil {
			t.Fatal(err)
		}
		verify(p)
		if exchanged++; exchanged > 10000 {
			t.Fatalf("%d of 40 have ended", ended)
		}
	}
	if exchanged < 2*len(policies) || p.PolicyEpoch() != uint32(exchanged) {
		t.Errorf("%d exchanges, epoch %d", exchanged, p.PolicyEpoch())
	}
}

// A policy that comes while a thread waits for a mutex has its owner inherit.
func TestInheritanceOverAnExchange(t *testing.T) {
	p, m, log := traced(t, nil)
	quick := &sched.Activity{Name: "quick"}
	var mu Mutex
	var got machine.Time
	for range 3 {
		spawn(t, p, "burner", func(*Thread) {
			for {
				m.Advance(50 * machine.Microsecond)
				Checkpoint()
			}
		})
	}
	work, working := 0, false
	holder, err := p.Spawn("holder", Attributes{}, func(*Thread) {
		mu.Lock()
		for !working {
			Sleep(ms)
		}
		for ; work < 40; work++ {
			m.Advance(50 * machine.Microsecond)
			Checkpoint()
		}
		mu.Unlock()
	})
	if err != nil {
		t.Fatal(err)
	}
	waits := false
	if _, err := p.Spawn("waiter", Attributes{Activity: quick}, func(*Thread) {
		Sleep(ms)
		waits = true
		mu.Lock()
		got = m.Now()
		mu.Unlock()
	}); err != nil {
		t.Fatal(err)
	}
	if err := p.RunUntil(func() bool { return waits && holder.state == Blocked }, forever); err != nil {
		t.Fatal(err)
	}
	if err := p.SetPolicy(constraint.New(constraint.Config{})); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Reserve(quick, 5*ms, 10*ms); err != nil {
		t.Fatal(err)
	}
	if err := p.SetPolicy(sched.NewNull()); com.CodeOf(err) != com.ErrBusy {
		t.Error("a policy with a reservation was replaced:", err)
	}
	working = true
	if err := p.RunUntil(func() bool { return got != 0 }, m.Now().Add(machine.Second)); err != nil {
		t.Fatal(err)
	}
	own := 0
	for _, r := range records(t, log, trace.Run) {
		if r.Thread == uint32(holder.ID()) && r.Right == sched.RightOwn {
			own++
		}
	}
	if own == 0 {
		t.Error("the owner never ran in a slice of the activity that waits for it")
	}
	if _, err := p.Reserve(quick, 0, 10*ms); err != nil {
		t.Fatal(err)
	}
}
