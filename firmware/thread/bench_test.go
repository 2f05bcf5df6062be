package thread

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/trace"
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

// BenchmarkCoroutineMany is the limit where there are many: from the resumer to one
// of them after the other and back, which is what a switch between threads takes, with
// stacks that do not fit the caches.
func BenchmarkCoroutineMany(b *testing.B) {
	for _, many := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			all := make([]func() (struct{}, bool), many)
			for i := range all {
				next, stop := iter.Pull(func(yield func(struct{}) bool) {
					for yield(struct{}{}) {
					}
				})
				defer stop()
				next()
				all[i] = next
			}
			i := 0
			for b.Loop() {
				all[i]()
				if i++; i == many {
					i = 0
				}
			}
		})
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

// BenchmarkSwitchTraced is BenchmarkSwitch with a log.
func BenchmarkSwitchTraced(b *testing.B) {
	onHost(b, nil, func(t *Thread) {
		if err := t.p.SetTrace(trace.NewLog(0)); err != nil {
			b.Error(err)
		}
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
}

// BenchmarkSwitchMany is one switch among many ready threads in turn, whose
// stacks do not fit the caches.
func BenchmarkSwitchMany(b *testing.B) {
	for _, many := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			onHost(b, nil, func(t *Thread) {
				stop := false
				var ends []*Thread
				for range many - 1 {
					th, _ := t.p.Spawn("other", Attributes{}, func(t *Thread) {
						for !stop {
							t.Yield()
						}
					})
					ends = append(ends, th)
				}
				t.Yield()
				b.ResetTimer()
				for range b.N/many + 1 {
					t.Yield()
				}
				b.StopTimer()
				stop = true
				for _, th := range ends {
					th.Join(machine.Forever)
				}
			})
		})
	}
}

// BenchmarkOvershoot is how late a thread wakes that sleeps for a millisecond: on
// a spare processor; on a real-time one, which looks before the time, and that only
// sleeps; and each of these beside goroutines that allocate.
func BenchmarkOvershoot(b *testing.B) {
	for _, c := range []struct {
		name   string
		kind   machine.Kind
		look   machine.Duration
		beside int
	}{
		{"spare", machine.Spare, 0, 0},
		{"realtime", machine.RealTime, 0, 0},
		{"realtime-sleeps", machine.RealTime, -1, 0},
		{"realtime/garbage", machine.RealTime, 0, 2},
		{"realtime-sleeps/garbage", machine.RealTime, -1, 2},
	} {
		b.Run(c.name, func(b *testing.B) {
			stop := make(chan struct{})
			var makers sync.WaitGroup
			for range c.beside {
				makers.Go(func() {
					var kept [64][]*int
					for i := 0; ; i++ {
						select {
						case <-stop:
							return
						default:
						}
						s := make([]*int, 128)
						for k := range s {
							s[k] = new(int)
						}
						kept[i%len(kept)] = s
					}
				})
			}
			defer makers.Wait()
			defer close(stop)
			p := NewProcessor(Config{Machine: host.New(), Kind: c.kind, Look: c.look})
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error)
			go func() { done <- p.Run(ctx) }()
			late := make([]machine.Duration, b.N)
			p.Call("sleeper", Attributes{}, func(t *Thread) {
				for i := range late {
					at := p.Now().Add(machine.Millisecond)
					t.SleepUntil(at)
					late[i] = p.Now().Sub(at)
				}
			})
			cancel()
			<-done
			slices.Sort(late)
			b.ReportMetric(float64(late[len(late)/2])/1e3, "p50-us")
			b.ReportMetric(float64(late[len(late)*99/100])/1e3, "p99-us")
			b.ReportMetric(float64(late[len(late)-1])/1e3, "max-us")
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
