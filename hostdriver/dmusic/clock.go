package dmusic

import (
	"context"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// Time is a moment or a span of the reference clock, in nanoseconds.
type Time int64

// Spans.
const (
	Millisecond Time = 1_000_000
	Second      Time = 1_000_000_000
)

// Seconds returns t in seconds.
func (t Time) Seconds() float64 { return float64(t) * 1e-9 }

// Clock is the reference clock: the card's machine time, by which the card says what
// is heard when. A card without a clock, which renders to a file, has that of its
// sound: time goes on as far as it has played.
type Clock struct {
	card    *hostdriver.Card
	out     audio.Output
	rate    uint32
	offline bool
}

// Now returns the time. It costs no call where the card's status page is shared.
func (c *Clock) Now(ctx context.Context) (Time, error) {
	if !c.offline {
		if ns, ok := c.card.Now(); ok {
			return Time(ns), nil
		}
	}
	i, err := c.out.Info(ctx)
	if err != nil {
		return 0, err
	}
	return c.span(i.Played), nil
}

// span is how long so many frames last.
func (c *Clock) span(frames uint64) Time {
	return Time(frames/uint64(c.rate))*Second + Time(frames%uint64(c.rate)*uint64(Second)/uint64(c.rate))
}

// pair returns a frame of the device and when it was heard, from the status page
// where that is shared and tells it.
func (c *Clock) pair(ctx context.Context) (frame uint64, at Time, err error) {
	var v [system.PagePlayedAt + 1]uint64
	if !c.offline && c.card.Status(v[:]) > system.PagePlayedAt && v[system.PagePlayedAt] != 0 {
		return v[system.PagePlayed], Time(v[system.PagePlayedAt]), nil
	}
	i, err := c.out.Info(ctx)
	if err != nil {
		return 0, 0, err
	}
	if c.offline {
		return i.Played, c.span(i.Played), nil
	}
	return i.Played, Time(i.PlayedAt), nil
}

// Frame returns the frame of the card's sound that is heard at a time; fractions
// count. The device has to play, as it does while there is a port.
func (c *Clock) Frame(ctx context.Context, t Time) (float64, error) {
	frame, at, err := c.pair(ctx)
	if err != nil {
		return 0, err
	}
	return float64(frame) + (t-at).Seconds()*float64(c.rate), nil
}

// TimeOf returns when a frame of the card's sound is heard.
func (c *Clock) TimeOf(ctx context.Context, frame uint64) (Time, error) {
	known, at, err := c.pair(ctx)
	if err != nil {
		return 0, err
	}
	return at + Time((float64(frame)-float64(known))/float64(c.rate)*1e9), nil
}
