package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/mmlite/mmlite/boards/hosted"
	"github.com/mmlite/mmlite/boards/hosted/picture"
	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/firmware"
)

// runCmd runs a hosted card.
type runCmd struct {
	Name       string       `help:"The card's name, for --card hosted:NAME." default:"card" placeholder:"NAME"`
	Device     string       `help:"Sound device: one that 'mmlite devices' lists, wav:FILE, or null. Default: the best there is, else null." placeholder:"NAME"`
	Export     []string     `help:"Show this folder, read-only, at /files on the card. May be given again." placeholder:"DIR" type:"existingdir"`
	Memory     int          `help:"Card memory in MiB." default:"512" placeholder:"MIB"`
	Rate       int          `help:"Frames per second; 0 leaves it to the device." placeholder:"HZ"`
	Period     int          `help:"Frames in a period." default:"256" placeholder:"N"`
	Queue      int          `help:"Periods the device holds." default:"3" placeholder:"N"`
	Policy     policyChoice `help:"Scheduling policies: null, roundrobin, constraint or edf, of one processor or both. Default: what the image says." placeholder:"realtime=NAME,spare=NAME"`
	ScreenSize screenSize   `help:"Width and height of the screen in pixels." default:"640x480" placeholder:"WxH"`
	Screen     string       `help:"Keep a picture of the screen in this PNG file." placeholder:"FILE.png"`
	Video      string       `help:"Record the screen to this file, for ffmpeg or mpv: YUV4MPEG2, 60 frames a second, about 55 MB of them at 640x480." placeholder:"FILE.y4m"`
	Window     string       `help:"Also let programs in through this file, as pci:FILE, as through the memory of a PCI device." placeholder:"FILE"`
	Usbip      string       `help:"Also be a USB device for those who import it over USB/IP at this address; without a host it is for this computer alone." placeholder:"[HOST]:PORT"`
	Web        string       `help:"Also show the card in browsers, which find it at this address; without a host it is for this computer alone. See mmlite monitor." placeholder:"[HOST]:PORT"`
	Child      string       `hidden:"" help:"The program that this card belongs to."`
	Attached   bool         `hidden:"" help:"End when standard input does, as when the program that began it is gone."`
}

// Run implements kong.
func (r *runCmd) Run(ctx context.Context, g *globals) error {
	chosen, err := r.Policy.parse()
	if err != nil {
		return err
	}
	if err := errors.Join(inBounds("run.memory", float64(r.Memory)), inBounds("run.rate", float64(r.Rate)),
		inBounds("run.period", float64(r.Period)), inBounds("run.queue", float64(r.Queue))); err != nil {
		return err
	}
	width, height, err := r.ScreenSize.parse()
	if err != nil {
		return err
	}
	plugged := ""
	ctx, stop := context.WithCancel(ctx)
	var web sync.WaitGroup
	defer web.Wait()
	defer stop()
	if r.Attached {
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); stop() }() // any end is one
	}
	return hosted.Run(ctx, hosted.Config{
		Name: r.Name, Child: r.Child, Exports: r.Export, Memory: r.Memory << 20,
		Device: r.openDevice, Policies: chosen, Window: r.Window, USBIP: r.Usbip,
		Picture: picture.Config{Width: width, Height: height, PNG: r.Screen, Video: r.Video},
		Plugged: func(address string) { plugged = address },
		Ready: func(c *firmware.Card) {
			fmt.Printf("card %s runs; programs open it as hosted:%s\n", r.Name, r.Name)
			if r.Window != "" {
				fmt.Printf("and as pci:%s\n", r.Window)
			}
			if plugged != "" {
				fmt.Printf("and as the USB device that USB/IP has at %s: usbip attach -r HOST --tcp-port PORT -b 1-1\n", plugged)
			}
			fmt.Printf("try: mmlite --card hosted:%s play\n", r.Name)
			fmt.Println("interrupt to stop")
			if r.Web != "" {
				web.Go(func() { r.show(ctx) }) // it opens the card, which answers when this has returned
			}
		},
	})
}

// show has a monitor show the card until ctx ends.
func (r *runCmd) show(ctx context.Context) {
	url, wait, err := startWeb(ctx, r.Name, r.Web)
	if err != nil {
		if ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "mmlite:", err)
		}
		return
	}
	fmt.Printf("in a browser: %s\n", url)
	wait()
}

func (r *runCmd) openDevice() (sound.Device, error) {
	cfg := sound.Config{Rate: r.Rate, Period: r.Period, Queue: r.Queue}
	d, err := sound.Open(r.Device, cfg)
	if err != nil && r.Device == "" {
		fmt.Fprintln(os.Stderr, "mmlite: no sound device is there: this card plays to nobody (mmlite devices says why)")
		return sound.Open("null", cfg)
	}
	return d, err
}
