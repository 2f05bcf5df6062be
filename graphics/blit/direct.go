package blit

// area is rectangles of two memories: rows of width bytes of the destination, and
// what makes them.
type area struct {
	dst, src           []byte
	dstPitch, srcPitch int
	width, rows        int
}

// row is an area of one row.
func row(dst, src []byte) area { return area{dst: dst, src: src, width: len(dst), rows: 1} }

// work is what a row of an unstretched blit takes, if one function does it.
type work uint8

const (
	nothing work = iota // of the kind
	rowCopy
	rowLoad
	rowStore
	rowKey
	rowROP
	rowOver
	rowFade
	rowOver16
	rowFade16
)

func (j *job) rowWork() work {
	o, sf, df := j.o, j.src.Format, j.dst.Format
	colours := df.Bytes() == 4 && sf.Bytes() == 4
	switch {
	case o.DstKey.On, o.SrcKey.On && (!j.plain || o.Blend != Opaque || o.ROP.table() != 0xcc):
		return nothing
	case o.ROP.table() != 0xcc:
		if j.plain {
			return rowROP
		}
	case o.SrcKey.On:
		return rowKey
	case o.Blend == PerPixel && o.Alpha == 255 && sf == ARGB8888:
		if colours {
			return rowOver
		}
		if df.sixteen() {
			return rowOver16
		}
	case o.Blend == Constant:
		if colours {
			return rowFade
		}
		if df.sixteen() && j.plain {
			return rowFade16
		}
	case o.Blend != Opaque:
	case j.plain:
		return rowCopy
	case df.Bytes() == 4:
		return rowLoad
	case sf == ARGB8888 || sf == XRGB8888 && !df.HasAlpha():
		return rowStore
	}
	return nothing
}

// direct does what needs no buffers, and says whether that was all.
func (j *job) direct(r Rect) bool {
	do := j.rowWork()
	if do == nothing {
		return false
	}
	a := area{dstPitch: j.dst.Pitch, srcPitch: j.src.Pitch, width: r.Dx() * j.dst.Format.Bytes()}
	if do == rowCopy && a.width == a.dstPitch && a.width == a.srcPitch {
		j.copyWhole(r)
		return true
	}
	x, y := j.sr.X0+r.X0-j.dr.X0, j.sr.Y0+r.Y0-j.dr.Y0
	for rows := max(1, BetweenPixels/r.Dx()); !r.Empty(); r.Y0, y = r.Y0+rows, y+rows {
		a.rows = min(rows, r.Dy())
		a.dst = j.dst.Pix[r.Y0*a.dstPitch+r.X0*j.dst.Format.Bytes():]
		a.src = j.src.Pix[y*a.srcPitch+x*j.src.Format.Bytes():]
		if !j.area(do, a) {
			j.eachRow(do, a, r.Dx()*j.src.Format.Bytes())
		}
		j.drew(a.rows * r.Dx())
	}
	return true
}

// area does one by a single call, if there is one for it.
func (j *job) area(do work, a area) bool {
	df := j.dst.Format
	switch do {
	case rowCopy:
		return copyArea(a)
	case rowLoad:
		return loadArea(j.src.Format, a, j.src.Palette, df.used())
	case rowStore:
		return storeArea(df, a)
	case rowKey:
		return keyArea(df.Bytes(), a, j.skey)
	case rowOver, rowOver16:
		return overArea(df, a)
	case rowFade, rowFade16:
		return fadeArea(df, a, uint32(j.o.Alpha))
	}
	return false
}

// eachRow does an area row by row; those of the source have width bytes.
func (j *job) eachRow(do work, a area, width int) {
	o, sf, df := j.o, j.src.Format, j.dst.Format
	t := tableBits(o.ROP.table(), repeat(df.Bytes(), o.Pattern))
	for y := range a.rows {
		dst := a.dst[y*a.dstPitch:][:a.width]
		src := a.src[y*a.srcPitch:][:width]
		switch do {
		case rowOver:
			blendFast(dst, src, df.used())
		case rowFade:
			fadeOverFast(dst, src, uint32(o.Alpha), df.used())
		case rowOver16:
			over16Fast(df, dst, src)
		case rowFade16:
			fade16Fast(df, dst, src, uint32(o.Alpha))
		case rowROP:
			ropFast(dst, src, dst, t)
		case rowKey:
			keyFast(df.Bytes(), dst, src, src, j.skey)
		case rowCopy:
			copy(dst, src)
		case rowLoad:
			loadFast(sf, dst, src, j.src.Palette, df.used())
		case rowStore:
			storeFast(df, dst, src, j.dst.Palette)
		}
	}
}

// copyWhole copies rows that follow each other without gaps, in pieces.
func (j *job) copyWhole(r Rect) {
	pitch := j.dst.Pitch
	dst := j.dst.Pix[r.Y0*pitch : r.Y1*pitch]
	y := j.sr.Y0 + r.Y0 - j.dr.Y0
	src := j.src.Pix[y*pitch : (y+r.Dy())*pitch]
	n := piece
	if j.o.Between != nil {
		n = BetweenPixels * j.dst.Format.Bytes()
	}
	for len(dst) > n {
		copyFast(dst[:n], src)
		dst, src = dst[n:], src[n:]
		j.drew(n / j.dst.Format.Bytes())
	}
	copyFast(dst, src)
}
