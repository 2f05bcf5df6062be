package usbip_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mmlite/mmlite/boards/driver/usb"
	"github.com/mmlite/mmlite/boards/driver/usbip/usbiptest"
	"github.com/mmlite/mmlite/firmware/link/stream"
)

// driver is a host's side of the link that lets go of the device without unplugging it.
type driver struct {
	c    *usbiptest.Client
	dead atomic.Bool
	busy sync.WaitGroup
}

var errLetGo = errors.New("let go")

func (d *driver) Size() int    { return stream.MaxBlock }
func (d *driver) Close() error { d.dead.Store(true); return nil }

func (d *driver) transfer(endpoint uint8, data []byte, length int) (usbiptest.Result, error) {
	if d.dead.Load() {
		return usbiptest.Result{}, errLetGo
	}
	d.busy.Add(1)
	defer d.busy.Done()
	r := d.c.Transfer(endpoint, data, length)
	if r.Status != 0 {
		return r, errLetGo
	}
	return r, nil
}

func (d *driver) Send(b []byte) error {
	_, err := d.transfer(usb.LinkOut, b, 0)
	return err
}

func (d *driver) Receive(b []byte) (int, error) {
	r, err := d.transfer(usb.LinkIn, nil, len(b))
	return copy(b, r.Data), err
}

// TestResetsAtAnyMoment has a host reset, halt, configure and unplug the device while
// the link and MIDI are in use, and hold it then to work as if nothing had been.
// MMLITE_ROUNDS has it do so more often.
func TestResetsAtAnyMoment(t *testing.T) {
	rounds := 150
	if n, err := strconv.Atoi(os.Getenv("MMLITE_ROUNDS")); err == nil && n > 0 {
		rounds = n
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	address, heard := card(t, false)
	c := plug(t, address)
	enumerate(t, c, 512)
	for range rounds {
		for len(heard.released) > 0 { // what is pressed, as often as the host goes
			<-heard.released
		}
		d := &driver{c: c}
		s, err := stream.Connect(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		st, err := s.Open()
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		b := make([]byte, 1+r.IntN(60000))
		all.Go(func() { // until it is cut off
			for {
				if _, err := st.Write(b); err != nil {
					return
				}
			}
		})
		// So much comes back before something happens.
		if _, err := io.CopyN(io.Discard, st, r.Int64N(300000)); err != nil {
			t.Fatal(err)
		}
		_, midi := c.Start(usb.MIDIOut, usb.Setup{}, []byte{0x09, 0x90, 60, 100, 0x04, 0xF0, 1, 2}, 0)
		for range 1 + r.IntN(4) {
			endpoint := []uint8{usb.LinkOut, usb.LinkIn, usb.MIDIOut, usb.MIDIIn}[r.IntN(4)]
			switch r.IntN(7) {
			case 0: // of the port
				c.Control(usb.Setup{RequestType: 0x23, Request: 3, Value: 4}, nil)
			case 1:
				c.Control(usb.Setup{Request: 9, Value: uint16(r.IntN(3))}, nil)
			case 2:
				c.Control(usb.Setup{RequestType: 2, Request: 3, Index: uint16(endpoint)}, nil)
			case 3:
				c.Control(usb.Setup{RequestType: 2, Request: 1, Index: uint16(endpoint)}, nil)
			case 4:
				seq, done := c.Start(endpoint, usb.Setup{}, []byte{1, 2, 3, 4}[:4*(1-int(endpoint>>7))], 512*int(endpoint>>7))
				<-c.Unlink(seq)
				select {
				case <-done: // it was over before
				default:
				}
			case 5:
				c.Control(usb.Setup{RequestType: uint8(r.Uint32()), Request: uint8(r.Uint32()), Value: uint16(r.Uint32()), Index: uint16(r.Uint32())}, nil)
			case 6:
				d.dead.Store(true)
				c.Close()
				c = plug(t, address)
			}
		}
		d.dead.Store(true)
		if r := c.Control(usb.Setup{Request: 9, Value: 0}, nil); r.Status != 0 {
			t.Fatal(r)
		}
		<-midi
		all.Wait()
		s.Close()
		d.busy.Wait()
		enumerate(t, c, 512)
		d = &driver{c: c}
		works(t, d)
		d.dead.Store(true)
		if r := c.Control(usb.Setup{Request: 9, Value: 0}, nil); r.Status != 0 {
			t.Fatal(r)
		}
		d.busy.Wait()
		enumerate(t, c, 512)
	}
}

// works sends something there and back.
func works(t *testing.T, d *driver) {
	t.Helper()
	s, err := stream.Connect(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	st, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	sent := make([]byte, 70000)
	for i := range sent {
		sent[i] = byte(i * 7)
	}
	go func() { _, _ = st.Write(sent) }()
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(st, got); err != nil || string(got) != string(sent) {
		t.Fatalf("what came back differs: %v", err)
	}
}
