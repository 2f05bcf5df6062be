//go:build race

package link

import "sync/atomic"

// storeRelaxed is an atomic store here, so that the race detector sees what the
// publishing store orders.
func storeRelaxed(p *uint32, v uint32) { atomic.StoreUint32(p, v) }
