package sound

import (
	"sync"
	"time"
)

// null plays to nobody, at the right speed. Its frame k is heard at epoch + k/rate, computed anew each time from the whole
// number of frames, so however late a timer fires nothing drifts.
type null struct {
	cfg  Config
	rate int
	wake chan struct{}
	done chan struct{}

	mu        sync.Mutex
	timer     *time.Timer
	running   bool
	draining  bool
	closed    bool
	epoch     time.Time // when frame base was heard
	base      uint64
	written   uint64
	underruns uint64
}

func openNull(cfg Config) (Device, error) {
	d := &null{cfg: cfg, rate: cfg.rateOr(0), wake: make(chan struct{}, 1), done: make(chan struct{})}
	return d, nil
}

func (d *null) Name() string          { return "null" }
func (d *null) Rate() int             { return d.rate }
func (d *null) Channels() int         { return d.cfg.Channels }
func (d *null) Period() int           { return d.cfg.Period }
func (d *null) Queue() int            { return d.cfg.Queue }
func (d *null) Offline() bool         { return false }
func (d *null) Wake() <-chan struct{} { return d.wake }

// heard brings the state up to a moment and returns how many frames have been heard. Having come to the end of what was
// written, the device stops, and waits to be filled again.
func (d *null) heard(now time.Time) uint64 {
	if !d.running {
		return d.base
	}
	f := d.base + frames(now.Sub(d.epoch), d.rate)
	if f < d.written {
		return f
	}
	if !d.draining {
		d.underruns++
	}
	d.running, d.draining = false, false
	d.base = d.written
	return d.base
}

func (d *null) start(now time.Time) {
	if d.running || d.base == d.written {
		return
	}
	d.running, d.epoch = true, now
	d.arm(now)
}

// arm sets the timer for the end of the period that is being heard.
func (d *null) arm(now time.Time) {
	period := uint64(d.cfg.Period)
	next := (d.heard(now)/period + 1) * period
	wait := d.epoch.Add(span(next-d.base, d.rate)).Sub(now)
	if d.timer == nil {
		d.timer = time.AfterFunc(wait, d.tick)
		return
	}
	d.timer.Reset(wait)
}

func (d *null) tick() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	d.heard(now)
	if d.running && !d.closed {
		d.arm(now)
	}
	signal(d.wake)
}

// signal leaves one value in a channel with room for one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (d *null) free(now time.Time) int {
	period := uint64(d.cfg.Period)
	queued := int((d.written - d.heard(now) + period - 1) / period)
	return d.cfg.Queue - queued
}

func (d *null) Free() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.free(time.Now())
}

func (d *null) Write(period []float32) error {
	if err := checkPeriod(d, period); err != nil {
		return err
	}
	for {
		d.mu.Lock()
		now := time.Now()
		free := d.free(now)
		if d.closed {
			d.mu.Unlock()
			return ErrClosed
		}
		if free > 0 {
			d.draining = false
			d.written += uint64(d.cfg.Period)
			if free == 1 {
				d.start(now)
			}
			d.mu.Unlock()
			return nil
		}
		d.mu.Unlock()
		select {
		case <-d.wake:
		case <-d.done:
		}
	}
}

func (d *null) Pause() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if d.written > d.heard(now) && !d.closed {
		d.draining = true
		d.start(now)
	}
}

func (d *null) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	return nil
}

func (d *null) Drain() error {
	for {
		d.mu.Lock()
		now := time.Now()
		rest := d.written - d.heard(now)
		closed := d.closed
		if rest > 0 {
			d.draining = true
			d.start(now)
		}
		d.mu.Unlock()
		if closed {
			return ErrClosed
		}
		if rest == 0 {
			return nil
		}
		select {
		case <-d.wake:
		case <-d.done:
		}
	}
}

func (d *null) Position() (uint64, time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	return d.heard(now), now
}

func (d *null) Latency() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return span(d.written-d.heard(time.Now()), d.rate)
}

func (d *null) Underruns() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heard(time.Now())
	return d.underruns
}

func (d *null) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.heard(time.Now())
	d.closed, d.running = true, false
	if d.timer != nil {
		d.timer.Stop()
	}
	close(d.done)
	return nil
}
