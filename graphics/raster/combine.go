package raster

// rgba is a colour being computed: blue, green, red, alpha, each 0 to 255.
type rgba [4]int32

func unpack(c uint32) rgba {
	return rgba{int32(c & 255), int32(c >> 8 & 255), int32(c >> 16 & 255), int32(c >> 24)}
}

func (c *rgba) pack() uint32 {
	return uint32(c[0]) | uint32(c[1])<<8 | uint32(c[2])<<16 | uint32(c[3])<<24
}

// div255 is x/255 rounded to nearest, for x from 0 to 65025.
func div255(x int32) int32 {
	x += 128
	return (x + x>>8) >> 8
}

func limit(x int32) int32 { return min(max(x, 0), 255) }

// inputs are what the arguments of texture stages select from.
type inputs struct {
	diffuse, specular, factor rgba
	texture, current          rgba
}

func (in *inputs) arg(a Arg) rgba {
	var c rgba
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
	if a&ArgAlphaReplicate != 0 {
		c = rgba{c[3], c[3], c[3], c[3]}
	}
	if a&ArgComplement != 0 {
		c = rgba{255 - c[0], 255 - c[1], 255 - c[2], 255 - c[3]}
	}
	return c
}

// operate is one operation on one channel. weight is what the blends weigh by.
func operate(op Op, a, b, weight int32) int32 {
	switch op {
	case OpSelect1:
		return a
	case OpSelect2:
		return b
	case OpModulate:
		return div255(a * b)
	case OpModulate2X:
		return min(div255x(2*a*b), 255)
	case OpModulate4X:
		return min(div255x(4*a*b), 255)
	case OpAdd:
		return min(a+b, 255)
	case OpAddSigned:
		return limit(a + b - 128)
	case OpAddSigned2X:
		return limit(2*(a+b) - 255)
	case OpSubtract:
		return max(a-b, 0)
	case OpAddSmooth:
		return a + b - div255(a*b)
	case OpBlendTextureAlphaPM:
		return min(a+div255(b*(255-weight)), 255)
	}
	return div255(a*weight + b*(255-weight)) // the other blends
}

// div255x is x/255 rounded to nearest, for larger x.
func div255x(x int32) int32 { return (2*x + 255) / 510 }

// weight is the alpha that a blending operation weighs by.
func (in *inputs) weight(op Op) int32 {
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
func (in *inputs) combine(st *Stage) {
	a, b := in.arg(st.ColorArg1), in.arg(st.ColorArg2)
	out := in.current
	if st.ColorOp == OpDotProduct3 {
		var sum int32
		for i := range 3 {
			sum += (2*a[i] - 255) * (2*b[i] - 255)
		}
		v := limit(div255x(max(sum, 0)))
		in.current = rgba{v, v, v, v}
		return
	}
	w := in.weight(st.ColorOp)
	for i := range 3 {
		out[i] = operate(st.ColorOp, a[i], b[i], w)
	}
	if st.AlphaOp != OpDisable && st.AlphaOp != OpDotProduct3 {
		x, y := in.arg(st.AlphaArg1), in.arg(st.AlphaArg2)
		out[3] = operate(st.AlphaOp, x[3], y[3], in.weight(st.AlphaOp))
	}
	in.current = out
}
