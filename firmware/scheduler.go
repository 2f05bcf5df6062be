package firmware

import (
	"cmp"
	"context"
	"slices"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
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
	now := s.c.Machine.Now()
	var list []system.ReservationInfo
	for _, o := range s.c.reserves.list(nil) {
		list = append(list, system.ReservationInfo{
			Processor: o.p.Name(), Activity: o.a.Name,
			Asked: o.amount.Std(), AskedPer: o.period.Std(),
			Amount: o.grant.Amount.Std(), Period: o.grant.Period.Std(),
			Used: (o.a.Used() - o.used).Std(), Since: now.Sub(o.since).Std(),
		})
	}
	return list, nil
}

// Histograms implements system.Scheduler.
func (s *scheduler) Histograms(context.Context) ([]system.Histogram, error) { return nil, nil }

// Trace implements system.Scheduler.
func (s *scheduler) Trace(context.Context) (system.Trace, error) {
	return nil, com.Errorf(com.ErrNotSupported, "this card writes no trace")
}
