package flash

import (
	"fmt"
	"os"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
)

// largest is the size above which a device is hardly the card that was meant.
const largest = 128 << 30

// Target is what a path names.
type Target struct {
	Path   string
	Device bool   // a card; otherwise a file, which may not be there yet
	Size   int64  // bytes of a device
	Model  string // what a device calls itself
	// Mounted lists where file systems of a device are in use.
	Mounted []string
	// Removable says that a device is a card, or can be pulled out.
	Removable bool
	// Unsure says why nothing is known of a device but its size.
	Unsure string
}

// Refuse returns why a target is not to be written: com.ErrBusy if it is in use, which
// nothing outweighs, com.ErrPermission if it is hardly what was meant and really is not
// set, com.ErrInvalid if it is too small.
func (t *Target) Refuse(l *Layout, really bool) error {
	if !t.Device {
		return nil
	}
	if len(t.Mounted) > 0 {
		return com.Errorf(com.ErrBusy, "%s is in use (%s): unmount it first", t.Path, strings.Join(t.Mounted, ", "))
	}
	if t.Size < l.Size {
		return com.Errorf(com.ErrInvalid, "%s has %s, and %s are needed", t.Path, bytesText(t.Size), bytesText(l.Size))
	}
	if really {
		return nil
	}
	var why []string
	if t.Unsure != "" {
		why = append(why, t.Unsure)
	} else if !t.Removable {
		why = append(why, "it cannot be pulled out, as a card can")
	}
	if t.Size > largest {
		why = append(why, fmt.Sprintf("it has %s, which is more than cards to boot from have", bytesText(t.Size)))
	}
	if len(why) > 0 {
		return com.Errorf(com.ErrPermission, "%s may not be what you mean: %s. Everything on it would be lost; --yes-really writes it all the same", t.Path, strings.Join(why, ", and "))
	}
	return nil
}

// String describes a target for people.
func (t *Target) String() string {
	if !t.Device {
		return "file " + t.Path
	}
	s := fmt.Sprintf("device %s, %s", t.Path, bytesText(t.Size))
	if t.Model != "" {
		s += ", " + t.Model
	}
	return s
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d bytes", n)
}

// Look finds out what path names. The errors are com.ErrInvalid for what can be neither,
// and the system's.
func Look(path string) (*Target, error) {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		if strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, `\\.\`) {
			return nil, com.Errorf(com.ErrNotFound, "there is no device %s: is the card in?", path)
		}
		return &Target{Path: path}, nil
	case err != nil:
		return nil, err
	case info.Mode().IsRegular():
		return &Target{Path: path}, nil
	case info.Mode()&os.ModeDevice == 0:
		return nil, com.Errorf(com.ErrInvalid, "%s is neither a device nor a file", path)
	}
	return device(path)
}

// Open opens a target for writing; a file is made as large as the layout.
func (t *Target) Open(l *Layout) (*Card, error) {
	flags := os.O_RDWR
	if !t.Device {
		flags |= os.O_CREATE
	}
	f, err := openTarget(t.Path, flags, t.Device)
	if err != nil {
		switch {
		case os.IsPermission(err):
			return nil, com.Errorf(com.ErrPermission, "%v: writing a device takes the right to, as root has it", err)
		case pulledOut(err):
			return nil, com.Errorf(com.ErrGone, "%s: there is no card in it (%v)", t.Path, err)
		case isBusy(err):
			return nil, com.Errorf(com.ErrBusy, "%s is in use: %v", t.Path, err)
		}
		return nil, err
	}
	if !t.Device {
		if err := f.Truncate(0); err == nil {
			err = f.Truncate(l.Size)
		}
		if err != nil {
			f.Close()
			return nil, err
		}
	}
	return &Card{f}, nil
}

// Card is an open target.
type Card struct{ *os.File }
