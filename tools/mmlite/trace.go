package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/tools/internal/lanes"
)

// traceCmd records what a card's scheduler decides.
type traceCmd struct {
	Seconds float64       `help:"How long to record, 0.1 to 600." default:"5" placeholder:"S"`
	Out     string        `short:"o" help:"Write the trace here, for Perfetto (ui.perfetto.dev) or chrome://tracing." placeholder:"FILE.json"`
	PNG     string        `help:"Draw a picture: a lane for each activity, red where a promise was broken." name:"png" placeholder:"FILE.png"`
	From    time.Duration `help:"The picture begins so long after the beginning. Default: around the first miss." placeholder:"TIME"`
	To      time.Duration `help:"The picture ends so long after the beginning." placeholder:"TIME"`
	Width   int           `help:"Width of the picture in pixels, 640 to 16000." default:"1600" placeholder:"N"`
	Policy  string        `help:"Policy of the real-time processor of a card of one's own: null, roundrobin, constraint or edf." enum:",null,roundrobin,constraint,edf" default:"" placeholder:"NAME"`
}

// Help implements kong.HelpProvider.
func (*traceCmd) Help() string {
	return `While it is recorded, the card writes down every decision of its schedulers: who
ran by what right (time booked for a constraint, its own reserved slice, a slice
made up for, or spare time), which constraints were promised or refused, which
missed, and how late threads woke. A card that is started for this plays the tune
that comes along, so that there is something to see.`
}

func (t *traceCmd) check(g *globals) error {
	switch {
	case !(t.Seconds >= 0.1 && t.Seconds <= 600):
		return com.Errorf(com.ErrInvalid, "--seconds %v: want 0.1 to 600", t.Seconds)
	case t.Width < lanes.MinWidth || t.Width > lanes.MaxWidth:
		return com.Errorf(com.ErrInvalid, "--width %d: want %d to %d", t.Width, lanes.MinWidth, lanes.MaxWidth)
	case t.From < 0 || t.To < 0 || t.To > 0 && t.To <= t.From:
		return com.Errorf(com.ErrInvalid, "--from %v --to %v: want times after the beginning, the later one second", t.From, t.To)
	case t.From.Seconds() >= t.Seconds:
		return com.Errorf(com.ErrInvalid, "--from %v: recorded are %g seconds", t.From, t.Seconds)
	case t.Policy != "" && g.Card != hostedOwn:
		return com.Errorf(com.ErrInvalid, "--policy is for a card of one's own; the card %s has its own", g.Card)
	case t.Out != "" && filepath.Clean(t.Out) == filepath.Clean(t.PNG):
		return com.Errorf(com.ErrInvalid, "-o and --png are the same file, %s", t.Out)
	}
	if err := mayWrite(t.Out); err != nil {
		return err
	}
	return mayWrite(t.PNG)
}

// Run implements kong.
func (t *traceCmd) Run(ctx context.Context, g *globals) error {
	if err := t.check(g); err != nil {
		return err
	}
	var opts []hostdriver.Option
	if t.Policy != "" {
		opts = append(opts, hostdriver.CardArgs(policyChoice("realtime="+t.Policy).args()...))
	}
	card, err := openQuiet(ctx, g, opts...)
	if err != nil {
		return err
	}
	defer card.Close()
	playing := func() error { return nil }
	if g.Card == hostedOwn {
		p, err := playLoop(ctx, card, loop{ports: 1, voices: 256})
		if err != nil {
			return err
		}
		playing = p.stop
		if err := pauseFor(ctx, traceLead, nil); err != nil {
			return errors.Join(err, playing())
		}
	}
	r, err := record(ctx, card, time.Duration(t.Seconds*float64(time.Second)), !g.JSON)
	if err = errors.Join(err, playing()); err != nil {
		return err
	}
	return t.tell(r, g)
}

// traceLead is how long a card of one's own plays before it is recorded.
const traceLead = 300 * time.Millisecond

// tell writes what was asked for.
func (t *traceCmd) tell(r *recording, g *globals) error {
	var played []*events
	for _, k := range r.tracks {
		played = append(played, k.play(r.to))
	}
	if t.Out != "" {
		if err := writeFile(t.Out, func(f *os.File) error { return r.writeChrome(f, played) }); err != nil {
			return err
		}
	}
	p := r.picture(played)
	if t.PNG != "" {
		o := lanes.Options{From: machine.FromStd(t.From), To: machine.FromStd(t.To), Width: t.Width}
		if err := writeFile(t.PNG, func(f *os.File) error { return p.WritePNG(f, o) }); err != nil {
			return err
		}
	}
	s := r.summary(played, p)
	if g.JSON {
		return printJSON(s)
	}
	s.print()
	if t.Out != "" {
		fmt.Printf("wrote %s: open it at ui.perfetto.dev\n", t.Out)
	}
	if t.PNG != "" {
		fmt.Println("wrote", t.PNG)
	}
	if t.Out == "" && t.PNG == "" {
		fmt.Println("with -o FILE.json this is written for Perfetto, with --png FILE.png drawn")
	}
	return nil
}
