package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver"
)

// here is somebody who listens on this computer to what play plays on a card.
type here struct {
	e      *ears
	r      *hearing
	quiet  bool
	enough chan struct{}
	done   chan error
}

// hear begins to listen if that is asked for.
func (p *playCmd) hear(ctx context.Context, g *globals, card *hostdriver.Card, out audio.Output) (*here, error) {
	if !p.Here {
		return nil, nil
	}
	e, r, err := (&listenCmd{Device: p.Device}).begin(ctx, g, card, out)
	if err != nil {
		return nil, err
	}
	h := &here{e: e, r: r, quiet: g.JSON, enough: make(chan struct{}), done: make(chan error, 1)}
	go func() { h.done <- e.run(ctx, h.enough, 0) }()
	return h, nil
}

// end ends that, once the last has been heard if there is to be one.
func (h *here) end(ctx context.Context, last bool) error {
	if h == nil {
		return nil
	}
	if last {
		select { // what the card has played is on its way
		case <-time.After(h.e.behind):
		case <-ctx.Done():
		}
	}
	close(h.enough)
	err := errors.Join(<-h.done, h.e.close())
	if err == nil && last && !h.quiet {
		h.e.report(h.r)
		fmt.Fprint(os.Stderr, "heard here: ")
		h.r.print(os.Stderr)
	}
	return err
}
