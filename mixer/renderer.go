package mixer

// The methods in this file belong to the thread that renders, or to one that takes turns with it: not during Render.

// Ready reports whether the input has what its next n frames of the mix take, so that none would be late: a clock that can
// wait does so until then. An input that has ended, or will without further data, is ready. A stream that waits for its
// prefill is ready when it has that.
func (in *Input) Ready(n int) bool {
	if in.ring == nil || in.finished.Load() || in.end.Load() != never {
		return true
	}
	in.keepRate()
	need := in.need(n)
	if in.filling {
		need = max(need, in.cfg.Prefill)
	}
	return in.ring.available() >= need
}

// Reach is how many more of its own frames the input takes for the next period.
func (in *Input) Reach() int { return in.need(in.mix.cfg.Period) }

// Sounding reports whether the input is in the mix, or fading out of it.
func (in *Input) Sounding() bool { return in.open }

// Leave frees the place of an input that was closed and does not sound, and reports whether it is free.
func (in *Input) Leave() bool {
	if !in.left && in.closing.Load() && !in.open {
		in.left = true
		in.mix.slots[in.slot].CompareAndSwap(in, nil)
	}
	return in.left
}

// Reset makes a stream as it was when it was opened, paused, save that its frames go on being counted: what waits in the ring
// is dropped, and its position moves past that. An input with a source drops what it has pulled and not played. It is for one
// that has ended or was paused; one that sounds is cut off.
func (in *Input) Reset() {
	if in.cfg.Timed {
		return
	}
	now := in.mix.frame.Load()
	in.mark(now)
	switch {
	case in.ring != nil:
		in.ring.read.Store(in.ring.write.Load())
		in.fed = in.ring.read.Load()
	case in.last:
		in.fed = in.total // without the silence behind the end
	default:
		in.fed -= in.inserted
	}
	in.inserted, in.gapFrom, in.gapTo = 0, 0, 0
	in.running.Store(false)
	in.startAt.Store(never)
	in.finished.Store(false)
	in.end.Store(never)
	in.open, in.fading, in.fresh = false, false, true
	in.filling, in.dry, in.fadeIn, in.last = in.ring != nil, false, false, false
	in.hold, in.flush = 0, 0
	if in.converter != nil {
		in.converter.Reset()
		in.counts.ahead.Store(0)
	}
	if in.control != nil {
		in.control.Restart()
	}
	in.mark(now)
}
