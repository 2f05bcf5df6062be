package metal

import "runtime/metrics"

// RuntimeStatus is /status/runtime: what Go's runtime does.
type RuntimeStatus struct {
	HeapBytes   uint64 `json:"heap_bytes"` // in objects, live or not
	LiveBytes   uint64 `json:"live_bytes"` // in those that the last collection found alive
	Collections uint64 `json:"collections"`
	Forced      uint64 `json:"quiet_or_forced"` // of them, not begun because the heap had grown
	Goroutines  uint64 `json:"goroutines"`
}

func runtimeStatus() any {
	var s RuntimeStatus
	values := []*uint64{&s.HeapBytes, &s.LiveBytes, &s.Collections, &s.Forced, &s.Goroutines}
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"},
		{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/cycles/forced:gc-cycles"}, {Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(samples)
	for i, v := range values {
		if samples[i].Value.Kind() == metrics.KindUint64 { // else the runtime does not tell
			*v = samples[i].Value.Uint64()
		}
	}
	return s
}
