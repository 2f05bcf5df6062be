package ipc

import (
	"encoding/binary"
	"runtime"
	"sync/atomic"
	"weak"

	"github.com/mmlite/mmlite/firmware/com"
)

// remote is an object of the other side. Its proxies, one a contract, share it.
type remote struct {
	conn     *Conn
	id       uint32
	received uint64 // references the other side counts for us
	refs     int64  // references held here through all proxies
	proxies  []held
}

// held remembers a proxy without keeping it alive, so that one nobody can reach
// any more is collected and its references are given back.
type held struct {
	iid   com.IID
	slot  uint8
	proxy weak.Pointer[Proxy]
}

// Proxy is an object of the other side, for one of its contracts. Generated
// types embed it.
type Proxy struct {
	remote *remote
	slot   uint8
	iid    com.IID
	cell   *proxyCell
}

// proxyCell counts a proxy's references and outlives it, so that what was never
// released can be found when the proxy is collected.
type proxyCell struct {
	refs   atomic.Int64
	remote *remote
}

func (p *Proxy) ipcProxy() *Proxy { return p }

type importTable struct {
	byID map[uint32]*remote
	late []release // those that found no room, to go ahead of the next message
}

type release struct {
	id    uint32
	count uint64
}

func (t *importTable) init() { t.byID = map[uint32]*remote{} }

// Import returns the other side's first object as a proxy for the contract
// that it was exported with.
func (c *Conn) Import(iid com.IID) *Proxy { return c.importRef(Root, RootSlot, iid, true) }

// importRef returns a proxy with a reference for the caller. counted says that
// the other side counted one for us.
func (c *Conn) importRef(id uint32, slot uint8, iid com.IID, counted bool) *Proxy {
	sec := c.guard.lock()
	defer c.guard.unlock(sec)
	r := c.imports.byID[id]
	if r == nil {
		r = &remote{conn: c, id: id}
		c.imports.byID[id] = r
	}
	if counted {
		r.received++
	}
	r.refs++
	for i := range r.proxies {
		if h := &r.proxies[i]; h.iid == iid {
			if p := h.proxy.Value(); p != nil {
				p.cell.refs.Add(1)
				return p
			}
			r.proxies[i] = r.proxies[len(r.proxies)-1]
			r.proxies = r.proxies[:len(r.proxies)-1]
			break
		}
	}
	cell := &proxyCell{remote: r}
	cell.refs.Store(1)
	p := &Proxy{remote: r, slot: slot, iid: iid, cell: cell}
	r.proxies = append(r.proxies, held{iid, slot, weak.Make(p)})
	runtime.AddCleanup(p, collected, cell)
	return p
}

// collected gives back what a proxy that nobody can reach still held.
func collected(cell *proxyCell) {
	n := cell.refs.Swap(0)
	if n <= 0 {
		return
	}
	c := cell.remote.conn
	if c.dead.Load() != nil || c.guard.off {
		return
	}
	c.leaked.Add(1)
	c.unref(cell.remote, n)
}

// unref takes n references from r and, with the last, tells the other side.
func (c *Conn) unref(r *remote, n int64) {
	sec := c.guard.lock()
	defer c.guard.unlock(sec)
	r.refs -= n
	if r.refs > 0 {
		return
	}
	if c.imports.byID[r.id] == r {
		delete(c.imports.byID, r.id)
	}
	if c.dead.Load() != nil {
		return
	}
	c.imports.late = append(c.imports.late, release{r.id, r.received})
	r.received = 0
	c.sendReleases()
}

// sendReleases sends the releases that are due, as far as there is room. The caller
// holds the guard.
func (c *Conn) sendReleases() {
	late := c.imports.late
	for len(late) > 0 {
		var p [headerSize + 8]byte
		binary.LittleEndian.PutUint64(p[headerSize:], late[0].count)
		if ok, _ := c.put(&header{kind: kindRelease, object: late[0].id}, p[:]); !ok {
			break
		}
		late = late[1:]
	}
	c.imports.late = late
	c.end.Publish()
}

// AddRef implements com.Unknown.
func (p *Proxy) AddRef() uint32 {
	c := p.remote.conn
	sec := c.guard.lock()
	defer c.guard.unlock(sec)
	if p.cell.refs.Load() <= 0 {
		return 0
	}
	p.remote.refs++
	return uint32(p.cell.refs.Add(1))
}

// Release implements com.Unknown. With the last reference of its last proxy the
// object on the other side is released as often as it was received.
func (p *Proxy) Release() uint32 {
	for {
		n := p.cell.refs.Load()
		if n <= 0 {
			return 0
		}
		if p.cell.refs.CompareAndSwap(n, n-1) {
			p.remote.conn.unref(p.remote, 1)
			return uint32(n - 1)
		}
	}
}

// Query implements com.Unknown: it asks the other side, once for each contract.
// The result is a *Proxy; com.Query makes the contract's type of it.
func (p *Proxy) Query(iid com.IID) (com.Unknown, error) {
	c, r := p.remote.conn, p.remote
	if p.cell.refs.Load() <= 0 {
		return nil, com.Errorf(com.ErrGone, "query on a proxy after its last release")
	}
	if iid == com.IIDUnknown {
		return c.importRef(r.id, 0, iid, false), nil
	}
	sec := c.guard.lock()
	for i := range r.proxies {
		if h := &r.proxies[i]; h.iid == iid {
			slot := h.slot
			c.guard.unlock(sec)
			return c.importRef(r.id, slot, iid, false), nil
		}
	}
	c.guard.unlock(sec)
	call, err := c.begin(nil, header{kind: kindQuery, object: r.id})
	if err != nil {
		return nil, err
	}
	call.Args.buf = append(call.Args.buf, iid[:]...)
	if err := call.Invoke(); err != nil {
		return nil, err
	}
	slot := call.Results.Uint8()
	if err := call.End(); err != nil {
		return nil, err
	}
	return c.importRef(r.id, slot, iid, false), nil
}

// ref reads a reference; iid and name say for which contract.
func (d *Decoder) ref(iid com.IID, name string) com.Unknown {
	what := d.Uint8()
	if what == refNil || d.err != nil {
		return nil
	}
	slot, id := d.Uint8(), d.Uint32()
	if d.err != nil {
		return nil
	}
	if d.conn == nil || slot >= maxSlots {
		d.Fail(com.Errorf(com.ErrProtocol, "reference to object %#x, contract %d", id, slot))
		return nil
	}
	switch what {
	case refMine:
		switch {
		case slot == 0:
			iid = com.IIDUnknown
		case iid == com.IIDUnknown:
			d.Uint32()
		case d.Uint32() != form(iid) && d.err == nil:
			d.conn.importRef(id, slot, com.IIDUnknown, true).Release() // the other side has counted it
			d.Fail(com.Errorf(com.ErrVersion, "the other side knows another form of the contract %s: bring both to one version of mmlite", name))
		}
		if d.err != nil {
			return nil
		}
		return d.conn.importRef(id, slot, iid, true)
	case refHome:
		obj, err := d.conn.home(id, slot)
		if err != nil {
			d.Fail(err)
			return nil
		}
		return obj
	}
	d.Fail(com.Errorf(com.ErrProtocol, "reference of kind %d", what))
	return nil
}

// GetUnknown reads a reference that the caller owns, or nil.
func GetUnknown(d *Decoder) com.Unknown { return d.ref(com.IIDUnknown, "") }

// GetRef reads a reference of the contract t that the caller owns, or nil.
func GetRef[T com.Unknown](d *Decoder, t *com.Type[T]) (obj T) {
	u := d.ref(t.IID, t.Name)
	if u == nil {
		return obj
	}
	if p, ok := u.(*Proxy); ok {
		if p.iid != t.IID {
			p.Release()
			d.Fail(com.Errorf(com.ErrProtocol, "reference without the contract %s", t.Name))
			return obj
		}
		obj, _ = t.Proxy(p)
		return obj
	}
	v, err := com.Query(u, t)
	u.Release()
	if err != nil {
		d.Fail(err)
	}
	return v
}
