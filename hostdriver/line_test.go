package hostdriver_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/stream"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/hostdriver"
)

// lossy loses a byte now and then of what it is given to send.
type lossy struct {
	net.Conn
	n int // bytes since the last one that was lost
}

const loss = 200003

func (l *lossy) Write(b []byte) (int, error) {
	n := len(b)
	if l.n += n; l.n >= loss {
		at := n - 1 - (l.n-loss)%n
		l.n = 0
		b = append(append([]byte(nil), b[:at]...), b[at+1:]...)
	}
	if _, err := l.Conn.Write(b); err != nil {
		return 0, err
	}
	return n, nil
}

// Programs open a card by the name of its line, one after the other, as if it were an
// emulated board's; bytes get lost.
func TestSerialLine(t *testing.T) {
	dir, err := os.MkdirTemp("", "mm") // short: a socket's path has to fit
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "line")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	p, s := serve(t, host.New())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			carrier := stream.NewLine(&lossy{Conn: c}, false)
			_ = stream.Serve(carrier, func(c *stream.Stream) { serveStream(t, s, c) }) // ends with its program
			carrier.Close()
		}
	}()
	for range 2 {
		card, err := hostdriver.Open(ctx, "serial:"+path)
		if err != nil {
			t.Fatal(err)
		}
		conform(t, card, false)
		card.Close()
	}
	l.Close()
	<-served
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for url, want := range map[string]error{"serial:": com.ErrInvalid, "serial:" + path: com.ErrNotFound, "serial:/dev/null": com.ErrInvalid} {
		if _, err := hostdriver.Open(context.Background(), url); com.CodeOf(err) != com.CodeOf(want) {
			t.Errorf("%s: %v", url, err)
		}
	}
}
