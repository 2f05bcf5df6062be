package metal

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/mmlite/mmlite/boards/media"
	"github.com/mmlite/mmlite/boards/screen"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/input"
	"github.com/mmlite/mmlite/mixer/output"
	"github.com/mmlite/mmlite/mmd"
)

// Config is what a card is started with.
type Config struct {
	Name, Board string
	Machine     *Machine
	// Memory is the size of card memory in bytes, or all there is if that is less.
	Memory int
	// Device opens the sound device. Without one, or if it fails, the card plays to
	// nobody at the right speed.
	Device func() (output.Device, error)
	// Display opens the display. Without one, or if it fails, pictures are composed in
	// card memory.
	Display func() (machine.Display, error)
	// Page, which may be nil, says what the screen shows while no program draws, but for
	// the problems.
	Page media.PageState
	// Terminal is where somebody types commands; it may be nil.
	Terminal *Terminal
	// Input, which may be nil, is told where the board's own keys and pointers post what
	// is done, once the card has booted.
	Input func(*input.Input)
	// Problems are what is wrong with the board, for people.
	Problems []string
	// Facts, which may be nil, are what the board has to say in /status/board.
	Facts func() any
	// Ready, which may be nil, is called once the card has booted and before it says
	// so: it opens the links. An error is one more problem.
	Ready func(*firmware.Card, *mmd.Server) error
	// Commands are the board's own, for the console.
	Commands []Command
	// Off and Restart, which may be nil, do that to the machine.
	Off, Restart func()
}

// Command is one that a board adds to its console's. Run is called on the console's
// thread, with what was typed after the name.
type Command struct {
	Name, Args, Help string
	Run              func(card *firmware.Card, out io.Writer, args []string) error
}

// What Go's collector is to keep to: few collections, and no more memory than a small
// board has to spare.
const (
	gcPercent  = 300
	heapLimit  = 64 << 20
	stackLimit = 8 << 20
)

// board is a running card.
type board struct {
	cfg      Config
	card     *firmware.Card
	media    *media.Media
	server   *mmd.Server
	problems []string
	terminal *Terminal
}

// Run runs a card until ctx is done, or somebody switches it off.
func Run(ctx context.Context, cfg Config) error {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(heapLimit)
	debug.SetMaxStack(stackLimit)
	b := &board{cfg: cfg, terminal: cfg.Terminal}
	b.problems = append(b.problems, cfg.Problems...)
	b.media = media.New(b.device)
	if cfg.Display != nil {
		b.media.SetDisplay(b.display)
	}
	if cfg.Page != nil {
		b.media.SetPage(b.page, cfg.Display != nil)
	}
	if n := cfg.Machine.Largest(); n < cfg.Memory {
		b.problems = append(b.problems, fmt.Sprintf("card memory: %d MB, and not %d", n>>20, cfg.Memory>>20))
		cfg.Memory = n
	}
	var err error
	b.card, err = firmware.New(firmware.Config{
		Name: cfg.Name, Board: cfg.Board, Machine: cfg.Machine, Image: b.media.Image(), Memory: cfg.Memory,
	})
	if err != nil {
		return err
	}
	return b.card.Run(ctx, b.boot)
}

func (b *board) problem(format string, args ...any) {
	b.problems = append(b.problems, fmt.Sprintf(format, args...))
	b.card.Log.Printf("problem: %s", b.problems[len(b.problems)-1])
}

// device opens the sound device, or what takes its place.
func (b *board) device() (output.Device, error) {
	if b.cfg.Device != nil {
		d, err := b.cfg.Device()
		if err == nil {
			return d, nil
		}
		b.problem("no sound: %s", com.TextOf(err))
	} else {
		b.problem("no sound: this board has no device for it")
	}
	const rate, period, queue = 44100, 256, 4
	return output.NewPaced(b.cfg.Machine, rate, period, queue)
}

// display opens the display, or what takes its place.
func (b *board) display() (machine.Display, error) {
	d, err := b.cfg.Display()
	if err == nil {
		return d, nil
	}
	b.problem("no screen: %s", com.TextOf(err))
	p, _ := machine.NewPixels("memory", memoryWidth, memoryHeight, 0, nil)
	return p, nil
}

// alarmPause is what time the console has for other things between alarms.
const alarmPause = 100 * machine.Millisecond

// The screen of a board whose display fails.
const (
	memoryWidth  = 640
	memoryHeight = 480
)

// page is what the screen shows, with all that is wrong.
func (b *board) page(card *firmware.Card, server *mmd.Server, beat int) screen.State {
	s := b.cfg.Page(card, server, beat)
	s.Beat, s.Problems = beat, b.problems
	return s
}

// Status is /status/board.
type Status struct {
	Board    string   `json:"board"`
	Problems []string `json:"problems"`
	Facts    any      `json:"facts,omitempty"`
}

func (b *board) status() any {
	s := Status{Board: b.cfg.Board, Problems: b.problems}
	if b.cfg.Facts != nil {
		s.Facts = b.cfg.Facts()
	}
	return s
}

// boot brings the card up, and says so on the console.
func (b *board) boot() error {
	c := b.card
	for _, p := range b.problems {
		c.Log.Printf("problem: %s", p)
	}
	if err := c.Boot(nil); err != nil {
		return err
	}
	var err error
	if b.server, err = b.media.Serve(c); err != nil {
		return err
	}
	if err := c.AddStatus("board", b.status); err != nil {
		return err
	}
	if err := c.AddStatus("runtime", runtimeStatus); err != nil {
		return err
	}
	if b.cfg.Input != nil {
		b.cfg.Input(b.media.Input())
	}
	if b.cfg.Ready != nil {
		if err := b.cfg.Ready(c, b.server); err != nil {
			b.problem("no link: %s", com.TextOf(err))
		}
	}
	out := c.Machine.Console()
	lines, _ := c.Log.Since(0)
	for _, l := range lines {
		io.WriteString(out, l+"\n")
	}
	if n := len(b.problems); n > 0 {
		fmt.Fprintf(out, "card %s answers, but: %s\n", b.cfg.Name, strings.Join(b.problems, "; "))
	} else {
		fmt.Fprintf(out, "card %s answers\n", b.cfg.Name)
	}
	activity := c.Activities.Get("console")
	if _, err = c.Spare.Spawn("alarms", thread.Attributes{Activity: activity}, b.alarms); err != nil || b.terminal == nil {
		return err
	}
	_, err = c.Spare.Spawn("console", thread.Attributes{Activity: activity}, b.shell)
	return err
}

// alarms shows on the console what goes wrong from now on: as much of it as there is
// time for.
func (b *board) alarms(t *thread.Thread) {
	var raised thread.Event
	out, seen := b.card.Machine.Console(), b.card.Log.Alarms(0).Count
	b.card.Log.OnAlarm(raised.Signal)
	for {
		a := b.card.Log.Alarms(seen)
		if missed := int(a.Count-seen) - len(a.Last); missed > 0 {
			fmt.Fprintf(out, "\n%d alarms more\n", missed)
		}
		for _, text := range a.Last {
			first, rest, _ := strings.Cut(text, "\n")
			if rest != "" {
				first += " (the log has more)"
			}
			fmt.Fprintf(out, "\nalarm: %s\n", strings.TrimSpace(first))
		}
		if seen = a.Count; raised.WaitOn(t, machine.Forever) != nil {
			return
		}
		thread.Sleep(alarmPause)
	}
}
