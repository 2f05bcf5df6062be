package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mixer/format"
	"github.com/mmlite/mmlite/tools/mmlite/song"
)

// player queues songs on a port, one after the other.
type player struct {
	card    *hostdriver.Card
	port    audio.Port
	out     audio.Output
	quality audio.Quality // of WAV files
	rate    uint32
	quiet   bool
	at      uint64 // frame of the port's clock at which the next song begins
	base    uint64 // the device's frame at which that began, or a little before
	started bool
	queued  bool   // songs that may still sound
	dry     uint64 // times that streams ran dry
	stop    func() // of the display
}

// chunk is how many events travel in one call; pause is between songs.
const (
	chunk = 1024
	pause = 500 * time.Millisecond
)

// longCall bounds calls that last as long as music does.
const longCall = 24 * time.Hour

func (p *player) play(ctx context.Context, name string, s *song.Song) error {
	if len(s.Events) == 0 {
		return fmt.Errorf("%s: %w: the file has no notes", name, errNoSong)
	}
	if p.stop != nil {
		p.stop()
	}
	p.queued = true
	p.stop = p.show(ctx, name, p.rate, s.Frames, p.songProgress(name, p.at, s.Frames)) // on until the song has sounded, not just been queued
	ctx, cancel := context.WithTimeout(ctx, longCall)
	defer cancel()
	err := queueSong(ctx, p.port, p.at, s, func() (err error) {
		if p.started {
			return nil
		}
		p.started = true
		if p.base, err = p.frame(ctx); err == nil {
			err = p.port.Start(ctx)
		}
		return err
	})
	p.at += s.Frames + uint64(pause.Seconds()*float64(p.rate))
	return err
}

// queueSong queues a song on a port, beginning at its frame at, and calls begun after
// each step.
func queueSong(ctx context.Context, port audio.Port, at uint64, s *song.Song, begun func() error) error {
	events := make([]audio.Event, 0, chunk)
	flush := func(until uint64) error {
		err := port.Queue(ctx, events, until)
		events = events[:0]
		if err == nil {
			err = begun()
		}
		return err
	}
	for _, e := range s.Events {
		frame := at + e.Frame
		if e.SysEx != nil {
			if err := flush(frame); err != nil {
				return err
			}
			if len(e.SysEx) <= 4096 { // longer ones are dumps for other machines
				if err := port.QueueSysEx(ctx, frame, e.SysEx); err != nil {
					return err
				}
			}
			continue
		}
		if len(events) == chunk {
			if err := flush(frame); err != nil {
				return err
			}
		}
		events = append(events, audio.Event{Frame: frame, Message: e.Message})
	}
	return flush(at + s.Frames)
}

// finish waits until all has sounded.
func (p *player) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longCall)
	defer cancel()
	var err error
	if p.queued {
		err = p.port.Drain(ctx)
		p.queued = false
	}
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
	return err
}

// frame is how many frames the device has been given.
func (p *player) frame(ctx context.Context) (uint64, error) {
	i, err := p.out.Info(ctx)
	return i.Frame, err
}

// songProgress says how far a song is, in frames, and what to show of it.
func (p *player) songProgress(name string, from, frames uint64) progress {
	var page [system.PageValues]uint64
	return func(ctx context.Context) (uint64, string, error) {
		info, err := p.port.Info(ctx)
		if err != nil {
			return 0, "", err
		}
		at := max(info.Heard, from) - from
		load := 0.0
		if info.Frame > 0 {
			load = 100 * info.Busy.Seconds() * float64(p.rate) / float64(info.Frame)
		}
		p.card.Status(page[:])
		return at, fmt.Sprintf("%s of %s  %d voices  load %.1f %%  underruns %d  %s",
			clockText(at, p.rate), clockText(frames, p.rate), info.Voices, load, page[system.PageUnderruns]+info.Missed, name), nil
	}
}

type progress func(ctx context.Context) (at uint64, text string, err error)

// show draws a progress bar until the returned function is called.
func (p *player) show(ctx context.Context, name string, rate uint32, frames uint64, look progress) func() {
	if p.quiet || !term.IsTerminal(int(os.Stderr.Fd())) {
		return func() {} // nobody is asked for what nobody sees
	}
	seconds := int64(frames/uint64(rate)) + 1
	bar := newBar(true, name, seconds*10, untimed...)
	ctx, cancel := context.WithCancel(ctx)
	stop := follow(bar, func() {
		at, text, err := look(ctx)
		if err != nil {
			return
		}
		describe(bar, text)
		_ = bar.Set64(int64(min(at*10/uint64(rate), uint64(seconds*10-1))))
	})
	return func() { cancel(); stop() }
}

func clockText(frames uint64, rate uint32) string {
	s := frames / uint64(rate)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// recorder writes what a port renders in real time to a file, or the mix.
type recorder struct {
	capture audio.Capture
	file    periods
	cancel  context.CancelFunc
	done    chan error
}

// record begins to write what source captures to --out, where the card does not do
// so itself.
func (p *playCmd) record(ctx context.Context, card *hostdriver.Card, source func(context.Context) (audio.Capture, error)) (*recorder, error) {
	if p.Out == "" || card.Info().Device == "" || !p.Realtime && isOwnFile(card) {
		return nil, nil
	}
	c, err := source(ctx)
	if err != nil {
		return nil, err
	}
	f, err := sound.Open("wav:"+p.Out, sound.Config{Rate: int(card.Info().Frames), Channels: 2, Period: recordPeriod, Format: format.S16})
	if err != nil {
		c.Release()
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &recorder{capture: c, file: periods{file: f}, cancel: cancel, done: make(chan error, 1)}
	go func() { r.done <- r.run(ctx) }()
	return r, nil
}

func (r *recorder) run(ctx context.Context) error {
	buf := make([]byte, 64<<10)
	next := uint64(0)
	for {
		n, frame, err := r.capture.Read(ctx, buf)
		if err != nil || n == 0 {
			return nil // told to stop, or the port ended
		}
		if frame != next {
			return com.Errorf(com.ErrFailed, "recording: %d frames were lost", frame-next)
		}
		next = frame + uint64(n/8)
		for b := buf[:n]; len(b) >= 8; b = b[8:] {
			if err := r.file.put(stereo(b)); err != nil {
				return fmt.Errorf("recording: %w", err)
			}
		}
	}
}

// close ends the recording; the file appears under its name when it is whole.
func (r *recorder) close() error {
	if r == nil {
		return nil
	}
	r.cancel()
	err := <-r.done
	r.capture.Release()
	if e := r.file.flush(); err == nil {
		err = e
	}
	if e := r.file.file.Close(); err == nil {
		err = e
	}
	return err
}

// isOwnFile reports whether the card's device is a file already.
func isOwnFile(card *hostdriver.Card) bool {
	return strings.HasPrefix(card.Info().Device, "wav:")
}
