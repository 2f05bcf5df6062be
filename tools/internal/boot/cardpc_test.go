package boot

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
)

// pc is a PC with Linux, as far as it has to be one to hold a card.
var pc = Board{
	Name: "pc", QEMU: "qemu-system-x86_64", Debian: "qemu-system-x86", Link: PCI,
	Machine: []string{"-machine", "q35", "-cpu", "max", "-m", "512M", "-nodefaults", "-vga", "none", "-no-reboot"},
}

// kernel is a Linux for the PC: MMLITE_KERNEL names it, or .ci/run has put it into
// the cache folder, or it is the one that this computer runs.
func kernel(t *testing.T) string {
	t.Helper()
	if k := os.Getenv("MMLITE_KERNEL"); k != "" {
		return k
	}
	if cache, err := os.UserCacheDir(); err == nil {
		if k := filepath.Join(cache, "mmlite", "pc", "vmlinuz"); exists(k) {
			return k
		}
	}
	if all, _ := filepath.Glob("/boot/vmlinuz-*"); len(all) > 0 && runtime.GOARCH == "amd64" {
		return all[len(all)-1]
	}
	t.Skip("no Linux kernel for the PC: MMLITE_KERNEL names one, such as of Debian's package linux-image-amd64")
	return ""
}

func exists(path string) bool {
	f, err := os.Open(path)
	if err == nil {
		f.Close()
	}
	return err == nil
}

// image returns the card's image, or skips.
func image(t *testing.T, b Board) string {
	t.Helper()
	if _, err := Program(b); err != nil {
		t.Skip(err)
	}
	source, err := Source(".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(source, b.Package)); err != nil {
		t.Skip(err)
	}
	if _, err := Toolchain(source); err != nil {
		t.Skip(err)
	}
	lookAtAll(t, source)
	out := filepath.Join(t.TempDir(), b.Name)
	if err := Build(context.Background(), source, b, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// watcher is a console; it tells when a word has come.
type watcher struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *watcher) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *watcher) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// start boots a card and waits until it answers.
func start(t *testing.T, cfg Config) *Machine {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", shortDir(t))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	m, err := Start(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		card, err := hostdriver.Open(ctx, m.URL, hostdriver.Client("test"))
		if err == nil {
			card.Close()
			return m
		}
		select {
		case <-tick.C:
		case <-m.Done():
			t.Fatal(m.Err())
		case <-ctx.Done():
			t.Fatalf("the card does not answer: %v\n%s", err, m.Tail())
		}
	}
}

// shortDir is a folder with a name that leaves room for that of a socket.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "mm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// TestCardPC has two machines, a card and a PC with Linux that holds it, whose only
// program is mmlite: it finds the card among its PCI devices and plays on it.
func TestCardPC(t *testing.T) {
	if testing.Short() {
		t.Skip("two emulated machines take long")
	}
	board, err := Find("qemupc")
	if err != nil {
		t.Fatal(err)
	}
	linux := kernel(t)
	dir := t.TempDir()
	wav := filepath.Join(dir, "card.wav")
	card := start(t, Config{
		Board: board, Image: image(t, board), Name: "card", Window: 64 << 20, WAV: wav, Rate: 44100,
		Config: map[string]string{"name": "card", "args": "rate=44100"},
	})
	disk := ramdisk(t, dir)
	var console watcher
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	host, err := Start(ctx, Config{
		Board: pc, Image: linux, Name: "pc", Join: strings.TrimPrefix(card.URL, "pci:"), Out: &console,
		Args: []string{"-initrd", disk, "-append", "console=ttyS0 quiet panic=-1 rdinit=/mmlite -- init --card pci: play /song.mid"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	select {
	case <-host.Done():
	case <-ctx.Done():
		t.Fatalf("the PC does not end:\n%s", console.String())
	}
	t.Logf("the PC said:\n%s", console.String())
	if !strings.Contains(console.String(), "mmlite init: done") {
		t.Fatal("the PC's program failed")
	}
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	frames, peak, err := loudness(wav)
	if err != nil || frames < 2*44100 || peak < 1000 {
		t.Errorf("%d frames, peak %d, %v", frames, peak, err)
	}
}

// song is a MIDI file of four notes, half a second each.
func song() []byte {
	track := []byte{0x00, 0xC0, 0x00}
	for _, key := range []byte{60, 64, 67, 72} {
		track = append(track, 0x00, 0x90, key, 0x70, 0x60, 0x80, key, 0x40)
	}
	track = append(track, 0x00, 0xFF, 0x2F, 0x00)
	file := []byte("MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk")
	file = binary.BigEndian.AppendUint32(file, uint32(len(track)))
	return append(file, track...)
}

// ramdisk is a RAM disk that holds mmlite, a song and a console.
func ramdisk(t *testing.T, dir string) string {
	t.Helper()
	program := filepath.Join(dir, "mmlite")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, module+"/tools/mmlite")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "ramdisk")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	d := NewRAMDisk(f)
	d.Dir("dev")
	d.Device("dev/console", 5, 1)
	d.Program("mmlite", content)
	d.Program("song.mid", song())
	if err := errors.Join(d.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// loudness returns how many frames of sound there are in a WAV file of QEMU's, up to
// the last that is not silent, and how loud the loudest is.
func loudness(path string) (frames, peak int, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	const header = 44
	if len(b) < header || string(b[:4]) != "RIFF" {
		return 0, 0, com.Errorf(com.ErrInvalid, "%d bytes that are no WAV file", len(b))
	}
	for i := 0; i+4 <= len(b)-header; i += 4 {
		v := int(int16(binary.LittleEndian.Uint16(b[header+i:])))
		if v != 0 {
			frames = i/4 + 1
		}
		peak = max(peak, v, -v)
	}
	return frames, peak, nil
}
