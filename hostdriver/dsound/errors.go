package dsound

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver/hresult"
)

// Error is a result code of DirectSound. Errors of this package wrap one, so that
// errors.Is(err, dsound.ErrBufferLost) works, and often the card's own error, too.
type Error = hresult.Error

// The result codes. Those that this library has no use for are here for programs
// that translate.
var (
	ErrAllocated          = hresult.New(0x8878000A, "DSERR_ALLOCATED", "the resource is in use by another caller")
	ErrControlUnavail     = hresult.New(0x8878001E, "DSERR_CONTROLUNAVAIL", "the buffer was not created with this control")
	ErrInvalidParam       = hresult.New(0x80070057, "DSERR_INVALIDPARAM", "a parameter is invalid")
	ErrInvalidCall        = hresult.New(0x88780032, "DSERR_INVALIDCALL", "the call is not valid for the present state of the object")
	ErrGeneric            = hresult.New(0x80004005, "DSERR_GENERIC", "the sound subsystem has failed")
	ErrPrioLevelNeeded    = hresult.New(0x88780046, "DSERR_PRIOLEVELNEEDED", "a higher cooperative level is needed")
	ErrOutOfMemory        = hresult.New(0x8007000E, "DSERR_OUTOFMEMORY", "the card has no memory or place for this")
	ErrBadFormat          = hresult.New(0x88780064, "DSERR_BADFORMAT", "the wave format is not supported")
	ErrUnsupported        = hresult.New(0x80004001, "DSERR_UNSUPPORTED", "the function is not supported")
	ErrNoDriver           = hresult.New(0x88780078, "DSERR_NODRIVER", "no sound driver is available")
	ErrAlreadyInitialized = hresult.New(0x88780082, "DSERR_ALREADYINITIALIZED", "the object is already initialized")
	ErrNoAggregation      = hresult.New(0x80040110, "DSERR_NOAGGREGATION", "the object does not support aggregation")
	ErrBufferLost         = hresult.New(0x88780096, "DSERR_BUFFERLOST", "the buffer memory has been lost and must be restored")
	ErrOtherAppHasPrio    = hresult.New(0x887800A0, "DSERR_OTHERAPPHASPRIO", "another program has a higher priority")
	ErrUninitialized      = hresult.New(0x887800AA, "DSERR_UNINITIALIZED", "the object has not been initialized")
	ErrNoInterface        = hresult.New(0x80004002, "DSERR_NOINTERFACE", "the interface is not available")
	ErrAccessDenied       = hresult.New(0x80070005, "DSERR_ACCESSDENIED", "access is denied")
	ErrBufferTooSmall     = hresult.New(0x887800B4, "DSERR_BUFFERTOOSMALL", "the buffer is too small")
	ErrObjectNotFound     = hresult.New(0x88781161, "DSERR_OBJECTNOTFOUND", "the object was not found")
)

// library is how errors are told of here.
var library = hresult.Library{
	Name: "dsound", Generic: ErrGeneric,
	Codes: map[com.Code]*Error{
		com.ErrGone:         ErrBufferLost,
		com.ErrClosed:       ErrBufferLost,
		com.ErrQuota:        ErrOutOfMemory,
		com.ErrNoMemory:     ErrOutOfMemory,
		com.ErrInvalid:      ErrInvalidParam,
		com.ErrNotSupported: ErrUnsupported,
		com.ErrBusy:         ErrInvalidCall,
		com.ErrNoInterface:  ErrNoInterface,
		com.ErrNotFound:     ErrNoDriver,
		com.ErrPermission:   ErrAccessDenied,
	},
}

func failed(code *Error, format string, args ...any) error {
	return library.Failed(code, format, args...)
}

func translate(err error) error { return library.Translate(err) }
