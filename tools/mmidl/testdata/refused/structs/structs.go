// Package structs has structs that cannot be carried.
package structs

import "github.com/mmlite/mmlite/firmware/com"

// Tree contains itself.
type Tree struct {
	Name string
	Kids []Tree
}

// Ping and Pong contain each other.
type Ping struct{ Pong []Pong }

// Pong and Ping contain each other.
type Pong struct{ Ping []Ping }

// Empty has nothing.
type Empty struct{}

// Inner is fine.
type Inner struct{ A uint32 }

// Outer has fields that cannot travel.
type Outer struct {
	Inner
	hidden uint32
	B      int
	C, D   map[string]string
	E      *Outer
}

// Bad carries them.
//
//mm:contract
type Bad interface {
	com.Unknown

	// A takes trees.
	A(a Tree) error
	// B takes rings.
	B(a Ping) error
	// C takes nothing.
	C(a Empty, b []Empty) error
	// D takes all the rest.
	D(a Outer) (Outer, error)
}
