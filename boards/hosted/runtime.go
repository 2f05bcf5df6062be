package hosted

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/mmlite/mmlite/firmware/machine/host"
)

const (
	// virtualProcessors is how many a hosted card has, beside helpers.
	virtualProcessors = 2
	// garbagePercent is how much garbage there may be beside what lives before the
	// collector runs by itself. A card that plays or serves calls allocates next to
	// nothing, and has its garbage collected when it is at rest; the collector is to
	// stay away meanwhile.
	garbagePercent = 800
	// memoryLimit is what the Go heap, which card memory is no part of, should not
	// exceed by garbage.
	memoryLimit = 256 << 20
)

// tune sets Go's runtime up for a card. What the environment says is stronger.
func tune() {
	host.SpareProcs(virtualProcessors + helpers())
	favoured = host.Favour() == nil
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// favoured says whether this process goes before others.
var favoured bool

// RuntimeStatus is /status/runtime: what Go's runtime in the card's process does.
type RuntimeStatus struct {
	Mallocs     uint64  `json:"mallocs"`         // objects allocated so far
	HeapBytes   uint64  `json:"heap_bytes"`      // in objects, live or not
	LiveBytes   uint64  `json:"live_bytes"`      // in those that the last collection found alive
	ScanBytes   uint64  `json:"scan_bytes"`      // of the heap that a collection has to look through
	Collections uint64  `json:"collections"`     // all
	Forced      uint64  `json:"quiet_or_forced"` // of them, not begun because the heap had grown
	Percent     uint64  `json:"gc_percent"`
	Limit       uint64  `json:"memory_limit_bytes"`
	GCSeconds   float64 `json:"gc_cpu_seconds"`
	PauseMax    float64 `json:"longest_gc_pause_us"` // at least, to the runtime's resolution
	Goroutines  uint64  `json:"goroutines"`
	Processors  int     `json:"gomaxprocs"`
	Favoured    bool    `json:"favoured"` // ordinary threads go before those of other processes
}

func runtimeStatus() any {
	var s RuntimeStatus
	values := []struct {
		name string
		into *uint64
	}{
		{"/gc/heap/allocs:objects", &s.Mallocs}, {"/memory/classes/heap/objects:bytes", &s.HeapBytes},
		{"/gc/heap/live:bytes", &s.LiveBytes}, {"/gc/scan/heap:bytes", &s.ScanBytes},
		{"/gc/cycles/total:gc-cycles", &s.Collections}, {"/gc/cycles/forced:gc-cycles", &s.Forced},
		{"/gc/gogc:percent", &s.Percent}, {"/gc/gomemlimit:bytes", &s.Limit},
		{"/sched/goroutines:goroutines", &s.Goroutines},
	}
	samples := make([]metrics.Sample, len(values), len(values)+2)
	for i, v := range values {
		samples[i].Name = v.name
	}
	samples = append(samples, metrics.Sample{Name: "/cpu/classes/gc/total:cpu-seconds"},
		metrics.Sample{Name: "/sched/pauses/total/gc:seconds"})
	metrics.Read(samples)
	for i, v := range values {
		if samples[i].Value.Kind() == metrics.KindUint64 { // else the runtime does not tell
			*v.into = samples[i].Value.Uint64()
		}
	}
	if v := samples[len(values)].Value; v.Kind() == metrics.KindFloat64 {
		s.GCSeconds = v.Float64()
	}
	if v := samples[len(values)+1].Value; v.Kind() == metrics.KindFloat64Histogram {
		h := v.Float64Histogram()
		for i, n := range h.Counts {
			if n > 0 {
				s.PauseMax = 1e6 * h.Buckets[i] // the lower end: the upper one may be infinite
			}
		}
	}
	s.Processors, s.Favoured = runtime.GOMAXPROCS(0), favoured
	return s
}
