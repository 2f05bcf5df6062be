package firmware

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/thread"
)

// garbage is how much has to have been allocated since the last collection for
// one to be worth it.
const garbage = 256 << 10

// quiet is what a card does when nothing else is to be done.
type quiet struct {
	times       atomic.Uint64
	collected   atomic.Uint64 // bytes allocated up to the last collection
	collections atomic.Uint64
	trimmed     atomic.Uint64
}

// QuietStatus is /status/quiet: what was done while nothing else was.
type QuietStatus struct {
	Times       uint64 `json:"times"`       // that there was nothing else to do
	Collections uint64 `json:"collections"` // of garbage
	Unloaded    uint64 `json:"unloaded"`    // components
}

// Quiet does what is best done when no deadline is near: it unloads components
// that nobody uses, and collects garbage, so that the collector has no reason to
// run beside the real-time threads later. It is called on a thread of the spare
// processor when the card has nothing else to do.
//
//mm:await
func (c *Card) Quiet() {
	q := &c.quiet
	q.times.Add(1)
	if n := c.demand.Trim() + c.policies.Trim(); n > 0 {
		q.trimmed.Add(uint64(n))
		c.Log.Printf("unloaded %d components that nobody uses", n)
	}
	if c.Machine.Virtual() {
		return // the collector of the whole program is not this card's business
	}
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return
	}
	if now := sample[0].Value.Uint64(); now-q.collected.Load() > garbage {
		thread.Await(runtime.GC)
		metrics.Read(sample)
		q.collected.Store(sample[0].Value.Uint64())
		q.collections.Add(1)
	}
}

// QuietStatus says what was done so far.
func (c *Card) QuietStatus() QuietStatus {
	q := &c.quiet
	return QuietStatus{q.times.Load(), q.collections.Load(), q.trimmed.Load()}
}
