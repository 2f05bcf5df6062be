package picture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// video is a YUV4MPEG2 stream (mjpegtools, yuv4mpeg(5)) of frames of 4:4:4, ITU-R
// BT.601 in its limited range.
type video struct {
	to            io.WriteCloser
	w             *bufio.Writer
	width, height int
	frame         []byte // as it is written, with its header
	next          uint64 // the frame of the display that comes next; 0: none yet
	err           error
}

const frameHeader = "FRAME\n"

func newVideo(to io.WriteCloser, width, height, refresh int) *video {
	v := &video{to: to, w: bufio.NewWriterSize(to, 1<<20), width: width, height: height}
	v.frame = append([]byte(frameHeader), make([]byte, 3*width*height)...)
	_, v.err = fmt.Fprintf(v.w, "YUV4MPEG2 W%d H%d F%d:1000 Ip A1:1 C444 XCOLORRANGE=LIMITED\n", width, height, refresh)
	return v
}

// add writes a picture as often as it was shown: from its frame until another one.
// Without a picture there is nothing to write: the video begins with the first.
func (v *video) add(s *shot, until uint64) {
	if s == nil {
		return
	}
	if v.next == 0 {
		v.next = s.frame
	}
	if until <= v.next || v.err != nil {
		return
	}
	v.convert(s.pixels)
	for ; v.next < until && v.err == nil; v.next++ {
		_, v.err = v.w.Write(v.frame)
	}
}

// convert makes the three planes. The factors are those of BT.601 for 16 to 235, times
// 65536.
func (v *video) convert(pixels []byte) {
	n := v.width * v.height
	planes := v.frame[len(frameHeader):]
	y, u, w := planes[:n], planes[n:2*n], planes[2*n:3*n]
	for i := range n {
		b, g, r := int32(pixels[4*i]), int32(pixels[4*i+1]), int32(pixels[4*i+2])
		y[i] = byte((16829*r + 33039*g + 6416*b + 16<<16 + 1<<15) >> 16)
		u[i] = byte((-9714*r - 19070*g + 28784*b + 128<<16 + 1<<15) >> 16)
		w[i] = byte((28784*r - 24103*g - 4681*b + 128<<16 + 1<<15) >> 16)
	}
}

func (v *video) close() error {
	if v.err == nil {
		v.err = v.w.Flush()
	}
	return errors.Join(v.err, v.to.Close())
}
