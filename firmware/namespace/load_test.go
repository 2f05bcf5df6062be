package namespace

import (
	"context"
	"errors"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// late is an event whose first Wait ends by its context, after f.
type late struct{ f func() }

func (e *late) Set() {}

func (e *late) Wait(ctx context.Context) error {
	if f := e.f; f != nil {
		e.f = nil
		f()
		return context.DeadlineExceeded
	}
	return nil
}

// TestWhoGivesUpKeepsNothing has a waiter whose time ends just as references are
// handed out.
func TestWhoGivesUpKeepsNothing(t *testing.T) {
	for _, failure := range []error{nil, com.ErrFailed} {
		o := newThing("o")
		l := &load{name: "o"}
		l.done = &late{func() {
			if l.settle(o, failure); failure == nil && o.Refs() != 2 {
				t.Errorf("%d references handed out", o.Refs()-1)
			}
			if _, err := l.wait(ctx); err != errAgain {
				t.Errorf("joined after references were handed out: %v", err)
			}
		}}
		if _, err := l.wait(ctx); !errors.Is(err, com.ErrTimeout) && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if o.Refs() != 1 {
			t.Fatalf("%d references left", o.Refs())
		}
	}
}
