package d3d

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver/hresult"
)

// Error is a result code of Direct3D. Errors of this package wrap one, so that
// errors.Is(err, d3d.ErrInvalidParams) works, and often the card's own error, too.
type Error = hresult.Error

func direct(n uint32, name, text string) *Error { return hresult.New(0x88760000+n, name, text) }

// The result codes. Those that this library has no use for are here for programs
// that translate.
var (
	ErrInvalidParams             = hresult.New(0x80070057, "DDERR_INVALIDPARAMS", "a parameter is invalid")
	ErrOutOfMemory               = hresult.New(0x8007000E, "DDERR_OUTOFMEMORY", "the card has no memory or place for this")
	ErrUnsupported               = hresult.New(0x80004001, "DDERR_UNSUPPORTED", "the operation is not supported")
	ErrGeneric                   = hresult.New(0x80004005, "DDERR_GENERIC", "the renderer has failed")
	ErrSurfaceLost               = direct(450, "DDERR_SURFACELOST", "the card is gone, and with it all surfaces")
	ErrSurfaceBusy               = direct(430, "DDERR_SURFACEBUSY", "the surface is in use")
	ErrNotFound                  = direct(255, "DDERR_NOTFOUND", "it was not found")
	ErrInvalidDevice             = direct(705, "D3DERR_INVALID_DEVICE", "the device was released")
	ErrInitFailed                = direct(706, "D3DERR_INITFAILED", "the renderer could not be made")
	ErrTextureNoSupport          = direct(720, "D3DERR_TEXTURE_NO_SUPPORT", "there are no textures")
	ErrTextureCreateFailed       = direct(721, "D3DERR_TEXTURE_CREATE_FAILED", "the texture could not be made")
	ErrTextureLocked             = direct(727, "D3DERR_TEXTURE_LOCKED", "the texture is locked")
	ErrTextureNotLocked          = direct(728, "D3DERR_TEXTURE_NOT_LOCKED", "the texture is not locked")
	ErrInvalidPrimitiveType      = direct(736, "D3DERR_INVALIDPRIMITIVETYPE", "there is no such primitive")
	ErrInvalidVertexType         = direct(737, "D3DERR_INVALIDVERTEXTYPE", "there is no such type of vertex")
	ErrTextureBadSize            = direct(738, "D3DERR_TEXTURE_BADSIZE", "the texture's size is no power of two, or too large")
	ErrLightSetFailed            = direct(750, "D3DERR_LIGHT_SET_FAILED", "the light could not be set")
	ErrSceneInScene              = direct(760, "D3DERR_SCENE_IN_SCENE", "a scene has begun already")
	ErrSceneNotInScene           = direct(761, "D3DERR_SCENE_NOT_IN_SCENE", "no scene has begun")
	ErrViewportDataNotSet        = direct(773, "D3DERR_VIEWPORTDATANOTSET", "the viewport is not set")
	ErrInvalidVertexFormat       = direct(2048, "D3DERR_INVALIDVERTEXFORMAT", "the vertex format is not supported")
	ErrVertexBufferCreateFailed  = direct(2061, "D3DERR_VBUF_CREATE_FAILED", "the vertex buffer could not be made")
	ErrVertexBufferLocked        = direct(2062, "D3DERR_VERTEXBUFFERLOCKED", "the vertex buffer is locked")
	ErrVertexBufferUnlockFailed  = direct(2063, "D3DERR_VERTEXBUFFERUNLOCKFAILED", "the vertex buffer is not locked")
	ErrZBufferNotPresent         = direct(2070, "D3DERR_ZBUFFER_NOTPRESENT", "there is no depth buffer")
	ErrStencilBufferNotPresent   = direct(2071, "D3DERR_STENCILBUFFER_NOTPRESENT", "there is no stencil buffer")
	ErrWrongTextureFormat        = direct(2072, "D3DERR_WRONGTEXTUREFORMAT", "the texture's format cannot be used so")
	ErrUnsupportedColorOperation = direct(2073, "D3DERR_UNSUPPORTEDCOLOROPERATION", "the colour operation is not supported")
	ErrUnsupportedColorArg       = direct(2074, "D3DERR_UNSUPPORTEDCOLORARG", "the colour argument is not supported")
	ErrUnsupportedAlphaOperation = direct(2075, "D3DERR_UNSUPPORTEDALPHAOPERATION", "the alpha operation is not supported")
	ErrUnsupportedAlphaArg       = direct(2076, "D3DERR_UNSUPPORTEDALPHAARG", "the alpha argument is not supported")
	ErrTooManyOperations         = direct(2077, "D3DERR_TOOMANYOPERATIONS", "there are more operations than stages")
	ErrConflictingRenderState    = direct(2081, "D3DERR_CONFLICTINGRENDERSTATE", "render states contradict each other")
	ErrUnsupportedTextureFilter  = direct(2082, "D3DERR_UNSUPPORTEDTEXTUREFILTER", "the texture filter is not supported")
	ErrTooManyVertices           = direct(2085, "D3DERR_TOOMANYVERTICES", "there are too many vertices")
	ErrInvalidStateBlock         = direct(2100, "D3DERR_INVALIDSTATEBLOCK", "there is no such state block")
)

// library is how errors are told of here.
var library = hresult.Library{
	Name: "d3d", Generic: ErrGeneric,
	Codes: map[com.Code]*Error{
		com.ErrGone:         ErrSurfaceLost,
		com.ErrClosed:       ErrSurfaceLost,
		com.ErrQuota:        ErrOutOfMemory,
		com.ErrNoMemory:     ErrOutOfMemory,
		com.ErrInvalid:      ErrInvalidParams,
		com.ErrNotSupported: ErrUnsupported,
		com.ErrNoInterface:  ErrUnsupported,
		com.ErrBusy:         ErrSurfaceBusy,
		com.ErrNotFound:     ErrNotFound,
	},
}

func failed(code *Error, format string, args ...any) error {
	return library.Failed(code, format, args...)
}

func translate(err error) error { return library.Translate(err) }
