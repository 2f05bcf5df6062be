//go:build !purego

package raster

import (
	"unsafe"

	"github.com/mmlite/mmlite/graphics/raster/jit"
)

// shader writes what the interpreter does with a pixel for one set of states, as a
// computation on eight pixels beside each other. The methods follow those of the
// interpreter, which says what is right.
type shader struct {
	jit.Block
	*key
	affine bool
	used   [planeSlots]bool
	w      jit.Value // the quotient that attributes are multiplied by
	z      jit.Value
	packed map[colour]jit.Value // what colours were unpacked from
}

// colour is blue, green, red and alpha, each 0 to 255.
type colour [4]jit.Value

func newShader(k *key, affine bool) *shader { return &shader{key: k, affine: affine} }

func (s *shader) all() jit.Value { return s.Int(-1) }

func (s *shader) not(v jit.Value) jit.Value { return s.Xor(v, s.all()) }

func (s *shader) param(i int) jit.Value {
	return s.Spread(jit.Mem{Base: rParams, Disp: int32(4 * i)})
}

// plane is a plane's value.
func (s *shader) plane(i int) jit.Value {
	var c Chunk
	s.used[i] = true
	return s.AddF(s.Load(inChunk(unsafe.Offsetof(c.steps)+uintptr(32*i))), s.Spread(jit.Mem{Base: rRow, Disp: int32(4 * i)}))
}

// compare holds where a comparison does, by the order of its operands.
func (s *shader) compare(f Compare, less, equal jit.Value) jit.Value {
	switch f {
	case Never:
		return s.Int(0)
	case Less:
		return less
	case Equal:
		return equal
	case LessEqual:
		return s.Or(less, equal)
	case Greater:
		return s.not(s.Or(less, equal))
	case NotEqual:
		return s.not(equal)
	case GreaterEqual:
		return s.not(less)
	}
	return s.all()
}

// pixels is the whole of it: tests, colour, blending, and writing under the mask.
func (s *shader) pixels() {
	var c Chunk
	st := &s.state
	pixel := jit.Mem{Base: rPixel}
	depth := jit.Mem{Base: rPixel, Disp: int32(unsafe.Offsetof(c.Depth) - unsafe.Offsetof(c.Color))}
	stencil := jit.Mem{Base: rStencil}
	mask := s.Mask(jit.Mem{Base: rMask})
	if st.DepthTest || s.need&needZ != 0 {
		s.z = s.MinF(s.MaxF(s.plane(planeZ), s.Const(0)), s.Const(1))
	}
	near := s.all()
	if st.DepthTest {
		old := s.Load(depth)
		near = s.compare(st.DepthFunc, s.LessF(s.z, old), s.EqualF(s.z, old))
		if !st.Stencil.Test {
			mask = s.And(mask, near)
			s.Unless(mask)
		}
	}
	var out colour
	if !st.NoColor || st.AlphaTest {
		out = s.shade()
	}
	if st.AlphaTest {
		ref := s.param(paramAlphaRef)
		mask = s.And(mask, s.compare(st.AlphaFunc, s.GreaterI(ref, out[3]), s.EqualI(ref, out[3])))
		s.Unless(mask)
	}
	if st.Stencil.Test {
		v := s.Bytes(stencil)
		passed, changed := s.stencil(v, near)
		s.StoreBytes(stencil, s.Select(mask, changed, v))
		mask = s.And(mask, passed)
	}
	if !st.NoColor {
		old := s.Load(pixel)
		if st.Blend {
			a, b := st.factors()
			out = s.mix(a, b, out, old)
		}
		s.Store(pixel, s.Select(mask, s.pack(out), old))
	}
	if st.DepthTest && st.DepthWrite {
		s.Store(depth, s.Select(mask, s.z, s.Load(depth)))
	}
}

// stencil is where the tests of stencil and depth pass, and what the values become.
func (s *shader) stencil(v, near jit.Value) (passed, changed jit.Value) {
	st := &s.state.Stencil
	whole, read, write := s.param(paramStencilRef), s.param(paramStencilMask), s.param(paramStencilWrite)
	ref, value := s.And(whole, read), s.And(v, read)
	ok := s.compare(st.Func, s.GreaterI(value, ref), s.EqualI(value, ref))
	do := func(op StencilOp) jit.Value {
		one, full := s.Int(1), s.Int(255)
		switch op {
		case StencilZero:
			return s.Int(0)
		case StencilReplace:
			return whole
		case StencilIncrSat:
			return s.MinI(s.AddI(v, one), full)
		case StencilDecrSat:
			return s.MaxI(s.SubI(v, one), s.Int(0))
		case StencilInvert:
			return s.Xor(v, full)
		case StencilIncrement:
			return s.And(s.AddI(v, one), full)
		case StencilDecrement:
			return s.And(s.SubI(v, one), full)
		}
		return v
	}
	passed = s.And(ok, near)
	n := s.Select(passed, do(st.Pass), s.Select(ok, do(st.ZFail), do(st.Fail)))
	return passed, s.Or(s.AndNot(write, v), s.And(n, write))
}

// shade is the colour before blending.
func (s *shader) shade() colour {
	st := &s.state
	s.w = s.Const(1)
	if !s.affine {
		s.w = s.DivF(s.Const(1), s.plane(planeW))
	}
	var in shaded
	in.factor = s.unpack(s.param(paramFactor))
	in.diffuse = s.unpack(s.Spread(arg(unsafe.Offsetof(passed{}.diffuse))))
	in.specular = s.unpack(s.Spread(arg(unsafe.Offsetof(passed{}.gloss))))
	if !st.Flat {
		in.diffuse = s.interpolated(planeDiffuse)
	}
	if s.need&needSpecular != 0 {
		c := s.interpolated(planeSpecular)
		if st.Flat {
			in.specular[3] = c[3]
		} else {
			in.specular = c
		}
	}
	in.current = in.diffuse
	for i := range s.stages {
		in.texture = s.unpack(s.all())
		if s.need&(needTex<<i) != 0 {
			in.texture = s.texel(i)
		}
		s.combine(&in, &st.Stages[i])
	}
	out := in.current
	if v, ok := s.bytesOf(out); ok && st.Specular {
		out = s.unpack(s.AddBytes(v, s.And(s.pack(in.specular), s.Int(0xffffff))))
	} else if st.Specular {
		for i := range 3 {
			out[i] = s.MinI(s.AddI(out[i], in.specular[i]), s.Int(255))
		}
	}
	switch {
	case st.Fog == FogVertex:
		out = s.fog(out, in.specular[3])
	case st.Fog != FogNone && st.FogByW:
		out = s.fog(out, s.fogFactor(s.DivF(s.Const(1), s.plane(planeW))))
	case st.Fog != FogNone:
		out = s.fog(out, s.fogFactor(s.z))
	}
	return out
}

// interpolated is four planes as a colour.
func (s *shader) interpolated(first int) (c colour) {
	for i := range c {
		v := s.plane(first + i)
		if !s.affine {
			v = s.MulF(v, s.w)
		}
		c[i] = s.Nearest(v)
	}
	v := s.PackW(s.PackI(c[0], c[1]), s.PackI(c[2], c[3]))
	return s.unpack(s.Shuffle(v, [16]byte{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15}))
}

func (s *shader) limit(v jit.Value) jit.Value { return s.MinI(s.MaxI(v, s.Int(0)), s.Int(255)) }

func (s *shader) unpack(v jit.Value) colour {
	full := s.Int(255)
	c := colour{s.And(v, full), s.And(s.ShiftR(v, 8), full), s.And(s.ShiftR(v, 16), full), s.ShiftR(v, 24)}
	if s.packed == nil {
		s.packed = map[colour]jit.Value{}
	}
	s.packed[c] = v
	return c
}

func (s *shader) pack(c colour) jit.Value {
	if v, ok := s.packed[c]; ok {
		return v
	}
	return s.Or(s.Or(c[0], s.ShiftL(c[1], 8)), s.Or(s.ShiftL(c[2], 16), s.ShiftL(c[3], 24)))
}

// div255 is x/255 rounded to nearest, for x from 0 to 65025.
func (s *shader) div255(x jit.Value) jit.Value {
	x = s.AddI(x, s.Int(128))
	return s.ShiftR(s.AddI(x, s.ShiftR(x, 8)), 8)
}

// div255x is the same for x up to 260100: a quotient of floats, put right.
func (s *shader) div255x(x jit.Value) jit.Value {
	n := s.AddI(s.AddI(x, x), s.Int(255))
	q := s.Cut(s.MulF(s.Float(n), s.Const(1.0/510)))
	r := s.SubI(n, s.MulI(q, s.Int(510)))
	q = s.SubI(q, s.GreaterI(r, s.Int(509)))
	return s.AddI(q, s.GreaterI(s.Int(0), r))
}

func (s *shader) product(a, b jit.Value) jit.Value {
	if full := s.Int(255); a == full {
		return b
	} else if b == full {
		return a
	}
	return s.div255(s.MulShort(a, b))
}

// weighed is a by w of 255, and b by the rest.
func (s *shader) weighed(a, b, w jit.Value) jit.Value {
	return s.div255(s.AddI(s.MulShort(a, w), s.MulShort(b, s.SubI(s.Int(255), w))))
}

// shaded is what the arguments of texture stages select from.
type shaded struct{ diffuse, specular, factor, texture, current colour }

func (s *shader) argument(in *shaded, a Arg) (c colour) {
	switch a & 15 {
	case ArgDiffuse:
		c = in.diffuse
	case ArgCurrent:
		c = in.current
	case ArgTexture:
		c = in.texture
	case ArgFactor:
		c = in.factor
	case ArgSpecular:
		c = in.specular
	}
	if v, ok := s.bytesOf(c); ok && a&(ArgAlphaReplicate|ArgComplement) != 0 {
		if a&ArgAlphaReplicate != 0 {
			v = s.alphaOf(v)
		}
		if a&ArgComplement != 0 {
			v = s.not(v)
		}
		return s.unpack(v)
	}
	if a&ArgAlphaReplicate != 0 {
		c = colour{c[3], c[3], c[3], c[3]}
	}
	if a&ArgComplement != 0 {
		for i := range c {
			c[i] = s.SubI(s.Int(255), c[i])
		}
	}
	return c
}

// operate is one operation on one channel.
func (s *shader) operate(op Op, a, b, weight jit.Value) jit.Value {
	full := s.Int(255)
	switch op {
	case OpSelect1:
		return a
	case OpSelect2:
		return b
	case OpModulate:
		return s.product(a, b)
	case OpModulate2X:
		return s.MinI(s.div255x(s.ShiftL(s.MulShort(a, b), 1)), full)
	case OpModulate4X:
		return s.MinI(s.div255x(s.ShiftL(s.MulShort(a, b), 2)), full)
	case OpAdd:
		return s.MinI(s.AddI(a, b), full)
	case OpAddSigned:
		return s.limit(s.SubI(s.AddI(a, b), s.Int(128)))
	case OpAddSigned2X:
		return s.limit(s.SubI(s.ShiftL(s.AddI(a, b), 1), full))
	case OpSubtract:
		return s.MaxI(s.SubI(a, b), s.Int(0))
	case OpAddSmooth:
		return s.SubI(s.AddI(a, b), s.product(a, b))
	case OpBlendTextureAlphaPM:
		return s.MinI(s.AddI(a, s.product(b, s.SubI(full, weight))), full)
	}
	return s.weighed(a, b, weight)
}

func (s *shader) weight(in *shaded, op Op) jit.Value {
	switch op {
	case OpBlendDiffuseAlpha:
		return in.diffuse[3]
	case OpBlendFactorAlpha:
		return in.factor[3]
	case OpBlendCurrentAlpha:
		return in.current[3]
	}
	return in.texture[3]
}

// combine does one texture stage.
func (s *shader) combine(in *shaded, st *Stage) {
	if s.combineBytes(in, st) {
		return
	}
	a, b := s.argument(in, st.ColorArg1), s.argument(in, st.ColorArg2)
	out := in.current
	if st.ColorOp == OpDotProduct3 {
		full, sum := s.Int(255), s.Int(0)
		for i := range 3 {
			x, y := s.SubI(s.ShiftL(a[i], 1), full), s.SubI(s.ShiftL(b[i], 1), full)
			sum = s.AddI(sum, s.MulI(x, y))
		}
		v := s.limit(s.div255x(s.MaxI(sum, s.Int(0))))
		in.current = colour{v, v, v, v}
		return
	}
	w := s.weight(in, st.ColorOp)
	for i := range 3 {
		out[i] = s.operate(st.ColorOp, a[i], b[i], w)
	}
	if st.AlphaOp != OpDisable && st.AlphaOp != OpDotProduct3 {
		x, y := s.argument(in, st.AlphaArg1), s.argument(in, st.AlphaArg2)
		out[3] = s.operate(st.AlphaOp, x[3], y[3], s.weight(in, st.AlphaOp))
	}
	in.current = out
}

// factor is what one channel is multiplied by.
func (s *shader) factor(f Factor, c, d *colour, i int) jit.Value {
	full := s.Int(255)
	switch f {
	case Zero:
		return s.Int(0)
	case SrcColor:
		return c[i]
	case InvSrcColor:
		return s.SubI(full, c[i])
	case SrcAlpha:
		return c[3]
	case InvSrcAlpha:
		return s.SubI(full, c[3])
	case DestAlpha:
		return d[3]
	case InvDestAlpha:
		return s.SubI(full, d[3])
	case DestColor:
		return d[i]
	case InvDestColor:
		return s.SubI(full, d[i])
	case SrcAlphaSat:
		if i == 3 {
			return full
		}
		return s.MinI(c[3], s.SubI(full, d[3]))
	}
	return full
}

// mix blends a colour with what is there.
func (s *shader) mix(src, dst Factor, c colour, old jit.Value) (out colour) {
	if v, ok := s.mixBytes(src, dst, s.pack(c), old); ok {
		return s.unpack(v)
	}
	d := s.unpack(old)
	for i := range out {
		x, y := s.factor(src, &c, &d, i), s.factor(dst, &c, &d, i)
		if complements(src, dst) {
			out[i] = s.div255(s.AddI(s.MulShort(c[i], x), s.MulShort(d[i], y)))
		} else {
			out[i] = s.MinI(s.AddI(s.product(c[i], x), s.product(d[i], y)), s.Int(255))
		}
	}
	return out
}

// expOfMinus is exp(-x) for x of 0 and more.
func (s *shader) expOfMinus(x jit.Value) jit.Value {
	t := s.MulF(x, s.Const(-1.442695))
	n := s.Floor(t)
	f := s.SubF(t, n)
	p := s.Const(0.0018775767)
	for _, c := range [...]float32{0.00898934, 0.05582632, 0.24015361, 0.6931531, 1} {
		p = s.AddF(s.MulF(p, f), s.Const(c))
	}
	power := s.ShiftL(s.AddI(s.Cut(n), s.Int(127)), 23)
	return s.Select(s.LessF(x, s.Const(80)), s.MulF(p, power), s.Const(0))
}

// fogFactor is how much of the colour remains in table fog.
func (s *shader) fogFactor(d jit.Value) jit.Value {
	if s.state.Fog == FogLinear {
		f := s.MulF(s.SubF(s.param(paramFogEnd), d), s.param(paramFogScale))
		return s.limit(s.Cut(s.AddF(f, s.Const(0.5))))
	}
	x := s.MulF(s.param(paramFogDensity), d)
	if s.state.Fog == FogExp2 {
		x = s.MulF(x, x)
	}
	x = s.MaxF(x, s.Const(0))
	return s.limit(s.Cut(s.AddF(s.MulF(s.expOfMinus(x), s.Const(255)), s.Const(0.5))))
}

// fog weighs the fog's colour in.
func (s *shader) fog(c colour, f jit.Value) colour {
	if v, ok := s.bytesOf(c); ok {
		return s.unpack(s.merged(s.over(v, s.param(paramFogColor), s.ShiftL(f, 24)), v))
	}
	to := s.unpack(s.param(paramFogColor))
	for i := range 3 {
		c[i] = s.weighed(c[i], to[i], f)
	}
	return c
}
