//go:build !gousb

package usb

import (
	"errors"
	"os"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/stream"
)

// urb is struct usbdevfs_urb.
type urb struct {
	kind, endpoint uint8
	status         int32
	flags          uint32
	buffer         unsafe.Pointer
	length         int32
	actual         int32
	_              int32 // start frame
	_              int32 // packets
	_              int32 // errors
	_              uint32
	_              unsafe.Pointer
}

// claimRequest is struct usbdevfs_disconnect_claim.
type claimRequest struct {
	number, flags uint32
	driver        [256]byte
}

// Requests, by their number and the size of what they take.
const (
	clearHalt       = 2<<30 | 4<<16 | 'U'<<8 | 21
	submitURB       = 2<<30 | unsafe.Sizeof(urb{})<<16 | 'U'<<8 | 10
	reapURB         = 1<<30 | unsafe.Sizeof(uintptr(0))<<16 | 'U'<<8 | 13 // without waiting
	disconnectClaim = 2<<30 | unsafe.Sizeof(claimRequest{})<<16 | 'U'<<8 | 27
	kindBulk        = 3
	exceptDriver    = 2 // of a claim: not from that driver
)

// inFlight is how many transfers of each direction are under way at once, so that
// the bus has something to do while this program deals with the last.
const inFlight = 4

// transfer is a URB with its buffer. The kernel writes to both until it is reaped.
type transfer struct {
	urb urb
	buf [stream.MaxBlock]byte
}

// pipes is the carrier over a device's bulk endpoints.
type pipes struct {
	file   *os.File
	raw    syscall.RawConn
	pinned runtime.Pinner
	all    map[uintptr]*transfer
	in     chan *transfer // came, in order
	free   chan *transfer // may go out
	gone   chan struct{}
	once   sync.Once
	err    error
	reaper sync.WaitGroup
	next   *transfer // the last one received, to be used again
}

// claim opens a device and takes the link's interface from whatever driver has it.
func claim(d Device) (stream.Carrier, error) {
	f, err := os.OpenFile(d.Path, os.O_RDWR|unix.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, com.Errorf(com.ErrPermission, "card usb:%s: you may not open %s: a rule of udev can allow it: ATTRS{idVendor}==..., ATTRS{idProduct}==..., TAG+=\"uaccess\"", d.Serial, d.Path)
	case err != nil:
		return nil, com.Errorf(com.ErrGone, "card usb:%s: %v", d.Serial, err)
	}
	p := &pipes{
		file: f, all: map[uintptr]*transfer{},
		in: make(chan *transfer, inFlight), free: make(chan *transfer, inFlight), gone: make(chan struct{}),
	}
	if p.raw, err = f.SyscallConn(); err == nil {
		err = p.open(d)
	}
	if err != nil {
		p.fail(err)
		p.reaper.Wait()
		return nil, err
	}
	return p, nil
}

// open claims the interface and begins to read.
func (p *pipes) open(d Device) error {
	r := claimRequest{number: d.Interface, flags: exceptDriver}
	copy(r.driver[:], "usbfs") // another program, through a file of its own
	if errno := p.ioctl(disconnectClaim, unsafe.Pointer(&r)); errno == unix.EBUSY {
		return com.Errorf(com.ErrBusy, "card usb:%s: another program has it", d.Serial)
	} else if errno != 0 {
		return com.Errorf(com.ErrGone, "card usb:%s: claiming its interface: %v", d.Serial, errno)
	}
	for _, e := range []uint32{linkOut, linkIn} { // whatever an earlier owner left
		if errno := p.ioctl(clearHalt, unsafe.Pointer(&e)); errno != 0 {
			return com.Errorf(com.ErrGone, "card usb:%s: endpoint %#x: %v", d.Serial, e, errno)
		}
	}
	for i := range 2 * inFlight {
		t := new(transfer)
		p.pinned.Pin(t)
		p.all[uintptr(unsafe.Pointer(&t.urb))] = t
		t.urb.kind, t.urb.buffer = kindBulk, unsafe.Pointer(&t.buf[0])
		if i < inFlight {
			t.urb.endpoint = linkOut
			p.free <- t
			continue
		}
		t.urb.endpoint = linkIn
		if err := p.submit(t, len(t.buf)); err != nil {
			return err
		}
	}
	p.reaper.Go(func() { p.fail(p.reap()) })
	return nil
}

func (p *pipes) ioctl(request uintptr, arg unsafe.Pointer) (errno unix.Errno) {
	err := p.raw.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall(unix.SYS_IOCTL, fd, request, uintptr(arg))
	})
	if err != nil {
		return unix.ENODEV
	}
	return errno
}

func (p *pipes) submit(t *transfer, n int) error {
	t.urb.length, t.urb.actual, t.urb.status = int32(n), 0, 0
	if errno := p.ioctl(submitURB, unsafe.Pointer(&t.urb)); errno != 0 {
		return failure(errno)
	}
	return nil
}

// failure says what an error of the kernel means for the link.
func failure(errno unix.Errno) error {
	switch errno {
	case unix.ENODEV, unix.ESHUTDOWN, unix.ENOENT:
		return com.Errorf(com.ErrGone, "the card was unplugged")
	case unix.EPIPE:
		return com.Errorf(com.ErrGone, "the card halted its link")
	case unix.ENOMEM:
		return com.Errorf(com.ErrNoMemory, "usbfs has no memory for a transfer: /sys/module/usbcore/parameters/usbfs_memory_mb")
	}
	return com.Errorf(com.ErrGone, "the card's link: %v", errno)
}

// reap takes the transfers that are done, until there is no device any more.
func (p *pipes) reap() error {
	for {
		var at uintptr
		var errno unix.Errno
		// The file is ready to be written when a transfer is done.
		err := p.raw.Write(func(fd uintptr) bool {
			_, _, errno = unix.Syscall(unix.SYS_IOCTL, fd, reapURB, uintptr(unsafe.Pointer(&at)))
			return errno != unix.EAGAIN
		})
		if err != nil {
			return com.Errorf(com.ErrClosed, "the link was closed")
		}
		if errno == unix.EINTR {
			continue
		}
		t := p.all[at]
		switch {
		case errno != 0:
			return failure(errno)
		case t == nil:
			return com.Errorf(com.ErrProtocol, "usbfs tells of a transfer that is none")
		case t.urb.status != 0:
			return failure(unix.Errno(-t.urb.status))
		case t.urb.endpoint == linkIn:
			p.in <- t // there are as many places as transfers
		default:
			p.free <- t
		}
	}
}

func (p *pipes) fail(err error) {
	p.once.Do(func() {
		p.err = err
		close(p.gone)
		// The kernel ends transfers under way before this returns, so nothing is
		// written to them any more.
		p.file.Close()
	})
}

// Size implements stream.Carrier.
func (p *pipes) Size() int { return stream.MaxBlock }

// Close implements stream.Carrier.
func (p *pipes) Close() error {
	p.fail(com.Errorf(com.ErrClosed, "the link was closed"))
	return nil
}

// Send implements stream.Carrier.
func (p *pipes) Send(block []byte) error {
	var t *transfer
	select {
	case t = <-p.free:
	case <-p.gone:
		return p.err
	}
	if err := p.submit(t, copy(t.buf[:], block)); err != nil {
		p.fail(err)
		return err
	}
	return nil
}

// Receive implements stream.Carrier.
func (p *pipes) Receive(block []byte) (int, error) {
	for {
		if t := p.next; t != nil {
			p.next = nil
			if err := p.submit(t, len(t.buf)); err != nil {
				p.fail(err)
				return 0, err
			}
		}
		select {
		case t := <-p.in:
			p.next = t
			if n := copy(block, t.buf[:t.urb.actual]); n > 0 {
				return n, nil
			}
		case <-p.gone:
			return 0, p.err
		}
	}
}
