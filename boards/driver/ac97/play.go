package ac97

import (
	"math/bits"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Name returns "ac97".
func (d *Device) Name() string { return "ac97" }

// Rate is in frames a second: what the codec took.
func (d *Device) Rate() int { return d.rate }

// Period is in frames.
func (d *Device) Period() int { return d.cfg.Period }

// Queue is in periods.
func (d *Device) Queue() int { return d.cfg.Queue }

// Offline returns false.
func (d *Device) Offline() bool { return false }

// Attach has each interrupt signal ev.
func (d *Device) Attach(ev *thread.Event) { d.event.Store(ev) }

// Underruns is how often the device came to the end of what it had, or stopped.
func (d *Device) Underruns() uint64 { return d.underruns.Load() }

// Err is why it plays no more.
func (d *Device) Err() error {
	if err := d.failure.Load(); err != nil {
		return *err
	}
	return nil
}

func (d *Device) fail(err error) {
	if d.failure.CompareAndSwap(nil, &err) {
		if ev := d.event.Load(); ev != nil {
			ev.Signal()
		}
	}
}

// where reads which descriptor is being played and how many samples of it are left,
// both of the same moment.
func (d *Device) where() (civ, left uint32, halted, sane bool) {
	m := d.cfg.Master
	for range 4 {
		civ = uint32(m.Read8(poCIV))
		left = uint32(m.Read16(poPICB))
		sr := m.Read16(poSR)
		if again := uint32(m.Read8(poCIV)); again == civ {
			sane = civ < descriptors && left <= uint32(2*d.cfg.Period) && sr != 0xFFFF
			return civ, left, sr&srHalted != 0, sane
		}
	}
	return civ, left, false, false
}

// look brings the state up to now.
func (d *Device) look() {
	if !d.running || d.Err() != nil {
		return
	}
	now := d.cfg.Clock.Now()
	civ, left, halted, sane := d.where()
	// How far it is beyond what we knew, which is never more than what it has.
	ahead := uint64((civ - uint32(d.done)) % descriptors)
	moved := ahead > 0 || left != d.lastLeft
	switch fits := sane && ahead < d.given-d.done; {
	case d.fresh && halted && (!fits || !moved): // it has yet to begin
		if d.stands(now, "does not begin"); d.still > beginTime {
			d.restart()
		}
		return
	case !fits:
		d.stands(now, "says what cannot be")
		return
	}
	d.fresh = false
	d.done += ahead
	d.lastLeft = left
	switch {
	case halted && d.done+1 == d.given: // through with all
		if !d.ending {
			d.underruns.Add(1)
		}
		d.done = d.given
		d.running, d.ending, d.resting = false, false, d.ending
		moved = true
	case halted: // somebody or something has stopped it
		d.underruns.Add(1)
		d.restart()
	}
	if moved && !halted {
		if d.steps++; d.steps > maxRestart {
			d.restarts = 0
		}
	}
	if moved {
		d.lastLook, d.still = now, 0
	} else {
		d.stands(now, "stands still")
	}
	d.publish()
}

// restart sets the device going again.
func (d *Device) restart() {
	d.steps = 0
	if d.restarts++; d.restarts > maxRestart {
		d.fail(com.Errorf(com.ErrGone, "ac97: the device stops again and again"))
		return
	}
	d.cfg.Master.Write8(poCR, crPlay&^crRun)
	d.cfg.Master.Write8(poCR, crPlay)
}

// stands has the device fail once it has not moved for a while, of which gaps in
// which nobody looked are no part.
func (d *Device) stands(now machine.Time, how string) {
	d.still += min(now.Sub(d.lastLook), stallStep)
	d.lastLook = now
	if d.still > stallTime {
		d.fail(com.Errorf(com.ErrGone, "ac97: the device %s", how))
	}
}

// Free is how many periods Submit takes now.
func (d *Device) Free() int {
	d.look()
	return d.cfg.Queue - int(d.written-d.done)
}

// FreeAt is when Free will have grown. It is somewhat later than the interrupt, and
// serves where one was lost or there are none.
func (d *Device) FreeAt() machine.Time {
	d.look()
	now := d.cfg.Clock.Now()
	switch {
	case d.resting || d.Err() != nil:
		return machine.Forever
	case !d.running: // all has left since Free was asked
		return now
	}
	wait := max(d.span(uint64(d.lastLeft/2)), machine.Millisecond/2)
	if !d.cfg.Polled {
		wait += d.span(uint64(d.cfg.Period))
	}
	return now.Add(wait)
}

// span is how long frames last.
func (d *Device) span(frames uint64) machine.Duration {
	hi, lo := bits.Mul64(frames, uint64(machine.Second))
	q, _ := bits.Div64(hi%uint64(d.rate), lo, uint64(d.rate))
	return machine.Duration(q)
}

// Submit takes a period.
func (d *Device) Submit(period []float32) bool {
	if len(period) != 2*d.cfg.Period || d.Free() <= 0 || d.Err() != nil {
		return false
	}
	size := d.cfg.Period * bytesFrame
	at := int(d.written%descriptors) * size
	d.encoder.Encode(d.buffers[at:at+size], period)
	d.written++
	d.ending, d.resting = false, false
	if d.running || d.written-d.done == uint64(d.cfg.Queue) {
		d.give()
	}
	return true
}

// Pause says that nothing follows for a while.
func (d *Device) Pause() {
	d.look()
	if d.written == d.done || d.Err() != nil {
		return
	}
	d.ending = true
	if !d.running {
		d.give()
	}
}

// give lets the device play all that was submitted. Having halted at the last valid
// descriptor it goes on by itself when that is another one.
func (d *Device) give() {
	m := d.cfg.Master
	d.given = d.written
	last := uint8((d.given - 1) % descriptors)
	if !d.started {
		m.Write32(poBDBAR, d.cfg.Address)
		m.Write16(poSR, srEvents)
	}
	m.Write8(poLVI, last)
	if !d.started {
		m.Write8(poCR, crPlay)
	}
	if !d.running {
		d.started, d.running, d.fresh = true, true, true
		d.lastLook, d.still = d.cfg.Clock.Now(), 0
		d.lastLeft = uint32(2 * d.cfg.Period)
	}
	d.publish()
}

// publish tells other threads.
func (d *Device) publish() {
	s := d.seq.Load()
	d.seq.Store(s + 1)
	d.words[0].Store(d.done)
	d.words[1].Store(d.given)
	running := uint64(0)
	if d.running {
		running = 1
	}
	d.words[2].Store(running)
	d.seq.Store(s + 2)
}

// Played returns how many frames have left by now.
func (d *Device) Played() (uint64, machine.Time) {
	for {
		s := d.seq.Load()
		done, given, running := d.words[0].Load(), d.words[1].Load(), d.words[2].Load() != 0
		frame := done * uint64(d.cfg.Period)
		if running {
			frame = d.position(done, given)
		}
		now := d.cfg.Clock.Now()
		if s&1 != 0 || d.seq.Load() != s {
			continue // AUDIO is between two stores
		}
		for {
			most := d.heard.Load()
			if frame <= most {
				return most, now
			}
			if d.heard.CompareAndSwap(most, frame) {
				return frame, now
			}
		}
	}
}

// position is how many frames have left, of those given.
func (d *Device) position(done, given uint64) uint64 {
	period := uint64(d.cfg.Period)
	civ, left, halted, sane := d.where()
	ahead := uint64((civ - uint32(done)) % descriptors)
	if !sane || ahead >= given-done {
		return done * period
	}
	if halted && done+ahead+1 == given {
		return given * period
	}
	return (done+ahead)*period + (period - min(period, uint64(left+1)/2))
}
