package thread

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/cpu"
)

// early has a real-time processor sleep until a little before the time that it
// waits for, and look at the clock for the rest, since being woken takes as long
// as the system likes. How little follows the sleeps: about one in sixteen ends
// too late even so. It is no use where another processor could not run meanwhile,
// and ordinary processors never do it, so that an idle card stays idle.
type early struct {
	lead uint64 // in counts; 0: never
	most uint64
	step uint64
}

const (
	earlyFirst = 20 * machine.Microsecond
	earlyMost  = 100 * machine.Microsecond
	earlyOne   = 16 // sleep in so many is too short a lead
)

func (e *early) init(p *Processor) {
	if p.cfg.Kind != machine.RealTime || p.virtual || p.cfg.Look < 0 || p.cfg.Machine.Processors() < 2 {
		return
	}
	e.lead, e.most = p.time.counts(earlyFirst), p.time.counts(earlyMost)
	e.step = max(p.time.counts(machine.Microsecond/4), 1)
}

// until returns until when to sleep in order to be there in time.
func (e *early) until(p *Processor, at machine.Time) machine.Time {
	if e.lead == 0 || at == machine.Forever {
		return at
	}
	return at.Add(-p.time.span(e.lead))
}

// look is called after the sleep, at count c, and looks at the clock until the
// time has come, unless there is something else to do.
func (e *early) look(p *Processor, at machine.Time, c uint64) {
	if e.lead == 0 || at == machine.Forever {
		return
	}
	end := p.time.count(at)
	if end > c && end-c > e.lead {
		return // woken by something else
	}
	if slept := end - min(end, e.lead); c-min(c, slept) > e.lead {
		e.lead = min(e.lead+(earlyOne-1)*e.step, e.most)
	} else {
		e.lead = max(e.lead-min(e.lead, e.step), e.step)
	}
	for ; c < end && !p.pending(); c = p.time.read() {
		cpu.Pause(1)
	}
}
