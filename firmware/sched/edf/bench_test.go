package edf

import (
	"fmt"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// crowd adds n entities, each with a small reservation if reserved.
func crowd(tb testing.TB, n int, reserved bool) (*Policy, []sched.Entity) {
	p := New(Config{Constraints: 1024})
	entities := make([]sched.Entity, n)
	for i := range entities {
		if reserved {
			entities[i].Activity = new(sched.Activity)
			if _, err := p.Reserve(entities[i].Activity, machine.Duration(800/n)*10*us+MinAmount, 20*ms+machine.Duration(i)*us, 0); err != nil {
				tb.Fatal(err)
			}
		}
		if err := p.Add(&entities[i], 0); err != nil {
			tb.Fatal(err)
		}
		p.Ready(&entities[i], 0)
	}
	return p, entities
}

func TestNothingAllocates(t *testing.T) {
	for _, reserved := range []bool{false, true} {
		p, entities := crowd(t, 20, reserved)
		now := machine.Time(0)
		if n := testing.AllocsPerRun(200, func() {
			for i := range entities {
				c := sched.Constraint{Start: now, Estimate: 50 * us, Deadline: now.Add(machine.Duration(i+1) * ms)}
				if i%3 == 0 {
					c.Start = now.Add(100 * us)
				}
				if _, err := p.Begin(&entities[i], c, now); err != nil {
					t.Fatal(err)
				}
			}
			for range 50 {
				e, until := p.Pick(now)
				if e == nil {
					now = until
					continue
				}
				d := min(until.Sub(now), 20*us)
				now = now.Add(d)
				p.Charge(e, d, now)
				p.Yield(e, now)
			}
			for i := range entities {
				e := &entities[i]
				if i > 0 && i%4 == 0 {
					e.Waits = &entities[i-1]
				}
				p.Block(e, now)
				p.Ready(e, now)
				e.Waits = nil
				if _, _, err := p.EndBegin(e, sched.Constraint{Start: now, Estimate: 30 * ms, Deadline: now.Add(30 * ms)}, now); err != nil {
					t.Fatal(err)
				}
				if _, err := p.End(e, now); err != nil {
					t.Fatal(err)
				}
			}
		}); n != 0 {
			t.Errorf("reserved %v: %v allocations", reserved, n)
		}
		if err := p.Check(); err != nil {
			t.Error(err)
		}
	}
}

var sizes = []int{1, 10, 100, 1000}

// BenchmarkDecision is what a switch costs the policy, by the number of ready threads:
// a charge and a pick. Spare has threads without reservations that yield; reserved a server for each,
// most of them with budget; timers has time go so fast that each step is a used-up or refilled one.
func BenchmarkDecision(b *testing.B) {
	for _, n := range sizes {
		for _, mode := range []string{"spare", "reserved", "timers"} {
			b.Run(fmt.Sprintf("%s/%d", mode, n), func(b *testing.B) {
				p, _ := crowd(b, n, mode != "spare")
				step := machine.Duration(100)
				if mode == "timers" {
					step = machine.Second
				}
				b.ReportAllocs()
				now := machine.Time(0)
				for b.Loop() {
					e, until := p.Pick(now)
					if e == nil {
						now = until
						continue
					}
					d := min(step, max(until.Sub(now), 1))
					now = now.Add(d)
					p.Charge(e, d, now)
					if mode == "spare" {
						p.Yield(e, now)
					}
				}
			})
		}
	}
}

// BenchmarkConstraint is a constraint's begin and end beside n reserved activities, or n
// accepted constraints, which have begun, or have not. Packed ones have not begun and fill their
// windows so that all intervals have to be tested: the worst case, for the 64 there may be by
// default.
func BenchmarkConstraint(b *testing.B) {
	for _, n := range []int{1, 10, 64, 100, 1000} {
		for _, beside := range []string{"reservations", "begun", "later", "packed"} {
			if n == 1000 && beside == "packed" {
				continue // a millisecond each, and no default
			}
			b.Run(fmt.Sprintf("%s/%d", beside, n), func(b *testing.B) {
				p, entities := crowd(b, n, beside == "reservations")
				for i := range entities {
					c := sched.Constraint{Estimate: us, Deadline: machine.Time(10*ms + machine.Duration(i)*us)}
					if beside == "later" {
						c.Start = machine.Time(5*ms + machine.Duration(i)*us)
					}
					if beside == "reservations" {
						continue
					}
					if beside == "packed" {
						c.Start = machine.Time(ms + machine.Duration(i)*10*us)
						c.Estimate, c.Deadline = 8*us, c.Start.Add(10*us)
					}
					if ok, err := p.Begin(&entities[i], c, 0); err != nil || !ok {
						b.Fatal(ok, err)
					}
				}
				e := new(sched.Entity)
				if err := p.Add(e, 0); err != nil {
					b.Fatal(err)
				}
				p.Ready(e, 0)
				c := sched.Constraint{Estimate: us, Deadline: machine.Time(20 * ms)}
				if beside == "later" || beside == "packed" {
					c.Start = machine.Time(9 * ms)
				}
				if beside == "packed" {
					c.Deadline = c.Start.Add(10 * us)
				}
				b.ReportAllocs()
				for b.Loop() {
					ok, err := p.Begin(e, c, 0)
					if err != nil || !ok {
						b.Fatal(ok, err)
					}
					if _, err := p.End(e, 0); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkWake is a block and a ready of a thread, which have another picked.
func BenchmarkWake(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p, _ := crowd(b, n, true)
			e := &sched.Entity{Activity: new(sched.Activity)}
			if _, err := p.Reserve(e.Activity, 20*us, ms, 0); err != nil {
				b.Fatal(err)
			}
			if err := p.Add(e, 0); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				p.Ready(e, 0)
				if got, _ := p.Pick(0); got != e {
					b.Fatal("it is not picked")
				}
				p.Block(e, 0)
				p.Pick(0)
			}
		})
	}
}
