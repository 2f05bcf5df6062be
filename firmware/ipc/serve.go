package ipc

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
)

// Incoming is a call being served: decode from Args, encode into Results. One
// belongs to each thread or goroutine that serves; it is used again.
type Incoming struct {
	Method  uint16
	Args    Decoder
	Results Encoder

	conn   *Conn
	header header
	stub   *Stub
	obj    com.Unknown // alive while its entry counts the call
	buf    []byte      // private copy of the packet
	ctx    callContext

	returned bool // the implementation did
}

// NewIncoming returns an empty one for use with Next and Serve.
func (c *Conn) NewIncoming() *Incoming {
	return &Incoming{
		conn:    c,
		buf:     make([]byte, link.MaxPacket),
		Args:    Decoder{conn: c, lent: &lent{}},
		Results: Encoder{conn: c, buf: make([]byte, headerSize, 512)},
	}
}

// NoMethod is the error for a method number that a contract does not have.
func NoMethod(in *Incoming) error {
	return com.Errorf(com.ErrProtocol, "the contract has no method %d", in.Method)
}

// begin checks a packet that wants something done.
func (in *Incoming) begin(c *Conn) error {
	h := &in.header
	in.Method = h.method & (1<<methodBits - 1)
	in.ctx.reset()
	in.Args.lent.reset()
	if h.flags&flagTimeout != 0 {
		left := in.Args.Duration()
		if in.Args.err != nil || left < 0 {
			return com.Errorf(com.ErrProtocol, "call with a bad deadline")
		}
		in.ctx.setDeadline(c.drv.Now(), left)
	}
	if h.kind == kindPing {
		in.obj = nil
		return nil
	}
	slot := h.method >> methodBits
	c.guard.hold()
	e := c.exports.lookup(h.object)
	if e == nil || int(slot) >= len(e.faces) || c.exports.over {
		c.guard.release()
		in.obj = nil // Serve answers ErrGone
		return nil
	}
	if f := &e.faces[slot]; slot > 0 {
		in.stub, in.obj = f.stub, f.obj
	} else {
		in.stub, in.obj = nil, e.obj
	}
	e.busy++
	c.served++
	c.guard.release()
	return nil
}

// maxCancel bounds how many calls being served are remembered for cancellation.
const maxCancel = 4096

// Serve runs the call and sends its reply.
func (c *Conn) Serve(in *Incoming) {
	in.Results.err = nil
	in.Results.buf = in.Results.buf[:headerSize]
	err := in.run()
	if in.header.kind == kindOneWay && err == nil {
		if in.obj != nil {
			c.idle(in.header.object)
		}
		return
	}
	c.reply(in, err)
	if len(in.Results.hold) > 0 {
		in.Results.sent()
	}
	if cap(in.Results.buf) > 1<<20 {
		in.Results.buf = make([]byte, headerSize, 512)
	}
	if cap(in.buf) > 1<<20 {
		in.buf = make([]byte, link.MaxPacket)
	}
}

// reply sends what a call came to.
func (c *Conn) reply(in *Incoming, err error) {
	if in.obj != nil {
		in.obj = nil
		c.idle(in.header.object)
	}
	if err == nil {
		err = in.Results.err
	}
	in.ctx.end(c, in.header.call)
	h := header{kind: kindReply, call: in.header.call}
	if err != nil {
		h.kind = kindFail
		c.takeBack(&in.Results)
		in.Results.buf = in.Results.buf[:headerSize]
		text := com.TextOf(err)
		if len(text) > 1024 {
			text = text[:1024]
		}
		in.Results.err = nil
		if in.header.kind == kindOneWay {
			h.kind = kindFault
			text = fmt.Sprintf("one-way call %s: %s", in.name(), text)
		}
		in.Results.Uint32(uint32(com.CodeOf(err)))
		in.Results.String(text, DefaultMaxText)
	} else if len(in.Results.hold) > 0 {
		h.flags = flagHome
	}
	if h.kind == kindFault {
		if in.Results.err == nil {
			c.sendFault(&h, in.Results.buf)
		}
		in.Results.gave = in.Results.gave[:0]
		return
	}
	err = c.sendHeld(h, in.Results.buf)
	if err != nil && c.dead.Load() == nil && h.kind == kindReply {
		c.takeBack(&in.Results)
		in.Results.buf = in.Results.buf[:headerSize]
		in.Results.Uint32(uint32(com.CodeOf(err)))
		in.Results.String(com.TextOf(err), DefaultMaxText)
		h.kind, h.flags = kindFail, 0
		err = c.sendHeld(h, in.Results.buf)
	}
	if err != nil { // who waits for the reply would do so for ever
		c.Fail(com.CodeOf(err), err)
	}
	in.Results.gave = in.Results.gave[:0]
}

// sendFault tells of a failed one-way call without waiting for room. A peer that
// only posts does not read: were each to wait for the other, both rings would stay
// full. The peer keeps no more than the first fault until it asks, so one is owed
// at most, and goes ahead of the next reply.
func (c *Conn) sendFault(h *header, msg []byte) {
	sec := c.guard.lock()
	defer c.guard.unlock(sec)
	if c.dead.Load() != nil || c.owed != nil {
		return
	}
	if ok, err := c.sendNow(h, msg); !ok && err == nil {
		c.owed = append([]byte(nil), msg...)
	}
}

func (in *Incoming) name() string {
	if in.stub == nil {
		return "of an unknown object"
	}
	if int(in.Method) < len(in.stub.Type.Methods) {
		return in.stub.Type.Name + "." + in.stub.Type.Methods[in.Method].Name
	}
	return in.stub.Type.Name
}

func (in *Incoming) run() (err error) {
	in.returned = false
	defer in.caught(&err)
	g := &in.conn.guard
	g.outside()
	err = in.dispatch()
	g.inside()
	in.returned = true
	return err
}

func (in *Incoming) dispatch() error {
	switch {
	case in.stub != nil && in.obj != nil && in.header.kind != kindQuery:
		return in.stub.Serve(in, in.obj)
	case in.header.kind == kindPing:
		return in.Args.End()
	case in.obj == nil:
		return com.Errorf(com.ErrGone, "object %#x is not held by this client", in.header.object)
	case in.header.kind == kindQuery:
		return in.query()
	}
	return NoMethod(in)
}

// caught turns a panic of the implementation into ErrPanic. Panics that are not
// errors of a component, such as the unwinding of a killed thread, pass.
func (in *Incoming) caught(err *error) {
	if in.returned {
		return
	}
	r := recover()
	if r == nil {
		return
	}
	if u, ok := r.(interface{ Unwinding() bool }); ok && u.Unwinding() {
		panic(r)
	}
	in.conn.guard.inside()
	*err = com.Errorf(com.ErrPanic, "%s: %v", in.name(), r)
	if in.conn.opt.Panicked != nil {
		in.conn.opt.Panicked(in.name(), r, debug.Stack())
	}
}

// query answers whether the object speaks a contract, with its slot.
func (in *Incoming) query() error {
	var iid com.IID
	copy(iid[:], in.Args.take(len(iid)))
	if err := in.Args.End(); err != nil {
		return err
	}
	c := in.conn
	stub := c.stubs[iid]
	obj, err := in.obj.Query(iid)
	if err != nil {
		return err
	}
	if stub == nil {
		obj.Release()
		return com.Errorf(com.ErrNoInterface, "the object speaks contract %v, but this image does not link it", iid)
	}
	sec := c.guard.lock()
	e := c.exports.lookup(in.header.object) // it is busy with this call
	slot, added, err := e.slot(stub, obj)
	c.guard.unlock(sec)
	if !added {
		obj.Release()
	}
	if err == nil {
		in.Results.Uint8(slot)
	}
	return err
}

// cancelled is told that the caller of a call being served gave up.
func (c *Conn) cancelled(call uint32) {
	sec := c.guard.lock()
	var after []atEnd
	if in := c.incoming[call]; in != nil { // which serves no other call as long as we hold the lock
		after = in.ctx.over(com.ErrCanceled)
	}
	c.guard.unlock(sec)
	happen(after)
}

// deadlineSlack is how much longer a call may run than its caller waits, so
// that both sides do not race to give up.
const deadlineSlack = 10 * time.Millisecond
