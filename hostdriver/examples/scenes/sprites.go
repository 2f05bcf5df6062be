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
	thrown []thrown
	frames int
}

const (
	spriteWidth  = 640
	spriteHeight = 480
	someBalls    = 24
)

// spriteSizes are those of the kinds of balls, in pixels.
var spriteSizes = [...]int{32, 48, 64}

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
		x, y := b.move(spriteSizes[b.sprite])
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
		pixels += size * size
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

// paintFloor is a floor of tiles under an evening sky.
func paintFloor(x, y int) uint16 {
	const horizon = spriteHeight * 9 / 16
	if y < horizon {
		t := float64(y) / horizon
		if star(x, y) && t < 0.7 {
			return rgb(0.9, 0.9, 1)
		}
		return rgb(0.05+0.75*t*t, 0.05+0.35*t*t, 0.25+0.15*t)
	}
	// A plane seen from above: what is far is small.
	z := 60 / (float64(y-horizon) + 1)
	u := float64(x-spriteWidth/2) * z / 40
	dark := (int(math.Floor(u))+int(math.Floor(z*30)))%2 != 0
	far := min(z/6, 1)
	if dark {
		return rgb(0.10+0.5*far, 0.22+0.15*far, 0.30)
	}
	return rgb(0.45+0.3*far, 0.60-0.2*far, 0.65-0.3*far)
}

// star reports whether there is one: as good as anywhere, and always the same.
func star(x, y int) bool {
	n := uint32(x)*2654435761 ^ uint32(y)*2246822519
	n ^= n >> 13
	n *= 3266489917
	return n>>16%700 == 0
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
		all[i] = thrown{
			sprite: i % sprites, x: spriteWidth/2 + 200*math.Cos(a), y: 60 + float64(i%7)*20,
			vx: 3 * math.Sin(a*3), vy: 0,
		}
	}
	return all
}

// move lets a frame pass, and says where the ball is then.
func (b *thrown) move(size int) (x, y int32) {
	const gravity = 0.25
	b.vy += gravity
	b.x += b.vx
	b.y += b.vy
	if right := float64(spriteWidth - size); b.x < 0 || b.x > right {
		b.vx = -b.vx
		b.x = min(max(b.x, 0), right)
	}
	if floor := float64(spriteHeight - size); b.y > floor {
		b.y = floor
		b.vy = -math.Sqrt(2 * gravity * (250 + float64(size))) // as high as ever
	}
	return int32(b.x), int32(max(b.y, 0))
}
