package pci

import (
	"errors"
	"fmt"
	"os"
	"regexp"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
)

// Create makes the window of a card that is a process: of size bytes, for this user
// alone. It is memory that nobody can cut short, which would end every program that
// has it mapped (memfd_create(2), seals); path is a link that leads there as long as
// the process lives. What is at path already is replaced if it is an empty file or
// the window of a card that is gone, and otherwise the error is com.ErrExists, or
// com.ErrBusy if that card runs. release removes it.
func Create(path string, size int) (mem []byte, release func() error, err error) {
	if size < link.MinWindow {
		return nil, nil, com.Errorf(com.ErrInvalid, "a window of %d bytes, and it takes %d", size, link.MinWindow)
	}
	f, err := sealed(int64(size))
	if err != nil {
		return nil, nil, com.Errorf(com.CodeOf(err), "memory for a window: %v", err)
	}
	taken(f) // by this card
	target := fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), f.Fd())
	if err := place(target, path, int64(size)); err != nil {
		f.Close()
		return nil, nil, err
	}
	remove := func() error {
		// Somebody may have removed it, or have put something else there.
		if there, err := os.Readlink(path); err != nil || there != target {
			return nil
		}
		return os.Remove(path)
	}
	m, err := mapMemory(f)
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return m.bytes, func() error { return errors.Join(remove(), m.close()) }, nil
}

// sealed makes memory whose size nobody can change.
func sealed(size int64) (*os.File, error) {
	fd, err := unix.MemfdCreate("mmlite-window", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "mmlite-window")
	if err = errors.Join(f.Chmod(0o600), f.Truncate(size)); err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// taken takes the card's own lock, behind those of the doors, for as long as f is
// open, and reports whether another card has it: there is one card to a window.
func taken(f *os.File) bool {
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: 0, Start: link.MaxDoors, Len: 1}
	return unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &lock) != nil
}

// place makes path a link to target.
func place(target, path string, size int64) error {
	const attempts = 8 // others may do the same
	for range attempts {
		err := os.Symlink(target, path)
		if !errors.Is(err, os.ErrExist) {
			return err
		}
		if err := mayReplace(path, size); err != nil {
			return err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return com.Errorf(com.CodeOf(err), "%v", err)
		}
	}
	return com.Errorf(com.ErrBusy, "%s comes again and again", path)
}

// ours is where the links of cards lead.
var ours = regexp.MustCompile(`^/proc/\d+/fd/\d+$`)

// mayReplace looks at what is in the way of a window. It must not be worth anything:
// that it is named is no proof.
func mayReplace(path string, size int64) error {
	exists := com.Errorf(com.ErrExists, "%s is there, and is no window of %d bytes that a card has left: remove it, or name another", path, size)
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return com.Errorf(com.CodeOf(err), "%v", err)
	}
	linked := info.Mode()&os.ModeSymlink != 0
	if linked {
		if to, err := os.Readlink(path); err != nil || !ours.MatchString(to) {
			return exists
		}
	} else if !info.Mode().IsRegular() {
		return com.Errorf(com.ErrInvalid, "%s is no regular file", path)
	}
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NONBLOCK, 0)
	switch {
	case err != nil && linked && !errors.Is(err, os.ErrPermission):
		return nil // that card is gone
	case err != nil:
		return com.Errorf(com.CodeOf(err), "%v", err)
	}
	defer f.Close()
	if taken(f) {
		return com.Errorf(com.ErrBusy, "%s is the window of a card that runs", path)
	}
	if linked {
		return nil // to whatever has the number of that process now
	}
	head := make([]byte, 8)
	if n, err := f.ReadAt(head, 0); n == 0 || err == nil && info.Size() == size && link.MayFormat(head) {
		return nil
	}
	return exists
}
