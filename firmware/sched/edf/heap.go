package edf

import "github.com/mmlite/mmlite/firmware/machine"

// entry is what heaps hold: a server or a constraint. It is in at most one.
type entry struct {
	server     *server
	constraint *constraint
	in         *heap
	at         int
}

// slot has the key beside the pointer, so that comparing costs no cache line.
type slot struct {
	key   machine.Time
	seq   uint64
	entry *entry
}

// heap is a binary heap by key, first come first served among equals. Entries
// know their places.
type heap struct {
	slots []slot
}

// room makes sure that n entries find place without allocating.
func (h *heap) room(n int) {
	if cap(h.slots) < n {
		bigger := make([]slot, len(h.slots), 2*n)
		copy(bigger, h.slots)
		h.slots = bigger
	}
}

func (h *heap) first() *entry {
	if len(h.slots) == 0 {
		return nil
	}
	return h.slots[0].entry
}

// next returns the least key, or machine.Forever.
func (h *heap) next() machine.Time {
	if len(h.slots) == 0 {
		return machine.Forever
	}
	return h.slots[0].key
}

func (s *slot) before(o *slot) bool {
	return s.key < o.key || s.key == o.key && s.seq < o.seq
}

func (h *heap) push(e *entry, key machine.Time, seq uint64) {
	h.slots = append(h.slots, slot{})
	e.in = h
	h.up(len(h.slots)-1, slot{key, seq, e})
}

// remove takes e out of whatever heap it is in.
func (h *heap) remove(e *entry) {
	if e.in != h {
		return
	}
	e.in = nil
	last := len(h.slots) - 1
	s := h.slots[last]
	h.slots[last] = slot{}
	h.slots = h.slots[:last]
	if i := e.at; i != last {
		h.fix(i, s)
	}
}

func (h *heap) fix(i int, s slot) {
	if i > 0 && s.before(&h.slots[(i-1)/2]) {
		h.up(i, s)
	} else {
		h.down(i, s)
	}
}

func (h *heap) put(i int, s slot) {
	h.slots[i] = s
	s.entry.at = i
}

// up puts s at i or above.
func (h *heap) up(i int, s slot) {
	for i > 0 {
		parent := (i - 1) / 2
		if !s.before(&h.slots[parent]) {
			break
		}
		h.put(i, h.slots[parent])
		i = parent
	}
	h.put(i, s)
}

// down puts s at i or below.
func (h *heap) down(i int, s slot) {
	for {
		c := 2*i + 1
		if c >= len(h.slots) {
			break
		}
		if c+1 < len(h.slots) && h.slots[c+1].before(&h.slots[c]) {
			c++
		}
		if !h.slots[c].before(&s) {
			break
		}
		h.put(i, h.slots[c])
		i = c
	}
	h.put(i, s)
}
