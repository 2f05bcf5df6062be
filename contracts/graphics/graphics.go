// Package graphics holds the contracts of pictures: devices with surfaces,
// palettes and blits as DirectDraw 7 has them, renderers of triangles as
// Direct3D 5 to 7 have them, image layers as Talisman had them (Torborg and Kajiya,
// SIGGRAPH 1996), and the screen they all end up on.
//
// A picture's coordinates count pixels from its upper left corner, x to the right
// and y down; the centre of a pixel is at whole numbers. Colours that are not said
// to be in a surface's format are ARGB8888: blue in the lowest byte.
//
// Drawing is one-way: it takes no answer, runs in the order in which one client's
// goroutine called, and fails at the client's next call that has an answer, or at
// Flush. What draws names surfaces and buffers by the numbers their device gave
// them, so nothing of another device can be named.
package graphics

import (
	"context"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

//go:generate go run ../../tools/mmidl .

// Graphics is the factory of devices, at /graphics.
//
//mm:contract
type Graphics interface {
	com.Unknown

	// Info says what there is to draw on and with.
	Info(ctx context.Context) (Info, error)
	// Open returns a device with surfaces and state of its own, which the client
	// alone uses. ErrQuota: the client or the card has no more.
	Open(ctx context.Context, options DeviceOptions) (Device, error)
}

// Info describes what the card draws with.
type Info struct {
	Width, Height uint32 // of the screen, in pixels
	Refresh       uint32 // frames in a thousand seconds: 60000 for 60 Hz
	Memory        uint64 // bytes of surfaces, buffers and textures a client may have
	Free          uint64 // of these
	MaxSize       uint32 // largest width and height of a surface
	MaxTexture    uint32 // the same of a texture
	Stages        uint32 // texture stages
	Lights        uint32 // that can be on at once
	ClipPlanes    uint32
	Layers        uint32 // that a client may have
	Workers       uint32 // processors that render
	Loops         string // what pixel loops there are: "interpreter", "AVX2"
}

// DeviceOptions say what a device shall be. Zero values mean the defaults.
type DeviceOptions struct {
	Name string // for people; shown in status; at most 256 bytes
}

// Format is the layout of a pixel in memory, little endian, named from the top bit.
type Format uint8

// The formats. Indexed8 to ARGB8888 are those of surfaces; DXT1 to DXT5 and Depth
// those of textures and depth buffers.
const (
	AnyFormat Format = iota // the one of the screen's mode
	Indexed8                // index into the surface's palette
	RGB565
	XRGB1555
	ARGB4444
	XRGB8888
	ARGB8888
	Depth16 // a depth buffer of 16 bits a pixel
	Depth24 // one of 24 bits, with 8 bits of stencil in the lowest byte
	DXT1    // blocks of 4 by 4 texels in 8 bytes
	DXT3    // in 16 bytes, alpha of 4 bits
	DXT5    // in 16 bytes, alpha interpolated
)

// Mode is what a client wants the screen to look like to it.
type Mode struct {
	Width, Height uint32 // pixels; 0 means the screen's
	Format        Format // of primary surfaces that leave it open; 0 means XRGB8888
	Refresh       uint32 // frames in a thousand seconds; the screen has but one, whatever is wished
	Exclusive     bool   // nobody else is shown
}

// Rect is the pixels with X0 <= x < X1 and Y0 <= y < Y1.
type Rect struct{ X0, Y0, X1, Y1 int32 }

// Device is what one program draws with: its surfaces, palettes, layers and
// renderers. The last release takes everything of it off the screen; objects that
// are still held then answer ErrClosed.
//
//mm:contract
type Device interface {
	com.Unknown

	// SetMode says how large this device's primary is, and whether it wants the
	// screen for itself. A mode that is not the screen's is stretched to it.
	// ErrBusy: another device is exclusive; ErrInvalid: a mode of no or too many
	// pixels.
	SetMode(ctx context.Context, mode Mode) error
	// CreateSurface returns a surface. ErrInvalid: options that contradict each other
	// or are out of range; ErrQuota and ErrNoMemory: there is no room; ErrBusy: a
	// device has one primary.
	CreateSurface(ctx context.Context, options SurfaceOptions) (Surface, error)
	// CreatePalette returns a palette of 256 colours, of which the first are given
	// and the others black.
	//
	//mm:limit colors 256
	CreatePalette(ctx context.Context, colors []uint32) (Palette, error)
	// CreateRenderer returns a renderer with the default state and no target.
	CreateRenderer(ctx context.Context) (Renderer, error)
	// CreateVertexBuffer returns memory for vertices, at most 16 MiB.
	CreateVertexBuffer(ctx context.Context, bytes uint32) (VertexBuffer, error)
	// CreateLayer puts a surface of this device onto the screen as a layer of its
	// own, invisible until it is shown. ErrQuota: there are too many.
	CreateLayer(ctx context.Context, surface Surface) (Layer, error)
	// Plan says which of this device's layers are to be drawn anew for the next
	// frame and which are to be warped; see Wish. The choices, as many as wishes, are in
	// the order of these. ErrInvalid: a layer twice, one of another device, or not as
	// many choices.
	//
	//mm:out choices
	//mm:limit wishes 256
	//mm:limit choices 256
	Plan(ctx context.Context, wishes []Wish, choices []Choice) (Plan, error)
	// Blit copies, stretches, fills or combines pixels. What of its destination lies
	// outside of the surface or of its clip list is not touched; a source that does
	// not lie within its surface is ErrInvalid, as are surfaces this device does not
	// have. Source and destination may be one and overlap.
	//
	//mm:oneway
	Blit(b Blit) error
	// Info says how the device fares.
	Info(ctx context.Context) (DeviceInfo, error)
}

// DeviceInfo says how a device fares.
type DeviceInfo struct {
	Name     string
	Mode     Mode
	Memory   uint64 // bytes its surfaces and buffers take
	Surfaces uint32
	Layers   uint32
	Blits    uint64
	Pixels   uint64 // written by blits
	Flips    uint64
	// What this client shows takes too much of the compositor's time: in how many
	// halvings of the screen's resolution it was composed last, in how many frames since
	// it came it was, and how many layers were left out of these.
	Coarse        uint32
	Shed, LeftOut uint64
}

// BlitFlags say how a blit combines its pixels.
type BlitFlags uint32

// The flags of a blit.
const (
	BlitFill       BlitFlags = 1 << iota // Color everywhere, as it stands in memory; no source
	BlitKeySource                        // pixels of the source's source key are not copied
	BlitKeyDest                          // pixels go only where the destination has its destination key
	BlitMirrorX                          // left and right change places
	BlitMirrorY                          // top and bottom change places
	BlitBilinear                         // stretches interpolate
	BlitAlpha                            // blends by Alpha
	BlitAlphaPixel                       // blends by the source's alpha, times Alpha
	BlitROP                              // combines by ROP
	BlitRotate90                         // clockwise, before mirroring; with BlitRotate180 by 270 degrees
	BlitRotate180
	BlitWhole // the rectangles are those of the whole surfaces
)

// Blit is one blit. Empty rectangles are ErrInvalid unless BlitWhole is set.
type Blit struct {
	Dst     uint32 // number of the destination
	Src     uint32 // number of the source; 0 where there is none
	DstRect Rect
	SrcRect Rect
	Flags   BlitFlags
	Color   uint32 // of BlitFill, and of pattern operations
	ROP     uint8  // the middle byte of a Windows ternary raster operation: 0xCC copies
	Alpha   uint8  // of BlitAlpha and BlitAlphaPixel: 255 is opaque
}

// SurfaceCaps say what a surface is for.
type SurfaceCaps uint32

// What surfaces are for.
const (
	CapPrimary SurfaceCaps = 1 << iota // what the device shows
	CapTexture                         // textures: sizes are powers of two
	CapTarget                          // a renderer draws on it
	CapDepth                           // depth and stencil of a renderer; of format Depth16 or Depth24
)

// SurfaceOptions say what a surface shall be. Zero values mean the defaults.
type SurfaceOptions struct {
	Caps          SurfaceCaps
	Width, Height uint32 // pixels; 0, for a primary, the mode's
	Format        Format // 0 means the mode's
	BackBuffers   uint32 // 0 to 3, which Flip takes turns with
	Levels        uint32 // of a texture, each half as large; 0 means 1
}

// Surface is a picture in card memory, at first black, or a chain of them: front
// and back buffers, or the levels of a texture. Each of a chain is a surface of its
// own, which Attached returns; all lie in one memory.
//
//mm:contract
type Surface interface {
	com.Unknown

	// Info describes the surface.
	Info(ctx context.Context) (SurfaceInfo, error)
	// Memory returns the memory in which this surface and its whole chain lie. It is
	// to be written and read between Lock and Unlock only; whatever is done at
	// another time is harmless but may or may not be seen.
	Memory(ctx context.Context) (system.Memory, error)
	// Lock waits until everything drawn on the surface so far is there, and says
	// where its pixels lie until Unlock. ErrBusy: it is locked; ErrInvalid: a
	// rectangle that does not lie within it. The zero Rect means the whole.
	Lock(ctx context.Context, rect Rect, readOnly bool) (Locked, error)
	// Unlock says that the client has written rect; of a surface that is shown, it
	// becomes visible. The zero Rect means that nothing was written. ErrInvalid: it is
	// not locked.
	//
	//mm:oneway
	Unlock(rect Rect) error
	// Attached returns a surface of the chain: number 1 is the back buffer that is
	// shown next, or the level half as large. ErrNotFound: there are not so many.
	Attached(ctx context.Context, number uint32) (Surface, error)
	// Flip shows the next back buffer of a primary's or layer's chain: the memories
	// of its surfaces move one place, the objects stay. It returns once the flip
	// before this one has been seen, and this one is to be seen interval vertical
	// blanks after that; 0 means at once, without waiting. What has been drawn before
	// is finished first. ErrNotSupported: there are no back buffers; ErrBusy: a
	// surface of the chain is locked.
	Flip(ctx context.Context, interval uint32) error
	// SetPalette has an indexed surface show its pixels in a palette's colours, and
	// all of its chain; nil is a ramp of greys.
	SetPalette(ctx context.Context, palette Palette) error
	// SetColorKey sets the source or destination key: pixel values from low to high
	// as they stand in memory. on false takes it away.
	//
	//mm:oneway
	SetColorKey(destination bool, on bool, low, high uint32) error
	// SetClip has blits to this surface write only inside of rects, which may overlap;
	// none means everywhere. ErrInvalid: they overlap in more than 4,096 pieces.
	//
	//mm:limit rects 1024
	SetClip(ctx context.Context, rects []Rect) error
	// MakeLevels makes the smaller levels of a texture from the largest: each texel is
	// the mean of those it covers. ErrNotSupported: it is no texture, or compressed.
	//
	//mm:oneway
	MakeLevels() error
}

// SurfaceInfo describes a surface.
type SurfaceInfo struct {
	Number        uint32 // which drawing names it by, never 0
	Caps          SurfaceCaps
	Width, Height uint32
	Pitch         uint32 // bytes from a row, or row of blocks, to the next
	Format        Format
	Chain         uint32 // surfaces in its chain, itself included
	Offset        uint32 // where its pixels lie in Memory now
	Flips         uint64
	Missed        uint64 // vertical blanks at which a flip that was due was not there
}

// Locked says where the pixels of a locked rectangle lie.
type Locked struct {
	Offset uint32 // of the rectangle's first pixel in the memory
	Pitch  uint32 // bytes from a row to the next
	Length uint32 // bytes from the first pixel to behind the last
}

// Palette is 256 colours.
//
//mm:contract
type Palette interface {
	com.Unknown

	// SetEntries changes colours from an entry on, 0x00RRGGBB; surfaces that are
	// shown in them change at the next vertical blank. ErrInvalid: behind entry 255.
	//
	//mm:oneway
	//mm:limit colors 256
	SetEntries(start uint32, colors []uint32) error
	// Entries returns all colours.
	Entries(ctx context.Context) ([]uint32, error)
}
