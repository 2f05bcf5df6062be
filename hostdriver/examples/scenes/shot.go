package scenes

import (
	"context"
	"image"
	"image/png"
	"os"

	"github.com/mmlite/mmlite/hostdriver"
)

// Shot is what the screen shows.
func (s *Stage) Shot(ctx context.Context) (*image.RGBA, error) {
	view, err := s.Screen.Watch(ctx)
	if err != nil {
		return nil, err
	}
	defer view.Release()
	m, err := view.Memory(ctx)
	if err != nil {
		return nil, err
	}
	defer m.Release()
	span, err := hostdriver.Map(ctx, s.Card, m)
	if err != nil {
		return nil, err
	}
	defer span.Release()
	if _, _, err := view.Next(ctx, nil); err != nil { // the first is all of it, at once
		return nil, err
	}
	w, h := int(s.Info.Width), int(s.Info.Height)
	if err := span.Pull(ctx, 0, 4*w*h); err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	src := span.Bytes()
	for i := 0; i < 4*w*h; i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = src[i+2], src[i+1], src[i], 255
	}
	return img, nil
}

// SavePNG writes a picture to a file.
func SavePNG(name string, img image.Image) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = png.Encode(f, img)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(name) // half a picture is none
	}
	return err
}
