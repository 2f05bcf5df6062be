// Package broken does not compile.
package broken

import "github.com/mmlite/mmlite/firmware/com"

// Tone is a contract.
//
//mm:contract
type Tone interface {
	com.Unknown

	// Play takes what nobody declared.
	Play(a Nothing, b com.Nobody) error
	// Stop takes what is generated.
	Stop(a ToneCell, b []*ToneStub) error
}

var _ = ToneType // generated: not a problem
