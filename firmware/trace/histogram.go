package trace

import (
	"math/bits"

	"github.com/mmlite/mmlite/firmware/machine"
)

const (
	// A power of two is divided in 8, so a bucket is at most an eighth of its
	// values wide.
	fine = 3
	// octaves is how many powers of two there are beyond the first 8 nanoseconds:
	// up to 18 minutes.
	octaves = 37
	// Buckets is how many buckets a Histogram has.
	Buckets = (octaves + 1) << fine
)

// Histogram says how spans of time were distributed, to an eighth. The zero
// Histogram is empty. It may be copied; it is not safe for concurrent use.
type Histogram struct {
	count   uint64
	sum     machine.Duration
	max     machine.Duration
	buckets [Buckets]uint64
}

// bucket returns where d belongs; what is below 0 counts as 0.
func bucket(d machine.Duration) int {
	v := uint64(max(d, 0))
	if v < 1<<fine {
		return int(v)
	}
	e := bits.Len64(v) - 1 // at least fine
	i := (e-fine+1)<<fine | int(v>>(e-fine))&(1<<fine-1)
	return min(i, Buckets-1)
}

// BucketRange returns the smallest and the largest span that bucket i counts. The
// last one also counts all that is larger.
func BucketRange(i int) (lo, hi machine.Duration) {
	if i < 1<<fine {
		return machine.Duration(i), machine.Duration(i)
	}
	shift := i>>fine - 1
	lo = machine.Duration(1<<fine|i&(1<<fine-1)) << shift
	return lo, lo + 1<<shift - 1
}

// Add counts a span. It costs a few nanoseconds.
func (h *Histogram) Add(d machine.Duration) {
	h.buckets[bucket(d)]++
	h.count++
	h.sum += max(d, 0)
	h.max = max(h.max, d)
}

// AddBucket counts n spans in bucket i, as if each was as long as the bucket's
// longest, for whoever gets the counts from elsewhere. Other numbers than those of
// buckets are ignored.
func (h *Histogram) AddBucket(i int, n uint64) {
	if i < 0 || i >= Buckets || n == 0 {
		return
	}
	_, hi := BucketRange(i)
	h.buckets[i] += n
	h.count += n
	h.sum += hi * machine.Duration(n)
	h.max = max(h.max, hi)
}

// Merge counts what o has counted.
func (h *Histogram) Merge(o *Histogram) {
	for i, n := range o.buckets {
		h.buckets[i] += n
	}
	h.count += o.count
	h.sum += o.sum
	h.max = max(h.max, o.max)
}

// Reset empties it.
func (h *Histogram) Reset() { *h = Histogram{} }

// Count returns how many spans there were.
func (h *Histogram) Count() uint64 { return h.count }

// Max returns the longest, exactly.
func (h *Histogram) Max() machine.Duration { return h.max }

// Mean returns the mean, or 0 if there were none.
func (h *Histogram) Mean() machine.Duration {
	if h.count == 0 {
		return 0
	}
	return machine.Duration(uint64(h.sum) / h.count)
}

// Bucket returns how many spans were counted in bucket i.
func (h *Histogram) Bucket(i int) uint64 { return h.buckets[i] }

// Quantile returns the span that a fraction q of all, within 0 and 1, does not
// exceed: the upper end of its bucket, and never more than the longest. It is 0
// if there were none.
func (h *Histogram) Quantile(q float64) machine.Duration {
	if h.count == 0 {
		return 0
	}
	rank := uint64(1)
	if q > 0 {
		if f := min(q, 1) * float64(h.count); f > 1 {
			if rank = uint64(f); float64(rank) < f {
				rank++
			}
		}
	}
	var seen uint64
	for i, n := range h.buckets {
		if seen += n; seen >= rank {
			if i == Buckets-1 {
				break
			}
			_, hi := BucketRange(i)
			return min(hi, h.max)
		}
	}
	return h.max
}

// Summary is a histogram in five numbers.
type Summary struct {
	Count              uint64
	P50, P90, P99, Max machine.Duration
}

// Summary returns the quantiles people ask for.
func (h *Histogram) Summary() Summary {
	return Summary{h.count, h.Quantile(.5), h.Quantile(.9), h.Quantile(.99), h.max}
}
