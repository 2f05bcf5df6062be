package firmware

import (
	"cmp"
	"context"
	"slices"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/trace"
)

// scheduler is the object at /system/scheduler.
type scheduler struct {
	com.Object
	c *Card
}

func newScheduler(c *Card) *scheduler {
	s := &scheduler{c: c}
	s.Init(s, nil, system.SchedulerType.For(s))
	return s
}

// Processors implements system.Scheduler.
func (s *scheduler) Processors(context.Context) ([]system.ProcessorInfo, error) {
	var list []system.ProcessorInfo
	for _, p := range s.c.processors() {
		st, err := p.Status()
		if err != nil {
			return nil, err
		}
		got, advice := s.c.granted(p, &st)
		list = append(list, system.ProcessorInfo{
			Name: st.Name, Kind: s.c.kind(p), Policy: st.Policy, Granted: got, Advice: advice,
			Up: st.Up.Std(), Idle: st.Idle.Std(), Threads: uint32(st.Threads), Runnable: uint32(st.Runnable),
			Promises: uint32(st.Promises), Switches: st.Switches,
		})
	}
	return list, nil
}

// Policies implements system.Scheduler.
func (s *scheduler) Policies(ctx context.Context) ([]system.PolicyInfo, error) {
	entries, err := s.c.policies.List(ctx, "")
	if err != nil {
		return nil, err
	}
	var list []system.PolicyInfo
	for _, m := range s.c.pool.All() {
		i := policyInfo(m)
		for _, e := range entries {
			if e.Name == i.Name {
				i.Loaded = e.Refs > 0
			}
		}
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b system.PolicyInfo) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// SetPolicy implements system.Scheduler.
func (s *scheduler) SetPolicy(ctx context.Context, processor, policy string) error {
	p, err := s.c.Processor(processor)
	if err != nil {
		return err
	}
	return s.c.SetPolicy(ctx, p, policy)
}

// Reservations implements system.Scheduler.
func (s *scheduler) Reservations(context.Context) ([]system.ReservationInfo, error) {
	return s.c.promises(), nil
}

// promises lists what was promised: what the policies tell, and what waits for a
// policy that has reservations.
func (c *Card) promises() []system.ReservationInfo {
	var list []system.ReservationInfo
	for _, p := range c.processors() {
		known := len(list)
		_ = p.Accounts(func(a *sched.Account) bool { // a policy that makes no promises has none to tell
			if a.Asked.Amount > 0 || a.Accepted+a.Refused+a.Missed > 0 {
				list = append(list, system.ReservationInfo{
					Processor: p.Name(), Activity: a.Activity.Name,
					Asked: a.Asked.Amount.Std(), AskedPer: a.Asked.Period.Std(),
					Amount: a.Granted.Amount.Std(), Period: a.Granted.Period.Std(),
					Window: a.Window.Std(), Last: a.Last.Std(), Used: a.Activity.Used().Std(),
					Accepted: a.Accepted, Refused: a.Refused, Missed: a.Missed,
				})
			}
			return true
		})
		for _, o := range c.reserves.list(p) {
			if o.grant.Amount > 0 || slices.ContainsFunc(list[known:], func(i system.ReservationInfo) bool { return i.Activity == o.a.Name && i.Asked > 0 }) {
				continue
			}
			list = append(list, system.ReservationInfo{
				Processor: p.Name(), Activity: o.a.Name,
				Asked: o.amount.Std(), AskedPer: o.period.Std(), Used: o.a.Used().Std(),
			})
		}
	}
	return list
}

// Histograms implements system.Scheduler.
func (s *scheduler) Histograms(context.Context) ([]system.Histogram, error) {
	var list []system.Histogram
	for _, p := range s.c.processors() {
		st, err := p.Status()
		if err != nil {
			return nil, err
		}
		for _, h := range []struct {
			name string
			of   *trace.Histogram
		}{{"wakeup", &st.Wakeup}, {"overrun", &st.Overrun}, {"slack", &st.Slack}, {"late", &st.Late}} {
			list = append(list, histogram(p.Name(), h.name, h.of))
		}
	}
	return list, nil
}

func histogram(processor, name string, h *trace.Histogram) system.Histogram {
	out := system.Histogram{
		Processor: processor, Name: name, Count: h.Count(), Max: h.Max().Std(),
		Sum: (h.Mean() * machine.Duration(h.Count())).Std(),
	}
	for i := range trace.Buckets {
		if n := h.Bucket(i); n > 0 {
			_, hi := trace.BucketRange(i)
			out.Buckets = append(out.Buckets, system.Bucket{UpTo: hi.Std(), Count: n})
		}
	}
	return out
}

// Trace implements system.Scheduler.
func (s *scheduler) Trace(context.Context) (system.Trace, error) { return s.c.tracer.hold() }
