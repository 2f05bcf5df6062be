package scenes

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/mmlite/mmlite/hostdriver/ddraw"
)

// Sprites is balls that jump over a picture, as games of its time do it: a flip chain
// of 16 bits a pixel, sprites with a colour key, and a background that is copied anew
// for every frame.
type Sprites struct {
	Balls int // 0 means the default

	dd     *ddraw.DirectDraw
	front  *ddraw.Surface
	back   *ddraw.Surface
	ground *ddraw.Surface
	kinds  []*ddraw.Surface
	shades []*ddraw.Surface // the shadow of each kind
	thrown []thrown
	frames int
}

const (
	spriteWidth  = 640
	spriteHeight = 480
	someBalls    = 24
)

// spriteSizes are those of the kinds of balls, in pixels: the smaller, the farther away,
// and the higher on the picture is the floor under them.
var (
	spriteSizes  = [...]int{32, 48, 64}
	spriteFloors = [...]int{340, 392, 460}
)

// Title implements Scene.
func (s *Sprites) Title() string { return "sprites with a colour key" }

// Text implements Scene.
func (s *Sprites) Text() []string {
	return []string{
		"A flip chain of three pictures of 16 bits a pixel. The background is copied anew",
		"for every frame, and the balls over it, but for the pixels of their key colour.",
	}
}

// Open implements Scene.
func (s *Sprites) Open(ctx context.Context, st *Stage) (err error) {
	if err = s.open(ctx, st); err != nil {
		s.Close()
	}
	return err
}

func (s *Sprites) open(ctx context.Context, st *Stage) (err error) {
	if s.dd, err = ddraw.Create(ctx, st.Card); err != nil {
		return err
	}
	if err = s.dd.SetDisplayMode(ctx, spriteWidth, spriteHeight, 16); err != nil {
		return err
	}
	if s.front, err = s.dd.CreateSurface(ctx, ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface | ddraw.FlipCap | ddraw.Complex, BackBufferCount: 2}); err != nil {
		return err
	}
	if s.back, err = s.front.AttachedSurface(ddraw.BackBuffer); err != nil {
		return err
	}
	if s.ground, err = picture16(ctx, s.dd, spriteWidth, spriteHeight, false, paintFloor); err != nil {
		return err
	}
	for kind, size := range spriteSizes {
		b, err := picture16(ctx, s.dd, size, size, true, ball(size, kind))
		if err != nil {
			return err
		}
		s.kinds = append(s.kinds, b)
		if b, err = picture16(ctx, s.dd, size, size/4, true, shadow(size, size/4)); err != nil {
			return err
		}
		s.shades = append(s.shades, b)
	}
	s.thrown = throw(or(s.Balls, someBalls), len(s.kinds))
	return nil
}

// Frame implements Scene.
func (s *Sprites) Frame(ctx context.Context, _ Tick) error {
	if err := s.back.BltFast(0, 0, s.ground, nil, ddraw.NoColorKey); err != nil {
		return err
	}
	for i := range s.thrown {
		b := &s.thrown[i]
		b.move()
		x, y := b.shadow()
		if err := s.back.BltFast(x, y, s.shades[b.sprite], nil, ddraw.SrcColorKey); err != nil {
			return err
		}
	}
	for i := range s.thrown { // what is nearer is drawn later
		b := &s.thrown[i]
		x, y := b.at()
		if err := s.back.BltFast(x, y, s.kinds[b.sprite], nil, ddraw.SrcColorKey); err != nil {
			return err
		}
	}
	s.frames++
	return s.front.Flip(ctx, ddraw.FlipWait)
}

// Figures implements Scene.
func (s *Sprites) Figures() string {
	pixels := spriteWidth * spriteHeight
	for i := range s.thrown {
		size := spriteSizes[s.thrown[i].sprite]
		pixels += size*size + size*(size/4)
	}
	return fmt.Sprintf("%d balls, %.2f Mpixels copied a frame", len(s.thrown), float64(pixels)/1e6)
}

// Close implements Scene.
func (s *Sprites) Close() {
	if s.dd != nil {
		_ = s.dd.Close() // of a card that is gone, at worst
	}
}

// picture16 makes a surface of 16 bits a pixel, whose key is through if it has one.
func picture16(ctx context.Context, dd *ddraw.DirectDraw, w, h int, keyed bool, pixel func(x, y int) uint16) (*ddraw.Surface, error) {
	desc := ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: uint32(w), Height: uint32(h), PixelFormat: ddraw.RGB565}
	if keyed {
		desc.SrcBlt = &ddraw.ColorKey{Low: through, High: through}
	}
	s, err := dd.CreateSurface(ctx, desc)
	if err != nil {
		return nil, err
	}
	l, err := s.Lock(ctx, nil, ddraw.LockWait|ddraw.LockWriteOnly)
	if err != nil {
		return nil, err
	}
	for y := range h {
		row := l.Bits[y*l.Pitch:]
		for x := range w {
			binary.LittleEndian.PutUint16(row[2*x:], pixel(x, y))
		}
	}
	return s, s.Unlock()
}

// paintFloor is a floor of tiles under an evening sky. Colours are dithered, since 32
// steps of red in so soft a sky would be seen as stripes.
func paintFloor(x, y int) uint16 {
	const soft = 4 // by 4 samples of a pixel
	var r, g, b float64
	for i := range soft * soft {
		c := evening(float64(x)+(float64(i%soft)+0.5)/soft, float64(y)+(float64(i/soft)+0.5)/soft)
		r, g, b = r+c[0]/(soft*soft), g+c[1]/(soft*soft), b+c[2]/(soft*soft)
	}
	if y < skyline-120 && star(x, y) {
		r, g, b = 0.9, 0.9, 1
	}
	d := (float64(dither[y&3][x&3])+0.5)/16 - 0.5
	return rgb(r+d/31, g+d/63, b+d/31)
}

const skyline = spriteHeight * 9 / 16

// evening is the colour of a place of the background.
func evening(x, y float64) [3]float64 {
	const (
		sunX, sunY, sunSize = spriteWidth / 2, skyline - 46, 92
	)
	haze := [3]float64{0.86, 0.40, 0.40}
	if y < skyline {
		t := y / skyline
		c := mix([3]float64{0.04, 0.04, 0.20}, haze, t*t)
		d := math.Hypot(x-sunX, y-sunY)
		c = mix(c, [3]float64{1, 0.66, 0.42}, 0.55*math.Exp(-d/110))
		if d < sunSize {
			c = mix([3]float64{1, 0.42, 0.42}, [3]float64{1, 0.88, 0.55}, (sunY+sunSize-y)/(2*sunSize))
		}
		// Mountains, and what lies in front of them.
		u := x / spriteWidth * 40
		if y > skyline-34-22*math.Sin(u/3.1+1)-9*math.Sin(u*1.3)-3*math.Sin(u*3.7) {
			c = mix([3]float64{0.24, 0.12, 0.30}, haze, 0.35*t)
		}
		return c
	}
	// A plane seen from above: what is far is small, and in the haze.
	z := 60 / (y - skyline + 0.5)
	u := (x - spriteWidth/2) * z / 40
	c := [3]float64{0.42, 0.56, 0.66}
	if (int(math.Floor(u))+int(math.Floor(z*30)))%2 != 0 {
		c = [3]float64{0.09, 0.17, 0.28}
	}
	return mix(c, haze, min(z/4, 1))
}

// dither is in which order pixels of a square of 4 by 4 are made brighter (Bayer, 1973).
var dither = [4][4]int{{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}}

// star reports whether there is one: as good as anywhere, and always the same.
func star(x, y int) bool {
	n := uint32(x)*2654435761 ^ uint32(y)*2246822519
	n ^= n >> 13
	n *= 3266489917
	return n>>16%700 == 0
}

// shadow is an ellipse of which every second pixel is dark: a colour key knows nothing
// between.
func shadow(w, h int) func(x, y int) uint16 {
	return func(x, y int) uint16 {
		u, v := (float64(x)+0.5)/float64(w)*2-1, (float64(y)+0.5)/float64(h)*2-1
		if u*u+v*v > 1 || (x+y)%2 != 0 {
			return through
		}
		return rgb(0.05, 0.04, 0.10)
	}
}

// ball is a sphere in the light, around which there is nothing.
func ball(size, kind int) func(x, y int) uint16 {
	tint := [][3]float64{{1, 0.35, 0.25}, {0.35, 0.9, 0.4}, {0.4, 0.55, 1}}[kind]
	return func(x, y int) uint16 {
		r := float64(size) / 2
		dx, dy := (float64(x)+0.5-r)/r, (float64(y)+0.5-r)/r
		d := dx*dx + dy*dy
		if d > 1 {
			return through
		}
		z := math.Sqrt(1 - d)
		light := max(0, -0.5*dx-0.6*dy+0.62*z)
		shine := math.Pow(light, 24)
		v := 0.15 + 0.85*light
		return rgb(tint[0]*v+shine, tint[1]*v+shine, tint[2]*v+shine)
	}
}

// thrown is a ball on its way.
type thrown struct {
	sprite       int
	x, y, vx, vy float64
}

func throw(n, sprites int) []thrown {
	all := make([]thrown, n)
	for i := range all {
		a := float64(i) * 2.399963 // no two beside each other
		b := &all[i]
		*b = thrown{sprite: i * sprites / n, x: spriteWidth/2 + 250*math.Cos(a), vx: 2.5 * math.Sin(a*3)}
		// Somewhere on its way up and down.
		t := float64(i*7%n) / float64(n) * 2 * b.leap() / gravity
		b.y = b.floor() - b.leap()*t + gravity*t*t/2
		b.vy = gravity*t - b.leap()
	}
	return all
}

// move lets a frame pass.
func (b *thrown) move() {
	size := float64(spriteSizes[b.sprite])
	b.vy += gravity
	b.x += b.vx
	b.y += b.vy
	if right := spriteWidth - size; b.x < 0 || b.x > right {
		b.vx = -b.vx
		b.x = min(max(b.x, 0), right)
	}
	if b.y > b.floor() {
		b.y, b.vy = b.floor(), -b.leap()
	}
}

const gravity = 0.25 // pixels a frame, each frame

// floor is where the ball's picture is when it touches the floor, leap how fast it leaves
// it: always as high.
func (b *thrown) floor() float64 { return float64(spriteFloors[b.sprite] - spriteSizes[b.sprite]) }

func (b *thrown) leap() float64 {
	return math.Sqrt(2 * gravity * (90 + 3*float64(spriteSizes[b.sprite])))
}

// at is the upper left corner of the ball's picture, shadow that of its shadow's.
func (b *thrown) at() (x, y int32) { return int32(b.x), int32(max(b.y, 0)) }

func (b *thrown) shadow() (x, y int32) {
	return int32(b.x), int32(spriteFloors[b.sprite] - spriteSizes[b.sprite]/8)
}
