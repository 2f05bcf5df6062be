package ipc

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/firmware/com"
)

// Stub serves the calls of one contract: it decodes parameters, calls the
// object, and encodes results.
type Stub struct {
	Type  *com.Descriptor
	Serve func(in *Incoming, obj com.Unknown) error
}

// export is an object handed to the other side. Its contracts are numbered in
// the order in which they were first handed out or asked for; number 0 is the
// base contract.
type export struct {
	id    uint32 // generation and index; 0 when free
	gen   uint32
	obj   com.Unknown // the identity, with one reference
	sent  uint64      // references the other side holds
	busy  int         // calls under way; an entry that is busy outlives its last reference
	faces []face
}

// face is one contract of an exported object.
type face struct {
	stub *Stub
	obj  com.Unknown // what speaks the contract, with a reference of its own
}

const (
	indexBits = 20
	indexMask = 1<<indexBits - 1
)

type exportTable struct {
	all   []export
	free  []uint32
	byObj map[com.Unknown]uint32 // identity to index
	count int
	any   bool
	over  bool     // the connection has ended: nothing is handed out any more
	pins  int      // replies received but not decoded that may name objects
	late  []uint32 // objects that would have been dropped but for pins
}

func (t *exportTable) init() {
	t.byObj = map[com.Unknown]uint32{}
	t.all = make([]export, 1, 16) // index 0 is never used
}

// lookup returns the live entry with that number. The caller holds the guard.
func (t *exportTable) lookup(id uint32) *export {
	i := id & indexMask
	if i == 0 || i >= uint32(len(t.all)) || t.all[i].id != id {
		return nil
	}
	return &t.all[i]
}

// Export hands obj to the other side as its first object, whose number both
// sides know to be Root, with one reference.
func (c *Conn) Export(obj com.Unknown, stub *Stub) error {
	_, _, err := c.export(obj, stub)
	return err
}

// Root is the number of the first object either side exports.
const Root = 1

// RootSlot is the contract slot of the stub that Export was given.
const RootSlot = 1

// export counts one more reference sent to obj and returns its number and the
// slot of the contract.
func (c *Conn) export(obj com.Unknown, stub *Stub) (id uint32, slot uint8, err error) {
	ident, err := obj.Query(com.IIDUnknown)
	if err != nil {
		return 0, 0, err
	}
	obj.AddRef() // for its slot, before the other side can know of that
	t := &c.exports
	sec := c.guard.lock()
	if t.over {
		c.guard.unlock(sec)
		com.Release(ident, obj)
		return 0, 0, c.Err()
	}
	i, known := t.byObj[ident]
	first := false
	if !known {
		if t.count >= c.opt.MaxObjects {
			c.guard.unlock(sec)
			com.Release(ident, obj)
			return 0, 0, com.Errorf(com.ErrQuota, "%d objects handed out over one link", t.count)
		}
		if n := len(t.free); n > 0 {
			i = t.free[n-1]
			t.free = t.free[:n-1]
		} else {
			i = uint32(len(t.all))
			t.all = append(t.all, export{})
		}
		e := &t.all[i]
		e.id = e.gen<<indexBits | i
		e.obj = ident
		e.faces = append(e.faces[:0], face{})
		t.byObj[ident] = i
		t.count++
		first, t.any = !t.any, true
	}
	e := &t.all[i]
	s, added, err := e.slot(stub, obj)
	if err == nil {
		e.sent++
	}
	id = e.id
	c.guard.unlock(sec)
	if known {
		ident.Release()
	}
	if !added {
		obj.Release()
	}
	if first {
		c.drv.Exported()
	}
	return id, s, err
}

// slot finds or makes the slot of a contract, and reports whether it is new: then it
// has a reference on obj that was the caller's.
func (e *export) slot(stub *Stub, obj com.Unknown) (uint8, bool, error) {
	if stub == nil {
		return 0, false, nil
	}
	for i := range e.faces {
		if s := e.faces[i].stub; s != nil && s.Type.IID == stub.Type.IID {
			return uint8(i), false, nil
		}
	}
	if len(e.faces) >= maxSlots {
		return 0, false, com.Errorf(com.ErrQuota, "object speaks more than %d contracts", maxSlots)
	}
	e.faces = append(e.faces, face{stub, obj})
	return uint8(len(e.faces) - 1), true, nil
}

// drop frees the entry and returns what it held. The caller holds the guard.
func (t *exportTable) drop(e *export) []com.Unknown {
	held := []com.Unknown{e.obj}
	for _, f := range e.faces {
		if f.obj != nil {
			held = append(held, f.obj)
		}
	}
	i := e.id & indexMask
	delete(t.byObj, e.obj)
	*e = export{gen: (e.gen + 1) & (1<<(32-indexBits) - 1)}
	t.free = append(t.free, i)
	t.count--
	return held
}

// clear drops all entries at the end of the connection, and returns what they held.
// The caller holds the guard.
func (t *exportTable) clear() []com.Unknown {
	t.over = true
	var held []com.Unknown
	for i := range t.all {
		if e := &t.all[i]; e.busy > 0 {
			e.sent = 0 // the last call to it will drop it
		} else if e.id != 0 {
			held = append(held, t.drop(&t.all[i])...)
		}
	}
	return held
}

// released takes back references that the other side gives up.
func (c *Conn) released(id uint32, body []byte) error {
	d := Decoder{buf: body}
	n := d.Uint64()
	if err := d.End(); err != nil {
		return err
	}
	sec := c.guard.lock()
	e := c.exports.lookup(id)
	if e == nil || n > e.sent {
		c.guard.unlock(sec)
		return com.Errorf(com.ErrProtocol, "release of %d references of object %#x, which the other side does not hold", n, id)
	}
	e.sent -= n
	var held []com.Unknown
	held = c.exports.settle(e, held)
	c.guard.unlock(sec)
	c.letGo(held)
	return nil
}

// takeBack undoes what encoding a message that was not sent has handed out.
func (c *Conn) takeBack(e *Encoder) {
	if len(e.gave) == 0 {
		return
	}
	var held []com.Unknown
	sec := c.guard.lock()
	for _, id := range e.gave {
		if x := c.exports.lookup(id); x != nil && x.sent > 0 {
			x.sent--
			held = c.exports.settle(x, held)
		}
	}
	c.guard.unlock(sec)
	e.gave = e.gave[:0]
	com.Release(held...)
}

// idle ends a call to the object with that number, which was begun by counting
// it busy.
func (c *Conn) idle(id uint32) {
	var held []com.Unknown
	c.guard.hold()
	if e := c.exports.lookup(id); e != nil {
		e.busy--
		held = c.exports.settle(e, held)
	}
	c.guard.release()
	c.letGo(held)
}

// settle drops an entry that nothing needs any more and adds what it held to
// held. The caller holds the guard.
func (t *exportTable) settle(e *export, held []com.Unknown) []com.Unknown {
	switch {
	case e.sent != 0 || e.busy != 0:
		return held
	case t.pins > 0 && !t.over:
		t.late = append(t.late, e.id)
		return held
	}
	return append(held, t.drop(e)...)
}

// pin keeps all entries until unpin. The other side may release an object as
// soon as a reply that names it is sent, and the reader is often further than
// the caller who decodes the reply.
func (c *Conn) pin() {
	sec := c.guard.lock()
	c.exports.pins++
	c.guard.unlock(sec)
}

func (c *Conn) unpin() {
	var held []com.Unknown
	sec := c.guard.lock()
	t := &c.exports
	if t.pins--; t.pins == 0 {
		for _, id := range t.late {
			if e := t.lookup(id); e != nil {
				held = t.settle(e, held)
			}
		}
		t.late = t.late[:0]
	}
	c.guard.unlock(sec)
	com.Release(held...)
}

// What a reference in a message is.
const (
	refNil  = 0
	refMine = 1 // an object of the sender: slot, number, form unless the slot is 0
	refHome = 2 // an object of the receiver: slot, number
)

// PutRef writes a reference to obj, which may be nil. The reference is borrowed.
// stub is that of the contract by which the receiver will call it, nil for a
// plain com.Unknown. An object that came from the receiver goes home as itself;
// one that came from another client is relayed through this domain.
func PutRef(e *Encoder, obj com.Unknown, stub *Stub) {
	if obj == nil {
		e.Uint8(refNil)
		return
	}
	if e.conn == nil {
		e.Fail(com.Errorf(com.ErrNotSupported, "a reference cannot be written without a connection"))
		return
	}
	if r, ok := obj.(interface{ ipcProxy() *Proxy }); ok {
		if p := r.ipcProxy(); p.remote.conn == e.conn {
			p.AddRef()
			e.hold = append(e.hold, p)
			e.Uint8(refHome)
			e.Uint8(p.slot)
			e.Uint32(p.remote.id)
			return
		}
	}
	id, slot, err := e.conn.export(obj, stub)
	if err != nil {
		e.Fail(err)
		return
	}
	e.gave = append(e.gave, id)
	e.Uint8(refMine)
	e.Uint8(slot)
	e.Uint32(id)
	if slot > 0 {
		e.Uint32(form(stub.Type.IID))
	}
}

// form is what a reference tells of the contract that it is for, beside the number
// of its slot. Nobody queries an object that is handed over as what it is, so two
// programs of different ages would find out in the middle of a call.
func form(iid com.IID) uint32 { return binary.LittleEndian.Uint32(iid[8:]) }

// home returns the object of this side that the other side refers to, with a
// reference for the caller.
func (c *Conn) home(id uint32, slot uint8) (com.Unknown, error) {
	sec := c.guard.lock()
	e := c.exports.lookup(id)
	if e == nil || int(slot) >= len(e.faces) {
		c.guard.unlock(sec)
		return nil, com.Errorf(com.ErrProtocol, "reference to object %#x, which was not handed out", id)
	}
	obj := e.obj
	if slot > 0 {
		obj = e.faces[slot].obj
	}
	e.busy++
	c.guard.unlock(sec)
	obj.AddRef() // without the guard: it may be a proxy over another connection
	var held []com.Unknown
	sec = c.guard.lock()
	if e := c.exports.lookup(id); e != nil {
		e.busy--
		held = c.exports.settle(e, held)
	}
	c.guard.unlock(sec)
	com.Release(held...)
	return obj, nil
}
