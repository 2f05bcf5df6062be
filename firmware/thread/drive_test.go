package thread

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/machine/sim"
)

// TestDriversTakeTurns has several goroutines drive one processor in virtual
// time, each waiting for an answer to what it asked.
func TestDriversTakeTurns(t *testing.T) {
	p, _ := card(t, nil)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 50 {
				var done atomic.Bool
				_, err := p.Spawn(fmt.Sprint(i), Attributes{}, func(*Thread) {
					Sleep(machine.Millisecond)
					done.Store(true)
				})
				if err == nil {
					err = p.RunUntil(done.Load, forever)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestRunTakesOverFromDrivers(t *testing.T) {
	p := NewProcessor(Config{Machine: host.New()})
	ctx, cancel := context.WithCancel(context.Background())
	began := make(chan struct{})
	called := make(chan error)
	var release Event
	go func() {
		called <- p.Call("early", Attributes{}, func(*Thread) {
			close(began)
			release.Wait(forever)
		})
	}()
	<-began
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	for !p.Running() {
		runtime.Gosched()
	}
	if err := p.RunUntil(nil, 0); !errors.Is(err, com.ErrBusy) {
		t.Errorf("RunUntil beside Run: %v", err)
	}
	if err := p.Run(ctx); !errors.Is(err, com.ErrBusy) {
		t.Errorf("Run beside Run: %v", err)
	}
	if err := p.Close(); !errors.Is(err, com.ErrBusy) {
		t.Errorf("Close beside Run: %v", err)
	}
	release.Signal()
	if err := <-called; err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := p.Run(context.Background()); !errors.Is(err, com.ErrClosed) {
		t.Errorf("Run on a closed processor: %v", err)
	}
	if _, err := p.Status(); !errors.Is(err, com.ErrClosed) {
		t.Errorf("Status of a closed processor: %v", err)
	}
	if err := p.Call("late", Attributes{}, func(*Thread) {}); !errors.Is(err, com.ErrClosed) {
		t.Errorf("Call on a closed processor: %v", err)
	}
}

// TestCallBesideTheStartOfRun has both begin at once, again and again.
func TestCallBesideTheStartOfRun(t *testing.T) {
	m := host.New()
	for range 500 {
		p := NewProcessor(Config{Machine: m})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- p.Run(ctx) }()
		if err := p.Call("early", Attributes{}, func(*Thread) { Sleep(20 * machine.Microsecond) }); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

// TestStatusBesideDrivers asks while others begin and cease to drive.
func TestStatusBesideDrivers(t *testing.T) {
	p := NewProcessor(Config{Machine: host.New()})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 2000 {
				if err := p.RunFor(machine.Microsecond); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 2000 {
				if s, err := p.Status(); err != nil || s.Threads != 0 {
					t.Error(s, err)
				}
			}
		})
	}
	wg.Wait()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestRunReportsAStall(t *testing.T) {
	p := NewProcessor(Config{Machine: sim.New(1)})
	if err := p.Run(context.Background()); !errors.Is(err, com.ErrWouldDeadlock) {
		t.Fatal(err)
	}
}

// TestRealTimeProcessor runs one on its own operating system thread, raised or
// not, with calls and signals from outside.
func TestRealTimeProcessor(t *testing.T) {
	m := host.New()
	p := NewProcessor(Config{Machine: m, Kind: machine.RealTime})
	if s, err := p.Status(); err != nil || !errors.Is(s.RealTime, com.ErrInvalid) {
		t.Errorf("before Run: %+v, %v", s, err)
	}
	done := make(chan error)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { done <- p.Run(ctx) }()
	var ev Event
	woke := make(chan struct{}, 1)
	p.Spawn("waits", Attributes{}, func(*Thread) {
		for {
			ev.Wait(forever)
			woke <- struct{}{}
		}
	})
	for range 50 {
		ev.Signal()
		<-woke
		if err := p.Call("guest", Attributes{}, func(*Thread) { Sleep(10 * machine.Microsecond) }); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := p.Status(); err != nil || s.RealTime != nil && !errors.Is(s.RealTime, com.ErrPermission) && !errors.Is(s.RealTime, com.ErrNotSupported) {
		t.Errorf("in Run: %+v, %v", s, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// queue is a source of the kind that links have: filled by another goroutine,
// with a doorbell that is rung only for one who is armed.
type queue struct {
	filled, armed atomic.Uint32
	bell          uint32
	taken         uint32
	rings, sleeps int
	m             machine.Machine
}

func (q *queue) Look() bool { return q.filled.Load() != q.taken }

func (q *queue) Arm() (machine.Word, bool) {
	q.sleeps++
	old := atomic.LoadUint32(&q.bell)
	q.armed.Store(q.taken + 1)
	return machine.Word{Addr: &q.bell, Old: old}, q.Look()
}

func (q *queue) Disarm() {}

func (q *queue) put() {
	n := q.filled.Add(1)
	if q.armed.Load() == n {
		q.rings++
		atomic.AddUint32(&q.bell, 1)
		q.m.Ring(&q.bell)
	}
}

// TestSourcesLoseNothing passes items through two sources to two threads of one
// processor, which look, arm and sleep as it comes.
func TestSourcesLoseNothing(t *testing.T) {
	for name, m := range map[string]machine.Machine{"system": host.New(), "portable": host.New(host.Portable())} {
		t.Run(name, func(t *testing.T) {
			p := NewProcessor(Config{Machine: m})
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error)
			go func() { done <- p.Run(ctx) }()
			const n = 3000
			var wg sync.WaitGroup
			for i := range 2 {
				q := &queue{m: m}
				back := new(uint32)
				_, err := p.Spawn(fmt.Sprint(i), Attributes{}, func(th *Thread) {
					for range n {
						if err := th.Wait(q, forever); err != nil {
							t.Error(err)
						}
						q.taken++
						atomic.StoreUint32(back, q.taken)
						m.Ring(back)
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				wg.Go(func() {
					idler := m.NewIdler(machine.Spare)
					defer idler.Close()
					for k := range uint32(n) {
						q.put()
						for spins := 0; spins < 1000*int(k%2) && atomic.LoadUint32(back) == k; spins++ {
						}
						for atomic.LoadUint32(back) == k {
							idler.Idle([]machine.Word{{Addr: back, Old: k}}, forever)
						}
					}
				})
			}
			wg.Wait()
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWaitTimesOut(t *testing.T) {
	p, m := card(t, nil)
	q := &queue{m: m}
	spawn(t, p, "waits", func(*Thread) {
		if err := Wait(q, m.Now().Add(machine.Second)); err != com.ErrTimeout || m.Now() != 1e9 {
			t.Errorf("%v at %v", err, m.Now())
		}
		m.After(machine.Second, q.put)
		if err := Wait(q, forever); err != nil || m.Now() != 2e9 {
			t.Errorf("%v at %v", err, m.Now())
		}
	})
	settle(t, p)
	if q.rings != 0 && q.sleeps == 0 {
		t.Error("rung without being armed")
	}
}

// TestKillsFromOutside ends threads at random points of all kinds of waits.
func TestKillsFromOutside(t *testing.T) {
	p := NewProcessor(Config{Machine: host.New(), Exit: func(_ *Thread, f *Failure) { t.Errorf("%v\n%s", f, f.Stack) }})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	var mu Mutex
	var ev Event
	c := Cond{L: &mu}
	var word uint32
	for i := range 300 {
		ended := make(chan *Failure, 1)
		th, err := p.Spawn("victim", Attributes{Exit: func(_ *Thread, f *Failure) { ended <- f }}, func(th *Thread) {
			for k := i; ; k++ {
				soon := Now().Add(20 * machine.Microsecond)
				switch k % 6 {
				case 0:
					ev.Wait(soon)
				case 1:
					func() {
						mu.Lock()
						defer mu.Unlock()
						Yield()
					}()
				case 2:
					func() {
						mu.Lock()
						defer mu.Unlock()
						c.Wait(soon)
					}()
				case 3:
					WaitWord(&word, 0, soon)
				case 4:
					Await(func() {})
				case 5:
					SleepUntil(soon)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		ev.Signal()
		if i%3 == 0 {
			runtime.Gosched()
		}
		th.Kill()
		if f := <-ended; f == nil || f.Err != com.ErrCanceled || f.Held != 0 {
			t.Fatalf("%+v", f)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestDriversDoNotEndRun has goroutines counted as wanting a processor that Run
// has, at the moment at which it falls asleep: Run hands over to nobody.
func TestDriversDoNotEndRun(t *testing.T) {
	p := NewProcessor(Config{Machine: host.New()})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	p.drivers.Add(2) // two that are about to be refused
	ran := make(chan error, 1)
	go func() { ran <- p.Run(ctx) }()
	slept := make(chan struct{})
	if _, err := p.Spawn("sleeper", Attributes{}, func(*Thread) {
		for range 20 {
			Sleep(50 * machine.Microsecond)
		}
		close(slept)
	}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-slept:
	case err := <-ran:
		t.Fatal("Run returned before it was told to: ", err)
	}
	p.drivers.Add(-2)
	stop()
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
}
