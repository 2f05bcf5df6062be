package host

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// From sched(7) and include/uapi/linux/sched.h.
const (
	schedOther       = 0
	schedFIFO        = 1
	schedResetOnFork = 0x40000000 // only the privileged may take it back
	// realTimePriority is above ordinary threads and below everything the system
	// itself runs in real time.
	realTimePriority = 10
)

// penance is how long a thread that ran for too long runs as an ordinary one.
const penance = time.Second

// advice is what to do where real time is not granted.
const advice = "busy programs make it late, up to tens of ms; install rtkit, or allow it: " +
	"\"@audio - rtprio 20\" in /etc/security/limits.conf for members of audio (ulimit -r says what is allowed)"

// raised is a thread in real time.
type raised struct {
	m   *Machine
	tid int
	how string
	// What follows is set where the time of the thread is bound.
	lift    func() error // again, after it was demoted
	signals chan os.Signal
	done    chan struct{}
	over    sync.WaitGroup
}

// EnterRealTime puts the calling thread under SCHED_FIFO, or what comes closest.
// It asks the kernel, which grants it to root, to those with CAP_SYS_NICE and up to
// RLIMIT_RTPRIO; then rtkit. Threads that it starts are ordinary ones. The error is
// com.ErrPermission where nobody grants it.
//
// The Go runtime interrupts a thread that does not rest for 10 ms, so one that has
// gone wild leaves something to others. A thread raised by rtkit is bound besides:
// if it runs on for longer than rtkit allows, it is an ordinary one for a second.
func (m *Machine) EnterRealTime() (leave func(), err error) {
	r := &raised{m: m, tid: unix.Gettid()}
	direct := r.direct()
	if direct != nil {
		if rt := r.rtkit(); rt != nil {
			m.grant.Store(&machine.RealTimeGrant{Got: "ordinary: " + direct.Error() + "; " + rt.Error(), Advice: advice})
			return nil, com.Errorf(com.ErrPermission, "%v; %v", direct, rt)
		}
	}
	m.grant.Store(&machine.RealTimeGrant{Got: r.how})
	if r.lift != nil {
		r.watch()
	}
	return r.leave, nil
}

// RealTime returns what came of EnterRealTime.
func (m *Machine) RealTime() machine.RealTimeGrant {
	if g := m.grant.Load(); g != nil {
		return *g
	}
	return machine.RealTimeGrant{}
}

// setScheduler puts a thread under a policy.
func setScheduler(tid int, policy, priority int32) error {
	if _, _, e := unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, uintptr(tid), uintptr(policy), uintptr(unsafe.Pointer(&priority))); e != 0 {
		return e
	}
	return nil
}

// direct asks the kernel.
func (r *raised) direct() error {
	priority := int32(realTimePriority)
	by := "root or CAP_SYS_NICE"
	fifo := func() error { return setScheduler(r.tid, schedFIFO|schedResetOnFork, priority) }
	err := fifo()
	if err != nil {
		// As much as the limit allows, and that as high as it may be.
		var l unix.Rlimit
		if unix.Getrlimit(unix.RLIMIT_RTPRIO, &l) != nil || l.Max == 0 {
			return fmt.Errorf("SCHED_FIFO: %w", err)
		}
		if l.Cur < l.Max {
			l.Cur = l.Max
			_ = unix.Setrlimit(unix.RLIMIT_RTPRIO, &l) // the next call says whether that helped
		}
		priority = int32(min(l.Cur, realTimePriority))
		if err := fifo(); err != nil {
			return fmt.Errorf("SCHED_FIFO: %w", err)
		}
	}
	if !privileged() {
		by = "RLIMIT_RTPRIO"
	}
	r.how = fmt.Sprintf("SCHED_FIFO %d, by %s", priority, by)
	return nil
}

// privileged reports whether this process may take any priority.
func privileged() bool {
	h := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var d [2]unix.CapUserData
	return unix.Capget(&h, &d[0]) == nil && d[0].Effective&(1<<unix.CAP_SYS_NICE) != 0
}

// watch demotes the thread for a while when the kernel says that it has run for
// too long.
func (r *raised) watch() {
	r.signals, r.done = make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(r.signals, unix.SIGXCPU)
	r.over.Go(func() {
		for n := 1; ; n++ {
			select {
			case <-r.done:
				return
			case <-r.signals:
			}
			if err := setScheduler(r.tid, schedOther|schedResetOnFork, 0); err != nil {
				fmt.Fprintf(&r.m.out, "a real-time thread that has gone wild stays so: %v\n", err)
			}
			r.m.grant.Store(&machine.RealTimeGrant{Got: fmt.Sprintf("ordinary for a second, after it ran for too long without a rest (%d times by now)", n)})
			rest := time.NewTimer(penance)
			select {
			case <-r.done:
				rest.Stop()
				return
			case <-rest.C:
			}
			how := fmt.Sprintf("%s, demoted %d times for a second", r.how, n)
			if err := r.lift(); err != nil {
				how = "ordinary, after it ran for too long without a rest: " + err.Error()
			}
			r.m.grant.Store(&machine.RealTimeGrant{Got: how})
		}
	})
}

// leave makes the thread, which calls it, an ordinary one.
func (r *raised) leave() {
	if r.done != nil {
		signal.Stop(r.signals)
		close(r.done)
		r.over.Wait()
	}
	if err := setScheduler(r.tid, schedOther|schedResetOnFork, 0); err != nil {
		fmt.Fprintf(&r.m.out, "leaving real time: %v\n", err)
	}
	r.m.grant.Store(nil)
}

var (
	_ machine.RealTimer        = (*Machine)(nil)
	_ machine.RealTimeReporter = (*Machine)(nil)
)
