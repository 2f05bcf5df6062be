package ipctest_test

import (
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/ipc/ipctest"
)

// pump is one end of a connection whose two ends share one goroutine: who
// waits runs the other end meanwhile. It is exact, and allocates nothing.
type pump struct {
	conn *ipc.Conn
	peer *pump
	free []*ipc.Incoming
}

// step deals with one packet, or reports that there is none.
func (p *pump) step() bool {
	var in *ipc.Incoming
	if n := len(p.free); n > 0 {
		in, p.free = p.free[n-1], p.free[:n-1]
	} else {
		in = p.conn.NewIncoming()
	}
	serve, handled, err := p.conn.Next(in)
	if serve {
		p.conn.Serve(in)
	}
	if !serve && !handled {
		p.conn.End().GiveBack()
	}
	p.free = append(p.free, in)
	return err == nil && (serve || handled)
}

// Wait implements ipc.Driver.
func (p *pump) Wait(call *ipc.Call) error {
	for !call.Done() {
		if !p.peer.step() && !p.step() {
			return com.ErrWouldDeadlock
		}
	}
	return nil
}

// Made implements ipc.Driver.
func (*pump) Made(*ipc.Call) {}

// Completed implements ipc.Driver.
func (p *pump) Completed(*ipc.Call) {}

// Full implements ipc.Driver.
func (p *pump) Full(int) error {
	if err := p.conn.Err(); err != nil {
		return err
	}
	p.peer.step()
	return nil
}

// Exported implements ipc.Driver.
func (p *pump) Exported() {}

// Failed implements ipc.Driver.
func (p *pump) Failed(error) {}

// Now implements ipc.Driver.
func (p *pump) Now() int64 { return 1 }

// pumped is loopback on one goroutine.
func pumped(t testing.TB, obj com.Unknown, stub *ipc.Stub) *ipc.Conn {
	t.Helper()
	host, _ := pumps(t, obj, stub)
	return host.conn
}

// pumps is pumped with both ends.
func pumps(t testing.TB, obj com.Unknown, stub *ipc.Stub) (host, card *pump) {
	t.Helper()
	ch := window(t)
	host, card = &pump{}, &pump{}
	host.peer, card.peer = card, host
	opt := ipc.Options{Single: true, Stubs: stubs()}
	host.conn = ipc.NewConn(ch.HostEnd(func(*uint32) {}), host, opt)
	card.conn = ipc.NewConn(ch.CardEnd(func(*uint32) {}), card, opt)
	if err := card.conn.Export(obj, stub); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		host.conn.Close()
		card.conn.Close()
	})
	return host, card
}

// TestCallsAllocateNothing counts both ends of a call.
func TestCallsAllocateNothing(t *testing.T) {
	o := ipctest.New(nil)
	defer o.Release()
	p, _ := ipctest.ValuesType.Proxy(pumped(t, o, ipctest.ValuesStub).Import(ipctest.ValuesType.IID))
	remote := open(t, p)
	for _, c := range []struct {
		where string
		s     ipctest.Subject
	}{{"pointer cell", cells(t, o, false)}, {"draining cell", cells(t, o, true)}, {"proxy", remote}} {
		buf, pixels, data := make([]byte, 4096), make([]byte, 4096), make([]byte, 100)
		for name, call := range map[string]func() error{
			"Null":     c.s.Values.Null,
			"Integers": func() error { _, _, _, _, _, _, _, _, err := c.s.Values.Integers(1, 2, 3, 4, 5, 6, 7, 8); return err },
			"Fill":     func() error { _, err := c.s.Buffers.Fill(1, buf); return err },
			"All":      func() error { return c.s.Buffers.All(buf, 1) },
			"Both":     func() error { _, err := c.s.Buffers.Both(buf[:1000], 1, buf[1000:3000]); return err },
			"Shared":   func() error { _, err := c.s.Buffers.Shared(pixels); return err },
			"Post":     func() error { return c.s.Calls.Post(1) },
			"PostData": func() error { return c.s.Calls.PostData(data, "", nil) },
		} {
			fail := error(nil)
			if n := testing.AllocsPerRun(200, func() {
				if err := call(); err != nil {
					fail = err
				}
			}); n != 0 || fail != nil {
				t.Errorf("%s through a %s: %v allocations, %v", name, c.where, n, fail)
			}
		}
		c.s.Release()
	}
	p.Release()
}

func BenchmarkCall(b *testing.B) {
	o := ipctest.New(nil)
	defer o.Release()
	local, err := ipctest.Open(o)
	if err != nil {
		b.Fatal(err)
	}
	defer local.Release()
	p, _ := ipctest.ValuesType.Proxy(pumped(b, o, ipctest.ValuesStub).Import(ipctest.ValuesType.IID))
	defer p.Release()
	for _, c := range []struct {
		name string
		v    ipctest.Values
	}{{"local", local.Values}, {"cell", cells(b, o, false).Values}, {"draining", cells(b, o, true).Values}, {"proxy", p}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.v.Null(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
