package metal

import (
	"bytes"
	"errors"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// clock is package time's as a machine's.
type clock struct{ from time.Time }

func (c clock) Now() machine.Time { return machine.Time(time.Since(c.from)) }

// scripted is a Processor whose sleeps do what a test says.
type scripted struct {
	now      machine.Time
	attended int
	pending  int // interrupts to serve
	sleeps   []machine.Time
	during   func(until machine.Time) // a sleep
	kicks    int
}

func (s *scripted) Now() machine.Time { return s.now }
func (s *scripted) CycleRate() uint64 { return 0 }
func (s *scripted) Attend()           { s.attended++ }
func (s *scripted) Kick()             { s.kicks++ }

func (s *scripted) Serve() bool {
	did := s.pending > 0
	s.pending = 0
	return did
}

func (s *scripted) Sleep(until machine.Time) {
	s.sleeps = append(s.sleeps, until)
	if s.during != nil {
		s.during(until)
		return
	}
	s.now = until
}

func newScripted(t *testing.T) (*scripted, *Machine, machine.Idler) {
	t.Helper()
	p := &scripted{}
	m, err := NewMachine(MachineConfig{Processor: p, Console: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	return p, m, m.NewIdler(machine.Spare)
}

func TestIdleUntil(t *testing.T) {
	p, _, i := newScripted(t)
	p.during = func(until machine.Time) { p.now += 10 } // sleeps that end too soon
	if !i.Idle(nil, 35) || p.now < 35 || len(p.sleeps) != 4 {
		t.Errorf("at %d after %d sleeps", p.now, len(p.sleeps))
	}
	if i.Idle(nil, 20); len(p.sleeps) != 4 {
		t.Error("slept until what is past")
	}
}

func TestIdleWake(t *testing.T) {
	p, _, i := newScripted(t)
	i.Wake()
	i.Wake()
	if p.kicks != 1 {
		t.Errorf("%d kicks for two wakes", p.kicks)
	}
	if i.Idle(nil, machine.Forever); len(p.sleeps) != 0 {
		t.Error("a wake before the sleep was lost")
	}
	p.during = func(machine.Time) { i.Wake() }
	if i.Idle(nil, machine.Forever); len(p.sleeps) != 1 {
		t.Errorf("%d sleeps", len(p.sleeps))
	}
	p.during = func(machine.Time) { p.pending++ }
	if i.Idle(nil, machine.Forever); len(p.sleeps) != 2 {
		t.Error("an interrupt does not end a sleep")
	}
	if p.attended < 4 {
		t.Errorf("%d looks were announced", p.attended)
	}
}

func TestIdleWords(t *testing.T) {
	p, m, i := newScripted(t)
	var word uint32
	watch := []machine.Word{{Addr: &word}}
	p.during = func(machine.Time) { atomic.AddUint32(&word, 1) }
	if i.Idle(watch, machine.Forever); len(p.sleeps) != 1 || p.sleeps[0] != machine.Forever {
		t.Errorf("slept until %v for a word that is rung", p.sleeps)
	}
	if i.Idle(watch, machine.Forever); len(p.sleeps) != 1 {
		t.Error("slept though the word had changed")
	}
	// Nobody rings: it looks, and the less often the longer nothing happens.
	m.SetSilent(true)
	watch[0].Old, p.sleeps = word, nil
	p.during = func(until machine.Time) {
		if p.now = until; p.now > machine.Time(10*machine.Second) {
			atomic.AddUint32(&word, 1)
		}
	}
	i.Idle(watch, machine.Forever)
	if first := p.sleeps[0]; first > machine.Time(lookFirst) {
		t.Errorf("looked after %v first", first)
	}
	if n := len(p.sleeps); n < int(10*machine.Second/lookMost) || n > 2*int(10*machine.Second/lookMost) {
		t.Errorf("looked %d times in 10 s", n)
	}
	if m.Ring(&word); p.kicks != 1 {
		t.Error("a ring wakes nobody")
	}
}

func TestIdleDoesNotAllocate(t *testing.T) {
	p, _, i := newScripted(t)
	watch := make([]machine.Word, 1)
	watch[0].Addr = new(uint32)
	if n := testing.AllocsPerRun(100, func() {
		i.Wake()
		i.Idle(watch, machine.Forever)
		p.pending++
		i.Idle(watch, machine.Forever)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestWaiter(t *testing.T) {
	w := NewWaiter(clock{time.Now()})
	m, err := NewMachine(MachineConfig{Processor: w, Console: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	i := m.NewIdler(machine.Spare)
	until := m.Now().Add(2 * machine.Millisecond)
	if i.Idle(nil, until); m.Now() < until {
		t.Error("woke too soon")
	}
	done := make(chan struct{})
	go func() {
		i.Idle(nil, machine.Forever)
		close(done)
	}()
	i.Wake()
	<-done
	var word uint32
	go func() {
		atomic.StoreUint32(&word, 1)
		m.Ring(&word)
	}()
	i.Idle([]machine.Word{{Addr: &word}}, machine.Forever)
	if word == 0 {
		t.Error("woke for nothing, forever not having come")
	}
}

func TestMemory(t *testing.T) {
	const page = machine.PageSize
	p, err := newPool(make([]byte, 11*page))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		held := map[machine.Memory]byte{}
		for mark := range byte(40) {
			if len(held) > 0 && rapid.Bool().Draw(t, "release") {
				for m, want := range held {
					for _, b := range m.Bytes() {
						if b != want {
							t.Fatalf("memory was given out twice")
						}
					}
					if err := m.Release(); err != nil {
						t.Fatal(err)
					}
					if err := m.Release(); !errors.Is(err, com.ErrInvalid) {
						t.Fatal("released twice")
					}
					delete(held, m)
					break
				}
				continue
			}
			size := rapid.IntRange(1, 5*page).Draw(t, "size")
			m, err := p.take(size)
			if err != nil {
				if !errors.Is(err, com.ErrNoMemory) {
					t.Fatal(err)
				}
				continue
			}
			if len(m.Bytes()) != size {
				t.Fatalf("%d bytes instead of %d", len(m.Bytes()), size)
			}
			for i, b := range m.Bytes() {
				if b != 0 {
					t.Fatalf("byte %d is %d", i, b)
				}
				m.Bytes()[i] = mark + 1
			}
			held[m] = mark + 1
		}
		for m := range held {
			if err := m.Release(); err != nil {
				t.Fatal(err)
			}
		}
	})
	if len(p.taken) != 0 {
		t.Errorf("%d spans are lost", len(p.taken))
	}
	all, err := p.take(10 * page)
	if err != nil {
		t.Fatal("what was released is not one piece again:", err)
	}
	if err := all.Release(); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, -1, math.MaxInt} {
		if _, err := p.take(size); err == nil {
			t.Errorf("%d bytes", size)
		}
	}
	if _, err := newPool(make([]byte, 100)); !errors.Is(err, com.ErrInvalid) {
		t.Error("100 bytes of memory:", err)
	}
}
