package hostdriver

import (
	"context"
	"errors"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/stream"
	"github.com/mmlite/mmlite/hostdriver/serial"
)

// lineTime is how long a card at the other end of a line may take to answer.
const lineTime = 10 * time.Second

// line opens the card at the other end of a serial line, which this program has for
// itself.
func (o *options) line(ctx context.Context, where string) (Transport, error) {
	path, baud, err := serial.Parse(where)
	if err != nil {
		return Transport{}, err
	}
	rw, err := serial.Open(ctx, path, baud)
	if err != nil {
		return Transport{}, err
	}
	carrier := stream.NewLine(rw, true)
	ctx, cancel := context.WithTimeout(ctx, lineTime)
	defer cancel()
	session, err := stream.Connect(ctx, carrier)
	if err != nil {
		carrier.Close()
		return Transport{}, com.Errorf(com.CodeOf(err), "no card answers at %s: is the board running, and does another program use the line? (%v)", path, err)
	}
	s, err := session.Open()
	if err != nil {
		session.Close()
		return Transport{}, err
	}
	t, err := o.greetStream(s)
	if err != nil {
		session.Close()
		return Transport{}, err
	}
	hangUp := t.Close
	t.Close = func() error { return errors.Join(hangUp(), session.Close()) }
	return t, nil
}
