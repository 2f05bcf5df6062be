package mixer

import (
	"fmt"
	"math"
	"sync/atomic"

	"github.com/mmlite/mmlite/mixer/drift"
	"github.com/mmlite/mmlite/mixer/format"
	"github.com/mmlite/mmlite/mixer/mix"
	"github.com/mmlite/mmlite/mixer/resample"
)

// Source is where an input pulls from, on the thread that renders: it must not block or allocate.
type Source interface {
	// Pull fills dst with interleaved float32 frames, and returns how many it had and whether more may follow. Having
	// fewer than dst holds with more to follow is being late.
	Pull(dst []float32) (frames int, more bool)
}

// InputConfig describes an input. Rate and Channels are needed.
type InputConfig struct {
	Rate     int              // frames per second, resample.MinRate to resample.MaxRate
	Channels int              // 1 to 8, in the order of package format
	Format   format.Format    // of what Write takes; 0: F32
	Quality  resample.Quality // of rate conversion; 0: Normal
	Source   Source           // nil: the input is fed through its ring

	// Buffer is how many frames of its own the ring holds; 0: eight periods' worth. At most MaxBuffer.
	Buffer int
	// Prefill is how many frames must wait in the ring before a stream begins, and begins again after it ran dry. 0: what
	// the first period takes, and two periods more with Drift. Not for timed inputs.
	Prefill int
	// Timed has the input's frame 0 at the first frame it is mixed into, and every frame where it belongs: gaps are silence,
	// and what comes late is dropped. At another rate than the mix's it has to be ahead by what the conversion reaches.
	Timed bool
	// Drift has the input followed where its producer's clock is not quite the output's: its rate is trimmed such that what
	// waits before a period is rendered stays at Prefill, on the average. For streams alone.
	Drift bool
	// MaxRate is the highest rate SetRate may ask for; 0: the rate cannot change.
	MaxRate int
	// Paused has the input wait for Resume or StartAt.
	Paused bool
	// Memory is what the ring lies in, Buffer frames of Channels samples, until the input has left. Nil: memory of its own.
	Memory []float32
}

// MaxBuffer is the most frames a ring holds: the most of a client's sound that is kept on the card.
const MaxBuffer = 1 << 20

// fade is over how many frames an input that stops or starts in mid-sound does so.
const fade = 64

// never is a frame that does not come.
const never = math.MaxUint64

// Input is one sound of a mix.
type Input struct {
	mix    *Mix
	cfg    InputConfig
	ring   *ring // nil with a Source
	staged []float32

	// What others set and the rendering thread looks at.
	levels   atomic.Uint64 // left and right, as float32 bits
	ramp     atomic.Uint32
	rate     atomic.Uint32
	running  atomic.Bool
	startAt  atomic.Uint64
	finished atomic.Bool
	closing  atomic.Bool

	// What the rendering thread keeps.
	converter *resample.Converter // nil: the rates are equal and stay so
	before    *format.Matrix      // channel conversion in front of rate conversion, or nil
	after     *format.Matrix      // or behind it
	in        []float32           // frames as they come
	narrow    []float32           // after before
	converted []float32           // after converter
	wide      []float32           // after after
	level     mix.Levels
	seen      uint64 // levels last looked at
	open      bool   // it sounds, or is fading out
	fading    bool   // that
	filling   bool   // a stream waits for its prefill
	dry       bool   // it waits because it ran dry
	fadeIn    bool   // the next frames follow a gap
	fresh     bool   // nothing has sounded since the beginning or the last Reset
	last      bool   // the source or producer has no more
	left      bool   // the place is free again
	slot      int    // that place
	hold      int    // frames of silence still to be faded into
	flush     int    // frames of silence due before a dry stream may stand still
	control   *drift.Controller
	fed       uint64  // frames taken in, silence in place of late ones included
	inserted  uint64  // of those, silence that is no part of the stream's own time
	gapFrom   uint64  // where in fed the last of that began
	gapTo     uint64  // and ended
	place     float64 // where in fed the next frame of the mix falls
	total     uint64  // frames of the stream, once last
	played    uint64  // of them, so far, in parts (fineBits)

	history history
	end     atomic.Uint64               // the output frame at which it was over
	edge    [format.MaxChannels]float32 // the last frame taken in
	counts  counts
}

func newInput(m *Mix, c InputConfig) (*Input, error) {
	if c.Format == 0 {
		c.Format = format.F32
	}
	if c.Quality == 0 {
		c.Quality = resample.Normal
	}
	top := max(c.Rate, c.MaxRate)
	switch {
	case c.Rate < resample.MinRate || top > resample.MaxRate:
		return nil, fmt.Errorf("mixer: an input of %d Hz; use %d to %d", top, resample.MinRate, resample.MaxRate)
	case c.Channels < 1 || c.Channels > format.MaxChannels:
		return nil, fmt.Errorf("mixer: an input of %d channels; use 1 to %d", c.Channels, format.MaxChannels)
	case !c.Format.Valid():
		return nil, fmt.Errorf("mixer: an input of %v", c.Format)
	case c.Buffer < 0 || c.Buffer > MaxBuffer || c.Prefill < 0 || c.Prefill > MaxBuffer:
		return nil, fmt.Errorf("mixer: a buffer of %d frames, filled to %d; at most %d", c.Buffer, c.Prefill, MaxBuffer)
	case c.Timed && (c.Source != nil || c.Drift || c.MaxRate != 0):
		return nil, fmt.Errorf("mixer: a timed input has a ring, and a rate that does not change")
	case c.Drift && c.Source != nil:
		return nil, fmt.Errorf("mixer: a source that is pulled from has no clock to follow")
	}
	in := &Input{mix: m, cfg: c, fresh: true}
	in.history.init(m.cfg.History)
	if err := in.build(top); err != nil {
		return nil, fmt.Errorf("mixer: %w", err)
	}
	in.seen = pack(1, 1)
	in.levels.Store(in.seen)
	in.rate.Store(uint32(c.Rate))
	in.end.Store(never)
	in.startAt.Store(never)
	in.running.Store(!c.Paused)
	in.filling = in.ring != nil && !c.Timed
	return in, nil
}

// build makes the stages: the fewer channels are converted in rate, the less it costs.
func (in *Input) build(top int) (err error) {
	c, out := &in.cfg, in.mix.cfg
	channels := min(c.Channels, out.Channels)
	if c.Channels > channels {
		if in.before, err = format.NewMatrix(c.Channels, channels); err != nil {
			return err
		}
	}
	if out.Channels > channels {
		if in.after, err = format.NewMatrix(channels, out.Channels); err != nil {
			return err
		}
	}
	variable := c.Drift || c.MaxRate != 0
	need := out.Period
	if variable || c.Rate != out.Rate {
		filter, err := in.mix.filter(top, c.Quality, variable)
		if err != nil {
			return err
		}
		if in.converter, err = resample.New(filter, channels); err != nil {
			return err
		}
		if variable {
			if err := in.converter.SetRate(c.Rate); err != nil {
				return err
			}
		}
		most := float64(out.Period) * float64(top) / float64(out.Rate) * (1 + resample.MaxTrim*1e-6)
		need = int(most) + filter.Taps() + 8
		in.converted = make([]float32, out.Period*channels)
	}
	in.in = make([]float32, need*c.Channels)
	if in.before != nil {
		in.narrow = make([]float32, need*channels)
	}
	if in.after != nil {
		in.wide = make([]float32, out.Period*out.Channels)
	}
	if c.Source == nil {
		first := in.need(out.Period)
		if c.Prefill == 0 {
			c.Prefill = first
			if c.Drift {
				c.Prefill += 2 * int(math.Ceil(float64(out.Period)*float64(top)/float64(out.Rate)))
			}
		}
		if c.Buffer == 0 {
			c.Buffer = min(max(8*first, 2*c.Prefill), MaxBuffer)
		}
		if c.Buffer < c.Prefill || c.Buffer < first {
			return fmt.Errorf("a ring of %d frames; it must hold %d", c.Buffer, max(c.Prefill, first))
		}
		if c.Memory != nil && len(c.Memory) < c.Buffer*c.Channels {
			return fmt.Errorf("memory for %d samples; the ring takes %d", len(c.Memory), c.Buffer*c.Channels)
		}
		in.ring = newRing(c.Buffer, c.Channels, c.Memory)
		in.staged = make([]float32, out.Period*c.Channels)
	}
	if c.Drift {
		in.control, err = drift.New(drift.Config{Rate: float64(c.Rate), Target: float64(c.Prefill)})
	}
	return err
}

// MinBuffer is a number of frames that is enough for the ring of any such input, which Buffer may have to be before it is
// known how far its filter reaches.
func (m *Mix) MinBuffer(c InputConfig) int {
	ratio := float64(max(c.Rate, c.MaxRate)) / float64(m.cfg.Rate) * (1 + resample.MaxTrim*1e-6)
	periods := 1.0
	if c.Drift {
		periods = 3
	}
	return max(c.Prefill, int(math.Ceil(periods*float64(m.cfg.Period)*ratio+160*max(1, ratio)))+8)
}

// need is how many more of its own frames the input needs for n frames of the mix.
func (in *Input) need(n int) int {
	if in.converter == nil {
		return n
	}
	return in.converter.Need(n)
}

func pack(left, right float32) uint64 {
	return uint64(math.Float32bits(left))<<32 | uint64(math.Float32bits(right))
}

func unpack(w uint64) (left, right float32) {
	return math.Float32frombits(uint32(w >> 32)), math.Float32frombits(uint32(w))
}
