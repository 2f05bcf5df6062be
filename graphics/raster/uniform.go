package raster

import (
	"math"
	"math/bits"
)

// What the pixels of a span read of a texture, as far as that is certain.
const (
	levelAny  = iota // each its own
	levelOne         // one level, by linear filtering
	levelNear        // one level, the nearest texels
	levelTwo         // by linear filtering, between a level and the next
)

// uniform says what the pixels of a span read of a stage's texture. Most spans
// read one level; then no pixel need find its own.
//
// In a pixel, u = U/W for planes U and W, so that u changes to the right by
// (U'W - UW')/W², whose numerator is constant along a row; downwards it is
// constant along a column. So extremes are at the corners.
func uniform(c *Chunk, g *gradients, p *Pipeline, stage int) (level, reads int) {
	s := &c.span
	x0, x1 := s.start+bits.TrailingZeros32(s.any), s.start+bits.Len32(s.any)-1
	low, high := stretchFast(&c.corner, g, planeOfTex(stage), float32(x0), float32(x1), float32(s.y0), float32(s.y1-1), p.ratio[stage], p.scale[stage])
	return levelBetween(low, high, &p.State.Stages[stage], p.Textures[stage].count-1)
}

// stretches bounds the squares of how many texels of the first level the
// pixels of a box span, with the bias. The highest is infinite, or no number,
// where there is no bound.
func stretches(corner *[planeSlots]float32, g *gradients, tex int, x0, x1, y0, y1, ratio, scale float64) (lowest, highest float64) {
	w0, wx, wy := float64(corner[planeW]), float64(g.dx[planeW]), float64(g.dy[planeW])
	abs := func(v float64) float64 { return max(v, -v) }
	// Planes are evaluated in float32: what that may lose.
	const loss = 1.0 / (1 << 20)
	wide := abs(w0) + Size*(abs(wx)+abs(wy))
	wLow := w0 + min(wx*x0, wx*x1) + min(wy*y0, wy*y1) - wide*loss
	wHigh := w0 + max(wx*x0, wx*x1) + max(wy*y0, wy*y1) + wide*loss
	if !(wLow > 0) {
		return 0, math.Inf(1)
	}
	var xLow, xHigh, yLow, yHigh float64
	ratios := [2]float64{1, ratio}
	for i := range 2 {
		u0, ux, uy := float64(corner[tex+i]), float64(g.dx[tex+i]), float64(g.dy[tex+i])
		turn := ux*wy - wx*uy
		long := abs(u0) + Size*(abs(ux)+abs(uy))
		low, high := square(ux*w0-wx*u0+turn*y0, ux*w0-wx*u0+turn*y1, 4*loss*(abs(ux)*wide+long*abs(wx)))
		xLow, xHigh = xLow+low*ratios[i], xHigh+high*ratios[i]
		low, high = square(uy*w0-wy*u0-turn*x0, uy*w0-wy*u0-turn*x1, 4*loss*(abs(uy)*wide+long*abs(wy)))
		yLow, yHigh = yLow+low*ratios[i], yHigh+high*ratios[i]
	}
	wLow, wHigh = wLow*wLow, wHigh*wHigh
	lowest = max(xLow, yLow) * scale / (wHigh * wHigh) * (1 - 16*loss)
	highest = max(xHigh, yHigh) * scale / (wLow * wLow) * (1 + 16*loss)
	return lowest, highest
}

// square bounds the square of what lies between a and b, or e beyond.
func square(a, b, e float64) (low, high float64) {
	a, b = min(a, b)-e, max(a, b)+e
	high = max(a*a, b*b)
	if a <= 0 && b >= 0 {
		return 0, high
	}
	return min(a*a, b*b), high
}

// levelBetween says what all of a range of stretches read.
func levelBetween(low, high float32, st *Stage, last int) (level, reads int) {
	one := func(f Filter) int {
		if f == FilterLinear {
			return levelOne
		}
		return levelNear
	}
	switch {
	case st.Mip == FilterNone && st.Mag == st.Min, high <= 1:
		return 0, one(st.Mag)
	case !(high < 1<<30) || !(low > 1) && (st.Mag != st.Min || st.Mip == FilterLinear):
		return 0, levelAny
	}
	switch st.Mip {
	case FilterPoint:
		a, b := min(nearestLevel(low), last), min(nearestLevel(high), last)
		if a != b {
			return 0, levelAny
		}
		return a, one(st.Min)
	case FilterLinear:
		// The logarithm that pixels take is not exact.
		const loose = 1.02
		a := min(int(exponent(low))>>1, last)
		if a > 0 && !(low > loose*float32(uint64(1)<<(2*a))) {
			return 0, levelAny
		}
		if a == last {
			return a, one(st.Min)
		}
		if !(high*loose < float32(uint64(1)<<(2*a+2))) || st.Min != FilterLinear {
			return 0, levelAny
		}
		return a, levelTwo
	}
	return 0, one(st.Min)
}

// nearestLevel is half the exponent, rounded up, of a stretch; levels of less
// than one are the first.
func nearestLevel(v float32) int {
	if !(v > 1) {
		return 0
	}
	return int(exponent(v)+1) >> 1
}
