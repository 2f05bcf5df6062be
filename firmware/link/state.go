package link

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
)

// Close tells the other side why no more packets will come, and wakes it.
// It must not be called at the same time as a method of the Writer.
func (e *End) Close(why com.Code) {
	if why == com.OK {
		why = com.ErrClosed
	}
	atomic.StoreUint32(e.ownState, uint32(why))
	e.Writer.Ring()
}

// PeerClosed returns OK while the other side is there, and the code it gave
// when it closed.
func (e *End) PeerClosed() com.Code {
	return com.Code(atomic.LoadUint32(e.otherState))
}

// Beat renews this side's lease. The owner of a PCI window does so once a
// second: there is no other way for a card to notice that its host died.
func (e *End) Beat() { atomic.StoreUint32(e.ownLease, atomic.LoadUint32(e.ownLease)+1) }

// Lease returns a number that changes as long as the other side lives.
func (e *End) Lease() uint32 { return atomic.LoadUint32(e.otherLease) }

// Channel returns the channel that e is an end of.
func (e *End) Channel() *Channel { return e.channel }
