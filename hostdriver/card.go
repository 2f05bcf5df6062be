// Package hostdriver is the host's end of the link: it opens a card and calls
// the objects on it as if they were the program's own.
//
//	card, err := hostdriver.Open(ctx, "hosted:")
//	synth, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
//	port, err := synth.Open(ctx, audio.PortOptions{})
//
// All of it may be used from many goroutines. Calls made by one goroutine start
// in order.
//
// An object of the card lives for as long as this program holds it. What it cannot
// reach any more is released at the next garbage collection, also a surface that a
// renderer still draws on: keep what is in use.
package hostdriver

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/system"
)

// Transport is a window to a card that somebody has opened.
type Transport struct {
	// Channel is laid out by the card.
	Channel *link.Channel
	// Machine is the host's own, for its clock and for waiting.
	Machine machine.Machine
	// Ring wakes the card; nil means Machine.Ring.
	Ring func(*uint32)
	// Pump is nil unless the card lives in this process in virtual time; then it
	// runs the card until ready holds, or reports that this can never be.
	Pump func(ready func() bool) error
	// Gone is closed when the other side is known to be no more; nil if the
	// transport cannot know.
	Gone <-chan struct{}
	// Close gives the window back; called once, when no call is under way.
	Close func() error
	// Abandon is called in place of Close while this program holds spans of the
	// window: it lets go of the card and has private memory take the place of the
	// window, which unmap gives back at last. Nil where the collector does that.
	Abandon func() (unmap func() error, err error)
}

// Card is an open card.
type Card struct {
	conn      *ipc.Conn
	look      *looker
	t         Transport
	system    system.System
	info      system.Info
	spans     spans
	page      page
	reference reference
	closed    sync.Once
	err       error
}

// batch is how many one-way calls travel together when they come quickly.
const batch = 64

// New opens the card at the other end of a transport, which belongs to the Card
// from then on. timeout is that of calls without deadline, 0 for 30 s; stubs are
// contracts that the card may ask this program's objects for, besides system's
// and audio's.
func New(ctx context.Context, t Transport, timeout time.Duration, stubs ...*ipc.Stub) (*Card, error) {
	l := newLooker(t.Machine)
	if t.Ring == nil {
		t.Ring = t.Machine.Ring
	}
	c := &Card{t: t, look: l}
	end := t.Channel.HostEnd(t.Ring)
	if t.Pump != nil {
		l.pump = func(ready func() bool) bool { return t.Pump(ready) == nil }
	}
	opt := ipc.Options{Batch: batch, Timeout: timeout, Stubs: append(append(stubs, system.Stubs...), audio.Stubs...)}
	if t.Pump != nil {
		opt.Batch = 0 // timers of the host would not be repeatable
	}
	c.conn = ipc.NewConn(end, l, opt)
	l.start(c.conn)
	if t.Gone != nil {
		go func() {
			select {
			case <-t.Gone:
				c.conn.Fail(com.ErrGone, com.Errorf(com.ErrGone, "the card is gone"))
			case <-l.done:
			}
		}()
	}
	if d := t.Channel.LeaseTime(); d > 0 {
		end.Beat()
		l.ended.Go(func() { c.renew(end, d/3) })
	}
	sys, _ := system.SystemType.Proxy(c.conn.Import(system.SystemType.IID))
	c.system = sys
	info, err := sys.Info(ctx)
	if err != nil {
		c.Close()
		return nil, com.Errorf(com.CodeOf(err), "the card does not say what it is: %s", com.TextOf(err))
	}
	c.info = info
	return c, nil
}

// patience is for how many of its own beats a host goes without one of the card's.
const patience = 5

// renew tells the card that this host lives, and looks whether the card does, until
// the card is closed.
func (c *Card) renew(end *link.End, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	last, silent := end.Lease(), 0
	for {
		select {
		case <-tick.C:
			end.Beat()
			now := end.Lease()
			if silent++; now != last {
				last, silent = now, 0
			}
			if silent == patience {
				c.conn.Fail(com.ErrGone, com.Errorf(com.ErrGone, "the card has not given a sign of life for %v", time.Duration(patience)*every))
			}
		case <-c.look.done:
			return
		}
	}
}

// System returns the card's first object. It belongs to the card: it is not to
// be released.
func (c *Card) System() system.System { return c.system }

// Info returns what the card said it is when it was opened.
func (c *Card) Info() system.Info { return c.info }

// Bind returns the object at path; the caller releases it.
func (c *Card) Bind(ctx context.Context, path string) (com.Unknown, error) {
	return c.system.Bind(ctx, path)
}

// Bind returns the object at path as a T; the caller releases it.
func Bind[T any](ctx context.Context, c *Card, path string, t *com.Type[T]) (T, error) {
	var none T
	u, err := c.Bind(ctx, path)
	if err != nil {
		return none, err
	}
	defer u.Release()
	v, err := com.Query(u, t)
	if err != nil {
		return none, com.Errorf(com.CodeOf(err), "%s: %s", path, com.TextOf(err))
	}
	return v, nil
}

// Flush returns when every one-way call made so far has run on the card, with
// the failure of one of them if there was any.
func (c *Card) Flush(ctx context.Context) error { return c.conn.Flush(ctx) }

// Stats returns the totals of the link.
func (c *Card) Stats() ipc.Stats { return c.conn.Stats() }

// Err returns why the card cannot be called any more, or nil.
func (c *Card) Err() error { return c.conn.Err() }

// Done is closed when the card cannot be called any more.
func (c *Card) Done() <-chan struct{} { return c.look.done }

// Close releases everything held on the card and gives the link back. Calls
// under way end with com.ErrGone.
func (c *Card) Close() error {
	c.closed.Do(func() {
		if c.conn.Err() == nil {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			_ = c.conn.Flush(ctx) // one-way calls made before are to run; a card that is gone has none
			cancel()
		}
		c.conn.Close()
		c.look.idle()
		c.page.close()
		c.err = c.spans.close(&c.t)
	})
	if errors.Is(c.err, com.ErrGone) {
		return nil
	}
	return c.err
}
