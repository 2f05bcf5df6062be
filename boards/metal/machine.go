package metal

import (
	"io"
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Processor is what a board has to bring. All but Kick and the clock are called by
// one goroutine at a time, the virtual processor's.
type Processor interface {
	machine.Clock

	// CycleRate is as in machine.Machine.
	CycleRate() uint64

	// Serve calls the routines of devices that have asked for attention. It is called
	// often, and costs next to nothing if there are none. It reports whether it did any.
	Serve() bool

	// Attend says that the caller is about to look whether it may sleep: a Kick or
	// an interrupt from now on keeps the next Sleep from being long.
	Attend()

	// Sleep lets other goroutines run, and the processor rest, until the clock
	// reaches until, a Kick, or an interrupt; it may return sooner.
	Sleep(until machine.Time)

	// Kick ends Sleep, now or the next time. Any goroutine may call it. It neither
	// waits nor allocates.
	Kick()
}

// MachineConfig is what a machine is made of.
type MachineConfig struct {
	Processor Processor
	// Console takes the firmware's messages.
	Console io.Writer
	// Beyond says that others, with processors of their own beyond a bus, change
	// words that are watched here. It pays then to look for a moment before sleeping.
	Beyond bool
	// Memory is what NewMemory gives out, apart from Go's heap. Nil has it take
	// a little memory of the heap.
	Memory []byte
	// Code, which may be nil, takes code that is made while the card runs.
	Code *Code
}

// Machine is a board without an operating system.
type Machine struct {
	Processor
	console console
	memory  *pool
	code    *Code
	silent  atomic.Bool
	others  int
}

// NewMachine makes a machine. The error is com.ErrInvalid for memory that has no
// whole page.
func NewMachine(c MachineConfig) (*Machine, error) {
	m := &Machine{Processor: c.Processor, console: console{w: c.Console}, code: c.Code}
	if c.Beyond {
		m.others = 1
	}
	if c.Memory != nil {
		var err error
		if m.memory, err = newPool(c.Memory); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// SetSilent says that words are watched that others change without any interrupt:
// sleepers then look at them from time to time.
func (m *Machine) SetSilent(on bool) { m.silent.Store(on) }

// Processors returns 1, and one more for those beyond a bus.
func (m *Machine) Processors() int { return 1 + m.others }

// Virtual returns false.
func (m *Machine) Virtual() bool { return false }

// Ring has the sleeper look at its words.
func (m *Machine) Ring(*uint32) { m.Kick() }

// Poll serves interrupts between the steps of threads.
func (m *Machine) Poll() { m.Serve() }

// Console returns where messages go.
func (m *Machine) Console() io.Writer { return &m.console }

// NewMemory returns memory that is not Go's.
func (m *Machine) NewMemory(size int) (machine.Memory, error) {
	if m.memory == nil {
		return machine.NewGoMemory(size)
	}
	return m.memory.take(size)
}

// NewCode implements machine.Coder.
func (m *Machine) NewCode(text []byte) (machine.Code, error) {
	if m.code == nil {
		return nil, com.Errorf(com.ErrNotSupported, "this board has no memory for code that is made while it runs")
	}
	return m.code.NewCode(text)
}

// fromHeap is how much memory a board without any of its own takes of Go's heap, which
// small ones have little of.
const fromHeap = 16 << 20

// Largest is how many bytes of memory NewMemory has left for one piece.
func (m *Machine) Largest() int {
	if m.memory == nil {
		return fromHeap
	}
	return m.memory.largest()
}

// NewIdler returns the sleep of the one virtual processor.
func (m *Machine) NewIdler(machine.Kind) machine.Idler { return &idler{m: m} }

// console serialises writes.
type console struct {
	mu sync.Mutex
	w  io.Writer
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.w.Write(p)
}

var (
	_ machine.Machine = (*Machine)(nil)
	_ machine.Poller  = (*Machine)(nil)
	_ machine.Coder   = (*Machine)(nil)
)
