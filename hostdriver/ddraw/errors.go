package ddraw

import (
	"context"
	"errors"
	"fmt"

	"github.com/mmlite/mmlite/firmware/com"
)

// Error is a result code of DirectDraw. Errors of this package wrap one, so that
// errors.Is(err, ddraw.ErrSurfaceLost) works, and often the card's own error, too.
type Error struct {
	Code uint32 // the HRESULT
	Name string // its name in ddraw.h
	text string
}

// Error implements error.
func (e *Error) Error() string { return e.text }

// The result codes. Those that this library has no use for are here for programs
// that translate.
var (
	ErrCannotAttachSurface         = &Error{0x8876000A, "DDERR_CANNOTATTACHSURFACE", "the surface cannot be attached"}
	ErrCannotDetachSurface         = &Error{0x88760014, "DDERR_CANNOTDETACHSURFACE", "the surface cannot be detached"}
	ErrCurrentlyNotAvail           = &Error{0x88760028, "DDERR_CURRENTLYNOTAVAIL", "nothing of this is available at present"}
	ErrGeneric                     = &Error{0x80004005, "DDERR_GENERIC", "the card has failed"}
	ErrIncompatiblePrimary         = &Error{0x8876005F, "DDERR_INCOMPATIBLEPRIMARY", "the primary surface does not fit the request"}
	ErrInvalidCaps                 = &Error{0x88760064, "DDERR_INVALIDCAPS", "the capabilities are invalid"}
	ErrInvalidClipList             = &Error{0x8876006E, "DDERR_INVALIDCLIPLIST", "the clip list is invalid"}
	ErrInvalidMode                 = &Error{0x88760078, "DDERR_INVALIDMODE", "the display mode is invalid"}
	ErrInvalidObject               = &Error{0x88760082, "DDERR_INVALIDOBJECT", "the object is invalid"}
	ErrInvalidParams               = &Error{0x80070057, "DDERR_INVALIDPARAMS", "a parameter is invalid"}
	ErrInvalidPixelFormat          = &Error{0x88760091, "DDERR_INVALIDPIXELFORMAT", "the pixel format is invalid"}
	ErrInvalidRect                 = &Error{0x88760096, "DDERR_INVALIDRECT", "the rectangle is invalid"}
	ErrLockedSurfaces              = &Error{0x887600A0, "DDERR_LOCKEDSURFACES", "surfaces are locked"}
	ErrNoClipList                  = &Error{0x887600CD, "DDERR_NOCLIPLIST", "there is no clip list"}
	ErrNoColorKey                  = &Error{0x887600D7, "DDERR_NOCOLORKEY", "the surface has no colour key"}
	ErrNoCooperativeLevelSet       = &Error{0x887600D4, "DDERR_NOCOOPERATIVELEVELSET", "no cooperative level was set"}
	ErrNoDirectDrawSupport         = &Error{0x887600DE, "DDERR_NODIRECTDRAWSUPPORT", "the card does not draw"}
	ErrNoExclusiveMode             = &Error{0x887600E1, "DDERR_NOEXCLUSIVEMODE", "exclusive mode is needed"}
	ErrNotFound                    = &Error{0x887600FF, "DDERR_NOTFOUND", "there is no such thing"}
	ErrNoOverlayHW                 = &Error{0x88760104, "DDERR_NOOVERLAYHW", "there are no overlays"}
	ErrNoRasterOpHW                = &Error{0x88760118, "DDERR_NORASTEROPHW", "there is no such raster operation"}
	ErrNoStretchHW                 = &Error{0x88760136, "DDERR_NOSTRETCHHW", "this cannot be stretched"}
	ErrNoVSyncHW                   = &Error{0x8876014F, "DDERR_NOVSYNCHW", "there is no vertical blank to see"}
	ErrOutOfCaps                   = &Error{0x88760168, "DDERR_OUTOFCAPS", "the request exceeds the card's limits"}
	ErrOutOfMemory                 = &Error{0x8007000E, "DDERR_OUTOFMEMORY", "there is no memory for this"}
	ErrOutOfVideoMemory            = &Error{0x8876017C, "DDERR_OUTOFVIDEOMEMORY", "the card has no memory for this"}
	ErrPaletteBusy                 = &Error{0x88760183, "DDERR_PALETTEBUSY", "the palette is in use"}
	ErrColorKeyNotSet              = &Error{0x88760190, "DDERR_COLORKEYNOTSET", "the colour key is not set"}
	ErrSurfaceAlreadyAttached      = &Error{0x8876019A, "DDERR_SURFACEALREADYATTACHED", "the surface is attached already"}
	ErrSurfaceBusy                 = &Error{0x887601AE, "DDERR_SURFACEBUSY", "the surface is locked"}
	ErrCantLockSurface             = &Error{0x887601B3, "DDERR_CANTLOCKSURFACE", "the surface cannot be locked"}
	ErrSurfaceLost                 = &Error{0x887601C2, "DDERR_SURFACELOST", "the surface's memory has been lost and must be restored"}
	ErrSurfaceNotAttached          = &Error{0x887601CC, "DDERR_SURFACENOTATTACHED", "the surface is not attached"}
	ErrTooBigHeight                = &Error{0x887601D6, "DDERR_TOOBIGHEIGHT", "the height is too large"}
	ErrTooBigSize                  = &Error{0x887601E0, "DDERR_TOOBIGSIZE", "the size is too large"}
	ErrTooBigWidth                 = &Error{0x887601EA, "DDERR_TOOBIGWIDTH", "the width is too large"}
	ErrUnsupported                 = &Error{0x80004001, "DDERR_UNSUPPORTED", "the function is not supported"}
	ErrUnsupportedFormat           = &Error{0x887601FE, "DDERR_UNSUPPORTEDFORMAT", "the pixel format is not supported"}
	ErrVerticalBlankInProgress     = &Error{0x88760219, "DDERR_VERTICALBLANKINPROGRESS", "the vertical blank is in progress"}
	ErrWasStillDrawing             = &Error{0x8876021C, "DDERR_WASSTILLDRAWING", "drawing is still in progress"}
	ErrNoPaletteAttached           = &Error{0x8876023C, "DDERR_NOPALETTEATTACHED", "no palette is attached"}
	ErrNoClipperAttached           = &Error{0x88760238, "DDERR_NOCLIPPERATTACHED", "no clipper is attached"}
	ErrPrimarySurfaceAlreadyExists = &Error{0x88760234, "DDERR_PRIMARYSURFACEALREADYEXISTS", "there is a primary surface"}
	ErrBltFastCantClip             = &Error{0x8876023E, "DDERR_BLTFASTCANTCLIP", "BltFast does not clip"}
	ErrNotAOverlaySurface          = &Error{0x88760244, "DDERR_NOTAOVERLAYSURFACE", "the surface is no overlay"}
	ErrExclusiveModeAlreadySet     = &Error{0x88760245, "DDERR_EXCLUSIVEMODEALREADYSET", "another program has the screen for itself"}
	ErrNotFlippable                = &Error{0x88760246, "DDERR_NOTFLIPPABLE", "the surface cannot be flipped"}
	ErrNotLocked                   = &Error{0x88760248, "DDERR_NOTLOCKED", "the surface is not locked"}
	ErrWrongMode                   = &Error{0x8876024B, "DDERR_WRONGMODE", "the surface was created in another mode"}
	ErrImplicitlyCreated           = &Error{0x8876024C, "DDERR_IMPLICITLYCREATED", "the surface was created with another one"}
	ErrNotPalettized               = &Error{0x8876024D, "DDERR_NOTPALETTIZED", "the surface has no palette"}
	ErrUnsupportedMode             = &Error{0x8876024E, "DDERR_UNSUPPORTEDMODE", "the display mode is not supported"}
	ErrInvalidSurfaceType          = &Error{0x88760250, "DDERR_INVALIDSURFACETYPE", "the surface is of the wrong type"}
	ErrDeviceDoesntOwnSurface      = &Error{0x887602BB, "DDERR_DEVICEDOESNTOWNSURFACE", "the surface is another device's"}
	ErrNotInitialized              = &Error{0x800401F0, "DDERR_NOTINITIALIZED", "the object was released"}
)

// failed wraps a result code with what a person should know.
func failed(code *Error, format string, args ...any) error {
	return fmt.Errorf("ddraw: %w: "+format, append([]any{code}, args...)...)
}

// translate turns an error of the card into one of DirectDraw's, which wraps it.
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
		code = ErrSurfaceLost
	case com.ErrQuota, com.ErrNoMemory:
		code = ErrOutOfVideoMemory
	case com.ErrInvalid:
		code = ErrInvalidParams
	case com.ErrNotSupported:
		code = ErrUnsupported
	case com.ErrBusy:
		code = ErrSurfaceBusy
	case com.ErrNotFound, com.ErrNoInterface:
		code = ErrNotFound
	case com.ErrTimeout, com.ErrCanceled:
		return err
	}
	return fmt.Errorf("ddraw: %w: %w", code, err)
}
