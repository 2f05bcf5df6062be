package trace

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine"
)

func TestBucketsCoverAll(t *testing.T) {
	var next machine.Duration
	for i := range Buckets {
		lo, hi := BucketRange(i)
		if lo != next || hi < lo || (hi-lo+1)*8 > max(lo, 8) {
			t.Fatalf("bucket %d is from %d to %d", i, lo, hi)
		}
		if bucket(lo) != i || bucket(hi) != i {
			t.Fatalf("%d and %d are in %d and %d, not %d", lo, hi, bucket(lo), bucket(hi), i)
		}
		next = hi + 1
	}
	if next < 1000*machine.Second {
		t.Errorf("the last bucket ends at %v", next)
	}
	if bucket(-5) != 0 || bucket(math.MaxInt64) != Buckets-1 {
		t.Error("what is out of range is not in the first or last bucket")
	}
}

func TestQuantiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, count := range []int{1, 2, 10, 1000} {
		var h, other Histogram
		var all []machine.Duration
		for i := range count {
			d := machine.Duration(math.Exp(r.Float64() * 20))
			all = append(all, d)
			if i%2 == 0 {
				h.Add(d)
			} else {
				other.Add(d)
			}
		}
		h.Merge(&other)
		slices.Sort(all)
		for _, q := range []float64{-1, 0, .1, .5, .9, .99, 1, 2} {
			rank := max(int(math.Ceil(min(q, 1)*float64(count))), 1)
			want := all[rank-1]
			if got := h.Quantile(q); got < want || got > want+want/8+1 {
				t.Errorf("%d spans: quantile %v is %d, not %d", count, q, got, want)
			}
		}
		if h.Max() != all[count-1] || h.Count() != uint64(count) {
			t.Errorf("max %d, count %d", h.Max(), h.Count())
		}
		if s := h.Summary(); s.P50 > s.P90 || s.P90 > s.P99 || s.P99 > s.Max {
			t.Errorf("%+v", s)
		}
	}
	var none Histogram
	if none.Summary() != (Summary{}) || none.Mean() != 0 {
		t.Error("an empty histogram has no quantiles")
	}
}

func TestBucketsGoAcross(t *testing.T) {
	var h, copied Histogram
	for d := machine.Duration(1); d < machine.Second; d *= 3 {
		h.Add(d)
	}
	for i := range Buckets {
		copied.AddBucket(i, h.Bucket(i))
	}
	copied.AddBucket(-1, 1)
	copied.AddBucket(Buckets, 1)
	if copied.Count() != h.Count() || copied.Quantile(.5) != h.Quantile(.5) {
		t.Errorf("%+v became %+v", h.Summary(), copied.Summary())
	}
	h.Reset()
	if h != (Histogram{}) {
		t.Error("not empty after Reset")
	}
}

func BenchmarkHistogramAdd(b *testing.B) {
	var h Histogram
	d := machine.Duration(1)
	for b.Loop() {
		h.Add(d)
		d = d*5%(machine.Second) + 1
	}
}
