package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/usb"
)

// rawDevice returns the raw MIDI device of a sound card whose name has a part.
func rawDevice(part string) string {
	for _, path := range glob("/dev/snd/midiC*D*") {
		var card, device int
		if _, err := fmt.Sscanf(filepath.Base(path), "midiC%dD%d", &card, &device); err != nil {
			continue
		}
		if strings.Contains(read(fmt.Sprintf("/proc/asound/card%d/midi%d", card, device)), part) {
			return path
		}
	}
	return ""
}

// heard has the test, which listens to the card, say when it has heard something, or
// nothing any more. Its word comes through the serial line.
func heard(what string) error {
	say("listen %s", what)
	began := time.Now()
	var b [1]byte
	for {
		if _, err := os.Stdin.Read(b[:]); err != nil {
			return err
		}
		switch b[0] {
		case 'y':
			say("heard %s after %.2f s", what, time.Since(began).Seconds())
			return nil
		case 'n':
			return fmt.Errorf("the test heard otherwise: %s", what)
		}
	}
}

var (
	identity = []byte{0xF0, 0x7E, 0x7F, 0x06, 0x01, 0xF7}
	reply    = []byte{0xF0, 0x7E, 0x7F, 0x06, 0x02}
	organOn  = []byte{0xC0, 16, 0x90, 60, 127}
	organOff = []byte{0x80, 60, 0}
)

// rawMIDI plays through the device that snd-usb-audio made, and asks it who it is.
func rawMIDI(ctx context.Context) error {
	f, err := os.OpenFile(rawDevice("MMLite card"), os.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(organOn); err != nil {
		return err
	}
	if err := heard("sound"); err != nil {
		return err
	}
	if _, err := f.Write(append(organOff, identity...)); err != nil {
		return err
	}
	got := make([]byte, 0, 64)
	f.SetReadDeadline(time.Now().Add(10 * time.Second))
	for !bytes.HasSuffix(got, []byte{0xF7}) {
		b := make([]byte, 64)
		n, err := f.Read(b)
		if err != nil {
			return fmt.Errorf("the answer to an identity request: % x, %w", got, err)
		}
		got = append(got, b[:n]...)
	}
	if !bytes.HasPrefix(got, reply) {
		return fmt.Errorf("the answer to an identity request: % x", got)
	}
	return heard("silence")
}

// calls calls objects of the card through usbfs, from this program and from others,
// and measures.
func calls(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "/mmlite", "--card", "usb:", "call", "/echo", "Add", "2", "3").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "5") {
		return fmt.Errorf("mmlite call: %s, %v", out, err)
	}
	card, err := hostdriver.Open(ctx, "usb:", hostdriver.Client("guest"))
	if err != nil {
		return err
	}
	defer card.Close()
	if l := card.Info().Link; l != "USB" {
		return fmt.Errorf("the link is %s", l)
	}
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		return err
	}
	defer echo.Release()
	const rounds = 300
	began := time.Now()
	for range rounds {
		if err := echo.Null(); err != nil {
			return err
		}
	}
	perCall := time.Since(began) / rounds
	buf := make([]byte, 1<<20)
	began = time.Now()
	for i := range 4 {
		n, err := echo.Fill(byte(i), buf)
		if err != nil {
			return err
		}
		for k, v := range buf[:n] {
			if v != byte(i+k%251) {
				return fmt.Errorf("byte %d is %d", k, v)
			}
		}
	}
	say("figure: %d calls a second over usbfs, %.1f MB/s to the host", int(time.Second/perCall), 4*1.048576/time.Since(began).Seconds())
	return nil
}

// sequencer has mmlite play what a program plays into the ALSA sequencer, on the card
// and over usbfs.
func sequencer(ctx context.Context) error {
	list, err := exec.CommandContext(ctx, "/mmlite", "midi", "--list").CombinedOutput()
	if err != nil {
		return fmt.Errorf("mmlite midi --list: %s, %w", list, err)
	}
	if !strings.Contains(string(list), "MMLite card") || !strings.Contains(string(list), "Virtual Raw MIDI") {
		return fmt.Errorf("mmlite midi --list: %s", list)
	}
	say("list %s", list)
	cmd := exec.CommandContext(ctx, "/mmlite", "--card", "usb:", "--json", "midi", "alsa:Virtual Raw MIDI")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		return err
	}
	// Its port is there once it has connected itself to the sender.
	err = wait(ctx, "connection in the sequencer", func() bool {
		return strings.Contains(read("/proc/asound/seq/clients"), "Connected From")
	})
	if err != nil {
		return fmt.Errorf("%w: %s %s", err, out.String(), errs.String())
	}
	f, err := os.OpenFile(rawDevice("Virtual Raw MIDI"), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(organOn)
	if err == nil {
		err = heard("sound")
	}
	if err == nil {
		_, err = f.Write(append(organOff, identity...))
	}
	if err == nil {
		err = heard("silence")
	}
	if e := cmd.Process.Signal(os.Interrupt); err == nil {
		err = e
	}
	if e := cmd.Wait(); err == nil && e != nil {
		err = fmt.Errorf("mmlite midi: %w: %s", e, errs.String())
	}
	if err != nil {
		return fmt.Errorf("%w; mmlite midi: %s %s", err, out.String(), errs.String())
	}
	var r struct {
		Source            string
		Messages, Dropped uint64
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return fmt.Errorf("%w: %s", err, out.String())
	}
	if r.Messages < 4 { // program, note on, note off, system exclusive
		return fmt.Errorf("mmlite midi: %s", out.String())
	}
	say("mmlite midi: %s", out.String())
	return nil
}

// alone calls the card from a program that finds no mmlite command, and so has the
// card to itself.
func alone(ctx context.Context) error {
	d, err := usb.Choose("")
	if err != nil {
		return err
	}
	broker, err := usb.Socket(d.Serial)
	if err != nil {
		return err
	}
	if err := wait(ctx, "end of the broker", func() bool { return len(glob(broker)) == 0 }); err != nil {
		return err
	}
	const hidden = "/mmlite-hidden"
	if err := os.Rename("/mmlite", hidden); err != nil {
		return err
	}
	for range 2 { // and leaves it to the next one
		card, err := hostdriver.Open(ctx, "usb:", hostdriver.Client("alone"))
		if err != nil {
			return err
		}
		if err := useAlone(ctx, card, d); err != nil {
			card.Close()
			return err
		}
		if err := card.Close(); err != nil {
			return err
		}
	}
	return os.Rename(hidden, "/mmlite")
}

func useAlone(ctx context.Context, card *hostdriver.Card, d usb.Device) error {
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		return err
	}
	defer echo.Release()
	const rounds = 100
	began := time.Now()
	for i := range int32(rounds) {
		if sum, err := echo.Add(i, 3); err != nil || sum != i+3 {
			return fmt.Errorf("%d + 3 = %d, %w", i, sum, err)
		}
	}
	say("figure: %d calls a second over usbfs without a broker", int(rounds*time.Second/time.Since(began)))
	if _, err := usb.Connect(ctx, d); !errors.Is(err, com.ErrBusy) {
		return fmt.Errorf("a second owner of the card: %w", err)
	}
	return nil
}

// unplugged pulls the plug while a program uses the card.
func unplugged(ctx context.Context) error {
	card, err := hostdriver.Open(ctx, "usb:")
	if err != nil {
		return err
	}
	defer card.Close()
	if err := os.WriteFile(vhci+"detach", []byte("0"), 0); err != nil {
		return err
	}
	select {
	case <-card.Done():
	case <-ctx.Done():
		return errors.New("nobody told the program that the card is gone")
	}
	if !errors.Is(card.Err(), com.ErrGone) {
		return fmt.Errorf("the program was told %w", card.Err())
	}
	return wait(ctx, "end of the device", func() bool { return rawDevice("MMLite card") == "" })
}
