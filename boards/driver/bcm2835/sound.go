package bcm2835

import (
	"math"
	"sync/atomic"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mixer/output"
	"github.com/mmlite/mmlite/mixer/resample"
)

// SoundConfig is what the sound device is given.
type SoundConfig struct {
	Registers reg.Space // the peripherals
	Channel   int       // of DMA, 0 to 6
	// Memory is SoundSize(Period) bytes at Address, below 1 GB and divisible by 32,
	// that this processor does not cache. It belongs to the device until Close.
	Memory  []byte
	Address uint32
	Clock   machine.Clock
	Rate    int // frames a second, 8000 to 48000
	Period  int // frames, 32 to 4096
	Queue   int // periods, 2 to MaxQueue
	// Pins are those of PWM0 and PWM1; 40 and 45 lead to the audio jack of the Pi 2,
	// 40 and 41 to that of the 3.
	Pins [2]int
	// Swapped says that PWM1 is the left side, as on all boards with 40 pins but the
	// Zeros.
	Swapped bool
}

// cells is how many periods the memory is for: so long may the card be kept from
// looking before what was played already is played again.
const cells = 16

// MaxQueue is how many periods may be queued: the one that is played, the next one,
// and the one before, which is yet to be silenced, are not free.
const MaxQueue = cells - 3

// SoundSize is how much memory the sound device takes.
func SoundSize(period int) int { return cells * (blockSize + cellSize(period)) }

func cellSize(period int) int { return period * oversampling * 2 * 4 }

// Sound plays through the PWM, by oversampling, and implements output.Device and
// output.Timed. The DMA controller goes round in memory for ever and plays silence
// where there is nothing else, so the outputs never jump. Positions are read from it;
// there are no interrupts.
type Sound struct {
	cfg     SoundConfig
	pwm     modulator
	dma     circle
	samples reg.Space
	rate    float64 // frames a second, really
	convert *resample.Converter
	shape   [2]shaper
	wide    []float32 // a period, oversampled
	event   atomic.Pointer[thread.Event]

	// AUDIO's own. Cells are counted from the beginning, round after round.
	waiting [MaxQueue][]float32 // periods, while nothing plays
	held    int                 // of those
	offset  uint32              // bytes of this round, as last seen
	round   uint64              // bytes before it
	clean   uint64              // cells before this one hold silence again
	start   uint64              // the first cell of what plays
	given   uint64              // how many there are
	base    uint64              // periods before
	running bool
	ending  bool // nothing follows for a while
	resting bool // and all has left
	looked  machine.Time
	still   machine.Duration

	underruns atomic.Uint64
	failure   atomic.Pointer[error]
	seq       atomic.Uint32 // odd while the words change
	words     [2]atomic.Uint64
}

// stallTime is how long the controller may stand still while somebody looks, and
// stallStep how much of a gap between two looks counts.
const (
	stallTime = machine.Second
	stallStep = machine.Second / 10
)

// OpenSound starts the device; it plays silence. The errors are com.ErrInvalid, and
// com.ErrNotFound for a machine where nothing moves.
func OpenSound(cfg SoundConfig) (*Sound, error) {
	switch {
	case cfg.Rate < 8000 || cfg.Rate > 48000 || cfg.Period < 32 || cfg.Period > 4096 || cfg.Queue < 2 || cfg.Queue > MaxQueue:
		return nil, com.Errorf(com.ErrInvalid, "pwm: %d Hz with %d periods of %d frames", cfg.Rate, cfg.Queue, cfg.Period)
	case len(cfg.Memory) < SoundSize(cfg.Period) || cfg.Address&(blockSize-1) != 0 || uint64(cfg.Address)+uint64(len(cfg.Memory)) > 1<<30:
		return nil, com.Errorf(com.ErrInvalid, "pwm: %d bytes of memory at %#x, and it takes %d", len(cfg.Memory), cfg.Address, SoundSize(cfg.Period))
	case cfg.Channel < 0 || cfg.Channel >= fullDMA:
		return nil, com.Errorf(com.ErrInvalid, "pwm: DMA channel %d", cfg.Channel)
	}
	frames := cfg.Rate * oversampling
	limit := (PLLD/pwmDivider + frames/2) / frames
	if limit < leastRange || limit > mostRange {
		return nil, com.Errorf(com.ErrInvalid, "pwm: %d Hz in %d widths", cfg.Rate, limit)
	}
	d := &Sound{cfg: cfg, rate: PLLD / pwmDivider / float64(limit) / oversampling, wide: make([]float32, 2*oversampling*cfg.Period)}
	f, err := resample.NewFilter(cfg.Rate, frames, resample.Fast)
	if err != nil {
		return nil, com.Errorf(com.ErrInvalid, "pwm: %v", err)
	}
	if d.convert, err = resample.New(f, 2); err != nil {
		return nil, com.Errorf(com.ErrInvalid, "pwm: %v", err)
	}
	// With what its filter reaches ahead in it, a period makes a period.
	d.convert.Process(d.wide[:2*oversampling], make([]float32, 2*(d.convert.Need(oversampling)-1)))
	for i := range d.waiting {
		d.waiting[i] = make([]float32, 2*cfg.Period)
	}
	d.shape[1].noise = 1 << 31 // sides that are equal do not get equal noise
	d.pwm = modulator{r: cfg.Registers, clock: cfg.Clock, limit: uint32(limit)}
	if err := d.pwm.start(); err != nil {
		return nil, err
	}
	gpio := GPIO{cfg.Registers}
	for _, pin := range cfg.Pins {
		if err := gpio.Select(pin, Alt0); err != nil {
			d.pwm.stop()
			return nil, err
		}
	}
	all := reg.Memory(cfg.Memory)
	size := uint32(cells * cellSize(cfg.Period))
	d.samples = all
	for i := range uint64(cells) {
		d.silence(i)
	}
	d.dma = circle{
		r: reg.At(cfg.Registers, dmaBase+uint32(cfg.Channel)*dmaChannel), all: cfg.Registers, channel: cfg.Channel,
		bus: cfg.Address | busCached, size: size,
	}
	d.dma.begin(reg.At(all, size), d.dma.bus+size, cells, pwmFIFOBus, tiPWM)
	d.looked = cfg.Clock.Now()
	d.publish()
	return d, nil
}

// Close stops the device, which does not touch its memory from then on.
func (d *Sound) Close() error {
	d.fail(com.Errorf(com.ErrGone, "pwm: closed"))
	d.dma.end()
	d.pwm.stop()
	return nil
}

// RealRate is what the clocks give, in frames a second: pulses are a whole number of
// their periods long.
func (d *Sound) RealRate() float64 { return d.rate }

// silence has a cell be silent.
func (d *Sound) silence(cell uint64) {
	size := uint32(cellSize(d.cfg.Period))
	at := uint32(cell%cells) * size
	for i := uint32(0); i < size; i += 4 {
		d.samples.Write32(at+i, d.pwm.limit/2)
	}
}

// put has a cell be a period.
func (d *Sound) put(cell uint64, period []float32) {
	made, _ := d.convert.Process(d.wide, period)
	at := uint32(cell%cells) * uint32(cellSize(d.cfg.Period))
	sides := [2]int{0, 1}
	if d.cfg.Swapped {
		sides = [2]int{1, 0}
	}
	for i := range made {
		for k, side := range sides {
			d.samples.Write32(at+uint32(8*i+4*k), d.shape[side].next(d.wide[2*i+side], d.pwm.limit))
		}
	}
}

// cell is the one that the controller is in.
func (d *Sound) cell() uint64 {
	return (d.round + uint64(d.offset)) / uint64(cellSize(d.cfg.Period))
}

// bytes is how much the controller fetches in a time.
func (d *Sound) bytes(t machine.Duration) float64 {
	return float64(t) / float64(machine.Second) * d.rate * oversampling * 8
}

// look brings the state up to now.
func (d *Sound) look() {
	if d.Err() != nil {
		return
	}
	now := d.cfg.Clock.Now()
	off, ok := d.dma.at()
	since := now.Sub(d.looked)
	d.looked = now
	if !ok || off == d.offset && since < d.span(cells)/2 {
		if d.still += min(since, stallStep); d.still > stallTime {
			d.fail(com.Errorf(com.ErrGone, "pwm: the DMA controller stands still"))
		}
		return
	}
	d.still = 0
	step := float64((off + d.dma.size - d.offset) % d.dma.size)
	// Whole rounds in which nobody looked show in the time alone.
	rounds := math.Round((d.bytes(since) - step) / float64(d.dma.size))
	if off < d.offset {
		rounds++
	}
	d.round += uint64(max(0, rounds)) * uint64(d.dma.size)
	d.offset = off
	cell := d.cell()
	for n := 0; d.clean < cell && n < cells; n++ {
		d.silence(d.clean)
		d.clean++
	}
	d.clean = max(d.clean, cell)
	if d.running && cell >= d.start+d.given {
		if !d.ending {
			d.underruns.Add(1)
		}
		d.base += d.given
		d.running, d.given, d.ending, d.resting = false, 0, false, d.ending
	}
	d.publish()
}

// span is how long cells last.
func (d *Sound) span(n int) machine.Duration {
	return machine.Duration(float64(n*d.cfg.Period) / d.rate * float64(machine.Second))
}

// publish tells other threads.
func (d *Sound) publish() {
	frame := d.base * uint64(d.cfg.Period)
	if d.running {
		size := uint64(cellSize(d.cfg.Period))
		at := d.round + uint64(d.offset)
		frame += (at - min(at, d.start*size)) / (8 * oversampling)
	}
	s := d.seq.Load()
	d.seq.Store(s + 1)
	d.words[0].Store(frame)
	d.words[1].Store(uint64(d.looked))
	d.seq.Store(s + 2)
}

func (d *Sound) fail(err error) {
	if d.failure.CompareAndSwap(nil, &err) {
		if ev := d.event.Load(); ev != nil {
			ev.Signal()
		}
	}
}

var (
	_ output.Device = (*Sound)(nil)
	_ output.Timed  = (*Sound)(nil)
)
