package hostdriver

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver/usb"
)

// BrokerArg is the command that a broker is started with, followed by the serial
// number of the card. It says BrokerReady in its first line of output, or else why
// there is no broker.
const (
	BrokerArg   = "broker"
	BrokerReady = "ready"
)

// overUSB opens a card that is plugged into this computer: through its broker, which
// is started if there is none. A program that finds no mmlite command has the card
// to itself.
func (o *options) overUSB(ctx context.Context, serial string) (Transport, error) {
	d, err := usb.Choose(serial)
	if err != nil {
		return Transport{}, err
	}
	c, err := usb.Dial(ctx, d.Serial)
	if err == nil {
		t, err := o.greetSocket(c)
		if com.CodeOf(err) != com.ErrGone {
			return t, err
		}
		// It was just ending, for want of programs.
	}
	command, missing := o.findCommand()
	if missing != nil {
		return o.alone(ctx, d)
	}
	if c, err = startBroker(ctx, command, d); err != nil {
		return Transport{}, err
	}
	return o.greetSocket(c)
}

func (o *options) greetSocket(c *net.UnixConn) (Transport, error) {
	p := *o
	p.socket = true
	return p.greet(c)
}

// alone claims the card for this program.
func (o *options) alone(ctx context.Context, d usb.Device) (Transport, error) {
	s, err := usb.Connect(ctx, d)
	if err != nil {
		return Transport{}, err
	}
	rw, err := s.Open()
	if err != nil {
		s.Close()
		return Transport{}, err
	}
	t, err := o.greetStream(rw)
	if err != nil {
		s.Close()
		return Transport{}, err
	}
	hangUp := t.Close
	t.Close = func() error {
		err := hangUp()
		s.Close()
		return err
	}
	return t, nil
}

// startBroker starts the broker of a card and connects to it, or to one that another
// program has started meanwhile.
func startBroker(ctx context.Context, command string, d usb.Device) (*net.UnixConn, error) {
	cmd := exec.Command(command, BrokerArg, d.Serial)
	prepare(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, com.Errorf(com.ErrNotFound, "starting a broker for card usb:%s with %s: %v", d.Serial, command, err)
	}
	said := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil && line == "" {
			line = fmt.Sprintf("it ended without a word: %v", err)
		}
		said <- strings.TrimSpace(line)
		_ = cmd.Wait() // it goes on after this program, or has said what is wrong
	}()
	var word string
	select {
	case word = <-said:
	case <-ctx.Done():
		return nil, com.Errorf(com.CodeOf(ctx.Err()), "no broker for card usb:%s: %v", d.Serial, ctx.Err())
	}
	for attempt := 0; ; attempt++ {
		c, err := usb.Dial(ctx, d.Serial)
		if err == nil {
			return c, nil
		}
		if word == BrokerReady || attempt == brokerTries {
			return nil, com.Errorf(com.ErrGone, "card usb:%s: %s", d.Serial, word)
		}
		select { // another one may be about to listen
		case <-time.After(brokerPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// How often, and after what pause, to look for another program's broker.
const (
	brokerTries = 20
	brokerPause = 100 * time.Millisecond
)
