package ipctest_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/ipc/ipctest"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/system"
)

// side is one end of a connection whose two ends are in this process, with
// goroutines for threads: the plainest driver there is. One goroutine reads and
// serves; if a call takes long another one takes over reading.
type side struct {
	conn  *ipc.Conn
	bell  chan struct{}
	done  chan struct{}
	start time.Time
	tasks sync.WaitGroup
}

func newSide() *side {
	return &side{bell: make(chan struct{}, 1), done: make(chan struct{}), start: time.Now()}
}

func (s *side) ring(*uint32) {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

// read is the leader's loop.
func (s *side) read() {
	in := s.conn.NewIncoming()
	for {
		serve, handled, err := s.conn.Next(in)
		switch {
		case err != nil:
			return
		case serve:
			if s.lead(in) {
				return
			}
		case !handled:
			s.conn.End().Arm()
			if s.conn.End().Ready() {
				continue
			}
			select {
			case <-s.bell:
			case <-s.done:
				return
			}
		}
	}
}

// lead serves a call and reports whether another goroutine took over meanwhile.
func (s *side) lead(in *ipc.Incoming) bool {
	s.tasks.Add(1)
	handOver := time.AfterFunc(time.Millisecond, func() {
		defer s.tasks.Done()
		s.read()
	})
	s.conn.Serve(in)
	if handOver.Stop() {
		s.tasks.Done()
		return false
	}
	return true
}

// Wait implements ipc.Driver.
func (s *side) Wait(call *ipc.Call) error {
	done, ok := call.Waiter.(chan struct{})
	if !ok {
		done = make(chan struct{}, 1)
		call.Waiter = done
	}
	// Completed may have looked for the channel before it was there.
	if call.Done() {
		return nil
	}
	var cancelled <-chan struct{}
	if call.Context != nil {
		cancelled = call.Context.Done()
	}
	tick := time.NewTicker(100 * time.Microsecond)
	defer tick.Stop()
	for !call.Done() {
		select {
		case <-done:
		case <-tick.C:
		case <-cancelled:
			return com.CodeOf(call.Context.Err())
		}
	}
	return nil
}

// Completed implements ipc.Driver. It runs on the reader, who must not look at
// what belongs to the caller, so the caller looks at intervals.
func (s *side) Completed(*ipc.Call) {}

// Full implements ipc.Driver.
func (s *side) Full(int) error {
	if err := s.conn.Err(); err != nil {
		return err
	}
	runtime.Gosched()
	return nil
}

// Exported implements ipc.Driver.
func (s *side) Exported() {}

// Failed implements ipc.Driver.
func (s *side) Failed(error) { close(s.done) }

// Now implements ipc.Driver.
func (s *side) Now() int64 { return int64(time.Since(s.start)) }

// loopback exports obj over a link in Go memory and returns the other end.
func loopback(t testing.TB, obj com.Unknown, stub *ipc.Stub) *ipc.Conn {
	t.Helper()
	cfg := link.Config{Slots: 256, Small: 64 << 10, Large: 16 << 20}
	raw := make([]byte, cfg.Size()+128)
	at := -int(uintptr(unsafe.Pointer(&raw[0]))) & 127
	ch, err := link.Format(raw[at:at+cfg.Size()], cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	host, card := newSide(), newSide()
	opt := ipc.Options{Stubs: append(append([]*ipc.Stub{}, ipctest.Stubs...), system.Stubs...)}
	host.conn = ipc.NewConn(ch.HostEnd(card.ring), host, opt)
	card.conn = ipc.NewConn(ch.CardEnd(host.ring), card, opt)
	if err := card.conn.Export(obj, stub); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*side{host, card} {
		s.tasks.Add(1)
		go func() {
			defer s.tasks.Done()
			s.read()
		}()
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := host.conn.Flush(ctx); err != nil && host.conn.Err() == nil {
			t.Error(err)
		}
		host.conn.Close()
		card.conn.Close()
		host.tasks.Wait()
		card.tasks.Wait()
	})
	return host.conn
}
