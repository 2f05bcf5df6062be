package ipc_test

import (
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/system"
)

// pair is two connections over one channel in this process, each served when
// the other waits: no processor ever waits for another.
type pair struct {
	host, card *ipc.Conn
	in         *ipc.Incoming
	now        int64
}

// side drives one end by serving the other.
type side struct {
	p     *pair
	other func() *ipc.Conn
	in    *ipc.Incoming
}

func (s *side) serve() {
	c := s.other()
	if s.in == nil {
		s.in = c.NewIncoming()
	}
	for {
		call, handled, err := c.Next(s.in)
		switch {
		case err != nil || !call && !handled:
			return
		case call:
			c.Serve(s.in)
		}
	}
}

func (s *side) Wait(call *ipc.Call) error {
	for !call.Done() {
		s.serve()
		mine := s.p.host
		if s.other() == mine {
			mine = s.p.card
		}
		in := mine.NewIncoming()
		for {
			serve, handled, err := mine.Next(in)
			if serve {
				mine.Serve(in)
				continue
			}
			if err != nil || !handled {
				break
			}
		}
	}
	return nil
}

func (s *side) Made(*ipc.Call)      {}
func (s *side) Completed(*ipc.Call) {}
func (s *side) Full(int) error      { s.serve(); return nil }
func (s *side) Exported()           {}
func (s *side) Failed(error)        {}
func (s *side) Now() int64          { return s.p.now }

func newPair(t testing.TB, obj com.Unknown, stub *ipc.Stub, batch int) *pair {
	t.Helper()
	cfg := link.Config{Slots: 1024, Small: 512 << 10, Large: 4 << 20}
	raw := make([]byte, cfg.Size()+128)
	at := -int(uintptr(unsafe.Pointer(&raw[0]))) & 127
	ch, err := link.Format(raw[at:at+cfg.Size()], cfg, 7)
	if err != nil {
		t.Fatal(err)
	}
	nop := func(*uint32) {}
	p := &pair{}
	p.host = ipc.NewConn(ch.HostEnd(nop), &side{p: p, other: func() *ipc.Conn { return p.card }}, ipc.Options{Batch: batch, Stubs: system.Stubs})
	p.card = ipc.NewConn(ch.CardEnd(nop), &side{p: p, other: func() *ipc.Conn { return p.host }}, ipc.Options{Single: true, Stubs: system.Stubs})
	if err := p.card.Export(obj, stub); err != nil {
		t.Fatal(err)
	}
	p.in = p.card.NewIncoming()
	return p
}

// counter is an object that does as little as can be.
type counter struct {
	system.Echo
	com.Object
	n uint64
}

func (c *counter) Post(v uint64) error                    { c.n += v; return nil }
func (c *counter) PostBytes(_ uint8, data []byte) error   { c.n += uint64(len(data)); return nil }
func (c *counter) Query(iid com.IID) (com.Unknown, error) { return c.Object.Query(iid) }
func (c *counter) AddRef() uint32                         { return c.Object.AddRef() }
func (c *counter) Release() uint32                        { return c.Object.Release() }

func newCounter() *counter {
	c := &counter{}
	c.Init(c, nil, system.EchoType.For(c))
	return c
}

func benchOneWay(b *testing.B, send func(system.Echo)) {
	c := newCounter()
	p := newPair(b, c, system.EchoStub, 64)
	echo, _ := system.EchoType.Proxy(p.host.Import(system.EchoType.IID))
	b.ReportAllocs()
	b.Run("post", func(b *testing.B) {
		n := 0
		for b.Loop() {
			send(echo)
			if n++; n == 512 {
				n = 0
				b.StopTimer()
				p.drain()
				b.StartTimer()
			}
		}
		p.drain()
	})
	b.Run("serve", func(b *testing.B) {
		n := 0
		for b.Loop() {
			if n == 0 {
				b.StopTimer()
				for ; n < 512; n++ {
					send(echo)
				}
				b.StartTimer()
			}
			if call, _, _ := p.card.Next(p.in); call {
				p.card.Serve(p.in)
			}
			n--
		}
		p.drain()
	})
}

func (p *pair) drain() {
	for {
		call, handled, err := p.card.Next(p.in)
		if call {
			p.card.Serve(p.in)
		} else if !handled || err != nil {
			break
		}
	}
	p.card.End().GiveBack()
}

func BenchmarkOneWayNumbers(b *testing.B) {
	benchOneWay(b, func(e system.Echo) { e.Post(1) })
}

func BenchmarkOneWay4K(b *testing.B) {
	data := make([]byte, 4096)
	b.SetBytes(4096)
	benchOneWay(b, func(e system.Echo) { e.PostBytes(1, data) })
}
