package constraint

import "github.com/mmlite/mmlite/firmware/machine"

// timed is a place in a heap of times, embedded in a record.
type timed struct {
	at    machine.Time
	seq   uint64
	index int // from 1; 0 if not in the heap
	rec   *record
}

// times is a binary heap of records by time, first come first served among
// equals.
type times struct {
	heap []*timed
	seq  uint64
}

func (h *times) first() machine.Time {
	if len(h.heap) == 0 {
		return machine.Forever
	}
	return h.heap[0].at
}

func (h *times) before(i, j int) bool {
	a, b := h.heap[i], h.heap[j]
	return a.at < b.at || a.at == b.at && a.seq < b.seq
}

func (h *times) swap(i, j int) {
	h.heap[i], h.heap[j] = h.heap[j], h.heap[i]
	h.heap[i].index, h.heap[j].index = i+1, j+1
}

func (h *times) up(i int) {
	for i > 0 && h.before(i, (i-1)/2) {
		h.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (h *times) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(h.heap) {
			return
		}
		if c+1 < len(h.heap) && h.before(c+1, c) {
			c++
		}
		if !h.before(c, i) {
			return
		}
		h.swap(i, c)
		i = c
	}
}

func (h *times) add(x *timed, at machine.Time) {
	h.drop(x)
	h.seq++
	x.at, x.seq = at, h.seq
	h.heap = append(h.heap, x)
	x.index = len(h.heap)
	h.up(x.index - 1)
}

func (h *times) drop(x *timed) {
	if x.index == 0 {
		return
	}
	i, last := x.index-1, len(h.heap)-1
	if i != last {
		h.swap(i, last)
	}
	h.heap[last] = nil
	h.heap = h.heap[:last]
	x.index = 0
	if i != last {
		h.down(i)
		h.up(i)
	}
}

// room makes sure that n records fit without allocating.
func (h *times) room(n int) {
	if cap(h.heap) < n {
		h.heap = append(make([]*timed, 0, 2*n), h.heap...)
	}
}
