// Command mmlite runs cards, plays through them, and shows what they do.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/mmlite/mmlite/firmware/com"
)

// globals are the flags that every command takes.
type globals struct {
	Card string `help:"The card to use: hosted: starts one of your own, hosted:NAME opens the one that 'mmlite run --name NAME' runs." default:"hosted:" placeholder:"URL"`
	JSON bool   `help:"Print one JSON value instead of text." name:"json"`
}

// cli is the command line.
type cli struct {
	globals

	Play playCmd `cmd:"" help:"Play MIDI files through a card."`
	Run  runCmd  `cmd:"" help:"Run a card until interrupted."`
}

const about = `MMLite turns a small computer into a multimedia accelerator card.

The three commands to begin with:

  mmlite play                     play the tune that comes along
  mmlite play --out x.wav x.mid   render a MIDI file, as fast as it goes
  mmlite run                      run a card that other programs can open`

func main() {
	if len(os.Args) == 1 {
		os.Args = append(os.Args, "--help")
	}
	var c cli
	parser := kong.Must(&c, kong.Name("mmlite"), kong.Description(about), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))
	k, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(&c.globals); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "mmlite:", message(ctx, err))
		os.Exit(1)
	}
}

// message is what a person is told of err.
func message(ctx context.Context, err error) string {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, com.ErrGone)) {
		return "interrupted"
	}
	return strings.TrimSpace(err.Error())
}
