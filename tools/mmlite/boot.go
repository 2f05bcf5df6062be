package main

import (
	"context"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/tools/internal/boot"
)

// bootCmd runs a bare-metal board in QEMU.
type bootCmd struct {
	Board      string        `help:"The board to boot: qemupc, raspberrypi or usbarmory." default:"qemupc" placeholder:"NAME"`
	Name       string        `help:"The card's name, for --card pci:NAME. Default: the board's." placeholder:"NAME"`
	Image      string        `help:"The image to boot. Default: the one in the cache folder, built anew if the source around here has changed." placeholder:"FILE" type:"existingfile"`
	Build      bool          `help:"Build the image anew in any case."`
	Memory     int           `help:"Memory for the card's components in MiB." default:"256" placeholder:"MIB"`
	WindowSize int           `help:"Size of the window between card and host in MiB, a power of two." default:"64" placeholder:"MIB"`
	Rate       int           `help:"Frames per second." default:"44100" placeholder:"HZ"`
	Period     int           `help:"Frames in a period; 0 leaves it to the board." default:"0" placeholder:"N"`
	Queue      int           `help:"Periods the device holds; 0 leaves it to the board." default:"0" placeholder:"N"`
	Wav        string        `help:"Write what the card plays to this WAV file." placeholder:"FILE"`
	Audio      string        `help:"QEMU's sound driver without --wav: none, pa, alsa, coreaudio, dsound." default:"none" placeholder:"DRIVER"`
	Screen     string        `help:"Write what the screen shows to this PNG file: at the end, and on signal USR1." placeholder:"FILE"`
	Console    string        `help:"Write the card's console to this file. Default: the terminal." placeholder:"FILE"`
	Accel      string        `help:"QEMU's accelerator: tcg or kvm." default:"tcg" placeholder:"NAME"`
	Patience   time.Duration `help:"How long the card may take to answer." default:"60s" placeholder:"TIME"`
	For        time.Duration `hidden:"" help:"End after this time."`
}

// booted is what --json prints.
type booted struct {
	Board    string  `json:"board"`
	Name     string  `json:"name"`
	URL      string  `json:"url"`
	Image    string  `json:"image"`
	Answered float64 `json:"answered_seconds"` // after the start of QEMU
	Up       float64 `json:"up_seconds"`       // the card's own time then
	Version  string  `json:"version"`
	Device   string  `json:"device,omitempty"`
	Pid      int     `json:"qemu_pid"`
}

// Validate implements kong.
func (b *bootCmd) Validate() error {
	switch {
	case b.Memory < 16 || b.Memory > 512:
		return fmt.Errorf("--memory %d: want 16 to 512 MiB", b.Memory)
	case b.WindowSize < 16 || b.WindowSize > 512 || bits.OnesCount(uint(b.WindowSize)) != 1:
		return fmt.Errorf("--window-size %d: want a power of two from 16 to 512 MiB", b.WindowSize)
	case b.Rate < 8000 || b.Rate > 48000:
		return fmt.Errorf("--rate %d: want 8000 to 48000 Hz", b.Rate)
	case b.Period < 0 || b.Period > 8192 || b.Period > 0 && b.Period < 16:
		return fmt.Errorf("--period %d: want 16 to 8192 frames, or 0", b.Period)
	case b.Queue < 0 || b.Queue > 30 || b.Queue == 1:
		return fmt.Errorf("--queue %d: want 2 to 30 periods, or 0", b.Queue)
	}
	return nil
}

// Run implements kong.
func (b *bootCmd) Run(ctx context.Context, g *globals) error {
	board, err := boot.Find(b.Board)
	if err != nil {
		return err
	}
	if board.Link == boot.NoLink {
		return com.Errorf(com.ErrNotSupported, "QEMU's %s has no link to this computer; it is for real boards", board.Name)
	}
	if b.Name == "" {
		b.Name = board.Name
	}
	if _, err := boot.Program(board); err != nil { // before something is built in vain
		return err
	}
	image := b.Image
	if image == "" {
		image, err = boot.Image(ctx, ".", board, b.Build, func(what string) { fmt.Fprintln(os.Stderr, "mmlite:", what) })
		if err != nil {
			return err
		}
	}
	out, closeOut, err := b.console(g)
	if err != nil {
		return err
	}
	defer closeOut()
	cfg := boot.Config{
		Board: board, Image: image, Name: b.Name, Window: b.WindowSize << 20, Accel: b.Accel,
		WAV: b.Wav, Audio: b.Audio, Rate: b.Rate, Out: out,
		Config: map[string]string{"name": b.Name, "args": b.args()},
	}
	if b.Console == "" && !g.JSON && term.IsTerminal(int(os.Stdin.Fd())) {
		cfg.In = os.Stdin
	}
	began := time.Now()
	m, err := boot.Start(ctx, cfg)
	if err != nil {
		return err
	}
	err = b.attend(ctx, g, m, image, began)
	if b.Screen != "" && !ended(m) {
		if e := m.Screen(context.WithoutCancel(ctx), b.Screen); err == nil {
			err = e
		}
	}
	if e := m.Close(); err == nil {
		err = e
	}
	return err
}

// ended reports whether a machine is no more.
func ended(m *boot.Machine) bool {
	select {
	case <-m.Done():
		return true
	default:
		return false
	}
}

// args are the words that the card is configured by.
func (b *bootCmd) args() string {
	words := fmt.Sprintf("rate=%d memory=%dM", b.Rate, b.Memory)
	if b.Period > 0 {
		words += fmt.Sprintf(" period=%d", b.Period)
	}
	if b.Queue > 0 {
		words += fmt.Sprintf(" queue=%d", b.Queue)
	}
	return words
}

// attend reports when the card answers, and stays until it is to end.
func (b *bootCmd) attend(ctx context.Context, g *globals, m *boot.Machine, image string, began time.Time) error {
	info, err := b.answer(ctx, m)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	took := time.Since(began)
	if g.JSON {
		err := printJSON(booted{b.Board, b.Name, m.URL, image, took.Seconds(), info.Uptime.Seconds(), info.Version, info.Device, m.Pid()})
		if err != nil {
			return err
		}
	} else {
		if b.Console == "" {
			fmt.Println() // the console's prompt is there
		}
		fmt.Printf("card %s answers after %.2f s: %s %s, sound %s; programs open it as %s\n", b.Name, took.Seconds(), info.Board, info.Version, orNone(info.Device), short(m.URL, b.Name))
		fmt.Printf("try: mmlite --card %s play\n", short(m.URL, b.Name))
		fmt.Println("interrupt to stop")
	}
	if b.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.For)
		defer cancel()
	}
	request, stop := screenRequests()
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-m.Done():
			if err := m.Err(); err != nil {
				return err
			}
			if !g.JSON {
				fmt.Printf("card %s has switched itself off\n", b.Name)
			}
			return nil
		case <-request:
			if b.Screen == "" {
				fmt.Fprintln(os.Stderr, "mmlite: no --screen names a file for the screen")
			} else if err := m.Screen(ctx, b.Screen); err != nil {
				fmt.Fprintln(os.Stderr, "mmlite:", message(ctx, err))
			}
		}
	}
}

// short is how a person names a card that runs under a name.
func short(url, name string) string {
	if strings.HasPrefix(url, "pci:") {
		return "pci:" + name
	}
	return url
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// answer waits until the card answers to a program.
func (b *bootCmd) answer(ctx context.Context, m *boot.Machine) (system.Info, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, b.Patience, com.ErrTimeout)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	last := error(com.ErrTimeout)
	for {
		card, err := hostdriver.Open(ctx, m.URL, hostdriver.Client("mmlite boot"), hostdriver.Timeout(cardPatience))
		if err == nil {
			info := card.Info()
			return info, card.Close()
		}
		last = err
		switch com.CodeOf(err) {
		case com.ErrVersion, com.ErrPermission, com.ErrNotSupported:
			return system.Info{}, err
		}
		select {
		case <-tick.C:
		case <-m.Done():
			if err := m.Err(); err != nil {
				return system.Info{}, err
			}
			return system.Info{}, com.Errorf(com.ErrGone, "the machine switched itself off before it answered\n%s", m.Tail())
		case <-ctx.Done():
			if context.Cause(ctx) != com.ErrTimeout {
				return system.Info{}, ctx.Err()
			}
			return system.Info{}, com.Errorf(com.ErrTimeout, "the card has not answered in %v: %v\nthe console said last:\n%s", b.Patience, last, m.Tail())
		}
	}
}

// console is where the card's console goes.
func (b *bootCmd) console(g *globals) (io.Writer, func() error, error) {
	switch {
	case b.Console != "":
		f, err := os.Create(filepath.Clean(b.Console))
		if err != nil {
			return nil, nil, err
		}
		return f, f.Close, nil
	case g.JSON:
		return nil, func() error { return nil }, nil
	}
	return os.Stdout, func() error { return nil }, nil
}
