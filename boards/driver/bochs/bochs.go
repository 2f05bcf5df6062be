// Package bochs is the screen of QEMU's bochs-display device: modes of 32 bits a
// pixel, pages that are shown by one register, copies of what has changed.
//
// The sources are QEMU, "Standard VGA" (docs/specs/standard-vga: memory and
// registers behind the base addresses) and the Bochs project, "VBE DISPI interface"
// (the registers and their values).
package bochs

import (
	"image"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// PCI identification of the device.
const (
	Vendor = 0x1234
	ID     = 0x1111
)

// Registers, each of 16 bits, behind base address 2.
const (
	dispi         = 0x500
	regID         = dispi + 2*0
	regWidth      = dispi + 2*1
	regHeight     = dispi + 2*2
	regDepth      = dispi + 2*3
	regEnable     = dispi + 2*4
	regVirtWidth  = dispi + 2*6
	regVirtHeight = dispi + 2*7
	regX          = dispi + 2*8
	regY          = dispi + 2*9

	idMask, idBase = 0xFFF0, 0xB0C0
	enableLinear   = 0x41 // on, with a linear frame buffer
	bytesPixel     = 4
)

// Largest mode of the interface.
const (
	MaxWidth, MaxHeight = 2560, 1600
)

// Config is what the device is given.
type Config struct {
	Registers reg.Space // base address 2
	Memory    []byte    // base address 0
}

// Screen is the display. Its methods are called by one goroutine at a time.
type Screen struct {
	cfg           Config
	width, height int
	pages         int
}

// Open takes the display into use; it shows nothing before SetMode. The error is
// com.ErrNotFound if that is no such display.
func Open(cfg Config) (*Screen, error) {
	if id := cfg.Registers.Read16(regID); id&idMask != idBase {
		return nil, com.Errorf(com.ErrNotFound, "bochs: no display: the identification is %#04x", id)
	}
	return &Screen{cfg: cfg}, nil
}

// SetMode shows width times height pixels, black, from page 0. width is a multiple
// of 8. The errors are com.ErrInvalid, com.ErrNoMemory if the display has too little
// for a page, com.ErrNotSupported if it does not take the mode, which leaves it off.
func (s *Screen) SetMode(width, height int) error {
	if width < 64 || width > MaxWidth || width%8 != 0 || height < 64 || height > MaxHeight {
		return com.Errorf(com.ErrInvalid, "bochs: a screen of %d x %d", width, height)
	}
	pages := len(s.cfg.Memory) / (width * height * bytesPixel)
	if pages == 0 {
		return com.Errorf(com.ErrNoMemory, "bochs: %d bytes are too little for %d x %d", len(s.cfg.Memory), width, height)
	}
	r := s.cfg.Registers
	s.pages = 0
	r.Write16(regEnable, 0)
	pages = min(pages, 0xFFFF/height)
	clear(s.cfg.Memory[:pages*width*height*bytesPixel])
	for _, set := range [...]struct {
		at uint32
		v  int
	}{{regWidth, width}, {regHeight, height}, {regDepth, 8 * bytesPixel}, {regVirtWidth, width}, {regVirtHeight, pages * height}, {regX, 0}, {regY, 0}, {regEnable, enableLinear}} {
		r.Write16(set.at, uint16(set.v))
	}
	if w, h, d := r.Read16(regWidth), r.Read16(regHeight), r.Read16(regDepth); int(w) != width || int(h) != height || d != 8*bytesPixel {
		r.Write16(regEnable, 0)
		return com.Errorf(com.ErrNotSupported, "bochs: the display made %d x %d x %d of %d x %d x 32", w, h, d, width, height)
	}
	s.width, s.height, s.pages = width, height, pages
	return nil
}

// Size is the mode in pixels, 0 before SetMode.
func (s *Screen) Size() (width, height int) { return s.width, s.height }

// Stride is how many bytes a row takes.
func (s *Screen) Stride() int { return s.width * bytesPixel }

// Pages is how many whole screens the memory holds.
func (s *Screen) Pages() int { return s.pages }

// Page is the memory of a page: rows of Stride bytes, a pixel being 0x00RRGGBB in
// little-endian order. It is nil if there is no such page, and valid until SetMode.
func (s *Screen) Page(page int) []byte {
	if page < 0 || page >= s.pages {
		return nil
	}
	size := s.Stride() * s.height
	return s.cfg.Memory[page*size : (page+1)*size : (page+1)*size]
}

// Show shows a page from the next refresh on. The error is com.ErrInvalid.
func (s *Screen) Show(page int) error {
	if page < 0 || page >= s.pages {
		return com.Errorf(com.ErrInvalid, "bochs: page %d of %d", page, s.pages)
	}
	s.cfg.Registers.Write16(regY, uint16(page*s.height))
	return nil
}

// Blit copies the given rectangles of a picture of the screen's size, whose rows are
// stride bytes apart, to the same places of a page. What lies outside of the screen
// or of the picture is left out. The error is com.ErrInvalid.
func (s *Screen) Blit(page int, picture []byte, stride int, changed ...image.Rectangle) error {
	to := s.Page(page)
	if to == nil || stride < s.Stride() {
		return com.Errorf(com.ErrInvalid, "bochs: page %d of %d, rows of %d bytes", page, s.pages, stride)
	}
	bounds := image.Rect(0, 0, s.width, min(s.height, (len(picture)+stride-s.Stride())/stride))
	for _, c := range changed {
		c = c.Intersect(bounds)
		n := c.Dx() * bytesPixel
		for y := c.Min.Y; y < c.Max.Y; y++ {
			at := c.Min.X * bytesPixel
			copy(to[y*s.Stride()+at:][:n], picture[y*stride+at:][:n])
		}
	}
	return nil
}
