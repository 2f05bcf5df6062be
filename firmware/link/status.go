package link

import (
	"sync/atomic"
	"unsafe"
)

// MaxStatus is how many values a status page holds. Cursors follow them.
const MaxStatus = 126

// PutStatus writes values into a status page. The counter in the page's first
// word is odd meanwhile, so that a reader knows when to look again. There is one
// writer.
func PutStatus(page []byte, values []uint64) {
	seq, count, at := statusWords(page)
	n := min(len(values), MaxStatus)
	s := atomic.LoadUint32(seq)
	atomic.StoreUint32(seq, s+1)
	atomic.StoreUint32(count, uint32(n))
	for i, v := range values[:n] {
		atomic.StoreUint64(&at[i], v)
	}
	atomic.StoreUint32(seq, s+2)
}

// GetStatus reads the values of one moment into values and returns how many
// there are. It returns 0 if the writer did not hold still for long enough.
func GetStatus(page []byte, values []uint64) int {
	seq, count, at := statusWords(page)
	for range 1000 {
		s := atomic.LoadUint32(seq)
		if s%2 != 0 {
			continue
		}
		n := min(int(atomic.LoadUint32(count)), len(values), MaxStatus)
		for i := range n {
			values[i] = atomic.LoadUint64(&at[i])
		}
		if atomic.LoadUint32(seq) == s {
			return n
		}
	}
	return 0
}

func statusWords(page []byte) (seq, count *uint32, values *[MaxStatus]uint64) {
	_ = page[StatusSize-1]
	base := unsafe.Pointer(&page[0])
	return (*uint32)(base), (*uint32)(unsafe.Add(base, 4)), (*[MaxStatus]uint64)(unsafe.Add(base, 8))
}
