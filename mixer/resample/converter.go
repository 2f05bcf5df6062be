package resample

import (
	"fmt"
	"math"
)

// MaxChannels is the most channels a converter takes.
const MaxChannels = 8

// MaxTrim is the most a converter can be trimmed, in parts per million.
const MaxTrim = 50_000

// block is about how many input frames are taken in at a time.
const block = 1024

// maxProducts bounds one call of a kernel, since the runtime cannot stop a goroutine inside assembly: about 16 microseconds.
const maxProducts = 1 << 17

// Converter converts one stream. Output frame k lies exactly at input frame k*in/out: there is no lead-in to cut off, but an
// output frame needs Filter.Delay more input frames than its own position. A converter belongs to one thread at a time.
type Converter struct {
	filter   *Filter
	band     *band // of the filter, for the present rate
	channels int
	kernel   *kernels
	phase    phase
	have     int         // input frames in the buffers
	plane    [][]float32 // one buffer a channel
	in       int         // present input rate
	trim     float64     // ppm
	step     int64       // of an output frame, in parts of a row
	width    int64       // parts in an input frame: rows * unit
}

// New makes a converter of 1 to MaxChannels interleaved channels, using the fastest code this processor has. It allocates
// all it will ever need.
func New(f *Filter, channels int) (*Converter, error) {
	return newWith(f, channels, best())
}

func newWith(f *Filter, channels int, k *kernels) (*Converter, error) {
	if f == nil {
		return nil, fmt.Errorf("resample: a converter needs a filter")
	}
	if channels < 1 || channels > MaxChannels {
		return nil, fmt.Errorf("resample: cannot convert %d channels; use 1 to %d", channels, MaxChannels)
	}
	c := &Converter{filter: f, band: &f.bands[0], channels: channels, kernel: k, in: f.in}
	size := (f.Taps() + max(block, f.Taps()) + 2*lanes) &^ (lanes - 1)
	memory := make([]float32, channels*size)
	for ch := range channels {
		c.plane = append(c.plane, memory[ch*size:(ch+1)*size:(ch+1)*size])
	}
	c.Reset()
	return c, nil
}

// Filter is the filter the converter uses.
func (c *Converter) Filter() *Filter { return c.filter }

// Channels is the number of interleaved channels.
func (c *Converter) Channels() int { return c.channels }

// Reset forgets all input, as after a seek; rate and trim stay.
func (c *Converter) Reset() {
	c.phase = phase{rows: c.band.rows, unit: c.filter.unit, pitch: c.band.taps + lanes}
	c.phase.pos = (c.filter.Taps() - c.band.taps) / 2
	c.have = c.filter.Taps()/2 - 1
	for _, p := range c.plane {
		clear(p[:c.have+lanes])
	}
	c.setStep()
}

// setStep computes the way from one output frame to the next. Without trim it is exact: width is a multiple of the ratio's
// denominator.
func (c *Converter) setStep() {
	f, p := c.filter, &c.phase
	unit := f.unit
	if f.variable {
		unit = unitFor(c.in, f.out)
	}
	if b := f.bandFor(c.in); b != c.band || unit != p.unit {
		// The position stays what it is, in other parts; the window is wider or narrower on both sides.
		at := float64(c.offset()) / (float64(p.rows) * float64(p.unit))
		part := min(int64(at*float64(b.rows)*float64(unit)), int64(b.rows)*int64(unit)-1)
		p.row, p.rem = int(part/int64(unit)), int(part%int64(unit))
		p.pos += (c.band.taps - b.taps) / 2
		p.rows, p.unit, p.pitch = b.rows, unit, b.taps+lanes
		c.band = b
	}
	p.inverse = float32(1 / float64(unit))
	c.width = int64(p.rows) * int64(unit)
	g := gcd(c.in, f.out)
	c.step = c.width / int64(f.out/g) * int64(c.in/g)
	if c.trim != 0 {
		c.step += int64(math.Round(float64(c.step) * c.trim * 1e-6))
	}
	whole := c.step % c.width
	p.stepPos = int(c.step / c.width)
	p.stepRow = int(whole / int64(unit))
	p.stepRem = int(whole % int64(unit))
}

// SetTrim makes the converter consume its input faster by ppm parts per million (slower if negative), from the next frame
// on, without a break. It is for following a clock that is not quite the one this card plays by. The magnitude is at most
// MaxTrim and the filter must be variable.
func (c *Converter) SetTrim(ppm float64) error {
	if !c.filter.variable {
		return fmt.Errorf("resample: this converter has a fixed filter; make it with NewVariableFilter to trim it")
	}
	if !(math.Abs(ppm) <= MaxTrim) {
		return fmt.Errorf("resample: cannot trim by %v ppm; at most %d either way", ppm, MaxTrim)
	}
	c.trim = ppm
	c.setStep()
	return nil
}

// Trim is the present trim in parts per million.
func (c *Converter) Trim() float64 { return c.trim }

// SetRate changes the input rate from the next frame on, without a break. It is at most what the filter was designed for.
func (c *Converter) SetRate(in int) error {
	if !c.filter.variable {
		return fmt.Errorf("resample: this converter has a fixed filter; make it with NewVariableFilter to change its rate")
	}
	if in < MinRate || in > c.filter.in {
		return fmt.Errorf("resample: a rate of %d Hz; this converter takes %d to %d", in, MinRate, c.filter.in)
	}
	c.in = in
	c.setStep()
	return nil
}

// Rate is the present input rate in frames per second, without trim.
func (c *Converter) Rate() int { return c.in }

// Need is how many more input frames have to be given before n more output frames can be taken. It is exact; n is at most
// 65536.
func (c *Converter) Need(n int) int {
	if n <= 0 {
		return 0
	}
	n = min(n, 1<<16)
	last := int64(c.phase.pos) + (c.offset()+int64(n-1)*c.step)/c.width
	return max(0, int(last)+c.band.taps-c.have)
}

// Ahead is how far the input that was given reaches beyond the position of the next output frame, in input frames. It tells
// the drift control how full the converter is, fractions of a frame included.
func (c *Converter) Ahead() float64 {
	centre := float64(c.phase.pos+c.band.taps/2-1) + float64(c.offset())/float64(c.width)
	return float64(c.have) - centre
}

// offset is the position between two input frames, in parts.
func (c *Converter) offset() int64 {
	return int64(c.phase.row)*int64(c.phase.unit) + int64(c.phase.rem)
}

// ready is how many output frames can be made of the input at hand.
func (c *Converter) ready() int64 {
	spare := int64(c.have - c.band.taps - c.phase.pos)
	if spare < 0 {
		return 0
	}
	return ((spare+1)*c.width-1-c.offset())/c.step + 1
}

// Process takes interleaved input from src and puts interleaved output into dst until dst is full or src is used up. It
// returns how many frames it made and how many it took; what is left of a frame at the end of either slice is not touched.
func (c *Converter) Process(dst, src []float32) (made, took int) {
	frames, supply := len(dst)/c.channels, len(src)/c.channels
	for {
		for made < frames {
			n := int(min(c.ready(), int64(frames-made), int64(max(1, maxProducts/c.band.taps))))
			if n == 0 {
				break
			}
			c.run(dst[made*c.channels:], n)
			made += n
		}
		if made == frames || took == supply {
			return made, took
		}
		took += c.fill(src[took*c.channels:supply*c.channels], c.missing(frames-made))
	}
}

// missing is how many input frames the buffers should still take for n more output frames; never none.
func (c *Converter) missing(n int) int {
	need := c.Need(n)
	if need == 0 {
		need = 1
	}
	return need
}

// run makes n frames that ready has promised.
func (c *Converter) run(dst []float32, n int) {
	coef, start := c.band.coef, c.phase
	stereo, mono := c.kernel.stereo, c.kernel.mono
	if c.filter.variable {
		stereo, mono = c.kernel.stereoLerp, c.kernel.monoLerp
	}
	ch := 0
	for ; ch+1 < c.channels; ch += 2 {
		c.phase = start
		stereo(dst[ch:], c.plane[ch][:c.have+lanes], c.plane[ch+1][:c.have+lanes], coef, c.channels, n, &c.phase)
	}
	if ch < c.channels {
		c.phase = start
		mono(dst[ch:], c.plane[ch][:c.have+lanes], coef, c.channels, n, &c.phase)
	}
}

// fill moves up to limit frames of src into the buffers, making room first where it is short, and returns how many.
func (c *Converter) fill(src []float32, limit int) int {
	n := min(len(src)/c.channels, limit)
	size := len(c.plane[0]) - lanes
	if n > size-c.have {
		// Frames before the widest window there may be are done with. It may even begin beyond what there is. The lanes that
		// frames belong to stay the same.
		drop := min(c.phase.pos-(c.filter.Taps()-c.band.taps)/2, c.have) &^ (lanes - 1)
		for _, p := range c.plane {
			copy(p, p[drop:c.have])
		}
		c.phase.pos -= drop
		c.have -= drop
		n = min(n, size-c.have)
	}
	switch c.channels {
	case 1:
		copy(c.plane[0][c.have:], src[:n])
	case 2:
		c.kernel.split(c.plane[0][c.have:c.have+n], c.plane[1][c.have:c.have+n], src[:2*n])
	default:
		for ch, p := range c.plane {
			p = p[c.have : c.have+n]
			for i := range p {
				p[i] = src[i*c.channels+ch]
			}
		}
	}
	c.have += n
	for _, p := range c.plane {
		clear(p[c.have : c.have+lanes])
	}
	return n
}
