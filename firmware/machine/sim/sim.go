// Package sim is a machine in virtual time. Time passes only when the one
// virtual processor idles, or when a thread says that its work takes some; then
// it jumps from event to event, so that an hour takes a second, and a run is the
// same every time it is started from the same seed.
//
// It has one processor and no goroutine of its own. Devices are functions called
// at a time (At), in the place of interrupt routines, and like those may only
// signal events.
//
//mm:mechanism it is driven from outside of threads, but for Advance
package sim

import (
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Machine is a machine in virtual time. Its clock may be read by any goroutine;
// all else belongs to whoever drives its virtual processor.
type Machine struct {
	now    atomic.Int64
	seed   uint64
	rand   *rand.Rand
	jitter machine.Duration
	events eventQueue
	out    console
}

// Option changes a machine at its making.
type Option func(*Machine)

// Console sends the firmware's messages to w instead of nowhere.
func Console(w io.Writer) Option { return func(m *Machine) { m.out.w = w } }

// Jitter has each sleep end late by up to d, drawn from the seed, as real
// timers do.
func Jitter(d machine.Duration) Option { return func(m *Machine) { m.jitter = max(d, 0) } }

// Start sets the time the clock shows at first.
func Start(t machine.Time) Option { return func(m *Machine) { m.now.Store(int64(t)) } }

// New returns a machine whose chances all come from seed.
func New(seed uint64, opts ...Option) *Machine {
	m := &Machine{seed: seed, rand: rand.New(rand.NewPCG(seed, 0x6d6d6c697465))}
	for _, o := range opts {
		o(m)
	}
	return m
}

// Now returns the virtual time.
func (m *Machine) Now() machine.Time { return machine.Time(m.now.Load()) }

// Rand returns the machine's source of chance.
func (m *Machine) Rand() *rand.Rand { return m.rand }

// CycleRate returns 0: the clock is the counter.
func (m *Machine) CycleRate() uint64 { return 0 }

// Processors returns 1.
func (m *Machine) Processors() int { return 1 }

// Virtual returns true.
func (m *Machine) Virtual() bool { return true }

// Ring does nothing: nobody sleeps while somebody runs.
func (m *Machine) Ring(*uint32) {}

// Console returns where messages go.
func (m *Machine) Console() io.Writer { return &m.out }

// Advance lets d pass, as work does that takes this long. What is due meanwhile
// happens at its time. It must not be called from an event's function.
func (m *Machine) Advance(d machine.Duration) {
	if d > 0 {
		m.advance(m.Now().Add(d))
	}
}

func (m *Machine) advance(to machine.Time) {
	for {
		ev := m.events.first()
		if ev == nil || ev.at > to {
			break
		}
		m.events.pop()
		m.set(ev.at)
		ev.fn()
	}
	m.set(to)
}

// set moves the clock forward, never back.
func (m *Machine) set(t machine.Time) {
	if t > m.Now() {
		m.now.Store(int64(t))
	}
}

// NewMemory returns memory of the Go heap that holds no pointers.
func (m *Machine) NewMemory(size int) (machine.Memory, error) {
	return machine.NewGoMemory(size)
}

// console serialises writes, and swallows them where nobody listens.
type console struct {
	mu sync.Mutex
	w  io.Writer
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.w == nil {
		return len(p), nil
	}
	n, err := c.w.Write(p)
	if err != nil {
		return n, com.Errorf(com.ErrFailed, "console: %v", err)
	}
	return n, nil
}

var _ machine.Machine = (*Machine)(nil)
