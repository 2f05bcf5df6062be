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
	sound   recorder
}

// recorder is a sound device that keeps what it gets.
type recorder interface {
	output.Device
	heard() []float32
}

// Choice changes a card at its making.
type Choice func(*Card) error

// Paced gives the card a sound device that plays in virtual time, a period each
// 5.8 ms, in place of one that takes what comes: for programs that do something
// while sound plays. Run lets the time pass.
func Paced(c *Card) error {
	d, err := output.NewPaced(c.machine, Rate, Period, pacedQueue)
	c.sound = &paced{Paced: d}
	return err
}

// pacedQueue is how many periods that device holds.
const pacedQueue = 2

// New boots a card whose machine starts from seed.
func New(seed uint64, choices ...Choice) (*Card, error) {
	c := &Card{machine: sim.New(seed, sim.Console(io.Discard)), sound: &memory{}}
	var err error
	for _, set := range choices {
		if err = set(c); err != nil {
			return nil, err
		}
	}
	m := media.New(func() (output.Device, error) { return c.sound, nil })
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
func (c *Card) Option() hostdriver.Option { return c.option(16 << 20) }

// Apart is Option of a link that shares no memory, as USB and serial lines.
func (c *Card) Apart() hostdriver.Option { return c.option(0) }

func (c *Card) option(grants int) hostdriver.Option {
	return hostdriver.Inside(func(_ context.Context, client string) (hostdriver.Transport, error) {
		cfg := link.Config{Slots: 256, Small: 256 << 10, Large: 16 << 20, Grants: grants}
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
func (c *Card) Sound() []float32 { return c.sound.heard() }

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

// paced is a device in virtual time that keeps what it gets.
type paced struct {
	*output.Paced
	all []float32
}

func (p *paced) Submit(period []float32) bool {
	if !p.Paced.Submit(period) {
		return false
	}
	p.all = append(p.all, period...)
	return true
}

func (p *paced) heard() []float32 { return p.all }

// memory is a sound device without a clock that keeps what it gets.
type memory struct {
	all []float32
}

func (m *memory) heard() []float32               { return m.all }
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
