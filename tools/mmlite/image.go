package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/tools/internal/boot"
	"github.com/mmlite/mmlite/tools/internal/flash"
	"github.com/mmlite/mmlite/tools/internal/image"
)

// imageCmd is about what boards are flashed with.
type imageCmd struct {
	Build imageBuildCmd `cmd:"" help:"Build the image of a board from the source around here."`
	Info  imageInfoCmd  `cmd:"" help:"Say what is in an image, and who signed it."`
	Sizes imageSizesCmd `cmd:"" help:"Say how much each component adds to an image."`
	Sign  imageSignCmd  `cmd:"" help:"Sign an image with a key of your own, which is made if there is none."`
}

type imageBuildCmd struct {
	Board string `help:"The board: raspberrypi or usbarmory." required:"" placeholder:"NAME"`
	Out   string `help:"The file to write. Default: the board's name and .mmimage." short:"o" placeholder:"FILE" type:"path"`
	DCD   string `help:"Text in the form of mkimage that sets up the memory of an i.MX board, where not the usual one." name:"dcd" placeholder:"FILE" type:"existingfile"`
}

// Run implements kong.
func (c *imageBuildCmd) Run(ctx context.Context, g *globals) error {
	i, err := buildImage(ctx, c.Board, c.DCD)
	if err != nil {
		return err
	}
	if c.Out == "" {
		c.Out = c.Board + ".mmimage"
	}
	if err := writeImage(c.Out, i); err != nil {
		return err
	}
	return showImage(g, c.Out, i)
}

// buildImage builds the image of a board, saying so.
func buildImage(ctx context.Context, board, dcd string) (*image.Image, error) {
	if err := flash.Flashed(board); err != nil {
		return nil, err
	}
	source, err := boot.Source(".")
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(os.Stderr, "mmlite: building the image of", board)
	return flash.Build(ctx, source, board, dcd)
}

// writeImage writes the file whole or not at all.
func writeImage(path string, i *image.Image) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".image")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // of no effect once it is renamed
	w := bufio.NewWriter(f)
	if _, err = i.WriteTo(w); err == nil {
		err = w.Flush()
	}
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// readImage reads and checks an image, whose signature has to be key's if that is not
// empty.
func readImage(path, key string) (*image.Image, error) {
	var trusted ed25519.PublicKey
	if key != "" {
		var err error
		if trusted, err = image.ParseKey(key); err != nil {
			return nil, err
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	i, err := image.Read(bufio.NewReader(f))
	if err == nil {
		err = i.Verify(trusted)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return i, nil
}

type imageInfoCmd struct {
	File string `arg:"" help:"The image." type:"existingfile"`
	Key  string `help:"Fail unless the image is signed with this public key." placeholder:"BASE64"`
}

// Run implements kong.
func (c *imageInfoCmd) Run(g *globals) error {
	i, err := readImage(c.File, c.Key)
	if err != nil {
		return err
	}
	return showImage(g, c.File, i)
}

// imageInfo is what --json prints.
type imageInfo struct {
	File string `json:"file"`
	image.Manifest
	SignedBy string `json:"signed_by,omitempty"`
}

func showImage(g *globals, file string, i *image.Image) error {
	info := imageInfo{File: file, Manifest: i.Manifest}
	if i.Signature != nil {
		info.SignedBy = image.KeyText(i.Signature.Key)
	}
	if g.JSON {
		return printJSON(info)
	}
	fmt.Printf("%s: firmware %s for %s", file, i.Manifest.Version, i.Manifest.Board)
	if i.Manifest.Go != "" {
		fmt.Printf(", built by %s", i.Manifest.Go)
	}
	fmt.Println()
	for _, p := range i.Manifest.Parts {
		fmt.Printf("  part       %-8s %9d bytes, sha256 %.16s...", p.Name, p.Size, p.SHA256)
		if p.Entry != 0 {
			fmt.Printf(", at 0x%x, entry 0x%x", p.Load, p.Entry)
		}
		fmt.Println()
	}
	for _, k := range i.Manifest.Components {
		fmt.Printf("  component  %-8s %s  %s\n", k.Name, k.Version, k.Doc)
	}
	if info.SignedBy != "" {
		fmt.Println("  signed by ", info.SignedBy)
	} else {
		fmt.Println("  signed by  nobody")
	}
	return nil
}

type imageSignCmd struct {
	File string `arg:"" help:"The image." type:"existingfile"`
	Key  string `help:"The file of the private key. Default: mmlite/image.key in the folder of settings." placeholder:"FILE" type:"path"`
}

// Run implements kong.
func (c *imageSignCmd) Run(g *globals) error {
	i, err := readImage(c.File, "")
	if err != nil {
		return err
	}
	if c.Key == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return com.Errorf(com.ErrNotFound, "there is no place for a key: %v; name a file with --key", err)
		}
		c.Key = filepath.Join(dir, "mmlite", "image.key")
	}
	key, err := image.ReadKeyFile(c.Key)
	if com.CodeOf(err) == com.ErrNotFound {
		if key, err = image.NewKeyFile(c.Key); err == nil {
			fmt.Fprintf(os.Stderr, "mmlite: made the key %s; keep it, and give others the public one:\n  %s\n", c.Key, image.KeyText(key.Public().(ed25519.PublicKey)))
		}
	}
	if err != nil {
		return err
	}
	if err := i.Sign(key); err != nil {
		return err
	}
	if err := writeImage(c.File, i); err != nil {
		return err
	}
	return showImage(g, c.File, i)
}

// plan says in words what flashing would do.
func plan(t *flash.Target, i *image.Image, l *flash.Layout) string {
	var what []string
	for _, p := range l.Pieces {
		what = append(what, p.What)
	}
	return fmt.Sprintf("firmware %s for %s onto %s: %d bytes (%s)", i.Manifest.Version, i.Manifest.Board, t, l.Total(), strings.Join(what, ", "))
}
