package ac97

import (
	"errors"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

const testPeriod, testQueue = 64, 3

func config(c *chip) Config {
	return Config{Mixer: codec{c}, Master: master{c}, DMA: c.dma, Address: dmaBase, Clock: c, Rate: 44100, Period: testPeriod, Queue: testQueue}
}

func open(t *testing.T) (*chip, *Device) {
	t.Helper()
	c := newChip(testPeriod)
	d, err := Open(config(c))
	if err != nil {
		t.Fatal(err)
	}
	return c, d
}

// ramp is a period whose samples count up.
type ramp struct{ next int }

func (r *ramp) period() []float32 {
	p := make([]float32, 2*testPeriod)
	for i := range p {
		p[i] = float32(r.next%30000) / 32768
		r.next++
	}
	return p
}

// fill submits all there is room for.
func (r *ramp) fill(t *testing.T, d *Device) {
	t.Helper()
	for d.Free() > 0 {
		if !d.Submit(r.period()) {
			t.Fatal("refused")
		}
	}
}

// check: what was heard counts up from zero without a gap.
func check(t *testing.T, heard []int16) {
	t.Helper()
	for i, v := range heard {
		if int(v) != i%30000 {
			t.Fatalf("sample %d is %d", i, v)
		}
	}
}

func TestPlays(t *testing.T) {
	c, d := open(t)
	var ev thread.Event
	d.Attach(&ev)
	var r ramp
	if d.Rate() != 44100 || d.Name() != "ac97" || d.Offline() {
		t.Error(d.Rate(), d.Name())
	}
	if !d.Submit(r.period()) || c.cr&crRun != 0 {
		t.Fatal("begins before its queue is full")
	}
	r.fill(t, d)
	if d.Submit(make([]float32, 2*testPeriod)) {
		t.Fatal("takes more than its queue")
	}
	for range 1000 { // around the ring many times, in odd steps
		c.play(90, 44100)
		if d.Interrupt() != (ev.Signaled()) {
			t.Fatal("interrupt and event differ")
		}
		if ev.Signaled() && d.Free() == 0 {
			t.Fatal("an interrupt without room")
		}
		ev.Reset()
		r.fill(t, d)
		if f, at := d.Played(); f != uint64(len(c.heard)/2) || at == 0 {
			t.Fatalf("%d frames played, %d heard", f, len(c.heard)/2)
		}
	}
	if d.Interrupt() {
		t.Error("an interrupt of nobody's")
	}
	check(t, c.heard)
	if len(c.heard) != 90000 || d.Underruns() != 0 || d.Err() != nil || c.restarts != 1 {
		t.Error(len(c.heard), d.Underruns(), d.Err(), c.restarts)
	}
}

func TestUnderrun(t *testing.T) {
	c, d := open(t)
	var r ramp
	r.fill(t, d)
	c.play(10*2*testPeriod, 44100) // nobody refills it
	if d.Free() != testQueue || d.Underruns() != 1 {
		t.Fatal(d.Free(), d.Underruns())
	}
	if f, _ := d.Played(); f != testQueue*testPeriod {
		t.Fatal(f)
	}
	if at := d.FreeAt(); at > c.now {
		t.Error("waits for room that is there")
	}
	d.Submit(r.period())
	if c.sr&srHalted == 0 {
		t.Error("goes on before its queue is full again")
	}
	for range 100 {
		r.fill(t, d)
		c.play(100, 44100)
	}
	check(t, c.heard)
	if d.Underruns() != 1 || d.Err() != nil || c.restarts != 1 {
		t.Error(d.Underruns(), d.Err(), c.restarts)
	}
	// A device that does not go on by itself is set going.
	c.play(10*2*testPeriod, 44100)
	d.Free()
	c.deaf = true
	r.fill(t, d)
	for range 40 {
		c.play(100, 44100)
		d.Free()
	}
	if len(c.heard) <= 3*2*testPeriod+100*100 || d.Err() != nil {
		t.Error(len(c.heard), d.Err())
	}
	check(t, c.heard)
}

func TestPause(t *testing.T) {
	c, d := open(t)
	var r ramp
	d.Pause() // nothing to play
	d.Submit(r.period())
	d.Pause()
	for range 3 {
		c.play(10*2*testPeriod, 44100)
		if d.Free() != testQueue || d.Underruns() != 0 {
			t.Fatal("an end that was foretold counts as an underrun")
		}
		d.Submit(r.period())
		d.Submit(r.period())
		d.Pause()
	}
	check(t, c.heard)
	if len(c.heard) != (1+2*2)*2*testPeriod {
		t.Error(len(c.heard))
	}
}

// TestStopped: the device stops in the middle, as after a bus error.
func TestStopped(t *testing.T) {
	c, d := open(t)
	var r ramp
	r.fill(t, d)
	c.play(20, 44100)
	c.sr |= srHalted
	r.fill(t, d)
	if d.Underruns() != 1 || c.restarts != 2 || d.Err() != nil {
		t.Fatal(d.Underruns(), c.restarts, d.Err())
	}
	before := len(c.heard)
	for range 20 {
		c.play(100, 44100)
		r.fill(t, d)
	}
	if len(c.heard) != before+2000 || d.Err() != nil || d.Underruns() != 1 {
		t.Error(len(c.heard)-before, d.Err(), d.Underruns())
	}
	for i := 0; i < 1000 && d.Err() == nil; i++ { // each time it is set going
		c.sr |= srHalted
		c.now += machine.Time(30 * machine.Millisecond)
		if d.Free() > 0 {
			d.Submit(r.period())
		}
	}
	if !errors.Is(d.Err(), com.ErrGone) || d.Submit(r.period()) {
		t.Error(d.Err())
	}
}

// TestStandsStill: a clock that stands is noticed, and a machine that was stopped
// for a while is not taken for it.
func TestStandsStill(t *testing.T) {
	c, d := open(t)
	var r ramp
	r.fill(t, d)
	c.play(20, 44100)
	d.Free()
	c.now += machine.Time(time(10))
	d.Free()
	if d.Err() != nil {
		t.Fatal(d.Err())
	}
	c.stuck = true
	looks := 0
	for ; d.Err() == nil && looks < 1000; looks++ {
		at := d.FreeAt()
		if at <= c.now {
			t.Fatal("would not wait")
		}
		c.now = at
	}
	if !errors.Is(d.Err(), com.ErrGone) || looks < 20 {
		t.Error(d.Err(), looks)
	}
}

func time(seconds int) machine.Duration { return machine.Duration(seconds) * machine.Second }

func TestGone(t *testing.T) {
	c, d := open(t)
	var r ramp
	r.fill(t, d)
	c.gone = true
	if d.Interrupt() {
		t.Error("an interrupt of a device that is not there")
	}
	for i := 0; d.Err() == nil && i < 100; i++ {
		c.now += machine.Time(machine.Second)
		d.Free()
	}
	if f, _ := d.Played(); f != 0 || !errors.Is(d.Err(), com.ErrGone) {
		t.Error(f, d.Err())
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*chip){
		"no codec":  func(c *chip) { c.noCodec = true },
		"not ready": func(c *chip) { c.notReady = true },
		"a modem":   func(c *chip) { c.mute = true },
		"gone":      func(c *chip) { c.gone = true },
	} {
		c := newChip(testPeriod)
		spoil(c)
		if _, err := Open(config(c)); !errors.Is(err, com.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := newChip(testPeriod)
	c.fixed = true
	d, err := Open(config(c))
	if err != nil || d.Rate() != 48000 {
		t.Error("a codec of one rate:", err)
	}
	for _, spoil := range []func(*Config){
		func(c *Config) { c.Rate = 96000 }, func(c *Config) { c.Rate = 0 }, func(c *Config) { c.Period = 40000 },
		func(c *Config) { c.Period = 1 }, func(c *Config) { c.Queue = 31 }, func(c *Config) { c.Queue = 1 },
		func(c *Config) { c.DMA = c.DMA[1:] }, func(c *Config) { c.Address = 0xFFFFFFF8 }, func(c *Config) { c.Address = 4 },
	} {
		cfg := config(c)
		spoil(&cfg)
		if _, err := Open(cfg); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}

func TestClose(t *testing.T) {
	c, d := open(t)
	var r ramp
	r.fill(t, d)
	if err := d.Close(); err != nil || c.cr != 0 || c.sr&srHalted == 0 {
		t.Error(err, c.cr)
	}
	if d.Submit(r.period()) || d.Err() == nil {
		t.Error("plays on")
	}
}

func TestAllocates(t *testing.T) {
	c, d := open(t)
	var r ramp
	r.fill(t, d)
	p := r.period()
	c.heard = make([]int16, 0, 1<<20)
	if n := testing.AllocsPerRun(500, func() {
		c.play(100, 44100)
		d.Interrupt()
		for d.Free() > 0 {
			d.Submit(p)
		}
		d.FreeAt()
		d.Played()
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

// liar is registers that say anything.
type liar struct {
	says []byte
	at   int
}

func (l *liar) next() uint32 {
	if len(l.says) == 0 {
		return 0
	}
	l.at++
	return uint32(l.says[l.at%len(l.says)])
}

func (l *liar) Read8(uint32) uint8     { return uint8(l.next()) }
func (l *liar) Read16(uint32) uint16   { return uint16(l.next()<<8 | l.next()) }
func (l *liar) Read32(uint32) uint32   { return l.next()<<24 | l.next()<<16 | l.next()<<8 | l.next() }
func (l *liar) Write8(uint32, uint8)   {}
func (l *liar) Write16(uint32, uint16) {}
func (l *liar) Write32(uint32, uint32) {}

// FuzzRegisters: whatever the device says, the driver returns, and what it says of
// itself holds together.
func FuzzRegisters(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3}, []byte{0, 0, 0, 8})
	f.Add([]byte{31, 0, 255, 1, 0, 0}, []byte{1})
	f.Fuzz(func(t *testing.T, says, opens []byte) {
		c := newChip(testPeriod)
		cfg := config(c)
		d, err := Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		l := &liar{says: says}
		d.cfg.Master = l
		p := make([]float32, 2*testPeriod)
		submitted, last := uint64(0), uint64(0)
		for range 200 {
			if n := d.Free(); n < 0 || n > testQueue {
				t.Fatalf("room for %d", n)
			}
			if d.Submit(p) {
				submitted += testPeriod
			}
			d.Interrupt()
			frame, _ := d.Played()
			if frame > submitted || frame < last {
				t.Fatalf("played %d after %d, submitted %d", frame, last, submitted)
			}
			last = frame
			if at := d.FreeAt(); at <= c.now && d.Free() == 0 {
				t.Fatal("would not wait")
			}
			c.now += machine.Time(machine.Millisecond)
		}
		cfg.Master, cfg.Mixer = &liar{says: opens}, &liar{says: says}
		c.now = 0
		if _, err := Open(cfg); err != nil && !errors.Is(err, com.ErrNotFound) {
			t.Fatal(err)
		}
	})
}
