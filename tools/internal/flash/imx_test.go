package flash

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/tools/internal/image"
)

const dcdText = `# a board
IMAGE_VERSION 2
BOOT_FROM sd
CSF 0x4000

DATA 4 0x020c4068 0xffffffff  # clocks
DATA 4 0x020E04B4 0x000C0000
DATA 1 0x100 0x5
`

func imxImage(t *testing.T) *image.Image {
	t.Helper()
	table, err := MakeDCD(strings.NewReader(dcdText))
	if err != nil {
		t.Fatal(err)
	}
	i := &image.Image{Manifest: image.Manifest{Board: "usbarmory", Version: "0.1.0"}}
	i.Add(image.Part{Name: "kernel", Load: 0x8000F000, Entry: 0x800A0000}, bytes.Repeat([]byte("code"), 200001))
	i.Add(image.Part{Name: "dcd"}, table)
	return i
}

// TestIMX has U-Boot's tool read what the boot ROM will.
func TestIMX(t *testing.T) {
	mkimage := tool(t, "mkimage")
	l, err := IMX(imxImage(t))
	if err != nil {
		t.Fatal(err)
	}
	card, err := os.ReadFile(file(t, l))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "boot.imx")
	if err := os.WriteFile(path, card[ivtAt:], 0o600); err != nil {
		t.Fatal(err)
	}
	out := run(t, mkimage, "-l", path)
	for _, want := range []string{`Image Type: +Freescale IMX Boot Image`, `Image Ver: +2`, `Load Address: +8000f420`, `Entry Point: +800a0000`} {
		if !regexp.MustCompile("(?i)" + want).MatchString(out) {
			t.Errorf("mkimage does not say %q:\n%s", want, out)
		}
	}
	if !bytes.Equal(card[codeAt:codeAt+8], []byte("codecode")) {
		t.Errorf("the program begins with %q", card[codeAt:codeAt+8])
	}
}

// TestMakeDCD holds the table to the one that U-Boot's tool makes of the same text.
func TestMakeDCD(t *testing.T) {
	mkimage := tool(t, "mkimage")
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	text := strings.ReplaceAll(dcdText, "CSF 0x4000\n", "")
	text = strings.ReplaceAll(text, "DATA 1 0x100 0x5\n", "") // that tool does not mind widths
	if err := errors.Join(os.WriteFile(path("cfg"), []byte(text), 0o600), os.WriteFile(path("bin"), make([]byte, 5000), 0o600)); err != nil {
		t.Fatal(err)
	}
	run(t, mkimage, "-n", path("cfg"), "-T", "imximage", "-e", "0x80010000", "-d", path("bin"), path("imx"))
	b, err := os.ReadFile(path("imx"))
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	at := le.Uint32(b[12:]) - le.Uint32(b[20:])
	want := b[at : at+uint32(binary.BigEndian.Uint16(b[at+1:]))]
	got, err := MakeDCD(strings.NewReader(text))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n% x\n% x", err, got, want)
	}
}

func TestIMXRefuses(t *testing.T) {
	for name, change := range map[string]func(*image.Image){
		"no table":        func(i *image.Image) { i.Manifest.Parts[1].Name = "x" },
		"a bad table":     func(i *image.Image) { i.Data[1] = []byte{0xD2, 0, 4, 0x20} },
		"entry in page 0": func(i *image.Image) { i.Manifest.Parts[0].Entry = i.Manifest.Parts[0].Load },
		"odd load":        func(i *image.Image) { i.Manifest.Parts[0].Load++ },
		"too little":      func(i *image.Image) { i.Data[0] = i.Data[0][:codeAt] },
	} {
		i := imxImage(t)
		change(i)
		if _, err := IMX(i); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for _, text := range []string{"PLUGIN x", "DATA 4 1", "DATA 3 1 1", "DATA 4 1 0x100000000", "DATA 4 x 1", strings.Repeat("DATA 4 1 1\n", 221)} {
		if _, err := MakeDCD(strings.NewReader(text)); !errors.Is(err, com.ErrCorrupt) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func FuzzMakeDCD(f *testing.F) {
	f.Add(dcdText)
	f.Add("DATA 4 1 1\nDATA 1 1 1\nDATA 4 1 1")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := MakeDCD(strings.NewReader(text))
		if err != nil {
			return
		}
		if err := CheckDCD(b); err != nil {
			t.Errorf("what was made is refused: %v", err)
		}
	})
}

func FuzzCheckDCD(f *testing.F) {
	b, err := MakeDCD(strings.NewReader(dcdText))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) { _ = CheckDCD(b) })
}
