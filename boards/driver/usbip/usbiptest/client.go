// Package usbiptest is the host's end of USB/IP, for tests: it imports a device and
// sends it whatever a test wants, well-formed or not.
package usbiptest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/mmlite/mmlite/boards/driver/usb"
	"github.com/mmlite/mmlite/firmware/link/stream"
)

// Result is the answer to a transfer.
type Result struct {
	Status int32 // 0, or an error of Linux
	Data   []byte
	Length int // transferred
}

// Client is a host that has imported a device.
type Client struct {
	conn net.Conn

	mu      sync.Mutex
	seq     uint32
	waiting map[uint32]wait
	err     error
	over    chan struct{}
}

type wait struct {
	in   bool
	done chan Result
}

// List asks for the devices, and returns the answer behind its header.
func List(address string) ([]byte, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if _, err := c.Write([]byte{1, 0x11, 0x80, 5, 0, 0, 0, 0}); err != nil {
		return nil, err
	}
	b := make([]byte, 8+4+312+3*4)
	if _, err := io.ReadFull(c, b); err != nil {
		return nil, err
	}
	return b[8:], nil
}

// Import imports the device at busid.
func Import(address, busid string) (*Client, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	b := append([]byte{1, 0x11, 0x80, 3, 0, 0, 0, 0}, make([]byte, 32)...)
	copy(b[8:], busid)
	if _, err := c.Write(b); err != nil {
		c.Close()
		return nil, err
	}
	var head [8]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		c.Close()
		return nil, err
	}
	if s := binary.BigEndian.Uint32(head[4:]); s != 0 {
		c.Close()
		return nil, fmt.Errorf("import refused with status %d", s)
	}
	if _, err := io.ReadFull(c, make([]byte, 312)); err != nil {
		c.Close()
		return nil, err
	}
	k := &Client{conn: c, waiting: map[uint32]wait{}, over: make(chan struct{})}
	go k.read()
	return k, nil
}

// Conn is the connection, for what no host would send.
func (c *Client) Conn() net.Conn { return c.conn }

// Close unplugs the device.
func (c *Client) Close() error {
	err := c.conn.Close()
	<-c.over
	return err
}

func (c *Client) read() {
	defer close(c.over)
	var h [48]byte
	for {
		if _, err := io.ReadFull(c.conn, h[:]); err != nil {
			c.end(err)
			return
		}
		word := func(i int) uint32 { return binary.BigEndian.Uint32(h[4*i:]) }
		c.mu.Lock()
		w, ok := c.waiting[word(1)]
		delete(c.waiting, word(1))
		c.mu.Unlock()
		if !ok {
			c.end(errors.New("an answer to nothing"))
			return
		}
		r := Result{Status: int32(word(5))}
		if word(0) == 3 {
			r.Length = int(word(6))
			if w.in {
				r.Data = make([]byte, r.Length)
				if _, err := io.ReadFull(c.conn, r.Data); err != nil {
					w.done <- Result{Status: -108}
					c.end(err)
					return
				}
			}
		}
		w.done <- r
	}
}

func (c *Client) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	for _, w := range c.waiting {
		w.done <- Result{Status: -108}
	}
	clear(c.waiting)
}

// Start begins a transfer: of data to an OUT endpoint, or of up to length bytes from
// an IN endpoint.
func (c *Client) Start(endpoint uint8, setup usb.Setup, data []byte, length int) (seq uint32, done <-chan Result) {
	in := endpoint&0x80 != 0 || endpoint == 0 && setup.In()
	return c.send(1, in, endpoint, setup, data, length, 0)
}

// Unlink begins to cancel a transfer.
func (c *Client) Unlink(seq uint32) <-chan Result {
	_, done := c.send(2, false, 0, usb.Setup{}, nil, 0, seq)
	return done
}

func (c *Client) send(command uint32, in bool, endpoint uint8, s usb.Setup, data []byte, length int, unlink uint32) (uint32, <-chan Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	done := make(chan Result, 1)
	if c.err != nil {
		done <- Result{Status: -108}
		return c.seq, done
	}
	c.waiting[c.seq] = wait{in && command == 1, done}
	direction := uint32(0)
	if in {
		direction = 1
	} else if command == 1 {
		length = len(data)
	}
	b := make([]byte, 0, 48+len(data))
	for _, v := range []uint32{command, c.seq, 0x10002, direction, uint32(endpoint & 15)} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	if command == 2 {
		b = append(binary.BigEndian.AppendUint32(b, unlink), make([]byte, 24)...)
	} else {
		for _, v := range []uint32{0, uint32(length), 0, 0xFFFFFFFF, 0} {
			b = binary.BigEndian.AppendUint32(b, v)
		}
		b = append(b, s.RequestType, s.Request)
		for _, v := range []uint16{s.Value, s.Index, s.Length} {
			b = binary.LittleEndian.AppendUint16(b, v)
		}
		if !in {
			b = append(b, data...)
		}
	}
	_, _ = c.conn.Write(b) // the reader sees that it fails
	return c.seq, done
}

// Transfer does a transfer.
func (c *Client) Transfer(endpoint uint8, data []byte, length int) Result {
	_, done := c.Start(endpoint, usb.Setup{}, data, length)
	return <-done
}

// Control does a control transfer.
func (c *Client) Control(s usb.Setup, data []byte) Result {
	_, done := c.Start(0, s, data, int(s.Length))
	return <-done
}

// Configure sets the configuration, as a host does that has looked at the device.
func (c *Client) Configure() error {
	if r := c.Control(usb.Setup{Request: 9, Value: 1}, nil); r.Status != 0 {
		return fmt.Errorf("SET_CONFIGURATION: %d", r.Status)
	}
	return nil
}

// Carrier returns the host's end of the device's link.
func (c *Client) Carrier() stream.Carrier { return carrier{c} }

type carrier struct{ c *Client }

var errEnded = errors.New("the device is gone")

func (k carrier) Size() int    { return stream.MaxBlock }
func (k carrier) Close() error { return k.c.conn.Close() }

func (k carrier) Send(b []byte) error {
	if k.c.Transfer(usb.LinkOut, b, 0).Status != 0 {
		return errEnded
	}
	return nil
}

func (k carrier) Receive(b []byte) (int, error) {
	r := k.c.Transfer(usb.LinkIn, nil, len(b))
	if r.Status != 0 {
		return 0, errEnded
	}
	return copy(b, r.Data), nil
}
