package synth

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/synth/bank"
)

// startWait is how long Start waits for samples.
const startWait = 2 * machine.Second

// ahead follows the events that are queued on a port, so that what they need is
// loaded before their time. It guesses as well as it can: system exclusive
// messages it does not follow, and what it misses the engine asks for when
// it gets there. Whoever queues uses it, one at a time.
type ahead struct {
	channel [16]struct {
		msb, lsb, program uint8
		preset            *bank.Preset // of the port's own bank, or nil
		known             bool
	}
	stack *stack // that the presets were looked up in
	asked atomic.Uint64
}

const (
	rhythmChannel = 9
	bankSelect    = 0
	bankSelectLSB = 32
)

// look takes notice of a queued event.
func (p *Port) look(message uint32) {
	c := &p.ahead.channel[message&15]
	a, b := uint8(message>>8&127), uint8(message>>16&127)
	switch message >> 4 & 15 {
	case 0xB:
		switch a {
		case bankSelect:
			c.msb = b
		case bankSelectLSB:
			c.lsb = b
		}
	case 0xC:
		c.program, c.known = a, false
	case 0x9:
		if b == 0 {
			return
		}
		if s := p.stacks.next.Load(); s != p.ahead.stack {
			p.ahead.stack = s
			for i := range p.ahead.channel {
				p.ahead.channel[i].known = false
			}
		}
		if !c.known {
			c.known = true
			c.preset = p.guess(int(message&15), c.msb, c.lsb, c.program)
		}
		if c.preset != nil && !c.preset.Loaded(int(a), b) {
			p.wish(wish{preset: c.preset, key: int16(a), velocity: b})
		}
	}
}

// guess looks a program up as the engine does, and returns its preset if that is of the
// port's own bank. Instruments that were assigned have all they need.
func (p *Port) guess(channel int, msb, lsb, program uint8) *bank.Preset {
	drums := channel == rhythmChannel
	if drums {
		msb, lsb = 0, 0
	}
	s := p.ahead.stack
	for _, at := range [...][3]uint8{{msb, lsb, program}, {msb, 0, program}, {0, 0, program}, {0, 0, 0}} {
		for i := len(s.banks) - 1; i >= 0; i-- {
			if found := s.banks[i].Find(drums, at[0], at[1], at[2]); found != nil {
				if i > 0 {
					return nil
				}
				return found
			}
		}
	}
	return nil
}

// wish asks for samples. It neither waits nor allocates.
func (p *Port) wish(w wish) {
	n := p.bank.ask(w)
	for n != 0 {
		have := p.ahead.asked.Load()
		if n <= have || p.ahead.asked.CompareAndSwap(have, n) {
			return
		}
	}
}

// own reports whether a preset is of the port's own bank.
func (p *Port) own(q *bank.Preset) bool {
	return p.bank.loader != nil && p.bank.bank.Find(q.Drum, q.MSB, q.LSB, q.Program) == q
}

// selected is what the engine tells of a program change: all that the program can
// play is loaded, behind the music. Without a clock to keep, only what is
// played is.
func (p *Port) selected(q *bank.Preset) {
	if !p.f.output.Offline() && p.own(q) {
		p.wish(wish{preset: q, key: -1})
	}
}

// wanted is what the engine tells of a note whose samples are not there. Without a
// clock to keep, it waits for them.
func (p *Port) wanted(q *bank.Preset, key int, velocity uint8) {
	if key < 0 || key > 127 || !p.own(q) {
		return
	}
	w := wish{preset: q, key: int16(key), velocity: velocity}
	if !p.f.output.Offline() {
		p.wish(w)
		return
	}
	l := p.bank.loader
	n, err := l.mustAsk(nil, w)
	if err == nil {
		err = l.wait(nil, machine.Forever, n)
	}
	if err != nil && !p.over() {
		p.f.log("port %s: %v: a note is missing", p.name, err)
	}
}

// awaitSamples waits until what the port has asked for is there, within reason.
func (p *Port) awaitSamples(ctx context.Context) error {
	l := p.bank.loader
	if l == nil || p.f.output.Offline() || thread.Current() == nil {
		return nil
	}
	n := p.ahead.asked.Load()
	if l.wait(ctx, thread.Now().Add(startWait), n) != nil && ctx != nil {
		return ctx.Err()
	}
	return nil
}

// mustAsk is ask that waits for room. The errors are those of wait.List.
func (l *loader) mustAsk(ctx context.Context, w wish) (n uint64, err error) {
	err = l.done.Until(ctx, func() bool {
		if n == 0 {
			n = l.ask(w)
		}
		return n != 0 || l.ended.Load()
	})
	return n, err
}
