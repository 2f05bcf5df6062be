package ddraw_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/ddraw"
)

// A square moves over the screen for two seconds.
func Example() {
	ctx := context.Background()
	card, err := hostdriver.Open(ctx, "hosted:")
	if err != nil {
		log.Fatal(err)
	}
	defer card.Close()
	if err := square(ctx, card); err != nil {
		log.Fatal(err)
	}
}

func square(ctx context.Context, card *hostdriver.Card) error {
	dd, err := ddraw.Create(ctx, card)
	if err != nil {
		return err
	}
	defer dd.Close() // and all that it made
	if err := dd.SetDisplayMode(ctx, 320, 240, 16); err != nil {
		return err
	}
	front, err := dd.CreateSurface(ctx, ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface | ddraw.FlipCap | ddraw.Complex, BackBufferCount: 1})
	if err != nil {
		return err
	}
	back, err := front.AttachedSurface(ddraw.BackBuffer)
	if err != nil {
		return err
	}
	const blue, yellow = 0x1111, 0xffe0 // 5 bits of red, 6 of green, 5 of blue
	for x := range int32(120) {
		if err := back.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: blue}); err != nil {
			return err
		}
		if err := back.Blt(&ddraw.Rect{X0: x, Y0: 40, X1: x + 40, Y1: 80}, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: yellow}); err != nil {
			return err
		}
		if err := front.Flip(ctx, ddraw.FlipWait); err != nil { // at the next vertical blank
			return err
		}
	}
	return nil
}

// Errors wrap the documented result codes.
func ExampleError() {
	err := fmt.Errorf("the picture: %w", ddraw.ErrSurfaceLost)
	if errors.Is(err, ddraw.ErrSurfaceLost) {
		fmt.Println("Restore it, and draw anew")
	}
	// Output: Restore it, and draw anew
}
