package sched

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

var policies = map[string]func() Policy{
	"null":       func() Policy { return NewNull() },
	"roundrobin": func() Policy { return NewRoundRobin(0) },
}

func TestNames(t *testing.T) {
	for name, make := range policies {
		if got := make().Name(); got != name {
			t.Errorf("%s is called %s", name, got)
		}
	}
}

func TestPromisesAreNotSupported(t *testing.T) {
	for name, make := range policies {
		p := make()
		var e Entity
		if err := p.Add(&e, 0); err != nil {
			t.Fatal(err)
		}
		if err := p.Add(&e, 0); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%s: added twice: %v", name, err)
		}
		_, err1 := p.Reserve(new(Activity), 1, 2, 0)
		_, err2 := p.Begin(&e, Constraint{}, 0)
		_, err3 := p.End(&e, 0)
		_, _, err4 := p.EndBegin(&e, Constraint{}, 0)
		for i, err := range []error{err1, err2, err3, err4} {
			if !errors.Is(err, com.ErrNotSupported) {
				t.Errorf("%s: constraint call %d: %v", name, i, err)
			}
		}
		if p.Promises() != 0 {
			t.Errorf("%s keeps %d promises", name, p.Promises())
		}
	}
}

// model is a policy as slices, in the order in which entities get the processor.
type model struct {
	quantum machine.Duration // 0 for null
	in      map[*Entity]bool
	woken   []*Entity
	queue   []*Entity
	left    map[*Entity]machine.Duration
}

func (m *model) runnable(e *Entity) bool { return slices.Contains(m.order(), e) }

func (m *model) order() []*Entity { return slices.Concat(m.woken, m.queue) }

func (m *model) without(e *Entity) {
	is := func(o *Entity) bool { return o == e }
	m.woken, m.queue = slices.DeleteFunc(m.woken, is), slices.DeleteFunc(m.queue, is)
}

func (m *model) last(e *Entity) {
	m.without(e)
	m.queue = append(m.queue, e)
}

// TestAgainstModel compares each policy with the model over random operations.
func TestAgainstModel(t *testing.T) {
	for name, make := range policies {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { checkModel(t, make(), name) })
		})
	}
}

func checkModel(t *rapid.T, p Policy, name string) {
	m := model{in: map[*Entity]bool{}, left: map[*Entity]machine.Duration{}}
	if name == "roundrobin" {
		m.quantum = Quantum
	}
	entities := make([]Entity, 6)
	now := machine.Time(0)
	pick := func(t *rapid.T) *Entity { return &entities[rapid.IntRange(0, len(entities)-1).Draw(t, "entity")] }
	t.Repeat(map[string]func(*rapid.T){
		"add": func(t *rapid.T) {
			e := pick(t)
			if err := p.Add(e, now); (err == nil) == m.in[e] {
				t.Fatalf("Add: %v", err)
			}
			if !m.in[e] {
				m.left[e] = 0
			}
			m.in[e] = true
		},
		"remove": func(t *rapid.T) {
			e := pick(t)
			p.Remove(e, now)
			m.without(e)
			m.in[e] = false
		},
		"ready": func(t *rapid.T) {
			e := pick(t)
			preempt := false
			switch {
			case !m.in[e] || m.runnable(e):
			case m.left[e] > 0:
				preempt = len(m.woken) == 0 && len(m.queue) > 0
				m.woken = append(m.woken, e)
			default:
				m.last(e)
			}
			if p.Ready(e, now) != preempt {
				t.Fatalf("it asks to preempt, or does not ask")
			}
		},
		"block": func(t *rapid.T) {
			e := pick(t)
			p.Block(e, now)
			m.without(e)
		},
		"yield": func(t *rapid.T) {
			if e, _ := p.Pick(now); e != nil {
				p.Yield(e, now)
				m.last(e)
				m.left[e] = 0
			}
		},
		"run": func(t *rapid.T) {
			e, until := p.Pick(now)
			if e == nil {
				return
			}
			used := machine.Duration(rapid.Int64Range(0, int64(3*Quantum)).Draw(t, "used"))
			if until != machine.Forever && rapid.Bool().Draw(t, "punctual") {
				used = min(used, until.Sub(now))
			}
			now = now.Add(used)
			p.Charge(e, used, now)
			if m.quantum == 0 {
				return
			}
			if m.left[e] -= used; m.left[e] <= 0 {
				m.last(e)
			}
		},
		"": func(t *rapid.T) {
			e, until := p.Pick(now)
			var first *Entity
			if order := m.order(); len(order) > 0 {
				first = order[0]
			}
			if e != first {
				t.Fatalf("picks another than the model's %d waiting", len(m.order()))
			}
			if e != nil && m.left[e] <= 0 {
				m.left[e] = max(m.left[e]+m.quantum, m.quantum/8)
			}
			want := machine.Forever
			if e != nil && m.quantum > 0 {
				want = now.Add(m.left[e])
			}
			if until != want {
				t.Fatalf("until %v, the model says %v", until, want)
			}
		},
	})
}

// TestRoundRobinSharesEvenly runs threads that are always ready, with stretches
// of random length between checkpoints, and compares what they got.
func TestRoundRobinSharesEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const stretch = 400 * machine.Microsecond
		p := NewRoundRobin(0)
		n := rapid.IntRange(2, 20).Draw(t, "threads")
		chance := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		entities := make([]Entity, n)
		used := make(map[*Entity]machine.Duration)
		for i := range entities {
			if err := p.Add(&entities[i], 0); err != nil {
				t.Fatal(err)
			}
			p.Ready(&entities[i], 0)
		}
		now := machine.Time(0)
		for range 10 * n {
			e, until := p.Pick(now)
			for now < until {
				d := stretch/2 + machine.Duration(chance.Int64N(int64(stretch/2)))
				now = now.Add(d)
				used[e] += d
				p.Charge(e, d, now)
			}
			lo, hi := machine.Duration(1<<62), machine.Duration(0)
			for i := range entities {
				lo, hi = min(lo, used[&entities[i]]), max(hi, used[&entities[i]])
			}
			if hi-lo > Quantum+stretch {
				t.Fatalf("shares differ by %v", hi-lo)
			}
		}
	})
}

// TestWakersGetNoMoreThanTheirShare has one thread that wakes and blocks all the
// time beside others that compute: it is served at once, and gets no more.
func TestWakersGetNoMoreThanTheirShare(t *testing.T) {
	const burst, tick = 40 * machine.Microsecond, 50 * machine.Microsecond
	p := NewRoundRobin(0)
	entities := make([]Entity, 4)
	waker := &entities[0]
	used := map[*Entity]machine.Duration{}
	var waited, longest machine.Duration
	turns := 0
	for i := range entities {
		if err := p.Add(&entities[i], 0); err != nil {
			t.Fatal(err)
		}
		p.Ready(&entities[i], 0)
	}
	now := machine.Time(0)
	for now < machine.Time(10*machine.Second) {
		e, _ := p.Pick(now)
		d := machine.Duration(tick)
		if e == waker {
			d = burst
			longest = max(longest, waited)
			waited = 0
			turns++
		} else {
			waited += d
		}
		now = now.Add(d)
		used[e] += d
		p.Charge(e, d, now)
		if e == waker {
			p.Block(e, now)
		}
		p.Ready(waker, now)
	}
	if share := float64(used[waker]) / 10e9; share < 0.2 || share > 0.26 {
		t.Errorf("the waker got %.0f %% of the processor", 100*share)
	}
	if longest > 3*Quantum+tick {
		t.Errorf("it waited %v", longest)
	}
	if turns < 200*10 {
		t.Errorf("it had %d turns only", turns)
	}
}

func TestNothingAllocates(t *testing.T) {
	for name, make := range policies {
		p := make()
		entities := [10]Entity{}
		for i := range entities {
			if err := p.Add(&entities[i], 0); err != nil {
				t.Fatal(err)
			}
		}
		now := machine.Time(0)
		if n := testing.AllocsPerRun(100, func() {
			for i := range entities {
				p.Ready(&entities[i], now)
			}
			for range 20 {
				e, _ := p.Pick(now)
				now += 1e6
				p.Charge(e, 1e6, now)
				p.Yield(e, now)
			}
			for i := range entities {
				p.Block(&entities[i], now)
			}
		}); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// BenchmarkDecision is what a switch from one thread to the next costs the
// policy, by the number of ready threads.
func BenchmarkDecision(b *testing.B) {
	for _, name := range []string{"null", "roundrobin"} {
		for _, n := range []int{1, 10, 100, 1000, 10000} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				p := policies[name]()
				entities := make([]Entity, n)
				for i := range entities {
					if err := p.Add(&entities[i], 0); err != nil {
						b.Fatal(err)
					}
					p.Ready(&entities[i], 0)
				}
				b.ReportAllocs()
				now := machine.Time(0)
				for b.Loop() {
					e, _ := p.Pick(now)
					now++
					p.Charge(e, 1, now)
					p.Yield(e, now)
				}
			})
		}
	}
}
