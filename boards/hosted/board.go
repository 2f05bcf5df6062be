// Package hosted is the board that is a process: the firmware on one's own
// computer, with its sound devices, and a link of shared memory to each program
// that opens the card.
package hosted

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/mmlite/mmlite/boards/hosted/picture"
	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/boards/media"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/hostdriver/hosted"
	"github.com/mmlite/mmlite/mixer/output"
	"github.com/mmlite/mmlite/mmd"
)

// Config is what a hosted card is started with.
type Config struct {
	// Name is the card's; the sockets of named cards are found by it.
	Name string
	// Child is where the one program that this card belongs to is found,
	// "fd:N" or "unix:PATH"; the card then ends with that program. Empty for a
	// card that anybody of this user may open by its name.
	Child string
	// Device opens the sound device. It is closed at the end, after all sound was
	// given to it.
	Device func() (sound.Device, error)
	// Picture is the display; zero values mean one in memory, of the default size.
	Picture picture.Config
	// Exports are folders to show, read-only, at /files by their names.
	Exports []string
	// Memory is the size of card memory in bytes, 0 for the default.
	Memory int
	// Policies are those of the virtual processors, where not the image's.
	Policies firmware.Policies
	// Window is a file through which programs come in, as pci:FILE, as through the
	// memory of a PCI device; it is there while the card runs. Empty for none.
	Window string
	// WindowSize is its size in bytes, 0 for DefaultWindow.
	WindowSize int
	// USBIP is an address, as usbip.Listen takes it, at which the card is a USB device
	// for hosts that import it. Empty for none.
	USBIP string
	// Plugged, which may be nil, is told the address that it became.
	Plugged func(address string)
	// Ready is called once the card answers.
	Ready func(*firmware.Card)
}

// Board is a running hosted card.
type board struct {
	cfg    Config
	card   *firmware.Card
	media  *media.Media
	server *mmd.Server
	drive  *Drive
	shown  *picture.Display
	window func() error // lets go of it
	ports  sync.WaitGroup
}

// Run runs a hosted card until ctx is done or the program it belongs to ends.
func Run(ctx context.Context, cfg Config) error {
	tune()
	b := &board{cfg: cfg}
	b.media = media.New(b.openDevice)
	b.media.SetDisplay(b.openDisplay)
	if cfg.Picture.PNG == "" && cfg.Picture.Video == "" { // of which nobody wants pictures
		b.media.SetPage(b.page, false)
	}
	var err error
	b.card, err = firmware.New(firmware.Config{
		Name: cfg.Name, Board: "hosted", Machine: host.New(), Image: b.media.Image(),
		Memory: cfg.Memory, RealTime: true, Policies: cfg.Policies, Helpers: helpers(),
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	err = b.card.Run(ctx, func() error { return b.boot(ctx, stop) })
	b.ports.Wait()
	if b.window != nil {
		err = errors.Join(err, b.window())
	}
	if b.drive != nil {
		err = errors.Join(err, b.drive.Close())
	}
	if b.shown != nil {
		err = errors.Join(err, b.shown.Close())
	}
	return err
}

// maxHelpers is how many processors at most help the one that serves calls.
const maxHelpers = 7

// helpers is one for each processor of the computer but the first.
func helpers() int { return min(runtime.NumCPU()-1, maxHelpers) }

// nobody is the name of the device that plays to nobody.
const nobody = "null"

func (b *board) openDevice() (output.Device, error) {
	d, err := b.cfg.Device()
	if err != nil {
		return nil, err
	}
	if d.Name() == nobody {
		// A device that only counts time needs no goroutine, which would be
		// late when the computer is busy.
		rate, period, queue := d.Rate(), d.Period(), d.Queue()
		if err := d.Close(); err != nil {
			return nil, err
		}
		return output.NewPaced(b.card.Machine, rate, period, queue)
	}
	b.drive, err = NewDrive(d, b.card.Machine)
	return b.drive, err
}

func (b *board) openDisplay() (machine.Display, error) {
	cfg := b.cfg.Picture
	cfg.Now = b.card.Machine.Now
	var err error
	b.shown, err = picture.Open(cfg)
	return b.shown, err
}

// boot brings the card up and opens it to programs.
func (b *board) boot(ctx context.Context, stop func()) error {
	if err := b.card.Boot(nil); err != nil {
		return err
	}
	var err error
	if b.server, err = b.media.Serve(b.card); err != nil {
		return err
	}
	if err := b.card.AddStatus("runtime", runtimeStatus); err != nil {
		return err
	}
	if err := b.export(); err != nil {
		return err
	}
	if b.cfg.Window != "" {
		if err := b.openWindow(); err != nil {
			return err
		}
	}
	if b.cfg.USBIP != "" {
		if err := b.serveUSB(ctx); err != nil {
			return err
		}
	}
	if b.cfg.Child != "" {
		c, err := parent(b.cfg.Child)
		if err != nil {
			return err
		}
		return b.serve(c, stop)
	}
	return b.listen(ctx)
}

// parent connects to the program that a card of its own was started by.
func parent(where string) (*net.UnixConn, error) {
	kind, rest, _ := strings.Cut(where, ":")
	switch kind {
	case "fd":
		n, err := strconv.Atoi(rest)
		if err != nil || n < 3 || n > 1000 {
			return nil, com.Errorf(com.ErrInvalid, "no descriptor %q to a program", rest)
		}
		f := os.NewFile(uintptr(n), "host")
		defer f.Close()
		c, err := net.FileConn(f)
		if err != nil {
			return nil, com.Errorf(com.ErrGone, "descriptor %d is no socket to a program: %v", n, err)
		}
		if u, ok := c.(*net.UnixConn); ok {
			return u, nil
		}
		c.Close()
		return nil, com.Errorf(com.ErrInvalid, "descriptor %d is no unix socket", n)
	case "unix":
		return net.DialUnix("unix", nil, &net.UnixAddr{Name: rest, Net: "unix"})
	}
	return nil, com.Errorf(com.ErrInvalid, "%q does not say where the program is: want fd:N or unix:PATH", where)
}

// serve gives the program at the other end of c a link. after, if not nil, runs
// when it is gone.
func (b *board) serve(c *net.UnixConn, after func()) error {
	w, name, err := hosted.Answer(c, link.Default, b.card.Generation(), nil)
	if err != nil {
		c.Close()
		return err
	}
	over := make(chan struct{}) // the server has let go of the window
	var once sync.Once
	gone := func(error) { once.Do(func() { close(over) }) }
	via, ring := "shared memory", (func(*uint32))(nil)
	var hungUp <-chan struct{}
	if w.Shared {
		hungUp = w.Gone()
	} else {
		via, ring = "a socket: no memory can be shared with this program", w.Ring
		hungUp = w.Pump(w.Channel.HostEnd, b.card.Machine.Ring)
	}
	client, err := b.server.Connect(w.Channel, name, via, ring, gone)
	if err != nil {
		return errors.Join(err, w.Close())
	}
	b.ports.Go(func() {
		select {
		case <-hungUp:
			client.Disconnect()
			<-over
		case <-over:
		}
		if after != nil {
			after()
		}
		// Threads that were still in a call touch the channel until they end,
		// which the processor's stop awaits; a named card's clients come and go.
		client.Wait()
		w.Conn.Close()
		<-hungUp
		client.Idle(func() { // the mixer may still fade out what the program played
			if err := w.Close(); err != nil {
				b.card.Log.Printf("link of %s: %v", name, err)
			}
		})
	})
	return nil
}

// listen opens the card's socket to the programs of this user.
func (b *board) listen(ctx context.Context) error {
	path, err := hosted.Socket(b.cfg.Name)
	if err != nil {
		return err
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
		return com.Errorf(com.ErrExists, "a card called %q runs already: choose another name with --name, or use that one with --card hosted:%s", b.cfg.Name, b.cfg.Name)
	}
	if hosted.Abandoned(err) {
		os.Remove(path) // left behind by a card that died
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return com.Errorf(com.ErrFailed, "socket of card %s: %v", b.cfg.Name, err)
	}
	context.AfterFunc(ctx, func() { l.Close() })
	b.ports.Go(func() {
		for {
			c, err := l.AcceptUnix()
			if err != nil {
				return
			}
			b.ports.Go(func() {
				// Who hangs up before greeting has only looked whether the card is there.
				if err := b.serve(c, nil); err != nil && com.CodeOf(err) != com.ErrGone {
					b.card.Log.Printf("a program was not let in: %v", err)
				}
			})
		}
	})
	if b.cfg.Ready != nil {
		b.cfg.Ready(b.card)
	}
	return nil
}

// export shows the folders of Config.Exports.
func (b *board) export() error {
	for _, dir := range b.cfg.Exports {
		if err := b.exportOne(dir); err != nil {
			return fmt.Errorf("exporting %s: %w", dir, err)
		}
	}
	return nil
}
