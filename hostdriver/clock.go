package hostdriver

import (
	"sync"

	"github.com/mmlite/mmlite/firmware/system"
)

// reference is how the card's clock is known here. The card writes its time into the
// status page now and then; the page is read later than that, by an unknown while.
// The least difference seen is the nearest to the truth (Cristian, Probabilistic
// clock synchronization, Distributed Computing 3, 1989, with one way alone).
type reference struct {
	mu     sync.Mutex
	page   uint64 // the time last read
	offset int64  // host's less card's
	known  bool
}

// slack is by how much the least difference is forgotten a second, in ns: two
// crystals differ by less.
const slack = 200_000

// Now returns the card's machine time in ns, which stamps in its status page are in,
// to the accuracy of how fast a page is written and read: microseconds. It reports
// false while the card has not told the time.
func (c *Card) Now() (ns int64, ok bool) {
	if c.t.Pump != nil {
		return int64(c.t.Machine.Now()), true // the card's own machine, in virtual time
	}
	var v [system.PageTime + 1]uint64
	n := c.Status(v[:])
	now := int64(c.t.Machine.Now())
	r := &c.reference
	r.mu.Lock()
	defer r.mu.Unlock()
	if page := v[system.PageTime]; n > system.PageTime && page != 0 && page != r.page {
		off := now - int64(page)
		if !r.known || off < r.offset {
			r.offset, r.known = off, true
		} else if page > r.page { // the host's clock may be the faster one
			r.offset += min(off-r.offset, int64(float64(page-r.page)*slack*1e-9))
		}
		r.page = page
	}
	return now - r.offset, r.known
}

// SharesMemory reports whether spans are the card's own memory and its status page
// can be read, so that neither takes a call.
func (c *Card) SharesMemory() bool { return len(c.t.Channel.GrantArea()) > 0 }
