package render

import (
	"sync/atomic"
	"testing"
)

// TestCrewDoesEverythingOnce counts pieces and who is at them, with helpers that sleep
// at once and ones that hardly ever do.
func TestCrewDoesEverythingOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		for _, patience := range []int{0, 5000} {
			c := impatientCrew(t, workers, patience)
			var did [100]atomic.Int32
			at := make([]atomic.Int32, workers)
			work := func(worker, i int) {
				if at[worker].Add(1) != 1 {
					t.Errorf("worker %d does two things at once", worker)
				}
				did[i].Add(1)
				at[worker].Add(-1)
			}
			for round := range 1000 {
				n := round % len(did)
				c.Do(n, work)
				for i := range did {
					want := int32(0)
					if i < n {
						want = 1
					}
					if got := did[i].Swap(0); got != want {
						t.Fatalf("round %d: piece %d of %d was done %d times", round, i, n, got)
					}
				}
			}
		}
	}
}

// sound are sleepers whom nothing wakes.
type sound struct{ woken int }

func (*sound) Sleep(int) bool { return false }
func (s *sound) Wake(int)     { s.woken++ }
func (*sound) Join() bool     { return false }
func (*sound) Joined()        {}
func (*sound) Pause()         {}

// TestCrewWaitsForNobodyWhoHasNotCome has the caller do everything itself.
func TestCrewWaitsForNobodyWhoHasNotCome(t *testing.T) {
	s := &sound{}
	c := NewCrew(3, 0, s)
	for i := range c.helpers {
		c.helpers[i].asleep.Store(true)
	}
	did := map[int]int{}
	c.Do(10, func(worker, i int) {
		if worker != 0 {
			t.Errorf("piece %d by worker %d", i, worker)
		}
		did[i]++
	})
	for i := range 10 {
		if did[i] != 1 {
			t.Errorf("piece %d was done %d times", i, did[i])
		}
	}
	if s.woken != 3 {
		t.Errorf("%d helpers were woken", s.woken)
	}
	// Who comes too late finds nothing, and goes back to sleep.
	c.Help(0)
	if len(did) != 10 {
		t.Errorf("%d pieces", len(did))
	}
}

// TestShares has pieces taken from both ends of a share.
func TestShares(t *testing.T) {
	var s share
	s.Store(7<<32 | 3)
	for i, want := range []int{3, 6, 4, 5, -1, -1} {
		if got := s.take(i%2 == 1); got != want {
			t.Errorf("take %d gives piece %d, not %d", i, got, want)
		}
	}
	if n := s.left(); n != 0 {
		t.Errorf("%d are left", n)
	}
}
