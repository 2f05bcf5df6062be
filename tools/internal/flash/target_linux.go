package flash

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
)

// places are where the system tells of devices.
type places struct{ block, mounts, swaps string }

var system = places{"/sys/class/block", "/proc/self/mountinfo", "/proc/swaps"}

func device(path string) (*Target, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	return system.device(path, filepath.Base(real))
}

// device looks up the device called name (Documentation/ABI/stable/sysfs-block of the
// kernel).
func (s places) device(path, name string) (*Target, error) {
	dir := filepath.Join(s.block, name)
	word := func(file string) string {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(b))
	}
	sectors, err := strconv.ParseInt(word("size"), 10, 64)
	if err != nil || sectors > 1<<50 {
		return nil, com.Errorf(com.ErrInvalid, "%s is no device that holds files", path)
	}
	if word("partition") != "" {
		return nil, com.Errorf(com.ErrInvalid, "%s is a partition: name the whole card", path)
	}
	t := &Target{Path: path, Device: true, Size: sectors * 512}
	if t.Size == 0 {
		return nil, com.Errorf(com.ErrGone, "%s: there is no card in it", path)
	}
	if word("ro") == "1" {
		return nil, com.Errorf(com.ErrPermission, "%s is write-protected: cards have a slide at their side for that", path)
	}
	// A reader on the board itself is not called removable; what is in it is.
	t.Removable = word("removable") == "1" || word("device/type") == "SD"
	t.Model = strings.TrimSpace(word("device/vendor") + " " + word("device/model") + word("device/name"))
	// The device, its partitions, and what is built on any of them.
	names := map[string]string{} // by number
	add := func(d, name string) {
		b, err := os.ReadFile(filepath.Join(d, "dev"))
		if err == nil {
			names[strings.TrimSpace(string(b))] = name
		}
		holders, _ := os.ReadDir(filepath.Join(d, "holders"))
		for _, h := range holders {
			t.Mounted = append(t.Mounted, "part of "+h.Name())
		}
	}
	add(dir, name)
	parts, _ := os.ReadDir(dir)
	for _, p := range parts {
		if strings.HasPrefix(p.Name(), name) {
			add(filepath.Join(dir, p.Name()), p.Name())
		}
	}
	mounts, err := os.ReadFile(s.mounts)
	if err != nil {
		t.Unsure = "what is mounted is not known"
	}
	for line := range strings.Lines(string(mounts)) {
		// Field 3 is the device's number, field 5 the place (proc(5)).
		if w := strings.Fields(line); len(w) > 4 && names[w[2]] != "" {
			t.Mounted = append(t.Mounted, w[4])
		}
	}
	swaps, _ := os.ReadFile(s.swaps)
	for line := range strings.Lines(string(swaps)) {
		w := strings.Fields(line)
		for _, n := range names {
			if len(w) > 0 && filepath.Base(w[0]) == n {
				t.Mounted = append(t.Mounted, "memory is swapped to it")
			}
		}
	}
	return t, nil
}

// openTarget opens a device for this program alone: the kernel refuses while any file
// system of it is mounted.
func openTarget(path string, flags int, device bool) (*os.File, error) {
	if device {
		flags |= unix.O_EXCL | unix.O_CLOEXEC
	}
	return os.OpenFile(path, flags, 0o644)
}

// Forget has the system read from the card itself.
func (c *Card) Forget() error {
	return c.control(func(fd int) error { return unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED) })
}

// Settle has the system look at the partitions anew.
func (c *Card) Settle() {
	_ = c.control(func(fd int) error { // a file has none, and the card works all the same
		return unix.IoctlSetInt(fd, unix.BLKRRPART, 0)
	})
}

func (c *Card) control(f func(fd int) error) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = f(int(fd)) }); err != nil {
		return err
	}
	return failed
}

func pulledOut(err error) bool {
	for _, e := range []error{unix.EIO, unix.ENODEV, unix.ENXIO, unix.ENOMEDIUM, unix.ESHUTDOWN} {
		if errors.Is(err, e) {
			return true
		}
	}
	return errors.Is(err, io.ErrClosedPipe)
}

func isBusy(err error) bool { return errors.Is(err, unix.EBUSY) }
