package bcm2835

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Name returns "pwm".
func (d *Sound) Name() string { return "pwm" }

// Rate is in frames a second; see RealRate.
func (d *Sound) Rate() int { return d.cfg.Rate }

// Period is in frames.
func (d *Sound) Period() int { return d.cfg.Period }

// Queue is in periods.
func (d *Sound) Queue() int { return d.cfg.Queue }

// Offline returns false.
func (d *Sound) Offline() bool { return false }

// Attach has a failure signal ev; see FreeAt.
func (d *Sound) Attach(ev *thread.Event) { d.event.Store(ev) }

// Underruns is how often the device had nothing to play.
func (d *Sound) Underruns() uint64 { return d.underruns.Load() }

// Err is why it plays no more.
func (d *Sound) Err() error {
	if err := d.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// Free is how many periods Submit takes now.
func (d *Sound) Free() int {
	d.look()
	if !d.running {
		return d.cfg.Queue - d.held
	}
	cell := d.cell()
	return d.cfg.Queue - int(d.given-(cell-min(cell, d.start)))
}

// FreeAt is when Free will have grown.
func (d *Sound) FreeAt() machine.Time {
	d.look()
	now := d.cfg.Clock.Now()
	switch {
	case d.Err() != nil || !d.running && d.resting:
		return machine.Forever
	case !d.running:
		return now
	}
	size := uint64(cellSize(d.cfg.Period))
	at := d.round + uint64(d.offset)
	next := max(d.cell()+1, d.start+1) * size
	return now.Add(machine.Duration(float64(next-at)/d.bytes(machine.Second)*float64(machine.Second)) + machine.Millisecond/10)
}

// Submit takes a period.
func (d *Sound) Submit(period []float32) bool {
	if len(period) != 2*d.cfg.Period || d.Free() <= 0 || d.Err() != nil {
		return false
	}
	d.ending, d.resting = false, false
	if d.running {
		d.put(d.start+d.given, period)
		d.given++
		return true
	}
	copy(d.waiting[d.held], period)
	if d.held++; d.held == d.cfg.Queue {
		d.begin()
	}
	return true
}

// Pause says that nothing follows for a while.
func (d *Sound) Pause() {
	d.look()
	if d.Err() != nil || !d.running && d.held == 0 {
		return
	}
	d.ending = true
	if !d.running {
		d.begin()
	}
}

// begin plays what waits, from the cell after the next one: the controller may get
// to that one while this writes.
func (d *Sound) begin() {
	d.look()
	d.start = d.cell() + 2
	for i := range d.held {
		d.put(d.start+uint64(i), d.waiting[i])
	}
	d.given, d.held, d.running = uint64(d.held), 0, true
	d.publish()
}

// Played returns how many frames had left when somebody last looked.
func (d *Sound) Played() (uint64, machine.Time) {
	for {
		s := d.seq.Load()
		frame, at := d.words[0].Load(), machine.Time(d.words[1].Load())
		if s&1 == 0 && d.seq.Load() == s {
			return frame, at
		}
	}
}
