package trace

import (
	"math/bits"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// The sizes of logs, in records. A switch takes one to three.
const (
	MinRecords     = 64
	DefaultRecords = 8192
	MaxRecords     = 1 << 20
)

// Log is the last records of one processor, in a ring. One goroutine at a time
// writes, the processor; any may read at any time, and never delays it. A record
// has a sequence number, counted from 0.
type Log struct {
	next  uint64 // sequence number of the next record; first, to be aligned everywhere
	mask  uint64 // records
	ring  []uint64
	taken atomic.Bool
	names names
}

// NewLog returns a log of at least so many records, a power of two within
// MinRecords and MaxRecords; DefaultRecords if it is not positive.
func NewLog(records int) *Log {
	if records <= 0 {
		records = DefaultRecords
	}
	n := uint64(1) << bits.Len(uint(min(max(records, MinRecords), MaxRecords)-1))
	l := &Log{ring: make([]uint64, n*words), mask: n - 1}
	l.names.init()
	return l
}

// Cap returns how many records the log holds; a reader gets one less.
func (l *Log) Cap() int { return int(l.mask) + 1 }

// Attach makes the caller the one who writes. It reports false if somebody else
// is.
func (l *Log) Attach() bool { return l.taken.CompareAndSwap(false, true) }

// Detach ends that. What was written stays readable.
func (l *Log) Detach() { l.taken.Store(false) }

// Add writes a record over the oldest one. It costs a few nanoseconds.
//
// A reader must see the words of a record after the count that precedes it and
// before the count that follows it; store keeps that order. The function is not
// to be inlined, so that the stores of two records are never merged.
//
//go:noinline
func (l *Log) Add(now machine.Time, k Kind, right sched.Right, activity uint16, thread uint32, a, b int64) {
	n := l.next
	w := (*[words]uint64)(l.ring[n&l.mask*words:])
	store(&w[0], uint64(now))
	store(&w[1], head(k, right, activity, thread))
	store(&w[2], uint64(a))
	store(&w[3], uint64(b))
	store(&l.next, n+1)
}

// Next returns the sequence number that the next record will have.
func (l *Log) Next() uint64 { return atomic.LoadUint64(&l.next) }

// Read copies records, from sequence number from on, oldest first, to dst. It
// returns how many, the number to go on from, and how many in between are lost
// because they had been overwritten. A number beyond the log's end counts as that
// end. With room in dst, 0 records mean that there are no new ones.
func (l *Log) Read(from uint64, dst []Record) (n int, next, lost uint64) {
	size := l.mask + 1
	for {
		end := l.Next()
		from = min(from, end)
		// The writer may be at the oldest record now, on behalf of number end.
		if end >= size && from < end-size+1 {
			lost += end - size + 1 - from
			from = end - size + 1
		}
		n = int(min(end-from, uint64(len(dst))))
		for i := range n {
			var w [words]uint64
			at := (from + uint64(i)) & l.mask * words
			for k := range w {
				w[k] = atomic.LoadUint64(&l.ring[at+uint64(k)])
			}
			dst[i] = record(&w)
		}
		// Whatever was overwritten meanwhile is dropped.
		if end = l.Next(); end >= size && from < end-size+1 {
			gone := min(end-size+1-from, uint64(n))
			copy(dst, dst[gone:n])
			n -= int(gone)
			lost += gone
			from += gone
			if n == 0 && gone > 0 {
				continue
			}
		}
		return n, from + uint64(n), lost
	}
}

// Append is Read that appends at most so many encoded records to b.
func (l *Log) Append(b []byte, from uint64, most int) (out []byte, next, lost uint64) {
	var chunk [64]Record
	for most > 0 {
		n, to, gone := l.Read(from, chunk[:min(most, len(chunk))])
		from = to
		lost += gone
		if n == 0 {
			break
		}
		for i := range n {
			b = chunk[i].Append(b)
		}
		most -= n
	}
	return b, from, lost
}
