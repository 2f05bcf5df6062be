package heap

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
)

var kept []byte

// BenchmarkPair allocates and frees one span at a time.
func BenchmarkPair(b *testing.B) {
	for _, size := range []uint64{256, 4096, 256 << 10} {
		n := strconv.Itoa(int(size))
		for _, p := range []Policy{General, Buddy} {
			b.Run(p.String()+"/"+n, func(b *testing.B) {
				a := arena(b, 4<<20, Options{Policy: p, Lock: new(sync.Mutex)})
				b.ReportAllocs()
				for b.Loop() {
					s, _ := a.Alloc(size, 0)
					a.Free(s)
				}
			})
			b.Run(p.String()+"Dirty/"+n, func(b *testing.B) {
				a := arena(b, 4<<20, Options{Policy: p, Dirty: true, Lock: new(sync.Mutex)})
				b.ReportAllocs()
				for b.Loop() {
					s, _ := a.Alloc(size, 0)
					a.Free(s)
				}
			})
		}
		b.Run("make/"+n, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				kept = make([]byte, size)
			}
		})
	}
}

// BenchmarkMixed keeps 1000 spans of 64 B to 16 KiB and replaces them at random.
func BenchmarkMixed(b *testing.B) {
	for _, p := range []Policy{General, Buddy} {
		b.Run(p.String(), func(b *testing.B) {
			a := arena(b, 64<<20, Options{Policy: p, Dirty: true, Reserve: 1000})
			r := rand.New(rand.NewPCG(1, 2))
			var live [1000]Span
			for i := range live {
				live[i] = alloc(b, a, 1<<r.IntN(15)+1, 0)
			}
			b.ReportAllocs()
			for b.Loop() {
				i := r.IntN(len(live))
				a.Free(live[i])
				live[i], _ = a.Alloc(1<<r.IntN(15)+1, 0)
			}
		})
	}
	b.Run("make", func(b *testing.B) {
		r := rand.New(rand.NewPCG(1, 2))
		var live [1000][]byte
		b.ReportAllocs()
		for b.Loop() {
			live[r.IntN(len(live))] = make([]byte, 1<<r.IntN(15)+1)
		}
	})
}
