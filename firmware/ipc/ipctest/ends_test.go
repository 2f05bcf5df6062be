package ipctest_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/ipc/ipctest"
	"github.com/mmlite/mmlite/firmware/link"
)

// ending is an object whose connection ends while it makes a node.
type ending struct {
	ipctest.Refs
	end func()
}

func (e *ending) Make(name string) (ipctest.Node, error) {
	n, err := e.Refs.Make(name)
	e.end()
	return n, err
}

// What a call hands out whose client is gone meanwhile is not kept for it.
func TestEndedWhileServed(t *testing.T) {
	o := ipctest.New(nil)
	defer o.Release()
	e := &ending{Refs: o}
	host, card := pumps(t, e, ipctest.RefsStub)
	e.end = func() { card.conn.Fail(com.ErrGone, nil) }
	r, _ := ipctest.RefsType.Proxy(host.conn.Import(ipctest.RefsType.IID))
	if _, err := r.Make("late"); com.CodeOf(err) != com.ErrGone && com.CodeOf(err) != com.ErrWouldDeadlock {
		t.Fatal(err)
	}
	if n, _ := o.Alive(); n != 0 || o.Refs() != 1 {
		t.Fatalf("%d nodes are alive, and %d references to who made them", n, o.Refs())
	}
}

// A call that was read when its connection ended is served, and keeps nothing.
func TestEndedBeforeServed(t *testing.T) {
	o := ipctest.New(nil)
	defer o.Release()
	host, card := pumps(t, o, ipctest.CallsStub)
	calls, _ := ipctest.CallsType.Proxy(host.conn.Import(ipctest.CallsType.IID))
	if err := calls.Post(1); err != nil {
		t.Fatal(err)
	}
	host.conn.End().Publish()
	in := card.conn.NewIncoming()
	if serve, _, err := card.conn.Next(in); !serve || err != nil {
		t.Fatal(serve, err)
	}
	card.conn.Fail(com.ErrGone, nil)
	if o.Refs() == 1 {
		t.Fatal("nothing is kept for the call")
	}
	card.conn.Serve(in)
	if o.Refs() != 1 {
		t.Fatalf("%d references are left", o.Refs())
	}
}

// A release for which the ring has no room is sent with what comes next.
func TestReleaseThroughFullRing(t *testing.T) {
	o := ipctest.New(nil)
	defer o.Release()
	host, card := pumps(t, o, ipctest.RefsStub)
	r, _ := ipctest.RefsType.Proxy(host.conn.Import(ipctest.RefsType.IID))
	calls, err := com.Query(r, ipctest.CallsType)
	if err != nil {
		t.Fatal(err)
	}
	n, err := r.Make("n")
	if err != nil {
		t.Fatal(err)
	}
	for card.step() {
	}
	for host.conn.End().Room(1) {
		if err := calls.Post(1); err != nil {
			t.Fatal(err)
		}
	}
	n.Release()
	if alive, err := r.Alive(); alive != 0 || err != nil {
		t.Fatalf("%d nodes are alive: %v", alive, err)
	}
	com.Release(calls, r)
}

// waits keeps the deadline that a driver is to wait for.
type waits struct {
	pump
	deadline int64
}

func (w *waits) Wait(call *ipc.Call) error {
	w.deadline = call.Deadline
	return com.ErrTimeout
}

// A deadline that the clock does not reach is one in the future.
func TestDeadlineFarAway(t *testing.T) {
	d := &waits{}
	d.conn = ipc.NewConn(window(t).HostEnd(func(*uint32) {}), d, ipc.Options{Single: true})
	ctx, cancel := context.WithDeadline(context.Background(), time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC))
	defer cancel()
	if err := d.conn.Flush(ctx); com.CodeOf(err) != com.ErrTimeout || d.deadline != math.MaxInt64 {
		t.Fatalf("the deadline is %d: %v", d.deadline, err)
	}
}

// stuck is a driver of a side whose other side does not read.
type stuck struct{ pump }

func (*stuck) Full(int) error { return com.ErrTimeout }

// A client that does not read until its patience is over, and then waits for a reply
// that was not sent, is told that the connection is over.
func TestReplyThatFindsNoRoom(t *testing.T) {
	ch := window(t)
	d := &stuck{}
	d.conn = ipc.NewConn(ch.CardEnd(func(*uint32) {}), d, ipc.Options{Single: true})
	peer := ch.HostEnd(func(*uint32) {})
	ping := make([]byte, 16)
	binary.LittleEndian.PutUint16(ping, 16)
	ping[2] = 9
	for n := 0; d.conn.Err() == nil; n++ {
		if n > 1000 {
			t.Fatal("replies are dropped")
		}
		if !peer.Put(ping) {
			t.Fatal("no room for a ping")
		}
		peer.Publish()
		d.step()
	}
	if peer.PeerClosed() != com.ErrTimeout {
		t.Fatal(peer.PeerClosed())
	}
}

// Once Fail has returned to anybody, nothing is written to the channel: its memory
// may be given back.
func TestNothingWrittenAfterTheEnd(t *testing.T) {
	cfg := link.Config{Slots: 64, Small: 64 << 10, Large: 1 << 20}
	for range 100 {
		raw := make([]byte, cfg.Size()+128)
		at := -int(uintptr(unsafe.Pointer(&raw[0]))) & 127
		mem := raw[at : at+cfg.Size()]
		ch, err := link.Format(mem, cfg, 1)
		if err != nil {
			t.Fatal(err)
		}
		s := newSide()
		s.conn = ipc.NewConn(ch.HostEnd(s.ring), s, ipc.Options{})
		calls, _ := ipctest.CallsType.Proxy(s.conn.Import(ipctest.CallsType.IID))
		peer := ch.CardEnd(func(*uint32) {})
		var posting, ends sync.WaitGroup
		for i := range 8 {
			posting.Go(func() {
				for n := uint64(0); ; n++ {
					err := calls.Post(n)
					if i%2 == 0 {
						ctx, cancel := context.WithCancel(context.Background())
						cancel()
						err = s.conn.Flush(ctx)
						if s.conn.Err() == nil {
							err = nil
						}
					}
					if err != nil {
						return
					}
				}
			})
		}
		buf := make([]byte, link.MaxPacket)
		for read := 0; read < 200; {
			n, err := peer.Get(buf)
			if err != nil {
				t.Fatal(err)
			}
			if n > 0 {
				read++
			}
		}
		var after [2][]byte
		for i := range after {
			ends.Go(func() {
				s.conn.Close()
				after[i] = bytes.Clone(mem)
			})
		}
		ends.Wait()
		posting.Wait()
		for _, was := range after {
			if !bytes.Equal(mem, was) {
				t.Fatal("something was written after the end")
			}
		}
	}
}

// The end of a connection may meet replies.
func TestEndAmongReplies(t *testing.T) {
	for range 30 {
		o := ipctest.New(nil)
		conn := loopback(t, o, ipctest.ValuesStub)
		v, _ := ipctest.ValuesType.Proxy(conn.Import(ipctest.ValuesType.IID))
		var calling sync.WaitGroup
		begun := make(chan struct{}, 4)
		for range 4 {
			calling.Go(func() {
				for n := 0; ; n++ {
					b, err := v.Bytes([]byte{1, 2, 3})
					if n == 10 {
						begun <- struct{}{}
					}
					switch {
					case err == nil && len(b) == 3:
					case com.CodeOf(err) == com.ErrGone:
						return
					default:
						t.Errorf("%d bytes, %v", len(b), err)
						return
					}
				}
			})
		}
		for range 4 {
			<-begun
		}
		conn.Close()
		calling.Wait()
		o.Release()
	}
}

// asking is an object that asks for the totals of a connection when it is referred to.
type asking struct {
	ipctest.Node
	conn *ipc.Conn
	t    *testing.T
}

func (a *asking) AddRef() uint32 {
	done := make(chan struct{})
	go func() {
		a.conn.Stats()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		a.t.Error("the tables are locked while the object is called")
	}
	return a.Node.AddRef()
}

// An object that comes home may be a proxy over another connection, which has a lock
// of its own: none is held while it is called.
func TestHomeIsCalledUnlocked(t *testing.T) {
	o := ipctest.New(nil)
	defer o.Release()
	conn := loopback(t, o, ipctest.RefsStub)
	r, _ := ipctest.RefsType.Proxy(conn.Import(ipctest.RefsType.IID))
	defer r.Release()
	n, err := o.Make("n")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Keep(&asking{n, conn, t}); err != nil {
		t.Fatal(err)
	}
	home, err := r.Kept()
	if err != nil {
		t.Fatal(err)
	}
	com.Release(home, n)
	if err := r.Keep(nil); err != nil {
		t.Fatal(err)
	}
}
