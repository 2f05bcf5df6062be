//go:build unix

package hostdriver

import (
	"context"
	"net"
	"os"
	"os/exec"
	"syscall"

	"github.com/mmlite/mmlite/firmware/com"
)

// socketPair is the socket to a card of one's own: nobody else can reach it.
type socketPair struct {
	mine  *net.UnixConn
	files []*os.File // for the child, as its descriptor 3
	arg   string
}

func newSocketPair() (*socketPair, error) {
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, com.Errorf(com.ErrFailed, "socket to a card: %v", err)
	}
	f := os.NewFile(uintptr(fds[0]), "card")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		syscall.Close(fds[1])
		return nil, com.Errorf(com.ErrFailed, "socket to a card: %v", err)
	}
	return &socketPair{c.(*net.UnixConn), []*os.File{os.NewFile(uintptr(fds[1]), "host")}, "fd:3"}, nil
}

func (p *socketPair) connect(context.Context, <-chan error) (*net.UnixConn, error) {
	p.files[0].Close()
	return p.mine, nil
}

func (p *socketPair) close() {
	p.mine.Close()
	p.files[0].Close()
}

// prepare gives the card a process group of its own, so that an interrupt typed
// at the terminal reaches this program alone, which then ends the card.
func prepare(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
