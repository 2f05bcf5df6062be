package flash_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/tools/internal/boot"
	"github.com/mmlite/mmlite/tools/internal/flash"
	"github.com/mmlite/mmlite/tools/internal/image"
)

// waiting collects what is written until somebody has seen what they wait for.
type waiting struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (w *waiting) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(b)
	select {
	case w.more <- struct{}{}:
	default:
	}
	return len(b), nil
}

// until waits for a text.
func (w *waiting) until(ctx context.Context, text string) error {
	for {
		w.mu.Lock()
		found := strings.Contains(w.text.String(), text)
		all := w.text.String()
		w.mu.Unlock()
		if found {
			return nil
		}
		select {
		case <-w.more:
		case <-ctx.Done():
			return com.Errorf(com.ErrTimeout, "%q has not come: %s", text, all)
		}
	}
}

// program builds a board's image, or skips the test where that cannot be.
func program(t testing.TB, board string) (boot.Board, string) {
	t.Helper()
	if testing.Short() {
		t.Skip("building and booting a board takes a while")
	}
	b, err := boot.Find(board)
	if err != nil {
		t.Fatal(err)
	}
	source, err := boot.Source(".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := boot.Toolchain(source); err != nil {
		t.Skip(err)
	}
	if _, err := boot.Program(b); err != nil {
		t.Skip(err)
	}
	out := filepath.Join(t.TempDir(), board)
	if err := boot.Build(t.Context(), source, b, out); err != nil {
		t.Fatal(err)
	}
	return b, out
}

// patience is for everything that a board is to do, once its image is built.
const patience = 2 * time.Minute

// answers boots a board, has a person type and programs call. The machine ends with the
// test.
func answers(t testing.TB, board string) *boot.Machine {
	b, elf := program(t, board)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	sockets, err := os.MkdirTemp("", "mm") // of this run's own; short: a socket's path has to fit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	t.Setenv("XDG_RUNTIME_DIR", sockets)
	out := &waiting{more: make(chan struct{}, 1)}
	keys, typing := io.Pipe()
	m, err := boot.Start(t.Context(), boot.Config{Board: b, Image: elf, Name: "flashtest-" + board, Out: out, In: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		typing.Close() // first: somebody reads it as long as it is open
		m.Close()
	})
	if err := out.until(ctx, "card "+board+" answers"); err != nil {
		t.Fatal(err)
	}
	io.WriteString(typing, "ls /\r")
	if err := out.until(ctx, "synth"); err != nil {
		t.Errorf("the console: %v", err)
	}
	for range 2 { // programs come and go
		card, err := hostdriver.Open(ctx, m.URL)
		if err != nil {
			t.Fatal(err)
		}
		echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
		if err != nil {
			t.Fatal(err)
		}
		for i := range int32(20) {
			if sum, err := echo.Add(i, 3); err != nil || sum != i+3 {
				t.Fatalf("%d + 3 = %d, %v", i, sum, err)
			}
		}
		// More than the port holds, and than one packet of the line.
		buf := make([]byte, 20000)
		if n, err := echo.Fill(7, buf); err != nil || n != 20000 || buf[250] != 1 || buf[251] != 7 {
			t.Errorf("%d bytes, %v", n, err)
		}
		echo.Release()
		if err := card.Close(); err != nil {
			t.Error(err)
		}
	}
	return m
}

// TestUSBArmory boots the other board as far as QEMU has it: without its USB.
func TestUSBArmory(t *testing.T) {
	answers(t, "usbarmory")
}

// TestRaspberryPi boots the card in QEMU: the console answers, programs call it over
// the serial line, the screen shows who it is.
func TestRaspberryPi(t *testing.T) {
	m := answers(t, "raspberrypi")
	shot := filepath.Join(t.TempDir(), "screen.png")
	if err := m.Screen(t.Context(), shot); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(shot)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if picture.Bounds().Dx() != 640 || picture.Bounds().Dy() != 480 {
		t.Fatalf("the screen has %v", picture.Bounds())
	}
	// The logo is ivory, the title brass, and red is not swapped with blue.
	count := map[[3]uint32]int{}
	for y := range 480 {
		for x := range 640 {
			r, g, b, _ := picture.At(x, y).RGBA()
			count[[3]uint32{r >> 8, g >> 8, b >> 8}]++
		}
	}
	for name, c := range map[string][3]uint32{"logo": {0xe8, 0xe4, 0xd8}, "title": {0xf0, 0xb0, 0x40}, "wave": {0x4f, 0xb3, 0xbf}} {
		if count[c] < 100 {
			t.Errorf("the %s has %d pixels", name, count[c])
		}
	}
}

// TestFlashedKernel boots what a reader of FAT file systems that nobody here wrote
// finds on a flashed card, at the address that config.txt gives.
func TestFlashedKernel(t *testing.T) {
	mcopy, err := exec.LookPath("mcopy")
	if err != nil {
		t.Skip("mtools are not installed, which read the card")
	}
	b, elf := program(t, "raspberrypi")
	text, err := os.ReadFile(elf)
	if err != nil {
		t.Fatal(err)
	}
	flat, err := image.Flatten(text)
	if err == nil {
		err = flat.Jump()
	}
	if err != nil {
		t.Fatal(err)
	}
	i := &image.Image{Manifest: image.Manifest{Board: "raspberrypi", Version: "0.1.0"}}
	i.Add(image.Part{Name: "kernel", Load: flat.Load, Entry: flat.Entry}, flat.Bytes)
	layout, err := flash.For(i, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "card")
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
	read := func(name string) string {
		to := filepath.Join(t.TempDir(), name)
		if out, err := exec.Command(mcopy, "-i", path+"@@4194304", "::"+name, to).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return to
	}
	config, err := os.ReadFile(read("config.txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, address, _ := strings.Cut(string(config), "kernel_address=")
	address, _, _ = strings.Cut(address, "\n")
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, dirt(flat), 0o644); err != nil {
		t.Fatal(err)
	}
	boots(t, b, "raspberrypi", "-serial", "null", "-serial", "stdio",
		"-device", "loader,file="+read("kernel7.img")+",addr="+address+",cpu-num=0,force-raw=on",
		"-device", fmt.Sprintf("loader,file=%s,addr=%#x,force-raw=on", junk, flat.Load+uint64(len(flat.Bytes))))
}

// TestArmoryImage boots what an armory's boot ROM would load, at the address where it
// does and with that entry, in memory that is full of something else.
func TestArmoryImage(t *testing.T) {
	b, elf := program(t, "usbarmory")
	text, err := os.ReadFile(elf)
	if err != nil {
		t.Fatal(err)
	}
	flat, err := image.Flatten(text)
	if err != nil {
		t.Fatal(err)
	}
	if flat.Room < 1<<20 || len(flat.Bytes) > 12e6 {
		t.Errorf("%d bytes, and %d of zeros that are left out", len(flat.Bytes), flat.Room)
	}
	dir := t.TempDir()
	kernel, junk := filepath.Join(dir, "kernel"), filepath.Join(dir, "junk")
	if err := errors.Join(os.WriteFile(kernel, flat.Bytes, 0o644), os.WriteFile(junk, dirt(flat), 0o644)); err != nil {
		t.Fatal(err)
	}
	boots(t, b, "usbarmory",
		"-serial", "null", "-serial", "stdio",
		"-device", fmt.Sprintf("loader,file=%s,addr=%#x,force-raw=on", kernel, flat.Load),
		"-device", fmt.Sprintf("loader,file=%s,addr=%#x,force-raw=on", junk, flat.Load+uint64(len(flat.Bytes))),
		"-device", fmt.Sprintf("loader,addr=%#x,cpu-num=0", flat.Entry))
}

// dirt is what lies in memory where a program is to clear it.
func dirt(f *image.Flat) []byte { return bytes.Repeat([]byte{0xA5}, int(f.Room)) }

// boots has QEMU start a card, and waits until it answers.
func boots(t *testing.T, b boot.Board, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out := &waiting{more: make(chan struct{}, 1)}
	cmd := exec.CommandContext(ctx, b.QEMU, append(append(b.Machine, "-display", "none"), args...)...)
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := out.until(ctx, "card "+name+" answers"); err != nil {
		t.Error(err)
	}
	cancel()
	_ = cmd.Wait() // it was killed
}

// BenchmarkSerialCall calls an emulated Raspberry Pi over its serial line.
func BenchmarkSerialCall(b *testing.B) {
	ctx := context.Background()
	m := answers(b, "raspberrypi")
	card, err := hostdriver.Open(ctx, m.URL)
	if err != nil {
		b.Fatal(err)
	}
	defer card.Close()
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		b.Fatal(err)
	}
	defer echo.Release()
	b.Run("add", func(b *testing.B) {
		for range b.N {
			if _, err := echo.Add(2, 3); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("fill16K", func(b *testing.B) {
		buf := make([]byte, 16<<10)
		b.SetBytes(int64(len(buf)))
		for range b.N {
			if _, err := echo.Fill(1, buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}
