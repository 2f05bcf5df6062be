package output

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/estimate"
	"github.com/mmlite/mmlite/firmware/thread"
)

const (
	// allowance is what policies keep for each constraint beside its estimate, and
	// what is asked for on top where time is reserved.
	allowance = 150 * machine.Microsecond
	// leastShare is the least that inputs are given together, as a part of a period.
	leastShare = 16
	// leastEase is the least part of the time there is that is given away.
	leastEase = 1.0 / 16
	// regain is after how many windows without trouble more is given away.
	regain = 64
	// headroom is which part of the time is kept for inputs that come to need more.
	headroom = 8
	// settles is how many windows it takes until inputs that are given less take less:
	// voices that end fade for some milliseconds.
	settles = 4
)

// sharing divides the time between the opening of a window and MIXER's start among
// the inputs: what each needs by its own account, as far as there is time, and by
// max-min fairness beyond. So an input that wants more than there is is limited,
// and those that want little do not notice.
//
// One thread, the conductor, has that time promised to the activity of all inputs
// at once: a constraint that is ended as soon as it has begun, whose remainder is
// the activity's until the deadline. That costs one allowance for all inputs,
// where a constraint for each would cost as many as there are.
type sharing struct {
	activity atomic.Pointer[sched.Activity] // of the inputs, if there is a conductor
	total    machine.Duration               // what there is for the window under way
	needs    machine.Duration               // of all inputs together
	demand   *estimate.Estimator            // of that
	slack    machine.Duration               // of the last window
	ease     float64                        // part of the time that is given away
	calm     int                            // windows since trouble
	hold     int                            // windows until trouble counts again
	trouble  bool                           // an input was late in the last window
	wanted   [MaxInputs]machine.Duration

	begin  thread.Event // of the conductor
	asking asking

	account account
	eased   atomic.Uint64 // windows in which inputs were given less than they need
	given   atomic.Int64  // ns, of the last window
}

func (s *sharing) init(o *Output) {
	s.ease, s.slack = 1, o.span/2
	s.demand = estimate.New(estimate.Config{Ceiling: o.span * 8 / 10})
}

// Charge says on behalf of which activity, on which processor, inputs render, so
// that time can be reserved and promised for it. It is called once, by whoever
// makes the inputs. Without, and if that is not the output's own processor or the
// device has no clock, nothing is asked for them. The error is what a processor
// has against another thread.
func (o *Output) Charge(p *thread.Processor, a *sched.Activity) error {
	if p != o.processor || o.dev.Offline() || o.closing.Load() || !o.share.activity.CompareAndSwap(nil, a) {
		return nil
	}
	o.holders.Add(1)
	exit := func(_ *thread.Thread, f *thread.Failure) {
		o.ended(f)
		o.letGo()
	}
	_, err := p.Spawn("synth windows", thread.Attributes{Activity: a, Exit: exit}, o.runConductor)
	if err != nil {
		o.share.activity.Store(nil)
		o.letGo()
	}
	return err
}

// Need says what the input's next windows will take to render, in processor time.
// The renderer calls it; until then an input needs nothing.
func (in *Input) Need(d machine.Duration) { in.need.Store(int64(min(max(d, 0), machine.Second))) }

// Budget is the processor time there is for rendering the window that is open, and
// reports false if there is no limit: offline.
func (in *Input) Budget() (machine.Duration, bool) {
	b := in.budget.Load()
	return machine.Duration(b), b != 0
}

// Turn is after how much of a budget an input is to let others render first.
func (in *Input) Turn() machine.Duration { return machine.Duration(in.equal.Load()) }

// Used tells what rendering the last window took, in processor time.
func (in *Input) Used(d machine.Duration) {
	in.account.taken.add(d)
	in.account.asked.Store(in.need.Load())
	mean := in.account.mean.Load()
	in.account.mean.Store(mean + (int64(d)-mean)/16)
	if b := in.budget.Load(); b != 0 && int64(d) > b {
		in.account.over.Add(1)
	}
}

// plan finds what time there is for the inputs in the window that AUDIO opens, and
// divides it.
func (o *Output) plan(slack machine.Duration) {
	s := &o.share
	s.needs = 0
	for i, in := range o.part[:o.count] {
		s.wanted[i] = machine.Duration(in.need.Load())
		s.needs += s.wanted[i]
	}
	s.demand.Add(s.needs)
	switch {
	case s.trouble && s.hold == 0:
		s.ease = max(s.ease*3/4, leastEase)
		s.calm, s.hold = 0, settles
	case s.calm < regain:
		s.calm++
	default:
		s.ease = min(s.ease*9/8, 1)
		s.calm = 0
	}
	s.trouble = false
	if s.hold > 0 {
		s.hold--
	}
	s.slack += (slack - s.slack) / 16 // one that is opened late says nothing of the next
	others := machine.Duration(o.mixing.next[mixesStreams].Load()) + allowance
	if !s.asking.no.Load() { // nobody else is promised what is reserved for AUDIO and MIXER
		others = max(others, machine.Duration(o.sizes.granted[forAudio].Load()+o.sizes.granted[forMixer].Load())+2*allowance)
	}
	s.total = max(s.slack-others, o.span/leastShare)
	o.divide(machine.Duration(float64(s.total) * s.ease))
}

// divide gives each input that takes part its share of total: what it needs, if that
// can be, and otherwise as much as others that need too much, and no less than an
// equal part in any case, since it may need more at once. A part is kept for that.
// Who has used up an equal part lets others go first; so it is those that take more
// who are late if all of a sudden there is too much.
func (o *Output) divide(total machine.Duration) {
	s := &o.share
	s.given.Store(int64(total))
	if o.count == 0 {
		return
	}
	all := o.part[:o.count]
	equal := total / machine.Duration(o.count)
	left, more := total-total/headroom, o.count
	if s.needs > left {
		s.eased.Add(1)
	}
	level := left
	for fits := true; fits && more > 0; {
		fits, level = false, left/machine.Duration(more)
		for i := range all {
			if w := s.wanted[i]; w >= 0 && w <= level {
				left -= w
				more--
				s.wanted[i] = -1 - w // it has that
				fits = true
			}
		}
	}
	over := total / headroom
	if more == 0 {
		over += left
	}
	over /= machine.Duration(max(o.count-more, 1))
	for i, in := range all {
		b := level
		if w := s.wanted[i]; w < 0 {
			s.wanted[i] = -1 - w
			b = s.wanted[i] + over
		}
		in.budget.Store(int64(max(b, equal, 1)))
		in.equal.Store(int64(max(equal, 1)))
	}
}

// runConductor is the thread that has the inputs' time promised: one turn for each
// window. It runs on behalf of their activity.
func (o *Output) runConductor(t *thread.Thread) {
	s := &o.share
	asked := machine.Duration(0)
	begun := false
	for !o.closing.Load() {
		if !o.relaxed.Load() && s.asking.asks(o.processor) {
			asked = s.want()
			_, err := thread.BeginConstraint(sched.Constraint{Estimate: asked, Deadline: machine.Time(s.slack), Delayed: true})
			begun = err == nil
			if err != nil {
				s.asking.refuse(o.processor)
			}
		}
		err := s.begin.WaitOn(t, forever)
		if err == nil && begun && !o.relaxed.Load() {
			o.conduct(asked)
		}
		if begun {
			begun = false
			thread.EndConstraint() // there is one
		}
		if err != nil {
			return
		}
	}
}

// want is what to ask for: what inputs need, within what there is. Below the
// smallest slice nothing would be left of it for them.
func (s *sharing) want() machine.Duration {
	e := s.needs + s.needs/8
	if s.total > 0 {
		e = min(e, s.total)
	}
	return max(e, allowance)
}

// conduct sees what is promised for the window under way. If inputs need more by
// now it asks for the rest, and if the time is not promised for less, until it is;
// they are then given that.
func (o *Output) conduct(asked machine.Duration) {
	s := &o.share
	ok, err := thread.Promised()
	if err != nil {
		return
	}
	s.account.asked.Store(int64(asked))
	if !ok {
		s.account.refused.Add(1)
		if o.machine.Now() >= o.deadline {
			return // the window was lost before it began, which says nothing of others
		}
		got := machine.Duration(0)
		for e := asked * 7 / 8; e >= allowance && got == 0; e = e * 7 / 8 {
			if thread.EndConstraint(); o.again(e) {
				got = e
			}
		}
		// Where reservations come on top of constraints there is that.
		got = max(got, machine.Duration(o.sizes.granted[forInputs].Load())-allowance, o.span/leastShare)
		s.calm = 0
		if got < s.needs {
			s.ease = max(float64(got)/float64(s.total), s.ease/2, leastEase)
			s.hold = settles
			o.divide(got)
		}
		return
	}
	s.account.promised.Add(1)
	if more := s.want() - asked; more >= allowance {
		if thread.EndConstraint(); o.again(more) {
			return
		}
		if asked < s.needs {
			s.account.refused.Add(1)
			o.divide(max(asked, machine.Duration(o.sizes.granted[forInputs].Load())-allowance))
		}
	}
}

// again begins another constraint until MIXER's start, in place of one that was
// ended.
func (o *Output) again(e machine.Duration) bool {
	ok, err := thread.BeginConstraint(sched.Constraint{Estimate: e, Deadline: o.deadline})
	return ok && err == nil
}
