package scenes

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver/layers"
)

// Layers is hundreds of pictures that move on their own: leaves that fall, which the
// card turns without any of them being drawn again, and kites that turn in space, too
// many to draw all of them in the time of a frame.
type Layers struct {
	Kites, Leaves int // 0 means the defaults

	stage  *Stage
	device graphics.Device
	scene  *layers.Scene
	eye    Eye
	kites  []turning
	leaves []leaf
	count  struct{ frames, error, drawn, warped float64 }
}

// turning is a kite on its layer.
type turning struct {
	*Board
	layer *layers.Layer
	now   Pose    // to be drawn
	drawn float64 // how bright the picture there is is
}

// leaf is one of the pictures that are only moved.
type leaf struct {
	layer             *layers.Layer
	x, fall, sway     float64 // pixels, pixels a second
	spin, phase, size float64
}

const (
	someKites  = 48
	someLeaves = 180
	leafPixels = 24
	lightError = 12 // pixels that a kite is off which was bright and is dark
)

// Title implements Scene.
func (l *Layers) Title() string { return "layers under overload" }

// Text implements Scene.
func (l *Layers) Text() []string {
	return []string{
		"Every leaf and every kite is a picture of its own. The card moves, turns and",
		"stretches them; nothing is drawn for that. The kites turn in space, so their",
		"pictures age: the card has those drawn anew that are most off for what they cost,",
		"as many as there is time for, and warps the others.",
	}
}

// Open implements Scene.
func (l *Layers) Open(ctx context.Context, s *Stage) (err error) {
	l.stage = s
	w, h := float64(s.Info.Width), float64(s.Info.Height)
	l.eye = Eye{X: w / 2, Y: h / 2, Focus: h * 1.2}
	if l.device, err = s.device(ctx, "layers"); err != nil {
		return err
	}
	if l.scene, err = layers.New(ctx, l.device); err == nil {
		l.scene.Card = s.Card
		err = l.fill(ctx, w, h)
	}
	if err != nil {
		l.Close()
	}
	return err
}

func (l *Layers) fill(ctx context.Context, w, h float64) error {
	r := rand.New(rand.NewPCG(3, 5))
	sw, sh := l.stage.Info.Width, l.stage.Info.Height
	sky, err := l.scene.Add(ctx, layers.Options{Width: sw, Height: sh, Format: graphics.XRGB8888, Depth: 1 << 20})
	if err != nil {
		return err
	}
	if err := sky.Write(ctx, sw, sh, func(p layers.Pixels) { paintSky(p, int(sw), int(sh)) }); err != nil {
		return err
	}
	if err := sky.Place(graphics.Affine{XX: 1, YY: 1}); err != nil {
		return err
	}
	for range or(l.Kites, someKites) {
		if err := l.addKite(ctx, r, w, h); err != nil {
			return err
		}
	}
	for i := range or(l.Leaves, someLeaves) {
		if err := l.addLeaf(ctx, r, i, w); err != nil {
			return err
		}
	}
	return nil
}

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

func (l *Layers) addKite(ctx context.Context, r *rand.Rand, w, h float64) error {
	b := NewKite(r, h/9)
	near := 1 - float64(len(l.kites))/float64(or(l.Kites, someKites)) // few near, many far
	z := h * (1.3 + 3.2*(1-near*near))
	b.Middle = Vector{(r.Float64() - 0.5) * z * w / h, (0.55*r.Float64() - 0.45) * z * 0.85, z}
	b.Drift = Vector{w / 16 * r.Float64(), h / 16 * r.Float64(), h / 8 * r.Float64()}
	at := len(l.kites)
	l.kites = append(l.kites, turning{Board: b})
	side := uint32(h / 2.5)
	layer, err := l.scene.Add(ctx, layers.Options{
		Width: side, Height: side, Depth: int32(z), Margin: 1, Least: 0.5,
		Draw: func(ctx context.Context, d *layers.Drawing) error {
			b := &l.kites[at]
			b.drawn = b.now.Bright
			return d.Write(ctx, func(p layers.Pixels) {
				b.Draw(p, int(d.Width), int(d.Height), float64(d.Place.X0), float64(d.Place.Y0), float64(d.Place.XX), b.now, l.eye)
			})
		},
	})
	l.kites[at].layer = layer
	return err
}

func (l *Layers) addLeaf(ctx context.Context, r *rand.Rand, i int, w float64) error {
	f := leaf{x: r.Float64() * w, fall: 20 + 60*r.Float64(), sway: 10 + 40*r.Float64(), spin: r.Float64() - 0.5, phase: 20 * r.Float64(), size: 0.4 + 0.9*r.Float64()}
	layer, err := l.scene.Add(ctx, layers.Options{Width: leafPixels, Height: leafPixels, Depth: int32(float64(l.stage.Info.Height) * 2 * (1 - f.size/2))})
	if err != nil {
		return err
	}
	f.layer = layer
	l.leaves = append(l.leaves, f)
	shade := 0.6 + 0.4*r.Float64()
	if err := layer.Write(ctx, leafPixels, leafPixels, func(p layers.Pixels) { paintLeaf(p, i%3, shade) }); err != nil {
		return err
	}
	// Some are as thin as what falls far away.
	return layer.Remote().SetColor(uint32(150+105*min(f.size, 1))<<24 | 0xffffff)
}

// Frame implements Scene.
func (l *Layers) Frame(ctx context.Context, t Tick) error {
	for i := range l.kites {
		b := &l.kites[i]
		b.now = b.At(t.Time)
		c := b.now.Corners(l.eye)
		b.layer.Pose(c[:])
		b.layer.Change(lightError * math.Abs(b.now.Bright-b.drawn))
	}
	h := float64(l.stage.Info.Height)
	for i := range l.leaves {
		f := &l.leaves[i]
		y := math.Mod(f.fall*t.Time+f.phase*h, h+2*leafPixels) - leafPixels
		sin, cos := math.Sincos(2*math.Pi*f.spin*t.Time + f.phase)
		flat := 0.3 + 0.7*math.Abs(math.Sin(t.Time+f.phase)) // it tumbles
		m := graphics.Affine{XX: float32(f.size * cos), XY: float32(-f.size * sin * flat), YX: float32(f.size * sin), YY: float32(f.size * cos * flat)}
		mid := float32(leafPixels-1) / 2
		m.X0 = float32(f.x+f.sway*math.Sin(0.7*t.Time+f.phase)) - (m.XX+m.XY)*mid
		m.Y0 = float32(y) - (m.YX+m.YY)*mid
		if err := f.layer.Place(m); err != nil {
			return err
		}
	}
	fr, err := l.scene.Frame(ctx)
	l.count.frames++
	l.count.drawn += float64(fr.Drawn)
	l.count.warped += float64(fr.Warped)
	l.count.error += fr.Error / float64(max(len(l.kites), 1))
	return err
}

// Figures implements Scene.
func (l *Layers) Figures() string {
	c, n := &l.count, max(l.count.frames, 1)
	return fmt.Sprintf("%d layers; of %d kites %.1f drawn a frame, %.1f warped; a kite is off by %.2f pixels", len(l.kites)+len(l.leaves)+1, len(l.kites), c.drawn/n, c.warped/n, c.error/n)
}

// Close implements Scene.
func (l *Layers) Close() {
	if l.scene != nil {
		l.scene.Close()
	}
	if l.device != nil {
		l.device.Release()
	}
}

// paintSky paints dusk over hills.
func paintSky(p layers.Pixels, w, h int) {
	for x := range w {
		u := float64(x) / float64(w) * 160
		far := 0.68 + 0.05*math.Sin(u/17+2) + 0.02*math.Sin(u/5)
		near := 0.76 + 0.06*math.Sin(u/11) + 0.03*math.Sin(u/3.7+1) + 0.004*math.Sin(u*1.9)
		for y := range h {
			f := (float64(y) + 0.5) / float64(h)
			// What of the pixel lies behind each ridge, for a smooth edge.
			cut := func(ridge float64) float64 { return min(max((f-ridge)*float64(h)+0.5, 0), 1) }
			c := [3]float64{120 - 40*f, 60 + 50*f, 110 + 110*f} // blue, green, red
			c = mix(c, [3]float64{96 - 20*f, 62, 84}, cut(far))
			c = mix(c, [3]float64{70 - 40*f, 52 - 25*f, 50 - 30*f}, cut(near))
			at := y*p.Pitch + 4*x
			p.Pix[at], p.Pix[at+1], p.Pix[at+2], p.Pix[at+3] = byte(c[0]), byte(c[1]), byte(c[2]), 0
		}
	}
}

// mix is the first colour, and f of the second over it.
func mix(a, b [3]float64, f float64) [3]float64 {
	for i := range a {
		a[i] += (b[i] - a[i]) * f
	}
	return a
}

// paintLeaf paints a leaf with a vein, and nothing at the edges of the picture.
func paintLeaf(p layers.Pixels, kind int, shade float64) {
	colors := [3][3]float64{{30, 110, 230}, {40, 170, 210}, {30, 60, 190}}
	for y := range leafPixels {
		for x := range leafPixels {
			u, v := (float64(x)+0.5)/leafPixels*2-1, (float64(y)+0.5)/leafPixels*2-1
			// Between two arcs from top to bottom.
			edge := 0.55*(1-v*v*1.2) - math.Abs(u)
			a := min(max(edge*leafPixels/2, 0), 1)
			k := shade
			if math.Abs(u) < 0.07 || math.Abs(math.Mod(v+math.Abs(u)+2, 0.4)-0.2) < 0.03 {
				k *= 0.7
			}
			at := y*p.Pitch + 4*x
			for i := range 3 {
				p.Pix[at+i] = byte(colors[kind][i] * k)
			}
			p.Pix[at+3] = byte(255 * a)
		}
	}
}
