package component

import (
	"context"
	"io"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/mutate"
	"github.com/mmlite/mmlite/firmware/system"
)

// Env is all that a component may touch. Whoever constructs a component fills
// it; a field that is nil is something the component is not given. Env and what
// is in it live as long as the component's object.
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
