package raster_test

import (
	"fmt"

	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
)

// A picture of one chunk: clear, draw, write out.
func Example() {
	p := &raster.Pipeline{State: raster.DefaultState()}
	p.State.Stages[0].ColorOp = raster.OpDisable // no texture
	if err := p.Prepare(); err != nil {
		fmt.Println(err)
		return
	}
	picture := &blit.Surface{Pix: make([]byte, 32*32*2), Pitch: 64, Width: 32, Height: 32, Format: blit.RGB565}
	v := [3]raster.Vertex{
		{X: 2, Y: 2, Z: .5, RHW: 1, Diffuse: 0xffff0000},
		{X: 30, Y: 2, Z: .5, RHW: 1, Diffuse: 0xffff0000},
		{X: 2, Y: 30, Z: .5, RHW: 1, Diffuse: 0xffff0000},
	}
	var c raster.Chunk
	c.At(0, 0, picture.Bounds())
	c.Clear(0xff000000)
	c.ClearDepth(1)
	var t raster.Triangle
	if t.Setup(p, raster.CullNone, &v[0], &v[1], &v[2]) && t.Touches(0, 0) {
		c.Draw(&t, p)
	}
	if err := c.Store(picture); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("inside %#04x, outside %#04x\n", uint16(picture.Pix[64*5+11])<<8|uint16(picture.Pix[64*5+10]), uint16(picture.Pix[64*30+61])<<8|uint16(picture.Pix[64*30+60]))
	// Output: inside 0xf800, outside 0x0000
}
