package overload

import (
	"math"
	"math/rand/v2"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/hostdriver/layers"
)

// The screen of the scene.
const (
	Width, Height = 320, 240
	focus         = 400 // pixels
)

type vector [3]float64

func (a vector) plus(b vector, f float64) vector {
	return vector{a[0] + b[0]*f, a[1] + b[1]*f, a[2] + b[2]*f}
}
func (a vector) cross(b vector) vector {
	return vector{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}
func (a vector) dot(b vector) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

// board is a patterned board that turns and drifts in space.
type board struct {
	middle, drift  vector // where it is, and how far it goes to and fro
	pace           vector // turns a second of these, and of the board about two axes
	phase          [5]float64
	spin, nod      float64
	width, height  float64
	waves          [2]float64
	light, darkest [3]float64 // colours
}

func newBoard(r *rand.Rand) *board {
	b := &board{
		middle: vector{r.Float64()*260 - 130, r.Float64()*180 - 90, 350 + 150*r.Float64()},
		drift:  vector{20 * r.Float64(), 20 * r.Float64(), 40 * r.Float64()},
		pace:   vector{0.1 + 0.3*r.Float64(), 0.1 + 0.3*r.Float64(), 0.1 + 0.3*r.Float64()},
		spin:   0.1 + 0.5*r.Float64(), nod: 0.3 * r.Float64(),
		width: 22 + 14*r.Float64(), height: 22 + 14*r.Float64(),
		waves: [2]float64{float64(2 + r.IntN(3)), float64(2 + r.IntN(3))},
	}
	for i := range b.phase {
		b.phase[i] = r.Float64() * 2 * math.Pi
	}
	for i := range 3 {
		b.light[i], b.darkest[i] = 128+127*r.Float64(), 100*r.Float64()
	}
	return b
}

// pose is a board at a time: its middle and half its sides.
type pose struct {
	c, u, v vector
	bright  float64
}

func (b *board) at(seconds float64) pose {
	wave := func(pace float64, k int) float64 { return math.Sin(2*math.Pi*pace*seconds + b.phase[k]) }
	var p pose
	for i := range 3 {
		p.c[i] = b.middle[i] + b.drift[i]*wave(b.pace[i], i)
	}
	sa, ca := math.Sincos(2*math.Pi*b.spin*seconds + b.phase[3])
	sn, cn := math.Sincos(0.9 * wave(b.nod, 4))
	// Turned in the plane, and then nodded about the horizontal axis.
	p.u = vector{b.width * ca, b.width * sa * cn, b.width * sa * sn}
	p.v = vector{-b.height * sa, b.height * ca * cn, b.height * ca * sn}
	n := p.u.cross(p.v)
	p.bright = 0.45 + 0.55*math.Abs(n.dot(vector{0.3, -0.4, 0.87}))/math.Sqrt(n.dot(n))
	return p
}

func project(p vector) layers.Point {
	return layers.Point{X: p[0]/p[2]*focus + Width/2, Y: p[1]/p[2]*focus + Height/2}
}

// corners are the characteristic points.
func (p *pose) corners() []layers.Point {
	var all []layers.Point
	for _, s := range [4][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		all = append(all, project(p.c.plus(p.u, s[0]).plus(p.v, s[1])))
	}
	return all
}

// sines is a period of a sine, 0 to 1.
var sines = func() (t [1024]float64) {
	for i := range t {
		t[i] = 0.5 + 0.5*math.Sin(2*math.Pi*float64(i)/float64(len(t)))
	}
	return t
}()

func sine(turns float64) float64 {
	return sines[int(math.Floor(turns*float64(len(sines))))&(len(sines)-1)]
}

// draw draws the board into a picture; place is where its pixel x, y lies on the
// screen: ox+z*x, oy+z*y.
func (b *board) draw(s *blit.Surface, w, h int, ox, oy, z float64, p pose) {
	// A ray d meets the board at u = -d.(c x v) / d.(u x v), v = d.(c x u) / d.(u x v).
	nu, nv, n := p.c.cross(p.v), p.c.cross(p.u), p.u.cross(p.v)
	// How many pixels of the picture half a side is long, about.
	sharp := [2]float64{b.width * focus / p.c[2] / z, b.height * focus / p.c[2] / z}
	for y := range h {
		for x := range w {
			d := vector{(ox + z*float64(x) - Width/2) / focus, (oy + z*float64(y) - Height/2) / focus, 1}
			k := d.dot(n)
			u, v := -d.dot(nu)/k, d.dot(nv)/k
			a := min((1-math.Abs(u))*sharp[0], (1-math.Abs(v))*sharp[1]) + 0.5
			at := y*s.Pitch + 4*x
			if !(a > 0) {
				clear(s.Pix[at : at+4])
				continue
			}
			f := sine(u*b.waves[0]/2) * sine(v*b.waves[1]/2)
			for i := range 3 {
				s.Pix[at+i] = uint8(p.bright * (b.light[i]*f + b.darkest[i]*(1-f)))
			}
			s.Pix[at+3] = uint8(255 * min(a, 1))
		}
	}
}
