// Command sprites moves balls over a picture, as games of its time do: a flip chain of
// 16 bits a pixel, sprites with a colour key, and a background that is copied anew for
// every frame. See it with "mmlite shot", in a browser with "mmlite monitor", or as a
// file with "mmlite run --video".
//
//	go install ./tools/mmlite
//	mmlite run --web :8080 &
//	go run ./hostdriver/examples/sprites -card hosted:card
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"log"
	"math"
	"time"

	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/ddraw"
)

const (
	width  = 640
	height = 480
	// clear is the colour of sprites' pixels that are not drawn: magenta.
	clear = 0xf81f
)

func main() {
	url := flag.String("card", "hosted:card", "the card to draw on, as for mmlite --card")
	seconds := flag.Float64("seconds", 10, "how long to move")
	balls := flag.Int("balls", 24, "how many balls")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(*seconds*float64(time.Second))+10*time.Second)
	defer cancel()
	card, err := hostdriver.Open(ctx, *url)
	if err != nil {
		log.Fatal(err)
	}
	began := time.Now()
	frames, err := play(ctx, card, *balls, func(int) bool { return time.Since(began).Seconds() < *seconds })
	if err = errors.Join(err, card.Close()); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d frames of %d balls in %.1f s: %.1f a second\n", frames, *balls, time.Since(began).Seconds(), float64(frames)/time.Since(began).Seconds())
}

// play moves balls for as long as more says so of the number of frames shown.
func play(ctx context.Context, card *hostdriver.Card, balls int, more func(frames int) bool) (frames int, err error) {
	dd, err := ddraw.Create(ctx, card)
	if err != nil {
		return 0, err
	}
	defer dd.Close()
	if err := dd.SetDisplayMode(ctx, width, height, 16); err != nil {
		return 0, err
	}
	front, err := dd.CreateSurface(ctx, ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface | ddraw.FlipCap | ddraw.Complex, BackBufferCount: 2})
	if err != nil {
		return 0, err
	}
	back, err := front.AttachedSurface(ddraw.BackBuffer)
	if err != nil {
		return 0, err
	}
	ground, err := paint(ctx, dd, width, height, ddraw.RGB565, nil, background)
	if err != nil {
		return 0, err
	}
	var sprites []*ddraw.Surface
	for i, size := range []int{32, 48, 64} {
		s, err := paint(ctx, dd, size, size, ddraw.RGB565, &ddraw.ColorKey{Low: clear, High: clear}, ball(size, i))
		if err != nil {
			return 0, err
		}
		sprites = append(sprites, s)
	}
	all := throw(balls, len(sprites))
	for more(frames) {
		if err := back.BltFast(0, 0, ground, nil, ddraw.NoColorKey); err != nil {
			return frames, err
		}
		for i := range all {
			b := &all[i]
			s := sprites[b.sprite]
			x, y := b.move(int(s.Desc().Width))
			if err := back.BltFast(x, y, s, nil, ddraw.SrcColorKey); err != nil {
				return frames, err
			}
		}
		if err := front.Flip(ctx, ddraw.FlipWait); err != nil {
			return frames, err
		}
		frames++
	}
	return frames, nil
}

// paint makes a surface and writes its pixels.
func paint(ctx context.Context, dd *ddraw.DirectDraw, w, h int, f ddraw.PixelFormat, key *ddraw.ColorKey, pixel func(x, y int) uint16) (*ddraw.Surface, error) {
	s, err := dd.CreateSurface(ctx, ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: uint32(w), Height: uint32(h), PixelFormat: f, SrcBlt: key})
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

// rgb is a pixel of colours from 0 to 1.
func rgb(r, g, b float64) uint16 {
	at := func(v, most float64) uint16 { return uint16(math.Round(min(max(v, 0), 1) * most)) }
	return at(r, 31)<<11 | at(g, 63)<<5 | at(b, 31)
}

// background is a floor of tiles under an evening sky.
func background(x, y int) uint16 {
	const horizon = height * 9 / 16
	if y < horizon {
		t := float64(y) / horizon
		if star(x, y) && t < 0.7 {
			return rgb(0.9, 0.9, 1)
		}
		return rgb(0.05+0.75*t*t, 0.05+0.35*t*t, 0.25+0.15*t)
	}
	// A plane seen from above: what is far is small.
	z := 60 / (float64(y-horizon) + 1)
	u := float64(x-width/2) * z / 40
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
			return clear
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
			sprite: i % sprites, x: width/2 + 200*math.Cos(a), y: 60 + float64(i%7)*20,
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
	if right := float64(width - size); b.x < 0 || b.x > right {
		b.vx = -b.vx
		b.x = min(max(b.x, 0), right)
	}
	if floor := float64(height - size); b.y > floor {
		b.y = floor
		b.vy = -math.Sqrt(2 * gravity * (250 + float64(size))) // as high as ever
	}
	return int32(b.x), int32(max(b.y, 0))
}
