package sched

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// NoPromises answers for a policy that has neither reservations nor
// constraints: every such call fails with com.ErrNotSupported. A policy embeds it.
type NoPromises struct{}

// Reserve returns com.ErrNotSupported.
func (NoPromises) Reserve(*Activity, machine.Duration, machine.Duration, machine.Time) (Grant, error) {
	return Grant{}, com.ErrNotSupported
}

// Begin returns com.ErrNotSupported.
func (NoPromises) Begin(*Entity, Constraint, machine.Time) (bool, error) {
	return false, com.ErrNotSupported
}

// End returns com.ErrNotSupported.
func (NoPromises) End(*Entity, machine.Time) (machine.Duration, error) {
	return 0, com.ErrNotSupported
}

// EndBegin returns com.ErrNotSupported.
func (NoPromises) EndBegin(*Entity, Constraint, machine.Time) (machine.Duration, bool, error) {
	return 0, false, com.ErrNotSupported
}

// Promises returns 0.
func (NoPromises) Promises() int { return 0 }
