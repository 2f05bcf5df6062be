package ipctest_test

import (
	"context"
	"errors"
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

	mu      sync.Mutex
	waiters map[*ipc.Call]chan struct{}
}

func newSide() *side {
	return &side{
		bell: make(chan struct{}, 1), done: make(chan struct{}), start: time.Now(),
		waiters: map[*ipc.Call]chan struct{}{},
	}
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

// waiter returns the channel on which call's completion is announced.
func (s *side) waiter(call *ipc.Call) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.waiters[call]
	if w == nil {
		w = make(chan struct{}, 1)
		s.waiters[call] = w
	}
	return w
}

// Wait implements ipc.Driver.
func (s *side) Wait(call *ipc.Call) error {
	w := s.waiter(call)
	var cancelled <-chan struct{}
	if call.Context != nil {
		cancelled = call.Context.Done()
	}
	for !call.Done() { // an announcement may be left over from an earlier use
		select {
		case <-w:
		case <-cancelled:
			return com.CodeOf(call.Context.Err())
		}
	}
	return nil
}

// Made implements ipc.Driver.
func (*side) Made(*ipc.Call) {}

// Completed implements ipc.Driver.
func (s *side) Completed(call *ipc.Call) {
	select {
	case s.waiter(call) <- struct{}{}:
	default:
	}
}

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

// window lays out a channel in Go memory.
func window(t testing.TB) *link.Channel {
	t.Helper()
	cfg := link.Config{Slots: 256, Small: 64 << 10, Large: 16 << 20}
	raw := make([]byte, cfg.Size()+128)
	at := -int(uintptr(unsafe.Pointer(&raw[0]))) & 127
	ch, err := link.Format(raw[at:at+cfg.Size()], cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

func stubs() []*ipc.Stub { return append(append([]*ipc.Stub{}, ipctest.Stubs...), system.Stubs...) }

// loopback exports obj over a link in Go memory and returns the other end.
func loopback(t testing.TB, obj com.Unknown, stub *ipc.Stub) *ipc.Conn {
	t.Helper()
	ch := window(t)
	host, card := newSide(), newSide()
	opt := ipc.Options{Stubs: stubs()}
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
		// The suite leaves failures of one-way calls.
		if err := host.conn.Flush(ctx); err != nil && !errors.Is(err, com.ErrQuota) && host.conn.Err() == nil {
			t.Error(err)
		}
		host.conn.Close()
		card.conn.Close()
		host.tasks.Wait()
		card.tasks.Wait()
	})
	return host.conn
}
