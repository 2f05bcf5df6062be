package ddraw

import (
	"context"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// blankShare is which part of a frame the vertical blank counts as, as on a monitor: a
// card's blank is but a moment, and a program that looks for it could miss it.
const blankShare = 20

// phase is how far the frame has come that is shown now, in ns, and how long it takes.
// ErrNoVSyncHW: the link does not tell.
func (d *DirectDraw) phase() (at, period int64, height uint32, err error) {
	c, err := d.use()
	if err != nil {
		return 0, 0, 0, err
	}
	defer c.drop()
	v, ok := c.cursor.Get()
	now, known := c.card.Now()
	b := graphics.BlankOf(v)
	if !ok || !known || b.Period <= 0 {
		return 0, 0, 0, failed(ErrNoVSyncHW, "the link to the card shares no memory, or the card has not told the time")
	}
	at = (now - b.At) % b.Period
	if at < 0 {
		at += b.Period
	}
	return at, b.Period, c.height, nil
}

// ScanLine is the line that the screen shows now, which costs no call.
// ErrVerticalBlankInProgress: none. ErrNoVSyncHW: the link does not tell.
func (d *DirectDraw) ScanLine() (uint32, error) {
	at, period, height, err := d.phase()
	if err != nil {
		return 0, err
	}
	blank := period / blankShare
	if at < blank {
		return 0, failed(ErrVerticalBlankInProgress, "for %d more microseconds", (blank-at)/1000)
	}
	return uint32((at - blank) * int64(height) / (period - blank)), nil
}

// VerticalBlankStatus reports whether the vertical blank is in progress, which costs no
// call. ErrNoVSyncHW: the link does not tell.
func (d *DirectDraw) VerticalBlankStatus() (bool, error) {
	at, period, _, err := d.phase()
	return err == nil && at < period/blankShare, err
}

// WaitForVerticalBlank returns at the next vertical blank, or with BlockEnd when it is
// over, which on a card is the same moment.
func (d *DirectDraw) WaitForVerticalBlank(ctx context.Context, flags BlankFlags) error {
	if flags != BlockBegin && flags != BlockEnd {
		return failed(ErrInvalidParams, "waiting for %#x", uint32(flags))
	}
	c, err := d.use()
	if err != nil {
		return err
	}
	defer c.drop()
	_, err = c.screen.WaitBlank(ctx)
	return translate(err)
}
