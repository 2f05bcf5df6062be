package ddraw

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver/hresult"
)

// Error is a result code of DirectDraw. Errors of this package wrap one, so that
// errors.Is(err, ddraw.ErrSurfaceLost) works, and often the card's own error, too.
type Error = hresult.Error

// The result codes. Those that this library has no use for are here for programs
// that translate.
var (
	ErrCannotAttachSurface         = hresult.New(0x8876000A, "DDERR_CANNOTATTACHSURFACE", "the surface cannot be attached")
	ErrCannotDetachSurface         = hresult.New(0x88760014, "DDERR_CANNOTDETACHSURFACE", "the surface cannot be detached")
	ErrCurrentlyNotAvail           = hresult.New(0x88760028, "DDERR_CURRENTLYNOTAVAIL", "nothing of this is available at present")
	ErrGeneric                     = hresult.New(0x80004005, "DDERR_GENERIC", "the card has failed")
	ErrIncompatiblePrimary         = hresult.New(0x8876005F, "DDERR_INCOMPATIBLEPRIMARY", "the primary surface does not fit the request")
	ErrInvalidCaps                 = hresult.New(0x88760064, "DDERR_INVALIDCAPS", "the capabilities are invalid")
	ErrInvalidClipList             = hresult.New(0x8876006E, "DDERR_INVALIDCLIPLIST", "the clip list is invalid")
	ErrInvalidMode                 = hresult.New(0x88760078, "DDERR_INVALIDMODE", "the display mode is invalid")
	ErrInvalidObject               = hresult.New(0x88760082, "DDERR_INVALIDOBJECT", "the object is invalid")
	ErrInvalidParams               = hresult.New(0x80070057, "DDERR_INVALIDPARAMS", "a parameter is invalid")
	ErrInvalidPixelFormat          = hresult.New(0x88760091, "DDERR_INVALIDPIXELFORMAT", "the pixel format is invalid")
	ErrInvalidRect                 = hresult.New(0x88760096, "DDERR_INVALIDRECT", "the rectangle is invalid")
	ErrLockedSurfaces              = hresult.New(0x887600A0, "DDERR_LOCKEDSURFACES", "surfaces are locked")
	ErrNoClipList                  = hresult.New(0x887600CD, "DDERR_NOCLIPLIST", "there is no clip list")
	ErrNoColorKey                  = hresult.New(0x887600D7, "DDERR_NOCOLORKEY", "the surface has no colour key")
	ErrNoCooperativeLevelSet       = hresult.New(0x887600D4, "DDERR_NOCOOPERATIVELEVELSET", "no cooperative level was set")
	ErrNoDirectDrawSupport         = hresult.New(0x887600DE, "DDERR_NODIRECTDRAWSUPPORT", "the card does not draw")
	ErrNoExclusiveMode             = hresult.New(0x887600E1, "DDERR_NOEXCLUSIVEMODE", "exclusive mode is needed")
	ErrNotFound                    = hresult.New(0x887600FF, "DDERR_NOTFOUND", "there is no such thing")
	ErrNoOverlayHW                 = hresult.New(0x88760104, "DDERR_NOOVERLAYHW", "there are no overlays")
	ErrNoRasterOpHW                = hresult.New(0x88760118, "DDERR_NORASTEROPHW", "there is no such raster operation")
	ErrNoStretchHW                 = hresult.New(0x88760136, "DDERR_NOSTRETCHHW", "this cannot be stretched")
	ErrNoVSyncHW                   = hresult.New(0x8876014F, "DDERR_NOVSYNCHW", "there is no vertical blank to see")
	ErrOutOfCaps                   = hresult.New(0x88760168, "DDERR_OUTOFCAPS", "the request exceeds the card's limits")
	ErrOutOfMemory                 = hresult.New(0x8007000E, "DDERR_OUTOFMEMORY", "there is no memory for this")
	ErrOutOfVideoMemory            = hresult.New(0x8876017C, "DDERR_OUTOFVIDEOMEMORY", "the card has no memory for this")
	ErrPaletteBusy                 = hresult.New(0x88760183, "DDERR_PALETTEBUSY", "the palette is in use")
	ErrColorKeyNotSet              = hresult.New(0x88760190, "DDERR_COLORKEYNOTSET", "the colour key is not set")
	ErrSurfaceAlreadyAttached      = hresult.New(0x8876019A, "DDERR_SURFACEALREADYATTACHED", "the surface is attached already")
	ErrSurfaceBusy                 = hresult.New(0x887601AE, "DDERR_SURFACEBUSY", "the surface is locked")
	ErrCantLockSurface             = hresult.New(0x887601B3, "DDERR_CANTLOCKSURFACE", "the surface cannot be locked")
	ErrSurfaceLost                 = hresult.New(0x887601C2, "DDERR_SURFACELOST", "the surface's memory has been lost and must be restored")
	ErrSurfaceNotAttached          = hresult.New(0x887601CC, "DDERR_SURFACENOTATTACHED", "the surface is not attached")
	ErrTooBigHeight                = hresult.New(0x887601D6, "DDERR_TOOBIGHEIGHT", "the height is too large")
	ErrTooBigSize                  = hresult.New(0x887601E0, "DDERR_TOOBIGSIZE", "the size is too large")
	ErrTooBigWidth                 = hresult.New(0x887601EA, "DDERR_TOOBIGWIDTH", "the width is too large")
	ErrUnsupported                 = hresult.New(0x80004001, "DDERR_UNSUPPORTED", "the function is not supported")
	ErrUnsupportedFormat           = hresult.New(0x887601FE, "DDERR_UNSUPPORTEDFORMAT", "the pixel format is not supported")
	ErrVerticalBlankInProgress     = hresult.New(0x88760219, "DDERR_VERTICALBLANKINPROGRESS", "the vertical blank is in progress")
	ErrWasStillDrawing             = hresult.New(0x8876021C, "DDERR_WASSTILLDRAWING", "drawing is still in progress")
	ErrNoPaletteAttached           = hresult.New(0x8876023C, "DDERR_NOPALETTEATTACHED", "no palette is attached")
	ErrNoClipperAttached           = hresult.New(0x88760238, "DDERR_NOCLIPPERATTACHED", "no clipper is attached")
	ErrPrimarySurfaceAlreadyExists = hresult.New(0x88760234, "DDERR_PRIMARYSURFACEALREADYEXISTS", "there is a primary surface")
	ErrBltFastCantClip             = hresult.New(0x8876023E, "DDERR_BLTFASTCANTCLIP", "BltFast does not clip")
	ErrNotAOverlaySurface          = hresult.New(0x88760244, "DDERR_NOTAOVERLAYSURFACE", "the surface is no overlay")
	ErrExclusiveModeAlreadySet     = hresult.New(0x88760245, "DDERR_EXCLUSIVEMODEALREADYSET", "another program has the screen for itself")
	ErrNotFlippable                = hresult.New(0x88760246, "DDERR_NOTFLIPPABLE", "the surface cannot be flipped")
	ErrNotLocked                   = hresult.New(0x88760248, "DDERR_NOTLOCKED", "the surface is not locked")
	ErrWrongMode                   = hresult.New(0x8876024B, "DDERR_WRONGMODE", "the surface was created in another mode")
	ErrImplicitlyCreated           = hresult.New(0x8876024C, "DDERR_IMPLICITLYCREATED", "the surface was created with another one")
	ErrNotPalettized               = hresult.New(0x8876024D, "DDERR_NOTPALETTIZED", "the surface has no palette")
	ErrUnsupportedMode             = hresult.New(0x8876024E, "DDERR_UNSUPPORTEDMODE", "the display mode is not supported")
	ErrInvalidSurfaceType          = hresult.New(0x88760250, "DDERR_INVALIDSURFACETYPE", "the surface is of the wrong type")
	ErrDeviceDoesntOwnSurface      = hresult.New(0x887602BB, "DDERR_DEVICEDOESNTOWNSURFACE", "the surface is another device's")
	ErrNotInitialized              = hresult.New(0x800401F0, "DDERR_NOTINITIALIZED", "the object was released")
)

// library is how errors are told of here.
var library = hresult.Library{
	Name: "ddraw", Generic: ErrGeneric,
	Codes: map[com.Code]*Error{
		com.ErrGone:         ErrSurfaceLost,
		com.ErrClosed:       ErrSurfaceLost,
		com.ErrQuota:        ErrOutOfVideoMemory,
		com.ErrNoMemory:     ErrOutOfVideoMemory,
		com.ErrInvalid:      ErrInvalidParams,
		com.ErrNotSupported: ErrUnsupported,
		com.ErrBusy:         ErrSurfaceBusy,
		com.ErrNotFound:     ErrNotFound,
		com.ErrNoInterface:  ErrNotFound,
	},
}

func failed(code *Error, format string, args ...any) error {
	return library.Failed(code, format, args...)
}

func translate(err error) error { return library.Translate(err) }
