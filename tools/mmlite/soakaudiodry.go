package main

import (
	"slices"
	"sync"
	"time"

	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// dryLooks looks at the card's status page, which costs no call, to learn when the
// device ran dry.
type dryLooks struct {
	mu   sync.Mutex
	dry  []dryTime
	last uint64
}

// dryTime is when the device ran dry, within two looks.
type dryTime struct {
	from, to int64 // machine time in ns
	count    uint64
}

const (
	// lookPage is how often.
	lookPage = 2 * time.Millisecond
	// pageLate is how much later than the event the page may tell of it.
	pageLate = 50 * time.Millisecond
)

// look begins to look, until the returned function is called.
func (d *dryLooks) look(card *hostdriver.Card) (stop func()) {
	var page [system.PageValues]uint64
	card.Status(page[:])
	d.last = page[system.PageUnderruns]
	clock := host.New()
	before := int64(clock.Now())
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(lookPage)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-quit:
				return
			}
			card.Status(page[:])
			now := int64(clock.Now())
			d.saw(page[system.PageUnderruns], before, now)
			before = now
		}
	}()
	return func() { close(quit); <-done }
}

// saw takes note of a number that the page shows, which was looked at before, too.
func (d *dryLooks) saw(underruns uint64, before, now int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if underruns > d.last {
		d.dry = append(d.dry, dryTime{before - int64(pageLate), now, underruns - d.last})
		d.last = underruns
	}
}

func (d *dryLooks) list() []dryTime {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.dry)
}
