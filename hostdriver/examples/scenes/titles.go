package scenes

import (
	"context"
	"encoding/binary"
	"math"
	"time"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver/layers"
)

// Titles is what is written over scenes and between them: three layers in front of all
// others, of which the card changes the opacity and nothing is drawn anew.
type Titles struct {
	stage                  *Stage
	device                 graphics.Device
	scene                  *layers.Scene
	curtain, caption, text *layers.Layer
}

const (
	curtainSide  = 16 // pixels, which the card stretches over the screen
	fade         = 0.5
	captionFrom  = 0.7 // s, when a caption comes
	captionUntil = 5.5
	// LeastTitled is how long a scene has to be for titles, in seconds.
	LeastTitled = 4
)

// NewTitles makes them, with nothing to be seen. Close is due.
func NewTitles(ctx context.Context, s *Stage) (t *Titles, err error) {
	t = &Titles{stage: s}
	defer func() {
		if err != nil {
			t.Close()
		}
	}()
	if t.device, err = s.device(ctx, "titles"); err != nil {
		return t, err
	}
	if t.scene, err = layers.New(ctx, t.device); err != nil {
		return t, err
	}
	t.scene.Card = s.Card
	w, h := s.Info.Width, s.Info.Height
	add := func(depth int32, width, height uint32, f graphics.Format, m graphics.Affine) (l *layers.Layer) {
		if err != nil {
			return nil
		}
		if l, err = t.scene.Add(ctx, layers.Options{Width: width, Height: height, Format: f, Depth: math.MinInt32 + depth}); err == nil {
			err = opacity(l, 0)
		}
		if err == nil {
			err = l.Place(m)
		}
		return l
	}
	// Wider than the screen: a layer ends at the middle of its last pixels.
	cx, cy := float32(w)/(curtainSide-2), float32(h)/(curtainSide-2)
	t.curtain = add(2, curtainSide, curtainSide, graphics.XRGB8888, graphics.Affine{XX: cx, YY: cy, X0: -cx / 2, Y0: -cy / 2})
	t.caption = add(1, w, t.band(), graphics.ARGB8888, graphics.Affine{XX: 1, YY: 1, Y0: float32(h - t.band())})
	t.text = add(0, w, h, graphics.ARGB8888, graphics.Affine{XX: 1, YY: 1})
	if err == nil {
		err = t.curtain.Write(ctx, curtainSide, curtainSide, func(p layers.Pixels) {
			for y := range curtainSide {
				clear(p.Pix[y*p.Pitch:][:4*curtainSide])
			}
		})
	}
	return t, err
}

// Close takes them off the screen.
func (t *Titles) Close() {
	if t.scene != nil {
		_ = t.scene.Close() // of a card that is gone, at worst
	}
	if t.device != nil {
		t.device.Release()
	}
}

// opacity makes a layer as opaque as that, and hides it if it is not at all.
func opacity(l *layers.Layer, f float64) error {
	alpha := uint32(255*min(max(f, 0), 1) + 0.5)
	if err := l.Remote().Show(alpha > 0); err != nil || alpha == 0 {
		return err
	}
	return l.Remote().SetColor(alpha<<24 | 0xffffff)
}

// unit is how many pixels a dot of small letters has.
func (t *Titles) unit() int { return max(1, int(min(t.stage.Info.Width/320, t.stage.Info.Height/240))) }

// band is the height of a caption.
func (t *Titles) band() uint32 { return min(uint32(36*t.unit()), t.stage.Info.Height) }

// Caption writes what a scene is, to be shown by Show.
func (t *Titles) Caption(ctx context.Context, title, text string) error {
	u := t.unit()
	return t.caption.Write(ctx, t.stage.Info.Width, t.band(), func(p layers.Pixels) {
		c := canvas{p, int(t.stage.Info.Width), int(t.band())}
		for y := range c.h {
			// Darker towards the lower edge of the screen.
			a := 225 * math.Sqrt(float64(y)/float64(c.h))
			for x := range c.w {
				c.put(x, y, 0x0a0d14, uint8(a))
			}
		}
		c.bar(10*u, 9*u, 2*u, 21*u, 0x3ab8ad)
		c.write(title, 17*u, 9*u, u*3/2+u%2, 0xffffff)
		c.write(text, 17*u, 23*u, u, 0xc3ccd2)
	})
}

// Show is how curtain and caption are at a time of a scene, both in seconds: the scene
// fades in and out, and is named meanwhile.
func (t *Titles) Show(at, length float64) error {
	in, out := 1-at/fade, 1-(length-at)/fade
	if err := opacity(t.curtain, max(in, out)); err != nil {
		return err
	}
	return opacity(t.caption, min((at-captionFrom)/fade, (min(captionUntil, length-1)-at)/fade))
}

// Lift takes the curtain away until the next Show, and returns once that is seen.
func (t *Titles) Lift(ctx context.Context) error {
	if err := opacity(t.curtain, 0); err != nil {
		return err
	}
	for range 2 { // the blank at which it goes, and the one that shows it gone
		if _, err := t.stage.Screen.WaitBlank(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Card shows a text on black for so many seconds: a title, and lines.
func (t *Titles) Card(ctx context.Context, seconds float64, title string, lines ...string) error {
	u := t.unit()
	err := t.text.Write(ctx, t.stage.Info.Width, t.stage.Info.Height, func(p layers.Pixels) {
		c := canvas{p, int(t.stage.Info.Width), int(t.stage.Info.Height)}
		for y := range c.h {
			clear(p.Pix[y*p.Pitch:][:4*c.w])
		}
		y := c.h/2 - (44+14*len(lines))*u/2
		c.write(title, (c.w-len(title)*letterWidth*4*u)/2, y, 4*u, 0xf0ece2)
		c.bar(c.w/2-20*u, y+36*u, 40*u, u, 0x3ab8ad)
		for i, line := range lines {
			c.write(line, (c.w-len(line)*letterWidth*u)/2, y+(48+14*i)*u, u, 0xc3ccd2)
		}
	})
	if err != nil {
		return err
	}
	if err := opacity(t.curtain, 1); err != nil {
		return err
	}
	defer func() { _ = opacity(t.text, 0) }() // of a card that is gone, at worst
	begin := time.Now()
	for ctx.Err() == nil {
		at := time.Since(begin).Seconds()
		if at >= seconds {
			return nil
		}
		if err := opacity(t.text, min(at/fade, (seconds-at)/fade)); err != nil {
			return err
		}
		if _, err := t.stage.Screen.WaitBlank(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// canvas is pixels to write on, of ARGB8888.
type canvas struct {
	layers.Pixels
	w, h int
}

func (c canvas) put(x, y int, rgb uint32, alpha uint8) {
	if x >= 0 && y >= 0 && x < c.w && y < c.h {
		binary.LittleEndian.PutUint32(c.Pix[y*c.Pitch+4*x:], uint32(alpha)<<24|rgb)
	}
}

func (c canvas) bar(x, y, w, h int, rgb uint32) {
	for i := range w * h {
		c.put(x+i%w, y+i/w, rgb, 255)
	}
}

func (c canvas) write(text string, x, y, scale int, rgb uint32) {
	write(text, x, y, scale, func(x, y int) { c.put(x, y, rgb, 255) })
}
