//go:build !unix

package hostdriver

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver/hosted"
)

// socketPair is a listening socket in the folder of the user's cards, to which
// the card of one's own connects: this system has no pairs to inherit.
type socketPair struct {
	listener *net.UnixListener
	files    []*os.File
	arg      string
}

func newSocketPair() (*socketPair, error) {
	dir, err := hosted.Folder()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "host-"+strconv.Itoa(os.Getpid())+".own")
	os.Remove(path)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, com.Errorf(com.ErrFailed, "socket to a card: %v", err)
	}
	return &socketPair{listener: l, arg: "unix:" + path}, nil
}

func (p *socketPair) connect(ctx context.Context, exited <-chan error) (*net.UnixConn, error) {
	defer p.listener.Close()
	type result struct {
		c   *net.UnixConn
		err error
	}
	got := make(chan result, 1)
	go func() {
		c, err := p.listener.AcceptUnix()
		got <- result{c, err}
	}()
	select {
	case r := <-got:
		return r.c, r.err
	case err := <-exited:
		return nil, com.Errorf(com.ErrGone, "it exited: %v", err)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *socketPair) close() { p.listener.Close() }

func prepare(*exec.Cmd) {}
