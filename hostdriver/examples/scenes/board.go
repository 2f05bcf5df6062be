package scenes

import (
	"math"
	"math/rand/v2"

	"github.com/mmlite/mmlite/hostdriver/layers"
)

// Vector is a place or direction in space: x to the right, y down, z away.
type Vector [3]float64

func (a Vector) plus(b Vector, f float64) Vector {
	return Vector{a[0] + b[0]*f, a[1] + b[1]*f, a[2] + b[2]*f}
}

func (a Vector) cross(b Vector) Vector {
	return Vector{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func (a Vector) dot(b Vector) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

// Eye is where things are looked at from: the middle of the screen, and how many
// pixels what is one unit large is at a distance of one unit.
type Eye struct{ X, Y, Focus float64 }

// Board is a patterned board, or a kite, that turns and drifts in space. Its picture changes as
// affine warps can follow for a while only.
type Board struct {
	Middle, Drift  Vector  // where it is, and how far it goes to and fro
	pace           Vector  // of that, in turns a second
	spin, nod      float64 // of the board about two axes, the same
	phase          [5]float64
	width, height  float64 // half of its sides
	waves          [2]float64
	kite           bool
	sway           float64    // of a kite, which does not turn all round: half the angle
	light, darkest [3]float64 // colours
}

// NewBoard makes one by chance, of about the given size, in the middle.
func NewBoard(r *rand.Rand, size float64) *Board {
	b := &Board{
		pace: Vector{0.1 + 0.3*r.Float64(), 0.1 + 0.3*r.Float64(), 0.1 + 0.3*r.Float64()},
		spin: 0.1 + 0.5*r.Float64(), nod: 0.3 * r.Float64(),
		width: size * (0.8 + 0.5*r.Float64()), height: size * (0.8 + 0.5*r.Float64()),
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

// Pose is a board at a time.
type Pose struct {
	c, u, v Vector  // its middle and half its sides
	Bright  float64 // 0 to 1: the light that falls on it
}

// At is the pose at a time in seconds.
func (b *Board) At(seconds float64) Pose {
	wave := func(pace float64, k int) float64 { return math.Sin(2*math.Pi*pace*seconds + b.phase[k]) }
	var p Pose
	for i := range 3 {
		p.c[i] = b.Middle[i] + b.Drift[i]*wave(b.pace[i], i)
	}
	turn := 2*math.Pi*b.spin*seconds + b.phase[3]
	if b.kite {
		turn = b.sway * math.Sin(turn)
	}
	sa, ca := math.Sincos(turn)
	sn, cn := math.Sincos(0.9 * wave(b.nod, 4))
	// Turned in its plane, and then nodded about the horizontal axis.
	p.u = Vector{b.width * ca, b.width * sa * cn, b.width * sa * sn}
	p.v = Vector{-b.height * sa, b.height * ca * cn, b.height * ca * sn}
	n := p.u.cross(p.v)
	p.Bright = 0.45 + 0.55*math.Abs(n.dot(Vector{0.3, -0.4, 0.87}))/math.Sqrt(n.dot(n))
	return p
}

// Corners are the board's characteristic points on the screen.
func (p *Pose) Corners(e Eye) (all [4]layers.Point) {
	for i, s := range [4][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		c := p.c.plus(p.u, s[0]).plus(p.v, s[1])
		all[i] = layers.Point{X: c[0]/c[2]*e.Focus + e.X, Y: c[1]/c[2]*e.Focus + e.Y}
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

// Draw draws the board into w by h pixels of ARGB8888, of which pixel x, y lies at
// ox+z*x, oy+z*y of the screen.
func (b *Board) Draw(to layers.Pixels, w, h int, ox, oy, z float64, p Pose, e Eye) {
	// A ray d meets the board at u = -d.(c x v) / d.(u x v), v = d.(c x u) / d.(u x v).
	nu, nv, n := p.c.cross(p.v), p.c.cross(p.u), p.u.cross(p.v)
	// How many pixels of the picture half a side is long, about.
	sharp := [2]float64{b.width * e.Focus / p.c[2] / z, b.height * e.Focus / p.c[2] / z}
	step := Vector{z / e.Focus, 0, 0}
	for y := range h {
		d := Vector{(ox - e.X) / e.Focus, (oy + z*float64(y) - e.Y) / e.Focus, 1}
		k, ks, uk, us, vk, vs := d.dot(n), step.dot(n), -d.dot(nu), -step.dot(nu), d.dot(nv), step.dot(nv)
		row := to.Pix[y*to.Pitch:][:4*w]
		for x := range w {
			r := 1 / (k + ks*float64(x))
			u, v := (uk+us*float64(x))*r, (vk+vs*float64(x))*r
			px := row[4*x : 4*x+4 : 4*x+4]
			a := min((1-math.Abs(u))*sharp[0], (1-math.Abs(v))*sharp[1]) + 0.5
			var f float64
			if b.kite {
				var edge float64
				edge, f = kite(u, v)
				a = min(a, edge*sharp[0]+0.5)
			} else {
				f = sine(u*b.waves[0]/2) * sine(v*b.waves[1]/2)
			}
			if !(a > 0) {
				clear(px)
				continue
			}
			for i := range 3 {
				px[i] = uint8(p.Bright * (b.light[i]*f + b.darkest[i]*(1-f)))
			}
			px[3] = uint8(255 * min(a, 1))
		}
	}
}

// kiteColors are of a kite's halves: blue, green, red.
var kiteColors = [][2][3]float64{
	{{60, 70, 225}, {215, 240, 250}}, {{150, 120, 20}, {90, 220, 255}}, {{190, 90, 40}, {70, 170, 250}},
	{{130, 60, 180}, {210, 190, 255}}, {{70, 140, 40}, {190, 245, 235}}, {{50, 40, 150}, {80, 190, 250}},
}

// NewKite makes one by chance, of about the given size, in the middle.
func NewKite(r *rand.Rand, size float64) *Board {
	b := NewBoard(r, size)
	b.kite, b.sway = true, 0.25+0.4*r.Float64()
	b.height = 1.35 * b.width
	c := kiteColors[r.IntN(len(kiteColors))]
	b.light, b.darkest = c[0], c[1]
	return b
}

// kite is how far inside of a kite a place on its board is, in halves of its width, and
// how much of its first colour is there. A tail with bows hangs below it.
func kite(u, v float64) (edge, f float64) {
	const cross, foot = -0.45, 0.35 // where the spars meet, and where the sail ends
	side := math.Abs(u)
	if v < cross {
		edge = (v+1)/(cross+1) - side
	} else {
		edge = (foot-v)/(foot-cross) - side
	}
	if (u > 0) == (v > cross) {
		f = 1
	}
	if side < 0.03 || math.Abs(v-cross) < 0.022 { // the spars
		f = 0.5
	}
	if v > foot-0.02 {
		d := math.Abs(u - 0.12*math.Sin((v-foot)*11))
		bow := math.Abs(math.Mod(v-foot+0.05, 0.2)-0.1) * 3
		edge, f = max(0.03-d, min(0.17-d, d*0.55+0.03-bow)), 1
	}
	return edge, f
}
