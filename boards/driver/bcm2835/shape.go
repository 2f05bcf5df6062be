package bcm2835

// shaper turns samples into pulse widths, of which there are some thousand: too few
// to round to. The rounding error is fed back such that it has a zero of second order
// at frequency 0 and leaves what can be heard for what cannot, above; dither keeps it
// free of the sound (Lipshitz, Vanderkooy and Wannamaker, Minimally Audible Noise
// Shaping, JAES 39(11), 1991).
type shaper struct {
	first, second int32 // errors, in 65536ths of a width
	noise         uint32
}

const (
	shapeBits = 16
	// shapeRoom is how many widths at either end are left to the errors fed back.
	shapeRoom = 6
	mostError = 3 << shapeBits
)

// next is the width for a sample from -1 to 1, out of 0 to limit.
func (s *shaper) next(x float32, limit uint32) uint32 {
	if !(x >= -1) { // or no number
		x = max(-1, min(x, 0))
		if x != x {
			x = 0
		}
	}
	x = min(x, 1)
	middle := int32(limit << (shapeBits - 1))
	scale := float32(middle - shapeRoom<<shapeBits)
	u := middle + int32(float32(x*scale)) - 2*s.first + s.second
	// A linear congruential generator (Numerical Recipes, 7.1): its upper half less
	// its lower one is of nearly triangular distribution, two widths wide.
	s.noise = s.noise*1664525 + 1013904223
	dither := int32(s.noise>>shapeBits) - int32(s.noise&(1<<shapeBits-1))
	y := (u + dither + 1<<(shapeBits-1)) >> shapeBits
	y = max(0, min(y, int32(limit)))
	s.first, s.second = max(-mostError, min(y<<shapeBits-u, mostError)), s.first
	return uint32(y)
}
