package edf

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// model is what a caller knows of the policy's state.
type model struct {
	*world
	rt       *rapid.T
	acts     [3]*sched.Activity
	entities [7]sched.Entity
	in       [7]bool
	runnable [7]bool
	depth    [7]int
	reserved map[*sched.Activity]bool
}

// able is by definition: it can run, or whoever it waits for can.
func (m *model) able(t *task, hops int) bool {
	for i := range t.depth {
		if k := &t.stack[i]; !k.begun && !k.delayed {
			return false
		}
	}
	return t.runnable || t.waitsOn != nil && hops < len(m.entities) && m.able(t.waitsOn, hops+1)
}

// earliest returns the earliest deadline among the promises that can be kept now, by
// looking at all.
func (m *model) earliest() machine.Time {
	first := machine.Forever
	for _, t := range m.p.tasks {
		if !m.able(t, 0) {
			continue
		}
		for i := t.depth - 1; i >= 0; i-- {
			if k := &t.stack[i]; k.accepted && k.begun && k.rest > 0 {
				first = min(first, k.deadline)
			}
		}
		if s := m.p.of[t.ent.Activity]; s != nil && s.budget > 0 {
			first = min(first, s.deadline)
		}
	}
	return first
}

func (m *model) entity(name string) int {
	return rapid.IntRange(0, len(m.entities)-1).Draw(m.rt, name)
}

// duration draws one of all sizes, at times absurd.
func (m *model) duration(name string) machine.Duration {
	if rapid.IntRange(0, 20).Draw(m.rt, name+" absurd") == 0 {
		return machine.Duration(rapid.Int64().Draw(m.rt, name))
	}
	return machine.Duration(rapid.IntRange(0, 2000).Draw(m.rt, name)) * 10 * us
}

func (m *model) constraint() sched.Constraint {
	start := m.duration("start")
	if rapid.Bool().Draw(m.rt, "at once") {
		start = 0
	}
	c := sched.Constraint{
		Estimate: m.duration("estimate") / 2,
		Start:    machine.Time(start),
		Critical: rapid.Bool().Draw(m.rt, "critical"),
		Delayed:  rapid.IntRange(0, 3).Draw(m.rt, "delayed") == 0,
	}
	c.Deadline = c.Start.Add(m.duration("window"))
	if !c.Delayed {
		c.Start, c.Deadline = m.now.Add(start), m.now.Add(machine.Duration(c.Deadline))
	}
	return c
}

func (m *model) invalid(err error, want bool, what string) {
	if errors.Is(err, com.ErrInvalid) != want || !want && err != nil {
		m.rt.Fatalf("%s: %v, expected to be invalid %v", what, err, want)
	}
}

func bad(c sched.Constraint, now machine.Time) bool {
	if c.Delayed {
		return c.Estimate < 0 || c.Start < 0 || c.Deadline < c.Start || c.Start > machine.Time(Horizon)
	}
	return c.Estimate < 0 || c.Deadline < c.Start || c.Start > now && c.Start-now > machine.Time(Horizon)
}

func (m *model) run(t *rapid.T) {
	want := machine.Forever
	e, until := m.p.Pick(m.now)
	if want = m.earliest(); want != machine.Forever {
		got := m.p.running.entry
		if got == nil || m.p.due.slots[0].key != want {
			t.Fatalf("the promise for %v is not kept first\n%s", want, m.p.Dump())
		}
	} else if m.p.running.entry != nil {
		t.Fatalf("it picks for a promise that there is not\n%s", m.p.Dump())
	}
	some := false
	for i := range m.entities {
		if m.in[i] && m.runnable[i] && m.entities[i].Policy.(*task).held == 0 {
			some = true
		}
	}
	if (e != nil) != some {
		t.Fatalf("picks %v, somebody can run: %v", e, some)
	}
	if until <= m.now {
		t.Fatalf("a slice until %v", until)
	}
	d := machine.Duration(rapid.IntRange(1, 2000).Draw(t, "for")) * 10 * us
	if until != machine.Forever {
		d = min(d, until.Sub(m.now))
	}
	m.now = m.now.Add(d)
	if e == nil {
		return
	}
	i := e.Owner.(int)
	if !m.runnable[i] || e.Policy.(*task).held > 0 {
		t.Fatalf("picks one who cannot run")
	}
	m.p.Charge(e, d, m.now)
}

// TestRandomOperations does anything in any order, bad input included, and finds after each step
// that the state is in order and that what is promised can be kept.
func TestRandomOperations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{world: newWorld(t, Config{Constraints: 6}, 0), rt: t, reserved: map[*sched.Activity]bool{}}
		for i := range m.acts {
			m.acts[i] = &sched.Activity{Name: fmt.Sprint(i)}
		}
		for i := range m.entities {
			m.entities[i].Owner = i
		}
		activity := func() *sched.Activity {
			if i := rapid.IntRange(0, len(m.acts)).Draw(t, "activity"); i < len(m.acts) {
				return m.acts[i]
			}
			return nil
		}
		add := func(i int) {
			err := m.p.Add(&m.entities[i], m.now)
			m.invalid(err, m.in[i], "Add")
			m.in[i] = true
		}
		for i := range m.entities {
			m.entities[i].Activity = activity()
			add(i)
			m.p.Ready(&m.entities[i], m.now)
			m.runnable[i] = true
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(*rapid.T) { add(m.entity("add")) },
			"remove": func(t *rapid.T) {
				if rapid.IntRange(0, 3).Draw(t, "really") > 0 {
					return
				}
				i := m.entity("remove")
				m.p.Remove(&m.entities[i], m.now)
				m.in[i], m.runnable[i], m.depth[i] = false, false, 0
			},
			"ready": func(*rapid.T) {
				for range 3 {
					i := m.entity("ready")
					m.p.Ready(&m.entities[i], m.now)
					m.runnable[i] = m.in[i]
				}
			},
			"block": func(t *rapid.T) {
				i := m.entity("block")
				m.entities[i].Waits = nil
				if rapid.Bool().Draw(t, "on a mutex") {
					m.entities[i].Waits = &m.entities[m.entity("owner")]
				}
				m.p.Block(&m.entities[i], m.now)
				m.runnable[i] = false
			},
			"inherit": func(*rapid.T) {
				i := m.entity("inherit")
				m.entities[i].Waits = &m.entities[m.entity("owner")]
				m.p.Inherit(&m.entities[i], m.now)
			},
			"move": func(*rapid.T) {
				e := &m.entities[m.entity("move")]
				from := e.Activity
				e.Activity = activity()
				m.p.Moved(e, from, m.now)
			},
			"yield": func(*rapid.T) { m.p.Yield(&m.entities[m.entity("yield")], m.now) },
			"reserve": func(t *rapid.T) {
				a, amount, period := activity(), m.duration("amount"), m.duration("period")
				m.p.catchUp(m.now)
				before := m.p.Dump()
				g, err := m.p.Reserve(a, amount, period, m.now)
				wrong := a == nil || amount < 0 || amount > period || period < MinPeriod
				m.invalid(func() error {
					if errors.Is(err, com.ErrQuota) {
						return nil
					}
					return err
				}(), wrong && (a == nil || amount != 0), "Reserve")
				if err == nil && amount > 0 && (g.Period > period || float64(g.Amount)/float64(g.Period) < float64(amount)/float64(period)*(1-1e-9)) {
					t.Fatalf("asked for %v of %v, got %+v", amount, period, g)
				}
				if err == nil {
					m.reserved[a] = amount > 0
					return
				}
				if after := m.p.Dump(); after != before {
					t.Fatalf("a refusal changed\n%s\ninto\n%s", before, after)
				}
				if errors.Is(err, com.ErrQuota) && g.Amount > 0 {
					if _, err := m.p.Reserve(a, g.Amount, g.Period, m.now); err != nil {
						t.Fatalf("%+v would fit, and does not: %v", g, err)
					}
					m.reserved[a] = true
				}
			},
			"begin": func(t *rapid.T) {
				i, c := m.entity("begin"), m.constraint()
				_, err := m.p.Begin(&m.entities[i], c, m.now)
				m.invalid(err, !m.in[i] || bad(c, m.now) || m.depth[i] == MaxNested, "Begin")
				if err == nil {
					m.depth[i]++
				}
			},
			"end": func(t *rapid.T) {
				i := m.entity("end")
				taken, err := m.p.End(&m.entities[i], m.now)
				m.invalid(err, m.depth[i] == 0, "End")
				if taken < 0 || taken > machine.Duration(m.now) {
					t.Fatalf("taken %v", taken)
				}
				m.depth[i] = max(m.depth[i]-1, 0)
			},
			"endbegin": func(t *rapid.T) {
				i, c := m.entity("end and begin"), m.constraint()
				_, _, err := m.p.EndBegin(&m.entities[i], c, m.now)
				m.invalid(err, m.depth[i] == 0 || bad(c, m.now), "EndBegin")
			},
			"run":  m.run,
			"run2": m.run,
			"run3": m.run,
			"": func(t *rapid.T) {
				m.check()
				promises := 0
				for i := range m.depth {
					promises += m.depth[i]
				}
				for _, is := range m.reserved {
					if is {
						promises++
					}
				}
				if m.p.Promises() != promises {
					t.Fatalf("%d promises, not %d", m.p.Promises(), promises)
				}
				if slack := m.spare(nil, true); slack < -rounding {
					t.Fatalf("at %v: %v ns too much is promised\n%s", m.now, -slack, m.p.Dump())
				}
			},
		})
	})
}
