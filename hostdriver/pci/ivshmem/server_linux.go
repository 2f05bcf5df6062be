// Package ivshmem is the server that QEMU's ivshmem-doorbell devices and programs of
// the host share memory and doorbells through (QEMU, "Device Specification for
// Inter-VM shared memory device", section "ivshmem client-server protocol"): it
// hands every peer the same memory and the eventfds of all the others, and takes no
// part in what they do with them.
package ivshmem

import (
	"encoding/binary"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
)

const (
	version  = 0
	noPeer   = -1
	maxPeers = 32
)

// Server serves one window.
type Server struct {
	listen  *net.UnixListener
	memory  *os.File
	vectors int

	mu    sync.Mutex
	peers map[int64]*peer
	next  int64
	done  bool
	wait  sync.WaitGroup
}

type peer struct {
	conn  *net.UnixConn
	bells []*os.File
}

// Listen serves memory of size bytes, a power of two, at the socket path, for this
// user alone. Each peer gets so many vectors, 1 to 8. The errors are
// com.ErrInvalid, com.ErrExists if something is at path, and com.ErrNoMemory.
func Listen(path string, size, vectors int) (*Server, error) {
	if size < 4096 || size&(size-1) != 0 || vectors < 1 || vectors > 8 {
		return nil, com.Errorf(com.ErrInvalid, "ivshmem: %d bytes and %d vectors; want a power of two and 1 to 8", size, vectors)
	}
	fd, err := unix.MemfdCreate("mmlite-window", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, com.Errorf(com.ErrNoMemory, "ivshmem: %v", err)
	}
	memory := os.NewFile(uintptr(fd), "mmlite-window")
	if err = memory.Truncate(int64(size)); err == nil {
		// Nobody cuts it short under the others, which would end them.
		_, err = unix.FcntlInt(memory.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
	}
	if err != nil {
		memory.Close()
		return nil, com.Errorf(com.ErrNoMemory, "ivshmem: memory of %d bytes: %v", size, err)
	}
	mask := unix.Umask(0o077)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	unix.Umask(mask)
	if err != nil {
		memory.Close()
		if errors.Is(err, unix.EADDRINUSE) {
			return nil, com.Errorf(com.ErrExists, "ivshmem: %s is there already", path)
		}
		return nil, com.Errorf(com.CodeOf(err), "ivshmem: %v", err)
	}
	s := &Server{listen: l, memory: memory, vectors: vectors, peers: map[int64]*peer{}}
	s.wait.Go(s.run)
	return s, nil
}

func (s *Server) run() {
	for {
		c, err := s.listen.AcceptUnix()
		if err != nil {
			return
		}
		if id, ok := s.admit(c); ok {
			s.wait.Go(func() { s.watch(id, c) })
		} else {
			c.Close()
		}
	}
}

// admit introduces a peer to the others and them to it.
func (s *Server) admit(c *net.UnixConn) (id int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done || len(s.peers) >= maxPeers {
		return 0, false
	}
	p := &peer{conn: c}
	for range s.vectors {
		fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
		if err != nil {
			p.close()
			return 0, false
		}
		p.bells = append(p.bells, os.NewFile(uintptr(fd), "eventfd"))
	}
	// Numbers are not used again soon: somebody may still ring for the former one.
	for id = s.next; s.peers[id] != nil; id = (id + 1) & 0xFFFF {
	}
	s.next = (id + 1) & 0xFFFF
	tell := func(to *net.UnixConn, number int64, f *os.File) { ok = ok && send(to, number, f) == nil }
	ok = true
	tell(c, version, nil)
	tell(c, id, nil)
	tell(c, noPeer, s.memory)
	for other, q := range s.peers {
		for _, bell := range q.bells {
			tell(c, other, bell)
		}
	}
	if !ok {
		p.close()
		return 0, false
	}
	for _, q := range s.peers {
		for _, bell := range p.bells {
			_ = send(q.conn, id, bell) // who does not take it is noticed by its own watch
		}
	}
	s.peers[id] = p
	for _, bell := range p.bells {
		tell(c, id, bell)
	}
	return id, true
}

// watch waits for a peer to leave, and tells the others.
func (s *Server) watch(id int64, c *net.UnixConn) {
	var b [64]byte
	for {
		if _, err := c.Read(b[:]); err != nil {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.peers[id]
	delete(s.peers, id)
	p.close()
	for _, q := range s.peers {
		_ = send(q.conn, id, nil)
	}
}

func (p *peer) close() {
	p.conn.Close()
	for _, b := range p.bells {
		b.Close()
	}
}

// Peers is how many there are.
func (s *Server) Peers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.peers)
}

// Close sends all peers away; what they have mapped stays theirs.
func (s *Server) Close() error {
	s.mu.Lock()
	s.done = true
	err := s.listen.Close()
	for _, p := range s.peers {
		p.conn.Close()
	}
	s.mu.Unlock()
	s.wait.Wait()
	if e := s.memory.Close(); err == nil {
		err = e
	}
	return err
}

// patience is for how long a peer may leave no room for what it is told.
const patience = 100 * time.Millisecond

// send sends a number, with a descriptor unless f is nil. A peer that does not take
// it is sent away: all others wait meanwhile, and it would know only some of them.
func send(c *net.UnixConn, number int64, f *os.File) (err error) {
	defer func() {
		if err != nil {
			c.Close()
		}
	}()
	if err := c.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	b := binary.LittleEndian.AppendUint64(nil, uint64(number))
	if f == nil {
		_, err := c.Write(b)
		return err
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	if err := raw.Control(func(fd uintptr) { _, _, sent = c.WriteMsgUnix(b, unix.UnixRights(int(fd)), nil) }); err != nil {
		return err
	}
	return sent
}
