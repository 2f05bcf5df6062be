package monitor

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
)

// session is a card as long as it is there, with those of its objects that it has.
type session struct {
	card   *hostdriver.Card
	opened time.Time
	feed   *feed
	out    audio.Output
	synth  audio.Synth
	screen graphics.Screen
	input  input.Input
	ctx    context.Context // ends with the card
	served context.Context // ends with the monitor; sockets that it cuts off say nothing more
	stop   context.CancelFunc
	users  sync.WaitGroup // sockets, and what belongs to the session itself
}

func (m *Monitor) openCard(ctx context.Context) (*session, error) {
	card, err := m.cfg.Open(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{card: card, opened: time.Now(), served: m.ctx}
	s.ctx, s.stop = context.WithCancel(m.ctx)
	err = errors.Join(
		bind(ctx, card, "/audio", audio.OutputType, &s.out),
		bind(ctx, card, "/synth", audio.SynthType, &s.synth),
		bind(ctx, card, "/screen", graphics.ScreenType, &s.screen),
		bind(ctx, card, "/input", input.InputType, &s.input),
	)
	s.feed = newFeed(card)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.users.Go(func() {
		select {
		case <-card.Done():
		case <-s.ctx.Done():
		}
		s.stop()
	})
	return s, nil
}

// bind sets what to the object at path, and leaves it alone if the card has none.
func bind[T any](ctx context.Context, card *hostdriver.Card, path string, t *com.Type[T], what *T) error {
	v, err := hostdriver.Bind(ctx, card, path, t)
	switch com.CodeOf(err) {
	case com.ErrNotFound, com.ErrNoInterface: // an older card, or a smaller one
		return nil
	}
	if err == nil {
		*what = v
	}
	return err
}

// wait returns when nobody uses the session any more.
func (s *session) wait() {
	s.stop()
	s.users.Wait()
}

// close lets go of the card.
func (s *session) close() error {
	s.wait()
	s.feed.close()
	for _, o := range []com.Unknown{s.out, s.synth, s.screen, s.input} {
		if o != nil {
			o.Release()
		}
	}
	return s.card.Close()
}

// patient is a context whose calls wait as long as it takes: it has a deadline far
// away, where the link would put one of half a minute.
type patient struct{ context.Context }

// Deadline implements context.Context.
func (p patient) Deadline() (time.Time, bool) {
	if t, ok := p.Context.Deadline(); ok {
		return t, ok
	}
	return time.Now().Add(24 * time.Hour), true
}
