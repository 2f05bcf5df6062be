package constraint

import (
	"fmt"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// stage is a policy with some activities that have reservations and constraints,
// and threads that compute.
type stage struct {
	p       *Policy
	now     machine.Time
	threads []*sched.Entity
}

func newStage(tb testing.TB, reserved, threads int) *stage {
	tb.Helper()
	s := &stage{p: New(Config{})}
	for i := range max(threads, reserved) {
		e := &sched.Entity{Owner: i}
		if i < reserved {
			e.Activity = &sched.Activity{Name: fmt.Sprint(i)}
			period := machine.Duration(8+4*(i%4)) * ms
			if reserved > 10 {
				period *= 40
			}
			if _, err := s.p.Reserve(e.Activity, period/2/machine.Duration(max(reserved, 10)), period, 0); err != nil {
				tb.Fatal(err)
			}
		}
		if err := s.p.Add(e, 0); err != nil {
			tb.Fatal(err)
		}
		s.p.Ready(e, 0)
		s.threads = append(s.threads, e)
	}
	return s
}

// turn has one decision carried out.
func (s *stage) turn() {
	e, until := s.p.Pick(s.now)
	used := machine.Duration(until - s.now)
	s.now = until
	s.p.Charge(e, used, s.now)
}

// BenchmarkDecision is what a switch costs the policy at the end of a turn, by the
// number of ready threads, with ten reservations.
func BenchmarkDecision(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprintf("constraint/%d", n), func(b *testing.B) {
			s := newStage(b, 10, n)
			steps := s.p.Steps()
			b.ReportAllocs()
			for b.Loop() {
				s.turn()
			}
			b.ReportMetric(float64(s.p.Steps()-steps)/float64(b.N), "steps/op")
		})
	}
}

// BenchmarkYield is Charge, Yield and Pick, as where threads give way early.
func BenchmarkYield(b *testing.B) {
	for _, n := range []int{10, 1000, 10000} {
		b.Run(fmt.Sprintf("constraint/%d", n), func(b *testing.B) {
			s := newStage(b, 0, n)
			b.ReportAllocs()
			for b.Loop() {
				e, _ := s.p.Pick(s.now)
				s.now++
				s.p.Charge(e, 1, s.now)
				s.p.Yield(e, s.now)
			}
		})
	}
}

// BenchmarkConstraint is a constraint begun and ended, by the number of activities
// with reservations, each of which has a thread with a constraint in force.
func BenchmarkConstraint(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		for _, how := range []string{"begin-end", "end-begin"} {
			b.Run(fmt.Sprintf("%s/%d", how, n), func(b *testing.B) {
				s := newStage(b, n, n)
				for _, e := range s.threads[1:] {
					if ok, err := s.p.Begin(e, sched.Constraint{Estimate: ms / 4, Deadline: 3600e9}, s.now); err != nil || !ok {
						b.Fatal(ok, err)
					}
				}
				e := s.threads[0]
				yes := 0
				c := sched.Constraint{Estimate: ms / 4, Deadline: 1000e6}
				if how == "end-begin" {
					s.p.Begin(e, c, s.now)
				}
				b.ReportAllocs()
				for b.Loop() {
					s.now++
					c.Deadline++
					var ok bool
					var err error
					if how == "end-begin" {
						_, ok, err = s.p.EndBegin(e, c, s.now)
					} else {
						ok, err = s.p.Begin(e, c, s.now)
						if err == nil {
							s.now++
							s.p.Charge(e, ms/4, s.now)
							_, err = s.p.End(e, s.now)
						}
					}
					if err != nil {
						b.Fatal(err)
					}
					if ok {
						yes++
					}
				}
				if yes < b.N {
					b.Errorf("%d of %d were promised", yes, b.N)
				}
			})
		}
	}
}

// BenchmarkReserve is a reservation made and ended beside others.
func BenchmarkReserve(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newStage(b, n, n)
			a := &sched.Activity{Name: "another"}
			refused := 0
			for b.Loop() {
				s.now += machine.Time(ms)
				if _, err := s.p.Reserve(a, ms/2, 100*ms, s.now); err != nil {
					refused++
				}
				s.p.Reserve(a, 0, 0, s.now)
			}
			b.ReportMetric(float64(refused)/float64(b.N), "refused/op")
		})
	}
}
