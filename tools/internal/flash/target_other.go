//go:build !linux

package flash

import (
	"errors"
	"os"
	"runtime"
	"syscall"

	"github.com/mmlite/mmlite/firmware/com"
)

// device knows nothing of a device on this system but its size.
func device(path string) (*Target, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, com.Errorf(com.CodeOf(err), "%v", err)
	}
	defer f.Close()
	size, err := f.Seek(0, 2)
	if err != nil || size <= 0 {
		return nil, com.Errorf(com.ErrNotSupported, "%s: its size is not known on %s: write an image to a file, and that to the card with a tool of the system", path, runtime.GOOS)
	}
	return &Target{Path: path, Device: true, Size: size, Unsure: "whether it is mounted is not known on " + runtime.GOOS}, nil
}

func openTarget(path string, flags int, _ bool) (*os.File, error) {
	return os.OpenFile(path, flags, 0o644)
}

// Settle does nothing: the system looks at the partitions when the card is put in.
func (c *Card) Settle() {}

func pulledOut(err error) bool {
	return errors.Is(err, syscall.EIO) || errors.Is(err, syscall.ENXIO) || errors.Is(err, syscall.ENODEV)
}

func isBusy(err error) bool { return errors.Is(err, syscall.EBUSY) }
