package sound

import (
	"testing"
	"testing/synctest"
	"time"
)

func mustOpen(t testing.TB, name string, cfg Config) Device {
	t.Helper()
	d, err := Open(name, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// An hour of writing takes an hour, to the frame, however the periods divide the second.
func TestNullKeepsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := mustOpen(t, "null", Config{Rate: 44100})
		period := make([]float32, 512)
		begin := time.Now()
		const periods = 44100 * 3600 / 256
		for range periods {
			if err := d.Write(period); err != nil {
				t.Fatal(err)
			}
		}
		// The last write was let in when the queue had room for it, three periods before the end; the first started it, being
		// the third, at once.
		want := span((periods-3)*256, 44100)
		if took := time.Since(begin); took < want || took > want+time.Microsecond {
			t.Errorf("an hour took %v, want %v", took, want)
		}
		if err := d.Drain(); err != nil {
			t.Fatal(err)
		}
		if took, want := time.Since(begin), span(periods*256, 44100); took < want || took > want+time.Microsecond {
			t.Errorf("an hour was heard in %v, want %v", took, want)
		}
		if n := d.Underruns(); n != 0 {
			t.Errorf("%d underruns", n)
		}
		if f, at := d.Position(); f != periods*256 || at != time.Now() {
			t.Errorf("heard %d frames of %d", f, periods*256)
		}
	})
}

func TestNullPositionMovesWithTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := mustOpen(t, "null", Config{Rate: 48000, Queue: 4})
		period := make([]float32, 512)
		for i := range 4 {
			if f := d.Free(); f != 4-i {
				t.Errorf("room for %d after %d", f, i)
			}
			if f, _ := d.Position(); f != 0 {
				t.Errorf("heard %d before the queue was full", f)
			}
			if err := d.Write(period); err != nil {
				t.Fatal(err)
			}
		}
		if l := d.Latency(); l != span(1024, 48000) {
			t.Errorf("latency %v", l)
		}
		<-time.After(10 * time.Millisecond)
		if f, _ := d.Position(); f != 480 {
			t.Errorf("heard %d after 10 ms", f)
		}
		if d.Free() != 1 { // one period is over, the second is being heard
			t.Errorf("room for %d after 480 frames", d.Free())
		}
		select {
		case <-d.Wake():
		default:
			t.Error("nobody was woken when there was room")
		}
	})
}

func TestNullCountsUnderrunsAndRefills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := mustOpen(t, "null", Config{Rate: 44100, Queue: 2})
		period := make([]float32, 512)
		for round := range 3 {
			d.Write(period)
			if f, _ := d.Position(); f != uint64(round)*512 {
				t.Errorf("round %d: heard %d", round, f)
			}
			d.Write(period)
			<-time.After(time.Second)
			if n := d.Underruns(); n != uint64(round)+1 {
				t.Errorf("round %d: %d underruns", round, n)
			}
			if f, _ := d.Position(); f != uint64(round+1)*512 {
				t.Errorf("round %d: heard %d", round, f)
			}
		}
		d.Write(period)
		if err := d.Drain(); err != nil || d.Underruns() != 3 {
			t.Errorf("a drained queue counted as an underrun: %d, %v", d.Underruns(), err)
		}
		if s := StatusOf(d); s.BufferMs < 11.6 || s.BufferMs > 11.7 || s.Underruns != 3 || s.Heard != 3*512+256 {
			t.Errorf("status %+v", s)
		}
	})
}

func TestNullPausePlaysTheRestWithoutAnUnderrun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := mustOpen(t, "null", Config{Queue: 4})
		d.Pause()
		d.Write(make([]float32, 512))
		<-time.After(time.Second)
		if f, _ := d.Position(); f != 0 {
			t.Errorf("heard %d of a queue that is not full", f)
		}
		d.Pause()
		<-time.After(time.Second)
		if f, _ := d.Position(); f != 256 || d.Underruns() != 0 {
			t.Errorf("heard %d, %d underruns", f, d.Underruns())
		}
		if d.Err() != nil {
			t.Error(d.Err())
		}
		d.Close()
		if d.Err() != ErrClosed {
			t.Error(d.Err())
		}
	})
}

func TestNullClosesUnderAWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := mustOpen(t, "null", Config{Queue: 1})
		result := make(chan error)
		go func() {
			for {
				if err := d.Write(make([]float32, 512)); err != nil {
					result <- err
					return
				}
			}
		}()
		<-time.After(time.Second)
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if err := <-result; err != ErrClosed {
			t.Errorf("the writer got %v", err)
		}
		if err := d.Drain(); err != ErrClosed {
			t.Errorf("drain gave %v", err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("closing again gave %v", err)
		}
	})
}

func TestNullWriteAllocatesNothing(t *testing.T) {
	d := mustOpen(t, "null", Config{Rate: 384000, Period: 16, Queue: 64})
	period := make([]float32, 32)
	if n := testing.AllocsPerRun(300, func() { d.Write(period); d.Free() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestTimeArithmetic(t *testing.T) {
	for _, rate := range []int{8000, 44100, 48000, 384000} {
		for _, n := range []uint64{0, 1, 255, 256, 44099, 44101, 1 << 40} {
			if f := frames(span(n, rate), rate); f != n {
				t.Errorf("%d frames at %d Hz last %v, in which there are %d", n, rate, span(n, rate), f)
			}
		}
	}
	if frames(-time.Second, 44100) != 0 {
		t.Error("negative time has frames")
	}
}
