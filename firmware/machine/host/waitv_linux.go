package host

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/machine"
)

// From the kernel's futex2 documentation (Documentation/userspace-api/futex2.rst)
// and include/uapi/linux/futex.h.
const (
	sysFutexWaitv  = 449 // on every architecture
	futexWaitvMax  = 128
	futex2SizeU32  = 0x02
	futex2Private  = 128
	futexWake      = 1
	futexPrivate   = 128
	clockMonotonic = 1
)

// futexWaitv is struct futex_waitv.
type futexWaitv struct {
	val      uint64
	uaddr    uint64
	flags    uint32
	reserved uint32
}

// kernelTimespec is struct __kernel_timespec, of 64-bit fields everywhere.
type kernelTimespec struct {
	sec, nsec int64
}

// haveWaitv asks for something the kernel refuses with EINVAL if it knows the
// call at all.
func haveWaitv() bool {
	_, _, e := unix.Syscall6(sysFutexWaitv, 0, 0, 0, 0, 0, 0)
	return e == unix.EINVAL
}

func ringShared(word *uint32) {
	unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWake, 1<<30, 0, 0, 0)
}

// The states of an idler.
const (
	awake = iota
	woken // Wake was called since the last Idle
	asleep
)

// lostWord is how often words are looked at that are too many for the call.
const lostWord = machine.Millisecond

type waitvIdler struct {
	m     *Machine
	state atomic.Uint32
	vec   [futexWaitvMax]futexWaitv
	ts    kernelTimespec
}

// Both kinds of processor sleep in the same way, and tell the Go runtime: an
// ordinary system call keeps its place to run while there are others, which
// SpareProcs sees to. One that the runtime does not know of counts as running. After
// 10 ms the runtime would interrupt it, and a goroutine that is locked to its thread
// is let go on by another thread of the runtime only, an ordinary one, which may
// have to wait for all other programs: tens of milliseconds.
func newWaitvIdler(m *Machine, _ machine.Kind) *waitvIdler { return &waitvIdler{m: m} }

// Idle sleeps in futex_waitv.
func (i *waitvIdler) Idle(watch []machine.Word, until machine.Time) bool {
	if !i.state.CompareAndSwap(awake, asleep) {
		i.state.Store(awake)
		return true
	}
	defer i.state.Store(awake)
	for _, w := range watch {
		if w.Changed() {
			return true
		}
	}
	n := 1
	i.vec[0] = futexWaitv{
		val:   asleep,
		uaddr: uint64(uintptr(unsafe.Pointer(&i.state))),
		flags: futex2SizeU32 | futex2Private,
	}
	for _, w := range watch {
		if n == len(i.vec) {
			until = min(until, i.m.Now().Add(lostWord))
			break
		}
		i.vec[n] = futexWaitv{
			val:   uint64(w.Old),
			uaddr: uint64(uintptr(unsafe.Pointer(w.Addr))),
			flags: futex2SizeU32,
		}
		n++
	}
	var ts unsafe.Pointer
	if until != machine.Forever {
		at := max(until, 0)
		i.ts = kernelTimespec{sec: int64(at) / 1e9, nsec: int64(at) % 1e9}
		ts = unsafe.Pointer(&i.ts)
	}
	unix.Syscall6(sysFutexWaitv, uintptr(unsafe.Pointer(&i.vec)), uintptr(n), 0, uintptr(ts), clockMonotonic, 0)
	return true
}

// Wake ends the sleep.
func (i *waitvIdler) Wake() {
	if i.state.Load() == woken {
		return
	}
	if i.state.Swap(woken) == asleep {
		unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&i.state)), futexWake|futexPrivate, 1, 0, 0, 0)
	}
}

// Close does nothing: the kernel holds nothing of it.
func (i *waitvIdler) Close() {}
