package hosted

import (
	"context"
	"errors"

	"github.com/mmlite/mmlite/boards/driver/usb"
	"github.com/mmlite/mmlite/boards/driver/usbip"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/stream"
	"github.com/mmlite/mmlite/firmware/thread"
)

// serveUSB has hosts come in as over USB: the card is a device that they import over
// the network.
func (b *board) serveUSB(ctx context.Context) error {
	l, err := usbip.Listen(b.cfg.USBIP)
	if err != nil {
		return err
	}
	if b.cfg.Plugged != nil {
		b.cfg.Plugged(l.Addr().String())
	}
	player := usb.NewPlayer(b.openPort, b.card.Log.Printf)
	f := usb.New(usb.Config{Name: "MMLite card", Serial: b.cfg.Name, MIDI: player})
	s := usbip.NewServer(f, false)
	context.AfterFunc(ctx, func() {
		l.Close()
		s.Close()
		f.Link().Close()
	})
	b.ports.Go(func() {
		_ = s.Serve(l) // it ends when the card does
	})
	b.ports.Go(func() {
		_ = stream.Serve(f.Link(), func(c *stream.Stream) {
			err := b.server.ServeStream(c, "USB", b.card.Generation(), 0)
			if err != nil && com.CodeOf(err) != com.ErrGone {
				b.card.Log.Printf("a program was not let in over USB: %v", err)
			}
		})
	})
	return nil
}

// openPort opens a port of the synthesizer for what comes over USB-MIDI, on a thread
// of the card.
func (b *board) openPort() (port audio.Port, err error) {
	done := make(chan struct{})
	err = errors.New("the card is stopping")
	_, failed := b.card.Spare.Spawn("usb-midi", thread.Attributes{
		Activity: b.card.Activities.Get("usb-midi"),
		Exit:     func(*thread.Thread, *thread.Failure) { close(done) },
	}, func(*thread.Thread) {
		var u com.Unknown
		if u, err = b.card.Names.Bind(context.Background(), "synth"); err != nil {
			return
		}
		defer u.Release()
		var s audio.Synth
		if s, err = com.Query(u, audio.SynthType); err != nil {
			return
		}
		defer s.Release()
		port, err = s.Open(context.Background(), audio.PortOptions{Name: "USB-MIDI", Effects: true})
	})
	if failed != nil {
		return nil, failed
	}
	<-done
	return port, err
}
