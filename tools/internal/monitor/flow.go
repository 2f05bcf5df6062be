package monitor

import (
	"context"
	"sync"

	"github.com/mmlite/mmlite/firmware/com"
)

// flow counts what was sent on a socket and what the page has taken of it.
type flow struct {
	mu    sync.Mutex
	sent  uint32
	taken uint32
	moved chan struct{} // something was taken; holds one
}

func newFlow() *flow { return &flow{moved: make(chan struct{}, 1)} }

// next is the number of the message to be sent next, from 1 on.
func (f *flow) next() uint32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent++
	return f.sent
}

// waiting is how many messages the page has not taken.
func (f *flow) waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return int(f.sent - f.taken)
}

// below waits until fewer than n wait.
func (f *flow) below(ctx context.Context, n int) error {
	for f.waiting() >= n {
		select {
		case <-f.moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// take is told that the page has taken all messages up to number n.
func (f *flow) take(n uint32) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n-f.taken > f.sent-f.taken {
		return com.Errorf(com.ErrProtocol, "the page has taken message %d of %d", n, f.sent)
	}
	f.taken = n
	select {
	case f.moved <- struct{}{}:
	default:
	}
	return nil
}
