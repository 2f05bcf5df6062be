package stream

// fifo is a ring of bytes that grows as it is needed, up to what its user lets it.
type fifo struct {
	buf []byte // a power of two long
	at  int    // of the first byte
	n   int    // bytes held
}

// put adds bytes at the end.
func (f *fifo) put(p []byte) {
	if f.n+len(p) > len(f.buf) {
		size := max(len(f.buf), 1024)
		for size < f.n+len(p) {
			size *= 2
		}
		bigger := make([]byte, size)
		f.peek(bigger[:f.n])
		f.buf, f.at = bigger, 0
	}
	at := (f.at + f.n) & (len(f.buf) - 1)
	k := copy(f.buf[at:], p)
	copy(f.buf, p[k:])
	f.n += len(p)
}

// peek copies bytes from the front, as many as there are and p holds.
func (f *fifo) peek(p []byte) int {
	if f.n == 0 {
		return 0
	}
	p = p[:min(len(p), f.n)]
	k := copy(p, f.buf[f.at:])
	copy(p[k:], f.buf)
	return len(p)
}

// get takes bytes from the front.
func (f *fifo) get(p []byte) int {
	n := f.peek(p)
	f.n -= n
	if f.n == 0 {
		f.at = 0
	} else {
		f.at = (f.at + n) & (len(f.buf) - 1)
	}
	return n
}
