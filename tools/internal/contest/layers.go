package contest

import (
	"math"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/compose"
)

// LayerTests are the names of the tests of the compositor: one layer of LayerSize by
// LayerSize pixels that hides the whole picture, an opaque one or one with alpha,
// left where it is, moved by half a pixel, enlarged by a half, turned, or turned and doubled.
var LayerTests = []string{"opaque still", "opaque moved", "opaque enlarged", "opaque turned", "opaque turned doubled", "alpha still", "alpha moved", "alpha enlarged", "alpha turned", "alpha turned doubled"}

// LayerSize is the width and height of a layer, in pixels.
const LayerSize = 1024

// layerTurn is by how much layers are turned, in radians.
const layerTurn = 0.5

func layers(tests map[string]func() (*job, error)) {
	for i, name := range LayerTests {
		tests["layer "+name] = func() (*job, error) { return layerJob(i), nil }
	}
}

func layerJob(i int) *job {
	dst := surface(blit.XRGB8888, Width, Height, 5)
	l := compose.Layer{Surface: *surface(blit.XRGB8888, LayerSize, LayerSize, 9), Color: 0xffffffff, Matrix: layerMatrix(i % 5)}
	if i >= 5 {
		l.Surface.Format = blit.ARGB8888
	}
	c, all := new(compose.Compositor), []compose.Layer{l}
	return &job{frame: func() error { return c.Compose(dst, all, nil) }, fresh: func() { noise(dst.Pix, 5) }, picture: func() []byte { return dst.Pix }}
}

// layerMatrix puts a layer's centre on the picture's, or half a pixel beside it.
func layerMatrix(how int) compose.Affine {
	scale, angle := 1.0, layerTurn
	switch how {
	case 0:
		return compose.Translate((Width-LayerSize)/2, (Height-LayerSize)/2)
	case 1:
		angle = 0
	case 2:
		scale, angle = 1.5, 0
	case 4:
		scale = 2
	}
	s, c := math.Sincos(angle)
	s, c = s*scale, c*scale
	const at = LayerSize / 2
	const x, y = Width/2 + .5, Height / 2
	return compose.Affine{XX: float32(c), XY: float32(-s), X0: float32(x - c*at + s*at), YX: float32(s), YY: float32(c), Y0: float32(y - s*at - c*at)}
}
