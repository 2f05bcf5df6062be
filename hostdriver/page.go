package hostdriver

import (
	"sync"

	"github.com/mmlite/mmlite/firmware/link"
)

// page is who reads the card's status page, which is given back with the window.
type page struct {
	mu     sync.RWMutex
	closed bool
}

// enter keeps the page until leave, and reports false if it is gone.
func (p *page) enter() bool {
	p.mu.RLock()
	if p.closed {
		p.mu.RUnlock()
		return false
	}
	return true
}

func (p *page) leave() { p.mu.RUnlock() }

func (p *page) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
}

// Status reads the card's status page, which costs no call: the values of one
// moment, as many as fit. What they are is in package system (PageTime and so on).
// There are none once the card is closed.
func (c *Card) Status(values []uint64) int {
	if !c.page.enter() {
		return 0
	}
	defer c.page.leave()
	return link.GetStatus(c.t.Channel.Status(), values)
}

// Cursor is where one object of the card is, as the status page says. The zero Cursor
// gives nothing.
type Cursor struct {
	at   link.Cursor
	page *page
}

// Cursor returns cursor i of the card's status page, which an object on the card
// keeps up to date. It gives nothing on a link that shares no memory, for a number
// that the page has no room for, and once the card is closed.
func (c *Card) Cursor(i uint32) Cursor {
	at, _ := c.t.Channel.Cursor(i)
	return Cursor{at, &c.page}
}

// Get reads the values of one moment; see link.Cursor.
func (c *Cursor) Get() (values [3]uint64, ok bool) {
	if c.page == nil || !c.page.enter() {
		return values, false
	}
	defer c.page.leave()
	return c.at.Get()
}
