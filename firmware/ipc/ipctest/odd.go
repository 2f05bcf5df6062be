package ipctest

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
)

// odd implements Odd.
type odd struct {
	com.Object
	sum atomic.Uint32
}

// Odd implements Refs.
func (o *Object) Odd() (Odd, error) {
	x := &odd{}
	x.Object.Init(x, nil, OddType.For(x))
	return x, nil
}

func (o *odd) Begin(a, b, c, d, e, f, g, h, i, j, k, l, m uint32) (uint32, []byte, error) {
	return a + b + c + d + e + f + g + h + i + j + k + l + m, []byte{1}, nil
}

func (o *odd) BeginOneWay(v uint32) error {
	o.sum.Add(v)
	return nil
}

func (o *odd) Init(n uint32, data, out []byte, more []uint8) (uint32, uint32, error) {
	for i := range out {
		out[i] = 1
	}
	return uint32(len(out)), n + uint32(len(data)+len(out)+len(more)), nil
}

func (o *odd) Refs(context.Context) (uint32, error) { return o.sum.Load(), nil }

func (o *odd) Contracts(s string) (string, error) { return s, nil }

func (o *odd) Load() (Odd, error) { return add(o), nil }

func (o *odd) Enter(b bool) (bool, error) { return b, nil }

func (o *odd) Swap(a []Outer, b [][]byte) (uint32, uint32, error) {
	return uint32(len(a)), uint32(len(b)), nil
}
