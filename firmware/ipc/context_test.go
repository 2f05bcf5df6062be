package ipc

import (
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// bell counts how often it is signaled.
type bell int

func (b *bell) Signal() { *b++ }

// TestContextOfTheNextCall has what hung on the context of a call mean nothing to the
// one that is served after it.
func TestContextOfTheNextCall(t *testing.T) {
	var x callContext
	x.in = &Incoming{}
	called := 0
	stop := x.AfterFunc(func() { called++ })
	x.reset()
	later := x.AfterFunc(func() { called += 10 })
	if stop() {
		t.Error("a call's function was stopped by another's")
	}
	var first, second bell
	a, b := x.WakeAtEnd(&first), x.WakeAtEnd(&second)
	x.ForgetEnd(a)
	x.ForgetEnd(a)
	x.cancel(com.ErrCanceled)
	x.cancel(com.ErrGone)
	if called != 10 || first != 0 || second != 1 || x.Err() != com.ErrCanceled {
		t.Errorf("called %d, %d and %d bells, %v", called, first, second, x.Err())
	}
	x.ForgetEnd(b)
	if later() {
		t.Error("what has been called was stopped")
	}
	if key := x.WakeAtEnd(&first); key != -1 || first != 1 {
		t.Errorf("%d, %d bells of a context that has ended", key, first)
	}
	<-x.Done()
	x.reset()
	if x.Err() != nil || len(x.after) != 0 {
		t.Errorf("%v, %d left", x.Err(), len(x.after))
	}
	if n := testing.AllocsPerRun(100, func() {
		x.reset()
		a := x.WakeAtEnd(&first)
		x.ForgetEnd(x.WakeAtEnd(&second))
		x.ForgetEnd(a)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
