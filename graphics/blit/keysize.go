package blit

// Where source and destination have pixels of different sizes, what the source
// key is compared with is brought to the destination's size first.

// widenRow extends pixels of rawSize bytes to larger ones of size bytes.
func widenRow(size int, dst []byte, rawSize int, raw []byte) {
	switch {
	case size == 2:
		for i := 0; i+2 <= len(dst); i += 2 {
			le.PutUint16(dst[i:], uint16(raw[i>>1]))
		}
	case rawSize == 1:
		for i := 0; i+4 <= len(dst); i += 4 {
			le.PutUint32(dst[i:], uint32(raw[i>>2]))
		}
	default:
		for i := 0; i+4 <= len(dst); i += 4 {
			le.PutUint32(dst[i:], uint32(le.Uint16(raw[i>>1:])))
		}
	}
}

// flagRow writes, for each pixel of rawSize bytes, a smaller one: all ones if it
// is inside the key, and else 0.
func flagRow(size int, dst []byte, rawSize int, raw []byte, k key) {
	switch {
	case size == 2:
		for i := 0; i+2 <= len(dst); i += 2 {
			le.PutUint16(dst[i:], uint16(k.flag(le.Uint32(raw[2*i:]))))
		}
	case rawSize == 2:
		for i := range dst {
			dst[i] = byte(k.flag(uint32(le.Uint16(raw[2*i:]))))
		}
	default:
		for i := range dst {
			dst[i] = byte(k.flag(le.Uint32(raw[4*i:])))
		}
	}
}

// flag is all ones for a pixel inside the key.
func (k *key) flag(v uint32) uint32 {
	var f uint32
	if v&k.mask-k.low <= k.span {
		f = 1
	}
	return -f
}
