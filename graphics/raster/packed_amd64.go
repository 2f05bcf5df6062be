//go:build !purego

package raster

import "github.com/mmlite/mmlite/graphics/raster/jit"

// What a shader does with colours whose four channels are bytes of one lane, as
// pixels are in memory: a quarter of the work, where an operation can be done so.

// bytesOf is a colour as bytes, if it was unpacked from them.
func (s *shader) bytesOf(c colour) (jit.Value, bool) {
	v, ok := s.packed[c]
	return v, ok
}

// alphaOf is a colour's alpha in all channels.
func (s *shader) alphaOf(v jit.Value) jit.Value {
	return s.Shuffle(v, [16]byte{3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15})
}

// merged has the colour of one and the alpha of another.
func (s *shader) merged(rgb, alpha jit.Value) jit.Value {
	if rgb == alpha {
		return rgb
	}
	high := ^uint32(0xffffff)
	return s.Or(s.And(rgb, s.Int(0xffffff)), s.And(alpha, s.Int(int32(high))))
}

// widened are bytes as words.
func (s *shader) widened(v jit.Value) words {
	zero := s.Int(0)
	return words{s.LowBytes(v, zero), s.HighBytes(v, zero)}
}

// div255Words is x/255 rounded to nearest, of words, as bytes.
func (s *shader) div255Words(w words) jit.Value {
	for i, x := range w {
		x = s.AddW(x, s.Int(128*0x10001))
		w[i] = s.ShiftRW(s.AddW(x, s.ShiftRW(x, 8)), 8)
	}
	return s.PackW(w[0], w[1])
}

// times is the product of all channels.
func (s *shader) times(a, b jit.Value) jit.Value {
	switch all := s.all(); {
	case a == all:
		return b
	case b == all:
		return a
	}
	x, y := s.widened(a), s.widened(b)
	for i := range x {
		x[i] = s.MulW(x[i], y[i])
	}
	return s.div255Words(x)
}

// over weighs two colours by the alpha of a third.
func (s *shader) over(a, b, by jit.Value) jit.Value {
	x, y, w := s.widened(a), s.widened(b), s.widened(s.alphaOf(by))
	for i := range x {
		x[i] = s.AddW(s.MulW(s.SubW(x[i], y[i]), w[i]), s.SubW(s.ShiftLW(y[i], 8), y[i]))
	}
	return s.div255Words(x)
}

// operateBytes is one operation on all channels; false if it is not done so.
func (s *shader) operateBytes(op Op, a, b jit.Value) (jit.Value, bool) {
	switch op {
	case OpSelect1:
		return a, true
	case OpSelect2:
		return b, true
	case OpModulate:
		return s.times(a, b), true
	case OpAdd:
		return s.AddBytes(a, b), true
	case OpSubtract:
		return s.SubBytes(a, b), true
	}
	return 0, false
}

// combineBytes does one texture stage; false if it is not done so.
func (s *shader) combineBytes(in *shaded, st *Stage) bool {
	one := func(op Op, x, y Arg) (jit.Value, bool) {
		if op == OpDisable || op == OpDotProduct3 { // of alpha, which stays
			return s.bytesOf(in.current)
		}
		a, okA := s.bytesOf(s.argument(in, x))
		b, okB := s.bytesOf(s.argument(in, y))
		if op == OpSelect1 {
			b, okB = a, okA
		} else if op == OpSelect2 {
			a, okA = b, okB
		}
		if !okA || !okB {
			return 0, false
		}
		return s.operateBytes(op, a, b)
	}
	if st.ColorOp == OpDotProduct3 {
		return false
	}
	rgb, ok := one(st.ColorOp, st.ColorArg1, st.ColorArg2)
	if !ok {
		return false
	}
	alpha, ok := one(st.AlphaOp, st.AlphaArg1, st.AlphaArg2)
	if ok {
		in.current = s.unpack(s.merged(rgb, alpha))
	}
	return ok
}

// factorBytes is what all channels are multiplied by; false if it is not done so.
func (s *shader) factorBytes(f Factor, c, d jit.Value) (jit.Value, bool) {
	switch f {
	case Zero:
		return s.Int(0), true
	case One:
		return s.all(), true
	case SrcColor:
		return c, true
	case InvSrcColor:
		return s.not(c), true
	case SrcAlpha:
		return s.alphaOf(c), true
	case InvSrcAlpha:
		return s.not(s.alphaOf(c)), true
	case DestAlpha:
		return s.alphaOf(d), true
	case InvDestAlpha:
		return s.not(s.alphaOf(d)), true
	case DestColor:
		return d, true
	case InvDestColor:
		return s.not(d), true
	}
	return 0, false
}

// mixBytes blends a colour with what is there; false if it is not done so.
func (s *shader) mixBytes(src, dst Factor, c, d jit.Value) (jit.Value, bool) {
	if complements(src, dst) {
		if src == SrcAlpha {
			return s.over(c, d, c), true
		}
		return s.over(d, c, c), true
	}
	x, okX := s.factorBytes(src, c, d)
	y, okY := s.factorBytes(dst, c, d)
	if !okX || !okY {
		return 0, false
	}
	part := func(v, by jit.Value, f Factor) jit.Value {
		if f == Zero {
			return by
		}
		return s.times(v, by)
	}
	return s.AddBytes(part(c, x, src), part(d, y, dst)), true
}
