package hostdriver

import (
	"context"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine/host"
)

// late is a context that has ended when it is asked for the second time: just when
// whoever looked has handed over to the caller that asks.
type late struct {
	context.Context
	done  chan struct{}
	asked int
	then  func()
}

func (c *late) Done() <-chan struct{} { return c.done }

func (c *late) Err() error {
	if c.asked++; c.asked < 3 {
		return nil
	}
	c.then()
	return context.Canceled
}

// A caller that gives up just when it is its turn to look leaves that to another.
func TestTurnIsPassedOn(t *testing.T) {
	cfg := link.Config{Slots: 64, Small: 64 << 10, Large: 1 << 20}
	raw := make([]byte, cfg.Size()+128)
	ch, err := link.Format(raw[-int(uintptr(unsafe.Pointer(&raw[0])))&127:], cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	l := newLooker(host.New())
	conn := ipc.NewConn(ch.HostEnd(l.m.Ring), l, ipc.Options{})
	l.start(conn)
	l.looking.Store(true) // by a caller whose reply has come
	ctx := &late{Context: context.Background(), done: make(chan struct{})}
	ctx.then = func() {
		l.looking.Store(false)
		l.handOver()
	}
	parked := func(n int32) {
		for l.parking.Load() != n {
			runtime.Gosched()
		}
	}
	ended := make(chan error, 2)
	go func() { ended <- conn.Flush(ctx) }()
	parked(1)
	go func() { ended <- conn.Flush(context.Background()) }()
	parked(2)
	close(ctx.done)
	if err := <-ended; err == nil {
		t.Fatal("the first call was not given up")
	}
	for began := time.Now(); !l.looking.Load(); runtime.Gosched() {
		if time.Since(began) > 10*time.Second {
			t.Fatal("nobody looks for the reply to the second call")
		}
	}
	conn.Close()
	<-ended
	l.idle()
}
