package output

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// idleAfter is how long the device is kept going with no input, in seconds.
const idleAfter = 2

// What AUDIO does between its waits.
const (
	opensWindow = iota
	feedsDevice
)

// runAudio is the AUDIO thread: one turn for each period of the device.
func (o *Output) runAudio(t *thread.Thread) {
	p := &o.playing
	for !o.closing.Load() {
		o.reap()
		if o.fail() || !o.mayOpen() {
			o.progress.Signal() // the device may have played on
			o.tellStreams()
			if o.resting.Load() {
				o.relax(t)
			} else {
				p.prepare(t, opensWindow, o.span/2)
			}
			err := o.wake.WaitOn(t, o.room())
			p.woke(t)
			if err != nil && com.CodeOf(err) != com.ErrTimeout {
				return
			}
			continue
		}
		o.relaxed.Store(false)
		o.open(t.Processor().Now())
		o.mix.Signal()
		p.prepare(t, feedsDevice, o.after())
		for !o.mixed.Load() {
			if o.closing.Load() || o.finished.WaitOn(t, machine.Forever) != nil {
				return
			}
		}
		p.woke(t)
		o.mixed.Store(false)
		if o.dev.Submit(o.frames) {
			o.given.Store(o.opened.Load())
		}
		if !o.dev.Offline() {
			o.clock.tell(o.dev.Played())
			o.size()
		}
		o.progress.Signal()
		o.tellStreams()
		t.Checkpoint()
	}
}

// relax has nothing promised or reserved while there is nothing to play, so that
// others have the time and the policy can be replaced.
func (o *Output) relax(t *thread.Thread) {
	o.playing.done(t)
	if o.relaxed.Swap(true) || o.dev.Offline() {
		return
	}
	o.mix.Signal()
	o.share.begin.Signal()
	o.unsize()
}

// room is when to look again for room on the device, if it does not say so itself.
func (o *Output) room() machine.Time {
	if o.timed == nil || !o.used() && o.idle > o.patience {
		return machine.Forever
	}
	return o.timed.FreeAt()
}

// reap gives up the places of inputs that have left. No mix is under way.
func (o *Output) reap() {
	o.tap.sweep()
	for i := range o.slots {
		if in := o.slots[i].Load(); in != nil && in.leaving.Load() {
			o.slots[i].Store(nil)
			o.inputs.Add(-1)
		}
	}
	o.settleStreams()
}

// used reports whether there is anything that may sound.
func (o *Output) used() bool { return o.inputs.Load() > 0 || o.streams.Load() > 0 }

// fail reports whether the device has failed, and tells who waits for it.
func (o *Output) fail() bool {
	if o.dev.Err() == nil {
		return false
	}
	if !o.failed.Swap(true) {
		o.log("sound device %s: %v", o.dev.Name(), o.dev.Err())
	}
	for i := range o.slots {
		if in := o.slots[i].Load(); in != nil {
			in.wake.Signal()
		}
	}
	return true
}

// mayOpen reports whether the next window may be opened.
func (o *Output) mayOpen() bool {
	if o.dev.Offline() {
		yes := o.asked() && o.dev.Free() > 0
		o.resting.Store(!yes)
		return yes
	}
	free := o.dev.Free() > 0
	switch {
	case o.used():
		o.idle = 0
		o.resting.Store(false)
	case o.idle < o.patience:
		if free {
			o.idle++
		}
	case o.idle == o.patience:
		o.idle++
		o.resting.Store(true)
		o.dev.Pause()
		o.clock.forget()
		return false
	default:
		return false // until an input comes
	}
	return free
}

// asked reports whether an offline device's next window is wanted by somebody,
// everybody has said what happens in it, and no capture would lose it.
func (o *Output) asked() bool {
	n := o.opened.Load()
	want := false
	for i := range o.slots {
		in := o.slots[i].Load()
		if in == nil || in.leaving.Load() {
			continue
		}
		switch in.demand(n) {
		case holds:
			return false
		case wants:
			want = true
		}
		if in.tap.full() {
			return false
		}
	}
	if o.streams.Load() > 0 {
		for i := range o.streamSlots {
			s := o.streamSlots[i].Load()
			if s == nil {
				continue
			}
			switch s.demand(n) {
			case holds:
				return false
			case wants:
				want = true
			}
		}
	}
	return want && !o.tap.full()
}

// open opens the next window at time now.
func (o *Output) open(now machine.Time) {
	n := o.opened.Load()
	o.count = 0
	for i := range o.slots {
		in := o.slots[i].Load()
		if in == nil || in.leaving.Load() {
			continue
		}
		if in.base.Load() == 0 && in.start.Load() {
			in.base.Store(n + 1)
		}
		if !in.joined {
			in.joined = true
			in.first.Store(n + 1)
		}
		o.part[o.count] = in
		o.count++
	}
	o.deadline = machine.Forever
	if !o.dev.Offline() {
		slack := o.slack(now)
		o.deadline = now.Add(slack)
		o.plan(slack)
	}
	o.opened.Store(n + uint64(o.period))
	if o.share.activity.Load() != nil && o.share.asking.asks(o.processor) {
		o.share.begin.Signal() // first
	}
	for _, in := range o.part[:o.count] {
		in.wake.Signal()
	}
}

// after is how long before the device has played what it holds MIXER starts: what
// MIXER and AUDIO take, with as much again for the operating system below the
// card, and a quarter of a period at least.
func (o *Output) after() machine.Duration {
	work := machine.Duration(o.mixing.next[mixesAll].Load()+o.playing.next[feedsDevice].Load()) + 2*allowance
	return min(max(2*work, o.span/4), o.span/2)
}

// slack is how long MIXER may wait for inputs at time now: until after before the
// device has played what it holds, but for a quarter of a period at least.
func (o *Output) slack(now machine.Time) machine.Duration {
	played, at := o.dev.Played()
	held := machine.Duration(o.given.Load()-min(played, o.given.Load())) * o.span / machine.Duration(o.period)
	if held > 0 {
		held -= now.Sub(at)
	}
	return min(max(held-o.after(), o.span/4), o.span*machine.Duration(o.dev.Queue()))
}
