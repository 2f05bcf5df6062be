package output

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mixer/resample/measure"
)

// open opens a stream of the rig's output.
func (r *rig) open(o audio.StreamOptions) *Stream {
	r.t.Helper()
	var s audio.Stream
	var err error
	r.call(func(*thread.Thread) { s, err = r.out.OpenStream(background, o) })
	if err != nil {
		r.t.Fatal(err)
	}
	return s.(*Stream)
}

// floats are samples as a stream of F32 takes them.
func floats(x []float32) []byte {
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func constant(n int, v float32) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = v
	}
	return x
}

func sine(n int, hz, rate float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(0.5 * math.Sin(2*math.Pi*hz*float64(i)/rate))
	}
	return x
}

// write writes on a thread of its own.
func (r *rig) write(s *Stream, x []float32) {
	r.spawn("writer", func(*thread.Thread) {
		if err := s.Write(background, floats(x)); err != nil {
			r.t.Error(err)
		}
	})
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Error(err)
	}
}

func (r *rig) info(s *Stream) audio.StreamInfo {
	r.t.Helper()
	i, err := s.Info(background)
	r.ok(err)
	return i
}

// left is one side.
func left(frames []float32) []float32 {
	x := make([]float32, len(frames)/2)
	for i := range x {
		x[i] = frames[2*i]
	}
	return x
}

// steepest is the greatest step between two frames of a side.
func steepest(x []float32) (step float64, at int) {
	for i := 1; i < len(x); i++ {
		if d := math.Abs(float64(x[i] - x[i-1])); d > step {
			step, at = d, i
		}
	}
	return step, at
}

// A tone keeps its frequency and level through the conversion to the card's rate.
func TestAToneIsConverted(t *testing.T) {
	for _, c := range []struct {
		quality audio.Quality
		thdn    float64
	}{{audio.Fast, -70}, {audio.Normal, -100}, {audio.High, -120}} {
		r := newRig(t, &device{queue: 1, offline: true})
		s := r.open(audio.StreamOptions{Rate: 48000, Channels: 1, Quality: c.quality})
		r.spawn("writer", func(*thread.Thread) {
			r.ok(s.Start(background))
			r.ok(s.Write(background, floats(sine(96000, 997, 48000))))
			r.ok(s.Drain(background))
		})
		r.run(machine.Second)
		out := left(r.mixed())
		if len(out) < 88200 {
			t.Fatalf("%d frames", len(out))
		}
		level, residue := measure.Fit(out[10000:10000+1<<15], 997, testRate)
		thdn := measure.Decibel(residue / (level * level / 2))
		t.Logf("quality %d: level %.6f, THD+N %.1f dB", c.quality, level, thdn)
		if math.Abs(level-0.5) > 0.5*0.0005 || thdn > c.thdn {
			t.Errorf("quality %d: level %.6f, THD+N %.1f dB; want 0.5 and %g dB", c.quality, level, thdn, c.thdn)
		}
		if i := r.info(s); i.Written != 96000 || i.Played != 96000 || i.Underruns != 0 || i.Playing {
			t.Errorf("%+v", i)
		}
		s.Release()
	}
}

// What Info says is heard is what leaves the device, to the frame, and Drain
// returns when the last frame has.
func TestPositionsAreOfWhatIsHeard(t *testing.T) {
	for _, rate := range []uint32{44100, 48000, 22050} {
		r := newRig(t, &device{queue: 5})
		s := r.open(audio.StreamOptions{Rate: rate, Channels: 1, Buffer: 4 * rate})
		x := make([]float32, 2*rate)
		for i := range x {
			x[i] = float32(i+1) / float32(len(x)) // tells where it is
		}
		r.write(s, x)
		r.run(machine.Second / 10)
		r.ok(s.Start(background))
		drained := uint64(0)
		r.spawn("drain", func(*thread.Thread) {
			r.ok(s.Drain(background))
			drained, _ = r.dev.Played()
		})
		for range 17 {
			r.run(machine.Second / 10)
			got := r.dev.taken
			heard := int(r.out.Heard(r.m.Now()))
			want := float64(got[2*heard])*float64(len(x)) - 1
			if i := r.info(s); math.Abs(float64(i.Played)-want) > 1.6 {
				t.Errorf("%d Hz: %d is heard, and %d is said to be", rate, int(want), i.Played)
			}
		}
		r.run(machine.Second)
		last := 0
		for i := range len(r.dev.taken) / 2 {
			if r.dev.taken[2*i] > 0.5 {
				last = i
			}
		}
		if drained < uint64(last) || drained > uint64(last+2*testPeriod) {
			t.Errorf("%d Hz: drained with %d frames played, and the last of it was frame %d", rate, drained, last)
		}
		if i := r.info(s); i.Played != uint64(len(x)) || i.Written != i.Played || i.Buffered != 0 {
			t.Errorf("%d Hz: %+v", rate, i)
		}
		s.Release()
		r.run(machine.Second / 10)
	}
}

func TestLevelsMoveWithoutClicks(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	s := r.open(audio.StreamOptions{Rate: 48000, Channels: 1, Buffer: 200000})
	r.write(s, constant(150000, 0.5))
	r.ok(s.Start(background))
	r.run(machine.Second / 2)
	begun := len(r.dev.taken)
	r.call(func(*thread.Thread) { r.ok(s.SetGain(background, 0.25, 0)) })
	r.run(machine.Second / 2)
	r.call(func(*thread.Thread) { r.ok(s.SetGain(background, 1.5, 300*time.Millisecond)) })
	r.run(machine.Second / 2)
	r.call(func(*thread.Thread) { r.ok(s.SetPan(background, 1, 100*time.Millisecond)) })
	r.run(machine.Second / 2)
	x := left(r.dev.taken[begun:])
	if step, at := steepest(x); step > 0.5*0.75/220*1.01 {
		t.Errorf("a step of %g at frame %d", step, at)
	}
	end := r.dev.taken[len(r.dev.taken)-2:]
	if end[0] != 0 || math.Abs(float64(end[1]-0.75)) > 1e-4 {
		t.Errorf("at the right with 1.5 times 0.5 it is %g, %g", end[0], end[1])
	}
	r.call(func(*thread.Thread) {
		for _, err := range []error{
			s.SetGain(background, -1, 0), s.SetGain(background, 5, 0), s.SetGain(background, float32(math.NaN()), 0),
			s.SetGain(background, 1, -1), s.SetGain(background, 1, time.Hour), s.SetPan(background, 1.1, 0),
			s.SetPan(background, float32(math.NaN()), 0),
		} {
			if com.CodeOf(err) != com.ErrInvalid {
				t.Error(err)
			}
		}
		if err := s.SetRate(background, 44100); com.CodeOf(err) != com.ErrNotSupported {
			t.Error(err)
		}
	})
	s.Release()
	r.run(machine.Second / 10)
}

// A stream that runs dry, at the end of a period or within one, fades, is counted,
// and goes on from where it was.
func TestADryStreamIsCountedAndDoesNotClick(t *testing.T) {
	for _, rate := range []uint32{44100, 48000} {
		for _, n := range []int{40 * testPeriod, 40*testPeriod + 3, 40*testPeriod + 100, 40*testPeriod + 253} {
			r := newRig(t, &device{queue: 3})
			s := r.open(audio.StreamOptions{Rate: rate, Channels: 1, Prefill: 2000})
			r.ok(s.Start(background))
			r.write(s, constant(n, 0.5))
			r.run(machine.Second)
			if i := r.info(s); i.Underruns != 1 || i.Late == 0 || i.Played != uint64(n) {
				t.Errorf("%d Hz, %d frames: %+v", rate, n, i)
			}
			r.write(s, constant(n, 0.5))
			r.run(machine.Second)
			i := r.info(s)
			if i.Underruns != 2 || i.Played != uint64(2*n) || i.Latency <= 0 {
				t.Errorf("%d Hz, %d frames: %+v", rate, n, i)
			}
			x := left(r.mixed())
			begin := 0
			for x[begin] == 0 {
				begin++
			}
			if step, at := steepest(x[begin+100:]); step > 0.02 {
				t.Errorf("%d Hz, %d frames: a step of %g at %d", rate, n, step, at)
			}
			sum := 0.0
			for _, v := range x {
				sum += float64(v) / 0.5
			}
			if want := float64(2*n) * testRate / float64(rate); math.Abs(sum-want) > 150 { // what fades take or add
				t.Errorf("%d Hz: the sound of %.0f frames, want %.0f", rate, sum, want)
			}
			if o, _ := r.out.Info(background); o.Underruns != 0 || o.Streams != 1 {
				t.Errorf("%+v", o)
			}
			s.Release()
			r.run(machine.Second / 10)
		}
	}
}

func TestAPausedStreamGoesOnWhereItWas(t *testing.T) {
	for _, rate := range []uint32{44100, 48000} {
		r := newRig(t, &device{queue: 3})
		s := r.open(audio.StreamOptions{Rate: rate, Channels: 2, Buffer: 2 * rate})
		x := make([]float32, 2*2*rate)
		for i := range x {
			x[i] = float32(i/2+1) * unit
		}
		r.write(s, x)
		r.ok(s.Start(background))
		r.run(machine.Second / 2)
		r.ok(s.Pause(background))
		r.run(machine.Second / 2)
		paused := r.info(s)
		r.run(machine.Second)
		if now := r.info(s); now.Played != paused.Played || now.Playing {
			t.Errorf("%d Hz: %d frames were played, and after a second of pause %d", rate, paused.Played, now.Played)
		}
		last := r.dev.taken[len(r.dev.taken)-2:]
		if last[0] != 0 {
			t.Errorf("%d Hz: the pause is not silent: %g", rate, last[0])
		}
		at := len(r.dev.taken)
		r.ok(s.Start(background))
		r.run(machine.Second / 10)
		for at += 2 * r.out.limiter.Latency(); r.dev.taken[at] == 0; {
			at += 2
		}
		at += 2 * 200 // faded in
		want := float64(paused.Played) + 200*float64(rate)/testRate
		if got := float64(r.dev.taken[at]) / unit; math.Abs(got-want) > 3 {
			t.Errorf("%d Hz: 200 frames after the pause comes frame %.1f, want %.1f", rate, got, want)
		}
		s.Release()
		r.run(machine.Second / 10)
	}
}

func TestStopDropsWhatIsLeft(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	s := r.open(audio.StreamOptions{Rate: 48000, Channels: 1, Buffer: 96000})
	r.write(s, constant(90000, 0.5))
	r.ok(s.Start(background))
	r.run(machine.Second / 2)
	var drained, wrote, stopped error
	r.spawn("drain", func(*thread.Thread) { drained = s.Drain(background) })
	r.spawn("writer", func(*thread.Thread) { wrote = s.Write(background, floats(constant(30000, 0.5))) })
	r.run(machine.Second / 10)
	r.spawn("stop", func(*thread.Thread) { stopped = s.Stop(background) })
	at := len(r.dev.taken)
	r.run(machine.Second / 10)
	if com.CodeOf(drained) != com.ErrCanceled || com.CodeOf(wrote) != com.ErrCanceled || stopped != nil {
		t.Errorf("Drain %v, Write %v, Stop %v", drained, wrote, stopped)
	}
	x := left(r.dev.taken[at:])
	if step, at := steepest(x); step > 0.02 || x[len(x)-1] != 0 {
		t.Errorf("a step of %g at frame %d; at the end it is %g", step, at, x[len(x)-1])
	}
	i := r.info(s)
	if i.Written != 90000 || i.Played != 90000 || i.Buffered != 0 || i.Playing {
		t.Errorf("%+v", i)
	}
	r.run(machine.Second / 10)
	at = len(r.dev.taken)
	r.spawn("again", func(*thread.Thread) { // as new
		r.ok(s.Write(background, floats(constant(4800, 0.25))))
		r.ok(s.Start(background))
		r.ok(s.Drain(background))
	})
	r.run(machine.Second)
	sum := 0.0
	for _, v := range left(r.dev.taken[at:]) {
		sum += float64(v) / 0.25
	}
	if math.Abs(sum-4410) > 3 {
		t.Errorf("%.1f frames of 4410 are heard", sum)
	}
	if i := r.info(s); i.Written != 94800 || i.Played != 94800 || i.Underruns != 0 {
		t.Errorf("%+v", i)
	}
	s.Release()
	r.run(machine.Second / 10)
}

func TestTheLastReleaseFades(t *testing.T) {
	for _, offline := range []bool{false, true} {
		dev := &device{queue: 3}
		if offline {
			dev = &device{queue: 1, offline: true}
		}
		r := newRig(t, dev)
		s := r.open(audio.StreamOptions{Rate: 44100, Channels: 1, Buffer: 100000})
		r.write(s, constant(100000, 0.5))
		r.run(machine.Millisecond)
		r.ok(s.Start(background))
		if offline {
			r.run(machine.Second)
		} else {
			r.run(machine.Second / 2)
		}
		at := len(r.dev.taken)
		s.Release()
		r.run(machine.Second / 2)
		x := left(r.dev.taken[at:])
		if step, at := steepest(x); step > 0.01 {
			t.Errorf("offline %v: a step of %g at frame %d", offline, step, at)
		}
		for i, v := range x {
			if i > testRate/100+r.out.limiter.Latency() && v != 0 {
				t.Fatalf("offline %v: frame %d after the release is %g", offline, i, v)
			}
		}
		if n := r.out.streams.Load(); n != 0 {
			t.Errorf("offline %v: %d streams are counted", offline, n)
		}
		if _, err := s.Info(background); com.CodeOf(err) != com.ErrGone {
			t.Errorf("%v", err)
		}
	}
}

// However the writers are timed and cut their data, an offline card plays the same.
func TestOfflineStreamsAreRepeatable(t *testing.T) {
	var first []float32
	for run := range 3 {
		r := newRig(t, &device{queue: 1, offline: true})
		var writers []func(*thread.Thread)
		for k, o := range []audio.StreamOptions{
			{Rate: 48000, Channels: 2, Quality: audio.High}, {Rate: 22050, Channels: 1, Buffer: 3000 + uint32(run)*5000}, {Rate: 44100, Channels: 6},
		} {
			s := r.open(o)
			r.ok(s.Start(background)) // the clock waits for all
			x := floats(sine(int(o.Rate*o.Channels)*2, 300*float64(k+1), float64(o.Rate*o.Channels)))
			writers = append(writers, func(th *thread.Thread) {
				frame := int(4 * o.Channels)
				for n := 100 + run*777 + k; len(x) > 0; n += 311 {
					piece := x[:min(len(x), n*frame)]
					r.ok(s.Write(background, piece))
					x = x[len(piece):]
					th.SleepUntil(th.Processor().Now().Add(machine.Duration(run*k) * machine.Millisecond))
				}
				r.ok(s.Drain(background))
				if i := r.info(s); i.Underruns != 0 || i.Late != 0 {
					t.Errorf("%+v", i)
				}
				s.Release()
			})
		}
		for _, w := range writers {
			r.spawn("writer", w)
		}
		r.run(20 * machine.Second)
		if len(r.dev.taken) < 2*2*testRate {
			t.Fatalf("%d samples", len(r.dev.taken))
		}
		if run == 0 {
			first = r.dev.taken
		} else if n := min(len(first), len(r.dev.taken)); !bytes.Equal(floats(first[:n]), floats(r.dev.taken[:n])) {
			t.Errorf("run %d differs", run)
		}
	}
}

func TestAnOfflineClockWaitsForStreams(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	s := r.open(audio.StreamOptions{Rate: 44100, Channels: 1})
	a := r.counter("a")
	r.write(s, constant(1000, 0.25))
	r.run(machine.Second)
	if r.out.opened.Load() != 0 {
		t.Fatal("a stream that was not started moved the clock")
	}
	r.ok(s.Start(background))
	a.in.Start()
	a.in.Promise(math.MaxUint64)
	r.run(machine.Second)
	if got := r.out.opened.Load(); got != 3*testPeriod {
		t.Fatalf("the clock is at %d, want %d", got, 3*testPeriod)
	}
	r.ok(s.Pause(background))
	a.in.Promise(4000)
	r.run(machine.Second)
	if got := r.out.opened.Load(); got != 15*testPeriod {
		t.Fatalf("the clock is at %d, want %d: it did not go on for the other", got, 15*testPeriod)
	}
	a.stop = true
	a.in.Wake()
	s.Release()
}

// A stream changes nothing in what an input plays.
func TestStreamsLeaveInputsAlone(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	a := r.counter("a")
	c, err := a.in.Capture()
	if err != nil {
		t.Fatal(err)
	}
	s := r.open(audio.StreamOptions{Rate: 44100, Channels: 2})
	a.in.Start()
	a.in.Promise(20 * testPeriod)
	r.ok(s.Start(background))
	r.write(s, constant(2*20*testPeriod, 0.25))
	r.call(func(*thread.Thread) {
		x, _ := readAll(t, c, 20*testPeriod)
		for i := range x {
			want := float32(i/2+1) * unit
			if i%2 == 1 {
				want = -want
			}
			if x[i] != want {
				t.Fatalf("sample %d is %g", i, x[i])
			}
		}
	})
	for i, v := range r.mixed() {
		if want := 0.25 + float32(i/2+1)*unit*float32(1-2*(i%2)); v != want {
			t.Fatalf("sample %d of the mix is %g, want %g", i, v, want)
		}
	}
	c.Release()
	s.Release()
	a.stop = true
	a.in.Wake()
}

func TestStreamsAreBounded(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	o := audio.StreamOptions{Rate: 44100, Channels: 1, Buffer: 1000}
	var all []com.Unknown
	open := func(out audio.Output, o audio.StreamOptions) (err error) {
		r.call(func(*thread.Thread) {
			var s audio.Stream
			if s, err = out.OpenStream(background, o); err == nil {
				all = append(all, s)
			}
		})
		return err
	}
	v := r.out.View(Limits{Streams: 3, Bytes: 100_000})
	for range 3 {
		r.ok(open(v, o))
	}
	if err := open(v, o); com.CodeOf(err) != com.ErrQuota {
		t.Errorf("more than the view allows: %v", err)
	}
	com.Release(all[0])
	all = all[1:]
	r.run(machine.Second / 10)
	big := o
	big.Buffer = 24_000
	if err := open(v, big); com.CodeOf(err) != com.ErrQuota {
		t.Errorf("more bytes than the view allows: %v", err)
	}
	r.ok(open(v, o))
	for len(all) < MaxStreams {
		r.ok(open(r.out, o))
	}
	if err := open(r.out, o); com.CodeOf(err) != com.ErrQuota {
		t.Errorf("one too many: %v", err)
	}
	com.Release(all...)
	r.run(machine.Second / 10)
	if n := r.out.streams.Load() + r.out.quota.streams.Load() + int32(r.out.quota.bytes.Load()); n != 0 {
		t.Errorf("%d are counted after the last", n)
	}
	all = nil
	r.ok(open(v, o))
	com.Release(append(all, v)...)
	for _, bad := range []audio.StreamOptions{
		{}, {Rate: 44100}, {Channels: 2}, {Rate: 99, Channels: 1}, {Rate: 44100 * 33, Channels: 1}, {Rate: 44100, Channels: 9},
		{Rate: 44100, Channels: 1, Format: 6}, {Rate: 44100, Channels: 1, Quality: 4}, {Rate: 44100, Channels: 2, Buffer: 1<<19 + 1},
		{Rate: 44100, Channels: 1, Buffer: 5000, Prefill: 5001}, {Rate: 44100, Channels: 1, MaxRate: math.MaxUint32},
		{Rate: math.MaxUint32, Channels: math.MaxUint32, Buffer: math.MaxUint32}, {Rate: 44100, Channels: 1, Name: strings.Repeat("x", 257)},
	} {
		if err := open(r.out, bad); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	held := r.h.Usage().Held
	for rate := uint32(100); rate < 700_000; rate = rate*3 + 1 { // every one works that is allowed
		for _, o := range []audio.StreamOptions{
			{Rate: rate, Channels: 1, Buffer: 1}, {Rate: rate, Channels: 8, Follow: true, Buffer: 1}, {Rate: 100, MaxRate: rate, Channels: 2, Quality: audio.High},
		} {
			all = nil
			r.ok(open(r.out, o))
			com.Release(all...)
			r.run(machine.Second / 10)
		}
	}
	if now := r.h.Usage().Held; now > held {
		t.Errorf("%d bytes are lost", now-held)
	}
}

func TestContextsOfStreams(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	s := r.open(audio.StreamOptions{Rate: 44100, Channels: 1, Buffer: 2000, Format: audio.S16})
	r.call(func(*thread.Thread) {
		if err := s.Write(background, make([]byte, 3)); com.CodeOf(err) != com.ErrInvalid {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
		defer cancel()
		if err := s.Write(ctx, make([]byte, 2*3000)); com.CodeOf(err) != com.ErrTimeout {
			t.Error(err)
		}
		if i := r.info(s); i.Written != 2000 || i.Buffered != 2000 {
			t.Errorf("%+v", i)
		}
		if err := s.Drain(background); com.CodeOf(err) != com.ErrInvalid {
			t.Error(err)
		}
		r.ok(s.Start(background))
		over, cancel := context.WithCancel(background)
		cancel()
		if err := s.Drain(over); com.CodeOf(err) != com.ErrCanceled {
			t.Error(err)
		}
		r.ok(s.Write(background, make([]byte, 2*100))) // when it has drained
		if i := r.info(s); i.Played != 2000 || i.Playing || i.Buffered != 100 {
			t.Errorf("%+v", i)
		}
	})
	var wrote error
	r.spawn("writer", func(*thread.Thread) { wrote = s.Write(background, make([]byte, 2*5000)) })
	r.run(machine.Second / 10)
	st := r.out.Status()
	if len(st.Streams) != 1 || st.Streams[0].BufferMs < 40 || st.Streams[0].Format != "s16" || st.Streams[0].Written != 4000 {
		t.Errorf("%+v", st.Streams)
	}
	r.out.Close()
	r.run(machine.Second / 10)
	if com.CodeOf(wrote) != com.ErrClosed {
		t.Errorf("%v", wrote)
	}
	r.call(func(*thread.Thread) {
		if _, err := r.out.OpenStream(background, audio.StreamOptions{Rate: 44100, Channels: 1}); com.CodeOf(err) != com.ErrClosed {
			t.Error(err)
		}
		if err := s.Start(background); com.CodeOf(err) != com.ErrClosed {
			t.Error(err)
		}
	})
	s.Release()
}

// A client that releases while its calls wait, as the link does for one that died.
func TestReleaseEndsCallsThatWait(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	s := r.open(audio.StreamOptions{Rate: 44100, Channels: 1, Buffer: 2000})
	var wrote error
	r.spawn("writer", func(*thread.Thread) { wrote = s.Write(background, floats(constant(9000, 0.5))) })
	r.run(machine.Second / 10)
	s.Release()
	r.run(machine.Second / 10)
	if com.CodeOf(wrote) != com.ErrGone {
		t.Errorf("%v", wrote)
	}
}

func TestThePitchFollowsTheRate(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	s := r.open(audio.StreamOptions{Rate: 22050, Channels: 1, MaxRate: 60000, Follow: true})
	r.spawn("writer", func(*thread.Thread) {
		r.ok(s.SetRate(background, 44100))
		if err := s.SetRate(background, 60001); com.CodeOf(err) != com.ErrInvalid {
			t.Error(err)
		}
		r.ok(s.Start(background))
		r.ok(s.Write(background, floats(sine(88200, 500, 22050))))
		r.ok(s.Drain(background))
		r.ok(s.SetRate(background, 22050))
	})
	r.run(machine.Second)
	level, _ := measure.Fit(left(r.mixed())[20000:20000+1<<14], 1000, testRate)
	if i := r.info(s); math.Abs(level-0.5) > 0.001 || i.Rate != 22050 || i.Underruns != 0 {
		t.Errorf("a level of %g at twice the frequency; %+v", level, i)
	}
	s.Release()
}

func TestAPeriodWithStreamsAllocatesNothing(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	r.dev.taken = make([]float32, 0, 1<<22)
	const periods = 300
	var all []*Stream
	for k, rate := range []uint32{48000, 44100, 22050, 96000} {
		s := r.open(audio.StreamOptions{Rate: rate, Channels: 1 + uint32(k%2), Buffer: uint32((periods + 10) * testPeriod * int(rate) / testRate), MaxRate: rate * uint32(k%2)})
		r.ok(s.Start(background))
		all = append(all, s)
	}
	a := r.counter("a")
	a.in.Start()
	for _, s := range all {
		i := r.info(s)
		r.write(s, constant(int(i.Buffer*i.Channels), 0.1))
	}
	r.run(machine.Millisecond)
	until := uint64(0)
	played := func() bool { return r.dev.played >= until }
	step := func() {
		until += testPeriod
		a.in.Promise(until)
		if err := r.p.RunUntil(played, machine.Forever); err != nil {
			t.Fatal(err)
		}
	}
	step()
	if n := testing.AllocsPerRun(periods-20, step); n > 0 {
		t.Errorf("%g allocations a period", n)
	}
	for _, s := range all {
		if i := r.info(s); i.Underruns != 0 || i.Played == 0 {
			t.Errorf("%+v", i)
		}
		s.Release()
	}
	a.stop = true
	a.in.Wake()
}

// A writer whose clock is off neither runs dry nor fills the buffer up.
func TestAStreamFollowsItsWriter(t *testing.T) {
	const off = 300 // parts per million
	r := newRig(t, &device{queue: 3})
	s := r.open(audio.StreamOptions{Rate: 48000, Channels: 1, Format: audio.S16, Follow: true, Prefill: 2400, Buffer: 9600})
	r.ok(s.Start(background))
	stop := false
	r.spawn("writer", func(th *thread.Thread) {
		block := make([]byte, 2*480)
		at := th.Processor().Now()
		for !stop {
			r.ok(s.Write(background, block))
			at = at.Add(10 * machine.Millisecond * (1_000_000 - off) / 1_000_000)
			th.SleepUntil(at)
		}
	})
	for range 60 {
		r.run(machine.Second)
		r.dev.taken = r.dev.taken[:0]
	}
	if i := r.info(s); i.Underruns != 0 || math.Abs(i.Trim-off) > 100 || i.Buffered < 1200 || i.Buffered > 4800 {
		t.Errorf("%+v", i)
	}
	stop = true
	r.run(machine.Second / 10)
	s.Release()
	r.run(machine.Second / 10)
}
