package metal

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gitlab.com/gomidi/midi/v2"
	"gitlab.com/gomidi/midi/v2/smf"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/synth/gm"
)

// batch is how many events a port is given at once.
const batch = 1024

// play has a thread play the tune.
func (s *shell) play(args []string) error {
	times, err := number(args, 1, 1000)
	if err != nil {
		return err
	}
	if s.tune != nil {
		return com.Errorf(com.ErrBusy, "it plays already: type stop")
	}
	c := s.b.card
	s.tune, err = c.Spare.Spawn("tune", thread.Attributes{Activity: c.Activities.Get("console")}, func(*thread.Thread) {
		defer func() { s.tune = nil }()
		name, err := playTune(context.Background(), c, times)
		if err != nil {
			fmt.Fprintf(s.out, "play: %v\n", err)
		} else {
			fmt.Fprintf(s.out, "played %s\n", name)
		}
	})
	return err
}

func (s *shell) stop([]string) error {
	if s.tune == nil {
		return com.Errorf(com.ErrInvalid, "nothing plays")
	}
	s.tune.Kill()
	return nil
}

// playTune plays the tune so many times, on the calling thread.
func playTune(ctx context.Context, c *firmware.Card, times int) (name string, err error) {
	name, file := gm.Tune()
	synth, err := firmware.Bind(ctx, c, "synth", audio.SynthType)
	if err != nil {
		return name, err
	}
	defer synth.Release()
	out, err := firmware.Bind(ctx, c, "audio", audio.OutputType)
	if err != nil {
		return name, err
	}
	defer out.Release()
	info, err := out.Info(ctx)
	if err != nil {
		return name, err
	}
	events, err := readTune(file, info.Rate)
	if err != nil {
		return name, err
	}
	port, err := synth.Open(ctx, audio.PortOptions{Name: "tune", Effects: true})
	if err != nil {
		return name, err
	}
	defer port.Release()
	for n := range times {
		at := uint64(0)
		if n > 0 {
			p, err := port.Info(ctx)
			if err != nil {
				return name, err
			}
			at = p.Frame + uint64(info.Rate)/2
		}
		if err := queue(ctx, port, events, at, n == 0); err != nil {
			return name, err
		}
		if err := port.Drain(ctx); err != nil {
			return name, err
		}
	}
	return name, nil
}

// queue gives a port events that begin at its frame at, and starts it with the
// first.
func queue(ctx context.Context, port audio.Port, events []audio.Event, at uint64, start bool) error {
	buf := make([]audio.Event, 0, batch)
	for from := 0; from < len(events); from += batch {
		buf = buf[:0]
		for _, e := range events[from:min(from+batch, len(events))] {
			e.Frame += at
			buf = append(buf, e)
		}
		until := uint64(math.MaxUint64)
		if from+batch < len(events) {
			until = at + events[from+batch].Frame
		}
		if err := port.Queue(ctx, buf, until); err != nil {
			return err
		}
		if start {
			if err := port.Start(ctx); err != nil {
				return err
			}
			start = false
		}
	}
	return nil
}

// readTune returns the messages of a MIDI file's channels. A file that is not this
// project's own could be anything, so this is for that alone.
func readTune(file []byte, rate uint32) (events []audio.Event, err error) {
	var list []smf.TrackEvent
	r := smf.ReadTracksFrom(bytes.NewReader(file)).Do(func(e smf.TrackEvent) {
		if m := midi.Message(e.Message); m.GetChannel(new(uint8)) && len(m) >= 2 && len(m) <= 3 {
			list = append(list, e)
		}
	})
	if err := r.Error(); err != nil {
		return nil, com.Errorf(com.ErrCorrupt, "the tune: %v", err)
	}
	slices.SortStableFunc(list, func(a, b smf.TrackEvent) int { return cmp.Compare(a.AbsMicroSeconds, b.AbsMicroSeconds) })
	for _, e := range list {
		m := uint32(0)
		for i, c := range e.Message {
			m |= uint32(c) << (8 * i)
		}
		events = append(events, audio.Event{Frame: uint64(e.AbsMicroSeconds) * uint64(rate) / 1e6, Message: m})
	}
	return events, nil
}
