//go:build amd64 && !race

package section

// load and store are of State.inside, which one goroutine at a time writes.
// See drainTime in package thread for why a plain store will do on processors of this kind.
func load(w *uint32) uint32 { return *w }

func store(w *uint32, v uint32) { *w = v }
