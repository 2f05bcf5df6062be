package input

import (
	"context"

	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/com"
)

// Limits bound what one client has.
type Limits struct {
	Queues int // 0 means as many as there may be at all
}

// view is a client's own face of the object. What the client presses it holds, and
// when the client goes that is let go.
type view struct {
	com.Object
	in     *Input
	source source
	most   int
	queues int // under in.mu
}

// View returns the same object for one client. The caller owns the reference.
func (in *Input) View(limits Limits) input.Input {
	v := &view{in: in, most: limits.Queues}
	if v.most <= 0 {
		v.most = maxQueues
	}
	in.AddRef()
	in.mu.Lock() //mm:blocking held for a few instructions
	in.sources = append(in.sources, &v.source)
	in.mu.Unlock()
	v.Init(v, v.final, input.InputType.For(v))
	return v
}

func (v *view) final() {
	v.in.release(&v.source)
	v.in.Release()
}

// Post implements input.Input.
func (v *view) Post(events []input.Event) error { return v.in.post(&v.source, events) }

// Open implements input.Input.
func (v *view) Open(_ context.Context, o input.QueueOptions) (input.Queue, error) {
	return v.in.open(o, v)
}

// State implements input.Input.
func (v *view) State(context.Context) (input.State, error) { return v.in.stateNow(), nil }

// Info implements input.Input.
func (v *view) Info(context.Context) (input.Info, error) { return v.in.info(), nil }
