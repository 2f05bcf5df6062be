//go:build !purego

package blit

// The functions below do a whole area with one call and are false if that is not
// possible: without vectors, or where rows are too short for them.

func (a *area) fits() bool { return vector && a.width >= 32 && a.rows > 0 }

// even says that a row is whole vectors, none of which is done twice.
func (a *area) even() bool { return a.fits() && a.width&31 == 0 }

// copyWidth is from how many bytes on rows are quicker copied one by one.
const copyWidth = 2048

func copyArea(a area) bool {
	if !a.fits() || a.width >= copyWidth {
		return false
	}
	copyAVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows)
	return true
}

func keyArea(size int, a area, k key) bool {
	if !a.fits() || k.invert != 0 {
		return false
	}
	mask, low, span := repeat(size, k.mask), repeat(size, k.low), repeat(size, k.span)
	switch size {
	case 1:
		keyRows8AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, mask, low, span)
	case 2:
		keyRows16AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, mask, low, span)
	default:
		keyRows32AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, mask, low, span)
	}
	return true
}

// loadArea is loadRow; width is of colours.
func loadArea(f Format, a area, p *Palette, and uint32) bool {
	if !a.fits() {
		return false
	}
	switch f {
	case Indexed8:
		if p == nil {
			return false
		}
		lookUpAVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, &p[0], and)
	case RGB565:
		expand565AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, and)
	case XRGB1555:
		expand1555AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, and)
	case ARGB4444:
		expand4444AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, and)
	case XRGB8888:
		maskAVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, and&0xffffff, and&0xff000000)
	default:
		maskAVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, and, 0)
	}
	return true
}

// storeArea is storeRow.
func storeArea(f Format, a area) bool {
	if !a.fits() {
		return false
	}
	switch f {
	case RGB565:
		reduce565AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows)
	case XRGB1555:
		reduce1555AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows)
	case ARGB4444:
		reduce4444AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows)
	case XRGB8888:
		maskAVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, 0xffffff, 0)
	case ARGB8888:
		maskAVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, ^uint32(0), 0)
	default:
		return false
	}
	return true
}

// overArea puts ARGB8888 over pixels of 32 bits or those of Format.sixteen.
func overArea(f Format, a area) bool {
	switch {
	case !a.even():
		return false
	case f == RGB565:
		over565AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows)
	case f == XRGB1555:
		over1555AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows)
	default:
		blendAVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, f.used())
	}
	return true
}

// fadeArea is the same with one alpha, for pixels of 32 bits or of the
// destination's format.
func fadeArea(f Format, a area, alpha uint32) bool {
	alpha *= 0x10001
	switch {
	case !a.even():
		return false
	case f == RGB565:
		fade565AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, alpha)
	case f == XRGB1555:
		fade1555AVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, alpha)
	default:
		fadeAVX2(a.dst, a.src, a.dstPitch, a.srcPitch, a.width, a.rows, alpha, f.used())
	}
	return true
}
