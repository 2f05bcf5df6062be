package hosted

import (
	"net"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
)

// canShare says that this system shares memory with other processes and rings
// doorbells across them.
const canShare = true

const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL

// makeFile makes sealed anonymous memory of size bytes and maps it.
func makeFile(size int) (mem []byte, fd int, unmap func() error, err error) {
	fd, err = unix.MemfdCreate("mmlite-link", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, -1, nil, com.Errorf(com.ErrNoMemory, "hosted link: shared memory: %v", err)
	}
	fail := func(what string, err error) ([]byte, int, func() error, error) {
		unix.Close(fd)
		return nil, -1, nil, com.Errorf(com.ErrNoMemory, "hosted link: %s: %v", what, err)
	}
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		return fail("size of shared memory", err)
	}
	// Sealed, it can never be cut short under a mapping, which would end the
	// program that touches it.
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		return fail("sealing shared memory", err)
	}
	mem, err = unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fail("mapping shared memory", err)
	}
	return mem, fd, func() error { return unix.Munmap(mem) }, nil
}

// mapFile maps the memory that a card handed over, after checking that nobody
// can cut it short. It closes fd.
func mapFile(fd, size int) ([]byte, func() error, error) {
	defer unix.Close(fd)
	got, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0)
	if err != nil || got&seals != seals {
		return nil, nil, com.Errorf(com.ErrProtocol, "hosted link: the card's memory is not sealed")
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Size < int64(size) || size <= 0 {
		return nil, nil, com.Errorf(com.ErrProtocol, "hosted link: the card's memory has %d bytes, it says %d", st.Size, size)
	}
	mem, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, com.Errorf(com.ErrNoMemory, "hosted link: mapping the card's memory: %v", err)
	}
	return mem, func() error { return unix.Munmap(mem) }, nil
}

// mapPrivate puts fresh memory of this process where mem is.
func mapPrivate(mem []byte) error {
	_, err := unix.MmapPtr(-1, 0, unsafe.Pointer(&mem[0]), uintptr(len(mem)),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED|unix.MAP_NORESERVE)
	if err != nil {
		return com.Errorf(com.ErrNoMemory, "hosted link: memory in the place of the window: %v", err)
	}
	return nil
}

func closeFile(fd int) {
	if fd >= 0 {
		unix.Close(fd)
	}
}

func writeWithFile(c *net.UnixConn, msg []byte, fd int) error {
	_, _, err := c.WriteMsgUnix(msg, unix.UnixRights(fd), nil)
	return err
}

func readWithFile(c *net.UnixConn, b []byte) (fd int, err error) {
	fd = -1
	oob := make([]byte, unix.CmsgSpace(4*4))
	for at := 0; at < len(b); {
		n, oobn, _, _, err := c.ReadMsgUnix(b[at:], oob)
		if err != nil || n == 0 {
			closeFile(fd)
			return -1, com.Errorf(com.ErrGone, "hosted link: the other side hung up before its greeting")
		}
		at += n
		msgs, _ := unix.ParseSocketControlMessage(oob[:oobn])
		for i := range msgs {
			fds, _ := unix.ParseUnixRights(&msgs[i])
			for _, f := range fds {
				unix.CloseOnExec(f)
				closeFile(fd) // more than one is none of ours
				fd = f
			}
		}
	}
	return fd, nil
}

// checkPeer refuses other users.
func checkPeer(c *net.UnixConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return err
	}
	if credErr != nil {
		return credErr
	}
	if uid := os.Getuid(); int(cred.Uid) != uid && uid != 0 {
		return com.Errorf(com.ErrPermission, "this card belongs to another user")
	}
	return nil
}

func ownedByUser(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}
