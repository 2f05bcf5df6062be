package mixer

import (
	"errors"
	"fmt"

	"github.com/mmlite/mmlite/mixer/format"
	"github.com/mmlite/mmlite/mixer/mix"
	"github.com/mmlite/mmlite/mixer/resample"
)

// Config is what the input was opened with, defaults filled in.
func (in *Input) Config() InputConfig { return in.cfg }

// SetGain sets the level by a gain (1: unchanged) and a place between left (-1) and right (1), by the law of mix.Balance; it
// moves there within ramp output frames, 0 being at once.
func (in *Input) SetGain(gain, pan float32, ramp int) {
	left, right := mix.Balance(gain, pan)
	in.SetLevels(left, right, ramp)
}

// SetLevels is SetGain with the factors of left and right. Other channels get the greater of the two.
func (in *Input) SetLevels(left, right float32, ramp int) {
	in.ramp.Store(uint32(max(0, min(ramp, 1<<30))))
	in.levels.Store(pack(left, right))
}

// Write feeds samples of the input's format to the ring, interleaved and whole frames only, and returns how many frames it
// took: those there was room for. It belongs to the producer.
func (in *Input) Write(src []byte) (frames int) {
	if in.ring == nil || in.cfg.Timed || in.finished.Load() {
		return 0
	}
	size := in.cfg.Format.Bytes() * in.cfg.Channels
	for rest := min(len(src)/size, in.ring.free()); rest > 0; {
		n := min(rest, len(in.staged)/in.cfg.Channels)
		format.Decode(in.staged[:n*in.cfg.Channels], src[frames*size:], in.cfg.Format)
		in.append(in.staged[:n*in.cfg.Channels])
		frames, rest = frames+n, rest-n
	}
	return frames
}

// WriteFloat is Write of float32 samples.
func (in *Input) WriteFloat(src []float32) (frames int) {
	if in.ring == nil || in.cfg.Timed || in.finished.Load() {
		return 0
	}
	frames = min(len(src)/in.cfg.Channels, in.ring.free())
	in.append(src[:frames*in.cfg.Channels])
	return frames
}

func (in *Input) append(src []float32) {
	w := in.ring.write.Load()
	in.ring.store(w, src)
	in.ring.write.Store(w + uint64(len(src)/in.cfg.Channels))
}

// ErrAhead is returned by WriteAt for frames that lie further ahead than the ring reaches; they can be written later.
var ErrAhead = errors.New("mixer: the ring does not reach that far ahead yet")

// WriteAt gives a timed input the frames from frame on, of its own count. What has been played already is dropped and counted,
// what was skipped since the last call is silence. It takes all frames or, with ErrAhead, none. It belongs to the producer.
func (in *Input) WriteAt(frame uint64, src []float32) error {
	if !in.cfg.Timed {
		return errors.New("mixer: the input is not timed")
	}
	r := in.ring
	n := uint64(len(src) / in.cfg.Channels)
	read, written := r.read.Load(), r.write.Load()
	if frame+n < frame || frame+n > read+r.size {
		return ErrAhead
	}
	from := max(read, written)
	if frame+n <= from {
		in.counts.trimmed.Add(n)
		return nil
	}
	if frame < from {
		in.counts.trimmed.Add(from - frame)
		src = src[int(from-frame)*in.cfg.Channels:]
		frame = from
	}
	r.silence(from, int(frame-from))
	src = src[:len(src)/in.cfg.Channels*in.cfg.Channels]
	r.store(frame, src)
	r.write.Store(frame + uint64(len(src)/in.cfg.Channels))
	return nil
}

// Free is how many frames Write would take now.
func (in *Input) Free() int {
	if in.ring == nil {
		return 0
	}
	return in.ring.free()
}

// Finish says that nothing more will be written: the input ends when all has been played, and running dry is not counted.
func (in *Input) Finish() { in.finished.Store(true) }

// Pause fades the input out and stops it; Resume lets it go on from there.
func (in *Input) Pause() {
	in.startAt.Store(never)
	in.running.Store(false)
}

// Resume starts a paused input with the next period.
func (in *Input) Resume() { in.running.Store(true) }

// StartAt starts a paused input at exactly a frame of the mix, as Mix.Frame counts; if that has passed, with the next period.
func (in *Input) StartAt(frame uint64) { in.startAt.Store(frame) }

// SetRate changes the input's rate, and so its pitch, without a break.
func (in *Input) SetRate(rate int) error {
	if in.cfg.MaxRate == 0 {
		return errors.New("mixer: the input was opened with a rate that does not change")
	}
	if rate < resample.MinRate || rate > max(in.cfg.Rate, in.cfg.MaxRate) {
		return fmt.Errorf("mixer: an input of %d Hz; use %d to %d", rate, resample.MinRate, max(in.cfg.Rate, in.cfg.MaxRate))
	}
	in.rate.Store(uint32(rate))
	return nil
}

// Close fades the input out and frees its place, with the next period that is rendered.
func (in *Input) Close() { in.closing.Store(true) }

// Running reports whether the input plays, or will when it has something to play: it is neither paused nor closed.
func (in *Input) Running() bool { return in.running.Load() && !in.closing.Load() }

// Written is how many frames the ring has taken since the input was opened.
func (in *Input) Written() uint64 {
	if in.ring == nil {
		return 0
	}
	return in.ring.write.Load()
}

// Rate is the present rate, as SetRate left it.
func (in *Input) Rate() int { return int(in.rate.Load()) }
