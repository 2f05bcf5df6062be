package com

// Unknown is the base of every contract.
//
// Reference rules: parameters are borrowed (the callee adds a reference to what
// it keeps), results are owned (the caller releases them).
type Unknown interface {
	// Query returns the object that speaks the contract iid, with a reference
	// the caller owns, or ErrNoInterface. Asking for IIDUnknown always succeeds
	// and always returns the same object, which is its identity.
	Query(iid IID) (Unknown, error)
	// AddRef adds a reference and returns the new count. On an object whose
	// last reference is gone it changes nothing and returns 0.
	AddRef() uint32
	// Release gives a reference back and returns the new count; at 0 the
	// object ends. A release too many changes nothing and returns 0.
	Release() uint32
}

// IIDUnknown names the base contract itself.
var IIDUnknown = IID{'U', 'n', 'k', 'n', 'o', 'w', 'n'}

// Descriptor describes a contract to tools and to the runtime.
type Descriptor struct {
	Name    string // package and interface, as in "audio.Synth"
	IID     IID
	Doc     string // first sentence of the contract's comment
	Methods []Method
}

// Method describes one method of a contract. Its index in Descriptor.Methods is
// its number on the wire.
type Method struct {
	Name    string
	Doc     string
	OneWay  bool // no reply; failures surface at the next reply or flush
	Context bool // the first parameter is a context.Context
	Params  []Param
	Results []Param // without the closing error
}

// Param describes a parameter or result: its Go type as written in the
// contract. Out marks a []byte that the callee fills.
type Param struct {
	Name string
	Type string
	Out  bool
}

// Type is the descriptor of the contract T, with what is needed to speak it.
// The interface compiler makes one for each contract.
type Type[T any] struct {
	Descriptor
	// Proxy makes a T of an object in another domain, or reports false if the
	// object is not a remote one. It takes over the reference.
	Proxy func(Unknown) (T, bool)
}

// For returns the descriptor for an object that implements T. The parameter
// only lets the compiler check that it does.
func (t *Type[T]) For(T) *Descriptor { return &t.Descriptor }

// Query asks obj for the contract t. The result carries a reference of its own.
// Local objects are asked by IID, not by shape; remote ones are asked across
// the link once. The error is ErrNoInterface if obj does not speak t.
func Query[T any](obj Unknown, t *Type[T]) (T, error) {
	var none T
	if obj == nil {
		return none, Errorf(ErrInvalid, "query for %s on no object", t.Name)
	}
	u, err := obj.Query(t.IID)
	if err != nil {
		if CodeOf(err) == ErrNoInterface {
			err = Errorf(ErrNoInterface, "object does not implement %s", t.Name)
		}
		return none, err
	}
	if t.Proxy != nil {
		if v, ok := t.Proxy(u); ok {
			return v, nil
		}
	}
	if v, ok := u.(T); ok {
		return v, nil
	}
	u.Release()
	return none, Errorf(ErrNoInterface, "object names %s but does not have its methods", t.Name)
}

// Release releases each object that is not nil. It serves deferred clean-up.
func Release(objs ...Unknown) {
	for _, o := range objs {
		if o != nil {
			o.Release()
		}
	}
}
