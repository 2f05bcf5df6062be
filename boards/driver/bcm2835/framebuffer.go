package bcm2835

import "github.com/mmlite/mmlite/firmware/com"

// Tags of the frame buffer.
const (
	tagAllocate     = 0x00040001
	tagPitch        = 0x00040008
	tagPhysicalSize = 0x00048003
	tagVirtualSize  = 0x00048004
	tagDepth        = 0x00048005
	tagPixelOrder   = 0x00048006
	tagOffset       = 0x00048009

	orderBGR    = 0 // 0x00RRGGBB as a little-endian word
	busMask     = 0x3FFFFFFF
	largestSide = 4096
)

// FrameBuffer is the memory that the screen shows: 32-bit pixels 0x00RRGGBB. Page n
// begins at line n*Height.
type FrameBuffer struct {
	Width, Height int
	Pages         int
	Stride        int    // bytes from line to line
	Address, Size uint32 // as the processor sees it, in bytes

	box *Mailbox
}

// OpenFrameBuffer sets the screen to a size with pages of it, of which one is shown.
// The errors are com.ErrInvalid for sizes that no screen has, com.ErrNotSupported if
// the graphics processor gives another one, and those of Ask.
func (m *Mailbox) OpenFrameBuffer(width, height, pages int) (*FrameBuffer, error) {
	if width < 16 || height < 16 || width > largestSide || height > largestSide || pages < 1 || pages > 4 {
		return nil, com.Errorf(com.ErrInvalid, "a frame buffer of %d pages of %d by %d", pages, width, height)
	}
	size := func(h int) []uint32 { return []uint32{uint32(width), uint32(h)} }
	depth, order := []uint32{32}, []uint32{orderBGR}
	virtual, place, pitch := size(pages*height), []uint32{16, 0}, []uint32{0}
	err := m.Ask(Tag{tagPhysicalSize, size(height)}, Tag{tagVirtualSize, virtual}, Tag{tagOffset, []uint32{0, 0}},
		Tag{tagDepth, depth}, Tag{tagPixelOrder, order}, Tag{tagAllocate, place}, Tag{tagPitch, pitch})
	if err != nil {
		return nil, err
	}
	f := &FrameBuffer{
		Width: width, Height: height, Pages: pages, Stride: int(pitch[0]),
		Address: place[0] & busMask, Size: place[1], box: m,
	}
	if depth[0] != 32 || virtual[0] != uint32(width) || virtual[1] != uint32(pages*height) || f.Address == 0 ||
		f.Stride < 4*width || f.Stride&3 != 0 || uint64(f.Stride)*uint64(pages*height) > uint64(f.Size) {
		return nil, com.Errorf(com.ErrNotSupported, "the graphics processor gives %d bits, %d by %d, %d bytes a line, %d bytes at %#x for a screen of %d by %d",
			depth[0], virtual[0], virtual[1], f.Stride, f.Size, f.Address, width, height)
	}
	return f, nil
}

// Show shows a page from the next picture on. The errors are com.ErrInvalid and those
// of Ask.
func (f *FrameBuffer) Show(page int) error {
	if page < 0 || page >= f.Pages {
		return com.Errorf(com.ErrInvalid, "page %d of %d", page, f.Pages)
	}
	return f.box.Ask(Tag{tagOffset, []uint32{0, uint32(page * f.Height)}})
}
