package resample

// lanes is how many partial sums a row is added up in. A vector kernel holds them in registers; the portable one adds in the
// same order, so both give the same bits.
const lanes = 16

// phase is where the next output frame lies among the input frames, and the way from one to the next. Its fields are
// counters of one mixed-radix number: rem counts to unit, row to rows, pos on. Whole numbers all, so nothing drifts.
// The assembly relies on the fields and their order.
type phase struct {
	pos, row, rem             int // first input frame under the window; row; parts of a row
	stepPos, stepRow, stepRem int
	rows, unit, taps          int
	inverse                   float32 // 1/unit
}

func (p *phase) advance() {
	p.rem += p.stepRem
	if p.rem >= p.unit {
		p.rem -= p.unit
		p.row++
	}
	p.row += p.stepRow
	if p.row >= p.rows {
		p.row -= p.rows
		p.pos++
	}
	p.pos += p.stepPos
}

// kernels are the inner loops. The first four make n output frames: out[i*stride] (and out[i*stride+1]) from left (and right), rows of coefficients from coef,
// and leave p at the frame after the last. The caller has seen to it that all windows lie within the input.
type kernels struct {
	name       string
	mono       func(out, in, coef []float32, stride, n int, p *phase)
	stereo     func(out, left, right, coef []float32, stride, n int, p *phase)
	monoLerp   func(out, in, coef []float32, stride, n int, p *phase)
	stereoLerp func(out, left, right, coef []float32, stride, n int, p *phase)
	split      func(left, right, src []float32) // interleaved stereo into its two channels, as many frames as left holds
}

var portable = kernels{
	name:       "portable",
	mono:       monoGo,
	stereo:     stereoGo,
	monoLerp:   monoLerpGo,
	stereoLerp: stereoLerpGo,
	split:      splitGo,
}

func splitGo(left, right, src []float32) {
	right = right[:len(left)]
	for i := range left {
		s := src[2*i : 2*i+2 : 2*i+2]
		left[i], right[i] = s[0], s[1]
	}
}

func monoGo(out, in, coef []float32, stride, n int, p *phase) {
	for i := range n {
		c := coef[p.row*p.taps : (p.row+1)*p.taps]
		out[i*stride] = dot(c, in[p.pos:p.pos+p.taps])
		p.advance()
	}
}

func stereoGo(out, left, right, coef []float32, stride, n int, p *phase) {
	for i := range n {
		c := coef[p.row*p.taps : (p.row+1)*p.taps]
		out[i*stride] = dot(c, left[p.pos:p.pos+p.taps])
		out[i*stride+1] = dot(c, right[p.pos:p.pos+p.taps])
		p.advance()
	}
}

func monoLerpGo(out, in, coef []float32, stride, n int, p *phase) {
	for i := range n {
		c := coef[p.row*p.taps : (p.row+2)*p.taps]
		f := float32(float32(p.rem) * p.inverse)
		out[i*stride] = lerp(c, in[p.pos:p.pos+p.taps], f)
		p.advance()
	}
}

func stereoLerpGo(out, left, right, coef []float32, stride, n int, p *phase) {
	for i := range n {
		c := coef[p.row*p.taps : (p.row+2)*p.taps]
		f := float32(float32(p.rem) * p.inverse)
		out[i*stride] = lerp(c, left[p.pos:p.pos+p.taps], f)
		out[i*stride+1] = lerp(c, right[p.pos:p.pos+p.taps], f)
		p.advance()
	}
}

// lerp filters x with two neighbouring rows and takes what lies between, f of the way.
func lerp(c, x []float32, f float32) float32 {
	a := dot(c[:len(x)], x)
	b := dot(c[len(x):], x)
	return a + float32(f*(b-a))
}

// dot is the inner product over whole groups of lanes. Lane j sums the products j, j+16, j+32 and so on; then j and j+8 are
// added, then neighbours, then halves. Two passes of eight sums, because that is what stays in registers.
func dot(c, x []float32) float32 {
	var a0, a1, a2, a3, a4, a5, a6, a7 float32
	for u, v := c, x; len(u) >= lanes && len(v) >= lanes; u, v = u[lanes:], v[lanes:] {
		a0 += float32(u[0] * v[0])
		a1 += float32(u[1] * v[1])
		a2 += float32(u[2] * v[2])
		a3 += float32(u[3] * v[3])
		a4 += float32(u[4] * v[4])
		a5 += float32(u[5] * v[5])
		a6 += float32(u[6] * v[6])
		a7 += float32(u[7] * v[7])
	}
	var b0, b1, b2, b3, b4, b5, b6, b7 float32
	for u, v := c, x; len(u) >= lanes && len(v) >= lanes; u, v = u[lanes:], v[lanes:] {
		b0 += float32(u[8] * v[8])
		b1 += float32(u[9] * v[9])
		b2 += float32(u[10] * v[10])
		b3 += float32(u[11] * v[11])
		b4 += float32(u[12] * v[12])
		b5 += float32(u[13] * v[13])
		b6 += float32(u[14] * v[14])
		b7 += float32(u[15] * v[15])
	}
	a0, a1, a2, a3 = a0+b0, a1+b1, a2+b2, a3+b3
	a4, a5, a6, a7 = a4+b4, a5+b5, a6+b6, a7+b7
	return ((a0 + a1) + (a4 + a5)) + ((a2 + a3) + (a6 + a7))
}
