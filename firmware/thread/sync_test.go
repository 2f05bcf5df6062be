package thread

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/sched"
)

func TestMutexExcludesAndIsFair(t *testing.T) {
	p, _ := card(t, sched.NewNull())
	var mu Mutex
	inside := 0
	var order []int
	for i := range 4 {
		spawn(t, p, fmt.Sprint(i), func(th *Thread) {
			for range 2 {
				mu.Lock()
				if inside++; inside != 1 {
					t.Error("two inside")
				}
				order = append(order, i)
				Sleep(machine.Millisecond)
				inside--
				mu.Unlock()
			}
		})
	}
	settle(t, p)
	if got := fmt.Sprint(order); got != "[0 1 2 3 0 1 2 3]" {
		t.Fatalf("order %v", got)
	}
}

func TestMutexMisuse(t *testing.T) {
	p, m := card(t, nil)
	expect := func(want error, fn func()) {
		t.Helper()
		defer func() {
			t.Helper()
			if err, ok := recover().(error); !ok || !errors.Is(err, want) {
				t.Errorf("panicked with %v, want %v", err, want)
			}
		}()
		fn()
	}
	var a, b Mutex
	spawn(t, p, "self", func(*Thread) {
		expect(com.ErrInvalid, a.Unlock)
		a.Lock()
		expect(com.ErrWouldDeadlock, a.Lock)
		if a.TryLock() {
			t.Error("locked twice")
		}
		a.Unlock()
	})
	settle(t, p)
	spawn(t, p, "ab", func(*Thread) {
		a.Lock()
		Sleep(machine.Millisecond)
		b.Lock()
		b.Unlock()
		a.Unlock()
	})
	spawn(t, p, "ba", func(*Thread) {
		b.Lock()
		Sleep(2 * machine.Millisecond)
		expect(com.ErrWouldDeadlock, a.Lock)
		b.Unlock()
	})
	settle(t, p)
	spawn(t, p, "holder", func(*Thread) {
		a.Lock()
		Sleep(3 * machine.Second)
		a.Unlock()
	})
	spawn(t, p, "hasty", func(*Thread) {
		start := m.Now()
		if err := a.LockUntil(start.Add(machine.Second)); err != com.ErrTimeout || m.Now().Sub(start) != machine.Second {
			t.Errorf("%v after %v", err, m.Now().Sub(start))
		}
		if err := a.LockUntil(start.Add(10 * machine.Second)); err != nil || m.Now().Sub(start) != 3*machine.Second {
			t.Errorf("%v after %v", err, m.Now().Sub(start))
		}
		a.Unlock()
	})
	settle(t, p)
}

// TestWaits holds that entities say whom they wait for, as policies that inherit
// priority need.
func TestWaits(t *testing.T) {
	p, _ := card(t, nil)
	var mu Mutex
	var owner, second, third *Thread
	owner = spawn(t, p, "owner", func(*Thread) {
		mu.Lock()
		Sleep(machine.Second)
		if second.ent.Waits != &owner.ent || third.ent.Waits != &owner.ent {
			t.Error("they wait for somebody else")
		}
		mu.Unlock()
		if third.ent.Waits != &second.ent {
			t.Error("the third does not wait for the heir")
		}
	})
	second = spawn(t, p, "second", func(*Thread) { mu.Lock(); mu.Unlock() })
	third = spawn(t, p, "third", func(*Thread) { mu.Lock(); mu.Unlock() })
	settle(t, p)
	if second.ent.Waits != nil || third.ent.Waits != nil {
		t.Error("somebody waits still")
	}
}

func TestCond(t *testing.T) {
	p, m := card(t, nil)
	var mu Mutex
	c := Cond{L: &mu}
	queue := 0
	got := 0
	for range 3 {
		spawn(t, p, "consumer", func(*Thread) {
			mu.Lock()
			defer mu.Unlock()
			for queue == 0 {
				if err := c.Wait(forever); err != nil {
					t.Error(err)
				}
			}
			queue--
			got++
		})
	}
	spawn(t, p, "producer", func(*Thread) {
		for range 3 {
			Sleep(machine.Second)
			mu.Lock()
			queue++
			c.Signal()
			mu.Unlock()
		}
	})
	settle(t, p)
	if got != 3 || m.Now() != 3e9 {
		t.Fatalf("%d consumed by %v", got, m.Now())
	}
	spawn(t, p, "alone", func(*Thread) {
		mu.Lock()
		if err := c.Wait(m.Now().Add(1)); err != com.ErrTimeout {
			t.Error(err)
		}
		mu.Unlock()
	})
	settle(t, p)
}

func TestEventResets(t *testing.T) {
	p, m := card(t, nil)
	var auto Event
	manual := ManualEvent()
	var log []string
	for i := range 2 {
		spawn(t, p, "auto", func(*Thread) { auto.Wait(forever); log = append(log, fmt.Sprint("a", i)) })
		spawn(t, p, "manual", func(*Thread) { manual.Wait(forever); log = append(log, fmt.Sprint("m", i)) })
	}
	m.After(1, auto.Signal)
	m.After(2, manual.Signal)
	m.After(3, auto.Signal)
	m.After(4, auto.Signal)
	m.After(5, auto.Signal)
	settle(t, p)
	if s := strings.Join(log, " "); s != "a0 m0 m1 a1" {
		t.Fatal(s)
	}
	p.RunFor(10)
	spawn(t, p, "after", func(*Thread) {
		now := m.Now()
		if manual.Wait(0) != nil || manual.Wait(0) != nil || auto.Wait(0) != nil {
			t.Error("signals were lost")
		}
		if auto.Wait(now) != com.ErrTimeout {
			t.Error("two signals with nobody waiting counted twice")
		}
		manual.Reset()
		if manual.Wait(now) != com.ErrTimeout {
			t.Error("reset event is signaled")
		}
	})
	settle(t, p)
}

func TestTimer(t *testing.T) {
	p, m := card(t, nil)
	var at []machine.Time
	spawn(t, p, "ticks", func(*Thread) {
		var ev Event
		tm := NewTimer(&ev)
		tm.Set(machine.Time(machine.Second), machine.Second)
		for range 3 {
			ev.Wait(forever)
			at = append(at, m.Now())
		}
		m.Advance(5*machine.Second + machine.Millisecond) // misses some
		Checkpoint()
		ev.Wait(forever)
		at = append(at, m.Now())
		if tm.Overruns() != 4 {
			t.Errorf("%d overruns", tm.Overruns())
		}
		ev.Wait(forever)
		at = append(at, m.Now())
		if !tm.Stop() || tm.Stop() {
			t.Error("Stop is wrong about the timer")
		}
		if ev.Wait(m.Now().Add(10*machine.Second)) != com.ErrTimeout {
			t.Error("a stopped timer signals")
		}
	})
	settle(t, p)
	if got := fmt.Sprint(at); got != "[1s 2s 3s 8.001s 9s]" {
		t.Fatal(got)
	}
}

func TestOnBlockIsCalledOnceBeforeWaiting(t *testing.T) {
	p, _ := card(t, nil)
	n := 0
	spawn(t, p, "leader", func(th *Thread) {
		th.OnBlock(func() {
			if Current() != th {
				t.Error("called elsewhere")
			}
			n++
			p.Spawn("follower", Attributes{}, func(*Thread) { n += 10 })
		})
		Checkpoint()
		Yield()
		var mu Mutex
		mu.Lock()
		mu.Unlock()
		if n != 0 {
			t.Error("called though nothing waited")
		}
		Sleep(1)
		Sleep(1)
		if n != 11 {
			t.Errorf("n is %d", n)
		}
		if th.OnBlock(nil) {
			t.Error("it is pending still")
		}
		th.OnBlock(func() { n = 0 })
		if !th.OnBlock(nil) {
			t.Error("it was not pending")
		}
		Sleep(1)
	})
	settle(t, p)
	if n != 11 {
		t.Fatalf("n is %d", n)
	}
}

func TestAwait(t *testing.T) {
	for name, run := range map[string]func(fn func(*Thread)){
		"sim": func(fn func(*Thread)) {
			p, _ := card(t, nil)
			spawn(t, p, "awaits", fn)
			settle(t, p)
		},
		"host": func(fn func(*Thread)) { onHost(t, nil, fn) },
	} {
		t.Run(name, func(t *testing.T) {
			run(func(th *Thread) {
				n := 0
				for range 10 {
					Await(func() { n++ })
				}
				if n != 10 {
					t.Errorf("n is %d", n)
				}
				defer func() {
					v := recover()
					if !strings.Contains(fmt.Sprint(v), "oh") {
						t.Errorf("panicked with %v", v)
					}
				}()
				Await(func() { panic("oh") })
			})
		})
	}
}

func TestAwaitLetsOthersRun(t *testing.T) {
	onHost(t, nil, func(th *Thread) {
		c := make(chan int)
		th.p.Spawn("sender", Attributes{}, func(*Thread) { Await(func() { c <- 1 }) })
		Await(func() { <-c })
	})
}

func TestKillEndsAwaitContext(t *testing.T) {
	onHost(t, nil, func(th *Thread) {
		var began Event
		other, _ := th.p.Spawn("waits", Attributes{}, func(*Thread) {
			AwaitContext(context.Background(), func(ctx context.Context) {
				began.Signal()
				<-ctx.Done()
			})
			t.Error("it went on")
		})
		began.Wait(forever)
		other.Kill()
		other.Join(forever)
	})
}

// TestManySignalersLoseNothing has goroutines signal while threads wait, sleep
// and are awake, on the real machine and on its portable form.
func TestManySignalersLoseNothing(t *testing.T) {
	for name, m := range map[string]machine.Machine{"system": host.New(), "portable": host.New(host.Portable())} {
		t.Run(name, func(t *testing.T) {
			p := NewProcessor(Config{Machine: m})
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error)
			go func() { done <- p.Run(ctx) }()
			const pairs, rounds = 4, 300
			var wg sync.WaitGroup
			for range pairs {
				ask := new(Event)
				answer := make(chan struct{}, 1)
				p.Spawn("answers", Attributes{}, func(*Thread) {
					for range rounds {
						ask.Wait(forever)
						answer <- struct{}{}
					}
				})
				wg.Go(func() {
					for range rounds {
						ask.Signal()
						<-answer
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

// TestProcessorsShareMutexAndCond has threads of two processors meet.
func TestProcessorsShareMutexAndCond(t *testing.T) {
	m := host.New()
	ctx, cancel := context.WithCancel(context.Background())
	var ps [2]*Processor
	var done sync.WaitGroup
	for i := range ps {
		ps[i] = NewProcessor(Config{Machine: m, Exit: func(_ *Thread, f *Failure) { t.Error(f) }})
		done.Go(func() {
			if err := ps[i].Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	var mu Mutex
	c := Cond{L: &mu}
	turn, count, rounds := 0, 0, 300
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Add(1)
		_, err := ps[i%2].Spawn(fmt.Sprint(i), Attributes{Exit: func(*Thread, *Failure) { wg.Done() }}, func(*Thread) {
			for range rounds {
				mu.Lock()
				for turn != i {
					c.Wait(forever)
				}
				turn = (turn + 1) % 4
				count++
				c.Broadcast()
				mu.Unlock()
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	cancel()
	done.Wait()
	if count != 4*rounds {
		t.Fatalf("%d turns", count)
	}
}

// TestHotPathsAllocateNothing drives each path on the real machine.
func TestHotPathsAllocateNothing(t *testing.T) {
	onHost(t, nil, func(th *Thread) {
		p := th.p
		var ping, pong, stop Event
		var mu Mutex
		var word uint32
		other, _ := p.Spawn("other", Attributes{}, func(th *Thread) {
			for !stop.Signaled() {
				ping.Wait(forever)
				pong.Signal()
			}
		})
		tm := NewTimer(&pong)
		a, b := new(sched.Activity), new(sched.Activity)
		nothing := func() {}
		for name, fn := range map[string]func(){
			"yield":      func() { Yield() },
			"checkpoint": func() { Checkpoint() },
			"switch":     func() { ping.Signal(); pong.Wait(forever) },
			"sleep":      func() { Sleep(1) },
			"timeout":    func() { pong.Wait(Now()) },
			"mutex":      func() { mu.Lock(); mu.Unlock() },
			"word":       func() { WaitWord(&word, 0, Now()) },
			"timer":      func() { tm.Set(0, 0); pong.Wait(forever) },
			"activity":   func() { th.SetActivity(a); th.SetActivity(b) },
			"onblock":    func() { th.OnBlock(nothing); th.OnBlock(nil) },
			"await":      func() { th.Await(nothing) },
		} {
			if n := testing.AllocsPerRun(100, fn); n != 0 {
				t.Errorf("%s allocates %v times", name, n)
			}
		}
		stop.Signal()
		ping.Signal()
		other.Join(forever)
	})
}

func TestForeignSignalAllocatesNothing(t *testing.T) {
	p := NewProcessor(Config{Machine: host.New()})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	var ev Event
	answer := make(chan struct{})
	p.Spawn("waiter", Attributes{}, func(*Thread) {
		for {
			ev.Wait(forever)
			answer <- struct{}{}
		}
	})
	if n := testing.AllocsPerRun(200, func() { ev.Signal(); <-answer }); n != 0 {
		t.Errorf("a signal allocates %v times", n)
	}
	cancel()
	<-done
}
