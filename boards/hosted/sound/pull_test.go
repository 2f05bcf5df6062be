package sound

import (
	"io"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"github.com/mmlite/mmlite/mixer/format"
)

func TestRingKeepsOrder(t *testing.T) {
	r := newRing(97)
	const total = 200_000
	go func() {
		random := rand.New(rand.NewPCG(1, 1))
		for sent := 0; sent < total; {
			b := make([]byte, min(1+random.IntN(60), total-sent))
			for i := range b {
				b[i] = byte((sent + i) * 7)
			}
			if r.put(b) {
				sent += len(b)
			}
		}
	}()
	buf := make([]byte, 50)
	random := rand.New(rand.NewPCG(2, 2))
	for got := 0; got < total; {
		n := r.get(buf[:1+random.IntN(50)])
		for i, v := range buf[:n] {
			if v != byte((got+i)*7) {
				t.Fatalf("byte %d is %d", got+i, v)
			}
		}
		got += n
	}
	if r.queued() != 0 || r.free() != 97 || r.put(make([]byte, 98)) {
		t.Error("an empty ring is not empty")
	}
}

func never() error { return nil }

func mustPull(t testing.TB, cfg Config) *pull {
	t.Helper()
	cfg, err := cfg.filled()
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPull("test", 44100, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func constant(p *pull, v float32) []float32 {
	x := make([]float32, p.cfg.Period*p.cfg.Channels)
	for i := range x {
		x[i] = v
	}
	return x
}

func readPeriod(t testing.TB, p *pull) float32 {
	t.Helper()
	b := make([]byte, p.periodBytes)
	if _, err := io.ReadFull(p, b); err != nil {
		t.Fatal(err)
	}
	x := make([]float32, len(b)/4)
	format.Decode(x, b, format.F32)
	for _, v := range x {
		if v != x[0] {
			t.Fatalf("a period of %v and %v", x[0], v)
		}
	}
	return x[0]
}

func TestPullPlaysFromAFullQueueAndGivesSilenceWhenDry(t *testing.T) {
	p := mustPull(t, Config{Queue: 3})
	var got []float32
	for i := range 3 {
		got = append(got, readPeriod(t, p))
		if err := p.put(constant(p, float32(i+1)), never); err != nil {
			t.Fatal(err)
		}
	}
	if p.Free() != 0 {
		t.Errorf("room for %d in a full queue", p.Free())
	}
	for range 5 {
		got = append(got, readPeriod(t, p))
	}
	for i, want := range []float32{0, 0, 0, 1, 2, 3, 0, 0} {
		if got[i] != want {
			t.Fatalf("read %v", got)
		}
	}
	if p.Underruns() != 1 {
		t.Errorf("%d underruns", p.Underruns())
	}
	if p.taken() != 3*256 {
		t.Errorf("%d frames taken", p.taken())
	}
}

func TestPullPausePlaysTheRest(t *testing.T) {
	p := mustPull(t, Config{Queue: 4})
	p.put(constant(p, 1), never)
	if readPeriod(t, p) != 0 {
		t.Error("it plays from a queue that is not full")
	}
	p.Pause()
	if readPeriod(t, p) != 1 || readPeriod(t, p) != 0 || p.Underruns() != 0 {
		t.Errorf("the rest was not played, or counted as an underrun: %d", p.Underruns())
	}
}

// The system's library reads odd lengths; frames stay whole.
func TestPullReadsWholeFrames(t *testing.T) {
	p := mustPull(t, Config{Queue: 2})
	p.put(constant(p, 1), never)
	p.put(constant(p, 1), never)
	for _, n := range []int{1, 7, 8, 13, 4000, 5000} {
		got, err := p.Read(make([]byte, n))
		if err != nil || got%p.frameBytes != 0 || (n >= p.frameBytes) != (got > 0) {
			t.Errorf("reading %d gave %d, %v", n, got, err)
		}
	}
}

func TestPullBlocksWakesDrainsAndStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := mustPull(t, Config{Queue: 2})
		written := make(chan error)
		go func() {
			for range 4 {
				if err := p.put(constant(p, 1), never); err != nil {
					written <- err
				}
			}
			written <- p.drain(never, func() uint64 { return 1000 })
		}()
		synctest.Wait()
		for want := 4; want > 0; want-- {
			if readPeriod(t, p) != 1 {
				t.Errorf("silence %d periods before the end", want)
			}
			synctest.Wait()
		}
		for n := 0; n < 1000; n += 256 { // the buffer behind has to be pushed out
			select {
			case err := <-written:
				t.Fatalf("drained after %d frames of silence: %v", n, err)
			default:
			}
			readPeriod(t, p)
			synctest.Wait()
		}
		if err := <-written; err != nil {
			t.Error(err)
		}
		if p.Underruns() != 0 {
			t.Errorf("%d underruns", p.Underruns())
		}
		p.put(constant(p, 1), never)
		p.put(constant(p, 1), never)
		if err := p.put(constant(p, 1), never); err != ErrStalled { // virtual time passes, nobody reads
			t.Errorf("got %v", err)
		}
		failed := func() error { return ErrClosed }
		if err := p.put(constant(p, 1), failed); err != ErrClosed {
			t.Errorf("got %v", err)
		}
		if err := p.put(make([]float32, 3), never); err == nil {
			t.Error("a short period was taken")
		}
	})
}

func TestPullAllocatesNothing(t *testing.T) {
	p := mustPull(t, Config{})
	x, b := constant(p, 1), make([]byte, p.periodBytes)
	if n := testing.AllocsPerRun(200, func() {
		p.put(x, never)
		p.Read(b)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
