package firmware_test

import (
	"context"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/policies"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
)

const ms = machine.Millisecond

// virtual returns a booted card with one processor in virtual time.
func virtual(t *testing.T, image, own firmware.Policies) *firmware.Card {
	t.Helper()
	c, err := firmware.New(firmware.Config{
		Name: "test", Machine: sim.New(1), Memory: 1 << 20, Generation: 1, RealTime: true, Policies: own,
		Image: firmware.Image{Name: "test", Policies: policies.Components(), Run: image},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Spare.Close(); err != nil {
			t.Error(err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := c.Boot(nil); err != nil {
		t.Fatal(err)
	}
	return c
}

func scheduler(t *testing.T, c *firmware.Card) system.Scheduler {
	t.Helper()
	s, err := firmware.Bind(context.Background(), c, "/system/scheduler", system.SchedulerType)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Release() })
	return s
}

func TestOneProcessorIsBoth(t *testing.T) {
	ctx := context.Background()
	c := virtual(t, firmware.Policies{RealTime: policies.Constraint, Spare: policies.RoundRobin}, firmware.Policies{})
	s := scheduler(t, c)
	list, err := s.Processors(ctx)
	if err != nil || len(list) != 1 || list[0].Kind != "both" || list[0].Policy != policies.Constraint {
		t.Fatalf("%+v, %v", list, err)
	}
	c = virtual(t, firmware.Policies{RealTime: policies.Constraint}, firmware.Policies{RealTime: policies.EDF})
	if list, err = scheduler(t, c).Processors(ctx); err != nil || list[0].Policy != policies.EDF {
		t.Fatalf("a Config is stronger than its image: %+v, %v", list, err)
	}
}

func TestPoliciesLoadOnDemand(t *testing.T) {
	ctx := context.Background()
	c := virtual(t, firmware.Policies{RealTime: policies.RoundRobin}, firmware.Policies{})
	s := scheduler(t, c)
	loaded := func() (names []string) {
		list, err := s.Policies(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 4 || !slices.IsSortedFunc(list, func(a, b system.PolicyInfo) int { return slices.Compare([]byte(a.Name), []byte(b.Name)) }) {
			t.Fatalf("%+v", list)
		}
		for _, p := range list {
			if p.Promises != (p.Name == policies.Constraint || p.Name == policies.EDF) || p.Doc == "" || p.Version == "" {
				t.Errorf("%+v", p)
			}
			if p.Loaded {
				names = append(names, p.Name)
			}
		}
		return names
	}
	if got := loaded(); !slices.Equal(got, []string{policies.RoundRobin}) {
		t.Errorf("loaded at first: %v", got)
	}
	for _, name := range []string{policies.Null, policies.EDF, policies.Constraint, policies.RoundRobin} {
		if err := s.SetPolicy(ctx, "spare", name); err != nil {
			t.Fatal(err)
		}
		if got := loaded(); !slices.Equal(got, []string{name}) {
			t.Errorf("loaded under %s: %v", name, got)
		}
		p, err := firmware.Bind(ctx, c, "/system/policies/"+name, system.PolicyType)
		if err != nil {
			t.Fatal(err)
		}
		if i, err := p.Info(ctx); err != nil || i.Name != name || !i.Loaded {
			t.Errorf("%+v, %v", i, err)
		}
		p.Release()
	}
	for _, bad := range [][2]string{{"spare", ""}, {"spare", "fair"}, {"nobody", policies.Null}, {"", ""}} {
		if err := s.SetPolicy(ctx, bad[0], bad[1]); com.CodeOf(err) != com.ErrNotFound {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if got := loaded(); !slices.Equal(got, []string{policies.RoundRobin}) {
		t.Errorf("loaded after refusals: %v", got)
	}
}

// A reservation of the card's own goes with the processor from policy to policy.
func TestReservationsOutlivePolicies(t *testing.T) {
	ctx := context.Background()
	c := virtual(t, firmware.Policies{RealTime: policies.RoundRobin}, firmware.Policies{})
	s := scheduler(t, c)
	a := c.Activities.Get("calls")
	one := func() system.ReservationInfo {
		list, err := s.Reservations(ctx)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		return list[0]
	}
	if _, err := c.Reserve(c.Spare, a, ms, 10*ms); com.CodeOf(err) != com.ErrNotSupported {
		t.Fatalf("round robin reserves: %v", err)
	}
	if r := one(); r.Amount != 0 || r.Asked != ms.Std() || r.Activity != "calls" || r.Processor != "spare" {
		t.Errorf("%+v", r)
	}
	for _, name := range []string{policies.Constraint, policies.EDF, policies.Constraint} {
		if err := s.SetPolicy(ctx, "spare", name); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r := one(); r.Amount < ms.Std() || r.Period > (10*ms).Std() {
			t.Errorf("%s: %+v", name, r)
		}
		if p, err := s.Processors(ctx); err != nil || p[0].Promises != 1 {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	if err := s.SetPolicy(ctx, "spare", policies.RoundRobin); err != nil {
		t.Fatal(err)
	}
	if r := one(); r.Amount != 0 {
		t.Errorf("round robin: %+v", r)
	}
	if _, err := c.Reserve(c.Spare, a, 0, 0); err != nil {
		t.Errorf("giving back: %v", err)
	}
	if list, err := s.Reservations(ctx); err != nil || len(list) != 0 {
		t.Errorf("given back: %+v, %v", list, err)
	}
}

// Promises of others keep the policy where it is.
func TestPromisesKeepThePolicy(t *testing.T) {
	ctx := context.Background()
	c := virtual(t, firmware.Policies{RealTime: policies.Constraint}, firmware.Policies{})
	s := scheduler(t, c)
	own := c.Activities.Get("own")
	if _, err := c.Reserve(c.Spare, own, ms, 10*ms); err != nil {
		t.Fatal(err)
	}
	err := c.Spare.Call("promised", thread.Attributes{}, func(t2 *thread.Thread) {
		now := t2.Processor().Now()
		if ok, err := thread.BeginConstraint(sched.Constraint{Start: now, Estimate: ms, Deadline: now.Add(20 * ms)}); !ok || err != nil {
			t.Errorf("begin: %v, %v", ok, err)
		}
		if err := s.SetPolicy(ctx, "spare", policies.EDF); com.CodeOf(err) != com.ErrBusy {
			t.Errorf("within a constraint: %v", err)
		}
		if r, err := s.Reservations(ctx); err != nil || len(r) != 1 || r[0].Amount == 0 {
			t.Errorf("the refusal took a reservation away: %+v, %v", r, err)
		}
		if _, err := thread.EndConstraint(); err != nil {
			t.Error(err)
		}
		if err := s.SetPolicy(ctx, "spare", policies.EDF); err != nil {
			t.Errorf("after it: %v", err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The spare processor of a real machine changes its policy while threads run, and
// none of them loses its place.
func TestPolicyChangesUnderThreads(t *testing.T) {
	c, err := firmware.New(firmware.Config{
		Name: "test", Machine: host.New(), Memory: 1 << 20, RealTime: true,
		Image: firmware.Image{
			Name: "test", Policies: policies.Components(),
			Run: firmware.Policies{RealTime: policies.Constraint, Spare: policies.RoundRobin},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	err = c.Run(ctx, func() error {
		if err := c.Boot(nil); err != nil {
			return err
		}
		s := scheduler(t, c)
		var counts [4]int
		for i := range counts {
			if _, err := c.Spare.Spawn("counter", thread.Attributes{}, func(*thread.Thread) {
				for {
					counts[i]++
					thread.Yield()
				}
			}); err != nil {
				return err
			}
		}
		// read looks between two turns.
		read := func() (now [4]int) {
			if err := c.Spare.Call("look", thread.Attributes{}, func(*thread.Thread) { now = counts }); err != nil {
				t.Error(err)
			}
			return now
		}
		for _, name := range []string{policies.Constraint, policies.Null, policies.EDF, policies.RoundRobin, policies.Constraint} {
			if err := s.SetPolicy(ctx, "spare", name); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			before := read()
			for i := range counts {
				for read()[i] == before[i] { // each goes on
				}
			}
		}
		list, err := s.Processors(ctx)
		if err != nil || len(list) != 2 || list[0].Name != "realtime" || list[0].Kind != "realtime" ||
			list[0].Policy != policies.Constraint || list[0].Granted == "" || list[1].Kind != "spare" {
			t.Errorf("%+v, %v", list, err)
		}
		c.Stop()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestUnknownPolicyDoesNotBoot(t *testing.T) {
	c, err := firmware.New(firmware.Config{
		Name: "test", Machine: sim.New(1), Memory: 1 << 20, Policies: firmware.Policies{RealTime: "fair"},
		Image: firmware.Image{Name: "test", Policies: policies.Components()},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	defer c.Spare.Close()
	if err := c.Boot(nil); com.CodeOf(err) != com.ErrNotFound {
		t.Errorf("%v", err)
	}
}

func TestBadPropertiesOfPolicies(t *testing.T) {
	for _, bad := range []component.Property{
		{Name: policies.Quantum, Value: "fast"}, {Name: policies.Quantum, Value: "-1ms"},
		{Name: policies.Allowance, Value: "2s"}, {Name: policies.Limit, Value: "1001"}, {Name: policies.Limit, Value: "x"},
	} {
		list := policies.Components()
		i := slices.IndexFunc(list, func(c component.Component) bool { return c.Name == policies.Constraint })
		env := &component.Env{Component: &list[i].Manifest, Properties: []component.Property{bad}}
		if o, err := list[i].Construct(env); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%v: %v, %v", bad, o, err)
		}
	}
}
