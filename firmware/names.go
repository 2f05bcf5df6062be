package firmware

import (
	"context"

	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/mutate/waiting"
	"github.com/mmlite/mmlite/firmware/namespace"
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
		Wait: waiting.Event,
	})
	overlay, err := namespace.NewOverlay(c.demand, 0)
	if err != nil {
		return err
	}
	c.Names, c.Root = overlay, overlay.Own()
	if err := c.registerScheduler(); err != nil {
		return err
	}
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
		Machine: c.Machine, Clock: c.Machine, Wait: waiting.Event, Log: c.Log,
		Ended: func() {
			if err := h.Close(); err != nil {
				c.Log.Printf("component %s: %v", k.Name, err)
			}
		},
	}, nil
}
