package render

import "github.com/mmlite/mmlite/graphics/raster"

// Loops names the kinds of pixel loops that this processor has.
func Loops() string {
	p := raster.Pipeline{State: raster.DefaultState()}
	if err := p.Prepare(); err != nil || p.Loop() == "interpreter" {
		return "interpreter"
	}
	return "interpreter AVX2"
}
