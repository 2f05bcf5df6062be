package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// topCmd watches a card.
type topCmd struct {
	Interval time.Duration `help:"Between two looks, 100ms to 1m." default:"500ms"`
	Once     bool          `help:"Look once and end, as when the output is no terminal."`
}

// snapshot is what a card tells at one moment. What a card does not have stays
// empty.
type snapshot struct {
	at         time.Time
	Card       system.Info       `json:"card"`
	Activities []activityState   `json:"activities"`
	Threads    []threadState     `json:"threads"`
	Processors []processorState  `json:"processors"`
	Scheduler  *schedulerState   `json:"scheduler,omitempty"`
	Link       []clientState     `json:"link"`
	Audio      *audioState       `json:"audio,omitempty"`
	Synth      *synthesizerState `json:"synth,omitempty"`
}

// The parts of /status that are shown, named as there.
type (
	activityState struct {
		Activity string  `json:"activity"`
		Seconds  float64 `json:"cpu_seconds"`
	}
	threadState struct {
		Processor string  `json:"processor"`
		Thread    string  `json:"thread"`
		Activity  string  `json:"activity"`
		State     string  `json:"state"`
		WaitsFor  string  `json:"waits_for"`
		Seconds   float64 `json:"cpu_seconds"`
		Switches  uint64  `json:"switches"`
		Stretch   float64 `json:"longest_stretch_us"`
		Overruns  uint64  `json:"overruns"`
		Missed    uint64  `json:"missed"`
	}
	processorState struct {
		Processor string  `json:"processor"`
		Policy    string  `json:"policy"`
		Kind      string  `json:"kind"`
		Threads   int     `json:"threads"`
		Up        float64 `json:"up_seconds"`
		Idle      float64 `json:"idle_seconds"`
		Switches  uint64  `json:"switches"`
		Promises  int     `json:"promises"`
		Missed    uint64  `json:"missed"`
		RealTime  string  `json:"real_time"`
		Advice    string  `json:"advice"`
	}
	schedulerState struct {
		Promises    []promiseState  `json:"promises"`
		Punctuality []punctualState `json:"punctuality"`
	}
	promiseState struct {
		Processor string  `json:"processor"`
		Activity  string  `json:"activity"`
		Percent   float64 `json:"promised_percent"`
		AmountUs  float64 `json:"amount_us"`
		PeriodUs  float64 `json:"period_us"`
		LastUs    float64 `json:"last_us"`
		Accepted  uint64  `json:"accepted"`
		Refused   uint64  `json:"refused"`
		Missed    uint64  `json:"missed"`
	}
	punctualState struct {
		Processor string  `json:"processor"`
		What      string  `json:"what"`
		Count     uint64  `json:"count"`
		P50       float64 `json:"p50_us"`
		P90       float64 `json:"p90_us"`
		P99       float64 `json:"p99_us"`
		Max       float64 `json:"max_us"`
	}
	clientState struct {
		Name    string `json:"name"`
		Calls   uint64 `json:"calls"`
		Objects int    `json:"objects"`
	}
	audioState struct {
		Device      string        `json:"device"`
		Rate        int           `json:"rate"`
		Offline     bool          `json:"offline"`
		Resting     bool          `json:"resting"`
		LatencyMs   float64       `json:"latency_ms"`
		Heard       uint64        `json:"heard"`
		Underruns   uint64        `json:"underruns"`
		LatePeriods uint64        `json:"late_periods"`
		Streams     []streamState `json:"streams"`
	}
	streamState struct {
		Name      string  `json:"name"`
		Rate      int     `json:"rate"`
		Channels  int     `json:"channels"`
		Format    string  `json:"format"`
		Quality   string  `json:"quality"`
		Playing   bool    `json:"playing"`
		Played    uint64  `json:"played_frames"`
		BufferMs  float64 `json:"buffer_ms"`
		LatencyMs float64 `json:"latency_ms"`
		Underruns uint64  `json:"underruns"`
		Late      uint64  `json:"late_frames"`
		TrimPPM   float64 `json:"trim_ppm"`
	}
	synthesizerState struct {
		Voices uint32      `json:"voices"`
		Ports  []portState `json:"ports"`
	}
	portState struct {
		Name       string         `json:"name"`
		Bank       string         `json:"bank"`
		Heard      uint64         `json:"heard"`
		Queued     uint32         `json:"queued"`
		Voices     uint32         `json:"voices"`
		PeakVoices uint32         `json:"peak_voices"`
		Quota      int            `json:"quota"`
		Late       uint64         `json:"late"`
		Stolen     uint64         `json:"stolen"`
		Missed     uint64         `json:"missed"`
		Channels   []channelState `json:"channels,omitempty"`
	}
	channelState struct {
		Channel    int    `json:"channel"`
		Instrument string `json:"instrument"`
		Voices     uint32 `json:"voices"`
	}
)

// take looks at the card. It learns what it shows in a handful of calls.
func take(ctx context.Context, card *hostdriver.Card) (*snapshot, error) {
	s := &snapshot{Card: card.Info()}
	for _, part := range []struct {
		name string
		into any
	}{
		{"activities", &s.Activities}, {"threads", &s.Threads}, {"processors", &s.Processors}, {"scheduler", &s.Scheduler},
		{"link", &s.Link}, {"audio", &s.Audio}, {"synth", &s.Synth},
	} {
		err := readStatus(ctx, card, part.name, func(o system.Status) error {
			b, err := o.JSON(ctx)
			if err != nil {
				return err
			}
			return json.Unmarshal(b, part.into)
		})
		if err != nil && com.CodeOf(err) != com.ErrNotFound {
			return nil, fmt.Errorf("/status/%s: %w", part.name, err)
		}
		if part.name == "activities" {
			s.at = time.Now()
		}
	}
	return s, nil
}

// ANSI sequences: the screen that programs use, its first line, what is left of
// a line and of the screen.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
	firstLine   = "\x1b[H"
	restOfLine  = "\x1b[K"
	restBelow   = "\x1b[J"
)

// Run implements kong.
func (c *topCmd) Run(ctx context.Context, g *globals) error {
	if c.Interval < 100*time.Millisecond || c.Interval > time.Minute {
		return com.Errorf(com.ErrInvalid, "--interval %v: want 100ms to 1m", c.Interval)
	}
	return withRunning(ctx, g, func(card *hostdriver.Card) error {
		before, err := take(ctx, card)
		if err != nil {
			return err
		}
		if g.JSON || c.Once || !term.IsTerminal(int(os.Stdout.Fd())) {
			// Loads need two looks.
			if err := pauseFor(ctx, c.Interval, nil); err != nil {
				return err
			}
			now, err := take(ctx, card)
			if err != nil {
				return err
			}
			if g.JSON {
				return printJSON(now)
			}
			_, err = os.Stdout.Write(draw(before, now, 0, 0, false))
			return err
		}
		return c.watch(ctx, card, before)
	})
}

// watch redraws until q, an interrupt, or the end of the card.
func (c *topCmd) watch(ctx context.Context, card *hostdriver.Card, before *snapshot) error {
	quit := make(chan struct{})
	if in := int(os.Stdin.Fd()); term.IsTerminal(in) {
		if old, err := term.MakeRaw(in); err == nil {
			defer func() { _ = term.Restore(in, old) }() // nothing can be done for a terminal that is gone
			go func() {
				defer close(quit)
				for b := []byte{0}; ; {
					if n, err := os.Stdin.Read(b); err != nil || n == 1 && (b[0] == 'q' || b[0] == 'Q' || b[0] == 3) {
						return
					}
				}
			}()
		}
	}
	os.Stdout.WriteString(enterScreen)
	defer os.Stdout.WriteString(leaveScreen)
	for now := before; ; {
		columns, rows, err := term.GetSize(int(os.Stdout.Fd()))
		if err != nil {
			columns, rows = 0, 0
		}
		page := bytes.ReplaceAll(draw(before, now, rows, columns, true), []byte("\n"), []byte(restOfLine+"\r\n"))
		if _, err := os.Stdout.Write(append([]byte(firstLine), append(page, restBelow...)...)); err != nil {
			return err
		}
		if pauseFor(ctx, c.Interval, quit) != nil {
			return nil // that is how watching ends
		}
		next, err := take(ctx, card)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		before, now = now, next
	}
}

// pauseFor waits for d; it fails if ctx or quit end first.
func pauseFor(ctx context.Context, d time.Duration, quit <-chan struct{}) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-quit:
		return context.Canceled
	case <-ctx.Done():
		return ctx.Err()
	}
}
