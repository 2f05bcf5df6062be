package synth

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/synth/bank"
)

// maxAssigned is how many downloaded instruments a port plays.
const maxAssigned = 256

// assigned is an instrument at a place of a port: a bank of one preset. It owns a
// reference to the instrument.
type assigned struct {
	in   *Instrument
	to   audio.Preset
	bank *bank.Bank
}

// stack is what a port looks programs up in: its bank and what is assigned over it.
// It does not change once it is published.
type stack struct {
	banks []*bank.Bank
	list  []*assigned
	gone  *assigned // what the one before had and this has not
}

// stacks are those of a port. Whoever assigns publishes the next one, the port's
// thread takes it over and keeps what has gone until no voice plays it.
type stacks struct {
	assigning wait.Gate
	next, now atomic.Pointer[stack]
	leaving   []*assigned // the port's thread alone
}

func (s *stacks) begin(b *bank.Bank) {
	first := &stack{banks: []*bank.Bank{b}}
	s.next.Store(first)
	s.now.Store(first)
	s.leaving = make([]*assigned, 0, maxAssigned)
}

// Assign implements audio.Port.
func (p *Port) Assign(ctx context.Context, instrument audio.Instrument, to audio.Preset) error {
	if to.Bank >= 1<<14 || to.Program > 127 {
		return com.Errorf(com.ErrInvalid, "there is no program %+v", to)
	}
	to.Name = ""
	var in *Instrument
	if instrument != nil {
		var err error
		if in, err = p.f.instrument(instrument); err != nil {
			return err
		}
	}
	kept := false
	defer func() {
		if in != nil && !kept {
			in.Release()
		}
	}()
	if err := p.stacks.assigning.Enter(ctx); err != nil {
		return err
	}
	defer p.stacks.assigning.Leave()
	if err := p.taken(ctx); err != nil { // one whose caller gave up
		return err
	}
	next, err := p.stacks.next.Load().with(in, to)
	if err != nil {
		return err
	}
	kept = true
	p.stacks.next.Store(next)
	p.in.Wake()
	return p.taken(ctx)
}

// instrument returns the object itself, with a reference, whatever was put before it.
func (f *Factory) instrument(i audio.Instrument) (*Instrument, error) {
	u, err := i.Query(com.IIDUnknown)
	if err != nil {
		return nil, err
	}
	in, ok := u.(*Instrument)
	if !ok || in.k.f != f {
		u.Release()
		return nil, com.Errorf(com.ErrInvalid, "the instrument was not downloaded to this synthesizer")
	}
	return in, nil
}

// taken waits until the port's thread has taken the stack over.
func (p *Port) taken(ctx context.Context) error {
	if err := p.changed.Until(ctx, func() bool { return p.stacks.now.Load() == p.stacks.next.Load() || p.over() }); err != nil {
		return err
	}
	if p.over() {
		return p.err()
	}
	return nil
}

// with returns the stack with in at a place, or without what is there.
func (s *stack) with(in *Instrument, to audio.Preset) (*stack, error) {
	next := &stack{}
	for _, a := range s.list {
		if a.to == to {
			next.gone = a
		} else {
			next.list = append(next.list, a)
		}
	}
	switch {
	case in == nil && next.gone == nil:
		return nil, com.Errorf(com.ErrNotFound, "nothing is assigned to program %+v", to)
	case in != nil && len(next.list) == maxAssigned:
		return nil, com.Errorf(com.ErrQuota, "%d instruments are assigned, and no more are possible", maxAssigned)
	case in != nil:
		one := in.preset.As(to.Drums, uint8(to.Bank>>7), uint8(to.Bank&127), to.Program)
		b, err := bank.New(in.k.info.Name, []*bank.Preset{one})
		if err != nil {
			return nil, com.Errorf(com.ErrCorrupt, "%v", err)
		}
		next.list = append(next.list, &assigned{in, to, b})
	}
	next.banks = slices.Clone(s.banks[:1])
	for _, a := range next.list {
		next.banks = append(next.banks, a.bank)
	}
	return next, nil
}

// restack takes over a new stack, and gives back what is not played any more. It
// runs on the port's thread.
func (p *Port) restack() {
	if s := p.stacks.next.Load(); s != p.stacks.now.Load() {
		if err := p.engine.SetBank(s.banks...); err != nil {
			p.f.log("port %s: %v", p.name, err)
		}
		if s.gone != nil {
			p.stacks.leaving = append(p.stacks.leaving, s.gone)
		}
		p.stacks.now.Store(s)
		p.changed.Signal()
	}
	if len(p.stacks.leaving) == 0 {
		return
	}
	p.stacks.leaving = slices.DeleteFunc(p.stacks.leaving, func(a *assigned) bool {
		if p.engine.Uses(a.bank) {
			return false
		}
		a.in.Release()
		return true
	})
}

// unstack gives everything back when the port has ended.
func (p *Port) unstack() {
	s := p.stacks.next.Load()
	if s == nil {
		return
	}
	if s != p.stacks.now.Load() && s.gone != nil {
		s.gone.in.Release()
	}
	for _, a := range p.stacks.leaving {
		a.in.Release()
	}
	for _, a := range s.list {
		a.in.Release()
	}
}
