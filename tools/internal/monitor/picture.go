package monitor

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/contracts/graphics"
)

const (
	// pictureHead is the length of a message's head: its number, the frame, the
	// screen's width and height, and how many rectangles follow.
	pictureHead = 4 + 8 + 2 + 2 + 4
	// rectHead is that of a rectangle: its left, top, width and height.
	rectHead = 8
)

// picture makes messages of what has changed on a screen.
type picture struct {
	w, h int
	buf  []byte
	list []graphics.Rect
}

func newPicture(w, h int) *picture {
	return &picture{w: w, h: h, buf: make([]byte, 0, pictureHead+rectHead+4*w*h)}
}

// clean is the part of rects that lies on the screen, as one rectangle if that is
// less to send.
func (p *picture) clean(rects []graphics.Rect) []graphics.Rect {
	p.list = p.list[:0]
	bytes, whole := 0, graphics.Rect{X1: int32(p.w), Y1: int32(p.h)}
	for _, r := range rects {
		r.X0, r.Y0 = max(r.X0, 0), max(r.Y0, 0)
		r.X1, r.Y1 = min(r.X1, whole.X1), min(r.Y1, whole.Y1)
		if r.X0 < r.X1 && r.Y0 < r.Y1 {
			p.list = append(p.list, r)
			bytes += rectHead + 4*int(r.X1-r.X0)*int(r.Y1-r.Y0)
		}
		if bytes >= 4*p.w*p.h {
			return append(p.list[:0], whole)
		}
	}
	return p.list
}

// message is a picture's change: rectangles with their pixels, as a page draws them:
// red, green, blue and opacity, a byte each. It is valid until the next call.
func (p *picture) message(number uint32, frame uint64, rects []graphics.Rect, screen []byte) []byte {
	b := p.buf[:pictureHead]
	binary.LittleEndian.PutUint32(b, number)
	binary.LittleEndian.PutUint64(b[4:], frame)
	binary.LittleEndian.PutUint16(b[12:], uint16(p.w))
	binary.LittleEndian.PutUint16(b[14:], uint16(p.h))
	binary.LittleEndian.PutUint32(b[16:], uint32(len(rects)))
	for _, r := range rects {
		w, h := int(r.X1-r.X0), int(r.Y1-r.Y0)
		b = binary.LittleEndian.AppendUint16(b, uint16(r.X0))
		b = binary.LittleEndian.AppendUint16(b, uint16(r.Y0))
		b = binary.LittleEndian.AppendUint16(b, uint16(w))
		b = binary.LittleEndian.AppendUint16(b, uint16(h))
		for y := int(r.Y0); y < int(r.Y1); y++ {
			from := 4 * (y*p.w + int(r.X0))
			n := len(b)
			b = b[:n+4*w]
			toRGBA(b[n:], screen[from:from+4*w])
		}
	}
	return b
}

// toRGBA turns XRGB8888 as it lies in memory, blue first, into opaque RGBA.
func toRGBA(dst, src []byte) {
	dst = dst[:len(src)]
	for ; len(src) >= 8; dst, src = dst[8:], src[8:] {
		v := binary.LittleEndian.Uint64(src)
		v = v&0x0000FF00_0000FF00 | v>>16&0x000000FF_000000FF | v<<16&0x00FF0000_00FF0000 | 0xFF000000_FF000000
		binary.LittleEndian.PutUint64(dst, v)
	}
	if len(src) >= 4 {
		v := binary.LittleEndian.Uint32(src)
		binary.LittleEndian.PutUint32(dst, v&0x0000FF00|v>>16&0xFF|v<<16&0x00FF0000|0xFF000000)
	}
}
