package kerneltest

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/tools/internal/boot"
)

// limit is for everything that happens in the guest.
const limit = 170 * time.Second

// kernel returns the files of a kernel: of that which MMLITE_KERNEL names, a vmlinuz
// in its package's unpacked folder, or of the one that .ci/run has unpacked.
func kernel(t *testing.T) (image string, all modules) {
	if testing.Short() {
		t.Skip("booting a kernel is not short")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the card's program has to be the guest's, too: for Linux on amd64")
	}
	if _, err := exec.LookPath("qemu-system-x86_64"); err != nil {
		t.Skip("no qemu-system-x86_64 here, which emulates the PC; on Debian and Ubuntu: apt install qemu-system-x86")
	}
	image = os.Getenv("MMLITE_KERNEL")
	if image == "" {
		if cache, err := os.UserCacheDir(); err == nil {
			image = first(filepath.Join(cache, "mmlite", "pc", "boot", "vmlinuz-*"))
		}
	}
	if image == "" {
		t.Skip("no Linux kernel for the PC: MMLITE_KERNEL names one, such as of Debian's package linux-image-amd64, unpacked; .ci/run fetches one")
	}
	root := filepath.Dir(filepath.Dir(image))
	for _, under := range []string{"lib/modules", "usr/lib/modules"} {
		if all, err := findModules(filepath.Join(root, under)); err == nil {
			return image, all
		}
	}
	t.Skipf("kernel %s has no modules *.ko beside it", image)
	return "", nil
}

func first(pattern string) string {
	all, err := filepath.Glob(pattern)
	if err != nil || len(all) == 0 {
		return ""
	}
	return all[0]
}

// build builds a program of this module for the guest.
func build(t *testing.T, into, pkg string) []byte {
	t.Helper()
	out := filepath.Join(into, filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", pkg, err, said)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// image makes the guest's file system.
func image(t *testing.T, dir string, all modules) (initrd string) {
	initrd = filepath.Join(dir, "initrd")
	f, err := os.Create(initrd)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	disk := boot.NewRAMDisk(f)
	for _, d := range []string{"dev", "proc", "sys", "run", "tmp", "modules"} {
		disk.Dir(d)
	}
	disk.Device("dev/console", 5, 1)
	disk.Program("init", build(t, dir, "github.com/mmlite/mmlite/tools/internal/kerneltest/guest"))
	disk.Program("mmlite", build(t, dir, "github.com/mmlite/mmlite/tools/mmlite"))
	files, err := all.order("e1000", "vhci-hcd", "snd-seq", "snd-usb-audio", "snd-seq-midi", "snd-virmidi")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		disk.Program(fmt.Sprintf("modules/%02d-%s", i, filepath.Base(name)), b)
	}
	if err := disk.Close(); err != nil {
		t.Fatal(err)
	}
	return initrd
}

// startCard starts a hosted card that is a USB device, and listens to it.
func startCard(t *testing.T, mmlite string) (port string, e *ear) {
	dir, err := os.MkdirTemp("", "mm") // short: a socket's path has to fit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	cmd := exec.Command(mmlite, "run", "--name", "kerneltest", "--device", "null", "--usbip", address)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	said := bufio.NewReader(out)
	if line, err := said.ReadString('\n'); err != nil {
		t.Fatal(line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()

	ctx := context.Background()
	// The card is at rest, and has nothing to be heard, until the guest has booted.
	card, err := hostdriver.Open(ctx, "hosted:kerneltest", hostdriver.Timeout(2*limit))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { card.Close() })
	output, err := hostdriver.Bind(ctx, card, "/audio", audio.OutputType)
	if err != nil {
		t.Fatal(err)
	}
	defer output.Release()
	capture, err := output.Capture(ctx)
	if err != nil {
		t.Fatal(err)
	}
	e = &ear{}
	go e.listen(capture)
	_, port, _ = net.SplitHostPort(address)
	return port, e
}

// ear hears whether a card sounds.
type ear struct{ loud atomic.Bool }

func (e *ear) listen(c audio.Capture) {
	buf := make([]byte, 2048*8)
	for {
		n, _, err := c.Read(context.Background(), buf)
		if err != nil {
			return // the card is closed
		}
		peak := float32(0)
		for at := 0; at+4 <= int(n); at += 4 {
			peak = max(peak, math.Float32frombits(binary.LittleEndian.Uint32(buf[at:])))
		}
		e.loud.Store(peak > 0.001)
	}
}

// hears waits until the card sounds, or does not.
func (e *ear) hears(ctx context.Context, loud bool) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(time.Minute)
	for e.loud.Load() != loud {
		select {
		case <-tick.C:
		case <-end:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// A kernel that knows nothing of this project enumerates the card without a warning;
// its sound system plays through the card's MIDI interface, and programs call the
// card's objects through usbfs.
func TestKernelTakesTheCard(t *testing.T) {
	vmlinuz, all := kernel(t)
	dir := t.TempDir()
	initrd := image(t, dir, all)
	port, e := startCard(t, filepath.Join(dir, "mmlite"))

	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "1G", "-nodefaults", "-no-reboot",
		"-display", "none", "-kernel", vmlinuz, "-initrd", initrd, "-append", "console=ttyS0 quiet loglevel=3 panic=-1 mmlite.port="+port,
		"-chardev", "stdio,id=c,signal=off", "-serial", "chardev:c", "-netdev", "user,id=n", "-device", "e1000,netdev=n")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	var rest []string
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		_, said, ok := strings.Cut(lines.Text(), "guest: ")
		switch {
		case !ok:
			rest = append(rest, lines.Text())
		case strings.HasPrefix(said, "listen "):
			answer := "n\n"
			if e.hears(ctx, said == "listen sound") {
				answer = "y\n"
			}
			if _, err := io.WriteString(in, answer); err != nil {
				t.Error(err)
			}
		case strings.HasPrefix(said, "FAILED"):
			t.Error(said)
		case said == "END":
			ended = true
		default:
			t.Log(said)
		}
	}
	err = cmd.Wait()
	if err != nil || !ended {
		t.Errorf("QEMU: %v; the guest came to its end: %v; the console:\n%s", err, ended, strings.Join(rest, "\n"))
	}
}
