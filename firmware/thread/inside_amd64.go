//go:build amd64 && !race

package thread

// load and store are of Processor.inside, which one goroutine at a time writes.
// See handover.drainTime for why a plain store will do on processors of this kind.
func load(w *uint32) uint32 { return *w }

func store(w *uint32, v uint32) { *w = v }
