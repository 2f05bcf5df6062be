//go:build !purego

package raster

import (
	"unsafe"

	"github.com/mmlite/mmlite/graphics/raster/jit"
)

// unit writes how one stage's texture is read.
type unit struct {
	*shader
	st      *Stage
	stage   int
	several bool // levels
}

func (t *unit) param(i int) jit.Value {
	return t.shader.param(paramStage + t.stage*paramStages + i)
}

// texel samples a stage's texture.
func (s *shader) texel(i int) colour {
	t := &unit{s, &s.state.Stages[i], i, s.levels[i]}
	k := planeOfTex(i)
	u, v := s.plane(k), s.plane(k+1)
	if !s.affine {
		u, v = s.MulF(u, s.w), s.MulF(v, s.w)
	}
	return s.unpack(t.sample(k, u, v))
}

// sample is the texel at coordinates, the planes from k on.
func (t *unit) sample(k int, u, v jit.Value) jit.Value {
	s, st := t.shader, t.st
	if st.Min == st.Mag && (!t.several || st.Mip == FilterNone) {
		return t.filtered(st.Mag, t.first(), u, v)
	}
	rho := t.stretch(k, u, v)
	far := s.GreaterF(rho, s.Const(1))
	switch {
	case !t.several, st.Mip == FilterNone:
		return t.Select(far, t.filtered(st.Min, t.first(), u, v), t.filtered(st.Mag, t.first(), u, v))
	case st.Mip == FilterPoint:
		e := s.SubI(s.And(s.ShiftR(rho, 23), s.Int(255)), s.Int(127))
		l := s.MinI(s.ShiftA(s.AddI(e, s.Int(1)), 1), t.param(paramLast))
		c := t.filtered(st.Min, t.level(s.And(far, l)), u, v)
		if st.Min == st.Mag {
			return c
		}
		return t.Select(far, c, t.filtered(st.Mag, t.first(), u, v))
	}
	lod := s.And(far, s.Cut(s.MulF(t.log2(rho), s.Const(texOne/2))))
	last := t.param(paramLast)
	l := s.MinI(s.ShiftA(lod, texBits), last)
	next := s.MinI(s.AddI(l, s.Int(1)), last)
	f := s.And(s.And(lod, s.Int(texOne-1)), s.not(s.EqualI(l, last))) // the last level has no next one
	c := t.between(t.words(st.Min, t.level(l), u, v), t.words(st.Min, t.level(next), u, v), f)
	if st.Min == st.Mag {
		return c
	}
	return t.Select(far, c, t.filtered(st.Mag, t.first(), u, v))
}

// stretch is the square of how many texels of the first level a pixel spans.
func (t *unit) stretch(k int, u, v jit.Value) jit.Value {
	var g gradients
	slope := func(offset uintptr, i int) jit.Value {
		return t.Spread(jit.Mem{Base: rPlanes, Disp: int32(offset) + int32(4*i)})
	}
	along := func(offset uintptr) jit.Value {
		w := t.Const(0)
		if !t.affine {
			w = slope(offset, planeW)
		}
		a := t.MulF(t.SubF(slope(offset, k), t.MulF(u, w)), t.w)
		b := t.MulF(t.SubF(slope(offset, k+1), t.MulF(v, w)), t.w)
		return t.AddF(t.MulF(a, a), t.MulF(t.MulF(b, b), t.param(paramRatio)))
	}
	x, y := along(unsafe.Offsetof(g.dx)), along(unsafe.Offsetof(g.dy))
	return t.MulF(t.MaxF(x, y), t.param(paramScale))
}

// log2 is the base-2 logarithm, to 0.008.
func (t *unit) log2(v jit.Value) jit.Value {
	one := t.Const(1)
	m := t.SubF(t.Or(t.And(v, t.Int(0x7fffff)), one), one)
	e := t.Float(t.SubI(t.And(t.ShiftR(v, 23), t.Int(255)), t.Int(127)))
	c := t.MulF(t.Const(0.3466), m)
	return t.AddF(e, t.AddF(m, t.MulF(c, t.SubF(one, m))))
}

// detail is a level, or one for each pixel.
type detail struct {
	width, height axis
	stride        jit.Value
	at            jit.Value // its first texel
	first         bool
}

// axis is a level's dimension.
type axis struct{ size, end, last, near, fine jit.Value }

// first is the level where texels begin.
func (t *unit) first() detail {
	dimension := func(i int) axis {
		var p passed
		var d dimension
		at := unsafe.Offsetof(p.sizes) + uintptr(t.stage)*unsafe.Sizeof(p.sizes[0]) + uintptr(i)*unsafe.Sizeof(d)
		read := func(offset uintptr) jit.Value { return t.Spread(arg(at + offset)) }
		return axis{read(unsafe.Offsetof(d.size)), read(unsafe.Offsetof(d.end)), read(unsafe.Offsetof(d.last)), read(unsafe.Offsetof(d.near)), read(unsafe.Offsetof(d.fine))}
	}
	d := detail{width: dimension(0), height: dimension(1), first: true}
	d.stride = t.AddI(d.width.size, t.Int(1))
	return d
}

func (t *unit) level(l jit.Value) detail {
	one := t.Int(1)
	dimension := func(param int) axis {
		size := t.MaxI(t.ShiftRBy(t.param(param), l), one)
		end := t.SubI(size, one)
		return axis{size, end, t.ShiftL(end, texBits), t.Float(size), t.Float(t.ShiftL(size, texBits))}
	}
	levels := t.AddI(l, t.Int(int32(paramStage+t.stage*paramStages+paramLevels)))
	d := detail{width: dimension(paramWidth), height: dimension(paramHeight), at: t.Gather(rParams, levels)}
	d.stride = t.AddI(d.width.size, one)
	return d
}

// position is a coordinate in 1/128 texels, to the nearest.
func (t *unit) position(u jit.Value, a axis) jit.Value { return t.Nearest(t.MulF(u, a.fine)) }

// texelAt is the texel a coordinate lies in.
func (t *unit) texelAt(u jit.Value, a axis) jit.Value { return t.Cut(t.Floor(t.MulF(u, a.near))) }

// mirrored folds a position into the texture, half being its size.
func (t *unit) mirrored(p, half jit.Value) jit.Value {
	last := t.SubI(t.ShiftL(half, 1), t.Int(1))
	p = t.And(p, last)
	return t.Select(t.GreaterI(half, p), p, t.SubI(last, p))
}

// beyond holds where a texel is none of the texture's.
func (t *unit) beyond(i jit.Value, d axis) jit.Value {
	return t.Or(t.GreaterI(t.Int(0), i), t.GreaterI(i, d.end))
}

// index is the nearest texel on one axis, and for Border where that lies outside.
func (t *unit) index(whole jit.Value, d axis, a Address) (i, out jit.Value) {
	switch a {
	case Mirror:
		return t.mirrored(whole, d.size), 0
	case Clamp:
		return t.MinI(t.MaxI(whole, t.Int(0)), d.end), 0
	case Border:
		return t.And(whole, d.end), t.beyond(whole, d)
	}
	return t.And(whole, d.end), 0
}

// place is where a texel lies.
func (t *unit) place(d *detail, x, y jit.Value) jit.Value {
	i := t.AddI(x, t.MulShort(y, d.stride))
	if !d.first {
		i = t.AddI(i, d.at)
	}
	return i
}

// words are eight texels with 16 bits a channel: those of the lanes 0, 1, 4 and 5,
// and of the others.
type words [2]jit.Value

func (t *unit) filtered(f Filter, d detail, u, v jit.Value) jit.Value {
	if f != FilterLinear {
		return t.nearest(&d, u, v)
	}
	w := t.bilinear(&d, u, v)
	return t.PackW(w[0], w[1])
}

func (t *unit) words(f Filter, d detail, u, v jit.Value) words {
	if f == FilterLinear {
		return t.bilinear(&d, u, v)
	}
	q, zero := t.nearest(&d, u, v), t.Int(0)
	return words{t.LowBytes(q, zero), t.HighBytes(q, zero)}
}

// spread is the lower 16 bits of each lane, for all channels of its texel.
func (t *unit) spread(f jit.Value) words {
	low := [16]byte{0, 1, 0, 1, 0, 1, 0, 1, 4, 5, 4, 5, 4, 5, 4, 5}
	high := low
	for i := range high {
		high[i] += 8
	}
	return words{t.Shuffle(f, low), t.Shuffle(f, high)}
}

// between weighs texels, f of 128 the second.
func (t *unit) between(a, b words, f jit.Value) jit.Value {
	weight := t.spread(t.ShiftL(f, 15-texBits))
	for i := range a {
		a[i] = t.AddW(a[i], t.MulHighW(t.SubW(b[i], a[i]), weight[i]))
	}
	return t.PackW(a[0], a[1])
}

// texels is where a stage's texels begin, and inverted is a number with the bits that
// texels are kept with.
func (t *unit) texels() jit.Reg { return rTexels + jit.Reg(t.stage) }

func (t *unit) inverted(v jit.Value) jit.Value {
	bits := uint32(signs)
	return t.Xor(v, t.Int(int32(bits)))
}

func (t *unit) nearest(d *detail, u, v jit.Value) jit.Value {
	x, outX := t.index(t.texelAt(u, d.width), d.width, t.st.AddressU)
	y, outY := t.index(t.texelAt(v, d.height), d.height, t.st.AddressV)
	q := t.inverted(t.Gather(t.texels(), t.place(d, x, y)))
	for _, o := range []struct {
		a   Address
		out jit.Value
	}{{t.st.AddressU, outX}, {t.st.AddressV, outY}} {
		if o.a == Border {
			q = t.Select(o.out, t.param(paramBorder), q)
		}
	}
	return q
}

// pairOf is the two texels on one axis, f of 128 the second, and for Border where
// they lie outside.
func (t *unit) pairOf(p jit.Value, d axis, a Address) (i, f, out0, out1 jit.Value) {
	half, fraction := t.Int(texOne/2), t.Int(texOne-1)
	switch a {
	case Mirror, Clamp:
		if a == Mirror {
			p = t.mirrored(p, t.ShiftL(d.size, texBits))
		}
		p = t.MinI(t.MaxI(t.SubI(p, half), t.Int(0)), d.last)
		return t.ShiftA(p, texBits), t.And(p, fraction), 0, 0
	}
	p = t.SubI(p, half)
	whole := t.ShiftA(p, texBits)
	i, f = t.And(whole, d.end), t.And(p, fraction)
	if a == Border {
		out0, out1 = t.beyond(whole, d), t.beyond(t.AddI(whole, t.Int(1)), d)
	}
	return i, f, out0, out1
}

// bilinear weighs four texels: across as pairs of bytes, then down.
func (t *unit) bilinear(d *detail, u, v jit.Value) (out words) {
	x, fx, x0, x1 := t.pairOf(t.position(u, d.width), d.width, t.st.AddressU)
	y, fy, y0, y1 := t.pairOf(t.position(v, d.height), d.height, t.st.AddressV)
	at := t.place(d, x, y)
	below := t.AddI(at, d.stride)
	top, bottom := t.row(at, x0, x1, y0), t.row(below, x0, x1, y1)
	across := t.spread(t.AddI(t.SubI(t.ShiftL(fx, 8), fx), t.Int(texOne)))
	down := t.spread(t.ShiftL(fy, 15-texBits))
	lift := t.Int((128*texOne + texOne/2) * 0x10001)
	for i := range out {
		a, b := t.MulBytesW(across[i], top[i]), t.MulBytesW(across[i], bottom[i])
		m := t.AddW(a, t.MulHighW(t.SubW(b, a), down[i]))
		out[i] = t.ShiftRW(t.AddW(m, lift), texBits)
	}
	return out
}

// row is the bytes of two texels beside each other in turn, as they are kept.
func (t *unit) row(at, out0, out1, out jit.Value) (pair words) {
	bordered := t.st.AddressU == Border || t.st.AddressV == Border
	if !bordered {
		turn := [16]byte{0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15}
		for i := range pair {
			pair[i] = t.Shuffle(t.Pairs(t.texels(), at, i == 1), turn)
		}
		return pair
	}
	q := [2]jit.Value{t.Gather(t.texels(), at), t.Gather(t.texels(), t.AddI(at, t.Int(1)))}
	border := t.inverted(t.param(paramBorder))
	for i, beyond := range [2]jit.Value{out0, out1} {
		if t.st.AddressU == Border {
			q[i] = t.Select(beyond, border, q[i])
		}
		if t.st.AddressV == Border {
			q[i] = t.Select(out, border, q[i])
		}
	}
	return words{t.LowBytes(q[0], q[1]), t.HighBytes(q[0], q[1])}
}
