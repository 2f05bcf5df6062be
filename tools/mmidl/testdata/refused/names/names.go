// Package names has declarations that meet generated ones.
package names

import "github.com/mmlite/mmlite/firmware/com"

// Tone is a contract.
//
//mm:contract
type Tone interface {
	com.Unknown

	// Play plays.
	Play() error
}

// ToneCell meets the cell.
type ToneCell struct{}

var toneProxy = 1

func serveTonePlay() {}
