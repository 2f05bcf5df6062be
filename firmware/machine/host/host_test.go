package host

import (
	"errors"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/cpu"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// both runs a test on the system's means and on portable ones.
func both(t *testing.T, fn func(t *testing.T, m *Machine)) {
	t.Run("system", func(t *testing.T) { fn(t, New()) })
	t.Run("portable", func(t *testing.T) { fn(t, New(Portable())) })
}

func TestClockAdvances(t *testing.T) {
	m := New()
	last := m.Now()
	for range 1000 {
		now := m.Now()
		if now < last {
			t.Fatalf("%v after %v", now, last)
		}
		last = now
	}
	other := New()
	const near = machine.Millisecond
	if a, b, c := m.Now(), other.Now(), m.Now(); a > b.Add(near) || b > c.Add(near) {
		t.Fatalf("two machines of one system show %v, %v and %v", a, b, c)
	}
}

func TestCycleRateFitsTheClock(t *testing.T) {
	m := New()
	rate := m.CycleRate()
	if rate == 0 {
		if f := cpu.Detect(); f.Counter {
			t.Fatal("the counter is not used")
		}
		return
	}
	// Between the readings of counter and clock any time may pass.
	a, t0, b := cpu.Cycles(), m.Now(), cpu.Cycles()
	i := m.NewIdler(machine.Spare)
	for m.Now().Sub(t0) < 20*machine.Millisecond {
		i.Idle(nil, t0.Add(20*machine.Millisecond))
	}
	c, t1, d := cpu.Cycles(), m.Now(), cpu.Cycles()
	due := float64(rate) * t1.Sub(t0).Seconds()
	if least, most := float64(c-b)/due, float64(d-a)/due; most < 0.98 || least > 1.02 {
		t.Fatalf("the counter runs at %v to %v times its rate", least, most)
	}
}

func TestIdleEnds(t *testing.T) {
	both(t, func(t *testing.T, m *Machine) {
		for _, kind := range []machine.Kind{machine.Spare, machine.RealTime} {
			i := m.NewIdler(kind)
			i.Wake()
			i.Idle(nil, machine.Forever) // woken before
			start := m.Now()
			for until := start.Add(2 * machine.Millisecond); m.Now() < until; {
				i.Idle(nil, until)
			}
			var word uint32 = 1
			i.Idle([]machine.Word{{Addr: &word, Old: 0}}, machine.Forever) // differs already
			i.Idle(nil, start)                                             // is past
			i.Idle(nil, -1)
			i.Close()
			i.Wake()
		}
	})
}

// TestNoWakeIsLost has one goroutine sleep and another wake it, each time anew,
// by turns by Wake and by a word.
func TestNoWakeIsLost(t *testing.T) {
	both(t, func(t *testing.T, m *Machine) {
		i := m.NewIdler(machine.Spare)
		var posted, taken atomic.Uint32
		var word uint32
		const n = 4000
		var wg sync.WaitGroup
		wg.Go(func() {
			for k := uint32(1); k <= n; k++ {
				for old := atomic.LoadUint32(&word); posted.Load() != k; old = atomic.LoadUint32(&word) {
					i.Idle([]machine.Word{{Addr: &word, Old: old}}, machine.Forever)
				}
				taken.Store(k)
			}
		})
		for k := uint32(1); k <= n; k++ {
			posted.Store(k)
			if k%2 == 0 {
				i.Wake()
			} else {
				atomic.AddUint32(&word, 1)
				m.Ring(&word)
			}
			for n := 0; taken.Load() != k; n++ {
				if k%3 == 0 && n < 100 {
					cpu.Pause(10) // the sleeper has hardly time to fall asleep, if there is a processor for it
				} else {
					runtime.Gosched()
				}
			}
		}
		wg.Wait()
	})
}

func TestManyWords(t *testing.T) {
	both(t, func(t *testing.T, m *Machine) {
		i := m.NewIdler(machine.Spare)
		words := make([]uint32, 300)
		watch := make([]machine.Word, len(words))
		for k := range words {
			watch[k] = machine.Word{Addr: &words[k]}
		}
		for _, k := range []int{0, 126, 127, 299} {
			go func() {
				atomic.StoreUint32(&words[k], 1)
				m.Ring(&words[k])
			}()
			for !watch[k].Changed() {
				i.Idle(watch, machine.Forever)
			}
			watch[k].Old = 1
		}
	})
}

func TestMemory(t *testing.T) {
	m := New()
	for _, size := range []int{0, -5, math.MinInt, math.MaxInt} {
		if _, err := m.NewMemory(size); !errors.Is(err, com.ErrInvalid) && !errors.Is(err, com.ErrNoMemory) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	mem, err := m.NewMemory(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	b := mem.Bytes()
	if len(b) != 1<<20 {
		t.Fatalf("%d bytes", len(b))
	}
	for i := range b {
		if b[i] != 0 {
			t.Fatal("not zeroed")
		}
		b[i] = byte(i)
	}
	if err := mem.Release(); err != nil {
		t.Fatal(err)
	}
	if err := mem.Release(); !errors.Is(err, com.ErrInvalid) {
		t.Fatalf("released twice: %v", err)
	}
}

func TestIdleAllocatesNothing(t *testing.T) {
	both(t, func(t *testing.T, m *Machine) {
		i := m.NewIdler(machine.Spare)
		var word uint32
		watch := []machine.Word{{Addr: &word}}
		if n := testing.AllocsPerRun(50, func() {
			i.Idle(watch, m.Now().Add(1000))
			i.Wake()
			i.Idle(watch, machine.Forever)
			m.Ring(&word)
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func TestProcessors(t *testing.T) {
	if n := New().Processors(); n < 1 {
		t.Fatalf("%d processors", n)
	}
}

func BenchmarkNow(b *testing.B) {
	m := New()
	for b.Loop() {
		m.Now()
	}
}

func BenchmarkWakeAwake(b *testing.B) {
	i := New().NewIdler(machine.Spare)
	for b.Loop() {
		i.Wake()
	}
}

func BenchmarkWakeIdle(b *testing.B) {
	i := New().NewIdler(machine.Spare)
	for b.Loop() {
		i.Wake()
		i.Idle(nil, machine.Forever)
	}
}

// BenchmarkWakeAsleep is a round trip between two goroutines that both sleep.
func BenchmarkWakeAsleep(b *testing.B) {
	m := New()
	i, j := m.NewIdler(machine.Spare), m.NewIdler(machine.Spare)
	var turn atomic.Uint32
	n := uint32(b.N)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for k := range n {
			for turn.Load() != 2*k+1 {
				i.Idle(nil, machine.Forever)
			}
			turn.Add(1)
			j.Wake()
		}
	}()
	b.ResetTimer()
	for k := range n {
		turn.Add(1)
		i.Wake()
		for turn.Load() != 2*k+2 {
			j.Idle(nil, machine.Forever)
		}
	}
	<-done
}
