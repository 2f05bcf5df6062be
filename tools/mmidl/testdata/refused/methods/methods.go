// Package methods has methods that cannot be carried.
package methods

import (
	"context"

	"github.com/mmlite/mmlite/firmware/com"
)

// Bad has bad signatures.
//
//mm:contract
type Bad interface {
	com.Unknown

	// NoError cannot fail.
	NoError(a uint32)
	// ErrorFirst has it in the wrong place.
	ErrorFirst() (error, uint32)
	// TwoErrors has one too many.
	TwoErrors() (error, error)
	// NamedErrors has one too many.
	NamedErrors() (a, b error)
	// ErrorParameter takes one.
	ErrorParameter(a error) error
	// ContextLast has it in the wrong place.
	ContextLast(a uint32, ctx context.Context) error
	// ContextTwice has one too many.
	ContextTwice(a, b context.Context) error
	// ContextResult returns one.
	ContextResult() (context.Context, error)
	// Contexts has them in a slice.
	Contexts(a []context.Context) error
	// Variadic takes as many as one likes.
	Variadic(a ...uint32) error
	// NoNames has parameters without names.
	NoNames(context.Context, uint32) error
	// Blank has a parameter without a name.
	Blank(_ uint32, a uint32) error
	NoComment() error
	// Proxy has a taken name.
	Proxy() error
	// hidden cannot be implemented elsewhere.
	hidden() error
	// Query is there already.
	Query() error
}
