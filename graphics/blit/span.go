package blit

// spanPixels is how many pixels of a row go through the stages together, few
// enough for all buffers to stay in the first cache.
const spanPixels = 512

// windowPixels is how many source pixels one stretched span may need.
const windowPixels = 2*spanPixels + 2

// buffers hold a span between stages.
type buffers struct {
	raw         [4 * spanPixels]byte   // source pixels at the destination's places
	col         [4 * spanPixels]byte   // their colours
	back        [4 * spanPixels]byte   // the destination's colours
	out         [4 * spanPixels]byte   // the destination's pixels to be
	window      [4 * windowPixels]byte // colours of the source around a span
	column      [4 * windowPixels]byte // pixels of a source column
	other       [4 * spanPixels]byte   // what a source key is compared with, in another size
	row         [2][4 * spanPixels]byte
	top, bottom int // source rows that row[0] and row[1] hold, stretched across
}

// turnedPixels is how many pixels of a row are done before the next row where
// rows are columns of the source, so that their lines stay in the first cache.
const turnedPixels = 128

// width is how many pixels a span may have.
func (j *job) width() int {
	if j.turned && (!j.smooth || j.stepX <= 2<<16) {
		return turnedPixels
	}
	if !j.smooth || j.stepX <= 2<<16 {
		return spanPixels
	}
	return max(1, (windowPixels-3)<<16/j.stepX)
}

// at gives the position of a destination pixel in the source rectangle, 16.16.
func at(u, n, step int, mirror bool) int {
	if mirror {
		u = n - 1 - u
	}
	return step/2 + u*step
}

// span draws pixels x0 to x1 of row y. above says that the row before it, at
// the same place, has just been drawn.
func (j *job) span(b *buffers, x0, x1, y int, above bool) {
	o, n := j.o, x1-x0
	size := j.dst.Format.Bytes()
	dst := j.dst.span(x0, x1, y)
	v := at(y-j.dr.Y0, j.dr.Dy(), j.stepY, j.mirrorY)
	keyed := o.SrcKey.On || o.DstKey.On
	mix := o.ROP.table() != 0xcc
	if above && !j.smooth && !keyed && !mix && o.Blend == Opaque {
		// A stretched row that is the same again.
		if before := at(y-1-j.dr.Y0, j.dr.Dy(), j.stepY, j.mirrorY); before>>16 == v>>16 {
			copy(dst, j.dst.span(x0, x1, y-1))
			return
		}
	}
	out := dst
	if keyed || mix {
		out = b.out[:n*size]
	}
	raw := j.fetch(b, x0, n, v, out, keyed || mix || o.Blend != Opaque)
	j.colour(b, raw, out, dst, n, v, x0)
	if mix {
		ropFast(out, out, dst, tableBits(o.ROP.table(), repeat(size, o.Pattern)))
	}
	if o.SrcKey.On && o.DstKey.On {
		// Where the destination is not to be drawn on, out becomes what is there.
		keyFast(size, out, dst, dst, key{mask: j.dkey.mask, low: j.dkey.low, span: j.dkey.span})
		j.keySource(b, dst, out, raw, size)
	} else if o.SrcKey.On {
		j.keySource(b, dst, out, raw, size)
	} else if o.DstKey.On {
		keyFast(size, dst, out, dst, j.dkey)
	} else if mix {
		copy(dst, out)
	}
}

// fetch gives the source pixels of a span. Where nothing follows but storing
// them unchanged, they are written to out at once.
func (j *job) fetch(b *buffers, x0, n, v int, out []byte, more bool) []byte {
	size, row := j.src.Format.Bytes(), v>>16
	if j.smooth && !j.o.SrcKey.On {
		return nil
	}
	if j.straight {
		x := j.sr.X0 + x0 - j.dr.X0
		raw := b.raw[:n*size]
		copy(raw, j.src.span(x, x+n, j.sr.Y0+row))
		return raw
	}
	raw := b.raw[:n*size]
	if j.plain && !more && !j.smooth {
		raw = out
	}
	pos, step := j.across(x0)
	if j.turned {
		j.column(raw, row, pos, step)
	} else {
		nearestFast(size, raw, j.src.span(j.sr.X0, j.sr.X1, j.sr.Y0+row), pos, step)
	}
	return raw
}

// column samples column x of the source rectangle at positions pos, pos+step and
// so on, 16.16.
func (j *job) column(dst []byte, x, pos, step int) {
	size, pitch := j.src.Format.Bytes(), j.src.Pitch
	src := j.src.Pix[j.sr.Y0*pitch+(j.sr.X0+x)*size:]
	switch size {
	case 1:
		for i := range dst {
			dst[i] = src[pos>>16*pitch]
			pos += step
		}
	case 2:
		for i := 0; i+2 <= len(dst); i += 2 {
			le.PutUint16(dst[i:], le.Uint16(src[pos>>16*pitch:]))
			pos += step
		}
	case 4:
		for i := 0; i+4 <= len(dst); i += 4 {
			le.PutUint32(dst[i:], le.Uint32(src[pos>>16*pitch:]))
			pos += step
		}
	}
}

// across is the position of pixel x0 in the source rectangle, and the step to the next.
func (j *job) across(x0 int) (pos, step int) {
	pos = at(x0-j.dr.X0, j.dr.Dx(), j.stepX, j.mirrorX)
	if j.mirrorX {
		return pos, -j.stepX
	}
	return pos, j.stepX
}

// colour turns source pixels into pixels of the destination, blended.
func (j *job) colour(b *buffers, raw, out, dst []byte, n, v, x0 int) {
	o, df, dp := j.o, j.dst.Format, j.dst.Palette
	if !j.smooth && o.Blend == Opaque {
		switch {
		case j.plain:
			if &raw[0] != &out[0] {
				copy(out, raw)
			}
		case df.Bytes() == 4:
			loadFast(j.src.Format, out, raw, j.src.Palette, df.used())
		case j.src.Format.Bytes() == 4 && !(j.src.Format == XRGB8888 && df.HasAlpha()):
			storeFast(df, out, raw, dp)
		default:
			loadFast(j.src.Format, b.col[:4*n], raw, j.src.Palette, ^uint32(0))
			storeFast(df, out, b.col[:4*n], dp)
		}
		return
	}
	col := b.col[:4*n]
	switch {
	case j.smooth && o.Blend == Opaque && df.Bytes() == 4:
		j.sample(b, out, n, v, x0, df.used())
		return
	case j.smooth:
		j.sample(b, col, n, v, x0, ^uint32(0))
	default:
		loadFast(j.src.Format, col, raw, j.src.Palette, ^uint32(0))
	}
	switch o.Blend {
	case Opaque:
		storeFast(df, out, col, dp)
		return
	case PerPixel:
		if o.Alpha != 255 {
			fadeFast(col, o.Alpha)
		}
	}
	back := b.back[:4*n]
	loadFast(df, back, dst, dp, ^uint32(0))
	if o.Blend == Constant {
		fadeOverFast(back, col, uint32(o.Alpha), ^uint32(0))
	} else {
		blendFast(back, col, ^uint32(0))
	}
	storeFast(df, out, back, dp)
}

// sample stretches a span bilinearly into ARGB8888, and-ed.
func (j *job) sample(b *buffers, out []byte, n, v, x0 int, and uint32) {
	q := max(v-1<<15, 0)
	y0 := q >> 16
	y1 := min(y0+1, j.sh-1)
	if b.bottom == y0 || b.top == y1 {
		b.row[0], b.row[1] = b.row[1], b.row[0]
		b.top, b.bottom = b.bottom, b.top
	}
	if b.top != y0 {
		j.stretch(b, 0, y0, n, x0)
		b.top = y0
	}
	if b.bottom != y1 {
		j.stretch(b, 1, y1, n, x0)
		b.bottom = y1
	}
	or := uint32(0)
	if !j.src.Format.HasAlpha() {
		or = 0xff000000 & and
	}
	downFast(out, b.row[0][:4*n], b.row[1][:4*n], uint32(q>>8&255), and, or)
}

// stretch does one source row, or column if turned, across into a row buffer.
func (j *job) stretch(b *buffers, to, y, n, x0 int) {
	pos, step := j.across(x0)
	pos -= 1 << 15
	first, last := pos, pos+(n-1)*step
	if step < 0 {
		first, last = last, first
	}
	a := max(first, 0) >> 16
	e := min(max(last, 0)>>16+1, j.sw-1)
	var src []byte
	if j.turned {
		src = b.column[:j.src.Format.Bytes()*(e-a+1)]
		j.column(src, y, a<<16, 1<<16)
	} else {
		src = j.src.span(j.sr.X0+a, j.sr.X0+e+1, j.sr.Y0+y)
	}
	if j.src.Format.Bytes() != 4 {
		w := b.window[:4*(e-a+1)]
		loadFast(j.src.Format, w, src, j.src.Palette, ^uint32(0))
		src = w
	}
	acrossFast(b.row[to][:4*n], src, pos, a, step, e-a)
}

// keySource draws out where the source is not in its key.
func (j *job) keySource(b *buffers, dst, out, raw []byte, size int) {
	if j.src.Format.Bytes() == size {
		keyFast(size, dst, out, raw, j.skey)
		return
	}
	other := b.other[:len(dst)]
	if raws := j.src.Format.Bytes(); raws < size {
		widenFast(size, other, raws, raw)
		keyFast(size, dst, out, other, j.skey)
	} else {
		flagFast(size, other, raws, raw, j.skey)
		keyFast(size, dst, out, other, key{mask: 1, low: 1})
	}
}
