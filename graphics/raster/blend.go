package raster

import "math"

// compare is what a depth or alpha test asks, by the order of its operands.
func compare(f Compare, less, equal bool) bool {
	switch f {
	case Never:
		return false
	case Less:
		return less
	case Equal:
		return equal
	case LessEqual:
		return less || equal
	case Greater:
		return !less && !equal
	case NotEqual:
		return !equal
	case GreaterEqual:
		return !less
	}
	return true
}

// factor is what one channel is multiplied by.
func factor(f Factor, s, d *rgba, i int) int32 {
	switch f {
	case Zero:
		return 0
	case SrcColor:
		return s[i]
	case InvSrcColor:
		return 255 - s[i]
	case SrcAlpha:
		return s[3]
	case InvSrcAlpha:
		return 255 - s[3]
	case DestAlpha:
		return d[3]
	case InvDestAlpha:
		return 255 - d[3]
	case DestColor:
		return d[i]
	case InvDestColor:
		return 255 - d[i]
	case SrcAlphaSat:
		if i == 3 {
			return 255
		}
		return min(s[3], 255-d[3])
	}
	return 255
}

// factors resolves the states that set both factors at once.
func (s *State) factors() (src, dst Factor) {
	switch s.SrcBlend {
	case BothSrcAlpha:
		return SrcAlpha, InvSrcAlpha
	case BothInvSrcAlpha:
		return InvSrcAlpha, SrcAlpha
	}
	return s.SrcBlend, s.DestBlend
}

// complements says that the factors always add up to one.
func complements(a, b Factor) bool {
	return a == SrcAlpha && b == InvSrcAlpha || a == InvSrcAlpha && b == SrcAlpha
}

// mix blends a colour with what is there.
func mix(src, dst Factor, s, d rgba) rgba {
	var out rgba
	for i := range out {
		fs, fd := factor(src, &s, &d, i), factor(dst, &s, &d, i)
		if complements(src, dst) {
			out[i] = div255(s[i]*fs + d[i]*fd)
		} else {
			out[i] = min(div255(s[i]*fs)+div255(d[i]*fd), 255)
		}
	}
	return out
}

// expOfMinus is exp(-x) for x of 0 and more, to 1e-6, by the same operations everywhere.
func expOfMinus(x float32) float32 {
	if !(x < 80) {
		return 0
	}
	t := float32(x * -1.442695)
	n := float32(math.Floor(float64(t)))
	f := float32(t - n)
	// 2 to the power of f, as a polynomial.
	p := float32(0.0018775767*f) + 0.00898934
	p = float32(p*f) + 0.05582632
	p = float32(p*f) + 0.24015361
	p = float32(p*f) + 0.6931531
	p = float32(p*f) + 1
	return p * math.Float32frombits(uint32(int32(n)+127)<<23)
}

// fogFactor is how much of the colour remains in table fog, 0 to 255.
func (p *Pipeline) fogFactor(d float32) int32 {
	if p.State.Fog == FogLinear {
		return limit(toInt(float32((p.Params.FogEnd-d)*p.fogScale) + 0.5))
	}
	x := float32(p.Params.FogDensity * d)
	if p.State.Fog == FogExp2 {
		x = float32(x * x)
	}
	if !(x > 0) {
		x = 0
	}
	return limit(toInt(float32(expOfMinus(x)*255) + 0.5))
}

// fog weighs the fog's colour in, f of 255 the pixel's own.
func fog(c rgba, to uint32, f int32) rgba {
	t := unpack(to)
	for i := range 3 {
		c[i] = div255(c[i]*f + t[i]*(255-f))
	}
	return c
}
