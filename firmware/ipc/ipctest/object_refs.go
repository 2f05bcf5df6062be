package ipctest

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// node implements Node. It holds its parent.
type node struct {
	com.Object
	name   string
	parent *node
	alive  *atomic.Int32
}

func newNode(name string, parent *node, alive *atomic.Int32) *node {
	n := &node{name: name, parent: parent, alive: alive}
	alive.Add(1)
	if parent != nil {
		parent.AddRef()
	}
	n.Init(n, n.end, NodeType.For(n))
	return n
}

func (n *node) end() {
	if n.parent != nil {
		n.parent.Release()
	}
	n.alive.Add(-1)
}

func (n *node) Name() (string, error) { return n.name, nil }

func (n *node) Child(name string) (Node, error) { return newNode(name, n, n.alive), nil }

func (n *node) Parent() (Node, error) {
	if n.parent == nil {
		return nil, nil
	}
	n.parent.AddRef()
	return n.parent, nil
}

// add adds a reference to what is there.
func add[T com.Unknown](obj T) T {
	if com.Unknown(obj) != nil {
		obj.AddRef()
	}
	return obj
}

// Make implements Refs.
func (o *Object) Make(name string) (Node, error) {
	return newNode(name, nil, &o.alive), nil
}

// MakeLate implements Refs.
func (o *Object) MakeLate(ctx context.Context, name string) (uint32, Inner, Node, error) {
	_ = o.wait(ctx) // it has ended, one way or the other
	n, err := o.Make(name)
	return 7, Inner{8, "inner"}, n, err
}

// Alive implements Refs.
func (o *Object) Alive() (uint32, error) { return uint32(max(0, o.alive.Load())), nil }

// Keep implements Refs.
func (o *Object) Keep(n Node) error {
	add(n)
	o.mu.Lock() //mm:blocking held for a few instructions
	n, o.kept = o.kept, n
	o.mu.Unlock()
	com.Release(n)
	return nil
}

// Kept implements Refs.
func (o *Object) Kept() (Node, error) {
	o.mu.Lock() //mm:blocking held for a few instructions
	defer o.mu.Unlock()
	return add(o.kept), nil
}

// KeepAny implements Refs.
func (o *Object) KeepAny(object com.Unknown) error {
	add(object)
	o.mu.Lock() //mm:blocking held for a few instructions
	object, o.any = o.any, object
	o.mu.Unlock()
	com.Release(object)
	return nil
}

// KeptAny implements Refs.
func (o *Object) KeptAny() (com.Unknown, error) {
	o.mu.Lock() //mm:blocking held for a few instructions
	defer o.mu.Unlock()
	return add(o.any), nil
}

// Turn implements Refs.
func (o *Object) Turn(a Node, b com.Unknown, c Node) (Node, com.Unknown, Node, error) {
	return add(c), add(b), add(a), nil
}

// NameOf implements Refs.
func (o *Object) NameOf(n Node) (string, error) {
	if n == nil {
		return "", com.Errorf(com.ErrInvalid, "no node")
	}
	return n.Name()
}

// TooLong implements Refs.
func (o *Object) TooLong(_ Node, _ string, n uint32) (Node, string, error) {
	if n > 1<<16 {
		return nil, "", com.Errorf(com.ErrInvalid, "text of %d bytes", n)
	}
	made, err := o.Make("too long")
	return made, strings.Repeat("x", int(n)), err
}

// Pick implements Refs.
func (o *Object) Pick(a Choice) (Choice, error) {
	add(a.First)
	add(a.Any)
	for _, n := range a.Others {
		add(n)
	}
	return a, nil
}

// Reverse implements Refs.
func (o *Object) Reverse(nodes []Node) ([]Node, error) {
	back := slices.Clone(nodes)
	slices.Reverse(back)
	for _, n := range back {
		add(n)
	}
	return back, nil
}

// Self implements Refs.
func (o *Object) Self() (Refs, error) { return add(o), nil }

// File implements Refs.
func (o *Object) File() (system.File, error) {
	f := &file{data: make([]byte, 1000)}
	Pattern(0, f.data)
	f.Init(f, nil, system.FileType.For(f))
	return f, nil
}

// file is a file in memory.
type file struct {
	com.Object
	data []byte
}

func (f *file) Size(context.Context) (uint64, error) { return uint64(len(f.data)), nil }

func (f *file) ReadAt(_ context.Context, off uint64, buf []byte) (uint32, error) {
	if off > uint64(len(f.data)) {
		return 0, nil
	}
	return uint32(copy(buf, f.data[off:])), nil
}
