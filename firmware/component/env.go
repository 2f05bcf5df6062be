package component

import (
	"context"
	"io"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/mutate"
	"github.com/mmlite/mmlite/firmware/system"
)

// Env is all that a component may touch. Whoever constructs a component fills
// it; a field that is nil is something the component is not given. Env and what
// is in it live until Ended is called. An Env must not be copied.
type Env struct {
	// Component is the manifest of the component being constructed.
	Component *Manifest
	// Names is the component's view of the namespace, borrowed.
	Names system.Namespace
	// Heap charges to the component's own account, which is closed after its
	// object has ended.
	Heap heap.Heap
	// Machine is the hardware; only drivers get it.
	Machine machine.Machine
	// Clock tells the time.
	Clock machine.Clock
	// Wait makes events that the component's threads can wait for.
	Wait mutate.Waiter
	// Log takes lines for the card's log.
	Log io.Writer
	// Properties are those of the manifest as the image or its startup script
	// changed them.
	Properties []Property
	// Ended, if set, is called once when the component is no more: its
	// constructor has failed, or the last object made by Init has ended.
	Ended func()

	holds atomic.Int64 // one for the constructor, one for each object
	tied  atomic.Bool
}

// Init is o.Init for an object that is part of the component: the component has
// ended when the last of them has, its final included. Constructors use it for
// the object they return, and for others that outlive it and use what is in e.
func (e *Env) Init(o *com.Object, self com.Unknown, final func(), types ...*com.Descriptor) {
	e.holds.Add(1)
	e.tied.Store(true)
	o.Init(self, func() {
		if final != nil {
			final()
		}
		e.drop()
	}, types...)
}

func (e *Env) drop() {
	if e.holds.Add(-1) == 0 && e.Ended != nil {
		e.Ended()
	}
}

// Tied reports whether Init was used. If not, nobody but the one who called
// Construct can know when the component has ended, and calls End then.
func (e *Env) Tied() bool { return e.tied.Load() }

// End ends a component that is not tied. It is called once at most.
func (e *Env) End() {
	if !e.Tied() {
		e.drop()
	}
}

// Property returns the value called name: the image's, else the manifest's, else
// the value otherwise.
func (e *Env) Property(name, otherwise string) string {
	for _, p := range e.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	if e.Component != nil {
		if v, ok := e.Component.Property(name); ok {
			return v
		}
	}
	return otherwise
}

// Bind looks path up in env.Names and asks the object for the contract t. The
// caller owns the result.
func Bind[T any](ctx context.Context, env *Env, path string, t *com.Type[T]) (T, error) {
	var none T
	if env.Names == nil {
		return none, com.Errorf(com.ErrPermission, "component is given no namespace to find %s in", path)
	}
	obj, err := env.Names.Bind(ctx, path)
	if err != nil {
		return none, err
	}
	defer obj.Release()
	return com.Query(obj, t)
}
