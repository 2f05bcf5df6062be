package mixer

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/mixer/format"
	"github.com/mmlite/mmlite/mixer/limit"
	"github.com/mmlite/mmlite/mixer/resample"
)

// MaxInputs is the most places a Mix can have.
const MaxInputs = 1024

// Config describes a Mix. Zero values of Channels, Period and Inputs mean the defaults.
type Config struct {
	Rate     int     // frames per second, 1000 to 384000
	Channels int     // 1 to 8; 0: 2
	Period   int     // frames that are computed at once, 16 to 16384; 0: 256
	Inputs   int     // places, 1 to MaxInputs; 0: 64
	Ceiling  float64 // the highest magnitude let out; 0: no limiter
	History  int     // periods back to which positions are known, at most 65536; 0: 60
	// Between, which may be nil, is called in Render after each input, so that long work can be interrupted.
	Between func()
}

// Mix is a mixer.
type Mix struct {
	cfg     Config
	slots   []atomic.Pointer[Input]
	limiter *limit.Limiter
	latency int
	frame   atomic.Uint64

	making  sync.Mutex // of filters
	filters []*resample.Filter
}

// maxFilters is how many filters are kept for further inputs of the same rate.
const maxFilters = 8

// ErrFull is returned by Open when all places are taken.
var ErrFull = errors.New("mixer: all places for inputs are taken")

// New makes a mixer without inputs.
func New(c Config) (*Mix, error) {
	if c.Channels == 0 {
		c.Channels = 2
	}
	if c.Period == 0 {
		c.Period = 256
	}
	if c.Inputs == 0 {
		c.Inputs = 64
	}
	if c.History == 0 {
		c.History = 60
	}
	switch {
	case c.Rate < 1000 || c.Rate > 384_000:
		return nil, fmt.Errorf("mixer: a rate of %d Hz; use 1000 to 384000", c.Rate)
	case c.Channels < 1 || c.Channels > format.MaxChannels:
		return nil, fmt.Errorf("mixer: %d channels; use 1 to %d", c.Channels, format.MaxChannels)
	case c.Period < 16 || c.Period > 16_384:
		return nil, fmt.Errorf("mixer: a period of %d frames; use 16 to 16384", c.Period)
	case c.History < 1 || c.History > 1<<16:
		return nil, fmt.Errorf("mixer: a history of %d periods; use 1 to 65536", c.History)
	case c.Inputs < 1 || c.Inputs > MaxInputs:
		return nil, fmt.Errorf("mixer: %d inputs; use 1 to %d", c.Inputs, MaxInputs)
	}
	m := &Mix{cfg: c, slots: make([]atomic.Pointer[Input], c.Inputs)}
	if c.Ceiling != 0 {
		var err error
		if m.limiter, err = limit.New(limit.Config{Rate: c.Rate, Channels: c.Channels, Ceiling: c.Ceiling}); err != nil {
			return nil, fmt.Errorf("mixer: %w", err)
		}
		m.latency = m.limiter.Latency()
	}
	return m, nil
}

// Config is what the mixer was made with, defaults filled in.
func (m *Mix) Config() Config { return m.cfg }

// Frame is how many frames Render has given.
func (m *Mix) Frame() uint64 { return m.frame.Load() }

// Latency is by how many frames the limiter delays the sound.
func (m *Mix) Latency() int { return m.latency }

// Render computes the next frames of the mix into out, as many as asked for and out has room for, interleaved. Any number
// will do; inputs are mixed in pieces of at most a period.
func (m *Mix) Render(out []float32, frames int) {
	frames = max(0, min(frames, len(out)/m.cfg.Channels))
	for frames > 0 {
		n := min(frames, m.cfg.Period)
		piece := out[:n*m.cfg.Channels]
		clear(piece)
		at := m.frame.Load()
		for i := range m.slots {
			if in := m.slots[i].Load(); in != nil {
				if in.render(piece, n, at); in.left {
					m.slots[i].Store(nil)
				}
				if m.cfg.Between != nil {
					m.cfg.Between()
				}
			}
		}
		if m.limiter != nil {
			m.limiter.Process(piece)
		}
		m.frame.Store(at + uint64(n))
		out, frames = out[len(piece):], frames-n
	}
}

// Reduction is the smallest gain the limiter applied since it was last asked for: 1 if the sound stayed below the ceiling.
// It belongs to the thread that renders.
func (m *Mix) Reduction() float32 {
	if m.limiter == nil {
		return 1
	}
	return m.limiter.Reduction()
}

// Each calls yield for every input, in the order of their places, until it returns false.
func (m *Mix) Each(yield func(*Input) bool) {
	for i := range m.slots {
		if in := m.slots[i].Load(); in != nil && !yield(in) {
			return
		}
	}
}

// Open makes an input and gives it a place. It begins to play with the next period, or as its configuration says, at level 1.
// Open allocates all the input will need; it is not for the thread that renders.
func (m *Mix) Open(c InputConfig) (*Input, error) {
	in, err := newInput(m, c)
	if err != nil {
		return nil, err
	}
	for i := range m.slots {
		in.slot = i
		if m.slots[i].CompareAndSwap(nil, in) {
			return in, nil
		}
	}
	return nil, ErrFull
}

// filter is the one for a rate: inputs share it.
func (m *Mix) filter(in int, q resample.Quality, variable bool) (*resample.Filter, error) {
	m.making.Lock()
	defer m.making.Unlock()
	for _, f := range m.filters {
		if f.In() == in && f.Quality() == q && f.Variable() == variable {
			return f, nil
		}
	}
	design := resample.NewFilter
	if variable {
		design = resample.NewVariableFilter
	}
	f, err := design(in, m.cfg.Rate, q)
	if err != nil {
		return nil, err
	}
	if len(m.filters) == maxFilters {
		m.filters = append(m.filters[:0], m.filters[1:]...)
	}
	m.filters = append(m.filters, f)
	return f, nil
}

// finite reports whether all of x are numbers, by the product with zero, which is zero for those alone.
func finite(x []float32) bool {
	var a, b, c, d float32
	for len(x) >= 4 {
		a += float32(x[0] * 0)
		b += float32(x[1] * 0)
		c += float32(x[2] * 0)
		d += float32(x[3] * 0)
		x = x[4:]
	}
	for _, v := range x {
		a += float32(v * 0)
	}
	return a+b+c+d == 0
}

// repair makes what is not a number silence.
func repair(x []float32) {
	for i, v := range x {
		if v != v || v > math.MaxFloat32 || v < -math.MaxFloat32 {
			x[i] = 0
		}
	}
}
