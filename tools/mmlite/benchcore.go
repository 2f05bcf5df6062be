package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// oneCoreChild measures calls in a process that may use one processor only; the
// card that it starts inherits that.
type oneCoreChild struct{}

// How it is measured: the best of several rounds.
const (
	coreRounds = 20
	coreRound  = 50 * time.Millisecond
)

// Run implements kong.
func (*oneCoreChild) Run(ctx context.Context, g *globals) error {
	card, err := openQuiet(ctx, g)
	if err != nil {
		return err
	}
	defer card.Close()
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		return err
	}
	defer echo.Release()
	if err := warm(echo); err != nil {
		return err
	}
	best := 0.0
	for range coreRounds {
		rate, err := nullRate(echo, coreRound)
		if err != nil {
			return err
		}
		best = max(best, rate)
	}
	_, err = fmt.Println(best)
	return err
}

// measureOneCore returns calls a second, or why they cannot be measured here.
func measureOneCore(ctx context.Context) (rate float64, why string, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, "", err
	}
	cmd := exec.CommandContext(ctx, self, "bench", "one-core")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if why, err = startOnOneCore(cmd); why != "" || err != nil {
		return 0, why, err
	}
	if err := cmd.Wait(); err != nil {
		return 0, "", fmt.Errorf("measuring on one processor: %w", err)
	}
	rate, err = strconv.ParseFloat(string(bytes.TrimSpace(out.Bytes())), 64)
	return rate, "", err
}
