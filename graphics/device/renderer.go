package device

import (
	"context"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
)

// rendering adds what the renderer can do.
func rendering(i *graphics.Info) { i.MaxTexture = MaxTexture }

// CreateRenderer implements graphics.Device.
func (d *Device) CreateRenderer(context.Context) (graphics.Renderer, error) {
	return nil, com.Errorf(com.ErrNotSupported, "this image is linked without a renderer")
}

// CreateVertexBuffer implements graphics.Device.
func (d *Device) CreateVertexBuffer(context.Context, uint32) (graphics.VertexBuffer, error) {
	return nil, com.Errorf(com.ErrNotSupported, "this image is linked without a renderer")
}
