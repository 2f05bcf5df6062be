package ipc

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/thread/section"
)

// Driver is how one end of a connection waits and runs.
type Driver interface {
	// Made gives a call that is new its Waiter; it will be used many times.
	Made(call *Call)
	// Wait returns once call is done; the driver sees to it that somebody
	// reads the ring meanwhile. It returns an error if it gave up first.
	Wait(call *Call) error
	// Completed wakes the waiter of call; it runs on whoever reads the ring.
	Completed(call *Call)
	// Full waits a little for the other side to make room. It returns an
	// error when that will not happen.
	Full(attempt int) error
	// Exported is told when the first object is handed to the other side, so
	// that somebody will read calls to it.
	Exported()
	// Failed is told why the connection ended; once.
	Failed(err error)
	// Now returns nanoseconds on a clock that never goes back.
	Now() int64
}

// Options of a connection.
type Options struct {
	// Single says that only threads of one virtual processor use the connection, so
	// that it needs no lock between their checkpoints. Where that processor may go on
	// without a thread, Guard says how to keep it from doing so.
	Single bool
	// Batch is how many one-way calls may wait for being published together;
	// 0 publishes each at once.
	Batch int
	// Timeout limits calls whose context has no deadline; 0 means 30 s.
	Timeout time.Duration
	// Stubs are the contracts linked into this program: what an object handed
	// out without one may be asked for.
	Stubs []*Stub
	// MaxObjects limits how many objects the other side may hold; 0 means 65,536.
	MaxObjects int
	// Panicked, if set, is told of implementations that panicked while serving.
	Panicked func(where string, reason any, stack []byte)
	// MaxCalls limits calls outstanding at once; 0 means 1,024.
	MaxCalls int
}

// Conn is one end of a connection.
type Conn struct {
	end     *link.End
	drv     Driver
	opt     Options
	stubs   map[com.IID]*Stub
	guard   guard
	dead    atomic.Pointer[com.Error]
	calls   callTable
	exports exportTable
	imports importTable
	post    poster
	fault   atomic.Pointer[com.Error]
	owed    []byte // a fault that found no room, to go ahead of the next message; the guard's
	shut    bool   // the end has been closed, and nothing touches it any more; the guard's

	served   uint64
	sent     uint64
	leaked   atomic.Uint64
	incoming map[uint32]*Incoming // calls being served that can be cancelled
}

// guard is a mutex, or a section of a thread where one thread at a time runs anyway.
type guard struct {
	mu       sync.Mutex
	off      bool
	sections *section.State // or nil
}

func (g *guard) lock() (section uint32) {
	if g.off {
		if g.sections != nil {
			return g.sections.Enter()
		}
		return 0
	}
	g.mu.Lock() //mm:blocking a card's connections take no lock
	return 0
}

func (g *guard) unlock(section uint32) {
	switch {
	case !g.off:
		g.mu.Unlock()
	case g.sections != nil:
		g.sections.Leave(section)
	}
}

// hold is lock for Next and Serve, which are called within a section.
func (g *guard) hold() {
	if !g.off {
		g.mu.Lock() //mm:blocking a card's connections take no lock
	}
}

func (g *guard) release() {
	if !g.off {
		g.mu.Unlock()
	}
}

// enter begins a section where there are any, and takes no lock.
func (g *guard) enter() (section uint32) {
	if g.sections != nil {
		return g.sections.Enter()
	}
	return 0
}

func (g *guard) leave(section uint32) {
	if g.sections != nil {
		g.sections.Leave(section)
	}
}

// outside ends whatever sections the thread is in, while code of others runs on it.
// Inside is due after that, also where the code panics.
func (g *guard) outside() {
	if g.sections != nil {
		g.sections.Leave(0)
	}
}

func (g *guard) inside() {
	if s := g.sections; s != nil {
		if was, ok := s.Begin(); !ok {
			s.Ask(was)
		}
	}
}

// letGo releases what the other side held. Whoever calls is in the section of Next
// or Serve, which ends for it.
func (c *Conn) letGo(held []com.Unknown) {
	if len(held) > 0 {
		c.guard.outside()
		com.Release(held...)
		c.guard.inside()
	}
}

// Guard has a connection that is Single work with its tables in sections of its
// processor, from now on: before more than one thread uses it. Next and Serve are
// then called within a section, of which nothing is left while objects are called.
func (c *Conn) Guard(s *section.State) { c.guard.sections = s }

// NewConn makes a connection over end. The first object each side sends the
// other is the one with number 1, which Export makes.
func NewConn(end *link.End, drv Driver, opt Options) *Conn {
	if opt.Timeout == 0 {
		opt.Timeout = 30 * time.Second
	}
	if opt.MaxObjects == 0 {
		opt.MaxObjects = 1 << 16
	}
	if opt.MaxCalls == 0 {
		opt.MaxCalls = 1 << 10
	}
	c := &Conn{end: end, drv: drv, opt: opt, stubs: map[com.IID]*Stub{}, incoming: map[uint32]*Incoming{}}
	c.guard.off = opt.Single
	for _, s := range opt.Stubs {
		c.stubs[s.Type.IID] = s
	}
	c.imports.init()
	c.exports.init()
	c.post.init(c)
	return c
}

// End returns the end of the channel that c runs over.
func (c *Conn) End() *link.End { return c.end }

// Stats are running totals of a connection.
type Stats struct {
	Served  uint64 // calls served for the other side
	Sent    uint64 // packets sent
	Exports int    // objects the other side holds
	Imports int    // objects held here
	Leaked  uint64 // proxies collected without having been released
}

// Stats returns the totals.
func (c *Conn) Stats() Stats {
	sec := c.guard.lock()
	defer c.guard.unlock(sec)
	return Stats{c.served, c.sent, c.exports.count, len(c.imports.byID), c.leaked.Load()}
}

// Err returns why the connection ended, or nil.
func (c *Conn) Err() error {
	if e := c.dead.Load(); e != nil {
		return e
	}
	return nil
}

// Fail ends the connection: calls that wait return ErrGone with the reason,
// references the other side held are released, and the other side is told.
// Only the first call has an effect; once any has returned, nothing is written to
// the channel any more.
func (c *Conn) Fail(code com.Code, why error) {
	text := "connection closed"
	if why != nil {
		text = why.Error()
	}
	first := c.dead.CompareAndSwap(nil, &com.Error{Code: com.ErrGone, Text: text})
	outer := c.guard.enter() // completes no call meanwhile
	sec := c.guard.lock()
	if !c.shut {
		c.shut = true
		c.end.Publish()
		c.end.Close(code)
	}
	if !first {
		c.guard.unlock(sec)
		c.guard.leave(outer)
		return
	}
	c.post.stop()
	waiting := c.calls.outstanding()
	objects := c.exports.clear()
	var after []atEnd
	for _, in := range c.incoming {
		after = append(after, in.ctx.over(com.ErrGone)...)
	}
	c.guard.unlock(sec)
	for _, call := range waiting {
		if call.state.CompareAndSwap(stateSent, stateGone) {
			c.drv.Completed(call)
		}
	}
	c.guard.leave(outer)
	happen(after)
	for _, o := range objects {
		o.Release()
	}
	c.drv.Failed(c.Err())
}

// Close ends the connection in good order.
func (c *Conn) Close() { c.Fail(com.ErrClosed, nil) }

// send puts a message and publishes it, waiting for room if need be.
func (c *Conn) send(h header, msg []byte) error {
	sec := c.guard.enter()
	err := c.sendHeld(h, msg)
	c.guard.leave(sec)
	return err
}

// sendHeld is send within a section, or where there are none.
func (c *Conn) sendHeld(h header, msg []byte) error {
	if len(msg)-headerSize > MaxMessage {
		return com.Errorf(com.ErrInvalid, "message of %d bytes, the most is %d", len(msg)-headerSize, MaxMessage)
	}
	for attempt := 0; ; attempt++ {
		c.guard.hold()
		if e := c.dead.Load(); e != nil {
			c.guard.release()
			return e
		}
		ok, err := c.sendNow(&h, msg)
		c.guard.release()
		if ok {
			return nil
		}
		if err != nil {
			if com.CodeOf(err) == com.ErrProtocol {
				c.Fail(com.ErrProtocol, err)
			}
			return err
		}
		if err := c.drv.Full(attempt); err != nil {
			return err
		}
	}
}

// sendNow publishes a message, behind all that is staged. The caller holds the
// guard.
func (c *Conn) sendNow(h *header, msg []byte) (ok bool, err error) {
	if len(c.imports.late) > 0 {
		c.sendReleases()
	}
	if c.owed != nil {
		if ok, err = c.put(&header{kind: kindFault}, c.owed); !ok {
			return ok, err
		}
		c.end.Publish()
		c.sent++
		c.owed = nil
	}
	if slot := c.end.Direct(); slot != nil && len(msg) <= len(slot) {
		h.put(slot, len(msg))
		copy(slot[headerSize:], msg[headerSize:])
		c.end.PublishDirect()
		c.sent++
		return true, nil
	}
	if ok, err = c.put(h, msg); ok {
		c.end.Publish()
		c.sent++
	}
	return ok, err
}

// Next reads one packet. It reports true if in now holds a call for Serve, which
// then is due whatever becomes of the connection: the object is kept for it. It
// reports false with handled if the packet was something else and was dealt
// with, or if there was none. An error has ended the connection.
func (c *Conn) Next(in *Incoming) (serve, handled bool, err error) {
	n, err := c.end.Get(in.buf)
	if err == nil {
		if n == 0 {
			return false, false, nil
		}
		err = in.parse(c, n)
	}
	if err == nil {
		switch h := &in.header; h.kind {
		case kindCall, kindOneWay, kindQuery, kindPing:
			if err = in.begin(c); err == nil {
				return true, true, nil
			}
		case kindReply, kindFail:
			c.complete(h, in.Args.buf)
		case kindCancel:
			c.cancelled(h.call)
		case kindRelease:
			err = c.released(h.object, in.Args.buf)
		case kindFault:
			code, text := com.Code(in.Args.Uint32()), in.Args.String(DefaultMaxText)
			if err = in.Args.End(); err == nil {
				c.fault.CompareAndSwap(nil, &com.Error{Code: code, Text: text})
			}
		}
	}
	if err != nil {
		c.Fail(com.ErrProtocol, err)
		return false, false, err
	}
	return false, true, nil
}
