package ipc

import (
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
)

// lent is memory for slices that the parameters of a call are decoded into, which
// the next call's use again.
type lent struct {
	arenas []lender // one for each type of element
}

type lender interface{ reset() }

// mostLent is how many bytes of one type are kept from one call to the next.
const mostLent = 128 << 10

type arena[T any] struct {
	all  []T
	used int
}

func (a *arena[T]) reset() {
	if uintptr(cap(a.all))*unsafe.Sizeof(*new(T)) > mostLent {
		a.all = nil
	}
	a.used = 0
}

func (l *lent) reset() {
	for _, a := range l.arenas {
		a.reset()
	}
}

// Slice returns n elements, which may hold anything and are to be written: of a
// call being served they are valid until it ends, and of others they are the caller's.
// T holds no pointers.
func Slice[T any](d *Decoder, n int) []T {
	if d.lent == nil || n == 0 {
		return make([]T, n)
	}
	var a *arena[T]
	for _, o := range d.lent.arenas {
		if same, ok := o.(*arena[T]); ok {
			a = same
			break
		}
	}
	if a == nil {
		a = &arena[T]{}
		d.lent.arenas = append(d.lent.arenas, a)
	}
	if cap(a.all)-a.used < n { // what was lent for this call stays as it is
		a.all, a.used = make([]T, max(n, 2*cap(a.all))), 0
	}
	s := a.all[a.used : a.used+n : a.used+n]
	a.used += n
	return s
}

// OutSlice is the n elements, all zero, of an //mm:out parameter that the callee fills.
func OutSlice[T any](d *Decoder, n int) []T {
	s := Slice[T](d, n)
	clear(s)
	return s
}

// Filled is the part of an //mm:out slice that the callee says it has filled.
func Filled[T any](e *Encoder, s []T, n uint32) []T {
	if uint64(n) > uint64(len(s)) {
		e.Fail(com.Errorf(com.ErrFailed, "the implementation says it filled %d elements of %d", n, len(s)))
		return nil
	}
	return s[:n]
}

// GetInto reads a slice, of elements that take size bytes at least, into dst, the
// caller's //mm:out parameter, and returns how many came. More than dst holds is an
// error; so is fewer, where all have to come.
func GetInto[T any](d *Decoder, dst []T, size int, all bool, get func(*Decoder, *T)) uint32 {
	n := d.Len(len(dst), size)
	if all && n != len(dst) && d.err == nil {
		d.Fail(com.Errorf(com.ErrProtocol, "%d elements for a slice of %d", n, len(dst)))
		return 0
	}
	for i := range n {
		get(d, &dst[i])
	}
	return uint32(n)
}
