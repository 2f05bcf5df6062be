package scenes

import (
	"context"
	"math"

	"github.com/mmlite/mmlite/hostdriver/ddraw"
)

// art is the pictures of the game, of 16 bits a pixel.
type art struct {
	ground, bat, ball *ddraw.Surface
	bricks            [rows]*ddraw.Surface
	letters           *ddraw.Surface
	sparks            [rows]uint32
}

const (
	// through is the colour of sprites' pixels that are not drawn: magenta.
	through = 0xf81f
	// alphabet is what can be written, in the order of the picture of letters.
	alphabet = "0123456789SCORELVAT"
)

// rgb is a pixel of colours from 0 to 1.
func rgb(r, g, b float64) uint16 {
	at := func(v, most float64) uint16 { return uint16(math.Round(min(max(v, 0), 1) * most)) }
	return at(r, 31)<<11 | at(g, 63)<<5 | at(b, 31)
}

// hue is the colour of a row of bricks, 0 to 1.
func hue(row int) (r, g, b float64) {
	f := func(shift float64) float64 {
		return 0.55 + 0.45*math.Cos(2*math.Pi*(float64(row)/rows*0.85+shift))
	}
	return f(0), f(0.67), f(0.33)
}

// paint makes all of them. They are the device's, which lets go of them.
func (a *art) paint(ctx context.Context, dd *ddraw.DirectDraw) (err error) {
	picture := func(w, h int, keyed bool, pixel func(x, y int) uint16) (s *ddraw.Surface) {
		if err == nil {
			s, err = picture16(ctx, dd, w, h, keyed, pixel)
		}
		return s
	}
	a.ground = picture(gameWidth, gameHeight, false, paintGround)
	a.bat = picture(batWidth, 8, true, paintBat)
	a.ball = picture(ballSize, ballSize, true, paintBall)
	for row := range rows {
		r, g, b := hue(row)
		a.sparks[row] = uint32(rgb(r, g, b))
		a.bricks[row] = picture(brickWidth, brickHeight, false, func(x, y int) uint16 {
			k := 0.85
			switch {
			case x == brickWidth-1 || y == brickHeight-1:
				k = 0.15 // the joint
			case x == 0 || y == 0:
				k = 1.25
			case x == brickWidth-2 || y == brickHeight-2:
				k = 0.55
			}
			return rgb(r*k, g*k, b*k)
		})
	}
	dots := map[[2]int]bool{}
	write(alphabet, 0, 0, 1, func(x, y int) { dots[[2]int{x, y}] = true })
	a.letters = picture(letterWidth*len(alphabet), letterHeight, true, func(x, y int) uint16 {
		if dots[[2]int{x, y}] {
			return rgb(1, 1, 0.9)
		}
		return through
	})
	return err
}

// paintGround is a night sky with rays, and a frame on the top.
func paintGround(x, y int) uint16 {
	u, v := float64(x)/gameWidth-0.5, float64(y)/gameHeight
	if y < 14 {
		k := 0.25 + 0.2*math.Sin(float64(y)/14*math.Pi)
		return rgb(k*0.5, k*0.55, k)
	}
	ray := 0.5 + 0.5*math.Sin(math.Atan2(u, 1.25-v)*24)
	n := uint32(x)*2654435761 ^ uint32(y)*2246822519
	n ^= n >> 13
	n *= 3266489917
	if n>>16%900 == 0 {
		return rgb(0.6, 0.6, 0.8)
	}
	glow := v * v
	return rgb(0.04+0.22*glow+0.03*ray*glow, 0.03+0.05*glow+0.04*ray*glow, 0.12+0.25*glow+0.08*ray*glow)
}

// paintBat is a rounded bar, lit from above.
func paintBat(x, y int) uint16 {
	d := math.Abs(float64(x)-(batWidth-1)/2.) - (batWidth/2 - 4)
	if h := math.Abs(float64(y) - 3.5); d > 0 && math.Hypot(d, h) > 4 {
		return through
	}
	k := 1 - float64(y)/11
	if math.Abs(float64(x)-(batWidth-1)/2.) > batWidth/2-9 {
		return rgb(k, 0.45*k, 0.2*k)
	}
	return rgb(0.75*k, 0.8*k, 0.9*k)
}

// paintBall is a ball, lit from above on the left.
func paintBall(x, y int) uint16 {
	const c = (ballSize - 1) / 2.
	u, v := (float64(x)-c)/(c+0.5), (float64(y)-c)/(c+0.5)
	if u*u+v*v > 1 {
		return through
	}
	k := 0.75 - 0.35*(u+v)
	return rgb(k, k, k*0.9)
}

// draw draws a frame.
func (a *art) draw(to *ddraw.Surface, r *rules) error {
	if err := to.BltFast(0, 0, a.ground, nil, ddraw.NoColorKey); err != nil {
		return err
	}
	for y := range rows {
		for x := range columns {
			if r.bricks[y][x] {
				if err := to.BltFast(int32(wallLeft+x*brickWidth), int32(wallTop+y*brickHeight), a.bricks[y], nil, ddraw.NoColorKey); err != nil {
					return err
				}
			}
		}
	}
	for i := range r.sparks {
		if err := a.spark(to, &r.sparks[i]); err != nil {
			return err
		}
	}
	// What is over the edge is cut off by hand: BltFast does not clip.
	if err := a.sprite(to, a.bat, r.bat-batWidth/2, batTop); err != nil {
		return err
	}
	if err := a.sprite(to, a.ball, r.x-ballSize/2., r.y-ballSize/2.); err != nil {
		return err
	}
	if err := a.label(to, 6, "SCORE ", r.score, 5); err != nil {
		return err
	}
	return a.label(to, gameWidth-6-7*letterWidth, "LEVEL ", r.level, 1)
}

// label writes a text and the last digits of a number along the top.
func (a *art) label(to *ddraw.Surface, x int32, text string, n, digits int) error {
	const top = 3
	if err := a.write(to, x, top, text); err != nil {
		return err
	}
	x += int32(len(text)+digits) * letterWidth
	for range digits {
		x -= letterWidth
		if err := a.write(to, x, top, alphabet[n%10:n%10+1]); err != nil {
			return err
		}
		n /= 10
	}
	return nil
}

// spark is a square of two pixels, or of one when it has nearly gone.
func (a *art) spark(to *ddraw.Surface, s *spark) error {
	n := int32(2)
	if s.age > sparkLife/2 {
		n = 1
	}
	x, y := int32(s.x), int32(s.y)
	if x < 0 || y < 0 || x+n > gameWidth || y+n > gameHeight {
		return nil
	}
	return to.Blt(&ddraw.Rect{X0: x, Y0: y, X1: x + n, Y1: y + n}, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: a.sparks[s.row]})
}

// sprite draws what of a picture lies on the screen.
func (a *art) sprite(to, s *ddraw.Surface, fx, fy float64) error {
	d := s.Desc()
	x, y := int32(math.Round(fx)), int32(math.Round(fy))
	from := ddraw.Rect{X0: max(0, -x), Y0: max(0, -y), X1: min(int32(d.Width), gameWidth-x), Y1: min(int32(d.Height), gameHeight-y)}
	if from.X0 >= from.X1 || from.Y0 >= from.Y1 {
		return nil
	}
	return to.BltFast(x+from.X0, y+from.Y0, s, &from, ddraw.SrcColorKey)
}

// write writes a text.
func (a *art) write(to *ddraw.Surface, x, y int32, text string) error {
	for _, c := range text {
		for i, k := range alphabet {
			if k != c {
				continue
			}
			from := ddraw.Rect{X0: int32(i * letterWidth), X1: int32((i + 1) * letterWidth), Y1: letterHeight}
			if err := to.BltFast(x, y, a.letters, &from, ddraw.SrcColorKey); err != nil {
				return err
			}
			break
		}
		x += letterWidth
	}
	return nil
}
