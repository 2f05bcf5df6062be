package flash

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/tools/internal/image"
)

// tool finds a program that nobody here wrote.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + name)
	}
	if err != nil {
		t.Skipf("%s is not installed, which checks the layout", name)
	}
	return path
}

// run runs a tool, which must find nothing wrong.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// file writes a layout into a file.
func file(t *testing.T, l *Layout) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "card.img")
	target, err := Look(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := target.Open(l)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Write(t.Context(), c, l, nil), c.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func piImage() *image.Image {
	i := &image.Image{Manifest: image.Manifest{Board: "raspberrypi", Version: "0.1.0"}}
	i.Add(image.Part{Name: "kernel", Load: 0x10f000, Entry: 0x1b6b24}, bytes.Repeat([]byte("0123456789abcdef"), 100001))
	return i
}

func piLayout(t *testing.T) *Layout {
	t.Helper()
	l, err := Pi(piImage(), []File{{"bootcode.bin", []byte("boot")}, {"start.elf", bytes.Repeat([]byte{7}, 3000000)}, {"fixup.dat", nil}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestPiPartition(t *testing.T) {
	sfdisk := tool(t, "sfdisk")
	path := file(t, piLayout(t))
	if out := run(t, sfdisk, "-V", "-q", path); strings.TrimSpace(out) != "" {
		t.Errorf("sfdisk: %s", out)
	}
	out := run(t, sfdisk, "-d", path)
	if !strings.Contains(out, "label: dos") || !strings.Contains(out, "start=        8192") || !strings.Contains(out, "type=c") {
		t.Errorf("sfdisk: %s", out)
	}
}

func TestPiFiles(t *testing.T) {
	fsck, mcopy := tool(t, "fsck.fat"), tool(t, "mcopy")
	path := file(t, piLayout(t))
	card, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(t.TempDir(), "part.img")
	if err := os.WriteFile(part, card[piFirst*Sector:], 0o600); err != nil {
		t.Fatal(err)
	}
	if out := run(t, fsck, "-n", "-v", part); !strings.Contains(out, "32 bit entries") {
		t.Errorf("fsck.fat: %s", out)
	}
	dir := t.TempDir()
	run(t, mcopy, "-i", fmt.Sprintf("%s@@%d", path, piFirst*Sector), "-s", "::*", dir)
	_, kernel, err := piImage().Part("kernel")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{"BOOTCODE.BIN": []byte("boot"), "START.ELF": bytes.Repeat([]byte{7}, 3000000), "FIXUP.DAT": {}, "KERNEL7.IMG": kernel} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			got, err = os.ReadFile(filepath.Join(dir, strings.ToLower(name)))
		}
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// TestFATGrows: files that do not fit get a larger file system.
func TestFATGrows(t *testing.T) {
	for _, size := range []int{0, 1, Sector, 40 << 20, 70 << 20} {
		pieces, count, err := FAT32(0, piSectors, "x", []File{{"a", make([]byte, size)}})
		if err != nil {
			t.Fatal(err)
		}
		head := pieces[0].Data
		table := binary.LittleEndian.Uint32(head[36:])
		clusters := count - fatReserved - 2*table
		if clusters < fatLeast || 4*(clusters+2) > table*Sector || int(clusters)*Sector < size+Sector*fatSlack/2 {
			t.Errorf("%d bytes: %d clusters, tables of %d sectors", size, clusters, table)
		}
		if n := pieces[3].At + int64(len(pieces[3].Data)); n > int64(count)*Sector {
			t.Errorf("%d bytes: the files end at %d of %d", size, n, count*Sector)
		}
		if size < 30<<20 && (count > piSectors || count < piSectors-128) {
			t.Errorf("%d bytes: %d sectors of %d", size, count, piSectors)
		}
	}
}

func TestFATRefuses(t *testing.T) {
	for _, files := range [][]File{
		{{"toolongname.x", nil}}, {{"", nil}}, {{"a/b", nil}}, {{"a.b.c", nil}}, {{"A", nil}, {"a", nil}}, make([]File, maxFiles+1),
	} {
		if _, _, err := FAT32(0, 0, "x", files); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%v: %v", files, err)
		}
	}
}

func TestReadFirmware(t *testing.T) {
	if _, err := ReadFirmware(""); !errors.Is(err, com.ErrNotFound) || !strings.Contains(err.Error(), PiFirmwareSource) {
		t.Error(err)
	}
	dir := t.TempDir()
	for _, name := range PiFirmware {
		if _, err := ReadFirmware(dir); !errors.Is(err, com.ErrNotFound) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadFirmware(dir); err == nil {
			t.Error("an empty file serves")
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if files, err := ReadFirmware(dir); err != nil || len(files) != 3 {
		t.Error(files, err)
	}
}

func BenchmarkFAT32(b *testing.B) {
	files := []File{{"kernel7.img", make([]byte, 10<<20)}}
	for b.Loop() {
		if _, _, err := FAT32(piFirst, piSectors, "x", files); err != nil {
			b.Fatal(err)
		}
	}
}
