// Package directives has directives that cannot be followed.
package directives

import (
	"context"

	"github.com/mmlite/mmlite/firmware/com"
)

//mm:shared x

// Bad has bad directives.
//
//mm:contract pinned forever
//mm:contract
//mm:version 2
type Bad interface {
	com.Unknown

	// A has an unknown one.
	//
	//mm:async
	A() error
	// B is one-way in vain.
	//
	//mm:oneway
	//mm:out buf
	B(ctx context.Context, buf []byte, back Bad) (n uint32, err error)
	// C marks what cannot be marked.
	//
	//mm:out a
	//mm:shared a
	//mm:out nobody
	//mm:out
	//mm:out r
	C(a uint32) (r []byte, err error)
	// H fills what it cannot.
	//
	//mm:out a
	//mm:out b
	//mm:out c
	H(a []string, b []Data, c []uint32) error
	// I fills more than bytes, and more than that.
	//
	//mm:out a
	//mm:out b
	I(a []Pair, b []byte) (back Bad, err error)
	// D limits what cannot be limited.
	//
	//mm:limit a
	//mm:limit a 0
	//mm:limit a many
	//mm:limit a 99999999
	//mm:limit b 4
	//mm:limit c 4194304
	//mm:limit c 2097152
	//mm:limit c 2
	//mm:limit r 16
	D(a []byte, b uint32, c []uint64) (r string, err error)
	// E repeats itself.
	//
	//mm:oneway now
	//mm:oneway
	//mm:shared a
	//mm:shared a
	//mm:contract
	E(a []byte) error
	// F is written with a space.
	//
	// mm:oneway
	F() error
	// G carries a struct.
	G(a Data) error
}

// Data has bad directives.
//
//mm:limit Text 10
//mm:limit Nothing 10
//mm:limit Text
//mm:limit Number 10
//mm:out Text
type Data struct {
	Text   string
	Number uint32
}

// Pair is numbers.
type Pair struct{ A, B uint32 }

// Plain is no contract.
type Plain interface {
	// A has a directive in vain.
	//
	//mm:oneway
	A() error
}
