package usbip

import (
	"bufio"
	"io"
	"net"
	"slices"
	"sync"

	"github.com/mmlite/mmlite/boards/driver/usb"
)

// host is one that has imported the device.
type host struct {
	s       *Server
	c       net.Conn
	gone    chan struct{}
	workers sync.WaitGroup

	out  sync.Mutex // one answer at a time
	buf  []byte
	pipe [4]*queue // by endpoint, OUT and IN

	mu      sync.Mutex
	pending map[uint32]*urb
}

// urb is a transfer under way.
type urb struct {
	seq    uint32
	data   []byte // from the host, or room for what goes there
	cancel chan struct{}
	begun  bool
	ended  bool   // cancel is closed
	asked  bool   // somebody wants to know that it was unlinked
	unlink uint32 // by this request
}

// queue is the transfers of one endpoint, in order.
type queue struct {
	endpoint uint8
	todo     []*urb // the host's lock guards it
	more     chan struct{}
}

// run takes requests until the host goes.
func (h *host) run() error {
	for i, e := range []uint8{usb.LinkOut, usb.LinkIn, usb.MIDIOut, usb.MIDIIn} {
		q := &queue{endpoint: e, more: make(chan struct{}, 1)}
		h.pipe[i] = q
		h.workers.Go(func() { h.work(q) })
	}
	in := bufio.NewReaderSize(h.c, 64<<10)
	var head [headerSize]byte
	for {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return err
		}
		r := parse(&head)
		var err error
		switch r.command {
		case cmdSubmit:
			err = h.submit(in, r)
		case cmdUnlink:
			err = h.cancel(r)
		default:
			err = errProtocol
		}
		if err != nil {
			return err
		}
	}
}

// submit takes a transfer.
func (h *host) submit(in io.Reader, r request) error {
	if r.length > maxTransfer || r.packets != 0 && r.packets != noPackets || r.direction > dirIn || r.endpoint > 15 {
		return errProtocol // isochronous ones, too: no endpoint is
	}
	u := &urb{seq: r.seq, data: make([]byte, r.length), cancel: make(chan struct{})}
	if r.direction == dirOut {
		if _, err := io.ReadFull(in, u.data); err != nil {
			return err
		}
	}
	if r.endpoint == 0 {
		return h.control(r, u)
	}
	address := uint8(r.endpoint)
	if r.direction == dirIn {
		address |= 0x80
	}
	for _, q := range h.pipe {
		if q.endpoint != address {
			continue
		}
		h.mu.Lock()
		known, full := h.pending[r.seq] != nil, len(q.todo) >= maxPending
		if !known && !full {
			h.pending[r.seq] = u
			q.todo = append(q.todo, u)
		}
		h.mu.Unlock()
		switch {
		case known:
			return errProtocol
		case full:
			return h.answer(u.seq, errTooMany, nil, 0)
		}
		select {
		case q.more <- struct{}{}:
		default:
		}
		return nil
	}
	return h.answer(u.seq, errNoEntry, nil, 0)
}

// control answers a control transfer, at once.
func (h *host) control(r request, u *urb) error {
	const (
		portRequest = 0x23 // of a hub: set feature
		setFeature  = 3
		portReset   = 4
	)
	if r.setup.RequestType == portRequest && r.setup.Request == setFeature && r.setup.Value == portReset {
		h.s.f.Reset(!h.s.full) // hosts ask for a reset like this
		return h.answer(u.seq, 0, nil, 0)
	}
	if r.setup.In() != (r.direction == dirIn) && r.length > 0 {
		return h.answer(u.seq, errStall, nil, 0)
	}
	if r.setup.In() {
		reply, ok := h.s.f.Control(r.setup, nil)
		if !ok {
			return h.answer(u.seq, errStall, nil, 0)
		}
		reply = reply[:min(len(reply), len(u.data))]
		return h.answer(u.seq, 0, reply, len(reply))
	}
	if _, ok := h.s.f.Control(r.setup, u.data); !ok {
		return h.answer(u.seq, errStall, nil, 0)
	}
	return h.answer(u.seq, 0, nil, len(u.data))
}

// work does the transfers of one endpoint, one after the other.
func (h *host) work(q *queue) {
	for {
		u := h.next(q)
		if u == nil {
			select {
			case <-h.gone:
				return
			case <-q.more:
			}
			continue
		}
		n, err := h.transfer(q.endpoint, u)
		h.done(u, n, err, q.endpoint&0x80 != 0)
	}
}

// next takes the transfer whose turn it is.
func (h *host) next(q *queue) *urb {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(q.todo) == 0 {
		return nil
	}
	u := q.todo[0]
	q.todo = q.todo[:copy(q.todo, q.todo[1:])]
	u.begun = true
	return u
}

func (h *host) transfer(endpoint uint8, u *urb) (int, error) {
	if endpoint&0x80 == 0 {
		return len(u.data), h.s.f.Receive(endpoint, u.data, u.cancel)
	}
	return h.s.f.Transmit(endpoint, u.data, u.cancel)
}

// leave ends all transfers, once the host has gone.
func (h *host) leave() {
	close(h.gone)
	h.mu.Lock()
	for _, u := range h.pending {
		u.stop()
	}
	for _, q := range h.pipe {
		q.todo = nil
	}
	h.mu.Unlock()
	h.workers.Wait()
}

// stop has a transfer end. The lock is held.
func (u *urb) stop() {
	if !u.ended {
		u.ended = true
		close(u.cancel)
	}
}

// done answers a transfer, unless it was unlinked, and then says so.
func (h *host) done(u *urb, n int, err error, in bool) {
	h.mu.Lock()
	delete(h.pending, u.seq)
	asked, by := u.asked, u.unlink
	h.mu.Unlock()
	unlinked := asked && err == usb.ErrCanceled
	if !unlinked {
		var data []byte
		if err != nil {
			n = 0
		} else if in {
			data = u.data[:n]
		}
		if h.answer(u.seq, status(err), data, n) != nil {
			h.c.Close() // the reader ends with it
		}
	}
	if asked {
		result := int32(0)
		if unlinked {
			result = errReset
		}
		h.unlinked(by, result)
	}
}

// cancel unlinks a transfer. One that is not under way any more was answered.
func (h *host) cancel(r request) error {
	h.mu.Lock()
	u := h.pending[r.unlink]
	if u != nil && u.begun && !u.asked {
		u.asked, u.unlink = true, r.seq
		u.stop()
		h.mu.Unlock()
		return nil // whoever does the transfer answers
	}
	result := int32(0)
	if u != nil && !u.begun {
		result = errReset
		delete(h.pending, r.unlink)
		for _, q := range h.pipe {
			q.todo = slices.DeleteFunc(q.todo, func(v *urb) bool { return v == u })
		}
	}
	h.mu.Unlock()
	h.unlinked(r.seq, result)
	return nil
}

func (h *host) unlinked(seq uint32, status int32) {
	h.out.Lock()
	defer h.out.Unlock()
	h.buf = appendUnlinked(h.buf[:0], seq, status)
	if _, err := h.c.Write(h.buf); err != nil {
		h.c.Close()
	}
}

// answer answers a transfer, with data for the host.
func (h *host) answer(seq uint32, status int32, data []byte, n int) error {
	h.out.Lock()
	defer h.out.Unlock()
	h.buf = append(appendReturn(h.buf[:0], seq, status, n), data...)
	_, err := h.c.Write(h.buf)
	return err
}
