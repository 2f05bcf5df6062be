package metal

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// frames is a display whose frame buffer is written and never read: pictures are
// composed in ordinary memory, since a device's is slow to read, and what changes is
// copied.
type frames struct {
	*machine.Pixels
	to    []byte
	pitch int
}

// NewDisplay returns the display of a frame buffer of XRGB8888 in rows of pitch bytes.
// The error is com.ErrInvalid for figures that do not fit together.
func NewDisplay(name string, width, height, pitch int, buffer []byte) (machine.Display, error) {
	p, ok := machine.NewPixels(name, width, height, 0, nil)
	if !ok || pitch < width*machine.DisplayPixel || len(buffer) < pitch*(height-1)+width*machine.DisplayPixel {
		return nil, com.Errorf(com.ErrInvalid, "display %s: %d by %d pixels in rows of %d bytes, and %d bytes", name, width, height, pitch, len(buffer))
	}
	return &frames{Pixels: p, to: buffer, pitch: pitch}, nil
}

// Show implements machine.Display.
func (f *frames) Show(_ uint64, rects []machine.Rect) {
	from, pitch := f.Memory()
	for _, r := range rects {
		x, n := r.X0*machine.DisplayPixel, (r.X1-r.X0)*machine.DisplayPixel
		for y := r.Y0; y < r.Y1; y++ {
			copy(f.to[y*f.pitch+x:][:n], from[y*pitch+x:][:n])
		}
	}
}
