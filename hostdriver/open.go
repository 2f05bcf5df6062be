package hostdriver

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/link/stream"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/hostdriver/hosted"
	"github.com/mmlite/mmlite/hostdriver/pci"
)

// Option changes how Open goes about it.
type Option func(*options)

type options struct {
	command string
	args    []string
	client  string
	timeout time.Duration
	inside  func(ctx context.Context, client string) (Transport, error)
	stderr  *os.File
	machine machine.Machine
	stubs   []*ipc.Stub
	socket  bool
}

// Command names the mmlite program that a card of one's own is started with.
// Without it Open looks beside the running program and in PATH.
func Command(path string) Option { return func(o *options) { o.command = path } }

// CardArgs are further arguments for a card of one's own, as for "mmlite run".
func CardArgs(args ...string) Option {
	return func(o *options) { o.args = append(o.args, args...) }
}

// Client is what this program calls itself in the card's lists; at most 64 bytes.
func Client(name string) Option { return func(o *options) { o.client = name } }

// Timeout limits calls whose context has no deadline; 30 s by default.
func Timeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }

// NoSharedMemory has packets travel through the socket even where memory could
// be shared: slower, and without anything of the card's mapped.
func NoSharedMemory() Option { return func(o *options) { o.socket = true } }

// Contracts links contracts into the driver beyond those of package system: what
// the card may ask objects for that this program hands it. Objects that are
// passed as a contract need no linking.
func Contracts(stubs ...*ipc.Stub) Option {
	return func(o *options) { o.stubs = append(o.stubs, stubs...) }
}

// Inside has Open use a card that lives in this process, for tests.
func Inside(connect func(ctx context.Context, client string) (Transport, error)) Option {
	return func(o *options) { o.inside = connect }
}

// Stderr is where a card of one's own writes what it cannot log; os.Stderr by
// default.
func Stderr(f *os.File) Option { return func(o *options) { o.stderr = f } }

// Open opens the card that url names:
//
//	hosted:       a card of one's own, a process that ends with this one
//	hosted:NAME   the card that "mmlite run --name NAME" runs on this computer
//	pci:          the card that is plugged into this computer or booted on it
//	pci:NAME      the card that "mmlite boot --name NAME" runs on this computer
//	pci:PATH      the card behind a window: a file, the socket of an ivshmem server,
//	              or resource2 of a device under /sys/bus/pci/devices
//	usb:          the card that is plugged into this computer's USB
//	usb:SERIAL    the one with that serial number
//	serial:PATH   the card at the other end of a serial line, as serial:/dev/ttyUSB0, or
//	              serial:/dev/ttyUSB0,115200 where it is not 921,600 baud
//
// With the option Inside, url is not looked at. Errors say what to do: com.ErrNotFound
// if there is no such card or no mmlite command, com.ErrVersion if card and
// driver do not fit, com.ErrPermission if the card is another user's.
func Open(ctx context.Context, url string, opts ...Option) (*Card, error) {
	o := options{client: ClientName(), stderr: os.Stderr}
	for _, set := range opts {
		set(&o)
	}
	t, err := o.connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return New(ctx, t, o.timeout, o.stubs...)
}

// ClientName is what this program calls itself unless Client says otherwise: the name of
// its file.
func ClientName() string {
	name := os.Args[0]
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	return strings.TrimSuffix(name, ".exe")
}

func (o *options) connect(ctx context.Context, url string) (Transport, error) {
	if o.inside != nil {
		return o.inside(ctx, o.client)
	}
	scheme, rest, ok := strings.Cut(url, ":")
	switch {
	case !ok:
		return Transport{}, com.Errorf(com.ErrInvalid, "card %q: want hosted:, hosted:NAME, pci:, pci:PATH, usb:, usb:SERIAL or serial:PATH", url)
	case scheme == "hosted" && rest == "":
		return o.spawn(ctx)
	case scheme == "hosted":
		return o.dial(ctx, rest)
	case scheme == "pci":
		return o.window(ctx, rest)
	case scheme == "usb":
		return o.overUSB(ctx, rest)
	case scheme == "serial":
		return o.line(ctx, rest)
	}
	return Transport{}, com.Errorf(com.ErrNotSupported, "card %q: this driver opens hosted:, hosted:NAME, pci:, pci:PATH, usb:, usb:SERIAL and serial:PATH", url)
}

// window opens the card behind a window, or looks for one.
func (o *options) window(ctx context.Context, path string) (Transport, error) {
	paths := []string{path}
	if path == "" {
		var err error
		if paths, err = pci.Find(); err != nil {
			return Transport{}, err
		}
		if len(paths) == 0 {
			return Transport{}, com.Errorf(com.ErrNotFound, "no card behind a PCI window is here: mmlite boot starts one, and pci:PATH names a window")
		}
	}
	m := o.machine
	if m == nil {
		m = host.New()
	}
	var failed error
	for _, p := range paths {
		w, err := pci.Open(ctx, p, o.client, m)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		return Transport{Channel: w.Channel, Machine: w.Machine, Ring: w.Ring, Close: w.Close, Abandon: w.Abandon}, nil
	}
	return Transport{}, com.Errorf(com.CodeOf(failed), "%v", failed)
}

// dial opens the card that runs under a name.
func (o *options) dial(ctx context.Context, name string) (Transport, error) {
	path, err := hosted.Socket(name)
	if err != nil {
		return Transport{}, err
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return Transport{}, com.Errorf(com.ErrNotFound, "no card called %q runs here: start one with: mmlite run --name %s", name, name)
	}
	return o.greet(c.(*net.UnixConn))
}

// greet makes a transport of a socket to a card.
func (o *options) greet(c *net.UnixConn) (Transport, error) {
	greet := hosted.Greet
	if o.socket {
		greet = hosted.GreetForSocket
	}
	w, err := greet(c, o.client)
	if err != nil {
		c.Close()
		return Transport{}, err
	}
	m := o.machine
	if m == nil {
		m = host.New()
	}
	t := Transport{Channel: w.Channel, Machine: m}
	if w.Shared {
		t.Gone = w.Gone()
	} else {
		t.Ring = w.Ring
		t.Gone = w.Pump(w.Channel.CardEnd, m.Ring)
	}
	t.Close = func() error {
		w.Conn.Close()
		<-t.Gone
		return w.Close()
	}
	t.Abandon = func() (func() error, error) {
		w.Conn.Close()
		<-t.Gone
		return w.Close, w.Abandon()
	}
	return t, nil
}

// greetStream makes a transport of a stream to a card that shares no memory. rw
// belongs to it from then on.
func (o *options) greetStream(rw io.ReadWriteCloser) (Transport, error) {
	w, err := stream.Greet(rw, o.client)
	if err != nil {
		return Transport{}, err
	}
	m := o.machine
	if m == nil {
		m = host.New()
	}
	gone := w.Pump(w.Channel.CardEnd, m.Ring)
	return Transport{Channel: w.Channel, Machine: m, Ring: w.Ring, Gone: gone, Close: w.Close}, nil
}
