package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/tools/internal/flash"
	"github.com/mmlite/mmlite/tools/internal/image"
)

// flashCmd writes what a board boots from.
type flashCmd struct {
	Board     string `help:"The board: raspberrypi or usbarmory." required:"" placeholder:"NAME"`
	To        string `help:"The SD card's device, or a file." required:"" placeholder:"DEVICE|FILE" type:"path"`
	Image     string `help:"The image. Default: one built from the source around here." placeholder:"FILE" type:"existingfile"`
	Key       string `help:"Refuse an image that is not signed with this public key." placeholder:"BASE64"`
	Firmware  string `help:"Folder with the files that a Raspberry Pi's makers provide: bootcode.bin, start.elf, fixup.dat." placeholder:"DIR" type:"path"`
	DCD       string `help:"As for image build." name:"dcd" placeholder:"FILE" type:"existingfile"`
	Yes       bool   `help:"Do not ask before everything on the device, or the file that is there, is lost."`
	YesReally bool   `help:"Write devices, too, that are not removable, or larger than cards are."`
}

// flashed is what --json prints.
type flashed struct {
	Board   string `json:"board"`
	To      string `json:"to"`
	Version string `json:"version"`
	Written int64  `json:"bytes_written"`
	Checked int64  `json:"bytes_read_back"`
}

// Run implements kong.
func (c *flashCmd) Run(ctx context.Context, g *globals) error {
	if err := flash.Flashed(c.Board); err != nil {
		return err
	}
	target, err := flash.Look(c.To) // before something is built in vain
	if err != nil {
		return err
	}
	var blobs []flash.File
	if flash.NeedsFirmware(c.Board) {
		if blobs, err = flash.ReadFirmware(c.Firmware); err != nil {
			return err
		}
	}
	i, err := c.image(ctx)
	if err != nil {
		return err
	}
	layout, err := flash.For(i, blobs)
	if err != nil {
		return err
	}
	if err := target.Refuse(layout, c.YesReally); err != nil {
		return err
	}
	if err := c.agree(ctx, target, i, layout); err != nil {
		return err
	}
	card, err := target.Open(layout)
	if err != nil {
		return err
	}
	if err := c.write(ctx, g, card, layout); err != nil {
		return errors.Join(err, card.Close())
	}
	card.Settle()
	if err := card.Close(); err != nil {
		return err
	}
	if g.JSON {
		return printJSON(flashed{c.Board, c.To, i.Manifest.Version, layout.Total(), layout.Total()})
	}
	fmt.Printf("%s: written, and read back the same\n", target)
	return nil
}

func (c *flashCmd) image(ctx context.Context) (*image.Image, error) {
	if c.Image == "" {
		if c.Key != "" {
			return nil, com.Errorf(com.ErrInvalid, "--key is for an --image that somebody signed")
		}
		return buildImage(ctx, c.Board, c.DCD)
	}
	i, err := readImage(c.Image, c.Key)
	if err != nil {
		return nil, err
	}
	if i.Manifest.Board != c.Board {
		return nil, com.Errorf(com.ErrInvalid, "%s is for the board %s, not for %s", c.Image, i.Manifest.Board, c.Board)
	}
	return i, nil
}

// agree has a person agree to what would be lost.
func (c *flashCmd) agree(ctx context.Context, t *flash.Target, i *image.Image, l *flash.Layout) error {
	fmt.Fprintln(os.Stderr, "mmlite:", plan(t, i, l))
	info, err := os.Stat(t.Path)
	if err != nil || !t.Device && info.Size() == 0 || c.Yes {
		return nil
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return com.Errorf(com.ErrPermission, "everything that is on %s would be lost; --yes agrees to that", t.Path)
	}
	fmt.Fprintf(os.Stderr, "Everything on %s will be lost. Type its name to go on: ", t.Path)
	typed := make(chan string, 1)
	go func() {
		s, _ := bufio.NewReader(os.Stdin).ReadString('\n') // what is not typed is no agreement
		typed <- strings.TrimSpace(s)
	}()
	select {
	case s := <-typed:
		if s == t.Path {
			return nil
		}
	case <-ctx.Done():
	}
	return com.Errorf(com.ErrCanceled, "nothing was written")
}

// write shows how far it has come.
func (c *flashCmd) write(ctx context.Context, g *globals, card *flash.Card, l *flash.Layout) error {
	bar, finish := progressOf(g, "flashing", 2*l.Total())
	defer finish()
	var shown int64
	return flash.Write(ctx, card, l, func(pass string, done, total int64) {
		if pass == "checking" {
			done += total
		}
		for shown < done {
			n := min(done-shown, int64(len(blank)))
			bar.Write(blank[:n]) // it only counts
			shown += n
		}
	})
}

// blank is what a bar that counts bytes is fed with.
var blank = make([]byte, 64<<10)
