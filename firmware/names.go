package firmware

import (
	"context"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/mutate"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/thread"
)

// link checks the image and makes the namespace.
func (c *Card) link() error {
	var components []component.Component
	if c.cfg.Image.Components != nil {
		var err error
		if components, err = c.cfg.Image.Components(c); err != nil {
			return err
		}
	}
	var err error
	if c.Catalogue, err = component.NewCatalogue(components...); err != nil {
		return err
	}
	if _, err := c.Catalogue.Check(component.Given{}); err != nil {
		return err
	}
	c.demand = namespace.NewDemand(c.Catalogue, namespace.DemandOptions{
		Env:  c.env,
		Keep: func(m *component.Manifest) bool { v, _ := m.Property("keep"); return v == "true" },
		Wait: threadEvent,
	})
	overlay, err := namespace.NewOverlay(c.demand, 0)
	if err != nil {
		return err
	}
	c.Names, c.Root = overlay, overlay.Own()
	return c.registerStatus()
}

// env is what a component of this card may touch.
func (c *Card) env(_ context.Context, k *component.Component) (*component.Env, error) {
	h, err := c.Heap.Sub(k.Name, heap.Limit{})
	if err != nil {
		return nil, err
	}
	c.Log.Printf("loading component %s %v", k.Name, k.Version)
	return &component.Env{
		Component: &k.Manifest, Names: c.Names, Heap: h,
		Machine: c.Machine, Clock: c.Machine, Wait: threadEvent, Log: c.Log,
	}, nil
}

// waitEvent is an event on which the threads of any processor may wait.
type waitEvent struct{ e *thread.Event }

// threadEvent makes an event for waiting on the card.
func threadEvent() mutate.Event { return waitEvent{thread.ManualEvent()} }

// Set implements mutate.Event.
func (w waitEvent) Set() { w.e.Signal() }

// Wait implements mutate.Event.
func (w waitEvent) Wait(ctx context.Context) error {
	if thread.Current() == nil {
		return com.Errorf(com.ErrInvalid, "only threads of the card may wait for what it is loading")
	}
	if ctx == nil || ctx.Done() == nil {
		return w.e.Wait(machine.Forever)
	}
	defer context.AfterFunc(ctx, w.e.Signal)()
	if err := w.e.Wait(machine.Forever); err != nil {
		return err
	}
	return ctx.Err()
}
