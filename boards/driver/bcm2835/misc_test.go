package bcm2835

import (
	"errors"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

func TestGPIO(t *testing.T) {
	c := newChip(t)
	g := GPIO{c}
	c.words[gpfsel+16] = 0xFFFFFFFF
	if err := g.Select(47, Output); err != nil || c.words[gpfsel+16] != 0xFFFFFFFF&^(7<<21)|1<<21 {
		t.Errorf("%#x %v", c.words[gpfsel+16], err)
	}
	if err := errors.Join(g.Set(47, true), g.Set(3, false)); err != nil || c.words[gpset+4] != 1<<15 || c.words[gpclr] != 1<<3 {
		t.Errorf("%v %v", c.words, err)
	}
	c.words[gplev+4] = 1 << 15
	if high, err := g.Get(47); !high || err != nil {
		t.Error(high, err)
	}
	if high, err := g.Get(46); high || err != nil {
		t.Error(high, err)
	}
	if err := g.Float(14); err != nil || c.words[gppudclk] != 0 {
		t.Error(err)
	}
	for _, pin := range []int{-1, Pins} {
		_, err := g.Get(pin)
		for i, err := range []error{err, g.Set(pin, true), g.Select(pin, Input), g.Float(pin)} {
			if !errors.Is(err, com.ErrInvalid) {
				t.Errorf("pin %d, %d: %v", pin, i, err)
			}
		}
	}
}

func TestInterrupts(t *testing.T) {
	c := newChip(t)
	i := Interrupts{c}
	i.Enable(LinePL011, true)
	i.Enable(LineAux, false)
	i.Enable(64, true)
	i.Enable(-1, true)
	if c.words[irqEnable+4] != 1<<25 || c.words[irqDisable] != 1<<29 || len(c.log) != 2 {
		t.Errorf("%v", c.log)
	}
	c.words[irqPending+4] = 1 << 25
	if !i.Pending(LinePL011) || i.Pending(LineAux) || i.Pending(-1) || i.Pending(64) {
		t.Error("what is pending")
	}
	local := newChip(t)
	RouteTimer(local, 1)
	RouteTimer(local, 4)
	if len(local.log) != 1 || local.words[0x44] != 3 {
		t.Errorf("%v", local.log)
	}
}

func TestRandom(t *testing.T) {
	c := newChip(t)
	StartRandom(c)
	if c.words[rngControl] != 1 || c.words[rngStatus] != rngWarmUp {
		t.Errorf("%v", c.words)
	}
	n := uint32(0)
	waits := 0
	c.from[rngStatus] = func() uint32 {
		if waits++; waits%3 != 0 {
			return 0
		}
		return 1 << 24
	}
	c.from[rngData] = func() uint32 { n++; return 0x04030201 * n }
	b := make([]byte, 7)
	if !Random(c, b) || string(b) != "\x01\x02\x03\x04\x02\x04\x06" {
		t.Errorf("% x", b)
	}
	c.from[rngStatus] = func() uint32 { return 0 }
	if Random(c, b) {
		t.Error("numbers out of nothing")
	}
}

// TestMicroseconds reads the counter while its halves change.
func TestMicroseconds(t *testing.T) {
	c := newChip(t)
	now := uint64(1<<32 - 2)
	c.from[timerHigh] = func() uint32 { now++; return uint32(now >> 32) }
	c.from[timerLow] = func() uint32 { now++; return uint32(now) }
	for last := uint64(0); last < 1<<32+20; {
		v := Microseconds(c)
		if v <= last || v > now {
			t.Fatalf("%#x after %#x, and it is %#x", v, last, now)
		}
		last = v
	}
}

func TestRestart(t *testing.T) {
	c := newChip(t)
	c.words[pmControl] = 0x00000132
	Restart(c)
	// Both take effect with the password only; the rest of the register is kept.
	if c.words[pmWatchdog] != 0x5A00000A || c.words[pmControl] != 0x5A000122 {
		t.Errorf("%#x %#x", c.words[pmWatchdog], c.words[pmControl])
	}
}
