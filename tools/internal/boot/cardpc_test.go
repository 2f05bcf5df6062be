package boot

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// pc is a PC with Linux, as far as it has to be one to hold a card.
var pc = Board{
	Name: "pc", QEMU: "qemu-system-x86_64", Debian: "qemu-system-x86", Link: PCI,
	Machine: []string{"-machine", "q35", "-cpu", "max", "-m", "512M", "-nodefaults", "-vga", "none", "-no-reboot"},
}

// kernel is a Linux for the PC: MMLITE_KERNEL names it, or .ci/run has unpacked one
// in the cache folder, or it is the one that this computer runs.
func kernel(t *testing.T) string {
	t.Helper()
	if k := os.Getenv("MMLITE_KERNEL"); k != "" {
		return k
	}
	var all []string
	if cache, err := os.UserCacheDir(); err == nil {
		all, _ = filepath.Glob(filepath.Join(cache, "mmlite", "pc", "boot", "vmlinuz-*"))
	}
	if len(all) == 0 && runtime.GOARCH == "amd64" {
		all, _ = filepath.Glob("/boot/vmlinuz-*")
	}
	if len(all) == 0 {
		t.Skip("no Linux kernel for the PC: MMLITE_KERNEL names one, such as of Debian's package linux-image-amd64; .ci/run fetches one")
	}
	return all[len(all)-1]
}

// TestCardPC has two machines, a card and a PC with Linux that holds it, whose only
// program is mmlite: it finds the card among its PCI devices and plays on it.
func TestCardPC(t *testing.T) {
	emulated(t)
	board, err := Find("qemupc")
	if err != nil {
		t.Fatal(err)
	}
	linux := kernel(t)
	dir := t.TempDir()
	wav := filepath.Join(dir, "card.wav")
	card := start(t, Config{
		Board: board, Image: cardImage(t, board), Name: "card", Window: 64 << 20, WAV: wav, Rate: 44100,
		Config: map[string]string{"name": "card", "args": "rate=44100"},
	})
	disk := ramdisk(t, dir)
	var console watcher
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	host, err := Start(ctx, Config{
		Board: pc, Image: linux, Name: "pc", Join: strings.TrimPrefix(card.URL, "pci:"), Out: &console,
		Args: []string{"-initrd", disk, "-append", "console=ttyS0 quiet panic=-1 rdinit=/mmlite -- init --card pci: play --json /song.mid"},
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
