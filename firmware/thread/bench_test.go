package thread

import (
	"context"
	"iter"
	"sync/atomic"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/sched"
)

// onHost runs fn on a thread of a processor of this computer.
func onHost(b testing.TB, policy sched.Policy, fn func(t *Thread)) {
	b.Helper()
	p := NewProcessor(Config{Machine: host.New(), Policy: policy, Exit: func(_ *Thread, f *Failure) {
		b.Errorf("%v\n%s", f, f.Stack)
	}})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	if err := p.Call("bench", Attributes{}, fn); err != nil {
		b.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		b.Error(err)
	}
}

// BenchmarkCoroutine is the limit: there and back between a coroutine and its
// resumer, with nothing decided and nothing charged.
func BenchmarkCoroutine(b *testing.B) {
	next, stop := iter.Pull(func(yield func(struct{}) bool) {
		for yield(struct{}{}) {
		}
	})
	defer stop()
	for b.Loop() {
		next()
	}
}

// BenchmarkSwitch is one switch between two ready threads.
func BenchmarkSwitch(b *testing.B) {
	for name, policy := range map[string]func() sched.Policy{
		"null":       func() sched.Policy { return sched.NewNull() },
		"roundrobin": func() sched.Policy { return sched.NewRoundRobin(0) },
	} {
		b.Run(name, func(b *testing.B) {
			onHost(b, policy(), func(t *Thread) {
				n := b.N / 2
				other, _ := t.p.Spawn("other", Attributes{}, func(t *Thread) {
					for range n {
						t.Yield()
					}
				})
				t.Yield()
				b.ResetTimer()
				for range n {
					t.Yield()
				}
				b.StopTimer()
				other.Join(machine.Forever)
			})
		})
	}
}

func BenchmarkYieldAlone(b *testing.B) {
	b.Run("function", func(b *testing.B) {
		benchOn(b, nil, func(t *Thread, n int) {
			for range n {
				Yield()
			}
		})
	})
	b.Run("method", func(b *testing.B) {
		benchOn(b, nil, func(t *Thread, n int) {
			for range n {
				t.Yield()
			}
		})
	})
}

// benchOn times fn(t, b.N) on a thread.
func benchOn(b *testing.B, policy sched.Policy, fn func(t *Thread, n int)) {
	b.Helper()
	onHost(b, policy, func(t *Thread) {
		b.ReportAllocs()
		b.ResetTimer()
		fn(t, b.N)
		b.StopTimer()
	})
}

func BenchmarkCurrent(b *testing.B) {
	benchOn(b, nil, func(t *Thread, n int) {
		for range n {
			if Current() != t {
				b.Fatal("not current")
			}
		}
	})
}

func BenchmarkCheckpoint(b *testing.B) {
	b.Run("function", func(b *testing.B) {
		benchOn(b, nil, func(t *Thread, n int) {
			for range n {
				Checkpoint()
			}
		})
	})
	b.Run("method", func(b *testing.B) {
		benchOn(b, nil, func(t *Thread, n int) {
			for range n {
				t.Checkpoint()
			}
		})
	})
}

// BenchmarkEvent is one signal and the switch to the thread that waits for it.
func BenchmarkEvent(b *testing.B) {
	benchOn(b, nil, func(t *Thread, n int) {
		var ping, pong Event
		t.p.Spawn("other", Attributes{}, func(t *Thread) {
			for range n / 2 {
				ping.WaitOn(t, machine.Forever)
				pong.Signal()
			}
		})
		for range n / 2 {
			ping.Signal()
			pong.WaitOn(t, machine.Forever)
		}
	})
}

// BenchmarkForeignSignal is a signal from a goroutine that is no thread, and the
// answer through a word, both sides looking.
func BenchmarkForeignSignal(b *testing.B) {
	var ev Event
	var answer atomic.Uint32
	n := uint32(b.N)
	p := NewProcessor(Config{Machine: host.New()})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	p.Spawn("waiter", Attributes{}, func(t *Thread) {
		for i := range n {
			ev.WaitOn(t, machine.Forever)
			answer.Store(i + 1)
		}
	})
	b.ReportAllocs()
	b.ResetTimer()
	for i := range n {
		ev.Signal()
		for answer.Load() != i+1 {
		}
	}
	b.StopTimer()
	cancel()
	<-done
}

// BenchmarkWaitWord is a round trip through two words with a goroutine that spins.
func BenchmarkWaitWord(b *testing.B) {
	var words [64]uint32
	ask, answer := &words[0], &words[32]
	n := uint32(b.N)
	p := NewProcessor(Config{Machine: host.New()})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	p.Spawn("waiter", Attributes{}, func(t *Thread) {
		for i := range n {
			t.WaitWord(ask, i, machine.Forever)
			atomic.StoreUint32(answer, i+1)
		}
	})
	b.ReportAllocs()
	b.ResetTimer()
	for i := range n {
		atomic.StoreUint32(ask, i+1)
		if i == 0 {
			p.Machine().Ring(ask)
		}
		for spins := 0; atomic.LoadUint32(answer) != i+1; spins++ {
			if spins > 10000 {
				p.Machine().Ring(ask)
				spins = 0
			}
		}
	}
	b.StopTimer()
	cancel()
	<-done
}

func BenchmarkMutex(b *testing.B) {
	b.Run("function", func(b *testing.B) {
		benchOn(b, nil, func(t *Thread, n int) {
			var mu Mutex
			for range n {
				mu.Lock()
				mu.Unlock()
			}
		})
	})
	b.Run("method", func(b *testing.B) {
		benchOn(b, nil, func(t *Thread, n int) {
			var mu Mutex
			for range n {
				mu.LockOn(t)
				mu.UnlockOn(t)
			}
		})
	})
}

func BenchmarkAwait(b *testing.B) {
	benchOn(b, nil, func(t *Thread, n int) {
		for range n {
			t.Await(func() {})
		}
	})
}

func BenchmarkSleepPast(b *testing.B) {
	benchOn(b, nil, func(t *Thread, n int) {
		for range n {
			t.SleepUntil(0)
		}
	})
}

func BenchmarkSpawn(b *testing.B) {
	benchOn(b, nil, func(t *Thread, n int) {
		for range n {
			th, _ := t.p.Spawn("short", Attributes{}, func(*Thread) {})
			th.Join(machine.Forever)
		}
	})
}
