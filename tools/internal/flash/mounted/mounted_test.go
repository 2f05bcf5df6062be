package mounted

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/diskfs/go-diskfs"

	"github.com/mmlite/mmlite/tools/internal/flash"
	"github.com/mmlite/mmlite/tools/internal/image"
)

func TestRaspberryPiCard(t *testing.T) {
	kernel := bytes.Repeat([]byte("0123456789abcdef"), 100001)
	i := &image.Image{Manifest: image.Manifest{Board: "raspberrypi", Version: "0.1.0"}}
	i.Add(image.Part{Name: "kernel", Load: 0x10f000, Entry: 0x110000}, kernel)
	layout, err := flash.For(i, []flash.File{{Name: "start.elf", Data: []byte("start")}, {Name: "fixup.dat", Data: kernel[:513]}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "card.img")
	target, err := flash.Look(path)
	if err != nil {
		t.Fatal(err)
	}
	card, err := target.Open(layout)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(flash.Write(t.Context(), card, layout, nil), card.Close()); err != nil {
		t.Fatal(err)
	}
	disk, err := diskfs.Open(path, diskfs.WithOpenMode(diskfs.ReadOnly))
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	table, err := disk.GetPartitionTable()
	if err != nil || table.Type() != "mbr" {
		t.Fatal(err)
	}
	fs, err := disk.GetFilesystem(1)
	if err != nil {
		t.Fatal(err)
	}
	if label := strings.TrimSpace(fs.Label()); label != "MMLITE" {
		t.Errorf("label %q", label)
	}
	files, err := fs.ReadDir("/")
	if err != nil || len(files) < 5 {
		t.Errorf("%d files, %v", len(files), err)
	}
	config := []byte(flash.Config(i.Manifest.Parts[0]))
	for name, want := range map[string][]byte{"/START.ELF": []byte("start"), "/FIXUP.DAT": kernel[:513], "/KERNEL7.IMG": kernel, "/CONFIG.TXT": config} {
		f, err := fs.OpenFile(name, os.O_RDONLY)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(want), err)
		}
	}
}
