package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/hosted"
	"github.com/mmlite/mmlite/hostdriver/pci"
	"github.com/mmlite/mmlite/hostdriver/usb"
)

// cardsCmd lists the cards that run on this computer.
type cardsCmd struct{}

// Help implements kong.HelpProvider.
func (*cardsCmd) Help() string {
	return `Before or behind any command, --card says which card is meant:

  hosted:        a process of your own, ends with the command (default)
  hosted:NAME    the one that mmlite run --name NAME runs
  pci:           the only one behind a PCI window, or in QEMU
  pci:NAME       the one that mmlite boot --name NAME runs
  pci:PATH       the one behind this window: a file, or resource2 of a device
  usb:           the only one plugged into USB
  usb:SERIAL     the one with this serial number
  serial:PATH    the one at the end of this line, as serial:/dev/ttyUSB0

Commands that look at a card (ls, cat, status, top, log, call, shot, record, listen,
monitor) mean the one that runs here, if there is just one.`
}

// cardLine is a card in the list.
type cardLine struct {
	URL        string  `json:"url"`
	Board      string  `json:"board,omitempty"`
	Version    string  `json:"version,omitempty"`
	Device     string  `json:"device,omitempty"`
	Rate       uint32  `json:"rate,omitempty"`
	Period     uint32  `json:"period_frames,omitempty"`
	Processors uint32  `json:"processors,omitempty"`
	Up         float64 `json:"up_seconds,omitempty"`
	Link       string  `json:"link,omitempty"`
	Error      string  `json:"error,omitempty"` // why it does not say more
}

// cardPatience is how long a card may take to say what it is.
const cardPatience = 3 * time.Second

// Run implements kong.
func (*cardsCmd) Run(ctx context.Context, g *globals) error {
	urls, err := running()
	if err != nil {
		return err
	}
	list := []cardLine{}
	for _, url := range urls {
		line := cardLine{URL: url}
		if i, err := askCard(ctx, line.URL); err != nil {
			line.Error = err.Error()
		} else {
			line.Board, line.Version, line.Device, line.Rate, line.Period = i.Board, i.Version, i.Device, i.Frames, i.Period
			line.Processors, line.Up, line.Link = i.Processors, i.Uptime.Seconds(), i.Link
		}
		list = append(list, line)
	}
	if g.JSON {
		return printJSON(list)
	}
	if len(list) == 0 {
		fmt.Println("no card runs here; start one with: mmlite run, or on bare metal with: mmlite boot")
		return nil
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "CARD\tBOARD\tVERSION\tUP\tDEVICE\tLINK")
	for _, c := range list {
		if c.Error != "" {
			fmt.Fprintf(w, "%s\t%s\n", c.URL, c.Error)
			continue
		}
		up := time.Duration(c.Up) * time.Second
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s, %d Hz\t%s\n", c.URL, c.Board, c.Version, up, c.Device, c.Rate, c.Link)
	}
	return w.Flush()
}

// running lists the cards that run on this computer or are plugged into it.
func running() (urls []string, err error) {
	names, err := hosted.Names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		urls = append(urls, hostedOwn+name)
	}
	// Where there can be none behind windows, there is nothing to say of them.
	windows, _ := pci.Find()
	for _, path := range windows {
		urls = append(urls, "pci:"+windowName(path))
	}
	plugged, _ := usb.Find() // likewise
	for _, d := range plugged {
		urls = append(urls, "usb:"+d.Serial)
	}
	return urls, nil
}

// windowName is what a person calls the card behind a window: by its name, if
// mmlite boot gave it one.
func windowName(path string) string {
	if name, ok := strings.CutSuffix(filepath.Base(path), pci.SocketSuffix); ok {
		return name
	}
	return path
}

func askCard(ctx context.Context, url string) (system.Info, error) {
	ctx, cancel := context.WithTimeout(ctx, cardPatience)
	defer cancel()
	card, err := hostdriver.Open(ctx, url, hostdriver.Client("mmlite cards"), hostdriver.Timeout(cardPatience))
	if err != nil {
		return system.Info{}, err
	}
	return card.Info(), card.Close()
}

// devicesCmd lists sound devices.
type devicesCmd struct{}

// Run implements kong.
func (*devicesCmd) Run(g *globals) error {
	list := sound.List()
	if g.JSON {
		return printJSON(list)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "\tDEVICE\tWHAT IT IS\tRATE\tCLOCK")
	for _, d := range list {
		if !d.Available {
			continue
		}
		mark, rate, clock := "", "any", "real time"
		if d.Default {
			mark = "*"
		}
		if d.Rate > 0 {
			rate = fmt.Sprintf("%d Hz", d.Rate)
		}
		if !d.RealTime {
			clock = "as fast as it goes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", mark, d.Name, d.Description, rate, clock)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, d := range list {
		if !d.Available {
			fmt.Printf("\n%s is not available: %s\n", d.Name, d.Reason)
		}
	}
	if !available() {
		fmt.Println("\nnothing here plays to somebody: mmlite play will write a file instead")
	}
	return nil
}
