package serial

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
)

// openTerminal sets up a terminal device (termios(3), ioctl_tty(2)).
func openTerminal(path string, baud int) (io.ReadWriteCloser, error) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		switch {
		case errors.Is(err, unix.EBUSY):
			return nil, com.Errorf(com.ErrBusy, "another program has %s open", path)
		case errors.Is(err, os.ErrPermission):
			return nil, com.Errorf(com.ErrPermission, "%v: serial lines are for root and a group, often dialout or uucp", err)
		}
		return nil, com.Errorf(com.CodeOf(err), "%v", err)
	}
	raw, err := f.SyscallConn()
	if err == nil {
		var failed error
		if err = raw.Control(func(fd uintptr) { failed = setup(int(fd), baud) }); err == nil {
			err = failed
		}
	}
	if err != nil {
		f.Close()
		if errors.Is(err, unix.ENOTTY) {
			return nil, com.Errorf(com.ErrInvalid, "%s is no serial line", path)
		}
		return nil, com.Errorf(com.CodeOf(err), "%s: %d baud: %v", path, baud, err)
	}
	return f, nil
}

func setup(fd, baud int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS2)
	if err != nil {
		return err
	}
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON | unix.IXOFF
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag &^= unix.CSIZE | unix.PARENB | unix.CSTOPB | unix.CRTSCTS | unix.CBAUD
	t.Cflag |= unix.CS8 | unix.CREAD | unix.CLOCAL | unix.BOTHER
	t.Ispeed, t.Ospeed = uint32(baud), uint32(baud)
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS2, t); err != nil {
		return err
	}
	if err := unix.IoctlSetInt(fd, unix.TIOCEXCL, 0); err != nil {
		return err
	}
	return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIOFLUSH)
}
