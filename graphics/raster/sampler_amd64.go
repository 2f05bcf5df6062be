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
	st := t.st
	if st.Min == st.Mag && (!t.several || st.Mip == FilterNone) {
		return t.filtered(st.Mag, t.first(), u, v)
	}
	rho := t.stretch(k, u, v)
	far := s.GreaterF(rho, s.Const(1))
	switch {
	case !t.several, st.Mip == FilterNone:
		return t.choose(far, t.filtered(st.Min, t.first(), u, v), t.filtered(st.Mag, t.first(), u, v))
	case st.Mip == FilterPoint:
		e := s.SubI(s.And(s.ShiftR(rho, 23), s.Int(255)), s.Int(127))
		l := s.MinI(s.ShiftA(s.AddI(e, s.Int(1)), 1), t.param(paramLast))
		c := t.filtered(st.Min, t.level(s.And(far, l)), u, v)
		if st.Min == st.Mag {
			return c
		}
		return t.choose(far, c, t.filtered(st.Mag, t.first(), u, v))
	}
	lod := s.And(far, s.Cut(s.MulF(t.log2(rho), s.Const(texOne/2))))
	last := t.param(paramLast)
	l := s.MinI(s.ShiftA(lod, texBits), last)
	next := s.MinI(s.AddI(l, s.Int(1)), last)
	f := s.And(s.And(lod, s.Int(texOne-1)), s.not(s.EqualI(l, last))) // the last level has no next one
	a, b := t.filtered(st.Min, t.level(l), u, v), t.filtered(st.Min, t.level(next), u, v)
	for i := range a {
		a[i] = s.AddI(a[i], s.ShiftA(s.AddI(s.MulShort(s.SubI(b[i], a[i]), f), s.Int(texOne/2)), texBits))
	}
	if st.Min == st.Mag {
		return a
	}
	return t.choose(far, a, t.filtered(st.Mag, t.first(), u, v))
}

func (t *unit) choose(mask jit.Value, a, b colour) colour {
	for i := range a {
		a[i] = t.Select(mask, a[i], b[i])
	}
	return a
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
	width, height jit.Value
	at            jit.Value // its first texel
	first         bool
}

func (t *unit) first() detail {
	return detail{width: t.param(paramWidth), height: t.param(paramHeight), first: true}
}

func (t *unit) level(l jit.Value) detail {
	one := t.Int(1)
	levels := t.AddI(l, t.Int(int32(paramStage+t.stage*paramStages+paramLevels)))
	return detail{
		width:  t.MaxI(t.ShiftRBy(t.param(paramWidth), l), one),
		height: t.MaxI(t.ShiftRBy(t.param(paramHeight), l), one),
		at:     t.Gather(rParams, levels),
	}
}

// position is a coordinate in 1/128 texels, to the nearest.
func (t *unit) position(u, size jit.Value) jit.Value {
	return t.Nearest(t.MulF(u, t.Float(t.ShiftL(size, texBits))))
}

// texelAt is the texel a coordinate lies in.
func (t *unit) texelAt(u, size jit.Value) jit.Value { return t.Cut(t.Floor(t.MulF(u, t.Float(size)))) }

// mirrored folds a position into the texture, half being its size.
func (t *unit) mirrored(p, half jit.Value) jit.Value {
	last := t.SubI(t.ShiftL(half, 1), t.Int(1))
	p = t.And(p, last)
	return t.Select(t.GreaterI(half, p), p, t.SubI(last, p))
}

// beyond holds where a texel is none of the texture's.
func (t *unit) beyond(i, size jit.Value) jit.Value {
	return t.Or(t.GreaterI(t.Int(0), i), t.GreaterI(i, t.SubI(size, t.Int(1))))
}

// index is the nearest texel on one axis, and for Border where that lies outside.
func (t *unit) index(whole, size jit.Value, a Address) (i, out jit.Value) {
	last := t.SubI(size, t.Int(1))
	switch a {
	case Mirror:
		return t.mirrored(whole, size), 0
	case Clamp:
		return t.MinI(t.MaxI(whole, t.Int(0)), last), 0
	case Border:
		return t.And(whole, last), t.beyond(whole, size)
	}
	return t.And(whole, last), 0
}

// place is where a texel lies.
func (t *unit) place(d *detail, x, y jit.Value) jit.Value {
	i := t.AddI(x, t.MulShort(y, t.AddI(d.width, t.Int(1))))
	if !d.first {
		i = t.AddI(i, d.at)
	}
	return i
}

func (t *unit) filtered(f Filter, d detail, u, v jit.Value) colour {
	if f == FilterLinear {
		return t.bilinear(&d, u, v)
	}
	return t.nearest(&d, u, v)
}

func (t *unit) read(i jit.Value) jit.Value {
	bits := uint32(signs)
	return t.Xor(t.Gather(rTexels+jit.Reg(t.stage), i), t.Int(int32(bits)))
}

func (t *unit) nearest(d *detail, u, v jit.Value) colour {
	x, outX := t.index(t.texelAt(u, d.width), d.width, t.st.AddressU)
	y, outY := t.index(t.texelAt(v, d.height), d.height, t.st.AddressV)
	q := t.read(t.place(d, x, y))
	for _, o := range []struct {
		a   Address
		out jit.Value
	}{{t.st.AddressU, outX}, {t.st.AddressV, outY}} {
		if o.a == Border {
			q = t.Select(o.out, t.param(paramBorder), q)
		}
	}
	return t.unpack(q)
}

// pairOf is the two texels on one axis, f of 128 the second, and for Border where
// they lie outside.
func (t *unit) pairOf(p, size jit.Value, a Address) (i, f, out0, out1 jit.Value) {
	half, fraction := t.Int(texOne/2), t.Int(texOne-1)
	end := t.SubI(size, t.Int(1))
	last := t.ShiftL(end, texBits)
	switch a {
	case Mirror, Clamp:
		if a == Mirror {
			p = t.mirrored(p, t.ShiftL(size, texBits))
		}
		p = t.MinI(t.MaxI(t.SubI(p, half), t.Int(0)), last)
		return t.ShiftA(p, texBits), t.And(p, fraction), 0, 0
	}
	p = t.SubI(p, half)
	whole := t.ShiftA(p, texBits)
	i, f = t.And(whole, end), t.And(p, fraction)
	if a == Border {
		out0, out1 = t.beyond(whole, size), t.beyond(t.AddI(whole, t.Int(1)), size)
	}
	return i, f, out0, out1
}

// bilinear weighs four texels: across as pairs of 16-bit halves, then down.
func (t *unit) bilinear(d *detail, u, v jit.Value) (c colour) {
	x, fx, x0, x1 := t.pairOf(t.position(u, d.width), d.width, t.st.AddressU)
	y, fy, y0, y1 := t.pairOf(t.position(v, d.height), d.height, t.st.AddressV)
	at, one := t.place(d, x, y), t.Int(1)
	below := t.AddI(at, t.AddI(d.width, one))
	q := [4]jit.Value{t.read(at), t.read(t.AddI(at, one)), t.read(below), t.read(t.AddI(below, one))}
	for i := range q {
		outX, outY := x0, y0
		if i&1 == 1 {
			outX = x1
		}
		if i >= 2 {
			outY = y1
		}
		if t.st.AddressU == Border {
			q[i] = t.Select(outX, t.param(paramBorder), q[i])
		}
		if t.st.AddressV == Border {
			q[i] = t.Select(outY, t.param(paramBorder), q[i])
		}
	}
	weights := t.Or(t.SubI(t.Int(texOne), fx), t.ShiftL(fx, 16))
	full := t.Int(255)
	for i := range c {
		across := func(a, b jit.Value) jit.Value {
			lo, hi := a, b
			if i > 0 {
				lo = t.ShiftR(a, uint8(8*i))
			}
			switch {
			case i < 2:
				hi = t.ShiftL(b, uint8(16-8*i))
			case i > 2:
				hi = t.ShiftR(b, uint8(8*i-16))
			}
			if i < 3 {
				lo = t.And(lo, full)
			}
			return t.MulPairs(t.Or(lo, t.And(hi, t.Int(255<<16))), weights)
		}
		top, bottom := across(q[0], q[1]), across(q[2], q[3])
		m := t.AddI(top, t.ShiftA(t.AddI(t.MulShort(t.SubI(bottom, top), fy), t.Int(texOne/2)), texBits))
		c[i] = t.ShiftR(t.AddI(m, t.Int(texOne/2)), texBits)
	}
	return c
}
