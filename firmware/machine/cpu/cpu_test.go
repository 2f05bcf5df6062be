package cpu

import (
	"sync"
	"testing"
)

func TestGIsUniqueWhileAlive(t *testing.T) {
	const n = 50
	var mu sync.Mutex
	seen := map[uintptr]int{}
	var ready, wg sync.WaitGroup
	ready.Add(n)
	for i := range n {
		wg.Go(func() {
			g := G()
			mu.Lock()
			seen[g]++
			mu.Unlock()
			ready.Done()
			ready.Wait() // all alive at once
			if G() != g {
				t.Errorf("goroutine %d changed its identity", i)
			}
		})
	}
	wg.Wait()
	if len(seen) != n || seen[0] != 0 {
		t.Fatalf("%d goroutines have %d identities", n, len(seen))
	}
}

func TestCounterAdvances(t *testing.T) {
	if !Detect().Counter {
		if Cycles() != 0 {
			t.Skip("a counter that does not count evenly")
		}
		return
	}
	a := Cycles()
	Pause(1000)
	if b := Cycles(); b <= a {
		t.Fatalf("counter went from %d to %d", a, b)
	}
}

func BenchmarkCycles(b *testing.B) {
	for b.Loop() {
		Cycles()
	}
}

func BenchmarkG(b *testing.B) {
	for b.Loop() {
		G()
	}
}

func BenchmarkPause(b *testing.B) {
	for b.Loop() {
		Pause(1)
	}
}

// Whatever is at an address, fetching it does no harm.
func TestFetchOfNothing(t *testing.T) {
	for _, at := range []uintptr{0, 1, 4095, ^uintptr(0)} {
		Fetch(at, 3)
	}
	Fetch(0, 0)
}

func BenchmarkFetch(b *testing.B) {
	for b.Loop() {
		Fetch(0, 4)
	}
}
