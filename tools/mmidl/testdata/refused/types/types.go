// Package types names types that cannot be carried.
package types

import (
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/tools/mmidl/testdata/elsewhere"
)

// Pair is generic.
type Pair[T any] struct{ A, B T }

// Handle has a different size on different machines under its own name too.
type Handle int

// Bad takes what it cannot take.
//
//mm:contract
type Bad interface {
	com.Unknown

	// A has types whose size differs.
	A(a int, b uint, c uintptr, d Handle) error
	// B has types that live in one address space.
	B(a map[string]uint32, b chan uint32, c func(), d *uint32, e unsafe.Pointer) error
	// C has types that could hold anything.
	C(a any, b interface{}, c interface{ Play() }) error
	// D has fixed arrays and complex numbers.
	D(a [16]float32, b complex128, c []complex64) error
	// E has types without a name.
	E(a struct{ X uint32 }, b []struct{ Y bool }) error
	// F has types of other packages.
	F(a elsewhere.Level, b elsewhere.Player, c time.Time, d time.Month, e com.IID) error
	// G has a generic type.
	G(a Pair[uint32]) error
	// H hides the bad type in slices and results.
	H(a [][]int) (b []map[bool]bool, err error)
	// I has an element of its own that is fine.
	I(a com.Code, b []time.Duration) (com.Unknown, error)
}
