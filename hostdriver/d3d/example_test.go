package d3d_test

import (
	"context"
	"fmt"
	"log"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/d3d"
)

// A triangle turns on the screen for three seconds.
func Example() {
	ctx := context.Background()
	card, err := hostdriver.Open(ctx, "hosted:")
	if err != nil {
		log.Fatal(err)
	}
	defer card.Close()
	if err := spin(ctx, card); err != nil {
		log.Fatal(err)
	}
}

func spin(ctx context.Context, card *hostdriver.Card) error {
	// Whoever draws has a device of his own, and surfaces of it: here the screen, as
	// large as it is, and one behind, which is drawn on.
	g, err := hostdriver.Bind(ctx, card, "/graphics", graphics.GraphicsType)
	if err != nil {
		return err
	}
	defer g.Release()
	device, err := g.Open(ctx, graphics.DeviceOptions{Name: "spin"})
	if err != nil {
		return err
	}
	defer device.Release()
	front, err := device.CreateSurface(ctx, graphics.SurfaceOptions{Caps: graphics.CapPrimary | graphics.CapTarget, BackBuffers: 1})
	if err != nil {
		return err
	}
	defer front.Release()
	back, err := front.Attached(ctx, 1)
	if err != nil {
		return err
	}
	defer back.Release()
	d, err := d3d.Open(ctx, card, device)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.SetRenderTarget(ctx, back, nil); err != nil {
		return err
	}

	triangle := d3d.Bytes([]d3d.LVertex{
		{Y: 1, Color: 0xffff4040}, {X: 0.9, Y: -0.6, Color: 0xff40ff40}, {X: -0.9, Y: -0.6, Color: 0xff4040ff},
	})
	// None of these calls waits, so errors are looked at together.
	var all []error
	do := func(err error) { all = append(all, err) }
	do(d.SetTransform(d3d.Projection, d3d.Perspective(0.8, 4./3, 0.5, 30)))
	do(d.SetTransform(d3d.View, d3d.LookAt(graphics.Vector{Z: -4}, graphics.Vector{}, graphics.Vector{Y: 1})))
	do(d.SetRenderState(d3d.CullMode, d3d.CullNone))
	do(d.SetRenderState(d3d.Lighting, 0)) // vertices have colours of their own
	for i := range 180 {
		do(d.BeginScene())
		do(d.Clear(nil, d3d.ClearTarget, 0xff102030, 1, 0))
		do(d.SetTransform(d3d.World, d3d.RotateY(float64(i)/60)))
		do(d.DrawPrimitive(d3d.TriangleList, d3d.FVFLVertex, triangle))
		do(d.EndScene())
		for _, err := range all {
			if err != nil {
				return err
			}
		}
		all = all[:0]
		if err := front.Flip(ctx, 1); err != nil { // waits for the one before
			return err
		}
	}
	return nil
}

// Matrices are applied in the order in which they are written.
func ExampleMultiply() {
	m := d3d.Multiply(d3d.Scale(2, 2, 2), d3d.Translate(10, 0, 0))
	fmt.Println("the point 1, 0, 0 comes to", m.M11+m.M41)
	// Output: the point 1, 0, 0 comes to 12
}

// Bytes makes vertices of slices of structs, the program's own included.
func ExampleBytes() {
	type corner struct {
		X, Y, Z float32
		Color   uint32
	}
	fmt.Println(len(d3d.Bytes([]corner{{X: 1}, {Y: 1}, {Z: 1}})), "bytes")
	// Output: 48 bytes
}
