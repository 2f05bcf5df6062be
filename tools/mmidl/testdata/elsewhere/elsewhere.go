// Package elsewhere has no contracts.
package elsewhere

// Level is a named number.
type Level uint8

// Player is an interface that is no contract.
type Player interface{ Play() }
