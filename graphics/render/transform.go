package render

import (
	"fmt"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// ClipPlanes is how many planes clip beside those of the view.
const ClipPlanes = 6

// Transform is one of the matrices, by Direct3D's number (D3DTRANSFORMSTATETYPE).
type Transform uint32

// The transforms.
const (
	World      Transform = 1
	View       Transform = 2
	Projection Transform = 3
	Texture0   Transform = 16
	Texture1   Transform = 17
)

// matrix is row by row, for row vectors.
type matrix [4][4]float32

var identity = matrix{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}

func fromMatrix(m *graphics.Matrix) matrix {
	return matrix{{m.M11, m.M12, m.M13, m.M14}, {m.M21, m.M22, m.M23, m.M24}, {m.M31, m.M32, m.M33, m.M34}, {m.M41, m.M42, m.M43, m.M44}}
}

func toMatrix(m *matrix) graphics.Matrix {
	return graphics.Matrix{
		M11: m[0][0], M12: m[0][1], M13: m[0][2], M14: m[0][3],
		M21: m[1][0], M22: m[1][1], M23: m[1][2], M24: m[1][3],
		M31: m[2][0], M32: m[2][1], M33: m[2][2], M34: m[2][3],
		M41: m[3][0], M42: m[3][1], M43: m[3][2], M44: m[3][3],
	}
}

// times is a and then b. Products of matrices are summed in float64.
func (a *matrix) times(b *matrix) (c matrix) {
	for i := range c {
		for j := range c[i] {
			var s float64
			for k := range b {
				s = float64(float64(a[i][k])*float64(b[k][j])) + s
			}
			c[i][j] = float32(s)
		}
	}
	return c
}

// inverse3 is the inverse of the upper left three by three, transposed: what
// normals are multiplied by. A singular matrix gives itself.
func (a *matrix) inverse3() (c matrix) {
	m := func(i, j int) float64 { return float64(a[i%3][j%3]) }
	var co [3][3]float64
	for i := range co {
		for j := range co[i] {
			co[i][j] = float64(m(i+1, j+1)*m(i+2, j+2)) - float64(m(i+1, j+2)*m(i+2, j+1))
		}
	}
	det := float64(m(0, 0)*co[0][0]) + float64(float64(m(0, 1)*co[0][1])+float64(m(0, 2)*co[0][2]))
	c = identity
	for i := range co {
		for j := range co[i] {
			if det == 0 || det != det {
				c[i][j] = a[i][j]
			} else {
				c[i][j] = float32(co[i][j] / det)
			}
		}
	}
	return c
}

func (r *Renderer) matrix(t Transform) *matrix {
	switch t {
	case World:
		return &r.world
	case View:
		return &r.view
	case Projection:
		return &r.project
	case Texture0, Texture1:
		return &r.texture[t-Texture0]
	}
	return nil
}

// SetTransform sets a matrix. Its numbers may be anything; vertices it makes
// infinite or no numbers are not drawn.
func (r *Renderer) SetTransform(t Transform, m *graphics.Matrix) error {
	to := r.matrix(t)
	if to == nil {
		return fmt.Errorf("%w: transform %d", ErrUnsupported, t)
	}
	*to = fromMatrix(m)
	r.dirty |= dirtyMatrix | dirtyLights
	if t == Projection {
		r.dirty |= dirtyPipeline // fog may be by w
	}
	return nil
}

// Transform is a matrix that was set.
func (r *Renderer) Transform(t Transform) (graphics.Matrix, error) {
	m := r.matrix(t)
	if m == nil {
		return graphics.Matrix{}, fmt.Errorf("%w: transform %d", ErrUnsupported, t)
	}
	return toMatrix(m), nil
}

// SetClipPlane sets a plane in world coordinates, behind which nothing is drawn
// while its bit of ClipPlaneEnable is set.
func (r *Renderer) SetClipPlane(i int, p graphics.Plane) error {
	if i < 0 || i >= ClipPlanes {
		return fmt.Errorf("%w: clip plane %d of %d", ErrValue, i, ClipPlanes)
	}
	r.planes[i] = p
	r.dirty |= dirtyMatrix
	return nil
}

// placing is what turns a position into a place on the target.
type placing struct {
	clip       matrix                 // model to clip coordinates
	eye        matrix                 // model to view coordinates
	normal     matrix                 // of normals
	sx, sy, sz float32                // viewport
	ox, oy, oz float32                // its centre
	view       [8]float32             // the viewport again: scale and centre of x, y and z
	gx, gy     float32                // times w: how far x and y may be
	plane      [ClipPlanes][4]float32 // in model coordinates
	planes     uint32                 // which are on
	minZ, maxZ float32                // of transformed vertices
	bias       float32                // added to z
}

// guard is how far from pixel 0, 0 triangles may reach without being cut.
const guard = 30000

// place brings the placing up to date.
func (r *Renderer) place() {
	p := &r.geometry.place
	p.eye = r.world.times(&r.view)
	p.clip = p.eye.times(&r.project)
	p.normal = p.eye.inverse3()
	v := &r.viewport
	p.sx, p.sy = float32(v.Width)/2, -float32(v.Height)/2
	p.ox, p.oy = float32(v.X)+p.sx, float32(v.Y)-p.sy
	p.sz, p.oz = v.MaxZ-v.MinZ, v.MinZ
	p.bias = -float32(r.states[ZBias]) / 65536
	p.oz += p.bias
	p.view = [8]float32{p.sx, p.ox, p.sy, p.oy, p.sz, p.oz}
	p.gx, p.gy = (guard-p.ox)/p.sx, (guard-p.oy)/-p.sy
	p.planes = r.states[ClipPlaneEnable]
	for i := range p.plane {
		q := &r.planes[i]
		for j := range p.plane[i] {
			w := &r.world[j]
			s := float64(float64(w[0])*float64(q.A)) + float64(float64(w[1])*float64(q.B))
			s += float64(float64(w[2])*float64(q.C)) + float64(float64(w[3])*float64(q.D))
			p.plane[i][j] = float32(s)
		}
	}
}
