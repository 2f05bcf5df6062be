package blit

import "fmt"

// Key is a range of pixel values, as they stand in memory, both ends included.
// Unused bits of a format are not compared.
type Key struct {
	On        bool
	Low, High uint32
}

// Blending says where alpha comes from.
type Blending uint8

const (
	Opaque   Blending = iota // no blending; alpha is converted like a colour
	Constant                 // Options.Alpha for every pixel
	PerPixel                 // the source's alpha times Options.Alpha
)

// Filter says how a stretch samples.
type Filter uint8

const (
	Nearest Filter = iota
	Bilinear
)

// Rotation is how many quarter turns clockwise the source is turned.
type Rotation uint8

const (
	Rotate90 Rotation = iota + 1
	Rotate180
	Rotate270
)

// ROP is a ternary raster operation in Windows' numbering: bits 16 to 23 are
// the truth table, bit 4P+2S+D of which is the result for those bits of
// pattern, source and destination. Zero is SrcCopy. All 256 work.
type ROP uint32

const (
	SrcCopy     ROP = 0x00CC0020
	SrcPaint    ROP = 0x00EE0086
	SrcAnd      ROP = 0x008800C6
	SrcInvert   ROP = 0x00660046
	SrcErase    ROP = 0x00440328
	NotSrcCopy  ROP = 0x00330008
	NotSrcErase ROP = 0x001100A6
	MergeCopy   ROP = 0x00C000CA
	MergePaint  ROP = 0x00BB0226
	PatCopy     ROP = 0x00F00021
	PatPaint    ROP = 0x00FB0A09
	PatInvert   ROP = 0x005A0049
	DstInvert   ROP = 0x00550009
	Blackness   ROP = 0x00000042
	Whiteness   ROP = 0x00FF0062
)

func (r ROP) table() uint8 {
	if r == 0 {
		return 0xcc
	}
	return uint8(r >> 16)
}

// needsSource says whether the result depends on the source.
func (r ROP) needsSource() bool {
	t := r.table()
	return t>>2&0x33 != t&0x33
}

// Options say how Blit combines. The zero value copies.
type Options struct {
	SrcKey  Key // source pixels in the range are not drawn
	DstKey  Key // only destination pixels in the range are drawn on
	Rotate  Rotation
	MirrorX bool // after rotating
	MirrorY bool
	Filter  Filter
	Blend   Blending
	Alpha   uint8 // of Constant and PerPixel: 255 is full
	ROP     ROP
	Pattern uint32 // the pattern of ROP: one pixel of the destination's format
	// Clip, if not nil, are the only parts of the destination that are drawn
	// on. The rectangles must not overlap each other.
	Clip []Rect
	// Scratch is memory for stretches, rotations and mirrorings whose source and
	// destination overlap: as many bytes as the source rectangle has.
	Scratch []byte
	// Between, if not nil, is called between rows, at least after every
	// BetweenPixels pixels of them. It must leave the surfaces alone.
	Between func()
}

// BetweenPixels is about how many pixels are drawn between calls of
// Options.Between; a row is not interrupted.
const BetweenPixels = 16 << 10

func (o *Options) check() error {
	if o.Rotate > Rotate270 {
		return fmt.Errorf("%w: %d quarter turns", ErrOptions, o.Rotate)
	}
	if o.Blend > PerPixel || o.Filter > Bilinear {
		return fmt.Errorf("%w: blending %d, filter %d", ErrOptions, o.Blend, o.Filter)
	}
	if o.Blend != Opaque && o.ROP.table() != 0xcc {
		return fmt.Errorf("%w: alpha together with a raster operation", ErrOptions)
	}
	return nil
}
