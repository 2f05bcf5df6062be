package hosted

import (
	"runtime"
	"runtime/metrics"
)

// RuntimeStatus is /status/runtime: what Go's runtime in the card's process does.
type RuntimeStatus struct {
	Mallocs     uint64 `json:"mallocs"`    // objects allocated so far
	HeapBytes   uint64 `json:"heap_bytes"` // in live objects
	Collections uint64 `json:"collections"`
	Goroutines  uint64 `json:"goroutines"`
	Processors  int    `json:"gomaxprocs"`
}

func runtimeStatus() any {
	samples := []metrics.Sample{
		{Name: "/gc/heap/allocs:objects"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(samples)
	value := func(i int) uint64 {
		if samples[i].Value.Kind() != metrics.KindUint64 {
			return 0 // a runtime that does not tell
		}
		return samples[i].Value.Uint64()
	}
	return RuntimeStatus{value(0), value(1), value(2), value(3), runtime.GOMAXPROCS(0)}
}
