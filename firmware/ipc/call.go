package ipc

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// Call is an outgoing call: encode into Args, Invoke, decode from Results, End.
// It belongs to one caller and goes back to its connection at End.
type Call struct {
	Args    Encoder
	Results Decoder

	conn   *Conn
	header header
	id     atomic.Uint32
	reply  []byte // private copy of the results
	state  atomic.Uint32
	pinned bool // the reply names objects of this side
	err    error

	// Discard, if set, takes the results apart and releases the references
	// among them. It is called if they arrive when nobody waits any more, on
	// whoever reads the link.
	Discard func(*Decoder)

	// Context is the caller's, nil if the method has none.
	Context context.Context
	// Deadline is when Driver.Wait gives up, on the driver's clock; 0 means
	// that the default has not been put on the clock yet.
	Deadline int64
	// Waiter is the driver's, kept with the call.
	Waiter any
}

const (
	stateIdle uint32 = iota
	stateSent
	stateAbandoned // the caller went away; the reply will free the call
	stateDone
	stateGone // the connection ended; whoever reads may be at the reply still
)

// Done reports whether the reply is there, or will never be.
func (c *Call) Done() bool { return c.state.Load() >= stateDone }

// Timeout is how long the call may take if its context does not say.
func (c *Call) Timeout() time.Duration { return c.conn.opt.Timeout }

// callTable holds the calls of a connection; a call's number is its index and
// a count of its uses, so that a late or invented reply finds nobody.
type callTable struct {
	all  atomic.Pointer[[]*Call] // replaced when it grows
	hot  atomic.Pointer[Call]    // the free call used last
	free []*Call
}

const callBits = 12

func (c *Conn) newCall() (*Call, error) {
	t := &c.calls
	if call := t.hot.Swap(nil); call != nil {
		return call, nil
	}
	sec := c.guard.lock()
	if n := len(t.free); n > 0 {
		call := t.free[n-1]
		t.free = t.free[:n-1]
		c.guard.unlock(sec)
		return call, nil
	}
	all := t.list()
	if len(all) >= min(c.opt.MaxCalls, 1<<callBits) {
		c.guard.unlock(sec)
		return nil, com.Errorf(com.ErrBusy, "%d calls outstanding on one link", len(all))
	}
	call := &Call{conn: c}
	call.id.Store(uint32(len(all)))
	call.Args = Encoder{conn: c, buf: make([]byte, headerSize, 256)}
	call.reply = make([]byte, 0, 256)
	c.drv.Made(call)
	all = append(all[:len(all):len(all)], call)
	t.all.Store(&all)
	c.guard.unlock(sec)
	return call, nil
}

func (c *Conn) freeCall(call *Call) {
	call.err, call.Context, call.Deadline, call.Discard = nil, nil, 0, nil
	call.Args.err = nil
	if len(call.Args.hold)+len(call.Args.gave) > 0 {
		c.letGoArgs(call)
	}
	if call.pinned {
		call.pinned = false
		c.unpin()
	}
	call.Args.buf = call.Args.buf[:headerSize]
	if cap(call.Args.buf) > 1<<20 {
		call.Args.buf = make([]byte, headerSize, 256)
	}
	if cap(call.reply) > 1<<20 {
		call.reply = nil
	}
	call.id.Add(1 << callBits)
	if c.calls.hot.CompareAndSwap(nil, call) {
		return
	}
	sec := c.guard.lock()
	c.calls.free = append(c.calls.free, call)
	c.guard.unlock(sec)
}

// letGoArgs gives back what the parameters of a call hold.
func (c *Conn) letGoArgs(call *Call) {
	call.Args.sent()
	c.takeBack(&call.Args)
}

func (t *callTable) list() []*Call {
	if l := t.all.Load(); l != nil {
		return *l
	}
	return nil
}

func (t *callTable) outstanding() []*Call {
	var w []*Call
	for _, call := range t.list() {
		if call.state.Load() == stateSent {
			w = append(w, call)
		}
	}
	return w
}

// Begin starts a call of a method. ctx is nil where the method has none; its
// deadline and cancellation travel.
func (p *Proxy) Begin(ctx context.Context, method uint16) (*Call, error) {
	c := p.remote.conn
	if p.cell.refs.Load() <= 0 {
		return nil, com.Errorf(com.ErrGone, "call on a proxy after its last release")
	}
	return c.begin(ctx, header{kind: kindCall, object: p.remote.id, method: uint16(p.slot)<<methodBits | method})
}

func (c *Conn) begin(ctx context.Context, h header) (*Call, error) {
	if e := c.dead.Load(); e != nil {
		return nil, e
	}
	call, err := c.newCall()
	if err != nil {
		return nil, err
	}
	call.header = h
	call.header.call = call.id.Load()
	if ctx != nil && ctx != context.Background() {
		if err := ctx.Err(); err != nil {
			c.freeCall(call)
			return nil, com.CodeOf(err)
		}
		call.Context = ctx
		if t, ok := ctx.Deadline(); ok {
			left := time.Until(t)
			call.header.flags |= flagTimeout
			now := c.drv.Now()
			if call.Deadline = now + int64(left); left > 0 && call.Deadline < now {
				call.Deadline = math.MaxInt64
			}
			call.Args.Duration(max(left, 0))
		}
	}
	return call, nil
}

// Invoke sends the call and waits for its results. If it returns an error the
// call has ended.
func (call *Call) Invoke() error {
	c := call.conn
	if err := call.Args.err; err != nil {
		c.freeCall(call)
		return err
	}
	call.state.Store(stateSent)
	if err := c.send(call.header, call.Args.buf); err != nil {
		if call.state.CompareAndSwap(stateSent, stateIdle) {
			c.freeCall(call)
		} else { // answered before it was sent, or the connection is over: not to be used again
			c.letGoArgs(call)
		}
		return err
	}
	call.Args.gave = call.Args.gave[:0]
	id := call.header.call
	err := c.drv.Wait(call)
	if err != nil && call.state.CompareAndSwap(stateSent, stateAbandoned) {
		// The reply, if it ever comes, frees the call: it is no longer ours.
		c.sendSmall(header{kind: kindCancel, call: id})
		return err
	}
	if call.state.Load() == stateGone {
		c.letGoArgs(call)
		return c.Err()
	}
	if err = call.err; err != nil {
		c.freeCall(call)
		return err
	}
	call.Results = Decoder{conn: c, buf: call.reply}
	return nil
}

// End finishes a call whose results were decoded. It returns what went wrong in
// decoding them, or the failure of an earlier one-way call.
func (call *Call) End() error {
	c := call.conn
	err := call.Results.End()
	call.Results.buf = nil
	c.freeCall(call)
	if err != nil {
		c.Fail(com.ErrProtocol, err)
		return err
	}
	return c.takeFault()
}

// takeFault returns the failure of an earlier one-way call, once.
func (c *Conn) takeFault() error {
	if c.fault.Load() == nil {
		return nil
	}
	if f := c.fault.Swap(nil); f != nil {
		return f
	}
	return nil
}

// complete hands a reply to the call it answers.
func (c *Conn) complete(h *header, body []byte) {
	i, all := h.call&(1<<callBits-1), c.calls.list()
	if int(i) >= len(all) || all[i].id.Load() != h.call {
		return
	}
	call := all[i]
	switch call.state.Load() {
	case stateSent:
		if h.kind == kindFail {
			d := Decoder{buf: body}
			code, text := com.Code(d.Uint32()), d.String(DefaultMaxText)
			switch {
			case d.err != nil:
				call.err = d.err
			case text == "":
				call.err = code
			default:
				call.err = &com.Error{Code: code, Text: text}
			}
		} else {
			call.reply = append(call.reply[:0], body...)
			if h.flags&flagHome != 0 {
				call.pinned = true
				c.pin()
			}
		}
		if call.state.CompareAndSwap(stateSent, stateDone) {
			c.drv.Completed(call)
			return
		}
		if call.state.Load() != stateAbandoned {
			return
		}
		fallthrough
	case stateAbandoned:
		if h.kind == kindReply && call.Discard != nil {
			call.Discard(&Decoder{conn: c, buf: body})
		}
		c.freeCall(call)
	}
}

// sendSmall sends a packet without body if there is room now.
func (c *Conn) sendSmall(h header) {
	var p [headerSize]byte
	sec := c.guard.lock()
	if c.dead.Load() == nil {
		if ok, _ := c.put(&h, p[:]); ok {
			c.end.Publish()
		}
	}
	c.guard.unlock(sec)
}

// Flush returns when every one-way call made so far has run, with the failure
// of one of them if there was any.
func (c *Conn) Flush(ctx context.Context) error {
	call, err := c.begin(ctx, header{kind: kindPing})
	if err != nil {
		return err
	}
	if err := call.Invoke(); err != nil {
		return err
	}
	return call.End()
}
