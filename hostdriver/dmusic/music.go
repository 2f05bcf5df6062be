package dmusic

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
)

// Music is a program's access to the synthesizer of a card. It may be used from many
// goroutines.
type Music struct {
	card  *hostdriver.Card
	synth audio.Synth
	out   audio.Output
	info  audio.OutputInfo
	clock Clock

	mu    sync.Mutex
	ports []*Port
}

// Open binds the synthesizer of a card, which stays the caller's.
func Open(ctx context.Context, card *hostdriver.Card) (*Music, error) {
	synth, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
	if err != nil {
		return nil, err
	}
	out, err := hostdriver.Bind(ctx, card, "/audio", audio.OutputType)
	if err != nil {
		synth.Release()
		return nil, err
	}
	info, err := out.Info(ctx)
	if err == nil && info.Rate == 0 {
		err = com.Errorf(com.ErrProtocol, "the card's sound has no rate")
	}
	if err != nil {
		com.Release(synth, out)
		return nil, err
	}
	m := &Music{card: card, synth: synth, out: out, info: info}
	m.clock = Clock{card: card, out: out, rate: info.Rate, offline: info.Offline}
	return m, nil
}

// Clock is the reference clock.
func (m *Music) Clock() *Clock { return &m.clock }

// Close ends all ports and gives the synthesizer back. What they play is cut.
func (m *Music) Close() {
	m.mu.Lock()
	ports := append([]*Port(nil), m.ports...)
	m.mu.Unlock()
	for _, p := range ports {
		p.Release()
	}
	com.Release(m.synth, m.out)
}

// Service hands the card what is due of all ports. It is called at least every
// 100 ms while events wait, by the program or by Serve.
func (m *Music) Service(ctx context.Context) error {
	m.mu.Lock()
	ports := append([]*Port(nil), m.ports...)
	m.mu.Unlock()
	var errs []error
	for _, p := range ports {
		errs = append(errs, p.Service(ctx))
	}
	return errors.Join(errs...)
}

// serviceEvery is how often Serve looks.
const serviceEvery = 20 * time.Millisecond

// Serve services all ports until ctx is done or the card is gone. It is run on a
// goroutine of its own.
func (m *Music) Serve(ctx context.Context) error {
	tick := time.NewTicker(serviceEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-m.card.Done():
			return m.card.Err()
		case <-tick.C:
			if err := m.Service(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}
