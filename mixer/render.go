package mixer

import (
	"math"

	"github.com/mmlite/mmlite/mixer/mix"
)

// render adds the input's next n frames to out; the first is frame at of the mix.
func (in *Input) render(out []float32, n int, at uint64) {
	channels := in.mix.cfg.Channels
	if in.closing.Load() && !in.open {
		in.left = true
		return
	}
	if start := in.startAt.Load(); start < at+uint64(n) && in.startAt.CompareAndSwap(start, never) {
		in.running.Store(true)
		if start > at && !in.open {
			skip := int(start - at)
			out, n, at = out[skip*channels:], n-skip, start
		}
	}
	in.setLevels()
	if in.open && !in.fading {
		in.play(out, n, at)
		return
	}
	// No more than the ramp is played, so that a paused sound goes on where it could last be heard.
	for n > 0 && in.open {
		k := min(n, fade/4)
		if !in.play(out[:k*channels], k, at) || !in.level.Moving() {
			in.open, in.fading = false, false
		}
		out, n, at = out[k*channels:], n-k, at+uint64(k)
	}
	in.left = !in.open && in.closing.Load()
}

// setLevels looks at what others set. A fade in or out is a ramp to the level that was asked for, or to silence.
func (in *Input) setLevels() {
	levels := in.levels.Load()
	left, right := unpack(levels)
	wanted := in.running.Load() && !in.closing.Load() && in.end.Load() == never
	switch {
	case wanted && !in.open && in.fresh:
		in.open, in.fresh = true, false
		in.set(0, left, right) // the beginning of a sound is not faded: its attack is its own
	case wanted && !in.open:
		in.open = true
		in.set(0, 0, 0)
		in.set(fade, left, right)
	case wanted && in.fading:
		in.fading = false
		in.set(fade, left, right)
	case !wanted && in.open && !in.fading:
		in.fading = true
		in.set(fade, 0, 0)
	case wanted && levels != in.seen:
		in.set(int(in.ramp.Load()), left, right)
	}
	in.seen = levels
}

// set moves the levels of all channels; those that are neither left nor right get the greater of the two.
func (in *Input) set(frames int, left, right float32) {
	left, right = sane(left), sane(right)
	all := max(left, right)
	if in.mix.cfg.Channels == 1 {
		left = all
	}
	in.level.Set(frames, left, right, all, all, all, all, all, all)
}

// maxLevel bounds the factors, so that what is finite stays so.
const maxLevel = 1000

func sane(level float32) float32 {
	if level != level {
		return 0
	}
	return max(-maxLevel, min(maxLevel, level))
}

// play takes in what n frames need, converts it and adds it to out. It reports false, and has played nothing, while a stream
// waits for its prefill.
func (in *Input) play(out []float32, n int, at uint64) bool {
	in.keepRate()
	in.mark(at)
	if !in.filled(n) {
		return false
	}
	in.follow(n)
	need := in.need(n)
	frames := in.in[:need*in.cfg.Channels]
	in.take(frames, need)
	if in.last {
		in.ending(n, at)
	}
	if in.before != nil {
		in.before.Apply(in.narrow[:need*in.before.To()], frames)
		frames = in.narrow[:need*in.before.To()]
	}
	if in.converter != nil {
		in.converter.Process(in.converted[:n*in.converter.Channels()], frames)
		frames = in.converted[:n*in.converter.Channels()]
		in.counts.ahead.Store(int64(in.converter.Ahead()))
	}
	if in.after != nil {
		in.after.Apply(in.wide[:n*in.after.To()], frames)
		frames = in.wide[:n*in.after.To()]
	}
	mix.Add(out, frames, in.mix.cfg.Channels, &in.level)
	in.mark(at + uint64(n))
	return true
}

// keepRate does what SetRate asked for.
func (in *Input) keepRate() {
	if c := in.converter; c != nil && in.cfg.MaxRate != 0 {
		if rate := int(in.rate.Load()); rate != c.Rate() {
			_ = c.SetRate(rate) // SetRate of the input has checked it
		}
	}
}

// mark remembers where the input is at a frame of the mix.
func (in *Input) mark(frame uint64) {
	in.place = float64(in.fed)
	if in.converter != nil {
		in.place -= in.converter.Ahead()
	}
	in.played = max(in.played, in.position())
	in.history.add(frame+uint64(in.mix.latency), in.played)
}

// filled reports whether a stream has as much waiting as it needs to begin; an ended one has all it will ever have.
func (in *Input) filled(n int) bool {
	if !in.filling {
		return true
	}
	if in.ring.available() < in.cfg.Prefill && !in.finished.Load() {
		if in.flush > 0 {
			return true // the converter still holds sound that faded away
		}
		if in.dry {
			in.counts.late.Add(uint64(n) * uint64(in.rate.Load()) / uint64(in.mix.cfg.Rate))
		}
		return false
	}
	in.filling, in.dry, in.flush = false, false, 0
	return true
}

// take fills frames from the ring or the source. What is missing is silence, with the sound faded toward it and out of it.
func (in *Input) take(frames []float32, need int) {
	channels, got, before := in.cfg.Channels, 0, in.last
	switch {
	case in.last, in.flush > 0:
	case in.ring != nil:
		done := in.finished.Load() // before looking: what was written before it was said is seen
		got = in.ring.get(frames, in.cfg.Timed)
		in.last = done && got < need && in.ring.available() == 0
	default:
		for more := true; got < need && more && !in.last; {
			var k int
			k, more = in.cfg.Source.Pull(frames[got*channels:])
			k = max(0, min(k, need-got))
			in.last = !more
			if got += k; k == 0 {
				break
			}
		}
	}
	if !finite(frames[:got*channels]) {
		in.counts.bad.Add(1)
		repair(frames[:got*channels])
	}
	if in.fadeIn && got > 0 {
		ramp(frames[:min(got, fade)*channels], channels, 0, 1)
		in.fadeIn = false
	}
	if got > 0 {
		copy(in.edge[:], frames[(got-1)*channels:got*channels])
	}
	missing := need - got
	in.fed += uint64(need)
	if in.last && !before {
		in.total = in.fed - uint64(missing) - in.inserted
	}
	if missing == 0 {
		return
	}
	clear(frames[got*channels:])
	if in.last {
		return
	}
	if got > 0 || !in.fadeIn {
		in.counts.dry.Add(1)
		in.flush = 0
		if got >= fade {
			ramp(frames[(got-fade)*channels:got*channels], channels, 1, 0)
		} else {
			in.hold = fade
		}
		if in.ring != nil && !in.cfg.Timed {
			in.flush = in.hold
			if in.converter != nil {
				in.flush += in.converter.Filter().Taps()
			}
		}
	}
	in.fall(frames[got*channels:])
	in.flush = max(0, in.flush-missing)
	in.counts.late.Add(uint64(missing))
	in.fadeIn = true
	if !in.cfg.Timed {
		in.inserted += uint64(missing)
		if from := in.fed - uint64(missing); from != in.gapTo {
			in.gapFrom = from
		}
		in.gapTo = in.fed
		if in.ring != nil {
			in.filling, in.dry = true, true
			if in.control != nil {
				in.control.Restart()
			}
		}
	}
}

// fall fades into silence from the last frame there was, where too little of the sound is left to fade that.
func (in *Input) fall(silence []float32) {
	channels := in.cfg.Channels
	for ; in.hold > 0 && len(silence) > 0; in.hold-- {
		g := float32(in.hold-1) / fade
		for c := range channels {
			silence[c] = float32(in.edge[c] * g)
		}
		silence = silence[channels:]
	}
}

// ending finds the frame at which the last of a finished sound is in the mix, and has the input end there.
func (in *Input) ending(n int, at uint64) {
	total := in.total << fineBits
	rest := float64(total-min(total, in.played)) / (1 << fineBits)
	if c := in.converter; c != nil {
		if rest > 0 {
			rest += in.gapAfter(in.place)
		}
		rest *= float64(in.mix.cfg.Rate) / (float64(c.Rate()) * (1 + c.Trim()*1e-6))
	}
	// What is left of a frame by the rounding of positions is none.
	if frames := uint64(math.Ceil(rest - 1e-3)); frames <= uint64(n) && in.end.Load() == never {
		in.history.add(at+frames+uint64(in.mix.latency), total)
		in.played = total
		in.end.Store(at + frames + uint64(in.mix.latency))
	}
}

// fineBits is how many bits of a position stand for parts of a frame.
const fineBits = 16

// position is where in the stream the next frame of the mix falls, by place, in parts of its own frames.
func (in *Input) position() uint64 {
	p := in.place + in.gapAfter(in.place) - float64(in.inserted)
	fine := uint64(math.Round(max(0, p) * (1 << fineBits)))
	if in.last {
		fine = min(fine, in.total<<fineBits)
	}
	return fine
}

// gapAfter is how much of the last gap lies behind a place in what was taken in: silence that has yet to come out of the
// converter.
func (in *Input) gapAfter(p float64) float64 {
	return max(0, float64(in.gapTo)-max(p, float64(in.gapFrom)))
}

// follow trims the rate such that the ring stays filled as it should.
func (in *Input) follow(n int) {
	if in.control == nil || in.last {
		return
	}
	fill := float64(in.ring.available()) + in.converter.Ahead()
	trim := in.control.Update(fill, float64(n)/float64(in.mix.cfg.Rate))
	_ = in.converter.SetTrim(trim) // within what it takes
	in.counts.trim.Store(math.Float64bits(trim))
}

// ramp multiplies frames by a straight line from one factor to another.
func ramp(x []float32, channels int, from, to float32) {
	n := len(x) / channels
	for i := range n {
		g := from + float32((to-from)*float32(float32(i)/float32(n)))
		for c := range channels {
			x[i*channels+c] *= g
		}
	}
}
