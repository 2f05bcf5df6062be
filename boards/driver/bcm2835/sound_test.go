package bcm2835

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

const (
	soundAt     = 0x28000000
	soundPeriod = 64
)

// jack is a chip with PWM, clock manager and DMA controller, as the manual describes
// them, in a time that passes by being looked at.
type jack struct {
	*chip
	memory []byte
	now    machine.Time
	moved  machine.Time // to when the PWM has moved
	fifo   []uint32
	heard  []uint32 // the words that left the FIFO
	left   uint32   // bytes of the block under way
	next   uint32   // the block after it

	none, deaf, stopped, stuck, failing bool // what is wrong with it
}

const jackChannel = 5

func newJack(t *testing.T) *jack {
	j := &jack{chip: newChip(t), memory: make([]byte, SoundSize(soundPeriod))}
	at := func(r uint32) uint32 { return dmaBase + jackChannel*dmaChannel + r }
	j.on[pwmRange1] = func(v uint32) {
		if !j.none {
			j.words[pwmRange1] = v
		}
	}
	j.on[clockPWM] = func(v uint32) {
		if v>>24 == 0x5A {
			j.words[clockPWM] = v & 0xFFFF
			if v&clockEnable != 0 {
				j.words[clockPWM] |= clockBusy
			}
		}
	}
	j.on[pwmFIFO] = func(v uint32) {
		if !j.none && !j.deaf && len(j.fifo) < 16 {
			j.fifo = append(j.fifo, v)
		}
	}
	j.on[pwmControl] = func(v uint32) {
		if j.words[pwmControl] = v &^ uint32(pwmClear); v&pwmClear != 0 {
			j.fifo, j.heard = nil, nil // it is channel 1's turn
		}
	}
	j.from[pwmStatus] = func() uint32 {
		s := uint32(0)
		if len(j.fifo) == 16 {
			s |= pwmFull
		}
		if len(j.fifo) == 0 && !j.none {
			s |= pwmEmpty
		}
		return s
	}
	j.on[at(dmaCS)] = func(v uint32) {
		switch {
		case v&(dmaReset|dmaAbort) != 0:
			j.words[at(dmaCS)], j.left, j.next = 0, 0, 0
		case v&dmaActive != 0:
			j.words[at(dmaCS)] = dmaActive
			j.load(j.words[at(dmaBlock)])
		}
	}
	j.from[at(dmaCS)] = func() uint32 {
		if j.failing {
			return j.words[at(dmaCS)] | dmaFailed
		}
		return j.words[at(dmaCS)]
	}
	return j
}

// word is one of the memory that the DMA controller sees.
func (j *jack) word(bus uint32) uint32 {
	return binary.LittleEndian.Uint32(j.memory[bus-(soundAt|0xC0000000):])
}

// load takes up a control block.
func (j *jack) load(bus uint32) {
	base := uint32(dmaBase + jackChannel*dmaChannel)
	if ti := j.word(bus); ti>>16&31 != 5 || ti&(tiDestRequest|tiSourceNext) != tiDestRequest|tiSourceNext || bus&31 != 0 {
		j.t.Fatalf("the block at %#x says %#x", bus, ti)
	}
	if to := j.word(bus + 8); to != 0x7E20C018 {
		j.t.Fatalf("the block at %#x writes to %#x", bus, to)
	}
	j.words[base+dmaBlock], j.words[base+dmaSource] = bus, j.word(bus+4)
	j.left, j.next = j.word(bus+12), j.word(bus+20)
}

// Now implements machine.Clock.
func (j *jack) Now() machine.Time {
	j.now += machine.Time(10 * machine.Microsecond)
	j.pass()
	return j.now
}

// pass has the modulator take words up to now, and the DMA controller fetch others.
func (j *jack) pass() {
	limit := j.words[pwmRange1]
	if limit == 0 || j.words[pwmControl]&pwmEnable != pwmEnable || j.words[clockPWM]&clockEnable == 0 || j.stopped {
		j.moved = j.now
		return
	}
	if j.words[clockDivisor] != clockPassword|2<<12 {
		j.t.Fatalf("the divisor is %#x", j.words[clockDivisor])
	}
	base := uint32(dmaBase + jackChannel*dmaChannel)
	word := machine.Duration(float64(limit) * 1e9 / 250e6 / 2)
	for ; j.moved.Add(word) <= j.now; j.moved = j.moved.Add(word) {
		if len(j.fifo) > 0 {
			j.heard = append(j.heard, j.fifo[0])
			j.fifo = j.fifo[1:]
		}
		for j.words[base+dmaCS]&dmaActive != 0 && !j.stuck && len(j.fifo) < 16 && j.words[pwmDMA]>>31 == 1 {
			if j.left == 0 {
				j.load(j.next)
			}
			j.fifo = append(j.fifo, j.word(j.words[base+dmaSource]))
			j.words[base+dmaSource] += 4
			j.left -= 4
		}
	}
}

func (j *jack) config() SoundConfig {
	return SoundConfig{
		Registers: j, Channel: jackChannel, Memory: j.memory, Address: soundAt, Clock: j,
		Rate: 44100, Period: soundPeriod, Queue: 4, Pins: [2]int{40, 45}, Swapped: true,
	}
}

// tone is frames of 1 kHz on the left and silence on the right.
func tone(from, frames int) []float32 {
	p := make([]float32, 2*frames)
	for i := range frames {
		p[2*i] = float32(0.5 * math.Sin(2*math.Pi*1000*float64(from+i)/44100))
	}
	return p
}

// play submits what there is room for until the device is to have so many frames,
// and lets time pass.
func (j *jack) play(d *Sound, frames int) {
	for n := 0; n < frames; {
		for n < frames && d.Submit(tone(n, soundPeriod)) {
			n += soundPeriod
		}
		j.now = max(j.now, d.FreeAt())
	}
}

// TestSound plays a tone: it leaves on the side it belongs to, all of it, once, and
// silence before and after.
func TestSound(t *testing.T) {
	j := newJack(t)
	d, err := OpenSound(j.config())
	if err != nil {
		t.Fatal(err)
	}
	if j.words[gpfsel+16]>>0&7 != uint32(Alt0) || j.words[gpfsel+16]>>15&7 != uint32(Alt0) {
		t.Errorf("pins 40 to 49 are %#o", j.words[gpfsel+16])
	}
	if r := d.RealRate(); math.Abs(r-44100) > 10 || d.Rate() != 44100 {
		t.Errorf("the rate is %g", r)
	}
	const frames = 100 * soundPeriod
	j.play(d, frames)
	d.Pause()
	for d.FreeAt() != machine.Forever {
		j.now = j.now.Add(machine.Millisecond)
	}
	if n, _ := d.Played(); n != frames || d.Underruns() != 0 {
		t.Errorf("%d frames were played, %d underruns", n, d.Underruns())
	}
	j.now = j.now.Add(100 * machine.Millisecond)
	d.look()
	// What was heard, in samples.
	limit := float64(j.words[pwmRange1])
	var left, right []float64
	for i := 0; i+1 < len(j.heard); i += 2 {
		right = append(right, float64(j.heard[i])/limit*2-1)
		left = append(left, float64(j.heard[i+1])/limit*2-1)
	}
	quiet := func(x []float64) bool { // beside rounding errors, as they are shaped
		for _, v := range x {
			if math.Abs(v) > 0.02 {
				return false
			}
		}
		return true
	}
	if !quiet(right) {
		t.Error("the right side is not silent")
	}
	begin := 0
	for begin < len(left) && math.Abs(left[begin]) < 0.05 {
		begin++
	}
	end := begin + oversampling*frames
	if end+1000 > len(left) {
		t.Fatalf("%d samples were heard, and the tone begins at %d", len(left), begin)
	}
	if !quiet(left[end+100:]) {
		t.Error("something follows the tone")
	}
	if c, s := tones(left[begin:end-100], 1000.0/(44100*oversampling)); math.Abs(math.Hypot(c, s)-0.5) > 0.01 {
		t.Errorf("1 kHz is at %g, want 0.5", math.Hypot(c, s))
	}
	// A phase that jumps anywhere would show between the halves.
	half := (end - begin) / 2 / 1764 * 1764 // whole periods of 1 kHz and of frames
	c1, s1 := tones(left[begin:begin+half], 1000.0/(44100*oversampling))
	c2, s2 := tones(left[begin+half:begin+2*half], 1000.0/(44100*oversampling))
	if math.Hypot(c1-c2, s1-s2) > 0.01 {
		t.Errorf("the second half has another phase: %g %g, %g %g", c1, s1, c2, s2)
	}
	if err := d.Close(); err != nil || d.Err() == nil || d.Submit(tone(0, soundPeriod)) {
		t.Errorf("after Close: %v, %v", err, d.Err())
	}
}

// tones is what x holds of a frequency, in parts of its rate.
func tones(x []float64, f float64) (c, s float64) {
	for i, v := range x {
		sin, cos := math.Sincos(2 * math.Pi * f * float64(i))
		c, s = c+v*cos, s+v*sin
	}
	return 2 * c / float64(len(x)), 2 * s / float64(len(x))
}

// TestSoundUnderrun leaves the device alone for longer than it has, and for longer
// than its memory lasts: positions stay right, and it begins again.
func TestSoundUnderrun(t *testing.T) {
	j := newJack(t)
	d, err := OpenSound(j.config())
	if err != nil {
		t.Fatal(err)
	}
	for i, away := range []machine.Duration{d.span(5), d.span(cells * 7 / 2), d.span(cells*10 + 3)} {
		j.play(d, 8*soundPeriod)
		j.now = j.now.Add(away)
		d.look()
		if n, _ := d.Played(); d.Underruns() != uint64(i+1) || n != uint64(8*soundPeriod*(i+1)) || d.Free() != 4 {
			t.Errorf("%d: %d underruns, %d frames, room for %d", i, d.Underruns(), n, d.Free())
		}
		want := uint64(float64(j.now) / 1e9 * d.rate / soundPeriod)
		if got := d.cell(); got+6 < want || got > want+6 {
			t.Errorf("%d: it is in cell %d, and time says %d", i, got, want)
		}
	}
}

func TestSoundThatFails(t *testing.T) {
	for name, break_ := range map[string]func(*jack){
		"none":    func(j *jack) { j.none = true },
		"deaf":    func(j *jack) { j.deaf = true },
		"stopped": func(j *jack) { j.stopped = true },
	} {
		j := newJack(t)
		break_(j)
		if _, err := OpenSound(j.config()); !errors.Is(err, com.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
		for _, w := range j.log {
			if w.at == dmaBase+jackChannel*dmaChannel+dmaCS && w.value&dmaActive != 0 {
				t.Errorf("%s: the DMA controller was set going", name)
			}
		}
	}
	for name, break_ := range map[string]func(*jack){
		"stuck":   func(j *jack) { j.stuck = true },
		"failing": func(j *jack) { j.failing = true },
	} {
		j := newJack(t)
		d, err := OpenSound(j.config())
		if err != nil {
			t.Fatal(err)
		}
		break_(j)
		for n := 0; d.Err() == nil && n < 1000; n++ {
			d.Submit(tone(0, soundPeriod))
			j.now = j.now.Add(10 * machine.Millisecond)
			d.Free()
		}
		if !errors.Is(d.Err(), com.ErrGone) {
			t.Errorf("%s: %v", name, d.Err())
		}
	}
	j := newJack(t)
	for name, spoil := range map[string]func(*SoundConfig){
		"rate": func(c *SoundConfig) { c.Rate = 96000 }, "period": func(c *SoundConfig) { c.Period = 5000 },
		"queue": func(c *SoundConfig) { c.Queue = MaxQueue + 1 }, "memory": func(c *SoundConfig) { c.Memory = c.Memory[1:] },
		"address": func(c *SoundConfig) { c.Address += 16 }, "high": func(c *SoundConfig) { c.Address = 0x3FFFFFE0 },
		"channel": func(c *SoundConfig) { c.Channel = 7 },
		"pins":    func(c *SoundConfig) { c.Pins[1] = 99 },
	} {
		c := j.config()
		spoil(&c)
		if _, err := OpenSound(c); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSoundAllocatesNothing(t *testing.T) {
	j := newJack(t)
	d, err := OpenSound(j.config())
	if err != nil {
		t.Fatal(err)
	}
	p := tone(0, soundPeriod)
	if n := testing.AllocsPerRun(100, func() { d.put(3, p); d.silence(4) }); n != 0 {
		t.Errorf("a period allocates %g times", n)
	}
}

// TestShaping holds the noise of rounding to 1417 widths below what can be heard: in
// the band of sound it is much less than rounding alone would leave.
func TestShaping(t *testing.T) {
	const (
		rate, limit, n = 44100 * oversampling, 1417, 1 << 14
		band           = 18000.0
	)
	level := 0.25
	f := math.Round(1000*n/float64(rate)) / n
	var s shaper
	x := make([]float64, n)
	for i := range x {
		v := s.next(float32(level*math.Sin(2*math.Pi*f*float64(i))), limit)
		if v > limit {
			t.Fatalf("a width of %d", v)
		}
		// By a Hann window, so that no frequency leaks into others.
		x[i] = (float64(v) - limit/2) / (limit / 2) * (1 - math.Cos(2*math.Pi*float64(i)/n))
	}
	signal, noise := 0.0, 0.0
	for k := 3; float64(k)*rate/n < band; k++ {
		c, sn := tones(x, float64(k)/n)
		if p := c*c + sn*sn; math.Abs(float64(k)-f*n) < 2.5 {
			signal += p
		} else {
			noise += p
		}
	}
	snr := 10 * math.Log10(signal/noise)
	t.Logf("a tone at %.0f dB is %.1f dB above the noise below %.0f Hz", 20*math.Log10(level), snr, band)
	if snr < 60 {
		t.Errorf("%.1f dB", snr)
	}
	// Whatever comes, widths are within the range, and nothing is left behind.
	for _, v := range []float32{2, -2, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())} {
		for range 1000 {
			if w := s.next(v, limit); w > limit {
				t.Fatalf("%g is a width of %d", v, w)
			}
		}
	}
	sum := 0.0
	for i := range 2000 {
		if v := s.next(0, limit); i >= 1000 {
			sum += float64(v)
		}
	}
	if mean := sum / 1000; math.Abs(mean-limit/2.0) > 0.1 {
		t.Errorf("silence is at %g of %d", mean, limit)
	}
}

func BenchmarkSoundPeriod(b *testing.B) {
	j := newJack(&testing.T{})
	j.memory = make([]byte, SoundSize(256))
	c := j.config()
	c.Period = 256
	d, err := OpenSound(c)
	if err != nil {
		b.Fatal(err)
	}
	p := tone(0, 256)
	for b.Loop() {
		d.put(3, p)
	}
}
