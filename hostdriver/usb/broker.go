package usb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/stream"
	"github.com/mmlite/mmlite/hostdriver/hosted"
)

// Socket returns the path at which the broker of a card listens.
func Socket(serial string) (string, error) {
	dir, err := hosted.Folder()
	if err != nil {
		return "", err
	}
	var name strings.Builder
	for _, c := range []byte(serial) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' || c == '.' {
			name.WriteByte(c)
		} else {
			fmt.Fprintf(&name, "_%02x", c)
		}
	}
	if name.Len() > 64 {
		return "", com.Errorf(com.ErrInvalid, "the serial number %q is too long for the path of a socket", serial)
	}
	return filepath.Join(dir, "usb-"+name.String()+".broker"), nil
}

// Broker gives the programs of this user streams over the session with a card. It
// only moves bytes: each program and the card greet each other through it.
type Broker struct {
	session *stream.Session
	l       *net.UnixListener
	idle    time.Duration

	mu      sync.Mutex
	used    int
	timer   *time.Timer
	closed  bool
	streams sync.WaitGroup
}

// NewBroker opens the socket of the broker of the card with a serial number. The
// broker ends when it has had no program for idle, which is to be long enough for
// the first to come.
func NewBroker(session *stream.Session, serial string, idle time.Duration) (*Broker, error) {
	path, err := Socket(serial)
	if err != nil {
		return nil, err
	}
	// Whoever owns the card is its broker: what is there was left behind.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, com.Errorf(com.ErrPermission, "broker of card usb:%s: %v", serial, err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, com.Errorf(com.ErrFailed, "broker of card usb:%s: %v", serial, err)
	}
	b := &Broker{session: session, l: l, idle: idle}
	b.timer = time.AfterFunc(idle, b.rest)
	return b, nil
}

// rest ends the broker if nobody uses it.
func (b *Broker) rest() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used == 0 {
		b.closed = true
		b.l.Close()
	}
}

// Serve serves programs until ctx is done, the card is gone, or nobody has wanted it
// for a while, which is no error.
func (b *Broker) Serve(ctx context.Context) error {
	over := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-ctx.Done():
		case <-b.session.Done():
		case <-over:
		}
		b.l.Close()
	})
	for {
		c, err := b.l.AcceptUnix()
		if err != nil {
			break
		}
		if hosted.CheckPeer(c) != nil || !b.enter() {
			c.Close()
			continue
		}
		b.streams.Go(func() {
			defer b.leave()
			b.program(c)
		})
	}
	close(over)
	watch.Wait()
	b.timer.Stop()
	err := b.session.Err()
	b.session.Close()
	b.streams.Wait()
	return err
}

func (b *Broker) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.used++
	b.timer.Stop()
	return true
}

func (b *Broker) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used--; b.used == 0 {
		b.timer.Reset(b.idle)
	}
}

// program moves bytes between one program and the card until either hangs up.
func (b *Broker) program(c *net.UnixConn) {
	s, err := b.session.Open()
	if err != nil {
		if m, err := stream.Encode(stream.Refusal(err)); err == nil {
			_, _ = c.Write(m) // it may have gone
		}
		c.Close()
		return
	}
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(s, c) // either end may go at any time
		s.Close()
		c.Close()
	})
	both.Go(func() {
		_, _ = io.Copy(c, s)
		c.Close()
		s.Close()
	})
	both.Wait()
}

// Dial connects to the broker of a card. The error is com.ErrNotFound if none runs.
func Dial(ctx context.Context, serial string) (*net.UnixConn, error) {
	path, err := Socket(serial)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, com.Errorf(com.ErrNotFound, "card usb:%s has no broker: %v", serial, err)
	}
	return c.(*net.UnixConn), nil
}
