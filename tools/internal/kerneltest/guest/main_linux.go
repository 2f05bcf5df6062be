package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	signal.Ignore(syscall.SIGPIPE)
	err := run()
	if err != nil {
		say("FAILED %v", err)
		kernelSays()
	}
	say("END")
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
}

// say tells the test a line, which a console may break up nothing of.
func say(format string, args ...any) {
	fmt.Println("guest: " + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " | "))
}

func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), 150*time.Second)
	defer cancel()
	for _, m := range []struct{ kind, at string }{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/run"}, {"tmpfs", "/tmp"}} {
		if err := unix.Mount(m.kind, m.at, m.kind, 0, ""); err != nil && !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("mounting %s: %w", m.at, err)
		}
	}
	os.Setenv("XDG_RUNTIME_DIR", "/run")
	os.Setenv("HOME", "/tmp")
	os.Setenv("PATH", "/")
	if err := loadModules(); err != nil {
		return err
	}
	if err := network(); err != nil {
		return err
	}
	mark, err := lastMessage()
	if err != nil {
		return err
	}
	port, err := argument("mmlite.port")
	if err != nil {
		return err
	}
	if err := attach(ctx, "10.0.2.2:"+port); err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"enumerated", enumerated}, {"raw MIDI", rawMIDI}, {"calls", calls}, {"sequencer", sequencer}, {"without a broker", alone}, {"unplugged", unplugged},
	} {
		began := time.Now()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		say("ok %s, %.1f s", step.name, time.Since(began).Seconds())
	}
	return complaints(mark)
}

// argument returns a word of the kernel's command line.
func argument(name string) (string, error) {
	b, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return "", err
	}
	for _, w := range strings.Fields(string(b)) {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			return v, nil
		}
	}
	return "", fmt.Errorf("no %s in %s", name, b)
}

// loadModules loads what the archive brought, in its order.
func loadModules() error {
	files, err := filepath.Glob("/modules/*.ko")
	if err != nil {
		return err
	}
	for _, name := range files { // they are numbered
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(f.Fd()), "", 0)
		f.Close()
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	say("%d modules", len(files))
	return nil
}

// wait looks until something is there.
func wait(ctx context.Context, what string, there func() bool) error {
	for !there() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("no %s: %w", what, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// first returns the first file that matches, "" if there is none.
func first(pattern string) string {
	all, err := filepath.Glob(pattern)
	if err != nil || len(all) == 0 {
		return ""
	}
	return all[0]
}

// lastMessage returns the number of the kernel's last message so far.
func lastMessage() (uint64, error) {
	last := uint64(0)
	err := messages(func(_ int, n uint64, _ string) { last = n })
	return last, err
}

// messages reads what the kernel has said (Documentation/ABI/testing/dev-kmsg).
func messages(take func(level int, number uint64, text string)) error {
	f, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer unix.Close(f)
	buf := make([]byte, 8192)
	for {
		n, err := unix.Read(f, buf)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case errors.Is(err, unix.EPIPE): // some were overwritten
			continue
		case err != nil:
			return err
		}
		head, text, _ := strings.Cut(string(buf[:n]), ";")
		fields := strings.Split(head, ",")
		if len(fields) < 2 {
			continue
		}
		level, err := strconv.Atoi(fields[0])
		if err != nil {
			return err
		}
		number, err := strconv.ParseUint(fields[1], 10, 64)
		if err != nil {
			return err
		}
		text, _, _ = strings.Cut(text, "\n")
		take(level&7, number, text)
	}
}

// complaints is the kernel's warnings and errors since a message.
func complaints(since uint64) error {
	var bad []string
	err := messages(func(level int, n uint64, text string) {
		if n > since && level <= 4 && !aboutTime(text) && !aboutPlug(text) {
			bad = append(bad, text)
		}
		if n > since {
			say("kernel %d: %s", level, text)
		}
	})
	if err == nil && len(bad) > 0 {
		err = fmt.Errorf("the kernel warns: %s", strings.Join(bad, " / "))
	}
	return err
}

// aboutTime reports whether a message complains of the clocks of a PC whose emulator
// was not given the processor for a while.
func aboutTime(text string) bool {
	for _, subject := range []string{"clocksource:", "hrtimer:", "rcu:", "TSC", "tsc:", "workqueue:"} {
		if strings.HasPrefix(text, subject) {
			return true
		}
	}
	return false
}

// aboutPlug reports whether a message is of the controller that stands for a bus, and
// finds its connection cut: this test does that.
func aboutPlug(text string) bool { return strings.HasPrefix(text, "vhci_hcd: sendmsg failed!") }

func kernelSays() {
	_ = messages(func(level int, _ uint64, text string) { say("kernel %d: %s", level, text) })
}
