package dsound

import (
	"context"
	"errors"
	"fmt"

	"github.com/mmlite/mmlite/firmware/com"
)

// Error is a result code of DirectSound. Errors of this package wrap one, so that
// errors.Is(err, dsound.ErrBufferLost) works, and often the card's own error, too.
type Error struct {
	Code uint32 // the HRESULT
	Name string // its name in dsound.h
	text string
}

// Error implements error.
func (e *Error) Error() string { return e.text }

// The result codes. Those that this library has no use for are here for programs
// that translate.
var (
	ErrAllocated          = &Error{0x8878000A, "DSERR_ALLOCATED", "the resource is in use by another caller"}
	ErrControlUnavail     = &Error{0x8878001E, "DSERR_CONTROLUNAVAIL", "the buffer was not created with this control"}
	ErrInvalidParam       = &Error{0x80070057, "DSERR_INVALIDPARAM", "a parameter is invalid"}
	ErrInvalidCall        = &Error{0x88780032, "DSERR_INVALIDCALL", "the call is not valid for the present state of the object"}
	ErrGeneric            = &Error{0x80004005, "DSERR_GENERIC", "the sound subsystem has failed"}
	ErrPrioLevelNeeded    = &Error{0x88780046, "DSERR_PRIOLEVELNEEDED", "a higher cooperative level is needed"}
	ErrOutOfMemory        = &Error{0x8007000E, "DSERR_OUTOFMEMORY", "the card has no memory or place for this"}
	ErrBadFormat          = &Error{0x88780064, "DSERR_BADFORMAT", "the wave format is not supported"}
	ErrUnsupported        = &Error{0x80004001, "DSERR_UNSUPPORTED", "the function is not supported"}
	ErrNoDriver           = &Error{0x88780078, "DSERR_NODRIVER", "no sound driver is available"}
	ErrAlreadyInitialized = &Error{0x88780082, "DSERR_ALREADYINITIALIZED", "the object is already initialized"}
	ErrNoAggregation      = &Error{0x80040110, "DSERR_NOAGGREGATION", "the object does not support aggregation"}
	ErrBufferLost         = &Error{0x88780096, "DSERR_BUFFERLOST", "the buffer memory has been lost and must be restored"}
	ErrOtherAppHasPrio    = &Error{0x887800A0, "DSERR_OTHERAPPHASPRIO", "another program has a higher priority"}
	ErrUninitialized      = &Error{0x887800AA, "DSERR_UNINITIALIZED", "the object has not been initialized"}
	ErrNoInterface        = &Error{0x80004002, "DSERR_NOINTERFACE", "the interface is not available"}
	ErrAccessDenied       = &Error{0x80070005, "DSERR_ACCESSDENIED", "access is denied"}
	ErrBufferTooSmall     = &Error{0x887800B4, "DSERR_BUFFERTOOSMALL", "the buffer is too small"}
	ErrObjectNotFound     = &Error{0x88781161, "DSERR_OBJECTNOTFOUND", "the object was not found"}
)

// failed wraps a result code with what a person should know.
func failed(code *Error, format string, args ...any) error {
	return fmt.Errorf("dsound: %w: "+format, append([]any{code}, args...)...)
}

// translate turns an error of the card into one of DirectSound's, which wraps it.
// What the caller's context did is left as it is.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	code := ErrGeneric
	switch com.CodeOf(err) {
	case com.ErrGone, com.ErrClosed:
		code = ErrBufferLost
	case com.ErrQuota, com.ErrNoMemory:
		code = ErrOutOfMemory
	case com.ErrInvalid:
		code = ErrInvalidParam
	case com.ErrNotSupported:
		code = ErrUnsupported
	case com.ErrBusy:
		code = ErrInvalidCall
	case com.ErrNoInterface:
		code = ErrNoInterface
	case com.ErrNotFound:
		code = ErrNoDriver
	case com.ErrPermission:
		code = ErrAccessDenied
	case com.ErrTimeout, com.ErrCanceled:
		return err
	}
	return fmt.Errorf("dsound: %w: %w", code, err)
}
