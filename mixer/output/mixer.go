package output

import "github.com/mmlite/mmlite/firmware/thread"

// runMixer is the MIXER thread: one turn for each window.
func (o *Output) runMixer(t *thread.Thread) {
	for last := uint64(0); ; {
		for o.opened.Load() == last {
			if o.closing.Load() || o.mix.WaitOn(t, forever) != nil {
				return
			}
		}
		last = o.opened.Load()
		o.mixStreams() // while the inputs render theirs
		for !o.complete(last) {
			if o.closing.Load() {
				return
			}
			if o.ready.WaitOn(t, o.deadline) != nil {
				break // it has to start
			}
		}
		o.sum(last)
		o.mixed.Store(true)
		o.finished.Signal()
		t.Checkpoint()
	}
}

// complete reports whether all who take part have rendered up to end.
func (o *Output) complete(end uint64) bool {
	for _, in := range o.part[:o.count] {
		if in.done.Load() < end && !in.leaving.Load() {
			return false
		}
	}
	return true
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
