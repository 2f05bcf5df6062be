//go:build !linux

package serial

import (
	"io"
	"runtime"

	"github.com/mmlite/mmlite/firmware/com"
)

func openTerminal(path string, _ int) (io.ReadWriteCloser, error) {
	return nil, com.Errorf(com.ErrNotSupported, "%s: serial lines are opened on Linux; this is %s, where only sockets serve", path, runtime.GOOS)
}
