//go:build !amd64 || race

package section

import "sync/atomic"

func load(w *uint32) uint32 { return atomic.LoadUint32(w) }

func store(w *uint32, v uint32) { atomic.StoreUint32(w, v) }
