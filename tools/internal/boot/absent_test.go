package boot

import (
	"context"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// without is a board whose machine lacks a device.
func without(b Board, device string) Board {
	b.Machine = slices.Clone(b.Machine)
	for i := 0; i+1 < len(b.Machine); i++ {
		if b.Machine[i] == "-device" && b.Machine[i+1] == device {
			b.Machine = slices.Delete(b.Machine, i, i+2)
			return b
		}
	}
	panic(device)
}

// with has another value for an option of the machine.
func with(b Board, option, value string) Board {
	b.Machine = slices.Clone(b.Machine)
	b.Machine[slices.Index(b.Machine, option)+1] = value
	return b
}

// TestAbsentDevices: a PC without a system that lacks one thing says so, on its
// console and in /status/board, in these words and no others, and does all the rest.
func TestAbsentDevices(t *testing.T) {
	emulated(t)
	b, err := Find("qemupc")
	if err != nil {
		t.Fatal(err)
	}
	image := cardImage(t, b)
	silent, unlinked := b, b
	silent.AC97, unlinked.Link = false, NoLink
	for _, c := range []struct {
		name  string
		board Board
		args  []string
		want  string // or nothing
	}{
		{"nothing", b, nil, ""},
		{"sound", silent, nil, "no sound: no PCI device 8086:2415 is there"},
		{"screen", without(b, "bochs-display"), nil, "no screen: no PCI device 1234:1111 is there"},
		{"window", unlinked, nil, "no link: no PCI device 1af4:1110 is there"},
		{"window-to-speak-of", unlinked, []string{"-object", "memory-backend-ram,id=w,share=on,size=1M", "-device", "ivshmem-plain,memdev=w"},
			"no link: link: a window of 1048576 bytes, and it takes 16777216"},
		{"keyboard", with(b, "-machine", "q35,i8042=off"), nil, "no keyboard: i8042: no keyboard controller answers"},
		{"half-its-memory", with(b, "-m", "512M"), nil, "card memory: 128 MB, and not 256"},
		{"most-memory", with(b, "-m", "392M"), nil, "card memory: 8 MB, and not 256"},
		{"any-memory", with(b, "-m", "384M"), nil, "no card memory: 0 bytes at address 0x18000000; card memory: 16 MB, and not 256"},
		{"vectors", with(b, "-cpu", "qemu64,+rdrand"), nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("XDG_RUNTIME_DIR", shortDir(t))
			in, typing, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			card := converse(t, in, typing, Config{
				Board: c.board, Image: image, Name: "lacks", Window: 64 << 20, Args: c.args,
				Config: map[string]string{"name": "lacks", "args": "debug"},
			})
			said := card.until("lacks> ")
			answers := "card lacks answers"
			if c.want != "" {
				answers += ", but: " + c.want
			}
			if !strings.Contains(said, answers+"\r\n") {
				t.Errorf("%q is not said: %q", answers, said)
			}
			_, problems, _ := strings.Cut(card.typed("cat /status/board"), "problems\r\n")
			problems, _, _ = strings.Cut(problems, "facts")
			if got := strings.Join(strings.FieldsFunc(problems, func(r rune) bool { return r == '\r' || r == '\n' }), ";"); strings.ReplaceAll(got, "  ", "") != strings.ReplaceAll(c.want, "; ", ";") {
				t.Errorf("/status/board has %q", got)
			}
			card.typed("play")
			if s := card.typed("top 1"); !strings.Contains(s, "synth tune") {
				t.Errorf("the tune does not play: %q", s)
			}
			card.typed("stop")
			if c.name != "screen" {
				screenshot(t, card.m)
			}
			if c.board.Link != NoLink {
				tells(t, card.m.URL, c.want)
			}
			if s := card.typed("log 200"); strings.Contains(s, "panic") {
				t.Errorf("the log has %q", s)
			}
		})
	}
}

// screenshot has something on the screen.
func screenshot(t *testing.T, m *Machine) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "screen.png")
	if err := m.Screen(context.Background(), file); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	bright := 0
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			if r, _, _, _ := picture.At(x, y).RGBA(); r > 0x8000 {
				bright++
			}
		}
	}
	if bright < 1000 {
		t.Errorf("the screen has %d bright pixels", bright)
	}
}

// tells has a program read of a card's problems through its link.
func tells(t *testing.T, url, want string) {
	t.Helper()
	ctx := context.Background()
	card, err := hostdriver.Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	status, err := hostdriver.Bind(ctx, card, "/status/board", system.StatusType)
	if err != nil {
		t.Fatal(err)
	}
	defer status.Release()
	text, err := status.Text(ctx)
	for _, w := range strings.Split(want, "; ") {
		if err != nil || !strings.Contains(text, w) {
			t.Errorf("/status/board over the link: %v, %q", err, text)
		}
	}
}
