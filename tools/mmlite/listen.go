package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/serial"
	"github.com/mmlite/mmlite/mixer/format"
)

// listenCmd plays here what a card plays.
type listenCmd struct {
	Device  string        `help:"Sound device of this computer: one that 'mmlite devices' lists. Default: the best there is." placeholder:"NAME"`
	Out     string        `help:"Write to this WAV file instead." short:"o" placeholder:"FILE.wav"`
	Latency time.Duration `help:"By how much the sound is kept back, so that a link may falter for that long: 20ms to 2s. Default: what suits the link." placeholder:"TIME"`
	Rate    uint32        `help:"Frames a second over the link: 4000 to the card's own. Default: what the link carries." placeholder:"HZ"`
	Mono    bool          `help:"One channel over the link, the mean of both."`
	Seconds float64       `help:"How long to listen; 0 until interrupted, or until the card ends." default:"0" placeholder:"S"`
}

// Help implements kong.HelpProvider.
func (*listenCmd) Help() string {
	return `Everything that any program plays on the card is heard here, whatever the card is:
one on USB, at the end of a serial line, behind a PCI window, or a process.

The card's clock and that of the sound device here never agree: the rate is
trimmed, by at most 0.2 %, so that the delay stays what it is. A serial line
carries less than the whole: the card converts the sound to what fits, which is
said. While nothing plays, the card sends nothing.`
}

// minLatency and maxLatency bound --latency.
const (
	minLatency = 20 * time.Millisecond
	maxLatency = 2 * time.Second
)

// hearing is what listen says at the end.
type hearing struct {
	Card     string  `json:"card"`
	Device   string  `json:"device"`
	Output   string  `json:"output,omitempty"`
	Rate     uint32  `json:"rate"` // over the link
	Channels uint32  `json:"channels"`
	Format   string  `json:"format"`
	Latency  float64 `json:"latency_ms"` // what is kept back here
	Frames   uint64  `json:"frames"`
	Seconds  float64 `json:"seconds"`
	Gaps     uint64  `json:"gaps"`        // times that sound was due and had not come
	Lost     uint64  `json:"lost_frames"` // that the link or the device here were too slow for
	Drift    float64 `json:"trim_ppm"`    // of the device's clock against the card's, at the end
}

// Run implements kong.
func (l *listenCmd) Run(ctx context.Context, g *globals) error {
	switch {
	case !(l.Seconds >= 0 && l.Seconds <= 1e6):
		return com.Errorf(com.ErrInvalid, "--seconds %g: want 0 to 1000000", l.Seconds)
	case l.Latency != 0 && (l.Latency < minLatency || l.Latency > maxLatency):
		return com.Errorf(com.ErrInvalid, "--latency %v: want %v to %v", l.Latency, minLatency, maxLatency)
	case l.Out != "" && l.Device != "":
		return com.Errorf(com.ErrInvalid, "--out and --device exclude each other")
	}
	return withRunning(ctx, g, func(card *hostdriver.Card) error {
		if g.Card == hostedOwn {
			return com.Errorf(com.ErrNotFound, "nothing plays on a fresh card: start one that stays with mmlite run, and play on that")
		}
		return l.listen(ctx, g, card)
	})
}

func (l *listenCmd) listen(ctx context.Context, g *globals, card *hostdriver.Card) error {
	out, err := hostdriver.Bind(ctx, card, "/audio", audio.OutputType)
	if err != nil {
		return err
	}
	defer out.Release()
	e, r, err := l.begin(ctx, g, card, out)
	if err != nil {
		return err
	}
	err = errors.Join(e.run(ctx, nil, uint64(l.Seconds*float64(e.options.Rate)+0.5)), e.close())
	if err != nil {
		return err
	}
	e.report(r)
	if g.JSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	r.print(os.Stdout)
	return nil
}

// begin asks for the card's sound and opens what it is heard on, saying so.
func (l *listenCmd) begin(ctx context.Context, g *globals, card *hostdriver.Card, out audio.Output) (*ears, *hearing, error) {
	info, err := out.Info(ctx)
	if err != nil {
		return nil, nil, err
	}
	if info.Offline {
		return nil, nil, com.Errorf(com.ErrNotSupported, "card %s writes a file, at whatever speed (%s): there is nothing to listen to; mmlite record follows it", card.Info().Name, info.Device)
	}
	o, err := l.options(g.Card, info.Rate)
	if err != nil {
		return nil, nil, err
	}
	dev, err := l.open(int(o.Rate))
	if err != nil {
		return nil, nil, err
	}
	capture, err := out.Listen(ctx, o)
	if err != nil {
		dev.Close()
		return nil, nil, err
	}
	e, err := newEars(capture, o, dev)
	if err != nil {
		capture.Release()
		dev.Close()
		return nil, nil, err
	}
	e.behind = info.Latency + o.Behind
	r := &hearing{
		Card: g.Card, Device: dev.Name(), Output: l.Out, Rate: o.Rate, Channels: o.Channels, Format: carried[o.Format].String(),
		Latency: float64(o.Behind) / float64(time.Millisecond),
	}
	if !g.JSON {
		fmt.Fprintf(os.Stderr, "card %s, over %s: %d Hz, %s, %s\n", card.Info().Name, card.Info().Link, r.Rate, sides(o.Channels), r.Format)
		late := ""
		if !dev.Offline() {
			late = fmt.Sprintf(", about %d ms after the card", (e.behind + time.Duration(dev.Queue()*dev.Period())*time.Second/time.Duration(dev.Rate())).Milliseconds())
		}
		fmt.Fprintf(os.Stderr, "heard on %s%s\n", dev.Name(), late)
	}
	return e, r, nil
}

func sides(channels uint32) string {
	if channels == 1 {
		return "mono"
	}
	return "stereo"
}

func (r *hearing) print(w io.Writer) {
	fmt.Fprintf(w, "%.1f s of sound, %s", r.Seconds, plural(r.Gaps, "gap"))
	if r.Lost > 0 {
		fmt.Fprintf(w, ", %.2f s lost: the link or this computer is too slow for it, see mmlite listen --rate and --mono", float64(r.Lost)/float64(r.Rate))
	}
	fmt.Fprintf(w, ", trim %+.0f ppm\n", r.Drift)
}

// carried are the formats that go over links.
var carried = map[audio.SampleFormat]format.Format{audio.S16: format.S16, audio.F32: format.F32}

// open opens what is heard.
func (l *listenCmd) open(rate int) (sound.Device, error) {
	if l.Out == "" {
		return sound.Open(l.Device, sound.Config{Client: "mmlite listen"})
	}
	path, err := filepath.Abs(l.Out)
	if err != nil {
		return nil, err
	}
	return sound.Open("wav:"+path, sound.Config{Rate: rate, Channels: 2, Dither: true, Queue: 1})
}

// How much is kept back where a person says nothing: several times what a link takes
// for a call.
const (
	windowLatency = 50 * time.Millisecond
	streamLatency = 100 * time.Millisecond
	lineLatency   = 200 * time.Millisecond
)

// options are what the card is asked for: everything, unless the link is a line.
func (l *listenCmd) options(url string, device uint32) (o audio.ListenOptions, err error) {
	o = audio.ListenOptions{Rate: device, Channels: 2, Format: audio.F32, Behind: l.Latency}
	scheme, rest, _ := strings.Cut(url, ":")
	latency := windowLatency
	switch scheme {
	case "usb":
		latency = streamLatency
	case "serial":
		latency = lineLatency
		_, baud, err := serial.Parse(rest)
		if err != nil {
			return o, err
		}
		o.Format = audio.S16
		if l.Rate == 0 {
			if o.Rate, o.Channels, err = fitting(baud, device, l.Mono); err != nil {
				return o, err
			}
		}
	}
	if l.Rate != 0 {
		if l.Rate < 4000 || l.Rate > device {
			return o, com.Errorf(com.ErrInvalid, "--rate %d: want 4000 to the card's own, %d", l.Rate, device)
		}
		o.Rate = l.Rate
	}
	if l.Mono {
		o.Channels = 1
	}
	if o.Behind == 0 {
		o.Behind = latency
	}
	return o, nil
}

// Bits of a byte on a serial line, and what part of it sound may take, in percent:
// packets have a head, and each piece is asked for.
const (
	lineBits = 10
	lineFill = 75
)

// fitting is the best sound of 16 bits that a line carries.
func fitting(baud int, device uint32, mono bool) (rate, channels uint32, err error) {
	carries := uint32(baud / lineBits * lineFill / 100)
	for _, c := range []struct{ rate, channels uint32 }{
		{device, 2}, {32000, 2}, {device, 1}, {32000, 1}, {22050, 1}, {16000, 1}, {11025, 1}, {8000, 1},
	} {
		if c.rate <= device && (!mono || c.channels == 1) && 2*c.rate*c.channels <= carries {
			return c.rate, c.channels, nil
		}
	}
	return 0, 0, com.Errorf(com.ErrNotSupported, "a line of %d baud carries %d bytes of sound a second, and the least, 8000 Hz mono, has 16000: use a faster one, of 230400 baud or more", baud, carries)
}
