// Package inside is a card inside the program that uses it, in virtual time: for
// tests of host programs. Nothing happens but while the program waits for the
// card, an hour of music takes as long as rendering it does, and the same calls
// from the same seed have the same results to the bit.
//
//	card, err := inside.New(1)
//	driver, err := hostdriver.Open(ctx, "", card.Option())
package inside

import (
	"context"
	"io"

	"github.com/mmlite/mmlite/boards/media"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mixer/output"
	"github.com/mmlite/mmlite/mmd"
)

// Rate and Period are those of the card's sound device.
const (
	Rate   = 44100
	Period = 256
)

// Card is a card inside this program.
type Card struct {
	card    *firmware.Card
	server  *mmd.Server
	machine *sim.Machine
	sound   *memory
}

// New boots a card whose machine starts from seed.
func New(seed uint64) (*Card, error) {
	c := &Card{machine: sim.New(seed, sim.Console(io.Discard)), sound: &memory{}}
	m := media.New(func() (output.Device, error) { return c.sound, nil })
	var err error
	c.card, err = firmware.New(firmware.Config{
		Name: "inside", Board: "hosted", Machine: c.machine, Image: m.Image(),
		Memory: 64 << 20, Generation: seed + 1, Checked: true,
	})
	if err != nil {
		return nil, err
	}
	if err := c.card.Boot(nil); err != nil {
		c.Close()
		return nil, err
	}
	if c.server, err = m.Serve(c.card); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Option has hostdriver.Open use this card. Several clients may be opened; each
// is used by one goroutine at a time.
func (c *Card) Option() hostdriver.Option {
	return hostdriver.Inside(func(_ context.Context, client string) (hostdriver.Transport, error) {
		cfg := link.Config{Slots: 256, Small: 256 << 10, Large: 16 << 20, Grants: 16 << 20}
		mem, err := machine.NewGoMemory(cfg.Size())
		if err != nil {
			return hostdriver.Transport{}, err
		}
		ch, err := link.Format(mem.Bytes(), cfg, c.card.Generation())
		if err != nil {
			return hostdriver.Transport{}, err
		}
		if _, err := c.server.Connect(ch, client, "memory of one program", nil, nil); err != nil {
			return hostdriver.Transport{}, err
		}
		return hostdriver.Transport{
			Channel: ch, Machine: c.machine,
			Pump: func(ready func() bool) error { return c.card.Spare.RunUntil(ready, machine.Forever) },
		}, nil
	})
}

// Run lets the card's time pass.
func (c *Card) Run(d machine.Duration) error { return c.card.Spare.RunFor(d) }

// Sound returns what the card has played so far, interleaved stereo; it is the
// card's and grows.
func (c *Card) Sound() []float32 { return c.sound.all }

// Firmware returns the card itself.
func (c *Card) Firmware() *firmware.Card { return c.card }

// Close ends the card; clients should be closed before.
func (c *Card) Close() error {
	c.card.Spare.Stop()
	if err := c.card.Spare.Close(); err != nil {
		return err
	}
	return c.card.Close()
}

// memory is a sound device without a clock that keeps what it gets.
type memory struct {
	all []float32
}

func (m *memory) Name() string                   { return "memory" }
func (m *memory) Rate() int                      { return Rate }
func (m *memory) Period() int                    { return Period }
func (m *memory) Queue() int                     { return 1 }
func (m *memory) Offline() bool                  { return true }
func (m *memory) Attach(*thread.Event)           {}
func (m *memory) Free() int                      { return 1 }
func (m *memory) Submit(p []float32) bool        { m.all = append(m.all, p...); return true }
func (m *memory) Pause()                         {}
func (m *memory) Played() (uint64, machine.Time) { return uint64(len(m.all) / 2), 0 }
func (m *memory) Underruns() uint64              { return 0 }
func (m *memory) Err() error                     { return nil }
