package output

import (
	"math/bits"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
)

// histogram counts durations in buckets of a quarter of an octave. One thread adds,
// any goroutine reads.
type histogram struct {
	buckets [80]atomic.Uint32
	longest atomic.Int64
}

// least is where the first bucket ends, as a power of two of nanoseconds.
const least = 10

func bucketOf(d machine.Duration) int {
	x := uint64(max(d, 0)) >> least
	if x == 0 {
		return 0
	}
	octave := bits.Len64(x) - 1
	quarter := int(uint64(d)>>(octave+least-2)) & 3
	return min(1+4*octave+quarter, len(histogram{}.buckets)-1)
}

// upper is the end of a bucket.
func upper(bucket int) machine.Duration {
	if bucket == 0 {
		return 1 << least
	}
	octave, quarter := (bucket-1)/4, (bucket-1)%4
	return machine.Duration(5+quarter) << (octave + least - 2)
}

func (h *histogram) add(d machine.Duration) {
	h.buckets[bucketOf(d)].Add(1)
	if int64(d) > h.longest.Load() {
		h.longest.Store(int64(d))
	}
}

// below returns a duration that the given part of all do not exceed, to a quarter
// of an octave.
func (h *histogram) below(part float64) machine.Duration {
	var counts [len(histogram{}.buckets)]uint32
	total := uint64(0)
	for i := range counts {
		counts[i] = h.buckets[i].Load()
		total += uint64(counts[i])
	}
	want, sum := uint64(part*float64(total)), uint64(0)
	for i, n := range counts {
		if sum += uint64(n); sum > want || sum == total {
			return min(upper(i), machine.Duration(h.longest.Load()))
		}
	}
	return 0
}

// account is what is known of the work of one thread, for status.
type account struct {
	asked, mean       atomic.Int64 // ns
	promised, refused atomic.Uint64
	over              atomic.Uint64 // took longer than the estimate
	taken             histogram
}

// ThreadStatus is how the work of a thread fares. Times are in microseconds. The
// 99th percentile is exact to a fifth.
type ThreadStatus struct {
	Name       string  `json:"name"`
	Constraint bool    `json:"constraint"`  // the policy is asked for time constraints
	ReservedUs float64 `json:"reserved_us"` // of each period
	EstimateUs float64 `json:"estimate_us"`
	MeanUs     float64 `json:"mean_us"`
	P99Us      float64 `json:"p99_us"`
	MaxUs      float64 `json:"max_us"`
	Promised   uint64  `json:"promised"`
	Refused    uint64  `json:"refused"`
	Overruns   uint64  `json:"overruns"` // pieces of work that took longer than estimated
}

func micros[T ~int64](d T) float64 { return float64(d) / float64(machine.Microsecond) }

func (a *account) status(name string, asks bool, reserved machine.Duration) ThreadStatus {
	return ThreadStatus{
		Name: name, Constraint: asks, ReservedUs: micros(reserved),
		EstimateUs: micros(a.asked.Load()), MeanUs: micros(a.mean.Load()),
		P99Us: micros(a.taken.below(0.99)), MaxUs: micros(a.taken.longest.Load()),
		Promised: a.promised.Load(), Refused: a.refused.Load(), Overruns: a.over.Load(),
	}
}
