package monitor

import (
	"context"
	"encoding/json"
	"time"

	"github.com/coder/websocket"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// hello is the first message of a control socket.
type hello struct {
	Card    system.Info    `json:"card"`
	Client  string         `json:"client"` // what the card's lists call this monitor
	Sound   *soundHello    `json:"sound"`
	Screen  *screenHello   `json:"screen"`
	Synth   bool           `json:"synth"`
	Input   bool           `json:"input"`
	Presets []audio.Preset `json:"presets"`
}

type soundHello struct {
	Rate   uint32 `json:"rate"`
	Period uint32 `json:"period"`
	Device string `json:"device"`
}

type screenHello struct {
	Width  uint32 `json:"width"`
	Height uint32 `json:"height"`
	Device string `json:"device"`
}

// control tells the page how the card fares, and takes what is done there.
func (v *visit) control() error {
	h, err := v.introduce(v.ctx)
	if err != nil {
		return err
	}
	b, err := json.Marshal(map[string]any{"hello": h})
	if err != nil {
		return err
	}
	if err := v.send(websocket.MessageText, b); err != nil {
		return err
	}
	hands := &hands{s: v.session, down: map[pressed]bool{}}
	v.receive(func(b []byte) error { return hands.do(b, v.flow) }, hands.letGo)
	return v.tell()
}

// introduce says what card this is.
func (s *session) introduce(ctx context.Context) (*hello, error) {
	h := &hello{Card: s.card.Info(), Client: ClientName, Synth: s.synth != nil, Input: s.input != nil}
	h.Card.Uptime += time.Since(s.opened) // which is from when it was opened
	if s.out != nil {
		i, err := s.out.Info(ctx)
		if err != nil {
			return nil, err
		}
		h.Sound = &soundHello{i.Rate, i.Period, i.Device}
	}
	if s.screen != nil {
		i, err := s.screen.Info(ctx)
		if err != nil {
			return nil, err
		}
		h.Screen = &screenHello{i.Width, i.Height, i.Device}
	}
	if s.synth == nil {
		return h, nil
	}
	bank, err := s.synth.BuiltIn(ctx)
	if com.CodeOf(err) == com.ErrNotFound {
		return h, nil
	}
	if err != nil {
		return nil, err
	}
	defer bank.Release()
	h.Presets, err = bank.Presets(ctx)
	return h, err
}

// ClientName is what the monitor calls itself on the card.
const ClientName = "mmlite monitor"

// tell sends what is new of the card's status, when the page has taken what was sent
// before.
func (v *visit) tell() error {
	w := v.feed.watch(v.session.ctx, &v.users)
	defer v.feed.unwatch(w)
	for {
		select {
		case <-w.more:
		case <-v.ctx.Done():
			return v.ctx.Err()
		}
		if err := v.flow.below(v.ctx, 1); err != nil {
			return err
		}
		b := v.feed.fresh(w)
		if b == nil {
			continue
		}
		v.flow.next()
		if err := v.send(websocket.MessageText, b); err != nil {
			return err
		}
	}
}
