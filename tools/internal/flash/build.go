package flash

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mmlite/mmlite/boards/media"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/tools/internal/boot"
	"github.com/mmlite/mmlite/tools/internal/image"
)

// kind is how a board is flashed.
type kind struct {
	jump bool   // the program is entered at its first byte
	dcd  string // the text of its device configuration, within TamaGo's module, or ""
	// layout makes the card.
	layout func(*image.Image, []File) (*Layout, error)
	blobs  bool // it needs PiFirmware
}

// kinds are the boards that are flashed.
var kinds = map[string]kind{
	"raspberrypi": {jump: true, layout: Pi, blobs: true},
	"usbarmory": {dcd: "board/usbarmory/mk2/imximage.cfg", layout: func(i *image.Image, _ []File) (*Layout, error) {
		return IMX(i)
	}},
}

func kindOf(board string) (kind, error) {
	k, ok := kinds[board]
	if !ok {
		return k, com.Errorf(com.ErrNotSupported, "board %q is not flashed; those that are: raspberrypi, usbarmory (and mmlite boot starts emulated ones)", board)
	}
	return k, nil
}

// Flashed returns com.ErrNotSupported, and which boards are, for one that is not
// flashed.
func Flashed(board string) error {
	_, err := kindOf(board)
	return err
}

// NeedsFirmware reports whether a board starts by files that its owner provides.
func NeedsFirmware(board string) bool { return kinds[board].blobs }

// For makes the layout of the board that an image is for.
func For(i *image.Image, firmware []File) (*Layout, error) {
	k, err := kindOf(i.Manifest.Board)
	if err != nil {
		return nil, err
	}
	return k.layout(i, firmware)
}

// Build builds the image of a board from source, the folder of this module. dcd is a
// file that tells how the board's memory is set up, where not the usual one; see
// MakeDCD.
func Build(ctx context.Context, source, board, dcd string) (*image.Image, error) {
	k, err := kindOf(board)
	if err != nil {
		return nil, err
	}
	b, err := boot.Find(board)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mmlite-image")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "program")
	if err := boot.Build(ctx, source, b, program); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	flat, err := image.Flatten(text)
	if err == nil && k.jump {
		err = flat.Jump()
	}
	if err != nil {
		return nil, err
	}
	i := &image.Image{Manifest: image.Manifest{Board: board, Version: firmware.Version.String(), Go: runtime.Version()}}
	if i.Manifest.Components, err = components(); err != nil {
		return nil, err
	}
	i.Add(image.Part{Name: kernel, Load: flat.Load, Entry: flat.Entry}, flat.Bytes)
	if k.dcd == "" {
		return i, nil
	}
	table, err := configuration(ctx, source, k.dcd, dcd)
	if err != nil {
		return nil, err
	}
	i.Add(image.Part{Name: "dcd"}, table)
	return i, nil
}

// components are those that are linked into every board's firmware.
func components() ([]image.Component, error) {
	all, err := media.New(nil).Image().Components(nil)
	if err != nil {
		return nil, err
	}
	var list []image.Component
	for _, c := range all {
		list = append(list, image.Component{Name: c.Name, Version: c.Version.String(), Doc: c.Doc})
	}
	return list, nil
}

// configuration reads the text of a board's device configuration, TamaGo's unless
// file is another one.
func configuration(ctx context.Context, source, usual, file string) ([]byte, error) {
	if file == "" {
		cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/usbarmory/tamago")
		cmd.Dir = source
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			return nil, com.Errorf(com.ErrNotFound, "where TamaGo is: %v %s", err, said.String())
		}
		file = filepath.Join(strings.TrimSpace(string(out)), filepath.FromSlash(usual))
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, com.Errorf(com.CodeOf(err), "the device configuration: %v", err)
	}
	defer f.Close()
	return MakeDCD(f)
}
