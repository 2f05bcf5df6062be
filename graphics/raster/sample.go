package raster

import "math"

// toInt is the processor's conversion with cutting: what does not fit, and
// what is no number, gives the least integer.
func toInt(v float32) int32 {
	if v >= -1<<31 && v < 1<<31 {
		return int32(v)
	}
	return math.MinInt32
}

// nearestInt is the processor's conversion to the nearest integer, halves to
// the even one.
func nearestInt(v float32) int32 {
	if v >= -1<<31 && v < 1<<31 {
		return int32(math.RoundToEven(float64(v)))
	}
	return math.MinInt32
}

// texBits are the bits of a texel's fraction.
const (
	texBits = 7
	texOne  = 1 << texBits
)

// signs are what texels are kept exclusive-ored with, so that their bytes are
// signed, as products of vectors need them.
const signs = 0x80808080

// texelAt is the texel a texture coordinate lies in.
func texelAt(u float32, size int) int32 {
	return toInt(float32(math.Floor(float64(u * float32(size)))))
}

// position is a texture coordinate in 1/128 texels of a level, to the nearest.
func position(u float32, size int) int32 { return nearestInt(u * float32(size*texOne)) }

// mirrored folds a position of Mirror into the texture.
func mirrored(p int32, size int) int32 {
	period := int32(2 * size)
	p &= period - 1
	if p >= period/2 {
		p = period - 1 - p
	}
	return p
}

// nearestIndex is the texel of a position on one axis; false outside, for Border.
func nearestIndex(i int32, size int, a Address) (int, bool) {
	last := int32(size - 1)
	switch a {
	case Mirror:
		return int(mirrored(i, size)), true
	case Clamp:
		return int(min(max(i, 0), last)), true
	case Border:
		return int(i & last), i >= 0 && i <= last
	}
	return int(i & last), true
}

// pair is the two texels a bilinear sample weighs on one axis, f of 128 the second.
type pair struct {
	i          int // the first texel; the second lies beside it, by the repeated column or row
	f          int32
	out0, out1 bool // beyond a border
}

func linearPair(p int32, size int, a Address) pair {
	last := int32(size-1) << texBits
	if a == Mirror {
		p = mirrored(p, size*texOne)
	}
	p -= texOne / 2
	switch a {
	case Mirror, Clamp:
		p = min(max(p, 0), last)
		return pair{i: int(p >> texBits), f: p & (texOne - 1)}
	case Border:
		i := p >> texBits
		return pair{int(i & int32(size-1)), p & (texOne - 1), i < 0 || i >= int32(size), i+1 < 0 || i+1 >= int32(size)}
	}
	return pair{i: int(p >> texBits & int32(size-1)), f: p & (texOne - 1)}
}

// sampler reads one stage's texture.
type sampler struct {
	t      *Texture
	st     *Stage
	border uint32
	ratio  float32
	scale  float32 // see spans
}

// texel reads nearest in one level.
func (s *sampler) nearest(l int, u, v float32) uint32 {
	lv := &s.t.levels[l]
	x, inX := nearestIndex(texelAt(u, lv.width), lv.width, s.st.AddressU)
	y, inY := nearestIndex(texelAt(v, lv.height), lv.height, s.st.AddressV)
	if !inX || !inY {
		return s.border
	}
	return s.t.texels[lv.at+y*lv.stride()+x] ^ signs
}

// bilinear weighs four texels of one level: across, then down, in 1/128ths,
// the second weighing and the result rounded to nearest.
func (s *sampler) bilinear(l int, u, v float32) uint32 {
	lv := &s.t.levels[l]
	x := linearPair(position(u, lv.width), lv.width, s.st.AddressU)
	y := linearPair(position(v, lv.height), lv.height, s.st.AddressV)
	at := lv.at + y.i*lv.stride() + x.i
	q := [4]uint32{s.t.texels[at], s.t.texels[at+1], s.t.texels[at+lv.stride()], s.t.texels[at+lv.stride()+1]}
	for i := range q {
		if (i&1 == 0 && x.out0 || i&1 == 1 && x.out1) || (i < 2 && y.out0 || i >= 2 && y.out1) {
			q[i] = s.border ^ signs
		}
	}
	var out uint32
	for sh := 0; sh < 32; sh += 8 {
		c := func(i int) int32 { return int32(int8(q[i] >> sh)) }
		top := c(0)*(texOne-x.f) + c(1)*x.f
		bottom := c(2)*(texOne-x.f) + c(3)*x.f
		m := top + ((bottom-top)*y.f+texOne/2)>>texBits
		out |= uint32(m+128*texOne+texOne/2) >> texBits << sh
	}
	return out
}

// between weighs two colours, f of 128 the second, rounded to nearest.
func between(a, b uint32, f int32) uint32 {
	var out uint32
	for sh := 0; sh < 32; sh += 8 {
		x, y := int32(a>>sh&255), int32(b>>sh&255)
		out |= uint32(x+((y-x)*f+texOne/2)>>texBits) << sh
	}
	return out
}

// footprint is how texture coordinates change from pixel to pixel.
type footprint struct{ ux, uy, vx, vy float32 }

// spans are what turns squares of footprints into squares of texels of the
// first level: the square of height to width, and of the width with the bias.
func spans(t *Texture, bias float32) (ratio, scale float32) {
	w, h := float32(t.levels[0].width), float32(t.levels[0].height)
	return float32(h*h) / float32(w*w), float32(float32(w*w) * bias)
}

// stretch is the square of how many texels of the first level a pixel spans,
// the longer way, with the bias.
func (s *sampler) stretch(f *footprint) float32 {
	x := float32(f.ux*f.ux) + float32(float32(f.vx*f.vx)*s.ratio)
	y := float32(f.uy*f.uy) + float32(float32(f.vy*f.vy)*s.ratio)
	if !(x > y) {
		x = y
	}
	return x * s.scale
}

// exponent is the whole part of the base-2 logarithm.
func exponent(v float32) int32 { return int32(math.Float32bits(v)>>23&255) - 127 }

// log2 is the base-2 logarithm, to 0.008.
func log2(v float32) float32 {
	m := math.Float32frombits(math.Float32bits(v)&0x7fffff|0x3f800000) - 1
	c := float32(0.3466 * m)
	return float32(exponent(v)) + (m + float32(c*(1-m)))
}

// filtered reads one level by point or linear.
func (s *sampler) filtered(f Filter, l int, u, v float32) uint32 {
	if f == FilterLinear {
		return s.bilinear(l, u, v)
	}
	return s.nearest(l, u, v)
}

// sample reads the texture at a pixel.
func (s *sampler) sample(u, v float32, f *footprint) uint32 {
	st := s.st
	if s.t.count == 1 && st.Min == st.Mag || st.Mip == FilterNone && st.Min == st.Mag {
		return s.filtered(st.Mag, 0, u, v)
	}
	rho := s.stretch(f)
	if !(rho > 1) {
		return s.filtered(st.Mag, 0, u, v)
	}
	last := s.t.count - 1
	switch st.Mip {
	case FilterPoint:
		return s.filtered(st.Min, min(int(exponent(rho)+1)>>1, last), u, v)
	case FilterLinear:
		lod := toInt(log2(rho) * (texOne / 2))
		l := min(int(lod>>texBits), last)
		a := s.filtered(st.Min, l, u, v)
		if l == last {
			return a
		}
		return between(a, s.filtered(st.Min, l+1, u, v), lod&(texOne-1))
	}
	return s.filtered(st.Min, 0, u, v)
}
