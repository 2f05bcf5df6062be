// Package interfaces has declarations that are no contracts.
package interfaces

import (
	"io"

	"github.com/mmlite/mmlite/firmware/com"
)

// Base is a contract.
//
//mm:contract
type Base interface {
	com.Unknown

	// A does nothing.
	A() error
}

// Derived embeds another contract.
//
//mm:contract
type Derived interface {
	Base
	io.Closer

	// B does nothing.
	B() error
}

// Late embeds com.Unknown in the wrong place.
//
//mm:contract
type Late interface {
	// A does nothing.
	A() error
	com.Unknown
}

// Empty has no methods.
//
//mm:contract
type Empty interface {
	com.Unknown
}

//mm:contract
type Silent interface {
	com.Unknown

	// A does nothing.
	A() error
}

// hidden is not exported.
//
//mm:contract
type hidden interface {
	com.Unknown

	// A does nothing.
	A() error
}

// Struct is no interface.
//
//mm:contract
type Struct struct{ A uint32 }

// Alias is an alias.
//
//mm:contract
type Alias = Base

// Generic has type parameters.
//
//mm:contract
type Generic[T any] interface {
	com.Unknown

	// A takes one.
	A(a T) error
}

// Union is a constraint.
//
//mm:contract
type Union interface {
	com.Unknown
	~uint8 | ~uint16

	// A does nothing.
	A() error
}

// Plain is an interface, but no contract.
type Plain interface{ com.Unknown }

// User takes what is no contract.
//
//mm:contract
type User interface {
	com.Unknown

	// A takes one.
	A(a Plain, b []Plain) error
}
