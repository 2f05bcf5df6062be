// Package monitor shows a card in a web browser: its screen, its sound, and how it
// fares; and what is typed, pointed at and played there goes back to the card.
//
// It is an ordinary client of a card in a process of its own. One page is served,
// with its scripts, to whoever knows the address with the token. Three WebSockets
// (RFC 6455) carry what moves: the screen, the sound, and everything else. Each
// message of the first two is answered when the page has taken it, and no more than
// a little is on the way at a time: a browser that stops reading gets fewer frames
// and less sound, and costs nobody anything.
package monitor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
)

// Config is what a monitor is started with.
type Config struct {
	// Open opens the card. It is called again, once a second, when the card has gone.
	Open func(ctx context.Context) (*hostdriver.Card, error)
	// Listen is the address, as HOST:PORT. Without a host it is for this computer
	// alone; port 0 is any that is free.
	Listen string
	// EndWithCard has Run return when the card has gone.
	EndWithCard bool
	// Logf is told what goes wrong with the card; nil tells nobody.
	Logf func(format string, args ...any)
}

// again is how long it takes to look for a card that has gone.
const again = time.Second

// Monitor serves one card.
type Monitor struct {
	cfg      Config
	listener net.Listener
	guard    *guard
	server   http.Server
	sockets  sync.WaitGroup
	stop     context.CancelFunc
	ctx      context.Context

	mu   sync.Mutex
	card *session // nil while there is none
	open [socketKinds]int
}

// New opens the card and the address. Run serves.
func New(ctx context.Context, cfg Config) (*Monitor, error) {
	if cfg.Logf == nil {
		cfg.Logf = func(string, ...any) {}
	}
	m := &Monitor{cfg: cfg}
	m.ctx, m.stop = context.WithCancel(context.WithoutCancel(ctx))
	l, g, err := listen(ctx, cfg.Listen)
	if err != nil {
		return nil, err
	}
	m.listener, m.guard = l, g
	if m.card, err = m.openCard(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	g.next = m.routes()
	m.server = http.Server{
		Handler: g, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: quiet, BaseContext: func(net.Listener) context.Context { return m.ctx },
	}
	return m, nil
}

// URL is the address to open, token included.
func (m *Monitor) URL() string { return m.guard.url }

// Run serves until ctx is done, and closes the card.
func (m *Monitor) Run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- m.server.Serve(m.listener) }()
	err := m.keep(ctx, served)
	m.mu.Lock() // whoever comes in now is counted, or refused
	m.stop()
	m.mu.Unlock()
	if e := m.server.Close(); err == nil && !errors.Is(e, net.ErrClosed) {
		err = e
	}
	m.sockets.Wait()
	m.mu.Lock()
	s := m.card
	m.card = nil
	m.mu.Unlock()
	if s != nil {
		if e := s.close(); err == nil {
			err = e
		}
	}
	return err
}

// keep has a card open as long as there is one.
func (m *Monitor) keep(ctx context.Context, served <-chan error) error {
	for {
		m.mu.Lock()
		s := m.card
		m.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case err := <-served:
			return err
		case <-s.card.Done():
		}
		m.mu.Lock()
		m.card = nil
		m.mu.Unlock()
		why := s.card.Err()
		s.wait()
		_ = s.close() // it is gone
		if m.cfg.EndWithCard {
			return nil
		}
		m.cfg.Logf("the card has gone (%s); waiting for it to come back", com.TextOf(why))
		if err := m.reopen(ctx, served); err != nil || ctx.Err() != nil {
			return err
		}
		m.cfg.Logf("the card is back")
	}
}

// reopen waits for a card.
func (m *Monitor) reopen(ctx context.Context, served <-chan error) error {
	tick := time.NewTicker(again)
	defer tick.Stop()
	for {
		s, err := m.openCard(ctx)
		if err == nil {
			m.mu.Lock()
			m.card = s
			m.mu.Unlock()
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-served:
			return err
		case <-tick.C:
		}
	}
}
