package output

import "github.com/mmlite/mmlite/firmware/thread"

// What MIXER does between its waits.
const (
	mixesStreams = iota
	mixesAll
)

// runMixer is the MIXER thread: one turn for each window.
func (o *Output) runMixer(t *thread.Thread) {
	p := &o.mixing
	for last := uint64(0); ; {
		if o.relaxed.Load() {
			p.done(t)
		} else {
			p.prepare(t, mixesStreams, o.share.slack)
		}
		for o.opened.Load() == last {
			if o.closing.Load() || o.mix.WaitOn(t, forever) != nil {
				return
			}
			if o.relaxed.Load() {
				p.done(t)
			}
		}
		p.woke(t)
		last = o.opened.Load()
		o.mixStreams() // while the inputs render theirs
		for o.missing(last) {
			if o.closing.Load() {
				return
			}
			p.prepare(t, mixesAll, o.after())
			err := o.ready.WaitOn(t, o.deadline)
			p.woke(t)
			if err != nil {
				break // it has to start
			}
		}
		o.awaited.Store(nil)
		o.sum(last)
		o.mixed.Store(true)
		o.finished.Signal()
		t.Checkpoint()
	}
}

// missing reports whether somebody who takes part has yet to render up to end, and
// if so has the last of them say when it is done: inputs render in their order.
func (o *Output) missing(end uint64) bool {
	for i := o.count - 1; i >= 0; i-- {
		in := o.part[i]
		if in.done.Load() >= end || in.leaving.Load() {
			continue
		}
		o.awaited.Store(in)
		if in.done.Load() < end && !in.leaving.Load() { // still
			return true
		}
	}
	return false
}

// sum makes the period that ends at end of what is there.
func (o *Output) sum(end uint64) {
	left, right := o.left, o.right
	clear(left)
	clear(right)
	sounds := false
	for _, in := range o.part[:o.count] {
		if in.done.Load() < end {
			if !in.leaving.Load() {
				in.missed.Add(1)
				o.late.Add(1)
				o.share.trouble = true
			}
			continue
		}
		if !in.silent {
			add(left, in.left)
			add(right, in.right)
			sounds = true
		}
	}
	if o.streaming {
		o.addStreams(left, right)
		sounds = true
	}
	gain := o.currentVolume()
	if sounds {
		ramp(left, right, o.gain, gain)
	}
	o.gain = gain
	for i, l := range left {
		o.frames[2*i], o.frames[2*i+1] = l, right[i]
	}
	o.limiter.Process(o.frames)
	if o.limiter.Reduction() < 1 {
		o.limited.Add(1)
	}
	o.tap.putFrames(o.frames)
}

func add(to, from []float32) {
	from = from[:len(to)]
	for i := range to {
		to[i] += from[i]
	}
}

// ramp applies a gain that moves from one value to another over the period.
func ramp(left, right []float32, from, to float32) {
	if from == to {
		if to == 1 {
			return
		}
		for i := range left {
			left[i], right[i] = float32(left[i]*to), float32(right[i]*to)
		}
		return
	}
	step := float32((to - from) / float32(len(left)))
	for i := range left {
		g := from + float32(step*float32(i+1))
		left[i], right[i] = float32(left[i]*g), float32(right[i]*g)
	}
}
