// Command mmlite runs cards, plays through them, and shows what they do.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/mmlite/mmlite/firmware/com"
)

// globals are the flags that every command takes.
type globals struct {
	Card string `help:"The card to use; mmlite cards --help says which there may be. Default: one of your own, for as long as it takes." default:"hosted:" placeholder:"URL"`
	JSON bool   `help:"Print one JSON value instead of text." name:"json"`

	chosen bool // a person has said which card
}

// cli is the command line.
type cli struct {
	globals

	Play   playCmd   `cmd:"" group:"sound" help:"Play MIDI and WAV files through a card."`
	Render renderCmd `cmd:"" group:"sound" help:"Render a MIDI file to a WAV file, or to one for each channel."`
	Midi   midiCmd   `cmd:"" group:"sound" help:"Play what comes in: a keyboard, the ALSA sequencer, standard input."`
	Run    runCmd    `cmd:"" group:"sound" help:"Run a card until interrupted."`

	Boot   bootCmd   `cmd:"" group:"sound" help:"Boot a bare-metal card in QEMU, until interrupted."`
	Record recordCmd `cmd:"" group:"sound" help:"Record what a card plays into a WAV file."`
	Listen listenCmd `cmd:"" group:"sound" help:"Play on this computer what a card plays."`
	Bank   bankCmd   `cmd:"" group:"sound" help:"Look at instrument banks, check and convert them."`

	Shot shotCmd `cmd:"" group:"look" help:"Take a picture of what a card shows."`
	Demo demoCmd `cmd:"" group:"look" help:"Show what a card can do: a tour of pictures, with music."`

	Cards   cardsCmd   `cmd:"" group:"look" help:"List the cards that run on this computer."`
	Devices devicesCmd `cmd:"" group:"look" help:"List the sound devices, and why one is not available."`
	Ls      lsCmd      `cmd:"" group:"look" help:"List what is in the namespace of a card."`
	Cat     catCmd     `cmd:"" group:"look" help:"Print a status object or a file of a card."`
	Status  statusCmd  `cmd:"" group:"look" help:"Print everything that a card tells of itself."`
	Top     topCmd     `cmd:"" group:"look" help:"Watch a card: loads, threads, ports, calls."`
	Monitor monitorCmd `cmd:"" group:"look" help:"Show a card in a browser: its screen, its sound, how it fares; and play on it."`
	Log     logCmd     `cmd:"" group:"look" help:"Print the log of a card."`
	Call    callCmd    `cmd:"" group:"look" help:"Call a method of an object on a card."`

	Broker brokerCmd `cmd:"" hidden:"" help:"Share a card on USB among programs."`
	Image  imageCmd  `cmd:"" group:"board" help:"Build, sign and look at what boards are flashed with."`
	Flash  flashCmd  `cmd:"" group:"board" help:"Write an SD card, or the file of one, that a board boots from."`

	Bench    benchCmd    `cmd:"" group:"measure" help:"Measure, beside the limit and the goals."`
	Plot     plotCmd     `cmd:"" group:"measure" help:"Draw a WAV file: loudness and spectrogram, as a PNG."`
	Sim      simCmd      `cmd:"" group:"measure" help:"Run a task set under the scheduling policies, in virtual time."`
	Trace    traceCmd    `cmd:"" group:"measure" help:"Record what a card's schedulers decide, for Perfetto and as a picture."`
	Soak     soakGroup   `cmd:"" group:"measure" help:"Work a card for a long time, and check what it does."`
	Settings settingsCmd `cmd:"" group:"measure" help:"Show the settings file, and make it if there is none."`
	Init     initCmd     `cmd:"" hidden:"" help:"Be the first process of a computer."`
}

var groups = kong.ExplicitGroups([]kong.Group{
	{Key: "sound", Title: "Play:"},
	{Key: "look", Title: "Look at a card and call it:"},
	{Key: "board", Title: "Put a card onto a board:"},
	{Key: "measure", Title: "Measure and set up:"},
})

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
	parser := newParser(&c)
	habits, err := loadSettings(parser.Model)
	if err != nil && !slices.Contains(os.Args[1:], "settings") {
		parser.Fatalf("%v", err)
	}
	parser.FatalIfErrorf(kong.Resolvers(habits).Apply(parser))
	k, err := parser.Parse(os.Args[1:])
	if err != nil {
		wrongUsage(err)
	}
	c.chosen = cardChosen(k)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends what does not heed the first
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(&c.globals); err != nil {
		fmt.Fprintln(os.Stderr, "mmlite:", message(ctx, err))
		os.Exit(1)
	}
}

// message is what a person is told of err.
func message(ctx context.Context, err error) string {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, com.ErrGone)) {
		return "interrupted"
	}
	// The text says what is wrong; the code's own words add nothing.
	text := strings.TrimSuffix(strings.TrimSpace(err.Error()), ": "+com.CodeOf(err).Error())
	at := failedPath.FindStringSubmatch(text)
	switch {
	case at == nil:
		return text
	case com.CodeOf(err) == com.ErrNotFound && (at[3] == "" || at[3] == "component "+at[2]):
		return fmt.Sprintf("there is no /%s on the card; mmlite ls shows what there is", strings.TrimPrefix(at[1], "/"))
	case at[3] != "":
		return at[3]
	}
	return text
}

// failedPath is what a namespace says of a path, the element that failed, and why.
var failedPath = regexp.MustCompile(`^path "([^"]*)": element "([^"]*)"(?:: (.*))?$`)
