//go:build !linux

package hosted

import (
	"net"
	"os"

	"github.com/mmlite/mmlite/firmware/com"
)

// canShare says that this system shares memory with other processes and rings
// doorbells across them. This one has no means that this driver knows: packets
// travel through the socket.
const canShare = false

func makeFile(int) ([]byte, int, func() error, error) {
	return nil, -1, nil, com.Errorf(com.ErrNotSupported, "hosted link: no shared memory on this system")
}

func mapFile(int, int) ([]byte, func() error, error) {
	return nil, nil, com.Errorf(com.ErrNotSupported, "hosted link: no shared memory on this system")
}

func mapPrivate([]byte) error { return nil }

func closeFile(int) {}

func writeWithFile(*net.UnixConn, []byte, int) error {
	return com.Errorf(com.ErrNotSupported, "hosted link: no shared memory on this system")
}

func readWithFile(c *net.UnixConn, b []byte) (int, error) {
	for at := 0; at < len(b); {
		n, err := c.Read(b[at:])
		if err != nil {
			return -1, com.Errorf(com.ErrGone, "hosted link: the other side hung up before its greeting")
		}
		at += n
	}
	return -1, nil
}

// checkPeer relies on the folder of the sockets, which is the user's alone.
func checkPeer(*net.UnixConn) error { return nil }

func ownedByUser(os.FileInfo) bool { return true }
