package hostdriver

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/cpu"
)

// looker is how goroutines wait for replies: one of those that wait looks at
// the ring and hands the others theirs. A call that is answered while its
// caller still looks costs no system call.
type looker struct {
	m     machine.Machine
	idler machine.Idler // of whoever looks
	conn  *ipc.Conn
	end   *link.End
	in    *ipc.Incoming // of whoever looks
	words [1]machine.Word

	looking atomic.Bool
	looks   atomic.Uint64 // times somebody began to look, so that the watcher keeps away
	misses  int           // looks in a row that ended in sleep
	spin    machine.Duration

	parking atomic.Int32 // waiters in parked, or about to be
	mu      sync.Mutex
	parked  []*waiter

	spare    sync.Pool    // of *ipc.Incoming
	serving  atomic.Int64 // calls of the card under way
	watching sync.Once
	watched  atomic.Bool    // a goroutine looks when no caller does
	ended    sync.WaitGroup // goroutines of our own that use the window
	done     chan struct{}
	onFail   func(error)

	ends   [keptEnds]ending // contexts of calls that slept, of whoever looks
	oldest int              // of them

	// pump, where the card lives in this process and in virtual time, runs it
	// until it sleeps; it reports false if nothing can ever happen again.
	pump  func(ready func() bool) bool
	ready func() bool // end.Ready, for pump
	moved func() bool // whether progress has changed, for pump
	// progress is of the card when the ring was full.
	progress uint32
}

// ending is a context that wakes whoever looks when it ends.
type ending struct {
	done <-chan struct{}
	stop func() bool
}

// keptEnds is how many contexts that stays so for: a program that waits in each
// frame, mostly with one and the same, pays for it once.
const keptEnds = 4

// waiter is what a call that somebody else looks for waits on.
type waiter struct {
	call   *ipc.Call
	ready  chan struct{}
	parked atomic.Bool
	timer  *time.Timer
}

const (
	// lookFor is how long to look before sleeping: about what being woken costs.
	lookFor = 20 * machine.Microsecond
	// lookMisses looks in vain make a caller sleep at once, but for one call in as
	// many, which looks for lookLong if it looks at all.
	lookMisses = 16
	lookLong   = 200 * machine.Microsecond
	// maxServing is how many calls of the card may be under way; a card has
	// fewer calls outstanding, so one that exceeds it floods this program.
	maxServing = 4096
)

func newLooker(m machine.Machine) *looker {
	l := &looker{m: m, idler: m.NewIdler(machine.Spare), done: make(chan struct{})}
	if m.Processors() > 1 {
		l.spin = lookFor
	}
	return l
}

func (l *looker) start(conn *ipc.Conn) {
	l.conn, l.end = conn, conn.End()
	l.ready = l.end.Ready
	l.moved = func() bool { return l.end.Progress() != l.progress }
	l.spare.New = func() any { return conn.NewIncoming() }
	l.in = conn.NewIncoming()
}

// Now implements ipc.Driver.
func (l *looker) Now() int64 { return int64(l.m.Now()) }

// Failed implements ipc.Driver.
func (l *looker) Failed(err error) {
	close(l.done)
	l.idler.Wake()
	if l.onFail != nil {
		l.onFail(err)
	}
}

// Full implements ipc.Driver: the card has not made room yet.
func (l *looker) Full(attempt int) error {
	switch {
	case l.pump != nil:
		l.progress = l.end.Progress()
		if !l.pump(l.moved) {
			return com.Errorf(com.ErrWouldDeadlock, "the card sleeps for ever and its ring is full")
		}
	case attempt < 200 && l.spin > 0:
		cpu.Pause(20)
	case attempt < 20000:
		time.Sleep(50 * time.Microsecond)
	case attempt < 40000:
		time.Sleep(time.Millisecond)
	default:
		return com.Errorf(com.ErrTimeout, "the card has not read its ring for 20 s")
	}
	return nil
}

// Made implements ipc.Driver.
func (l *looker) Made(call *ipc.Call) {
	w := &waiter{call: call, ready: make(chan struct{}, 1), timer: time.NewTimer(time.Hour)}
	w.timer.Stop()
	call.Waiter = w
}

// Completed implements ipc.Driver.
func (l *looker) Completed(call *ipc.Call) {
	if w := call.Waiter.(*waiter); w.parked.Load() {
		w.wake()
	}
}

func (w *waiter) wake() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// Wait implements ipc.Driver.
func (l *looker) Wait(call *ipc.Call) error {
	for !call.Done() {
		if l.looking.CompareAndSwap(false, true) {
			if l.watched.Load() {
				l.looks.Add(1)
			}
			err := l.look(call)
			l.looking.Store(false)
			l.handOver()
			if err != nil {
				return err
			}
			continue
		}
		if err := l.park(call); err != nil {
			if !l.looking.Load() {
				l.handOver() // it may have been this caller's turn
			}
			return err
		}
	}
	return nil
}

// idle returns when nobody looks any more: the connection has ended, and whoever
// looked is on the way out.
func (l *looker) idle() {
	l.idler.Wake()
	for !l.looking.CompareAndSwap(false, true) {
		l.idler.Wake()
		time.Sleep(50 * time.Microsecond)
	}
	l.ended.Wait()
	for i := range l.ends {
		if stop := l.ends[i].stop; stop != nil {
			stop()
		}
	}
	l.idler.Close()
}

// wakeAtEnd has whoever looks be woken when ctx ends, if that is not so already.
func (l *looker) wakeAtEnd(ctx context.Context) {
	done := ctx.Done()
	for i := range l.ends {
		if l.ends[i].done == done {
			return
		}
	}
	e := &l.ends[l.oldest]
	l.oldest = (l.oldest + 1) % keptEnds
	if e.stop != nil {
		e.stop()
	}
	*e = ending{done, context.AfterFunc(ctx, l.idler.Wake)}
}

// handOver lets one of those that wait look in our place.
func (l *looker) handOver() {
	if l.parking.Load() == 0 {
		return // whoever parks from now on sees that nobody looks
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.parked {
		if !w.call.Done() {
			w.wake()
			return
		}
	}
}

// look reads the ring until call is done.
func (l *looker) look(call *ipc.Call) error {
	var began machine.Time
	tries := 0
	limit := l.spin
	if l.misses >= lookMisses && limit > 0 {
		limit = 0
		if l.misses%lookMisses == 0 {
			// Both sides asleep, each takes longer to wake than the other looks:
			// looking longer once in a while finds the way back.
			limit = lookLong
		}
	}
	watched := false
	for {
		serve, handled, err := l.conn.Next(l.in)
		switch {
		case err != nil:
			return l.conn.Err()
		case serve:
			l.dispatch()
			began, tries = 0, 0
			continue
		case call.Done():
			if began == 0 || !watched {
				l.misses = 0
			}
			return nil
		case handled:
			began, tries = 0, 0
			continue
		}
		if l.pump != nil {
			if l.end.Ready() {
				continue
			}
			if !l.pump(l.ready) && !l.end.Ready() {
				return com.Errorf(com.ErrWouldDeadlock, "the card sleeps for ever and has not answered")
			}
			continue
		}
		if limit > 0 {
			cpu.Pause(1)
			if tries++; tries%64 != 0 {
				continue
			}
			now := l.m.Now()
			if began == 0 {
				began = now
			}
			if now-began < machine.Time(limit) {
				continue
			}
		}
		// Time to sleep, for whoever gives up first.
		if err := l.expired(call); err != nil {
			return err
		}
		if code := l.end.PeerClosed(); code != com.OK && !l.end.Ready() {
			l.conn.Fail(com.ErrGone, com.Errorf(code, "the card closed the link"))
			return l.conn.Err()
		}
		if !watched && call.Context != nil && call.Context.Done() != nil {
			l.wakeAtEnd(call.Context)
		}
		if !watched {
			l.misses++
		}
		watched = true
		bell, old := l.end.Arm()
		if l.end.Ready() || l.conn.Err() != nil {
			if err := l.conn.Err(); err != nil {
				return err
			}
			continue
		}
		l.words[0] = machine.Word{Addr: bell, Old: old}
		l.idler.Idle(l.words[:], machine.Time(call.Deadline))
		began, tries = 0, 0
	}
}

// expired returns why call should not wait any longer, and puts its default
// time-out on the clock.
func (l *looker) expired(call *ipc.Call) error {
	now := l.Now()
	if call.Deadline == 0 {
		call.Deadline = now + int64(call.Timeout())
	}
	if call.Context != nil {
		if err := call.Context.Err(); err != nil {
			return com.CodeOf(err)
		}
	}
	if now >= call.Deadline {
		return com.Errorf(com.ErrTimeout, "the card did not answer")
	}
	return nil
}

// park waits until the reply came through somebody else, or until it is this
// caller's turn to look.
func (l *looker) park(call *ipc.Call) error {
	w := call.Waiter.(*waiter)
	select {
	case <-w.ready:
	default:
	}
	w.parked.Store(true)
	l.parking.Add(1)
	l.mu.Lock()
	l.parked = append(l.parked, w)
	l.mu.Unlock()
	defer l.unpark(w)
	if call.Done() || !l.looking.Load() {
		return nil
	}
	if err := l.expired(call); err != nil {
		return err
	}
	w.timer.Reset(time.Duration(call.Deadline - l.Now()))
	var cancelled <-chan struct{}
	if call.Context != nil {
		cancelled = call.Context.Done()
	}
	select {
	case <-w.ready:
	case <-w.timer.C:
	case <-cancelled:
	}
	w.timer.Stop()
	if call.Done() {
		return nil
	}
	return l.expired(call)
}

func (l *looker) unpark(w *waiter) {
	w.parked.Store(false)
	l.parking.Add(-1)
	l.mu.Lock()
	for i, p := range l.parked {
		if p == w {
			l.parked[i] = l.parked[len(l.parked)-1]
			l.parked = l.parked[:len(l.parked)-1]
			break
		}
	}
	l.mu.Unlock()
}

// dispatch serves the call just read on a goroutine of its own, and provides a
// fresh place to read into.
func (l *looker) dispatch() {
	in := l.in
	l.in = l.spare.Get().(*ipc.Incoming)
	if l.pump != nil {
		// What it calls in turn has to look, too.
		l.looking.Store(false)
		l.conn.Serve(in)
		l.looking.Store(true)
		l.spare.Put(in)
		return
	}
	if l.serving.Add(1) > maxServing {
		l.conn.Fail(com.ErrQuota, com.Errorf(com.ErrQuota, "the card has %d calls to this program under way", maxServing))
		return
	}
	l.ended.Go(func() {
		l.conn.Serve(in)
		l.spare.Put(in)
		l.serving.Add(-1)
	})
}

// Exported implements ipc.Driver: from now on the card may call at any time, so
// somebody must look when no caller does.
func (l *looker) Exported() {
	if l.pump != nil {
		return
	}
	l.watching.Do(func() {
		l.watched.Store(true)
		l.ended.Go(l.watch)
	})
}

// restAfterLooks is how long the watcher keeps away after it found that callers
// look by themselves: woken for every reply, it would only be in their way.
const restAfterLooks = time.Millisecond

func (l *looker) watch() {
	idler := l.m.NewIdler(machine.Spare)
	defer idler.Close()
	stopped := make(chan struct{})
	go func() { <-l.done; idler.Wake(); close(stopped) }()
	var words [1]machine.Word
	for l.conn.Err() == nil {
		seen := l.looks.Load()
		if l.looking.CompareAndSwap(false, true) {
			for {
				serve, handled, err := l.conn.Next(l.in)
				if err != nil || !serve && !handled {
					break
				}
				if serve {
					l.dispatch()
				}
			}
			bell, old := l.end.Arm()
			ready := l.end.Ready()
			closed := l.end.PeerClosed()
			l.looking.Store(false)
			l.handOver()
			if ready {
				continue
			}
			if closed != com.OK {
				l.conn.Fail(com.ErrGone, com.Errorf(closed, "the card closed the link"))
				break
			}
			words[0] = machine.Word{Addr: bell, Old: old}
			idler.Idle(words[:], machine.Forever)
			if l.looks.Load() == seen {
				continue
			}
		}
		for n := l.looks.Load(); ; n = l.looks.Load() {
			time.Sleep(restAfterLooks)
			if l.conn.Err() != nil || l.looks.Load() == n && !l.looking.Load() {
				break
			}
		}
	}
	<-stopped
}
