package output

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
)

// maxCaptures is how many captures one source serves at a time.
const maxCaptures = 8

// tap is where captures of one source hang. Any thread adds; the source's thread
// fills and lets go.
type tap struct {
	slots  [maxCaptures]atomic.Pointer[Capture]
	count  atomic.Int32
	closed atomic.Bool
}

func (p *tap) add(c *Capture) error {
	p.count.Add(1)
	for i := range p.slots {
		if p.slots[i].CompareAndSwap(nil, c) {
			if p.closed.Load() {
				p.remove(i, c)
			}
			return nil
		}
	}
	p.count.Add(-1)
	return com.Errorf(com.ErrQuota, "%d captures of it run already", maxCaptures)
}

// put gives a period of two sides to all captures.
func (p *tap) put(left, right []float32) {
	if p.count.Load() == 0 {
		return
	}
	p.sweep()
	for i := range p.slots {
		if c := p.slots[i].Load(); c != nil {
			c.put(left, right)
		}
	}
}

// putFrames gives an interleaved period to all captures.
func (p *tap) putFrames(frames []float32) {
	if p.count.Load() == 0 {
		return
	}
	p.sweep()
	for i := range p.slots {
		if c := p.slots[i].Load(); c != nil {
			c.putFrames(frames)
		}
	}
}

// sweep lets go of the captures that nobody wants.
func (p *tap) sweep() {
	if p.count.Load() == 0 {
		return
	}
	for i := range p.slots {
		if c := p.slots[i].Load(); c != nil && c.dropped.Load() {
			p.remove(i, c)
		}
	}
}

// end ends all captures, now and later.
func (p *tap) end() {
	p.closed.Store(true)
	for i := range p.slots {
		if c := p.slots[i].Load(); c != nil {
			p.remove(i, c)
		}
	}
}

func (p *tap) remove(i int, c *Capture) {
	if p.slots[i].CompareAndSwap(c, nil) {
		p.count.Add(-1)
		c.end()
	}
}

// full reports whether a capture has no room for a period.
func (p *tap) full() bool {
	if p.count.Load() == 0 {
		return false
	}
	for i := range p.slots {
		if c := p.slots[i].Load(); c != nil && c.full() {
			return true
		}
	}
	return false
}
