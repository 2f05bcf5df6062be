package layers_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/layers"
)

// A picture turns on the screen for three seconds. It is drawn once.
func Example() {
	ctx := context.Background()
	card, err := hostdriver.Open(ctx, "hosted:")
	if err != nil {
		log.Fatal(err)
	}
	defer card.Close()
	if err := turn(ctx, card); err != nil {
		log.Fatal(err)
	}
}

func turn(ctx context.Context, card *hostdriver.Card) error {
	screen, err := hostdriver.Bind(ctx, card, "/screen", graphics.ScreenType)
	if err != nil {
		return err
	}
	defer screen.Release()
	g, err := hostdriver.Bind(ctx, card, "/graphics", graphics.GraphicsType)
	if err != nil {
		return err
	}
	defer g.Release()
	device, err := g.Open(ctx, graphics.DeviceOptions{Name: "turn"})
	if err != nil {
		return err
	}
	defer device.Release()
	scene, err := layers.New(ctx, device)
	if err != nil {
		return err
	}
	defer scene.Close()
	scene.Card = card // for Write, which reaches pixels

	const side = 64
	square, err := scene.Add(ctx, layers.Options{Width: side, Height: side})
	if err != nil {
		return err
	}
	if err := square.Write(ctx, side, side, func(p layers.Pixels) {
		for y := range side {
			for x := range side { // blue, green, red, alpha
				copy(p.Pix[y*p.Pitch+4*x:], []byte{64, byte(4 * y), byte(4 * x), 255})
			}
		}
	}); err != nil {
		return err
	}
	for i := range 180 {
		sin, cos := math.Sincos(float64(i) / 30)
		c, s := float32(2*cos), float32(2*sin) // twice as large, turned
		const mid = side / 2
		if err := square.Place(graphics.Affine{XX: c, XY: -s, YX: s, YY: c, X0: 320 - (c-s)*mid, Y0: 240 - (s+c)*mid}); err != nil {
			return err
		}
		if _, err := screen.WaitBlank(ctx); err != nil {
			return err
		}
	}
	return nil
}

// What a picture of three points has to be warped by to show where they are now.
func ExampleFit() {
	was := []layers.Point{{X: 0, Y: 0}, {X: 10, Y: 0}, {X: 0, Y: 10}}
	is := []layers.Point{{X: 5, Y: 5}, {X: 25, Y: 5}, {X: 5, Y: 15}}
	m, ok := layers.Fit(was, is)
	fmt.Printf("%v: %.0f times as wide, %.0f as high; off by %.0f pixels\n", ok, m.XX, m.YY, layers.Off(m, was, is))
	// Output: true: 2 times as wide, 1 as high; off by 0 pixels
}
