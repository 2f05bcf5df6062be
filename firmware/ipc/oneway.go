package ipc

import (
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// OneWay is a one-way call being encoded. It holds the connection's guard from
// BeginOneWay to Post, so that the calls of a connection keep their order.
type OneWay struct {
	Args Encoder
	conn *Conn
	h    header
	sec  uint32
	slot *byte // where the packet is made in the ring's staging place, nil if elsewhere
}

// flushAfter is how long a one-way call may wait for company.
const flushAfter = 500 * time.Microsecond

// poster batches one-way calls: the first after a pause goes out at once, those
// that follow closely go out together.
type poster struct {
	call  OneWay
	spare []*OneWay // where no guard is held, each call in the making needs its own
	timer *time.Timer
	armed bool
}

func (p *poster) init(c *Conn) {
	p.call.conn = c
	p.call.Args = Encoder{conn: c, spill: make([]byte, 0, 1024)}
	if c.opt.Batch > 0 {
		p.timer = time.AfterFunc(time.Hour, c.flushPosted)
		p.timer.Stop()
	}
}

func (p *poster) take(c *Conn) *OneWay {
	if !c.guard.off {
		return &p.call
	}
	if n := len(p.spare); n > 0 {
		o := p.spare[n-1]
		p.spare = p.spare[:n-1]
		return o
	}
	return &OneWay{conn: c, Args: Encoder{conn: c, spill: make([]byte, 0, 1024)}}
}

func (p *poster) give(o *OneWay) {
	o.Args.err = nil
	if o != &p.call {
		p.spare = append(p.spare, o)
	}
}

func (p *poster) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}

func (c *Conn) flushPosted() {
	sec := c.guard.lock()
	defer c.guard.unlock(sec)
	if c.dead.Load() != nil {
		return
	}
	if c.end.Staged() > 0 {
		c.end.Publish()
		c.post.timer.Reset(flushAfter)
		return
	}
	c.post.armed = false
}

// BeginOneWay starts a one-way call of a method; Post must follow.
func (p *Proxy) BeginOneWay(method uint16) (*OneWay, error) {
	c := p.remote.conn
	if p.cell.refs.Load() <= 0 {
		return nil, com.Errorf(com.ErrGone, "call on a proxy after its last release")
	}
	sec := c.guard.lock()
	if e := c.dead.Load(); e != nil {
		c.guard.unlock(sec)
		return nil, e
	}
	o := c.post.take(c)
	o.sec = sec
	o.h = header{kind: kindOneWay, object: p.remote.id, method: uint16(p.slot)<<methodBits | method}
	if s := c.end.Slot(); s != nil {
		o.Args.buf, o.slot = s[:headerSize], &s[:1][0]
	} else {
		o.Args.buf, o.slot = o.Args.spill[:headerSize], nil
	}
	return o, nil
}

// Post sends the call. A nil error says only that it was sent: how it fared
// surfaces at the next reply or at Flush.
func (o *OneWay) Post() error {
	c := o.conn
	err := o.Args.err
	if err == nil {
		if b := o.Args.buf; &b[0] == o.slot {
			o.h.put(b, len(b))
			c.end.Commit()
		} else {
			err = o.send()
		}
	}
	if err == nil {
		c.sent++
		p := &c.post
		switch {
		case c.opt.Batch == 0:
			c.end.Publish()
		case !p.armed:
			p.armed = true
			p.timer.Reset(flushAfter)
			c.end.Publish()
		case c.end.Staged() >= c.opt.Batch:
			c.end.Publish()
		}
	}
	sec := o.sec
	c.post.give(o)
	c.guard.unlock(sec)
	if err != nil && com.CodeOf(err) == com.ErrProtocol {
		c.Fail(com.ErrProtocol, err)
	}
	return err
}

// send stages a call that was not made in its place: one of more than a slot, or
// one for which there was no room.
func (o *OneWay) send() error {
	c := o.conn
	for attempt := 0; ; attempt++ {
		if e := c.dead.Load(); e != nil {
			return e
		}
		if ok, err := c.put(&o.h, o.Args.buf); ok || err != nil {
			return err
		}
		// The guard stays held: whoever posts next must not overtake.
		if err := c.drv.Full(attempt); err != nil {
			return err
		}
	}
}
