package firmware

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Version is the version of this firmware.
var Version = component.Version{Major: 0, Minor: 1, Patch: 0}

// Image says what a firmware is linked from.
type Image struct {
	// Name is that of the image, as in "media".
	Name string
	// Components makes the catalogue. Their constructors may use the card,
	// which is set up but for its components.
	Components func(card *Card) ([]component.Component, error)
	// Stubs are the contracts that clients may call.
	Stubs []*ipc.Stub
	// Start names components that boot constructs at once, in this order.
	Start []string
	// Policies are the scheduling policies that can be had, as components; see
	// PolicyMaker.
	Policies []component.Component
	// Run says which of them the processors run, unless a Config does. A name that is
	// empty means plain round robin.
	Run Policies
}

// Policies says under which policy each kind of virtual processor runs. Where one
// processor is both, it runs that of the real-time one.
type Policies struct {
	RealTime, Spare string
}

// Config is what a card is made of.
type Config struct {
	Name    string // of the card, for people
	Board   string // hosted, qemupc, usbarmory, raspberrypi
	Machine machine.Machine
	Image   Image
	// Memory is the size of card memory in bytes; 0 means 512 MiB. On machines
	// with virtual memory only what is used costs anything.
	Memory int
	// RealTime gives the card a virtual processor for real-time threads besides
	// the spare one. Without, the spare one runs them, too.
	RealTime bool
	// Helpers is how many more spare processors there are, which do nothing but what
	// components give them to do side by side.
	Helpers int
	// Policies are stronger than the image's, where not empty.
	Policies Policies
	// HandOver is how long a call or another thread of the spare processor may compute
	// without a checkpoint before others run beside it; see thread.Config.
	HandOver machine.Duration
	// Generation differs at every start; 0 means the time of the start.
	Generation uint64
	// Checked has the heap look for overruns and double frees.
	Checked bool
}

// Card is a firmware on its machine.
type Card struct {
	cfg        Config
	Log        *Log
	Activities Activities
	Machine    machine.Machine
	Heap       *heap.Arena
	Spare      *thread.Processor // runs ordinary threads
	RealTime   *thread.Processor // runs threads with promises; may be Spare
	Helpers    []*thread.Processor
	Names      system.Namespace // what is registered in Root, and components, which load on demand
	Root       *namespace.Dir   // there from boot on
	Catalogue  *component.Catalogue

	policies   *namespace.Demand
	pool       *component.Catalogue              // of policies
	changing   atomic.Bool                       // a policy is being exchanged
	running    map[*thread.Processor]com.Unknown // makers of policies, so that they stay loaded
	reserves   reserves
	quiet      quiet
	tracer     tracer
	generation uint64
	born       machine.Time
	memory     machine.Memory
	demand     *namespace.Demand
	stop       context.CancelFunc
	started    []com.Unknown
}

// DefaultMemory is how much card memory there is unless a Config says otherwise.
const DefaultMemory = 512 << 20

// New sets a card up without running anything. Close gives back what it holds
// if Run is never called.
func New(cfg Config) (*Card, error) {
	if cfg.Memory == 0 {
		cfg.Memory = DefaultMemory
	}
	if cfg.Generation == 0 {
		cfg.Generation = uint64(time.Now().UnixNano())
	}
	m := cfg.Machine
	c := &Card{cfg: cfg, Machine: m, Log: &Log{clock: m}, generation: cfg.Generation, born: m.Now()}
	var err error
	if c.memory, err = m.NewMemory(cfg.Memory); err != nil {
		return nil, fmt.Errorf("card memory: %w", err)
	}
	c.Heap, err = heap.New(c.memory.Bytes(), heap.Options{
		Name: "card", Zeroed: true, Checked: cfg.Checked, Lock: &sync.Mutex{},
		Report: func(f *heap.Fault) { c.Log.Alarmf("heap: %v", f) },
	})
	if err != nil {
		return nil, errors.Join(err, c.memory.Release())
	}
	c.tracer.c = c
	ended := func(t *thread.Thread, f *thread.Failure) {
		c.Log.Alarmf("%v\n%s", f, f.Stack)
	}
	c.Spare = thread.NewProcessor(thread.Config{
		Name: "spare", Machine: m, Policy: sched.NewRoundRobin(0), Exit: ended,
		HandOver: cfg.HandOver,
	})
	c.RealTime = c.Spare
	if cfg.RealTime && !m.Virtual() {
		c.RealTime = thread.NewProcessor(thread.Config{
			Name: "realtime", Machine: m, Kind: machine.RealTime, Policy: sched.NewRoundRobin(0), Exit: ended,
		})
	}
	for i := range cfg.Helpers {
		c.Helpers = append(c.Helpers, thread.NewProcessor(thread.Config{
			Name: fmt.Sprintf("helper%d", i+1), Machine: m, Policy: sched.NewRoundRobin(0), Exit: ended,
		}))
	}
	return c, nil
}

// Config returns what the card was made of.
func (c *Card) Config() Config { return c.cfg }

// Generation differs at every start of a card.
func (c *Card) Generation() uint64 { return c.generation }

// Info describes the card; who knows more fills in the rest.
func (c *Card) Info() system.Info {
	return system.Info{
		Name: c.cfg.Name, Board: c.cfg.Board, Version: Version.String(),
		Generation: c.generation, Uptime: c.Machine.Now().Sub(c.born).Std(), Processors: uint32(len(c.processors())),
	}
}

// Boot checks the image, registers what every card has, and constructs what the
// image starts with, on a thread of the spare processor that ready is called on
// afterwards. The processors must run or be driven.
func (c *Card) Boot(ready func(t *thread.Thread) error) error {
	if err := c.link(); err != nil {
		return err
	}
	err := c.startPolicies()
	if err != nil {
		return err
	}
	c.sayGranted()
	call := c.Spare.Call("startup", thread.Attributes{Activity: c.Activities.Get("startup")}, func(t *thread.Thread) {
		for _, name := range c.cfg.Image.Start {
			var o com.Unknown
			if o, err = c.Names.Bind(context.Background(), name); err != nil {
				return
			}
			c.started = append(c.started, o)
		}
		if ready != nil {
			err = ready(t)
		}
	})
	if err == nil {
		err = call
	}
	if err == nil {
		c.Log.Printf("card %s: image %s %v booted", c.cfg.Name, c.cfg.Image.Name, Version)
	}
	return err
}

// Run runs the virtual processors until ctx is done or Stop is called, after
// boot, which is given the running card. It then ends all threads.
func (c *Card) Run(ctx context.Context, boot func() error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	c.stop = stop
	processors := c.processors()
	errs := make(chan error, len(processors)+1)
	for _, p := range processors {
		go func() { errs <- p.Run(ctx) }()
	}
	err := boot()
	if err != nil {
		stop()
	}
	for range processors {
		if e := <-errs; e != nil {
			stop()
			err = errors.Join(err, e)
		}
	}
	return errors.Join(err, c.Close())
}

// Stop has Run return.
func (c *Card) Stop() {
	if c.stop != nil {
		c.stop()
	}
}

// Close gives the card's memory back. Its processors must have stopped.
func (c *Card) Close() error {
	if c.memory == nil {
		return nil
	}
	m := c.memory
	c.memory = nil
	return m.Release()
}

// Bind constructs or finds the object at path, as component.Bind does.
func Bind[T any](ctx context.Context, c *Card, path string, t *com.Type[T]) (T, error) {
	var none T
	o, err := c.Names.Bind(ctx, strings.TrimPrefix(path, "/"))
	if err != nil {
		return none, err
	}
	defer o.Release()
	return com.Query(o, t)
}
