// Package hresult holds the result codes of COM libraries as Go errors, as far as
// the libraries for host programs share them: an error wraps the documented code, so
// that errors.Is tells it, and the card's own error, where one is behind it.
package hresult

import (
	"context"
	"errors"
	"fmt"

	"github.com/mmlite/mmlite/firmware/com"
)

// Error is a result code.
type Error struct {
	Code uint32 // the HRESULT
	Name string // its name in the header of its library
	text string
}

// New returns a result code with what it says to a person.
func New(code uint32, name, text string) *Error { return &Error{code, name, text} }

// Error implements error.
func (e *Error) Error() string { return e.text }

// Library is how a library tells of errors.
type Library struct {
	Name    string              // which messages begin with
	Codes   map[com.Code]*Error // for the card's errors
	Generic *Error              // for those that are not in Codes
}

// Failed wraps a result code with what a person should know.
func (l *Library) Failed(code *Error, format string, args ...any) error {
	return fmt.Errorf(l.Name+": %w: "+format, append([]any{code}, args...)...)
}

// Translate turns an error of the card into one of the library's, which wraps it.
// Those that are the library's already, and what time-outs and the caller's context
// did, are left as they are.
func (l *Library) Translate(err error) error {
	if err == nil {
		return nil // before anything is allocated: most calls of a frame come here
	}
	var known *Error
	if errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	of := com.CodeOf(err)
	if of == com.ErrTimeout || of == com.ErrCanceled {
		return err
	}
	code, ok := l.Codes[of]
	if !ok {
		code = l.Generic
	}
	return fmt.Errorf("%s: %w: %w", l.Name, code, err)
}
