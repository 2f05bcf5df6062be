package serial

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
)

// pty returns the two ends of a pseudo terminal: a line as the kernel has it.
func pty(t *testing.T) (far *os.File, path string) {
	t.Helper()
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no pseudo terminals here: %v", err)
	}
	t.Cleanup(func() { far.Close() })
	n, err := unix.IoctlGetInt(int(far.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(far.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return far, fmt.Sprintf("/dev/pts/%d", n)
}

// TestRaw sends every byte both ways: nothing is changed, added or taken for a command.
func TestRaw(t *testing.T) {
	far, path := pty(t)
	line, err := Open(t.Context(), path, 115200)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, way := range []struct{ from, to io.ReadWriter }{{far, line}, {line, far}} {
		if _, err := way.from.Write(all); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 256)
		if _, err := io.ReadFull(way.to, got); err != nil || string(got) != string(all) {
			t.Errorf("% x, %v", got, err)
		}
	}
	if os.Getuid() != 0 { // root may open it all the same
		if _, err := Open(t.Context(), path, 115200); !errors.Is(err, com.ErrBusy) {
			t.Errorf("opened twice: %v", err)
		}
	}
	// Closing ends a Read that waits.
	ended := make(chan error, 1)
	go func() {
		_, err := line.Read(make([]byte, 1))
		ended <- err
	}()
	if err := line.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("it read something")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the read goes on")
	}
}

func TestNoLines(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{file: com.ErrInvalid, file + "x": com.ErrNotFound, "/dev/null": com.ErrInvalid} {
		if _, err := Open(t.Context(), path, 9600); !errors.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestParse(t *testing.T) {
	for s, want := range map[string]struct {
		path string
		baud int
	}{
		"/dev/ttyUSB0":        {"/dev/ttyUSB0", DefaultBaud},
		"/dev/ttyUSB0,115200": {"/dev/ttyUSB0", 115200},
		"":                    {},
		",115200":             {},
		"x,":                  {},
		"x,0":                 {},
		"x,99999999":          {},
		"x,-1":                {},
	} {
		path, baud, err := Parse(s)
		if path != want.path || baud != want.baud || (err != nil) != (want.path == "") {
			t.Errorf("%q: %q %d %v", s, path, baud, err)
		}
	}
}
