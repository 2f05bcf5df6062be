package main

import (
	"context"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
)

func TestShot(t *testing.T) {
	ctx := context.Background()
	in, err := inside.New(1)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	card, err := hostdriver.Open(ctx, "", in.Option())
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	g, err := hostdriver.Bind(ctx, card, "/graphics", graphics.GraphicsType)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Release()
	d, err := g.Open(ctx, graphics.DeviceOptions{Name: "painter"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Release()
	if err := d.SetMode(ctx, graphics.Mode{Width: 64, Height: 48}); err != nil {
		t.Fatal(err)
	}
	p, err := d.CreateSurface(ctx, graphics.SurfaceOptions{Caps: graphics.CapPrimary})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	i, err := p.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Blit(graphics.Blit{Dst: i.Number, Flags: graphics.BlitFill | graphics.BlitWhole, Color: 0x0080ff}); err != nil {
		t.Fatal(err)
	}
	s, err := hostdriver.Bind(ctx, card, "/screen", graphics.ScreenType)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	for range 2 { // it is composed at the next blank
		if _, err := s.WaitBlank(ctx); err != nil {
			t.Fatal(err)
		}
	}
	taken, pixels, err := lookAt(ctx, card)
	if err != nil {
		t.Fatal(err)
	}
	if taken.Width != 640 || taken.Height != 480 || len(taken.Layers) != 1 || taken.Layers[0] != "painter" || taken.Frame == 0 {
		t.Errorf("%+v", taken)
	}
	file := filepath.Join(t.TempDir(), "x.png")
	if err := writeShot(file, pixels, int(taken.Width), int(taken.Height)); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := img.At(639, 479).RGBA(); r != 0 || g != 0x8080 || b != 0xffff {
		t.Errorf("the last pixel is %x %x %x", r, g, b)
	}
}

func TestScreenSize(t *testing.T) {
	if w, h, err := screenSize("640x480").parse(); w != 640 || h != 480 || err != nil {
		t.Error(w, h, err)
	}
	for _, bad := range []screenSize{"", "640", "x480", "640x", "0x480", "640x99999", "-640x480", "640x480x2", "1e3x480"} {
		if err := bad.Validate(); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
