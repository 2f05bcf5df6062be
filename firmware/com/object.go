package com

import "sync/atomic"

// Object implements Unknown for a local object; embed it and call Init once.
//
//	type tone struct{ com.Object; ... }
//	t := &tone{}
//	t.Init(t, t.stop, audio.ToneType.For(t))
//
// Init leaves one reference, the creator's. Counting is safe from any goroutine.
type Object struct {
	refs  atomic.Int32
	self  Unknown
	final func()
	types []*Descriptor
}

// Init makes self alive with one reference. final, which may be nil, runs once
// when the last reference goes, on whatever thread released it: it must not
// block. types lists the contracts that self answers for.
func (o *Object) Init(self Unknown, final func(), types ...*Descriptor) {
	o.self, o.final, o.types = self, final, types
	o.refs.Store(1)
}

// Query implements Unknown.
func (o *Object) Query(iid IID) (Unknown, error) {
	if o.self == nil {
		return nil, Errorf(ErrInvalid, "object was never initialised")
	}
	if iid != IIDUnknown {
		found := false
		for _, t := range o.types {
			if t.IID == iid {
				found = true
				break
			}
		}
		if !found {
			return nil, ErrNoInterface
		}
	}
	if o.AddRef() == 0 {
		return nil, ErrGone
	}
	return o.self, nil
}

// AddRef implements Unknown. It also serves as a weak reference's attempt to
// become a strong one: 0 says that the object is gone.
func (o *Object) AddRef() uint32 {
	for {
		n := o.refs.Load()
		if n <= 0 {
			return 0
		}
		if o.refs.CompareAndSwap(n, n+1) {
			return uint32(n + 1)
		}
	}
}

// Release implements Unknown.
func (o *Object) Release() uint32 {
	for {
		n := o.refs.Load()
		if n <= 0 {
			return 0
		}
		if o.refs.CompareAndSwap(n, n-1) {
			if n == 1 && o.final != nil {
				o.final()
			}
			return uint32(n - 1)
		}
	}
}

// Refs returns the number of references, for status and tests.
func (o *Object) Refs() uint32 { return uint32(max(0, o.refs.Load())) }

// Contracts lists what the object answers for, for status and tools.
func (o *Object) Contracts() []*Descriptor { return o.types }

// Described is implemented by objects that can list their contracts.
type Described interface {
	Contracts() []*Descriptor
}
