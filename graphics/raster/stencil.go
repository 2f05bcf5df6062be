package raster

// StencilOp is what a test does to the stencil value of its pixel.
type StencilOp uint8

const (
	StencilKeep StencilOp = iota + 1
	StencilZero
	StencilReplace   // by the reference
	StencilIncrSat   // stopping at 255
	StencilDecrSat   // stopping at 0
	StencilInvert    // all bits
	StencilIncrement // 255 to 0
	StencilDecrement // 0 to 255
)

// Stencil is the state of the stencil test. A pixel's alpha is tested before,
// its depth after; each outcome has an operation of its own.
type Stencil struct {
	Test              bool
	Func              Compare // of reference and value, both masked: reference Func value
	Fail, ZFail, Pass StencilOp
}

func (s *Stencil) ok() bool {
	in := func(op StencilOp) bool { return op >= StencilKeep && op <= StencilDecrement }
	return !s.Test || s.Func >= Never && s.Func <= Always && in(s.Fail) && in(s.ZFail) && in(s.Pass)
}

// do tests a pixel, whose depth has passed or not, and changes its stencil.
func (s *Stencil) do(v *uint8, p *Params, depth bool) bool {
	ref, value := p.StencilRef&p.StencilMask, *v&p.StencilMask
	passed := compare(s.Func, ref < value, ref == value)
	op := s.Fail
	switch {
	case passed && depth:
		op = s.Pass
	case passed:
		op = s.ZFail
	}
	n := *v
	switch op {
	case StencilZero:
		n = 0
	case StencilReplace:
		n = p.StencilRef
	case StencilIncrSat:
		n = max(n, n+1)
	case StencilDecrSat:
		n = min(n, n-1)
	case StencilInvert:
		n = ^n
	case StencilIncrement:
		n++
	case StencilDecrement:
		n--
	}
	*v = *v&^p.StencilWriteMask | n&p.StencilWriteMask
	return passed && depth
}
