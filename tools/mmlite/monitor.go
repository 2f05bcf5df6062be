package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/tools/internal/monitor"
)

// monitorCmd shows a card in a browser.
type monitorCmd struct {
	Listen string `help:"Where browsers find it; without a host it is for this computer alone, and port 0 is any that is free." default:"127.0.0.1:0" placeholder:"[HOST]:PORT"`
	Child  bool   `hidden:"" help:"End with the card."`
}

// Help implements kong.HelpProvider.
func (*monitorCmd) Help() string {
	return `Open the address that it prints: the screen of the card, its sound, a piano to
click on, and how it fares. The address holds a token, new each time; without it
nobody gets in. Keyboards plugged in here play by Web MIDI.

Made for Chromium and Firefox; Safari was never tried. Browsers give sound and Web
MIDI only to pages from their own computer or over https: from another one, use
ssh -L PORT:127.0.0.1:PORT and the same address.`
}

// monitored is what the monitor says when it serves.
type monitored struct {
	URL  string `json:"url"`
	Card string `json:"card"`
}

// Run implements kong.
func (c *monitorCmd) Run(ctx context.Context, g *globals) error {
	client := hostdriver.Client(monitor.ClientName)
	open := func(ctx context.Context) (*hostdriver.Card, error) { return openRunning(ctx, g, client) }
	m, err := monitor.New(ctx, monitor.Config{
		Open: func(ctx context.Context) (*hostdriver.Card, error) {
			card, err := open(ctx)
			if err == nil { // from now on it is this one
				open = func(ctx context.Context) (*hostdriver.Card, error) { return openQuiet(ctx, g, client) }
			}
			return card, err
		},
		Listen: c.Listen, EndWithCard: c.Child,
		Logf: func(format string, args ...any) { fmt.Fprintf(os.Stderr, "mmlite monitor: "+format+"\n", args...) },
	})
	if err != nil {
		return err
	}
	if g.JSON {
		err = json.NewEncoder(os.Stdout).Encode(monitored{m.URL(), g.Card})
	} else {
		_, err = fmt.Printf("open %s\ninterrupt to stop\n", m.URL())
	}
	return errors.Join(err, m.Run(ctx))
}

// monitorPatience is how long a monitor may take to say its address.
const monitorPatience = 20 * time.Second

// startWeb starts a monitor of a hosted card, as a process of its own, and returns
// its address. It ends with the card or with ctx; wait waits for that.
func startWeb(ctx context.Context, name, listen string) (url string, wait func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, "--json", "--card", hostedOwn+name, "monitor", "--child", "--listen", listen)
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return cmd.Process.Kill() // where there are no signals
		}
		return nil
	}
	cmd.WaitDelay = 5 * time.Second
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	late := time.AfterFunc(monitorPatience, func() { _ = cmd.Process.Kill() })
	var m monitored
	err = json.NewDecoder(io.LimitReader(out, 4096)).Decode(&m)
	wait = func() { _ = cmd.Wait() } // it has said itself what went wrong
	if !late.Stop() || err != nil {
		_ = cmd.Process.Kill()
		wait()
		return "", nil, com.Errorf(com.ErrGone, "the web monitor did not start")
	}
	return m.URL, wait, nil
}
