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

// maxRawSleep is how long a real-time processor sleeps at a time without telling
// the Go runtime, so that it need not queue for a place to run afterwards: about
// one period of sound. The runtime may have to wait for it that long. If nothing
// has happened by then it is idle, and the next sleep is an ordinary one.
const maxRawSleep = 6 * machine.Millisecond

// lostWord is how often words are looked at that are too many for the call.
const lostWord = machine.Millisecond

type waitvIdler struct {
	m     *Machine
	raw   bool // real-time
	long  bool // the last raw sleep ended by itself
	state atomic.Uint32
	vec   [futexWaitvMax]futexWaitv
	ts    kernelTimespec
}

func newWaitvIdler(m *Machine, kind machine.Kind) *waitvIdler {
	return &waitvIdler{m: m, raw: kind == machine.RealTime}
}

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
	raw := i.raw && !i.long
	i.long = false
	capped := false
	if raw {
		most := i.m.Now().Add(maxRawSleep)
		capped = most < until
		until = min(until, most)
	}
	var ts unsafe.Pointer
	if until != machine.Forever {
		at := max(until, 0)
		i.ts = kernelTimespec{sec: int64(at) / 1e9, nsec: int64(at) % 1e9}
		ts = unsafe.Pointer(&i.ts)
	}
	if !raw {
		unix.Syscall6(sysFutexWaitv, uintptr(unsafe.Pointer(&i.vec)), uintptr(n), 0, uintptr(ts), clockMonotonic, 0)
		return true
	}
	_, _, e := unix.RawSyscall6(sysFutexWaitv, uintptr(unsafe.Pointer(&i.vec)), uintptr(n), 0, uintptr(ts), clockMonotonic, 0)
	i.long = capped && e == unix.ETIMEDOUT
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
