package com

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// Code says what went wrong, with the same number on both sides of a link. The
// numbers are part of the protocol: new ones are added at the end.
//
// A Code is an error itself, so it serves as the target of errors.Is and can be
// returned where no text is to be added, without allocation.
type Code uint32

// The codes. Each says in its text what a caller may do about it, if anything.
const (
	OK               Code = iota // no error; never returned as an error
	ErrFailed                    // a failure that has no code of its own; see the text
	ErrInvalid                   // an argument is outside its documented range
	ErrNotFound                  // no object, file or component of that name
	ErrNoInterface               // the object does not speak that contract
	ErrNotSupported              // this implementation cannot do that
	ErrGone                      // the object or the side that held it is no more
	ErrTimeout                   // the deadline passed first
	ErrCanceled                  // the caller gave up
	ErrNoMemory                  // the heap cannot hold it
	ErrQuota                     // the client or component has used what it may
	ErrPermission                // this view or owner may not do that
	ErrExists                    // the name is taken
	ErrBusy                      // in use, or the queue is full; try again later
	ErrClosed                    // it was closed
	ErrEOF                       // the end of the data
	ErrProtocol                  // a packet, file or message is not well formed
	ErrVersion                   // the two sides are of versions that do not fit
	ErrPanic                     // the implementation panicked; its component is ended
	ErrWouldDeadlock             // waiting here could never end
	ErrCorrupt                   // the data is damaged
	numCodes
)

var codeText = [numCodes]string{
	OK:               "ok",
	ErrFailed:        "failed",
	ErrInvalid:       "invalid argument",
	ErrNotFound:      "not found",
	ErrNoInterface:   "no such interface",
	ErrNotSupported:  "not supported",
	ErrGone:          "gone",
	ErrTimeout:       "timed out",
	ErrCanceled:      "canceled",
	ErrNoMemory:      "out of card memory",
	ErrQuota:         "quota used up",
	ErrPermission:    "permission denied",
	ErrExists:        "already exists",
	ErrBusy:          "busy",
	ErrClosed:        "closed",
	ErrEOF:           "end of data",
	ErrProtocol:      "protocol error",
	ErrVersion:       "version mismatch",
	ErrPanic:         "component panicked",
	ErrWouldDeadlock: "would deadlock",
	ErrCorrupt:       "damaged data",
}

// Error implements error.
func (c Code) Error() string {
	if c < numCodes {
		return codeText[c]
	}
	return "error code " + strconv.FormatUint(uint64(c), 10)
}

// Is maps codes to the errors of the standard library that mean the same, so
// that errors.Is(err, context.DeadlineExceeded) holds for ErrTimeout.
func (c Code) Is(target error) bool {
	switch c {
	case ErrTimeout:
		return target == context.DeadlineExceeded
	case ErrCanceled:
		return target == context.Canceled
	case ErrNotFound:
		return target == fs.ErrNotExist
	case ErrPermission:
		return target == fs.ErrPermission
	case ErrExists:
		return target == fs.ErrExist
	case ErrClosed:
		return target == fs.ErrClosed
	case ErrInvalid:
		return target == fs.ErrInvalid
	case ErrEOF:
		return target == io.EOF
	}
	return false
}

// Error is a code with a text that tells a person more.
type Error struct {
	Code Code
	Text string
}

// Error implements error.
func (e *Error) Error() string {
	words := e.Code.Error()
	if e.Text == "" {
		return words
	}
	// A text that was made of an error of the same code says it already.
	if e.Text == words || strings.HasSuffix(e.Text, ": "+words) {
		return e.Text
	}
	return e.Text + ": " + words
}

// Unwrap makes errors.Is(err, com.ErrGone) and errors.As to a Code hold.
func (e *Error) Unwrap() error { return e.Code }

// Errorf returns an error with a code and a formatted text.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Text: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code that err carries, the code that means the same as a
// standard error, ErrFailed for any other error, and OK for nil.
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	if c, ok := err.(Code); ok {
		return c
	}
	var c Code
	if errors.As(err, &c) {
		return c
	}
	for c := ErrInvalid; c < numCodes; c++ {
		for _, std := range standard {
			if c.Is(std) && errors.Is(err, std) {
				return c
			}
		}
	}
	return ErrFailed
}

var standard = []error{
	context.DeadlineExceeded, context.Canceled, fs.ErrNotExist, fs.ErrPermission,
	fs.ErrExist, fs.ErrClosed, fs.ErrInvalid, io.EOF,
}

// TextOf returns the text of err without the words of its code, for carrying it
// to the other side of a link.
func TextOf(err error) string {
	if _, ok := err.(Code); ok {
		return ""
	}
	if e, ok := err.(*Error); ok {
		return e.Text
	}
	return err.Error()
}
