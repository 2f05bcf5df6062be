package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/tools/internal/flash"
	"github.com/mmlite/mmlite/tools/internal/image"
)

// piImage writes an image of a Raspberry Pi, and the files that come from its makers.
func piImage(t *testing.T) (file, firmware string) {
	t.Helper()
	i := &image.Image{Manifest: image.Manifest{Board: "raspberrypi", Version: "0.1.0"}}
	i.Add(image.Part{Name: "kernel", Load: 0x10f000, Entry: 0x110000}, bytes.Repeat([]byte("kernel"), 10000))
	dir := t.TempDir()
	file = filepath.Join(dir, "pi.mmimage")
	if err := writeImage(file, i); err != nil {
		t.Fatal(err)
	}
	for _, name := range flash.PiFirmware {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file, dir
}

func TestFlash(t *testing.T) {
	file, firmware := piImage(t)
	ctx, g := context.Background(), &globals{}
	sign := &imageSignCmd{File: file, Key: filepath.Join(t.TempDir(), "key")}
	if err := sign.Run(g); err != nil {
		t.Fatal(err)
	}
	if err := sign.Run(g); err != nil {
		t.Errorf("signing again: %v", err)
	}
	i, err := readImage(file, "")
	if err != nil || i.Signature == nil {
		t.Fatal(err)
	}
	key := image.KeyText(i.Signature.Key)
	other := image.KeyText(make([]byte, 32))
	card := filepath.Join(t.TempDir(), "card")
	base := flashCmd{Board: "raspberrypi", To: card, Image: file, Firmware: firmware}
	for name, c := range map[string]struct {
		change func(*flashCmd)
		want   com.Code
		text   string
	}{
		"no such board":        {func(c *flashCmd) { c.Board = "qemupc" }, com.ErrNotSupported, "raspberrypi, usbarmory"},
		"another board":        {func(c *flashCmd) { c.Board = "usbarmory" }, com.ErrInvalid, "is for the board raspberrypi"},
		"no firmware":          {func(c *flashCmd) { c.Firmware = "" }, com.ErrNotFound, flash.PiFirmwareSource},
		"somebody else's":      {func(c *flashCmd) { c.Key = other }, com.ErrPermission, key},
		"no key":               {func(c *flashCmd) { c.Key = "x" }, com.ErrInvalid, "public key"},
		"a folder":             {func(c *flashCmd) { c.To = firmware }, com.ErrInvalid, "neither"},
		"no such device":       {func(c *flashCmd) { c.To = "/dev/no-such-card" }, com.ErrNotFound, "is the card in"},
		"a file that is there": {func(c *flashCmd) { c.To = file }, com.ErrPermission, "--yes"},
	} {
		cmd := base
		c.change(&cmd)
		if err := cmd.Run(ctx, g); com.CodeOf(err) != c.want || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(card); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("something was written: %v", err)
	}
	base.Key = key
	if err := base.Run(ctx, g); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(card)
	if err != nil || first[510] != 0x55 || !bytes.Contains(first, []byte("kernel=kernel7.img\nkernel_address=0x10f000\n")) {
		t.Errorf("%d bytes, %v", len(first), err)
	}
	base.Yes = true
	if err := base.Run(ctx, g); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(card); err != nil || !bytes.Equal(first, again) {
		t.Errorf("the same image gives another card: %v", err)
	}
	// A damaged image is not written.
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := base.Run(ctx, g); com.CodeOf(err) != com.ErrCorrupt {
		t.Error(err)
	}
}
