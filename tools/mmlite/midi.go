package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/tools/internal/midiin"
)

// midiCmd plays what comes in.
type midiCmd struct {
	List    bool    `help:"List where MIDI may come from, and end."`
	Bank    string  `help:"Play with this bank, DLS or SoundFont 2, instead of the built-in one." type:"existingfile" placeholder:"FILE"`
	Device  string  `help:"Sound device of a card of one's own: one that 'mmlite devices' lists." placeholder:"NAME"`
	Interp  string  `help:"Interpolation: linear, cubic or sinc." enum:"linear,cubic,sinc" default:"cubic"`
	Effects string  `help:"Reverberation and chorus: on or off." enum:"on,off" default:"on"`
	Voices  uint32  `help:"Voices at once, 16 to 1024." default:"256" placeholder:"N"`
	Gain    float32 `help:"Linear gain; 0 is the synthesizer's default." default:"0" placeholder:"G"`
	From    string  `arg:"" optional:"" help:"Where MIDI comes from: a raw device as /dev/snd/midiC1D0, alsa for a port of the ALSA sequencer, alsa:SENDER for one that is connected, - for standard input. Default: standard input if it is no terminal, else the first sender there is."`
}

// Help implements kong.HelpProvider.
func (*midiCmd) Help() string {
	return `Messages are played as they arrive, one period of the card after it saw them and
without jitter; the device's queue comes on top. What that came to is measured and
shown. When the source ends, keys and pedals are let go and the voices decay.`
}

// midiReport is what midi says at the end.
type midiReport struct {
	Source   string       `json:"source"`
	Device   string       `json:"device"`
	Seconds  float64      `json:"seconds"`
	Messages uint64       `json:"messages"`
	Dropped  uint64       `json:"dropped_messages"`
	Peak     uint32       `json:"peak_voices"`
	Latency  *liveLatency `json:"latency_ms,omitempty"`
	// Period and Queue are what the latency is made of: a period until the next one
	// is rendered, and those that the device holds.
	Period float64 `json:"period_ms"`
	Queue  float64 `json:"queue_ms"`
}

// liveLatency is from the arrival of a message at the card to its first sample, as
// /status/synth tells it.
type liveLatency struct {
	Last  float64 `json:"last"`
	Mean  float64 `json:"mean"`
	Max   float64 `json:"max"`
	Count uint64  `json:"count"`
}

// Run implements kong.
func (c *midiCmd) Run(ctx context.Context, g *globals) error {
	if c.List {
		return listMIDI(g)
	}
	source, err := midiin.Open(c.from())
	if err != nil {
		return err
	}
	p := &playCmd{Bank: c.Bank, Device: c.Device, Voices: c.Voices, Gain: c.Gain, Interp: c.Interp, Effects: c.Effects}
	if g.Card == hostedOwn && c.Device == "" && !available() {
		return com.Errorf(com.ErrNotFound, "there is no sound device here (mmlite devices says why); --device null plays to nobody, --device wav:FILE into a file")
	}
	args, err := p.cardArgs(g)
	if err != nil {
		return err
	}
	opts := []hostdriver.Option{hostdriver.CardArgs(args...), hostdriver.Client("mmlite midi")}
	if self, err := os.Executable(); err == nil && g.Card == hostedOwn {
		opts = append(opts, hostdriver.Command(self))
	}
	card, err := hostdriver.Open(ctx, g.Card, opts...)
	if err != nil {
		return err
	}
	r, err := c.play(ctx, g, card, p, source)
	if e := card.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if g.JSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	fmt.Printf("%d messages in %.1f s, %d dropped, at most %d voices\n", r.Messages, r.Seconds, r.Dropped, r.Peak)
	if l := r.Latency; l != nil && l.Count > 0 {
		fmt.Printf("from message to sound: mean %.1f ms, at most %.1f ms (a period of %.1f ms and a queue of %.1f ms)\n", l.Mean, l.Max, r.Period, r.Queue)
	}
	return nil
}

// from is where MIDI comes from by default.
func (c *midiCmd) from() string {
	if c.From != "" {
		return c.From
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "-"
	}
	return midiin.List()[0].Name
}

func listMIDI(g *globals) error {
	all := midiin.List()
	if g.JSON {
		return printJSON(all)
	}
	for _, s := range all {
		fmt.Printf("%-24s %s\n", s.Name, s.Description)
	}
	return nil
}

func (c *midiCmd) play(ctx context.Context, g *globals, card *hostdriver.Card, p *playCmd, source midiin.Source) (*midiReport, error) {
	synth, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
	if err != nil {
		return nil, err
	}
	defer synth.Release()
	bank, err := p.loadBank(ctx, g, card, synth)
	if err != nil {
		return nil, err
	}
	defer bank.Release()
	port, err := synth.Open(ctx, p.options("mmlite midi", bank))
	if err != nil {
		return nil, err
	}
	defer port.Release()
	info := card.Info()
	r := &midiReport{Source: source.Name(), Device: info.Device}
	if out, err := hostdriver.Bind(ctx, card, "/audio", audio.OutputType); err == nil {
		if o, err := out.Info(ctx); err == nil {
			r.Period = 1e3 * float64(o.Period) / float64(o.Rate)
			r.Queue = float64(o.Latency.Microseconds()) / 1e3
		}
		out.Release()
	}
	l := &live{port: port}
	began := time.Now()
	stop := func() {}
	if !g.JSON {
		fmt.Fprintf(os.Stderr, "card: %s\nMIDI: %s; interrupt to end\n", info.Device, source.Name())
		stop = l.watch(ctx, card)
	}
	err = source.Run(ctx, l.emit, l.release)
	l.release()
	stop()
	if ctx.Err() != nil { // an interrupt is how this ends
		err = nil
	}
	if err != nil {
		return nil, err
	}
	rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := port.Drain(rest); err != nil && rest.Err() == nil {
		return nil, err
	}
	r.Seconds, r.Messages, r.Dropped = time.Since(began).Seconds(), l.messages.Load(), l.dropped.Load()
	if pi, err := port.Info(rest); err == nil {
		r.Peak = pi.PeakVoices
	}
	r.Latency = latencyOf(rest, card)
	return r, nil
}

// latencyOf asks the card for the latency of live messages, the worst of its ports
// of this program's name.
func latencyOf(ctx context.Context, card *hostdriver.Card) *liveLatency {
	var s struct {
		Ports []struct {
			Name    string       `json:"name"`
			Latency *liveLatency `json:"live_latency_ms"`
		} `json:"ports"`
	}
	err := readStatus(ctx, card, "synth", func(o system.Status) error {
		b, err := o.JSON(ctx)
		if err == nil {
			err = json.Unmarshal(b, &s)
		}
		return err
	})
	if err != nil {
		return nil
	}
	for _, p := range s.Ports {
		if p.Name == "mmlite midi" && p.Latency != nil && p.Latency.Count > 0 {
			return p.Latency
		}
	}
	return nil
}

// live hands messages to a port.
type live struct {
	port              audio.Port
	mu                sync.Mutex // a message at a time
	messages, dropped atomic.Uint64
}

func (l *live) emit(m []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	switch {
	case m[0] == 0xF0:
		err = l.port.SysEx(m)
	case m[0] >= 0xF0 && m[0] != 0xFE && m[0] != 0xFF:
		return // clocks and songs are for sequencers
	default:
		var v uint32
		for i, b := range m {
			v |= uint32(b) << (8 * i)
		}
		err = l.port.Short(v)
	}
	l.messages.Add(1)
	if err != nil {
		l.dropped.Add(1)
	}
}

// release lets go of all keys and pedals: whoever held them has gone.
func (l *live) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ch := range uint32(16) {
		for _, controller := range []uint32{64, 66, 67, 69, 123} {
			_ = l.port.Short(0xB0 | ch | controller<<8) // the card may have gone, too
		}
	}
}

// watch shows what plays, until the returned function is called.
func (l *live) watch(ctx context.Context, card *hostdriver.Card) (stop func()) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				fmt.Fprint(os.Stderr, "\r\033[K")
				return
			case <-tick.C:
			}
			info, err := l.port.Info(ctx)
			if err != nil {
				continue
			}
			line := fmt.Sprintf("%3d voices, %d messages", info.Voices, l.messages.Load())
			if lat := latencyOf(ctx, card); lat != nil {
				line += fmt.Sprintf(", %.1f ms from message to sound", lat.Mean)
			}
			fmt.Fprintf(os.Stderr, "\r\033[K%s", line)
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}
