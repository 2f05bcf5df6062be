package constraint

import (
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// scene is a policy, driven by hand.
type scene struct {
	t   *testing.T
	p   *Policy
	now machine.Time
	ran map[string]machine.Duration
}

func newScene(t *testing.T, cfg Config) *scene {
	return &scene{t: t, p: New(cfg), ran: map[string]machine.Duration{}}
}

func (s *scene) thread(name string, a *sched.Activity) *sched.Entity {
	s.t.Helper()
	e := &sched.Entity{Owner: name, Activity: a}
	if err := s.p.Add(e, s.now); err != nil {
		s.t.Fatal(err)
	}
	s.p.Ready(e, s.now)
	return e
}

func (s *scene) reserve(a *sched.Activity, amount, period machine.Duration) sched.Grant {
	s.t.Helper()
	g, err := s.p.Reserve(a, amount, period, s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	s.check()
	return g
}

func (s *scene) begin(e *sched.Entity, estimate, within machine.Duration) bool {
	s.t.Helper()
	ok, err := s.p.Begin(e, sched.Constraint{Estimate: estimate, Deadline: s.now.Add(within)}, s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	s.check()
	return ok
}

func (s *scene) check() {
	s.t.Helper()
	if err := s.p.Check(); err != nil {
		s.t.Fatal(err)
	}
}

// run lets time pass, and returns who ran how long in it, in order.
func (s *scene) run(d machine.Duration) string {
	s.t.Helper()
	var order []string
	clear(s.ran)
	for to := s.now.Add(d); s.now < to; {
		e, until := s.p.Pick(s.now)
		until = min(until, to)
		used := machine.Duration(until - s.now)
		s.now = until
		name := "idle"
		if e != nil {
			name = e.Owner.(string)
			s.p.Charge(e, used, s.now)
		}
		s.ran[name] += used
		if n := len(order); n == 0 || order[n-1] != name {
			order = append(order, name)
		}
		s.check()
	}
	return strings.Join(order, " ")
}

func (s *scene) expect(who string, d machine.Duration) {
	s.t.Helper()
	if got := s.ran[who]; got != d {
		s.t.Errorf("%s ran %v, not %v", who, got, d)
	}
}
