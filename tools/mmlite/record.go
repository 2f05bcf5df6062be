package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mixer/format"
)

// recordCmd records what a card plays.
type recordCmd struct {
	Out     string  `help:"The WAV file to make." short:"o" required:"" placeholder:"FILE.wav"`
	Seconds float64 `help:"How long to record; 0 until interrupted, or until the card ends." default:"0" placeholder:"S"`
	Format  string  `help:"Samples in the file: s16, s24 or f32." enum:"s16,s24,f32" default:"f32"`
}

// Help implements kong.HelpProvider.
func (*recordCmd) Help() string {
	return `The mix is recorded as the sound device gets it, from the next period on, and all
that any program plays on the card is in it. While nothing plays, a card's device
rests and nothing is recorded. An interrupt ends the recording: the file is whole
then. Use --card where several cards run.`
}

// taking is what record says at the end.
type taking struct {
	File    string  `json:"file"`
	Device  string  `json:"device"`
	Rate    uint32  `json:"rate"`
	Frames  uint64  `json:"frames"`
	Seconds float64 `json:"seconds"`
	Lost    uint64  `json:"lost_frames"` // silence instead, since this program was too slow
	Peak    float64 `json:"peak_db"`
}

// recordPeriod is in how many frames at a time the file is written.
const recordPeriod = 256

// Run implements kong.
func (r *recordCmd) Run(ctx context.Context, g *globals) (err error) {
	if !(r.Seconds >= 0 && r.Seconds <= 1e6) {
		return com.Errorf(com.ErrInvalid, "--seconds %g: want 0 to 1000000", r.Seconds)
	}
	path, err := filepath.Abs(r.Out)
	if err != nil {
		return err
	}
	return withRunning(ctx, g, func(card *hostdriver.Card) error {
		if g.Card == hostedOwn {
			return com.Errorf(com.ErrNotFound, "nothing plays on a fresh card: start one that stays with mmlite run, and play on that")
		}
		out, err := hostdriver.Bind(ctx, card, "/audio", audio.OutputType)
		if err != nil {
			return err
		}
		defer out.Release()
		info, err := out.Info(ctx)
		if err != nil {
			return err
		}
		formats := map[string]format.Format{"s16": format.S16, "s24": format.S24, "f32": format.F32}
		file, err := sound.Open("wav:"+path, sound.Config{Rate: int(info.Rate), Channels: 2, Period: recordPeriod, Format: formats[r.Format], Dither: r.Format == "s16"})
		if err != nil {
			return err
		}
		t := &taker{recordCmd: r, file: periods{file: file}, report: taking{File: r.Out, Device: info.Device, Rate: info.Rate}}
		err = t.take(ctx, out, g.JSON)
		// What was recorded up to a failure or an interrupt is worth keeping.
		if e := file.Close(); err == nil {
			err = e
		}
		if err == nil && t.report.Frames == 0 {
			err = com.Errorf(com.ErrNotFound, "the card has not played meanwhile: there is nothing for %s", r.Out)
		}
		if err != nil {
			return err
		}
		return t.print(g.JSON)
	})
}

// taker moves sound from a capture into a file.
type taker struct {
	*recordCmd
	file   periods
	report taking
	peak   float64
	next   uint64 // the capture's frame that follows
}

// take records until there is enough, ctx ends or the card does.
func (t *taker) take(ctx context.Context, out audio.Output, quiet bool) error {
	capture, err := out.Capture(ctx)
	if err != nil {
		return err
	}
	defer capture.Release()
	limit := uint64(math.Round(t.Seconds * float64(t.report.Rate)))
	bar := t.bar(quiet, limit)
	defer bar.Exit()
	buf := make([]byte, 64<<10)
	for limit == 0 || t.report.Frames < limit {
		// A card that rests has nothing to record, for however long: no time-out.
		n, frame, err := capture.Read(patient{ctx}, buf)
		switch {
		case err == nil && n == 0:
			return t.file.flush() // the device was closed
		case ctx.Err() != nil || errors.Is(err, com.ErrCanceled):
			return t.file.flush()
		case com.CodeOf(err) == com.ErrTimeout:
			continue
		case errors.Is(err, com.ErrGone):
			return t.file.flush()
		case err != nil:
			return err
		}
		if frame > t.next {
			t.report.Lost += frame - t.next
			for range frame - t.next {
				if err := t.put(0, 0, limit); err != nil {
					return err
				}
			}
		}
		t.next = frame + uint64(n)/8
		for b := buf[:n]; len(b) >= 8; b = b[8:] {
			l, r := stereo(b)
			if err := t.put(l, r, limit); err != nil {
				return err
			}
		}
		_ = bar.Set64(int64(t.report.Frames)) // a bar that cannot be drawn is no reason to stop
	}
	return t.file.flush()
}

// put records one frame, unless there are enough.
func (t *taker) put(l, r float32, limit uint64) error {
	if limit > 0 && t.report.Frames >= limit {
		return nil
	}
	t.report.Frames++
	t.peak = max(t.peak, math.Abs(float64(l)), math.Abs(float64(r)))
	return t.file.put(l, r)
}

// stereo is the first frame of what a capture returns.
func stereo(b []byte) (l, r float32) {
	return math.Float32frombits(binary.LittleEndian.Uint32(b)), math.Float32frombits(binary.LittleEndian.Uint32(b[4:]))
}

// periods is a file to which single frames are written.
type periods struct {
	file   sound.Device // of recordPeriod frames, stereo
	period []float32
}

func (p *periods) put(l, r float32) error {
	if p.period = append(p.period, l, r); len(p.period) < 2*recordPeriod {
		return nil
	}
	err := p.file.Write(p.period)
	p.period = p.period[:0]
	return err
}

// flush fills the last period up with silence: files are written by periods.
func (p *periods) flush() error {
	if len(p.period) == 0 {
		return nil
	}
	for len(p.period) < 2*recordPeriod {
		p.period = append(p.period, 0)
	}
	return p.file.Write(p.period)
}

func (t *taker) bar(quiet bool, frames uint64) *progressbar.ProgressBar {
	n := int64(frames)
	if n == 0 {
		n = -1 // of unknown length
	}
	return newBar(!quiet, filepath.Base(t.Out), n)
}

func (t *taker) print(asJSON bool) error {
	r := &t.report
	r.Seconds = float64(r.Frames) / float64(r.Rate)
	r.Peak = max(20*math.Log10(t.peak), -200)
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	_, err := fmt.Printf("%s: %.3f s, peak %.1f dB", r.File, r.Seconds, r.Peak)
	if r.Lost > 0 {
		fmt.Printf(", %d frames lost", r.Lost)
	}
	fmt.Println()
	return err
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
