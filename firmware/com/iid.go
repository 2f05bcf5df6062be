package com

import (
	"encoding/hex"
	"fmt"
)

// IID names a contract. The first eight bytes are fixed by the contract's name,
// the last eight are a hash over the canonical form of its methods, so two
// programs agree on an IID only if they agree on every parameter.
type IID [16]byte

// String returns 32 hexadecimal digits with a dash between name and hash.
func (i IID) String() string {
	return hex.EncodeToString(i[:8]) + "-" + hex.EncodeToString(i[8:])
}

// IsZero reports whether i names no contract.
func (i IID) IsZero() bool { return i == IID{} }

// ParseIID reads what String prints. It returns ErrInvalid for anything else.
func ParseIID(s string) (IID, error) {
	var i IID
	if len(s) != 33 || s[16] != '-' {
		return i, Errorf(ErrInvalid, "IID %q: want 16 hexadecimal digits, a dash, 16 digits", s)
	}
	if _, err := hex.Decode(i[:8], []byte(s[:16])); err != nil {
		return IID{}, Errorf(ErrInvalid, "IID %q: %v", s, err)
	}
	if _, err := hex.Decode(i[8:], []byte(s[17:])); err != nil {
		return IID{}, Errorf(ErrInvalid, "IID %q: %v", s, err)
	}
	return i, nil
}

// MustIID is ParseIID for literals in generated code; it panics on a bad one.
func MustIID(s string) IID {
	i, err := ParseIID(s)
	if err != nil {
		panic(fmt.Sprint("com: ", err))
	}
	return i
}
