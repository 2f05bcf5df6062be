package usbip_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/mmlite/mmlite/boards/driver/usb"
	"github.com/mmlite/mmlite/boards/driver/usbip"
	"github.com/mmlite/mmlite/boards/driver/usbip/usbiptest"
	"github.com/mmlite/mmlite/firmware/link/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// heard is a MIDI that keeps what it gets.
type heard struct {
	mu       sync.Mutex
	messages [][]byte
	released chan struct{}
}

func (h *heard) Message(m []byte, answer func([]byte)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.messages = append(h.messages, bytes.Clone(m))
	answer(m)
}

func (h *heard) Release() { h.released <- struct{}{} }

// card serves a function that echoes what its link brings.
func card(t testing.TB, full bool) (address string, midi *heard) {
	t.Helper()
	midi = &heard{released: make(chan struct{}, 100)}
	f := usb.New(usb.Config{Name: "Card under test", Serial: "S1", MIDI: midi})
	s := usbip.NewServer(f, full)
	l, err := usbip.Listen(":0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() { _ = s.Serve(l) })
	all.Go(func() {
		_ = stream.Serve(f.Link(), func(c *stream.Stream) {
			_, _ = io.Copy(c, c)
			c.Close()
		})
	})
	t.Cleanup(func() {
		l.Close()
		s.Close()
		f.Link().Close()
		all.Wait()
	})
	return l.Addr().String(), midi
}

func plug(t testing.TB, address string) *usbiptest.Client {
	t.Helper()
	c, err := usbiptest.Import(address, "1-1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestListAndImport(t *testing.T) {
	address, _ := card(t, false)
	b, err := usbiptest.List(address)
	if err != nil {
		t.Fatal(err)
	}
	if n := binary.BigEndian.Uint32(b); n != 1 || b[len(b)-4] != 0xFF || b[len(b)-8] != 1 || b[len(b)-7] != 3 {
		t.Fatalf("%d devices, interfaces % x", n, b[len(b)-12:])
	}
	if _, err := usbiptest.Import(address, "9-9"); err == nil {
		t.Fatal("a device that is not there was imported")
	}
	c := plug(t, address)
	if _, err := usbiptest.Import(address, "1-1"); err == nil {
		t.Fatal("the device was imported twice")
	}
	c.Close()
}

// enumerate does what a host does with a new device.
func enumerate(t *testing.T, c *usbiptest.Client, packet uint16) {
	t.Helper()
	get := func(kind uint16, n uint16) []byte {
		r := c.Control(usb.Setup{RequestType: 0x80, Request: 6, Value: kind << 8, Length: n}, nil)
		if r.Status != 0 {
			t.Fatalf("descriptor %d: %d", kind, r.Status)
		}
		return r.Data
	}
	if d := get(1, 8); len(d) != 8 || d[7] != 64 {
		t.Fatalf("device % x", d)
	}
	if d := get(1, 18); len(d) != 18 || int(d[0]) != 18 {
		t.Fatalf("device % x", d)
	}
	config := get(2, 9)
	total := binary.LittleEndian.Uint16(config[2:])
	config = get(2, total)
	if len(config) != int(total) {
		t.Fatalf("%d bytes of %d", len(config), total)
	}
	endpoints := map[byte]uint16{}
	for at := 0; at < len(config); at += int(config[at]) {
		if config[at] < 2 || at+int(config[at]) > len(config) {
			t.Fatalf("descriptor at %d of % x", at, config)
		}
		if config[at+1] == 5 {
			endpoints[config[at+2]] = binary.LittleEndian.Uint16(config[at+4:])
		}
	}
	if len(endpoints) != 4 || endpoints[usb.LinkIn] != packet || endpoints[usb.MIDIOut] != packet {
		t.Fatalf("endpoints %v", endpoints)
	}
	if bos := get(15, 5); binary.LittleEndian.Uint16(bos[2:]) != 40 {
		t.Fatalf("BOS % x", bos)
	}
	serial := c.Control(usb.Setup{RequestType: 0x80, Request: 6, Value: 3<<8 | 3, Index: 0x409, Length: 255}, nil)
	if string(serial.Data) != "\x06\x03S\x001\x00" {
		t.Fatalf("serial number % x", serial.Data)
	}
	windows := c.Control(usb.Setup{RequestType: 0xC0, Request: 'M', Index: 7, Length: 1000}, nil)
	if len(windows.Data) < 10 || int(binary.LittleEndian.Uint16(windows.Data[8:])) != len(windows.Data) {
		t.Fatalf("Microsoft OS 2.0 descriptors % x", windows.Data)
	}
	if err := c.Configure(); err != nil {
		t.Fatal(err)
	}
}

func TestEnumeration(t *testing.T) {
	for _, full := range []bool{false, true} {
		address, _ := card(t, full)
		packet := uint16(512)
		if full {
			packet = 64
		}
		enumerate(t, plug(t, address), packet)
	}
}

// Requests that no host should make are stalled, and the device goes on.
func TestControlRequestsThatAreRefused(t *testing.T) {
	address, _ := card(t, false)
	c := plug(t, address)
	enumerate(t, c, 512)
	for _, s := range []usb.Setup{
		{RequestType: 0x80, Request: 6, Value: 9 << 8, Length: 10},                  // no such descriptor
		{RequestType: 0x80, Request: 6, Value: 2<<8 | 1, Length: 10},                // no second configuration
		{RequestType: 0x80, Request: 6, Value: 3<<8 | 77, Index: 0x409, Length: 10}, // string
		{RequestType: 0x80, Request: 6, Value: 3<<8 | 1, Index: 0x407, Length: 10},  // language
		{RequestType: 0x81, Request: 6, Value: 0x2200, Length: 10},                  // of a keyboard
		{Request: 9, Value: 2},                                                        // configuration
		{Request: 7, Value: 1 << 8},                                                   // SET_DESCRIPTOR
		{Request: 3, Value: 1},                                                        // remote wake-up
		{Request: 3, Value: 2, Index: 0x0400},                                         // test mode
		{RequestType: 1, Request: 11, Value: 1, Index: 1},                             // alternate setting
		{RequestType: 1, Request: 11, Value: 0, Index: 9},                             // interface
		{RequestType: 0x81, Request: 10, Index: 9, Length: 1},                         // interface
		{RequestType: 2, Request: 3, Value: 0, Index: 0x85},                           // endpoint
		{RequestType: 2, Request: 3, Value: 1, Index: 0x81},                           // feature
		{RequestType: 0x82, Request: 0, Index: 0x07, Length: 2},                       // endpoint
		{RequestType: 0x82, Request: 12, Index: 0x81, Length: 2},                      // SYNCH_FRAME
		{RequestType: 0xA1, Request: 0x81, Value: 1 << 8, Length: 4},                  // audio GET_CUR
		{RequestType: 0xA2, Request: 0x81, Value: 1 << 8, Index: 1, Length: 1},        // MIDI GET_CUR
		{RequestType: 0xC0, Request: 'M', Index: 8, Length: 10},                       // vendor
		{RequestType: 0xFF, Request: 0xFF, Value: 0xFFFF, Index: 0xFFFF, Length: 100}, // nothing
	} {
		if r := c.Control(s, make([]byte, 0)); r.Status != -32 {
			t.Errorf("%+v: status %d, % x", s, r.Status, r.Data)
		}
	}
	if r := c.Control(usb.Setup{RequestType: 0x80, Request: 8, Length: 1}, nil); r.Status != 0 || !bytes.Equal(r.Data, []byte{1}) {
		t.Fatalf("GET_CONFIGURATION %+v", r)
	}
}

func TestHalt(t *testing.T) {
	address, _ := card(t, false)
	c := plug(t, address)
	enumerate(t, c, 512)
	_, waiting := c.Start(usb.LinkIn, usb.Setup{}, nil, 512)
	if r := c.Control(usb.Setup{RequestType: 2, Request: 3, Index: usb.LinkIn}, nil); r.Status != 0 {
		t.Fatal(r)
	}
	if r := <-waiting; r.Status != -32 {
		t.Fatalf("a transfer under way at a halt: %d", r.Status)
	}
	if r := c.Control(usb.Setup{RequestType: 0x82, Request: 0, Index: usb.LinkIn, Length: 2}, nil); !bytes.Equal(r.Data, []byte{1, 0}) {
		t.Fatalf("GET_STATUS %+v", r)
	}
	if r := c.Transfer(usb.LinkIn, nil, 512); r.Status != -32 {
		t.Fatalf("a transfer from a halted endpoint: %d", r.Status)
	}
	if r := c.Control(usb.Setup{RequestType: 2, Request: 1, Index: usb.LinkIn}, nil); r.Status != 0 {
		t.Fatal(r)
	}
	use(t, c)
}

// use opens the link and sends something there and back.
func use(t *testing.T, c *usbiptest.Client) {
	t.Helper()
	s, err := stream.Connect(context.Background(), c.Carrier())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		st, err := s.Open()
		if err != nil {
			t.Fatal(err)
		}
		sent := bytes.Repeat([]byte{byte(i), 1, 2, 3, 0}, 40000)
		go func() { _, _ = st.Write(sent) }()
		got := make([]byte, len(sent))
		if _, err := io.ReadFull(st, got); err != nil || !bytes.Equal(got, sent) {
			t.Fatal("what came back differs", err)
		}
		st.Close()
	}
}

func TestLinkAfterResetInMidPacket(t *testing.T) {
	address, _ := card(t, false)
	c := plug(t, address)
	enumerate(t, c, 512)
	s, err := stream.Connect(context.Background(), c.Carrier())
	if err != nil {
		t.Fatal(err)
	}
	st, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Write(make([]byte, 100000)); err != nil { // much of it is on the way back
		t.Fatal(err)
	}
	if _, err := io.ReadFull(st, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	c.Close()
	c = plug(t, address)
	c.Control(usb.Setup{RequestType: 0x23, Request: 3, Value: 4}, nil) // a reset
	if r := c.Transfer(usb.LinkIn, nil, 512); r.Status != -2 {
		t.Fatalf("a transfer before configuration: %d", r.Status)
	}
	enumerate(t, c, 512)
	use(t, c)
}

func TestUnlink(t *testing.T) {
	address, _ := card(t, false)
	c := plug(t, address)
	enumerate(t, c, 512)
	var seqs []uint32
	for range 5 {
		seq, _ := c.Start(usb.MIDIIn, usb.Setup{}, nil, 64)
		seqs = append(seqs, seq)
	}
	for _, seq := range []uint32{seqs[2], seqs[0], seqs[4], seqs[1], seqs[3]} {
		if r := <-c.Unlink(seq); r.Status != -104 {
			t.Fatalf("unlink: %d", r.Status)
		}
	}
	if r := <-c.Unlink(seqs[0]); r.Status != 0 {
		t.Fatalf("unlink of what is not under way: %d", r.Status)
	}
	if r := c.Transfer(usb.MIDIOut, []byte{0x09, 0x90, 60, 100}, 0); r.Status != 0 {
		t.Fatal(r.Status)
	}
	if r := c.Transfer(usb.MIDIIn, nil, 64); !bytes.Equal(r.Data, []byte{0x09, 0x90, 60, 100}) {
		t.Fatalf("nothing was lost by unlinking? % x", r.Data)
	}
}

func TestMIDIAndUnplug(t *testing.T) {
	address, midi := card(t, false)
	c := plug(t, address)
	enumerate(t, c, 512)
	if r := c.Transfer(usb.MIDIOut, []byte{0x09, 0x90, 60, 100, 0x04, 0xF0, 1, 2, 0x06, 3, 0xF7, 0, 0x19, 0x90, 1, 1}, 0); r.Status != 0 {
		t.Fatal(r.Status)
	}
	want := [][]byte{{0x90, 60, 100}, {0xF0, 1, 2, 3, 0xF7}}
	midi.mu.Lock()
	if len(midi.messages) != 2 || !bytes.Equal(midi.messages[0], want[0]) || !bytes.Equal(midi.messages[1], want[1]) {
		t.Errorf("messages % x", midi.messages)
	}
	midi.mu.Unlock()
	c.Close()
	<-midi.released
}

func TestListenIsLocal(t *testing.T) {
	l, err := usbip.Listen(":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
		t.Fatalf("listens at %v", l.Addr())
	}
	if _, err := usbip.Listen("nothing"); err == nil {
		t.Fatal("an address that is none")
	}
}

// Nothing that a host sends hurts the server.
func FuzzServer(f *testing.F) {
	f.Add([]byte{1, 0x11, 0x80, 5, 0, 0, 0, 0}, []byte{})
	f.Add([]byte{}, []byte{0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 6, 0, 1, 0, 0, 18, 0})
	f.Add([]byte{}, []byte{0, 0, 0, 2, 0, 0, 0, 2, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, before, after []byte) {
		fn := usb.New(usb.Config{})
		s := usbip.NewServer(fn, false)
		a, b := net.Pipe()
		l := &one{c: make(chan net.Conn, 1), closed: make(chan struct{})}
		l.c <- b
		var all sync.WaitGroup
		all.Go(func() { _ = s.Serve(l) })
		all.Go(func() { _, _ = io.Copy(io.Discard, a) })
		all.Go(func() { _ = stream.Serve(fn.Link(), func(c *stream.Stream) { c.Close() }) })
		_, err := a.Write(before)
		if err == nil && len(before) == 0 {
			_, err = a.Write(append([]byte{1, 0x11, 0x80, 3, 0, 0, 0, 0, '1', '-', '1'}, make([]byte, 29)...))
			if err == nil {
				fn.Control(usb.Setup{Request: 9, Value: 1}, nil)
				_, _ = a.Write(after) // it may hang up
			}
		}
		a.Close()
		l.Close()
		s.Close()
		fn.Link().Close()
		all.Wait()
	})
}

// one is a listener with one connection.
type one struct {
	c      chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *one) Accept() (net.Conn, error) {
	select {
	case c := <-l.c:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *one) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *one) Addr() net.Addr { return nil }
