package namespace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/mutate"
)

// load is one construction of a component that is under way, and what those who
// want its object wait for.
type load struct {
	name   string
	done   mutate.Event
	inside *load                // the load whose constructor asked for this one
	waits  atomic.Pointer[load] // the load that this one's constructor waits for
	// joined counts who waits. The loader takes it away when it hands out
	// references; from then on it is negative and nobody joins.
	joined atomic.Int64
	obj    com.Unknown // valid after done, with a reference for each who joined
	err    error
}

const handedOut = -1 << 62

// join announces a waiter. It reports false when references are handed out
// already.
func (l *load) join() bool {
	for {
		n := l.joined.Load()
		if n < 0 {
			return false
		}
		if l.joined.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// leave takes a waiter back, or reports false if a reference is meant for it.
func (l *load) leave() bool {
	for {
		n := l.joined.Load()
		if n < 0 {
			return false
		}
		if l.joined.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// settle hands out the result: a reference to obj for each who joined.
func (l *load) settle(obj com.Unknown, err error) {
	n := l.joined.Swap(handedOut)
	if err == nil {
		for range n {
			obj.AddRef()
		}
	}
	l.obj, l.err = obj, err
}

// wait returns the result when it is there, with a reference the caller owns.
func (l *load) wait(ctx context.Context) (com.Unknown, error) {
	if !l.join() {
		return nil, errAgain
	}
	if err := l.done.Wait(ctx); err != nil {
		if l.leave() {
			return nil, fmt.Errorf("waiting until it is loaded: %w", err)
		}
		// The result is being handed out: it takes no constructor any more.
		if l.done.Wait(context.WithoutCancel(ctx)) == nil && l.err == nil {
			l.obj.Release()
		}
		return nil, fmt.Errorf("waiting until it is loaded: %w", err)
	}
	return l.obj, l.err
}

// errAgain says that the state has changed and one should look again.
var errAgain = errors.New("state has changed")

// loadKey finds the load whose constructor is calling in a context.
type loadKey struct{}

// caller returns the load whose constructor makes a call, if one does.
func caller(ctx context.Context) *load {
	l, _ := ctx.Value(loadKey{}).(*load)
	return l
}

// need records that the constructor of l, which may be nil, now waits for other.
// It fails with com.ErrWouldDeadlock if other waits, over whatever others, for l
// or for one of those that wait for l. Who looks has announced itself first, so
// of two who close a ring at the same time at least one sees it.
func (l *load) need(other *load) error {
	if l == nil {
		return nil
	}
	l.waits.Store(other)
	route := []string{l.name}
	for at := other; at != nil && len(route) <= maxRing; at = at.waits.Load() {
		route = append(route, at.name)
		for up := l; up != nil; up = up.inside {
			if at == up {
				l.waits.Store(nil)
				return com.Errorf(com.ErrWouldDeadlock, "a component needs itself: %s", strings.Join(route, " -> "))
			}
		}
	}
	return nil
}

// maxRing bounds the search where loads come and go meanwhile.
const maxRing = 4096

// got ends what need began.
func (l *load) got() {
	if l != nil {
		l.waits.Store(nil)
	}
}
