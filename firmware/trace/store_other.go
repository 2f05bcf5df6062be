//go:build !amd64 || race

package trace

import "sync/atomic"

// store writes a word that others read atomically, in the order of the program.
func store(w *uint64, v uint64) { atomic.StoreUint64(w, v) }
