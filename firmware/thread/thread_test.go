package thread

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const forever = machine.Forever

// card is a processor in virtual time that is closed at the end of the test and
// complains about threads that failed.
func card(t testing.TB, policy sched.Policy) (*Processor, *sim.Machine) {
	t.Helper()
	m := sim.New(1)
	p := NewProcessor(Config{Machine: m, Policy: policy, Exit: func(_ *Thread, f *Failure) {
		t.Errorf("%v\n%s", f, f.Stack)
	}})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, m
}

func spawn(t testing.TB, p *Processor, name string, fn func(*Thread)) *Thread {
	t.Helper()
	th, err := p.Spawn(name, Attributes{}, fn)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

// settle drives until every thread has ended.
func settle(t testing.TB, p *Processor) {
	t.Helper()
	if err := p.RunUntil(func() bool { return p.count == 0 && p.inbox.empty() }, forever); err != nil {
		t.Fatal(err)
	}
}

func TestThreadsTakeTurns(t *testing.T) {
	p, _ := card(t, sched.NewNull())
	var got []string
	for i := range 3 {
		spawn(t, p, fmt.Sprint("t", i), func(th *Thread) {
			for j := range 3 {
				got = append(got, fmt.Sprintf("%d%d", i, j))
				Yield()
			}
		})
	}
	settle(t, p)
	if s := strings.Join(got, " "); s != "00 10 20 01 11 21 02 12 22" {
		t.Fatalf("order %s", s)
	}
}

func TestCurrent(t *testing.T) {
	p, _ := card(t, nil)
	if Current() != nil {
		t.Fatal("a test is no thread")
	}
	for i := range 20 {
		var me *Thread
		me = spawn(t, p, fmt.Sprint(i), func(th *Thread) {
			for range 3 {
				if Current() != th || th != me {
					t.Error("the current thread is another")
				}
				Sleep(machine.Millisecond)
			}
		})
	}
	settle(t, p)
}

func TestSleepInVirtualTime(t *testing.T) {
	p, m := card(t, nil)
	var woke []machine.Time
	for _, d := range []machine.Duration{3, 1, 2} {
		spawn(t, p, "sleeper", func(*Thread) {
			Sleep(d * machine.Second)
			woke = append(woke, m.Now())
		})
	}
	settle(t, p)
	want := []machine.Time{1e9, 2e9, 3e9}
	if fmt.Sprint(woke) != fmt.Sprint(want) {
		t.Fatalf("woke at %v, want %v", woke, want)
	}
}

func TestWaitWord(t *testing.T) {
	p, m := card(t, nil)
	var word uint32
	var err1, err2 error
	spawn(t, p, "waiter", func(*Thread) {
		err1 = WaitWord(&word, 0, forever)
		err2 = WaitWord(&word, 1, m.Now().Add(machine.Second))
	})
	m.After(machine.Second, func() { word = 1 })
	settle(t, p)
	if err1 != nil || err2 != com.ErrTimeout || m.Now() != 2e9 {
		t.Fatalf("%v, %v at %v", err1, err2, m.Now())
	}
}

func TestPanicEndsItsThreadAlone(t *testing.T) {
	m := sim.New(1)
	var got *Failure
	p := NewProcessor(Config{Machine: m, Exit: func(_ *Thread, f *Failure) { got = f }})
	defer p.Close()
	var mu Mutex
	after := false
	spawn(t, p, "bad", func(*Thread) {
		mu.Lock()
		var none *sched.Activity
		none.Charge(1)
	})
	spawn(t, p, "good", func(*Thread) {
		mu.Lock()
		after = mu.Abandoned()
		mu.Unlock()
	})
	settle(t, p)
	if got == nil || !errors.Is(got, com.ErrPanic) || got.Held != 1 || !strings.Contains(string(got.Stack), "TestPanicEndsItsThreadAlone") {
		t.Fatalf("failure %+v", got)
	}
	if !after {
		t.Fatal("the mutex was not handed on with a mark")
	}
}

func TestPanicWithoutOwnerGoesToTheConsole(t *testing.T) {
	var console strings.Builder
	p := NewProcessor(Config{Machine: sim.New(1, sim.Console(&console))})
	defer p.Close()
	spawn(t, p, "orphan", func(*Thread) { panic("oh") })
	if _, err := p.Spawn("worse", Attributes{Exit: func(*Thread, *Failure) { panic("ah") }}, func(*Thread) {}); err != nil {
		t.Fatal(err)
	}
	settle(t, p)
	for _, want := range []string{"thread orphan panicked: oh", "thread_test.go", "its exit function panicked: ah"} {
		if !strings.Contains(console.String(), want) {
			t.Errorf("the console does not say %q:\n%s", want, console.String())
		}
	}
}

func TestGoexitEndsItsThreadAlone(t *testing.T) {
	m := sim.New(1)
	var got *Failure
	p := NewProcessor(Config{Machine: m, Exit: func(_ *Thread, f *Failure) { got = f }})
	others := 0
	spawn(t, p, "exits", func(*Thread) { runtime.Goexit() })
	for range 3 {
		spawn(t, p, "stays", func(*Thread) {
			Sleep(machine.Second)
			others++
		})
	}
	spawn(t, p, "stops", func(*Thread) {
		Sleep(2 * machine.Second)
		p.Stop()
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(t.Context())
	}()
	<-done
	if got == nil || got.Thread != "exits" || others != 3 {
		t.Fatalf("failure %v, %d others", got, others)
	}
}

func TestKillUnwinds(t *testing.T) {
	p, _ := card(t, nil)
	var log []string
	var ev Event
	var mu Mutex
	c := Cond{L: &mu}
	waits := map[string]func(){
		"event": func() { ev.Wait(forever) },
		"sleep": func() { SleepUntil(forever) },
		"word":  func() { var w uint32; WaitWord(&w, 0, forever) },
		"cond": func() {
			mu.Lock()
			defer mu.Unlock() // owns it, or the end would say so
			c.Wait(forever)
		},
		"spin": func() {
			for {
				Checkpoint()
				Yield()
			}
		},
	}
	names := []string{"event", "sleep", "word", "cond", "spin"}
	var ths []*Thread
	for _, n := range names {
		ths = append(ths, spawn(t, p, n, func(*Thread) {
			defer func() { log = append(log, n) }()
			waits[n]()
		}))
	}
	spawn(t, p, "killer", func(*Thread) {
		Yield()
		for _, th := range ths {
			th.Kill()
			if err := th.Join(forever); err != nil {
				t.Error(err)
			}
		}
	})
	settle(t, p)
	if strings.Join(log, " ") != strings.Join(names, " ") {
		t.Fatalf("unwound %v", log)
	}
}

func TestKillBeforeItBegins(t *testing.T) {
	p, _ := card(t, nil)
	var f *Failure
	th, err := p.Spawn("never", Attributes{Exit: func(_ *Thread, g *Failure) { f = g }}, func(*Thread) { t.Error("it ran") })
	if err != nil {
		t.Fatal(err)
	}
	th.Kill()
	settle(t, p)
	if !errors.Is(f, com.ErrCanceled) {
		t.Fatalf("failure %v", f)
	}
}

func TestCloseUnwindsThreadsThatWaitWhileUnwinding(t *testing.T) {
	m := sim.New(1)
	p := NewProcessor(Config{Machine: m})
	ended := 0
	for range 3 {
		spawn(t, p, "stubborn", func(*Thread) {
			defer func() { ended++ }()
			defer SleepUntil(forever)
			var ev Event
			defer func() {
				recover() // swallows the end
				ev.Wait(forever)
			}()
			ev.Wait(forever)
		})
	}
	if err := p.RunFor(machine.Second); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if ended != 3 {
		t.Fatalf("%d of 3 ended", ended)
	}
	if _, err := p.Spawn("late", Attributes{}, func(*Thread) {}); err != com.ErrClosed {
		t.Fatalf("Spawn on a closed processor: %v", err)
	}
}

func TestStallIsReported(t *testing.T) {
	p, _ := card(t, nil)
	var ev Event
	spawn(t, p, "lonely", func(*Thread) { ev.Wait(forever) })
	err := p.RunUntil(nil, forever)
	if !errors.Is(err, com.ErrWouldDeadlock) || !strings.Contains(err.Error(), "lonely (event)") {
		t.Fatalf("%v", err)
	}
}

func TestCallAdopts(t *testing.T) {
	p, _ := card(t, nil)
	n := 0
	if err := p.Call("guest", Attributes{}, func(th *Thread) {
		Sleep(machine.Second)
		n++
		if err := p.Call("inner", Attributes{}, func(in *Thread) {
			if in != th {
				t.Error("a thread was adopted")
			}
			n++
		}); err != nil {
			t.Error(err)
		}
	}); err != nil || n != 2 {
		t.Fatalf("%v, %d", err, n)
	}
	err := p.Call("guest", Attributes{}, func(*Thread) { panic("oh") })
	if !errors.Is(err, com.ErrPanic) {
		t.Fatalf("%v", err)
	}
}

func TestForeignGoroutinesAreRefused(t *testing.T) {
	var mu Mutex
	var ev Event
	for name, fn := range map[string]func(){
		"Lock":  mu.Lock,
		"Wait":  func() { ev.Wait(forever) },
		"Sleep": func() { Sleep(1) },
		"Await": func() { Await(func() {}) },
	} {
		func() {
			defer func() {
				if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "not a running thread") {
					t.Errorf("%s: %v", name, v)
				}
			}()
			fn()
		}()
	}
}
