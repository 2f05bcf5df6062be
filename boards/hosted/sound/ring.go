package sound

import "sync/atomic"

// ring hands bytes from one goroutine to another without a lock. Positions only grow; each is written by one side.
type ring struct {
	data  []byte
	read  atomic.Uint64
	write atomic.Uint64
}

func newRing(size int) *ring { return &ring{data: make([]byte, size)} }

// queued is how many bytes wait to be read.
func (r *ring) queued() int { return int(r.write.Load() - r.read.Load()) }

// free is how many bytes put would take.
func (r *ring) free() int { return len(r.data) - r.queued() }

// put appends b, all or nothing, and reports whether there was room.
func (r *ring) put(b []byte) bool {
	w := r.write.Load()
	if len(r.data)-int(w-r.read.Load()) < len(b) {
		return false
	}
	at := int(w % uint64(len(r.data)))
	n := copy(r.data[at:], b)
	copy(r.data, b[n:])
	r.write.Store(w + uint64(len(b)))
	return true
}

// get moves up to len(b) bytes out and returns how many.
func (r *ring) get(b []byte) int {
	rd := r.read.Load()
	n := min(len(b), int(r.write.Load()-rd))
	b = b[:n]
	at := int(rd % uint64(len(r.data)))
	first := copy(b, r.data[at:])
	copy(b[first:], r.data)
	r.read.Store(rd + uint64(n))
	return n
}
