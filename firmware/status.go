package firmware

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/namespace"
)

// ThreadStatus is a line of /status/threads.
type ThreadStatus struct {
	Processor string  `json:"processor"`
	Thread    string  `json:"thread"`
	Activity  string  `json:"activity"`
	State     string  `json:"state"`
	WaitsFor  string  `json:"waits_for"`
	Seconds   float64 `json:"cpu_seconds"`
	Switches  uint64  `json:"switches"`
	Stretch   float64 `json:"longest_stretch_us"`
	Overruns  uint64  `json:"overruns"`
	Missed    uint64  `json:"missed"` // deadlines
}

// CardStatus is /status/card.
type CardStatus struct {
	Name       string        `json:"name"`
	Board      string        `json:"board"`
	Version    string        `json:"version"`
	Generation uint64        `json:"generation"` // differs at every start
	Uptime     time.Duration `json:"uptime"`
	Processors uint32        `json:"processors"`
}

// ProcessorStatus is a line of /status/processors.
type ProcessorStatus struct {
	Processor string  `json:"processor"`
	Policy    string  `json:"policy"`
	Kind      string  `json:"kind"`
	Threads   int     `json:"threads"`
	Up        float64 `json:"up_seconds"`
	Idle      float64 `json:"idle_seconds"`
	Switches  uint64  `json:"switches"`
	Promises  int     `json:"promises"`
	Missed    uint64  `json:"missed"`    // deadlines of promises
	RealTime  string  `json:"real_time"` // what was got from the system
	Advice    string  `json:"advice"`    // what is lost by what was not, and how to get it
}

// ComponentStatus is a line of /status/components.
type ComponentStatus struct {
	Component string   `json:"component"`
	Version   string   `json:"version"`
	State     string   `json:"state"`
	Doc       string   `json:"doc"`
	Requires  []string `json:"requires"` // names
}

// HeapStatus is /status/heap.
type HeapStatus struct {
	Bytes   uint64        `json:"bytes"`
	Free    uint64        `json:"free_bytes"`
	Largest uint64        `json:"largest_free_bytes"`
	Blocks  uint64        `json:"blocks"`
	Faults  uint64        `json:"faults"`
	Owners  []OwnerStatus `json:"owners"`
}

// OwnerStatus says what one owner has of the heap.
type OwnerStatus struct {
	Owner  string `json:"owner"`
	Bytes  uint64 `json:"bytes"`
	Peak   uint64 `json:"peak_bytes"`
	Blocks uint64 `json:"blocks"`
	Denied uint64 `json:"denied"`
}

// AddStatus registers /status/NAME, which tells the values that read returns.
func (c *Card) AddStatus(name string, read func() any) error {
	s := namespace.NewStatus(func(context.Context) (any, error) { return read(), nil })
	defer s.Release()
	return c.Root.Register("status/"+name, s)
}

// registerStatus registers what every card can tell.
func (c *Card) registerStatus() error {
	for _, s := range []struct {
		name string
		read func() any
	}{
		{"activities", func() any { return c.Activities.Usage() }},
		{"alarms", func() any { return c.Log.Alarms(0) }},
		{"card", c.cardStatus},
		{"components", c.componentStatus},
		{"heap", c.heapStatus},
		{"processors", c.processorStatus},
		{"scheduler", c.schedulerStatus},
		{"quiet", func() any { return c.QuietStatus() }},
		{"threads", c.threadStatus},
	} {
		if err := c.AddStatus(s.name, s.read); err != nil {
			return err
		}
	}
	return nil
}

// cardStatus leaves out what system.Info says of one client's link.
func (c *Card) cardStatus() any {
	i := c.Info()
	return CardStatus{i.Name, i.Board, i.Version, i.Generation, i.Uptime.Round(time.Millisecond), i.Processors}
}

func (c *Card) threadStatus() any {
	var list []ThreadStatus
	for _, p := range c.processors() {
		for _, t := range p.Threads(nil) {
			list = append(list, ThreadStatus{
				p.Name(), t.Name, t.Activity, t.State.String(), t.Waits, t.CPU.Seconds(),
				t.Switches, us(t.Stretch), t.Overruns, t.Missed,
			})
		}
	}
	return list
}

func (c *Card) processorStatus() any {
	var list []ProcessorStatus
	for _, p := range c.processors() {
		s, err := p.Status()
		if err != nil {
			continue // it has stopped
		}
		got, advice := c.granted(p, &s)
		list = append(list, ProcessorStatus{
			s.Name, s.Policy, c.kind(p), s.Threads, s.Up.Seconds(), s.Idle.Seconds(), s.Switches, s.Promises, s.Missed, got, advice,
		})
	}
	return list
}

func (c *Card) componentStatus() any {
	var list []ComponentStatus
	entries, err := c.demand.List(context.Background(), "")
	if err != nil {
		return list
	}
	for _, e := range entries {
		k, err := c.Catalogue.Find(e.Name)
		if err != nil {
			continue // it came with a module and is no part of the image
		}
		s := ComponentStatus{Component: k.Name, Version: k.Version.String(), State: e.Note, Doc: k.Doc}
		for _, r := range k.Requires {
			s.Requires = append(s.Requires, r.Name)
		}
		list = append(list, s)
	}
	return list
}

func (c *Card) heapStatus() any {
	s := c.Heap.Stats()
	h := HeapStatus{Bytes: s.Size, Free: s.Free, Largest: s.Largest, Blocks: s.Blocks, Faults: s.Faults}
	for _, u := range c.Heap.Accounts() {
		h.Owners = append(h.Owners, OwnerStatus{u.Owner, u.Held, u.Peak, u.Blocks, u.Denied})
	}
	return h
}
