package output

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// listen opens an ear in the way that clients do.
func (r *rig) listen(o audio.ListenOptions) (c audio.Capture, err error) {
	r.call(func(*thread.Thread) { c, err = r.out.Listen(background, o) })
	return c, err
}

// TestListenConverts has the mix at half the rate, in 16 bits, on one side and on
// both: a straight line stays one, and its sides cancel out.
func TestListenConverts(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	a := r.counter("a")
	whole, err := r.listen(audio.ListenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	half, err := r.listen(audio.ListenOptions{Rate: testRate / 2, Format: audio.F32})
	if err != nil {
		t.Fatal(err)
	}
	mono, err := r.listen(audio.ListenOptions{Rate: testRate / 2, Format: audio.S16, Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	a.in.Start()
	r.run(machine.Second)
	read := func(c audio.Capture, size, frames int) (all []byte) {
		r.call(func(*thread.Thread) {
			next := uint64(0)
			for len(all) < frames*size {
				buf := make([]byte, 1000*size+size-1)
				n, frame, err := c.Read(background, buf)
				if err != nil || n == 0 || int(n)%size != 0 || frame != next {
					t.Errorf("%d bytes from frame %d, after %d: %v", n, frame, next, err)
					return
				}
				next += uint64(int(n) / size)
				all = append(all, buf[:n]...)
			}
		})
		return all
	}
	left := func(b []byte, frame int) float64 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b[8*frame:])))
	}
	const second = testRate - 2*testPeriod
	full := read(whole, 8, second)
	start := 0
	for left(full, start) == 0 {
		start++
	}
	for i := range second - start {
		if v, want := left(full, start+i), r.dev.taken[2*(firstSound(r.dev.taken)+i)]; v != float64(want) {
			t.Fatalf("frame %d is %g, and the device has %g", i, v, want)
		}
	}
	const reach = 200 // frames at the beginning, where the line has a corner
	slow := read(half, 8, second/2-reach)
	for i := start + reach; i < second/2-reach; i++ {
		if v, want := left(slow, i), left(full, 2*i); math.Abs(v-want) > 1e-4*want {
			t.Fatalf("frame %d at half the rate is %g, want %g", i, v, want)
		}
	}
	for i, both := 0, read(mono, 2, second/2-reach); i < len(both); i += 2 {
		if v := int16(binary.LittleEndian.Uint16(both[i:])); v < -1 || v > 1 {
			t.Fatalf("sample %d of both sides together is %d", i/2, v)
		}
	}
	for _, c := range []audio.Capture{whole, half, mono} {
		c.Release()
	}
	a.stop = true
	r.run(machine.Second / 10)
	if n := r.out.captures.Load(); n != 0 {
		t.Errorf("%d captures are kept after the last was released", n)
	}
}

// TestListenKeepsToTheNewest leaves a listener without time for two seconds.
func TestListenKeepsToTheNewest(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	a := r.counter("a")
	c, err := r.listen(audio.ListenOptions{Rate: testRate / 2, Behind: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	a.in.Start()
	// The ring holds twice as much, and what was recorded while it was full is lost;
	// of the rest the newest is given.
	for i, want := range []struct{ from, to uint64 }{{0, testRate / 4}, {testRate / 2, testRate}} {
		r.run(machine.Second)
		r.call(func(*thread.Thread) {
			buf := make([]byte, 1<<20)
			n, frame, err := c.Read(background, buf)
			if err != nil || frame < want.from || frame > want.to {
				t.Errorf("%d: %d bytes from frame %d, %v", i, n, frame, err)
			}
			// What was missed shows between two reads.
			if n2, frame2, err := c.Read(background, buf); err != nil || n2 == 0 || frame2 < frame+uint64(n/8) {
				t.Errorf("%d: %d bytes from frame %d after %d of %d, %v", i, n2, frame2, n/8, frame, err)
			}
		})
	}
	c.Release()
	a.stop = true
}

func TestListenRefuses(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	for _, o := range []audio.ListenOptions{
		{Rate: 3999}, {Rate: testRate + 1}, {Rate: math.MaxUint32}, {Channels: 3}, {Channels: math.MaxUint32},
		{Format: 99}, {Quality: 99}, {Behind: -1}, {Behind: math.MaxInt64},
	} {
		if c, err := r.listen(o); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
			if err == nil {
				c.Release()
			}
		}
	}
	if _, err := r.out.Listen(background, audio.ListenOptions{Rate: 8000}); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("from a goroutine: %v", err)
	}
	c, err := r.listen(audio.ListenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Read(background, make([]byte, 7)); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("a buffer that holds no frame: %v", err)
	}
	c.Release()
}
