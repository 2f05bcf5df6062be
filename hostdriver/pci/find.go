package pci

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mmlite/mmlite/hostdriver/hosted"
)

// SocketSuffix is what the names of windows' sockets end in.
const SocketSuffix = ".window"

// Socket returns the path of the window's socket of the card called name, which
// mmlite boot makes in the folder of this user's cards. The errors are those of
// hosted.Socket.
func Socket(name string) (string, error) {
	path, err := hosted.Socket(name)
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(path), name+SocketSuffix), nil
}

// Sockets lists the windows' sockets that answer. Those that were left behind are
// removed.
func Sockets() ([]string, error) {
	dir, err := hosted.Folder()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, e := range entries {
		if e.Type()&os.ModeSocket == 0 || !strings.HasSuffix(e.Name(), SocketSuffix) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		c, err := net.DialTimeout("unix", path, time.Second)
		if err != nil {
			if hosted.Abandoned(err) {
				os.Remove(path)
			}
			continue
		}
		c.Close()
		list = append(list, path)
	}
	return list, nil
}

// Find lists the paths that may be cards: the ivshmem devices of this computer, and
// the windows of cards that are emulated here.
func Find() ([]string, error) {
	list, err := devices()
	more, e := Sockets()
	if list = append(list, more...); len(list) > 0 {
		return list, nil
	}
	return nil, errors.Join(err, e)
}
