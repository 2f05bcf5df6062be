package thread

import (
	"math"
	"runtime"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/firmware/machine"
)

// stub is a message that says whose it is.
type stub struct {
	node     node
	from, no int
}

func (s *stub) deliver(*Processor) {}

// TestInboxKeepsOrderAndLosesNothing has goroutines push and one pop.
func TestInboxKeepsOrderAndLosesNothing(t *testing.T) {
	const producers, each = 4, 5000
	var q inbox
	q.init()
	var wg sync.WaitGroup
	for from := range producers {
		items := make([]stub, each)
		wg.Go(func() {
			for no := range items {
				items[no].from, items[no].no = from, no
				items[no].node.item = &items[no]
				q.push(&items[no].node)
			}
		})
	}
	var next [producers]int
	for total := 0; total < producers*each; {
		n := q.pop()
		if n == nil {
			runtime.Gosched()
			continue
		}
		s := n.item.(*stub)
		if s.no != next[s.from] {
			t.Fatalf("number %d of producer %d where %d was due", s.no, s.from, next[s.from])
		}
		next[s.from]++
		total++
	}
	wg.Wait()
	if q.pop() != nil || !q.empty() {
		t.Fatal("something is left")
	}
}

// TestInboxTakesNodesAgain pushes a node as soon as it is popped.
func TestInboxTakesNodesAgain(t *testing.T) {
	var q inbox
	q.init()
	var a, b stub
	a.node.item, b.node.item = &a, &b
	for range 1000 {
		q.push(&a.node)
		if q.empty() || q.pop() != &a.node {
			t.Fatal("a is lost")
		}
		q.push(&b.node)
		q.push(&a.node)
		if q.pop() != &b.node || q.pop() != &a.node || q.pop() != nil {
			t.Fatal("the order is lost")
		}
	}
}

func TestRegistryGrows(t *testing.T) {
	p, _ := card(t, nil)
	const n = 1500
	right := 0
	for range n {
		spawn(t, p, "one", func(th *Thread) {
			Sleep(machine.Second) // until all are there
			if Current() == th {
				right++
			}
		})
	}
	settle(t, p)
	if right != n {
		t.Fatalf("%d of %d threads found themselves", right, n)
	}
}

func TestTimebaseConverts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Uint64Range(1e6, 1e10).Draw(t, "rate")
		var b timebase
		b.setRate(rate)
		d := machine.Duration(rapid.Int64Range(0, 3600e9).Draw(t, "duration"))
		exact := float64(d) * float64(rate) / 1e9
		if got := float64(b.counts(d)); math.Abs(got-exact) > 1+exact*1e-6 {
			t.Fatalf("%v at %d Hz is %v counts, not %v", d, rate, got, exact)
		}
		back := b.span(b.counts(d))
		if math.Abs(float64(back-d)) > 2e9/float64(rate)+float64(d)*1e-6+1 {
			t.Fatalf("%v becomes %v", d, back)
		}
		b.baseC, b.baseT = rapid.Uint64().Draw(t, "count"), machine.Time(rapid.Int64Range(0, 1<<60).Draw(t, "time"))
		if b.count(machine.Forever) != math.MaxUint64 {
			t.Fatal("forever comes")
		}
		if b.count(b.baseT) != b.baseC {
			t.Fatal("the base is elsewhere")
		}
		if later := b.count(b.baseT.Add(d)); later < b.baseC {
			t.Fatal("later is earlier")
		}
		if sooner := b.count(b.baseT.Add(-d)); sooner > b.baseC {
			t.Fatal("sooner is later")
		}
	})
}
