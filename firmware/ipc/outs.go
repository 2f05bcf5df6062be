package ipc

import "github.com/mmlite/mmlite/firmware/com"

// BytesIntoEach reads the buffers of a method whose //mm:out parameters are
// filled completely. They travel as one block; any other length is an error.
func (d *Decoder) BytesIntoEach(dst ...[]byte) {
	n := 0
	for _, b := range dst {
		n += len(b)
	}
	src := d.Bytes(n)
	if len(src) != n {
		d.Fail(com.Errorf(com.ErrProtocol, "%d bytes for buffers of %d", len(src), n))
		return
	}
	for _, b := range dst {
		src = src[copy(b, src):]
	}
}
