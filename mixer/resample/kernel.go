package resample

// lanes is how many partial sums a row is added up in: which one a product goes into is where its input frame lies among the
// planes, modulo lanes. So a vector kernel loads the input at whole multiples of its width, and output frames that begin at the
// same multiple share the loads. Where nothing is interpolated there are two sets of sums, and groups of lanes take turns. The
// portable kernel adds in the same order, so both give the same bits.
//
// For that, a row of coefficients begins with lanes zeros and the next row's follow it: read from up to lanes earlier on, it is
// the row moved to the right. Rows and these zeros together are a whole number of two groups. The planes have lanes zeros, or
// any finite values, behind the last frame.
const lanes = 8

// phase is where the next output frame lies among the input frames, and the way from one to the next. Its fields are
// counters of one mixed-radix number: rem counts to unit, row to rows, pos on. Whole numbers all, so nothing drifts.
// The assembly relies on the fields and their order.
type phase struct {
	pos, row, rem             int // first input frame under the window; row; parts of a row
	stepPos, stepRow, stepRem int
	rows, unit, pitch         int     // pitch is from one row to the next: lanes more than taps
	slot                      int     // where the row is kept, if rows are kept in the order they are used in
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

// advanceSlot is advance where rows are kept in the order they are used in.
func (p *phase) advanceSlot() {
	p.advance()
	if p.slot++; p.slot == p.rows {
		p.slot = 0
	}
}

// window is where the frame's products begin among the input and among the coefficients; there are pitch of them. The row is
// kept in the given place.
func (p *phase) window(place int) (in, coef int) {
	in = p.pos &^ (lanes - 1)
	return in, place*p.pitch + lanes - (p.pos - in)
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
		at, c := p.window(p.slot)
		out[i*stride] = dot2(coef[c:c+p.pitch], in[at:at+p.pitch])
		p.advanceSlot()
	}
}

func stereoGo(out, left, right, coef []float32, stride, n int, p *phase) {
	for i := range n {
		at, c := p.window(p.slot)
		row := coef[c : c+p.pitch]
		out[i*stride] = dot2(row, left[at:at+p.pitch])
		out[i*stride+1] = dot2(row, right[at:at+p.pitch])
		p.advanceSlot()
	}
}

func monoLerpGo(out, in, coef []float32, stride, n int, p *phase) {
	for i := range n {
		at, c := p.window(p.row)
		f := float32(float32(p.rem) * p.inverse)
		out[i*stride] = lerp(coef[c:c+2*p.pitch], in[at:at+p.pitch], f)
		p.advance()
	}
}

func stereoLerpGo(out, left, right, coef []float32, stride, n int, p *phase) {
	for i := range n {
		at, c := p.window(p.row)
		rows := coef[c : c+2*p.pitch]
		f := float32(float32(p.rem) * p.inverse)
		out[i*stride] = lerp(rows, left[at:at+p.pitch], f)
		out[i*stride+1] = lerp(rows, right[at:at+p.pitch], f)
		p.advance()
	}
}

// lerp filters x with two neighbouring rows and takes what lies between, f of the way.
func lerp(c, x []float32, f float32) float32 {
	a := dot(c[:len(x)], x)
	b := dot(c[len(x):], x)
	return a + float32(f*(b-a))
}

// dot is the inner product over whole groups of lanes. Lane j sums the products j, j+8, j+16 and so on.
func dot(c, x []float32) float32 {
	a0, a1, a2, a3, a4, a5, a6, a7 := sums(c, x, lanes)
	return total(a0, a1, a2, a3, a4, a5, a6, a7)
}

// dot2 is the inner product over whole pairs of groups. Lane j sums the products j, j+16, j+32 and so on, and to it is added the
// sum of j+8, j+24, j+40 and so on.
func dot2(c, x []float32) float32 {
	a0, a1, a2, a3, a4, a5, a6, a7 := sums(c, x, 2*lanes)
	b0, b1, b2, b3, b4, b5, b6, b7 := sums(c[lanes:], x[lanes:], 2*lanes)
	return total(a0+b0, a1+b1, a2+b2, a3+b3, a4+b4, a5+b5, a6+b6, a7+b7)
}

// total adds neighbours, then pairs of them, then halves.
func total(a0, a1, a2, a3, a4, a5, a6, a7 float32) float32 {
	return ((a0 + a1) + (a2 + a3)) + ((a4 + a5) + (a6 + a7))
}

// sums adds up the lanes of every group that begins at a multiple of step.
func sums(c, x []float32, step int) (a0, a1, a2, a3, a4, a5, a6, a7 float32) {
	x = x[:len(c)]
	for i := 0; i <= len(c)-lanes; i += step {
		u, v := (*[lanes]float32)(c[i:]), (*[lanes]float32)(x[i:])
		a0 += float32(u[0] * v[0])
		a1 += float32(u[1] * v[1])
		a2 += float32(u[2] * v[2])
		a3 += float32(u[3] * v[3])
		a4 += float32(u[4] * v[4])
		a5 += float32(u[5] * v[5])
		a6 += float32(u[6] * v[6])
		a7 += float32(u[7] * v[7])
	}
	return
}
