package wait

import (
	"context"
	"sync/atomic"
)

// Gate lets in one thread at a time, from whatever processor. Unlike a
// thread.Mutex it is given up on when the caller's context ends, and whoever is in
// may wait for others. The zero Gate is open. It must not be copied.
type Gate struct {
	taken atomic.Bool
	list  List
}

// Enter waits until nobody is in, and goes in. The errors are those of
// List.Until. Leave is due, in a deferred call, since the thread may be ended.
func (g *Gate) Enter(ctx context.Context) error {
	if g.taken.CompareAndSwap(false, true) {
		return nil
	}
	return g.list.Until(ctx, func() bool { return g.taken.CompareAndSwap(false, true) })
}

// Leave lets the next one in.
func (g *Gate) Leave() {
	g.taken.Store(false)
	g.list.Signal()
}
