package hostdriver_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/mmlite/mmlite/firmware/link/stream"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mmd"
)

// overLine returns the two sides of a serial line, or rather of a pipe.
func overLine() (hostSide, cardSide stream.Carrier) {
	a, b := net.Pipe()
	return stream.NewLine(a, true), stream.NewLine(b, false)
}

// openStream opens the card of s over a stream.
func openStream(t testing.TB, rw io.ReadWriteCloser, client string) *hostdriver.Card {
	w, err := stream.Greet(rw, client)
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

// Two programs call the card over one line, by the suite that every link passes.
func TestConformanceOverLine(t *testing.T) {
	p, s := serve(t, host.New())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	a, b := overLine()
	served := make(chan error, 1)
	go func() { served <- stream.Serve(b, func(c *stream.Stream) { serveStream(t, s, c) }) }()
	session, err := stream.Connect(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one", "another"} {
		c, err := session.Open()
		if err != nil {
			t.Fatal(err)
		}
		card := openStream(t, c, name)
		defer card.Close()
		conform(t, card, false)
	}
	session.Close()
	b.Close()
	<-served
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func serveStream(t testing.TB, s *mmd.Server, c *stream.Stream) {
	if err := s.ServeStream(c, "a line", 1, 4<<20); err != nil {
		t.Error(err)
	}
}
