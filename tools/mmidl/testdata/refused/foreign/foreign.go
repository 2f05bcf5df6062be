// Package foreign has a broken declaration beside a good contract.
package foreign

import "github.com/mmlite/mmlite/firmware/com"

// Tone is a contract.
//
//mm:contract
type Tone interface {
	com.Unknown

	// Play plays.
	Play() error
}

var broken Undeclared
var fine = ToneStub
