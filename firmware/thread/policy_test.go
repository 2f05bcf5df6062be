package thread

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/trace"
)

// TestSharesAreEven has threads work without end under round robin and compares
// what they were given, by thread and by activity.
func TestSharesAreEven(t *testing.T) {
	m := sim.New(1)
	p := NewProcessor(Config{Machine: m})
	defer p.Close()
	acts := []*sched.Activity{{Name: "one"}, {Name: "two"}}
	for i := range 6 {
		work := machine.Duration(3+i) * 10 * machine.Microsecond
		if _, err := p.Spawn(fmt.Sprint(i), Attributes{Activity: acts[i%2]}, func(th *Thread) {
			for {
				m.Advance(work)
				th.Checkpoint()
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.RunFor(10 * machine.Second); err != nil {
		t.Fatal(err)
	}
	var sum machine.Duration
	for _, in := range p.Threads(nil) {
		sum += in.CPU
		if d := in.CPU - 10*machine.Second/6; d > sched.Quantum || d < -sched.Quantum {
			t.Errorf("%s got %v", in.Name, in.CPU)
		}
		if in.Stretch > 80*machine.Microsecond || in.Stretch < 30*machine.Microsecond {
			t.Errorf("%s went %v without a checkpoint", in.Name, in.Stretch)
		}
	}
	if both := acts[0].Used() + acts[1].Used(); both != sum || sum > 10*machine.Second+100*machine.Microsecond || sum < 9999*machine.Millisecond {
		t.Errorf("threads used %v, activities %v", sum, both)
	}
}

func TestStretchesAndOverrunsAreKept(t *testing.T) {
	p, m := card(t, nil)
	var in []Info
	spawn(t, p, "rude", func(th *Thread) {
		for range 2 {
			m.Advance(11 * machine.Millisecond) // a millisecond beyond the quantum
			Checkpoint()
		}
		m.Advance(machine.Millisecond)
		in = p.Threads(nil)
	})
	spawn(t, p, "other", func(*Thread) { Sleep(machine.Second) })
	settle(t, p)
	if len(in) != 2 || in[0].Name != "rude" || in[0].State != Running || in[1].Waits != "time" {
		t.Fatalf("%+v", in)
	}
	if in[0].Stretch != 11*machine.Millisecond || in[0].Overruns != 2 || in[0].CPU != 23*machine.Millisecond {
		t.Fatalf("%+v", in[0])
	}
}

func TestActivityIsChargedForWhatIsDoneOnItsBehalf(t *testing.T) {
	p, m := card(t, nil)
	own, client := &sched.Activity{Name: "own"}, &sched.Activity{Name: "client"}
	if _, err := p.Spawn("server", Attributes{Activity: own}, func(th *Thread) {
		m.Advance(3)
		if th.SetActivity(client) != own {
			t.Error("it was another")
		}
		m.Advance(5)
		if _, err := p.Spawn("helper", Attributes{}, func(h *Thread) {
			m.Advance(7)
			if h.Activity() != client {
				t.Error("the activity is not inherited")
			}
		}); err != nil {
			t.Error(err)
		}
		Sleep(100)
		th.SetActivity(own)
		m.Advance(11)
	}); err != nil {
		t.Fatal(err)
	}
	settle(t, p)
	if own.Used() != 14 || client.Used() != 12 {
		t.Fatalf("own %v, client %v", own.Used(), client.Used())
	}
}

func TestPolicyIsReplacedWhileThreadsRun(t *testing.T) {
	p, m := card(t, sched.NewNull())
	n := [3]int{}
	for i := range n {
		spawn(t, p, fmt.Sprint(i), func(th *Thread) {
			for {
				m.Advance(machine.Millisecond)
				n[i]++
				th.Checkpoint()
			}
		})
	}
	p.RunFor(machine.Second)
	if n[0] != 1000 || n[1]+n[2] != 0 {
		t.Fatalf("null let them run %v", n)
	}
	if err := p.SetPolicy(sched.NewRoundRobin(0)); err != nil {
		t.Fatal(err)
	}
	p.RunFor(3 * machine.Second)
	if n[1] < 900 || n[2] < 900 {
		t.Fatalf("round robin let them run %v", n)
	}
	if s, err := p.Status(); err != nil || s.Policy != "roundrobin" || s.Threads != 3 || s.Runnable != 3 {
		t.Fatalf("%+v, %v", s, err)
	}
	spawn(t, p, "changer", func(*Thread) {
		if err := p.SetPolicy(sched.NewNull()); err != nil {
			t.Error(err)
		}
		if err := p.SetPolicy(&picky{Null: sched.NewNull()}); !errors.Is(err, com.ErrQuota) {
			t.Errorf("%v", err)
		}
		if p.policy.Name() != "null" {
			t.Error("the refused policy stays")
		}
	})
	p.RunFor(machine.Second)
	if err := p.SetPolicy(&picky{Null: sched.NewNull(), room: 3, promises: 1}); err != nil {
		t.Fatal(err)
	}
	if err := p.SetPolicy(sched.NewNull()); !errors.Is(err, com.ErrBusy) {
		t.Fatalf("a policy with promises was replaced: %v", err)
	}
	if _, err := p.Spawn("one too many", Attributes{Exit: func(_ *Thread, f *Failure) {
		if !errors.Is(f, com.ErrQuota) {
			t.Error(f)
		}
		n[0] = -1
	}}, func(*Thread) { t.Error("it runs") }); err != nil {
		t.Fatal(err)
	}
	p.RunFor(machine.Millisecond)
	if n[0] > 0 {
		t.Fatal("the refusal was not told")
	}
}

// picky is null with a limit.
type picky struct {
	*sched.Null
	room     int
	promises int
}

func (p *picky) Add(e *sched.Entity, now machine.Time) error {
	if p.room == 0 {
		return com.ErrQuota
	}
	p.room--
	return p.Null.Add(e, now)
}

func (p *picky) Promises() int { return p.promises }

func TestConstraintsAreNotSupported(t *testing.T) {
	p, _ := card(t, nil)
	spawn(t, p, "asks", func(*Thread) {
		_, err1 := BeginConstraint(sched.Constraint{Estimate: 1, Deadline: 10})
		_, err2 := EndConstraint()
		_, _, err3 := NextConstraint(sched.Constraint{Estimate: 1, Deadline: 10})
		_, err4 := Reserve(&sched.Activity{}, 1, 10)
		for i, err := range []error{err1, err2, err3, err4} {
			if !errors.Is(err, com.ErrNotSupported) {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
	settle(t, p)
}

// verify panics if a processor's accounts of its threads do not add up.
func verify(p *Processor) {
	runnable, watching, alarmed := 0, 0, 0
	for t, n := p.all, p.count; n > 0; t, n = t.next, n-1 {
		switch t.state {
		case Ready, Running:
			runnable++
			if t.qnext != nil || t.on != nil && t.alarm.index != 0 && t.state == Running {
				panic(t.name + " is ready and waits")
			}
		case Blocked:
			switch w := t.on.(type) {
			case *watchWait:
				watching++
			case *eventWait, *mutexWait, *condWait:
				if t.qnext == nil {
					panic(t.name + " waits in no queue")
				}
				if m, ok := w.(*mutexWait); ok && t.ent.Waits != &(*Mutex)(m).owner.Load().ent {
					panic(t.name + " waits for another than the owner")
				}
			}
		default:
			panic(t.name + " is " + t.state.String() + " and still here")
		}
		if t.alarm.index != 0 {
			alarmed++
		}
		for m := t.held; m != nil; m = m.held {
			if m.owner.Load() != t {
				panic(t.name + " holds what it does not own")
			}
		}
	}
	if runnable != p.runnable || watching != len(p.watches) || alarmed > len(p.alarms.heap) {
		panic(fmt.Sprintf("%d runnable, not %d; %d watching, not %d", runnable, p.runnable, watching, len(p.watches)))
	}
}

// scenario runs threads that do all kinds of things, drawn from a seed, and
// returns what was traced.
func scenario(seed uint64, policy sched.Policy) (rs []trace.Record) {
	m := sim.New(seed, sim.Jitter(50*machine.Microsecond))
	log := trace.NewLog(1 << 16)
	p := NewProcessor(Config{Machine: m, Policy: policy, Trace: log})
	defer func() {
		if err := p.Close(); err != nil {
			panic(err)
		}
	}()
	var mus [3]Mutex
	var evs [3]Event
	cond := Cond{L: &mus[0]}
	words := [3]uint32{}
	m.Every(machine.Millisecond, func() bool {
		evs[m.Rand().IntN(3)].Signal()
		words[m.Rand().IntN(3)]++
		return true
	})
	var all []*Thread
	for i := range 8 {
		t, err := p.Spawn(fmt.Sprint(i), Attributes{}, func(t *Thread) {
			for range 200 {
				verify(p)
				k := m.Rand().IntN(3)
				soon := m.Now().Add(machine.Duration(m.Rand().IntN(5)) * machine.Millisecond)
				switch m.Rand().IntN(10) {
				case 0:
					evs[k].Wait(soon)
				case 1:
					evs[k].Signal()
				case 2:
					if mus[k].LockUntil(soon) == nil {
						SleepUntil(soon)
						mus[k].Unlock()
					}
				case 3:
					mus[0].Lock()
					cond.Wait(soon)
					cond.Broadcast()
					mus[0].Unlock()
				case 4:
					t.WaitWord(&words[k], words[k], soon)
				case 5:
					Yield()
				case 6, 7:
					for range m.Rand().IntN(500) {
						m.Advance(40 * machine.Microsecond)
						Checkpoint()
					}
				case 8:
					Await(func() { m.Advance(1000) })
				case 9:
					if v := all[m.Rand().IntN(8)]; m.Rand().IntN(300) == 0 && v != nil {
						v.Kill()
					}
				}
			}
		})
		if err != nil {
			panic(err)
		}
		all = append(all, t)
	}
	if err := p.RunFor(20 * machine.Second); err != nil && com.CodeOf(err) != com.ErrWouldDeadlock {
		panic(err)
	}
	rs = make([]trace.Record, log.Next())
	if _, _, lost := log.Read(0, rs); lost > 0 {
		panic("the log is too small")
	}
	return rs
}

func TestOneSeedOneTrace(t *testing.T) {
	for name, policy := range map[string]func() sched.Policy{
		"null":       func() sched.Policy { return sched.NewNull() },
		"roundrobin": func() sched.Policy { return sched.NewRoundRobin(0) },
	} {
		for seed := range uint64(8) {
			a, b := scenario(seed, policy()), scenario(seed, policy())
			if len(a) < 1000 {
				t.Fatalf("%s, seed %d: a trace of %d records only, ending in %v", name, seed, len(a), a[len(a)-1])
			}
			for i := range a {
				if i >= len(b) || a[i] != b[i] {
					t.Fatalf("%s, seed %d: record %d differs", name, seed, i)
				}
			}
		}
		if slices.Equal(scenario(1, policy()), scenario(2, policy())) {
			t.Fatalf("%s: two seeds, one trace", name)
		}
	}
}

// TestAnHourIsQuick lets a card with a 5.8 ms period run for an hour.
func TestAnHourIsQuick(t *testing.T) {
	p, m := card(t, nil)
	periods := 0
	spawn(t, p, "audio", func(th *Thread) {
		var ev Event
		tm := NewTimer(&ev)
		tm.Set(m.Now(), 5800*machine.Microsecond)
		for {
			ev.Wait(forever)
			periods++
		}
	})
	seconds := 3600
	if raceDetector {
		seconds = 60
	}
	if err := p.RunFor(machine.Duration(seconds) * machine.Second); err != nil {
		t.Fatal(err)
	}
	if want := seconds*1000000/5800 + 1; periods != want {
		t.Fatalf("%d periods, not %d", periods, want)
	}
}

// TestAlarms compares the heap of times with a sorted slice.
func TestAlarms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h alarms
		var items [10]alarm
		set := map[*alarm]machine.Time{}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				a := &items[rapid.IntRange(0, 9).Draw(t, "alarm")]
				at := machine.Time(rapid.IntRange(0, 20).Draw(t, "at"))
				h.set(a, at)
				set[a] = at
			},
			"clear": func(t *rapid.T) {
				a := &items[rapid.IntRange(0, 9).Draw(t, "alarm")]
				h.clear(a)
				delete(set, a)
			},
			"": func(t *rapid.T) {
				first := forever
				for a, at := range set {
					first = min(first, at)
					if h.heap[a.index-1] != a {
						t.Fatal("an alarm is not where it says")
					}
				}
				if len(h.heap) != len(set) || h.first() != first {
					t.Fatalf("%d alarms, first at %v; the model has %d, first at %v", len(h.heap), h.first(), len(set), first)
				}
			},
		})
		last, seq := machine.Time(-1), uint64(0)
		for len(h.heap) > 0 {
			a := h.heap[0]
			if a.at < last || a.at == last && a.seq < seq {
				t.Fatal("out of order")
			}
			last, seq = a.at, a.seq
			h.clear(a)
		}
	})
}

// TestWakersAreServedAtTheNextCheckpoint has a thread answer interrupts beside
// two that compute.
func TestWakersAreServedAtTheNextCheckpoint(t *testing.T) {
	p, m := card(t, nil)
	for range 2 {
		spawn(t, p, "computes", func(th *Thread) {
			for {
				m.Advance(40 * machine.Microsecond)
				th.Checkpoint()
			}
		})
	}
	var ev Event
	var rang machine.Time
	prompt := 0
	spawn(t, p, "answers", func(*Thread) {
		for {
			ev.Wait(forever)
			if m.Now().Sub(rang) <= 40*machine.Microsecond {
				prompt++
			}
			m.Advance(10 * machine.Microsecond)
		}
	})
	m.Every(machine.Millisecond, func() bool {
		if !ev.Signaled() {
			rang = m.Now()
		}
		ev.Signal()
		return true
	})
	if err := p.RunFor(10 * machine.Second); err != nil {
		t.Fatal(err)
	}
	// After a thousand answers its quantum is used up, and it waits for its turn.
	if prompt < 9800 || prompt > 9990 {
		t.Fatalf("%d answers of 10000 were prompt", prompt)
	}
}
