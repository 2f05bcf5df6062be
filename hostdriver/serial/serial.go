// Package serial opens the serial lines behind which cards are: terminal devices of
// the system, and the sockets and pseudo terminals that stand for such lines where a
// board is emulated.
package serial

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
)

// DefaultBaud is the rate of a line unless its name says another one. Boards use the
// same.
const DefaultBaud = 921600

// Parse splits PATH or PATH,BAUD. The error is com.ErrInvalid.
func Parse(s string) (path string, baud int, err error) {
	path, baud = s, DefaultBaud
	if i := strings.LastIndexByte(s, ','); i >= 0 {
		n, err := strconv.ParseUint(s[i+1:], 10, 32)
		if err != nil || n < 300 || n > 12_000_000 {
			return "", 0, com.Errorf(com.ErrInvalid, "serial line %q: want PATH or PATH,BAUD", s)
		}
		path, baud = s[:i], int(n)
	}
	if path == "" {
		return "", 0, com.Errorf(com.ErrInvalid, "serial line: want serial:PATH, as in serial:/dev/ttyUSB0 or serial:/dev/ttyUSB0,115200")
	}
	return path, baud, nil
}

// Open opens the line at path: a terminal device, which is set to baud, 8 bits, no
// parity and no handshake, and which no other program may open meanwhile; or a unix
// socket. Closing it ends a Read that waits. The errors are com.ErrNotFound,
// com.ErrPermission, com.ErrBusy if another program has it, com.ErrInvalid for what is
// no serial line, com.ErrNotSupported.
func Open(ctx context.Context, path string, baud int) (io.ReadWriteCloser, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, com.Errorf(com.ErrNotFound, "%s is not there: is the board plugged in?", path)
	case err != nil:
		return nil, com.Errorf(com.CodeOf(err), "%v", err)
	case info.Mode()&os.ModeSocket != 0:
		var d net.Dialer
		c, err := d.DialContext(ctx, "unix", path)
		if err != nil {
			return nil, com.Errorf(com.ErrNotFound, "nobody listens at %s any more: the board that did is gone (%v)", path, err)
		}
		return c, nil
	case info.Mode()&os.ModeCharDevice == 0:
		return nil, com.Errorf(com.ErrInvalid, "%s is no serial line", path)
	}
	return openTerminal(path, baud)
}
