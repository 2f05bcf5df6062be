package pci

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
)

// ivshmemVersion is that of the protocol between an ivshmem server and its peers.
const ivshmemVersion = 0

// maxPeers bounds what a server may tell of.
const maxPeers = 64

// bells are the doorbells of the peers of an ivshmem server, of which this program
// is one and the card another.
type bells struct {
	conn *net.UnixConn
	own  uint32 // number of this peer

	mu    sync.Mutex
	peers map[int64]*os.File // the first eventfd of each other one
	mine  *os.File
	wait  sync.WaitGroup
}

// openServer becomes a peer of the server at path.
func openServer(path string) (*memory, *bells, error) {
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, nil, com.Errorf(com.ErrNotFound, "no ivshmem server at %s: %v", path, err)
	}
	b := &bells{conn: c, peers: map[int64]*os.File{}}
	fail := func(err error) (*memory, *bells, error) {
		b.close()
		return nil, nil, err
	}
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	version, f, err := readPeer(c)
	if f != nil {
		f.Close()
	}
	if err != nil || version != ivshmemVersion {
		return fail(com.Errorf(com.ErrProtocol, "%s: what answers is no ivshmem server of version %d", path, ivshmemVersion))
	}
	own, f, err := readPeer(c)
	if f != nil {
		f.Close()
	}
	if err != nil || own < 0 || own > 0xFFFF {
		return fail(com.Errorf(com.ErrProtocol, "%s: no number from the ivshmem server", path))
	}
	b.own = uint32(own)
	n, shm, err := readPeer(c)
	if err != nil || n != -1 || shm == nil {
		return fail(com.Errorf(com.ErrProtocol, "%s: no memory from the ivshmem server", path))
	}
	shm, err = reopened(shm)
	if err != nil {
		return fail(err)
	}
	mem, err := mapMemory(shm)
	if err != nil {
		return fail(err)
	}
	// The others come first, then this peer itself.
	for b.mine == nil {
		if err := b.take(); err != nil {
			mem.close()
			return fail(err)
		}
	}
	c.SetReadDeadline(time.Time{})
	b.wait.Go(func() { // those that come and go later
		for b.take() == nil {
		}
	})
	return mem, b, nil
}

// reopened opens a file anew and closes f. The server passes one open file to all its
// peers, and locks of open files, which doors are taken by, keep nobody out who has
// the same one.
func reopened(f *os.File) (*os.File, error) {
	defer f.Close()
	own, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", f.Fd()), os.O_RDWR, 0)
	if err != nil {
		return nil, com.Errorf(com.CodeOf(err), "opening the memory that the ivshmem server gave: %v", err)
	}
	return own, nil
}

// take reads what the server says next.
func (b *bells) take() error {
	id, f, err := readPeer(b.conn)
	if err != nil {
		return com.Errorf(com.ErrGone, "the ivshmem server is gone: %v", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch old := b.peers[id]; {
	case f == nil: // it left
		if old != nil {
			old.Close()
			delete(b.peers, id)
		}
	case id == int64(b.own):
		if b.mine == nil {
			b.mine = f
			return nil
		}
		f.Close()
	case old != nil || id < 0 || len(b.peers) >= maxPeers: // its further vectors
		f.Close()
	default:
		b.peers[id] = f
	}
	return nil
}

// one is what an eventfd is rung with.
var one = binary.NativeEndian.AppendUint64(nil, 1)

// ring rings for all peers: a ring too many does no harm.
func (b *bells) ring(*uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.peers {
		_, _ = f.Write(one) // a full counter rings all the same
	}
}

// listen has rung called when another peer rings. It is called once.
func (b *bells) listen(rung func()) {
	b.wait.Go(func() {
		var count [8]byte
		for {
			if _, err := b.mine.Read(count[:]); err != nil {
				return
			}
			rung()
		}
	})
}

func (b *bells) close() error {
	err := b.conn.Close()
	b.mu.Lock()
	for _, f := range b.peers {
		f.Close()
	}
	clear(b.peers)
	if b.mine != nil {
		b.mine.Close()
	}
	b.mu.Unlock()
	b.wait.Wait()
	return err
}

// readPeer reads a number and the descriptor that may come with it.
func readPeer(c *net.UnixConn) (int64, *os.File, error) {
	var b [8]byte
	oob := make([]byte, unix.CmsgSpace(4))
	var f *os.File
	for at := 0; at < len(b); {
		n, oobn, _, _, err := c.ReadMsgUnix(b[at:], oob)
		if err == nil && n == 0 {
			err = os.ErrClosed
		}
		if err != nil {
			if f != nil {
				f.Close()
			}
			return 0, nil, err
		}
		at += n
		msgs, _ := unix.ParseSocketControlMessage(oob[:oobn])
		for i := range msgs {
			fds, _ := unix.ParseUnixRights(&msgs[i])
			for _, fd := range fds {
				if f != nil {
					f.Close()
				}
				unix.CloseOnExec(fd)
				_ = unix.SetNonblock(fd, true) // so that closing it ends a read
				f = os.NewFile(uintptr(fd), "ivshmem")
			}
		}
	}
	return int64(binary.LittleEndian.Uint64(b[:])), f, nil
}
