package ipctest

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// Object implements Values, Buffers, Calls and Refs.
type Object struct {
	com.Object
	wait func(context.Context) error

	calls, sum, bytes atomic.Uint64 // of one-way calls
	alive             atomic.Int32  // nodes

	mu   sync.Mutex
	kept Node
	any  com.Unknown
}

// New makes an object with one reference. wait returns when a context ends,
// with its error; nil waits as a goroutine may. On a card pass what suits the
// threads that serve calls.
func New(wait func(context.Context) error) *Object {
	if wait == nil {
		wait = func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
	}
	o := &Object{wait: wait}
	o.Init(o, o.end, ValuesType.For(o), BuffersType.For(o), CallsType.For(o), RefsType.For(o))
	return o
}

func (o *Object) end() {
	_ = o.Keep(nil)    // keeping nothing does not fail
	_ = o.KeepAny(nil) // nor does this
}

// Null implements Values.
func (o *Object) Null() error { return nil }

// Integers implements Values.
func (o *Object) Integers(a int8, b int16, c int32, d int64, e uint8, f uint16, g uint32, h uint64) (int8, int16, int32, int64, uint8, uint16, uint32, uint64, error) {
	return a, b, c, d, e, f, g, h, nil
}

// Floats implements Values.
func (o *Object) Floats(a float32, b float64) (float32, float64, error) { return a, b, nil }

// Plain implements Values.
func (o *Object) Plain(a bool, b string, c time.Duration) (bool, string, time.Duration, error) {
	return a, b, c, nil
}

// Named implements Values.
func (o *Object) Named(a Flag, b Level, c Pitch, d Title, e Blob, f Delay, g com.Code) (Flag, Level, Pitch, Title, Blob, Delay, com.Code, error) {
	return a, b, c, d, slices.Clone(e), f, g, nil
}

// Bytes implements Values.
func (o *Object) Bytes(b []byte) ([]byte, error) { return slices.Clone(b), nil }

// Numbers implements Values.
func (o *Object) Numbers(a []int8, b []int16, c []int32, d []int64, e []Level, f []uint16, g []uint32, h []uint64, i []float32, j []float64, k []time.Duration) ([]int8, []int16, []int32, []int64, []Level, []uint16, []uint32, []uint64, []float32, []float64, []time.Duration, error) {
	return a, b, c, d, e, f, g, h, i, j, k, nil
}

// Slices implements Values.
func (o *Object) Slices(a []bool, b []string, c [][]byte, d [][]string, e Lines, f []Lines, g [][][]uint16) ([]bool, []string, [][]byte, [][]string, Lines, []Lines, [][][]uint16, error) {
	return a, b, c, d, e, f, g, nil
}

// Struct implements Values.
func (o *Object) Struct(a Record) (Record, error) { return a, nil }

// Structs implements Values.
func (o *Object) Structs(a []Record, b [][]Inner) ([]Record, [][]Inner, error) { return a, b, nil }

// Foreign implements Values.
func (o *Object) Foreign(a system.Entry, b []system.Entry) (system.Entry, []system.Entry, error) {
	return a, b, nil
}

// Limited implements Values.
func (o *Object) Limited(b []byte, s string, v []uint64, names []string) (bool, error) {
	return len(b) <= 16 && len(s) <= 17 && len(v) <= 18 && len(names) <= 3, nil
}

// LimitedField implements Values.
func (o *Object) LimitedField(a Short) (uint32, error) { return uint32(len(a.Name)), nil }

// Overrun implements Values.
func (o *Object) Overrun(n uint32) ([]byte, error) {
	if n > 1<<20 {
		return nil, com.Errorf(com.ErrInvalid, "overrun by %d bytes", n)
	}
	return make([]byte, n), nil
}

// Pattern fills buf as Buffers says.
func Pattern(seed uint8, buf []byte) {
	for i := range buf {
		buf[i] = seed + uint8(i%251)
	}
}

// Fill implements Buffers.
func (o *Object) Fill(seed uint8, buf []byte) (uint32, error) {
	Pattern(seed, buf)
	return uint32(len(buf)), nil
}

// Part implements Buffers.
func (o *Object) Part(_ context.Context, seed uint8, want uint32, buf []byte) (uint32, bool, error) {
	Pattern(seed, buf[:min(int64(want), int64(len(buf)))])
	return want, int64(want) < int64(len(buf)), nil
}

// All implements Buffers.
func (o *Object) All(buf []byte, seed uint8) error {
	Pattern(seed, buf)
	return nil
}

// Both implements Buffers.
func (o *Object) Both(left []byte, seed uint8, right []byte) (uint64, error) {
	Pattern(seed, left)
	for i := range right {
		right[i] = seed + uint8((len(left)+i)%251)
	}
	return uint64(len(left) + len(right)), nil
}

// Refuse implements Buffers.
func (o *Object) Refuse(buf []byte) (uint32, error) {
	Pattern(1, buf[:len(buf)/2])
	return uint32(len(buf) / 2), com.ErrBusy
}

// Climb implements Buffers.
func (o *Object) Climb(all []Step, seed Level) error {
	for i := range all {
		if all[i] != (Step{}) {
			return com.Errorf(com.ErrFailed, "element %d holds %+v", i, all[i])
		}
		l := seed + Level(i)
		all[i] = Step{l, float32(l) / 4, l%2 == 0}
	}
	return nil
}

// Descend implements Buffers.
func (o *Object) Descend(_ context.Context, seed Level, want uint32, all []Step) (uint32, Level, error) {
	return want, seed, o.Climb(all[:min(int64(want), int64(len(all)))], seed)
}

// Shared implements Buffers.
func (o *Object) Shared(pixels []byte) (uint64, error) {
	sum := uint64(0)
	for _, b := range pixels {
		sum += uint64(b)
	}
	return sum, nil
}
