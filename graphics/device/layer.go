package device

import (
	"context"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
)

// CreateLayer implements graphics.Device.
func (d *Device) CreateLayer(context.Context, graphics.Surface) (graphics.Layer, error) {
	return nil, com.Errorf(com.ErrNotSupported, "this image is linked without layers")
}

// Plan implements graphics.Device.
func (d *Device) Plan(context.Context, []graphics.Wish) (graphics.Plan, error) {
	return graphics.Plan{}, com.Errorf(com.ErrNotSupported, "this image is linked without layers")
}
