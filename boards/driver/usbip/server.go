package usbip

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/mmlite/mmlite/boards/driver/usb"
	"github.com/mmlite/mmlite/firmware/com"
)

// Server offers one function.
type Server struct {
	f    *usb.Function
	full bool          // full speed
	used chan struct{} // holds a token while a host has the device

	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
	all    sync.WaitGroup
}

// NewServer returns a server of f, at high speed or, if full, at full speed.
func NewServer(f *usb.Function, full bool) *Server {
	return &Server{f: f, full: full, used: make(chan struct{}, 1), conns: map[net.Conn]bool{}}
}

// Listen opens the address that hosts import the card from. Without a host it is
// this computer alone that can; USB/IP has no passwords.
func Listen(address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, com.Errorf(com.ErrInvalid, "USB/IP at %q: want HOST:PORT, or :PORT for this computer alone", address)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, com.Errorf(com.ErrFailed, "USB/IP at %s: %v", address, err)
	}
	return l, nil
}

// Serve serves the hosts that connect to l until Close.
func (s *Server) Serve(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		s.mu.Lock()
		if s.closed || len(s.conns) >= maxConns {
			s.mu.Unlock()
			c.Close()
			continue
		}
		s.conns[c] = true
		s.all.Add(1)
		s.mu.Unlock()
		go func() {
			defer s.all.Done()
			_ = s.host(c) // a host may say anything, and go at any time
			c.Close()
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		}()
	}
}

// maxConns is how many hosts may ask at once.
const maxConns = 16

// Close hangs up on all hosts and returns when nothing of theirs is under way.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.all.Wait()
}

// asking is how long a host may take to say what it wants.
const asking = 10 * time.Second

var errProtocol = com.Errorf(com.ErrProtocol, "USB/IP: no such message")

// host serves one connection: lists, and at last an import.
func (s *Server) host(c net.Conn) error {
	for {
		c.SetReadDeadline(time.Now().Add(asking))
		var head [8]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return err
		}
		if binary.BigEndian.Uint16(head[:]) != version {
			return errProtocol
		}
		switch binary.BigEndian.Uint16(head[2:]) {
		case reqDevlist:
			device, config, speed := s.describe()
			b := binary.BigEndian.AppendUint32(appendOp(nil, repDevlist, statusOK), 1)
			if _, err := c.Write(appendInterfaces(appendDevice(b, device, config, speed), config)); err != nil {
				return err
			}
		case reqImport:
			return s.give(c)
		default:
			return errProtocol
		}
	}
}

// describe asks the function what it is.
func (s *Server) describe() (device, config []byte, speed uint32) {
	ask := func(kind uint16) []byte {
		b, _ := s.f.Control(usb.Setup{RequestType: 0x80, Request: 6, Value: kind << 8, Length: 4096}, nil)
		return b
	}
	speed = speedHigh
	if s.full {
		speed = speedFull
	}
	return ask(1), ask(2), speed
}

// give gives the device to a host until it goes.
func (s *Server) give(c net.Conn) error {
	var id [busIDSize]byte
	if _, err := io.ReadFull(c, id[:]); err != nil {
		return err
	}
	status := uint32(statusOK)
	if string(id[:len(busID)]) != busID || id[len(busID)] != 0 {
		status = statusNone
	} else if !s.take() {
		status = statusBusy
	}
	b := appendOp(nil, repImport, status)
	if status != statusOK {
		_, err := c.Write(b)
		return err
	}
	defer func() { <-s.used }()
	s.f.Reset(!s.full)
	defer s.f.Reset(!s.full)
	device, config, speed := s.describe()
	if _, err := c.Write(appendDevice(b, device, config, speed)); err != nil {
		return err
	}
	c.SetReadDeadline(time.Time{})
	h := &host{s: s, c: c, gone: make(chan struct{}), pending: map[uint32]*urb{}}
	err := h.run()
	h.leave()
	return err
}

// take takes the device, if need be from a host that is just leaving.
func (s *Server) take() bool {
	t := time.NewTimer(leaving)
	defer t.Stop()
	select {
	case s.used <- struct{}{}:
		return true
	case <-t.C:
		return false
	}
}

// leaving is how long it may take a host to be gone.
const leaving = time.Second

// status of a transfer that ended with err.
func status(err error) int32 {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, usb.ErrStall):
		return errStall
	case errors.Is(err, usb.ErrEndpoint):
		return errNoEntry
	}
	return errShutdown
}
