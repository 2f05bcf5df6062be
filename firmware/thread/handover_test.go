package thread

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/trace"
)

// handing returns a processor in Run that goes on soon without a thread, and what
// ends it.
func handing(t *testing.T) (p *Processor, log *trace.Log, end func() error) {
	t.Helper()
	log = trace.NewLog(0)
	p = NewProcessor(Config{Machine: host.New(), HandOver: 3 * ms, Trace: log, Exit: func(_ *Thread, f *Failure) {
		t.Errorf("%v\n%s", f, f.Stack)
	}})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	return p, log, func() error {
		cancel()
		return <-done
	}
}

// spin computes without checkpoints until a flag is set.
func spin(flag *atomic.Bool) {
	for !flag.Load() {
		runtime.Gosched()
	}
}

// A thread that has no checkpoint until another one has run: it never ends unless
// the processor goes on without it.
func TestHandOver(t *testing.T) {
	p, log, end := handing(t)
	const rounds = 3
	var runs atomic.Int32
	shared := 0 // by whoever runs, between checkpoints
	var all []*Thread
	for i := range 2 {
		th, err := p.Spawn([]string{"one", "two"}[i], Attributes{}, func(me *Thread) {
			for range rounds {
				before := runs.Load()
				for runs.Load() == before { // somebody else has to get the processor meanwhile
					runtime.Gosched()
				}
				me.Checkpoint()
				for range 100 {
					shared++
					me.Yield()
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, th)
	}
	stop := false
	counter, err := p.Spawn("counter", Attributes{}, func(me *Thread) {
		for !stop {
			runs.Add(1)
			shared++
			me.SleepUntil(me.now().Add(ms / 2))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	var infos []Info
	if err := p.Call("judge", Attributes{}, func(*Thread) {
		for _, th := range all {
			th.Join(forever)
		}
		infos = p.Threads(nil)
		stop = true
		counter.Join(forever)
		if shared < 2*rounds*100 {
			t.Errorf("shared is %d", shared)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	left, back := 0, 0
	for _, r := range records(t, log, trace.LeftBehind, trace.Rejoined) {
		switch {
		case r.Kind == trace.Rejoined:
			back++
		case r.A < int64(ms):
			t.Errorf("left behind after %v: %v", machine.Duration(r.A), r)
		default:
			left++
		}
	}
	if left != back || left == 0 {
		t.Errorf("left behind %d times, back %d times", left, back)
	}
	if len(infos) == 0 || p.over.behind != 0 || p.section.Wanted() {
		t.Errorf("%d threads, %d left behind at the end", len(infos), p.over.behind)
	}
}

// What the processor knows of a thread that it has left behind.
func TestStatusOfOneLeftBehind(t *testing.T) {
	p, _, end := handing(t)
	var release, seen atomic.Bool
	lost, err := p.Spawn("lost", Attributes{}, func(*Thread) {
		spin(&release)
		Checkpoint()
		seen.Store(true)
	})
	if err != nil {
		t.Fatal(err)
	}
	var in Info
	if err := p.Call("observer", Attributes{}, func(*Thread) { // which runs beside it
		for _, i := range p.Threads(nil) {
			if i.ID == lost.ID() {
				in = i
			}
		}
		if seen.Load() {
			t.Error("it rejoined before its time")
		}
		release.Store(true)
		if err := lost.Join(forever); err != nil {
			t.Error(err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if in.State != LeftBehind || in.State.String() != "left behind" || in.Left != 1 || in.Stretch < ms {
		t.Errorf("%+v", in)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

// A processor alone with one thread does not leave it, and serves questions.
func TestNoHandOverToNobody(t *testing.T) {
	p, log, end := handing(t)
	var release atomic.Bool
	if _, err := p.Spawn("alone", Attributes{}, func(*Thread) { spin(&release) }); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if in := p.Threads(nil); len(in) != 1 || in[0].State == LeftBehind {
			t.Errorf("%+v", in)
		}
	}
	release.Store(true)
	if err := end(); err != nil {
		t.Error(err)
	}
	if rs := records(t, log, trace.LeftBehind); len(rs) > 1 { // at the end others would have to unwind
		t.Errorf("%v", rs)
	}
}

// A thread that is left behind may wait, lock, signal, spawn, panic and end: each
// of it waits for its turn first.
func TestRejoinByAnyPrimitive(t *testing.T) {
	p, log, end := handing(t)
	var mu Mutex
	var ev, never Event
	cond := Cond{L: &mu}
	var word uint32
	ways := map[string]func(me *Thread){
		"checkpoint": func(*Thread) { Checkpoint() },
		"yield":      func(*Thread) { Yield() },
		"sleep":      func(*Thread) { Sleep(0) },
		"now":        func(*Thread) { Now() },
		"signal":     func(*Thread) { ev.Signal() },
		"wait":       func(*Thread) { never.Wait(0) },
		"mutex":      func(*Thread) { mu.Lock(); mu.Unlock() },
		"try":        func(*Thread) { mu.LockUntil(0) },
		"cond":       func(*Thread) { mu.Lock(); cond.Wait(0); mu.Unlock() },
		"broadcast":  func(*Thread) { cond.Broadcast() },
		"timer":      func(*Thread) { NewTimer(&ev).Set(0, 0) },
		"word":       func(me *Thread) { me.WaitWord(&word, 0, 0) },
		"await":      func(*Thread) { Await(func() {}) },
		"spawn":      func(me *Thread) { me.p.Spawn("child", Attributes{}, func(*Thread) {}) },
		"status":     func(me *Thread) { me.p.Status() },
		"kill":       func(me *Thread) { me.Kill() },
		"return":     func(*Thread) {},
		"panic":      func(*Thread) { panic("lost") },
		"goexit":     func(*Thread) { runtime.Goexit() },
	}
	names := make([]string, 0, len(ways))
	for n := range ways {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		var release atomic.Bool
		var failure *Failure
		lost, err := p.Spawn(n, Attributes{Exit: func(_ *Thread, f *Failure) { failure = f }}, func(me *Thread) {
			spin(&release)
			ways[n](me)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Call("releases "+n, Attributes{}, func(*Thread) {
			release.Store(true)
			if err := lost.Join(forever); err != nil {
				t.Error(n, err)
			}
		}); err != nil {
			t.Fatal(n, err)
		}
		want := map[string]com.Code{"kill": com.ErrCanceled, "panic": com.ErrPanic, "goexit": com.ErrPanic, "try": com.ErrFailed}[n]
		if failure == nil && want != 0 || failure != nil && com.CodeOf(failure) != want {
			t.Errorf("%s ended by %v", n, failure)
		}
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if l, b := len(records(t, log, trace.LeftBehind)), len(records(t, log, trace.Rejoined)); l < len(ways) || l != b {
		t.Errorf("left behind %d times, back %d times", l, b)
	}
}

// Stop while a thread is left behind: the others end at once, and Run returns when
// that one comes back.
func TestStopWhileOneIsLeftBehind(t *testing.T) {
	for _, how := range []string{"checkpoint", "panic", "goexit", "return"} {
		p := NewProcessor(Config{Machine: host.New(), HandOver: 3 * ms})
		done := make(chan error, 1)
		go func() { done <- p.Run(context.Background()) }()
		for !p.Running() {
			runtime.Gosched()
		}
		var release atomic.Bool
		var failure *Failure
		var other Event
		others := make(chan struct{})
		if _, err := p.Spawn("waits", Attributes{Exit: func(*Thread, *Failure) { close(others) }}, func(*Thread) { other.Wait(forever) }); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Spawn("lost", Attributes{Exit: func(_ *Thread, f *Failure) { failure = f }}, func(*Thread) {
			spin(&release)
			switch how {
			case "checkpoint":
				for {
					Checkpoint()
				}
			case "panic":
				panic("lost")
			case "goexit":
				runtime.Goexit()
			}
		}); err != nil {
			t.Fatal(err)
		}
		if err := p.Call("stops", Attributes{}, func(*Thread) { p.Stop() }); err != nil && !strings.Contains(err.Error(), "ended") && com.CodeOf(err) != com.ErrCanceled {
			t.Error(err)
		}
		<-others
		release.Store(true)
		if err := <-done; err != nil {
			t.Errorf("%s: %v", how, err)
		}
		if how == "checkpoint" && (failure == nil || failure.Err != com.ErrCanceled) || how == "panic" && failure.Value != "lost" {
			t.Errorf("%s: ended by %v", how, failure)
		}
	}
}

// Under RunUntil, too, others go on; it returns once its goroutine is free.
func TestHandOverUnderRunUntil(t *testing.T) {
	p := NewProcessor(Config{Machine: host.New(), HandOver: 3 * ms})
	var release atomic.Bool
	rounds := 0
	if _, err := p.Spawn("lost", Attributes{}, func(*Thread) { spin(&release); Checkpoint() }); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Spawn("goes on", Attributes{}, func(*Thread) {
		for range 100 {
			rounds++
			Yield()
		}
		release.Store(true)
	}); err != nil {
		t.Fatal(err)
	}
	if err := p.RunUntil(func() bool { return rounds == 100 }, forever); err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// Many threads with stretches around the limit, that share data between
// checkpoints as the package allows for shorter ones, and take turns to be left
// behind.
func TestHandOverAtRandom(t *testing.T) {
	p, log, end := handing(t)
	var ready [4]Event
	var count atomic.Int64
	var all []*Thread
	for i := range ready {
		th, err := p.Spawn("worker", Attributes{}, func(me *Thread) {
			for k := range 30 {
				at := p.Now().Add(machine.Duration((i*7+k*5)%9) * ms)
				for k%3 == 0 && p.Now() < at {
					runtime.Gosched()
				}
				count.Add(1)
				ready[(i+1)%len(ready)].Signal()
				ready[i].Wait(p.Now().Add(ms))
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, th)
	}
	if err := p.Call("judge", Attributes{}, func(*Thread) {
		for _, th := range all {
			if err := th.Join(forever); err != nil {
				t.Error(err)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if count.Load() != 4*30 {
		t.Errorf("%d rounds", count.Load())
	}
	if l, b := len(records(t, log, trace.LeftBehind)), len(records(t, log, trace.Rejoined)); l != b {
		t.Errorf("left behind %d times, back %d times", l, b)
	}
}

// Within a section the processor waits.
func TestNoHandOverWithinASection(t *testing.T) {
	p, log, end := handing(t)
	beside := false
	long, err := p.Spawn("long", Attributes{}, func(me *Thread) {
		outer := me.Enter()
		inner := me.Enter()
		me.Leave(inner)
		for until := p.Now().Add(20 * ms); p.Now() < until; {
			runtime.Gosched()
		}
		if beside {
			t.Error("another thread ran beside a section")
		}
		me.Leave(outer)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Call("other", Attributes{}, func(*Thread) {
		beside = true
		long.Join(forever)
	}); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if rs := records(t, log, trace.LeftBehind); len(rs) != 0 {
		t.Errorf("%v", rs)
	}
}

// What a thread wanted to happen before it waits happens when it is left behind.
func TestHookOfOneLeftBehind(t *testing.T) {
	p, _, end := handing(t)
	var next Event
	calls := 0
	done := false
	lost, err := p.Spawn("lost", Attributes{}, func(me *Thread) {
		var over atomic.Bool
		me.OnBlock(func() {
			calls++
			next.Signal()
			if _, err := p.Spawn("heir", Attributes{}, func(*Thread) { over.Store(true) }); err != nil {
				t.Error(err)
			}
		})
		spin(&over) // until its heir has run
		if me.OnBlock(nil) {
			t.Error("the hook is still to be called")
		}
		done = true
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Call("other", Attributes{}, func(*Thread) {
		next.Wait(forever)
		lost.Join(forever)
	}); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if calls != 1 || !done {
		t.Errorf("the hook was called %d times; done: %v", calls, done)
	}
}

// A thread that was left behind may signal and look at the clock while it holds a
// lock of Go's that others of its processor wait for.
func TestSignalDoesNotWaitForATurn(t *testing.T) {
	p, _, end := handing(t)
	var mu sync.Mutex
	var ev Event
	var release atomic.Bool
	waiter, err := p.Spawn("waiter", Attributes{}, func(*Thread) { ev.Wait(forever) })
	if err != nil {
		t.Fatal(err)
	}
	lost, err := p.Spawn("lost", Attributes{}, func(*Thread) {
		mu.Lock()
		spin(&release)
		ev.Signal()
		Now()
		mu.Unlock()
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Call("other", Attributes{}, func(*Thread) {
		release.Store(true)
		mu.Lock() // the processor waits here
		mu.Unlock()
		lost.Join(forever)
		waiter.Join(forever)
	}); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}
