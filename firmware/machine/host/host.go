// Package host is a process of an ordinary operating system as a machine: its
// clock is the system's monotonic one, its sleep a wait on words of memory, its
// interrupt sources the goroutines of drivers and of the host's input and output.
//
// On Linux a virtual processor sleeps in one futex_waitv call on its own wake
// word and all doorbell words its threads watch, which other processes may
// change (futex2, since Linux 5.16). Elsewhere, and where that call is refused,
// it looks at the words from time to time.
//
//mm:mechanism sleeping is its business
package host

import (
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/cpu"
)

// Machine is this process as a machine.
type Machine struct {
	base   time.Time
	offset machine.Time // of the system's clock at base
	rate   uint64
	out    console
	ring   ringers
	waitv  bool // futex_waitv works
	grant  atomic.Pointer[machine.RealTimeGrant]
}

// Option changes a machine at its making.
type Option func(*Machine)

// Portable has the machine do without what the system offers beyond Go's own
// means, as on a system of which nothing is known.
func Portable() Option { return func(m *Machine) { m.waitv = false } }

// New returns this process as a machine. It takes about a millisecond on
// processors whose counter has to be measured.
func New(opts ...Option) *Machine {
	m := &Machine{base: time.Now()}
	m.out.w = os.Stderr
	m.waitv = haveWaitv()
	m.offset = m.systemOffset()
	m.rate = m.measure()
	for _, o := range opts {
		o(m)
	}
	return m
}

// Now returns the system's monotonic time.
func (m *Machine) Now() machine.Time { return m.offset + machine.Time(time.Since(m.base)) }

// CycleRate returns the rate of the processor's counter.
func (m *Machine) CycleRate() uint64 { return m.rate }

// Virtual returns false.
func (m *Machine) Virtual() bool { return false }

// Processors returns how many processors the system lets this process use.
func (m *Machine) Processors() int { return max(1, min(processors(), runtime.GOMAXPROCS(0))) }

// Console returns where messages go.
func (m *Machine) Console() io.Writer { return &m.out }

// Ring wakes who sleeps on word.
func (m *Machine) Ring(word *uint32) {
	ringShared(word) // another process may sleep in the kernel even if this one does not
	if !m.waitv {
		m.ring.ring(word)
	}
}

// NewMemory returns anonymous pages of the system.
func (m *Machine) NewMemory(size int) (machine.Memory, error) {
	if err := machine.CheckMemory(size); err != nil {
		return nil, err
	}
	return newPages(size)
}

// NewIdler returns the sleep of one virtual processor.
func (m *Machine) NewIdler(kind machine.Kind) machine.Idler {
	if m.waitv {
		return newWaitvIdler(m, kind)
	}
	return newPollIdler(m)
}

// measure returns the counter's rate: what the processor says, or what a short
// comparison with the clock shows, to about one part in ten thousand. What is
// extrapolated with it is a millisecond at most.
func (m *Machine) measure() uint64 {
	f := cpu.Detect()
	if !f.Counter || f.Rate != 0 {
		return f.Rate
	}
	const span = 500 * time.Microsecond
	c0, t0 := m.both()
	for {
		c1, t1 := m.both()
		if d := t1 - t0; d >= span {
			if c1 <= c0 {
				return 0
			}
			return uint64(float64(c1-c0) / d.Seconds())
		}
	}
}

// both reads the counter and the clock as close to each other as it gets in a few
// attempts.
func (m *Machine) both() (c uint64, t time.Duration) {
	best := ^uint64(0)
	for range 8 {
		a := cpu.Cycles()
		now := time.Since(m.base)
		if b := cpu.Cycles(); b-a < best {
			best, c, t = b-a, a+(b-a)/2, now
		}
	}
	return c, t
}

// SpareProcs raises GOMAXPROCS to what so many virtual processors need: with
// fewer than two more, interrupt goroutines and timers wake tens of milliseconds
// late. It never lowers it.
func SpareProcs(virtual int) {
	if need := virtual + 2; runtime.GOMAXPROCS(0) < need {
		runtime.GOMAXPROCS(need)
	}
}

// console serialises writes. Errors have nowhere to go.
type console struct {
	mu sync.Mutex
	w  io.Writer
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.w.Write(p)
}

var _ machine.Machine = (*Machine)(nil)
