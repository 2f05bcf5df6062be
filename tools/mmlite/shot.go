package main

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"github.com/mmlite/mmlite/boards/hosted/picture"
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
)

// shotCmd takes a picture of a card's screen.
type shotCmd struct {
	Out string `help:"The PNG file to make; - is standard output." short:"o" required:"" placeholder:"FILE.png"`
}

// Help implements kong.HelpProvider.
func (*shotCmd) Help() string {
	return `The picture is what the card shows at a vertical blank, with the layers of all
programs. Use --card where several cards run.`
}

// shotTaken is what shot says at the end.
type shotTaken struct {
	File   string   `json:"file"`
	Device string   `json:"device"`
	Width  uint32   `json:"width"`
	Height uint32   `json:"height"`
	Frame  uint64   `json:"frame"`
	Layers []string `json:"layers"` // their devices, from back to front
}

// Run implements kong.
func (s *shotCmd) Run(ctx context.Context, g *globals) error {
	return withRunning(ctx, g, func(card *hostdriver.Card) error {
		t, pixels, err := lookAt(ctx, card)
		if err != nil {
			return err
		}
		if t.File = s.Out; s.Out != "-" {
			if t.File, err = filepath.Abs(s.Out); err != nil {
				return err
			}
		}
		if err := writeShot(s.Out, pixels, int(t.Width), int(t.Height)); err != nil {
			return err
		}
		switch {
		case s.Out == "-":
		case g.JSON:
			return printJSON(t)
		default:
			fmt.Printf("%s: %d by %d pixels, frame %d, %s\n", s.Out, t.Width, t.Height, t.Frame, plural(uint64(len(t.Layers)), "layer"))
		}
		return nil
	})
}

// lookAt returns what a card's screen shows, XRGB8888.
func lookAt(ctx context.Context, card *hostdriver.Card) (t shotTaken, pixels []byte, err error) {
	screen, err := hostdriver.Bind(ctx, card, "/screen", graphics.ScreenType)
	if err != nil {
		return t, nil, err
	}
	defer screen.Release()
	info, err := screen.Info(ctx)
	if err != nil {
		return t, nil, err
	}
	t = shotTaken{Device: info.Device, Width: info.Width, Height: info.Height, Layers: []string{}}
	view, err := screen.Watch(ctx)
	if err != nil {
		return t, nil, err
	}
	defer view.Release()
	memory, err := view.Memory(ctx)
	if err != nil {
		return t, nil, err
	}
	defer memory.Release()
	span, err := hostdriver.Map(ctx, card, memory)
	if err != nil {
		return t, nil, err
	}
	defer func() { err = errors.Join(err, span.Release()) }()
	_, change, err := view.Next(ctx, nil)
	if err != nil {
		return t, nil, err
	}
	t.Frame = change.Frame
	layers, err := screen.Layers(ctx)
	if err != nil {
		return t, nil, err
	}
	for _, l := range layers {
		t.Layers = append(t.Layers, l.Device)
	}
	n := uint64(info.Width) * uint64(info.Height) * 4
	if uint64(len(span.Bytes())) < n {
		return t, nil, com.Errorf(com.ErrProtocol, "the card shows %d bytes of %d by %d pixels", len(span.Bytes()), info.Width, info.Height)
	}
	if err := span.Pull(ctx, 0, int(n)); err != nil {
		return t, nil, err
	}
	return t, append([]byte(nil), span.Bytes()[:n]...), nil
}

// writeShot writes a PNG file, or to standard output, so that nobody sees half a file.
func writeShot(out string, pixels []byte, width, height int) error {
	i := picture.Image(pixels, width, height)
	if out == "-" {
		return png.Encode(os.Stdout, i)
	}
	f, err := os.CreateTemp(filepath.Dir(out), "."+filepath.Base(out)+"-*")
	if err != nil {
		return err
	}
	err = errors.Join(png.Encode(f, i), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), out)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
