package hosted

import (
	"context"
	"encoding/binary"
	"math"
	"net"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/mmlite/mmlite/boards/driver/usb"
	"github.com/mmlite/mmlite/boards/driver/usbip/usbiptest"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/link/stream"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	hostusb "github.com/mmlite/mmlite/hostdriver/usb"
)

// freeAddress is one that nobody listened at a moment ago.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// plugged is a card of another process, as the host of a USB bus has it.
func plugged(t testing.TB, address string) (*usbiptest.Client, *stream.Session) {
	t.Helper()
	c, err := usbiptest.Import(address, "1-1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Configure(); err != nil {
		t.Fatal(err)
	}
	s, err := stream.Connect(context.Background(), c.Carrier())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return c, s
}

func overUSB(t testing.TB, s *stream.Session) *hostdriver.Card {
	t.Helper()
	rw, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	w, err := stream.Greet(rw, "test")
	if err != nil {
		t.Fatal(err)
	}
	m := host.New()
	card, err := hostdriver.New(context.Background(), hostdriver.Transport{
		Channel: w.Channel, Machine: m, Ring: w.Ring, Gone: w.Pump(w.Channel.CardEnd, m.Ring), Close: w.Close,
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// A card is called over USB, plays what comes to its MIDI interface, and lets go of
// keys when it is unplugged.
func TestCardOverUSB(t *testing.T) {
	ctx := context.Background()
	name, address := named(t), freeAddress(t)
	start(t, "ready", "run", "--name", name, "--device", "null", "--usbip", address)
	c, s := plugged(t, address)

	card := overUSB(t, s)
	defer card.Close()
	if i := card.Info(); i.Link != "USB" || i.Name != name {
		t.Fatalf("%+v", i)
	}
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		t.Fatal(err)
	}
	echo.Release()

	beside, err := hostdriver.Open(ctx, "hosted:"+name)
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	out, err := hostdriver.Bind(ctx, beside, "/audio", audio.OutputType)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Release()
	capture, err := out.Capture(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer capture.Release()
	// A drawbar organ, which sounds as long as its key is held.
	if r := c.Transfer(usb.MIDIOut, []byte{0x0C, 0xC0, 16, 0, 0x09, 0x90, 60, 127}, 0); r.Status != 0 {
		t.Fatal(r.Status)
	}
	until(t, capture, func(peak float64) bool { return peak > 0.01 })
	c.Close()
	until(t, capture, func(peak float64) bool { return peak < 1e-4 })

	// The link has gone with the device, and the next one is a new one.
	<-card.Done()
	_, s = plugged(t, address)
	again := overUSB(t, s)
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

// until reads what a card plays until a piece of it is as wanted.
func until(t *testing.T, c audio.Capture, want func(peak float64) bool) {
	t.Helper()
	buf := make([]byte, 256*8)
	for range 44100 * 30 / 256 {
		n, _, err := c.Read(context.Background(), buf)
		if err != nil {
			t.Fatal(err)
		}
		peak := 0.0
		for at := 0; at+4 <= int(n); at += 4 {
			peak = max(peak, math.Abs(float64(math.Float32frombits(binary.LittleEndian.Uint32(buf[at:])))))
		}
		if want(peak) {
			return
		}
	}
	t.Fatal("half a minute of something else")
}

// BenchmarkCallOverUSBIP is a call to a card in another process, whose USB function
// this process drives over USB/IP on the loopback.
func BenchmarkCallOverUSBIP(b *testing.B) {
	self, err := exec.LookPath("/proc/self/exe")
	if err != nil {
		b.Skip("this system does not tell which program runs")
	}
	b.Setenv("XDG_RUNTIME_DIR", b.TempDir())
	address := freeAddress(b)
	cmd := exec.Command(self, "run", "--name", "bench", "--device", "null", "--usbip", address)
	said, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	if _, err := said.Read(make([]byte, 6)); err != nil {
		b.Fatal(err)
	}
	_, s := plugged(b, address)
	card := overUSB(b, s)
	defer card.Close()
	echo, err := hostdriver.Bind(context.Background(), card, "/echo", system.EchoType)
	if err != nil {
		b.Fatal(err)
	}
	defer echo.Release()
	for b.Loop() {
		if err := echo.Null(); err != nil {
			b.Fatal(err)
		}
	}
}

// Several programs use a card on USB through its broker, and it ends when they do.
func TestBroker(t *testing.T) {
	ctx := context.Background()
	name, address := named(t), freeAddress(t)
	start(t, "ready", "run", "--name", name, "--device", "null", "--usbip", address)
	_, s := plugged(t, address)
	b, err := hostusb.NewBroker(s, name, 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- b.Serve(ctx) }()
	var programs sync.WaitGroup
	for range 4 {
		c, err := hostusb.Dial(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		w, err := stream.Greet(c, "program")
		if err != nil {
			t.Fatal(err)
		}
		m := host.New()
		card, err := hostdriver.New(ctx, hostdriver.Transport{
			Channel: w.Channel, Machine: m, Ring: w.Ring, Gone: w.Pump(w.Channel.CardEnd, m.Ring), Close: w.Close,
		}, 0)
		if err != nil {
			t.Fatal(err)
		}
		programs.Go(func() {
			defer card.Close()
			echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
			if err != nil {
				t.Error(err)
				return
			}
			defer echo.Release()
			buf := make([]byte, 100_000)
			for i := range 20 {
				if n, err := echo.Fill(byte(i), buf); err != nil || int(n) != len(buf) || buf[3] != byte(i+3) {
					t.Error(n, err)
				}
			}
		})
	}
	programs.Wait()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	if _, err := hostusb.Dial(ctx, name); err == nil {
		t.Fatal("the broker ended, and its socket answers")
	}
}
