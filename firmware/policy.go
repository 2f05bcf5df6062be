package firmware

import (
	"context"
	"fmt"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/mutate/waiting"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
)

// PolicyMaker is what the object of a policy's component is besides a
// system.Policy: it makes policies for processors of its own card.
type PolicyMaker interface {
	com.Unknown
	// New returns a policy without threads.
	New() sched.Policy
}

// Where policies are found.
const (
	schedulerName = "system/scheduler"
	policiesName  = "system/policies"
)

// registerScheduler makes the names under /system that scheduling has.
func (c *Card) registerScheduler() error {
	var err error
	if c.pool, err = component.NewCatalogue(c.cfg.Image.Policies...); err != nil {
		return err
	}
	c.policies = namespace.NewDemand(c.pool, namespace.DemandOptions{
		Env: func(_ context.Context, k *component.Component) (*component.Env, error) {
			return &component.Env{Component: &k.Manifest, Names: c.Names, Clock: c.Machine, Wait: waiting.Event, Log: c.Log}, nil
		},
		Wait: waiting.Event,
	})
	defer c.policies.Release() // the name keeps it
	if err := c.Root.Register(policiesName, c.policies); err != nil {
		return err
	}
	s := newScheduler(c)
	defer s.Release()
	return c.Root.Register(schedulerName, s)
}

// startPolicies puts the processors under the policies that were chosen.
func (c *Card) startPolicies() error {
	c.running = map[*thread.Processor]com.Unknown{}
	image, own := c.cfg.Image.Run, c.cfg.Policies
	for _, p := range c.processors() {
		name := image.Spare
		if own.Spare != "" {
			name = own.Spare
		}
		if p == c.RealTime { // also where it is the only one
			name = image.RealTime
			if own.RealTime != "" {
				name = own.RealTime
			}
		}
		if name == "" {
			continue
		}
		if err := c.SetPolicy(context.Background(), p, name); err != nil {
			return fmt.Errorf("processor %s: %w", p.Name(), err)
		}
	}
	return nil
}

// SetPolicy has p go on under the policy called name while its threads run. What
// the card itself has reserved on p is given back before and asked for again
// after. The errors are com.ErrNotFound; com.ErrBusy while the policy before has
// other promises to keep, or another exchange is under way; and com.ErrClosed. Then
// nothing has changed.
func (c *Card) SetPolicy(ctx context.Context, p *thread.Processor, name string) error {
	if !c.changing.CompareAndSwap(false, true) {
		return com.Errorf(com.ErrBusy, "another policy is being set")
	}
	defer c.changing.Store(false)
	o, err := c.policies.Bind(ctx, name)
	if com.CodeOf(err) == com.ErrNotFound || name == "" {
		return com.Errorf(com.ErrNotFound, "there is no policy %q; this image has %s", name, c.policyNames())
	}
	if err != nil {
		return err
	}
	maker, ok := o.(PolicyMaker)
	if !ok {
		o.Release()
		return com.Errorf(com.ErrNotSupported, "what is called %s makes no policies", name)
	}
	// What is promised to others says no before anything is touched.
	if err := c.unpromised(p); err != nil {
		o.Release()
		return err
	}
	c.reserves.suspend(p)
	err = p.SetPolicy(maker.New())
	if err == nil {
		o, c.running[p] = c.running[p], o
		c.Log.Printf("processor %s runs policy %s", p.Name(), name)
	}
	if o != nil {
		o.Release()
	}
	c.reserves.resume(p, c.Log.Printf)
	return err
}

// unpromised returns com.ErrBusy if p has promises that the card cannot give back
// and make again.
func (c *Card) unpromised(p *thread.Processor) error {
	s, err := p.Status()
	if err != nil {
		return err
	}
	if n := s.Promises - c.reserves.count(p); n > 0 {
		name := "spare"
		if p == c.RealTime {
			name = "realtime"
		}
		return com.Errorf(com.ErrBusy, "policy %s of processor %s has %d promises to keep; choose another one when the card starts: mmlite run --policy %s=NAME",
			s.Policy, p.Name(), n, name)
	}
	return nil
}

func (c *Card) policyNames() string {
	var names []string
	for _, m := range c.pool.All() {
		names = append(names, m.Name)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// processors are the virtual processors, the real-time one first.
func (c *Card) processors() []*thread.Processor {
	p := []*thread.Processor{c.Spare}
	if c.RealTime != c.Spare {
		p = []*thread.Processor{c.RealTime, c.Spare}
	}
	return append(p, c.Helpers...)
}

// Processor returns the virtual processor called name, or com.ErrNotFound.
func (c *Card) Processor(name string) (*thread.Processor, error) {
	for _, p := range c.processors() {
		if p.Name() == name {
			return p, nil
		}
	}
	return nil, com.Errorf(com.ErrNotFound, "there is no processor %q", name)
}

// kind says what a processor is for: realtime, spare, or both.
func (c *Card) kind(p *thread.Processor) string {
	switch {
	case c.RealTime == c.Spare:
		return "both"
	case p == c.RealTime:
		return machine.RealTime.String()
	}
	return machine.Spare.String()
}

// granted says what the system gave the processor, and what is missing.
func (c *Card) granted(p *thread.Processor, s *thread.Status) (got, advice string) {
	if s.Kind != machine.RealTime {
		return "ordinary", ""
	}
	if r, ok := c.Machine.(machine.RealTimeReporter); ok {
		if g := r.RealTime(); g.Got != "" {
			return g.Got, g.Advice
		}
	}
	if s.RealTime != nil {
		return "ordinary: " + s.RealTime.Error(), ""
	}
	return "granted", ""
}

// sayGranted has the log tell what the real-time processor got.
func (c *Card) sayGranted() {
	for _, p := range c.processors() {
		s, err := p.Status()
		if err != nil || s.Kind != machine.RealTime {
			continue
		}
		got, advice := c.granted(p, &s)
		c.Log.Printf("processor %s: %s", p.Name(), got)
		if advice != "" {
			c.Log.Printf("processor %s: %s", p.Name(), advice)
		}
	}
}

func policyInfo(m *component.Manifest) system.PolicyInfo {
	promises, _ := m.Property("promises")
	return system.PolicyInfo{Name: m.Name, Doc: m.Doc, Version: m.Version.String(), Promises: promises == "true"}
}
