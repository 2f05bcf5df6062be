package ddraw

import "github.com/mmlite/mmlite/contracts/graphics"

// FormatFlags say what of a PixelFormat counts (DDPF).
type FormatFlags uint32

// The flags.
const (
	AlphaPixels     FormatFlags = 0x00000001
	FourCCFormat    FormatFlags = 0x00000004
	PaletteIndexed8 FormatFlags = 0x00000020
	RGB             FormatFlags = 0x00000040
	ZBufferFormat   FormatFlags = 0x00000400
	StencilFormat   FormatFlags = 0x00004000
)

// PixelFormat is the layout of a pixel (DDPIXELFORMAT).
type PixelFormat struct {
	Flags    FormatFlags
	FourCC   uint32
	BitCount uint32 // of a pixel; of depth and stencil together
	RMask    uint32 // of a depth buffer the stencil's bits
	GMask    uint32 // of a depth buffer its mask
	BMask    uint32 // of a depth buffer the stencil's mask
	AMask    uint32
}

func fourCC(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// Formats of pixels.
var (
	Indexed8 = PixelFormat{Flags: RGB | PaletteIndexed8, BitCount: 8}
	RGB565   = PixelFormat{Flags: RGB, BitCount: 16, RMask: 0xf800, GMask: 0x07e0, BMask: 0x001f}
	XRGB1555 = PixelFormat{Flags: RGB, BitCount: 16, RMask: 0x7c00, GMask: 0x03e0, BMask: 0x001f}
	ARGB4444 = PixelFormat{Flags: RGB | AlphaPixels, BitCount: 16, RMask: 0x0f00, GMask: 0x00f0, BMask: 0x000f, AMask: 0xf000}
	XRGB8888 = PixelFormat{Flags: RGB, BitCount: 32, RMask: 0xff0000, GMask: 0x00ff00, BMask: 0x0000ff}
	ARGB8888 = PixelFormat{Flags: RGB | AlphaPixels, BitCount: 32, RMask: 0xff0000, GMask: 0x00ff00, BMask: 0x0000ff, AMask: 0xff000000}
	Depth16  = PixelFormat{Flags: ZBufferFormat, BitCount: 16, GMask: 0xffff}
	Depth24  = PixelFormat{Flags: ZBufferFormat | StencilFormat, BitCount: 32, RMask: 8, GMask: 0xffffff00, BMask: 0x000000ff}
	DXT1     = PixelFormat{Flags: FourCCFormat, FourCC: fourCC("DXT1")}
	DXT3     = PixelFormat{Flags: FourCCFormat, FourCC: fourCC("DXT3")}
	DXT5     = PixelFormat{Flags: FourCCFormat, FourCC: fourCC("DXT5")}
)

var formats = [...]struct {
	pixels PixelFormat
	format graphics.Format
}{
	{Indexed8, graphics.Indexed8}, {RGB565, graphics.RGB565}, {XRGB1555, graphics.XRGB1555}, {ARGB4444, graphics.ARGB4444},
	{XRGB8888, graphics.XRGB8888}, {ARGB8888, graphics.ARGB8888}, {Depth16, graphics.Depth16}, {Depth24, graphics.Depth24},
	{DXT1, graphics.DXT1}, {DXT3, graphics.DXT3}, {DXT5, graphics.DXT5},
}

// format is the card's name of a pixel format; the zero one is that of the mode.
func (p PixelFormat) format() (graphics.Format, error) {
	if p == (PixelFormat{}) {
		return graphics.AnyFormat, nil
	}
	for _, f := range formats {
		if f.pixels == p {
			return f.format, nil
		}
	}
	return 0, failed(ErrInvalidPixelFormat, "%d bits with the masks %#x, %#x, %#x and %#x", p.BitCount, p.RMask, p.GMask, p.BMask, p.AMask)
}

func pixelsOf(f graphics.Format) PixelFormat {
	for _, e := range formats {
		if e.format == f {
			return e.pixels
		}
	}
	return PixelFormat{}
}

// modeFormat is that of a display mode of so many bits.
func modeFormat(bits uint32) (graphics.Format, bool) {
	switch bits {
	case 8:
		return graphics.Indexed8, true
	case 15:
		return graphics.XRGB1555, true
	case 16:
		return graphics.RGB565, true
	case 24, 32:
		return graphics.XRGB8888, true
	}
	return 0, false
}
