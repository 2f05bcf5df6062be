package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/usb"
)

// brokerCmd owns a card on USB for the programs of this user. The driver starts it
// with the first of them.
type brokerCmd struct {
	Idle   time.Duration `help:"End when no program has used the card for so long." default:"5s"`
	Serial string        `arg:"" optional:"" help:"The card's serial number. Default: the only card there is."`
}

// brokerPatience is how long a card may take to answer.
const brokerPatience = 5 * time.Second

// Run implements kong.
func (c *brokerCmd) Run(ctx context.Context) error {
	b, err := c.open(ctx)
	if err != nil {
		fmt.Println(err) // to the program that started this
		return err
	}
	fmt.Println(hostdriver.BrokerReady)
	if err = b.Serve(ctx); errors.Is(err, com.ErrGone) {
		return nil // unplugged: every program has been told
	}
	return err
}

func (c *brokerCmd) open(ctx context.Context) (*usb.Broker, error) {
	d, err := usb.Choose(c.Serial)
	if err != nil {
		return nil, err
	}
	soon, cancel := context.WithTimeout(ctx, brokerPatience)
	defer cancel()
	s, err := usb.Connect(soon, d)
	if err != nil {
		return nil, err
	}
	b, err := usb.NewBroker(s, d.Serial, c.Idle)
	if err != nil {
		s.Close()
	}
	return b, err
}
