package mixer

import (
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
)

// A stream that is late leaves silence that is counted, begins again when it has filled, loses nothing and does not click.
func TestLateStream(t *testing.T) {
	for _, rate := range []int{44100, 48000} {
		m := mustMix(t, Config{})
		in := mustInput(t, m, InputConfig{Rate: rate, Channels: 1, Buffer: 4000, Prefill: 1000})
		x := make([]float32, 8000)
		for i := range x {
			x[i] = 0.5 // a constant shows every gap
		}
		out := render(m, 512)
		if s := in.Stats(); s.Late != 0 {
			t.Errorf("waiting for the beginning counted as late: %+v", s)
		}
		wrote := in.WriteFloat(x[:1200])
		out = append(out, render(m, 2560)...)
		s := in.Stats()
		if s.Dry != 1 || s.Late == 0 {
			t.Errorf("%+v", s)
		}
		wrote += in.WriteFloat(x[:900]) // less than it wants to begin with again
		out = append(out, render(m, 512)...)
		wrote += in.WriteFloat(x[:3000])
		in.Finish()
		out = append(out, render(m, 8000)...)
		s = in.Stats()
		if s.Dry != 1 || !s.Ended || s.Played != uint64(wrote) {
			t.Errorf("%d frames were written: %+v", wrote, s)
		}
		sum := 0.0
		for i := 2; i < len(out); i += 2 {
			sum += float64(out[i])
			// The ends of the sound itself are steps; gaps are faded.
			if step := math.Abs(float64(out[i] - out[i-2])); step > 0.02 && i > 2*700 && i < 2*3000 {
				t.Errorf("%d Hz: a step of %v at frame %d", rate, step, i/2)
			}
		}
		if heard := sum / 0.5 * float64(rate) / 44100; math.Abs(heard-float64(wrote)) > fade+2 { // what two fades take
			t.Errorf("%d Hz: heard %.0f of %d frames", rate, heard, wrote)
		}
	}
}

func TestTimedInputNeverShifts(t *testing.T) {
	m := mustMix(t, Config{})
	in := mustInput(t, m, InputConfig{Channels: 1, Timed: true, Buffer: 4096})
	x := noise(4096, 5)
	write := func(frame, n int, want error) {
		t.Helper()
		if err := in.WriteAt(uint64(frame), x[frame:frame+n]); !errors.Is(err, want) {
			t.Fatalf("frame %d: %v", frame, err)
		}
	}
	write(0, 256, nil)
	write(300, 100, nil) // a hole of 44 frames
	out := render(m, 512)
	write(256, 512, nil)  // 256 frames too late, the rest in time
	write(700, 100, nil)  // overlaps what is there already
	write(600, 50, nil)   // lies within what is there already
	write(900, 3196, nil) // up to a whole ring ahead of what has been read
	if err := in.WriteAt(5000, x[:256]); !errors.Is(err, ErrAhead) {
		t.Errorf("beyond the ring: %v", err)
	}
	if err := in.WriteAt(math.MaxUint64-3, x[:256]); !errors.Is(err, ErrAhead) {
		t.Errorf("at the end of time: %v", err)
	}
	out = append(out, render(m, 1488)...)
	for i := range 2000 {
		want := x[i]
		switch {
		case i >= 256 && i < 300, i >= 400 && i < 512, i >= 800 && i < 900:
			want = 0
		case i >= 336 && i < 400:
			want *= 1 - float32(i-336)/fade // toward the gap
		case i >= 512 && i < 512+fade:
			want *= float32(i-512) / fade // out of it
		}
		if got := out[2*i]; math.Abs(float64(got-want)) > 1e-6 {
			t.Fatalf("frame %d is %v, want %v", i, got, want)
		}
	}
	// 256 too late, 68 written twice, and 50.
	if s := in.Stats(); s.Late != 112 || s.Dry != 1 || s.Trimmed != 256+68+50 {
		t.Errorf("%+v", s)
	}
}

func TestEndIsKnownToTheFrame(t *testing.T) {
	for _, rate := range []int{44100, 48000, 22050, 96000} {
		for _, ceiling := range []float64{0, 0.99} {
			m := mustMix(t, Config{Ceiling: ceiling})
			frames := 5000
			in := mustInput(t, m, InputConfig{Rate: rate, Source: &clip{data: noise(2*frames, 1), channels: 2}, Paused: true})
			in.StartAt(100)
			for range 100 {
				render(m, 256)
			}
			end, ok := in.Ended()
			want := 100 + uint64(m.Latency()) + uint64(math.Ceil(float64(frames)*44100/float64(rate)))
			if !ok || end != want && end != want+1 {
				t.Errorf("%d Hz: ended at %d, want %d", rate, end, want)
			}
			if s := in.Stats(); s.Played != uint64(frames) || s.Late != 0 {
				t.Errorf("%d Hz: %+v", rate, s)
			}
			if p := in.PositionAt(end + 5000); p != uint64(frames) {
				t.Errorf("%d Hz: at the end the position is %d", rate, p)
			}
		}
	}
}

func TestPositionAtWhatIsHeard(t *testing.T) {
	for _, rate := range []int{44100, 48000, 8000} {
		m := mustMix(t, Config{Ceiling: 0.9})
		in := mustInput(t, m, InputConfig{Rate: rate, Source: &sine{hz: 100, rate: float64(rate), channels: 2}, Paused: true})
		in.StartAt(1000)
		for range 40 {
			render(m, 256)
		}
		begin := uint64(1000 + m.Latency())
		for frame := uint64(0); frame < 9000; frame += 77 {
			want := 0.0
			if frame > begin {
				want = float64(frame-begin) * float64(rate) / 44100
			}
			if got := float64(in.PositionAt(frame)); math.Abs(got-want) > 1.001 {
				t.Errorf("%d Hz: at frame %d the position is %v, want %v", rate, frame, got, want)
			}
		}
	}
}

// A pause loses no frame: the sound goes on where it stopped, but for the fades.
func TestPauseAndResume(t *testing.T) {
	m := mustMix(t, Config{})
	x := make([]float32, 4000)
	for i := range x {
		x[i] = float32(i) / 4000
	}
	in := mustInput(t, m, InputConfig{Channels: 1, Source: &clip{data: x, channels: 1}})
	out := render(m, 512)
	in.Pause()
	pause := render(m, 1024)
	in.Resume()
	out = append(append(out, pause[:2*fade]...), render(m, 1000)...)
	for i, v := range pause[2*fade:] {
		if v != 0 {
			t.Fatalf("sample %d of the pause is %v", i, v)
		}
	}
	for i := range 1500 {
		want := float32(i) / 4000
		switch {
		case i >= 512 && i < 512+fade:
			want *= 1 - float32(i-512)/fade
		case i >= 512+fade && i < 512+2*fade:
			want *= float32(i-512-fade) / fade
		}
		if math.Abs(float64(out[2*i]-want)) > 1e-5 {
			t.Fatalf("frame %d is %v, want %v", i, out[2*i], want)
		}
	}
}

func TestRateChangesThePitch(t *testing.T) {
	m := mustMix(t, Config{})
	in := mustInput(t, m, InputConfig{Rate: 22050, MaxRate: 100_000, Source: &sine{hz: 500, rate: 22050, channels: 2}})
	crossings := func() (n int) {
		out := render(m, 44100)
		for i := 2; i < len(out); i += 2 {
			if out[i-2] < 0 && out[i] >= 0 {
				n++
			}
		}
		return n
	}
	for _, rate := range []int{22050, 44100, 88200, 11025, 100_000, 100} {
		if err := in.SetRate(rate); err != nil {
			t.Fatal(err)
		}
		if n, want := crossings(), 500*rate/22050; n < want-2 || n > want+2 {
			t.Errorf("at %d Hz the tone is at %d Hz, want %d", rate, n, want)
		}
	}
	for _, bad := range []int{0, 99, 100_001} {
		if in.SetRate(bad) == nil {
			t.Errorf("%d Hz accepted", bad)
		}
	}
}

// A producer whose clock is off, and which writes when it can, never runs dry nor overflows.
func TestDriftIsFollowed(t *testing.T) {
	for _, ppm := range []float64{300, -300} {
		m := mustMix(t, Config{})
		in := mustInput(t, m, InputConfig{Rate: 48000, Drift: true, Prefill: 2400, Buffer: 9600})
		random := rand.New(rand.NewPCG(1, 2))
		block := make([]float32, 2*480)
		out := make([]float32, 512)
		const minutes = 3 // in which an uncorrected stream would be off by more than its prefill
		due, written, lost := 0.0, 0, 0
		for frame := 0; frame < 44100*60*minutes; frame += 256 {
			for due <= float64(frame)/44100 {
				lost += 480 - in.WriteFloat(block)
				written += 480
				due = float64(written)/(48000*(1+ppm*1e-6)) + random.Float64()*0.004
			}
			m.Render(out, 256)
		}
		s := in.Stats()
		t.Logf("%v ppm: %+v", ppm, s)
		if s.Late != 0 || s.Dry != 0 || lost != 0 {
			t.Errorf("%v ppm: %d frames lost, %+v", ppm, lost, s)
		}
		if math.Abs(s.TrimPPM-ppm) > 100 || s.Buffered < 480 || s.Buffered > 4800 {
			t.Errorf("%v ppm: trimmed by %v, %d frames waiting", ppm, s.TrimPPM, s.Buffered)
		}
	}
}

// Producer, control and rendering at once, for the race detector; the sound arrives whole.
func TestConcurrentUse(t *testing.T) {
	m := mustMix(t, Config{Inputs: 4})
	in := mustInput(t, m, InputConfig{Channels: 1, Buffer: 2048, Prefill: 1})
	const total = 200_000
	var group sync.WaitGroup
	group.Add(2)
	done := make(chan struct{})
	go func() {
		defer group.Done()
		x := make([]float32, 300)
		for sent := 0; sent < total; {
			n := min(len(x), total-sent)
			for i := range n {
				x[i] = float32(sent+i+1) / (1 << 20)
			}
			sent += in.WriteFloat(x[:n])
		}
		in.Finish()
	}()
	go func() {
		defer group.Done()
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			if other, err := m.Open(InputConfig{Rate: 8000 + i%50000, Channels: 1 + i%2, Drift: i%3 == 0}); err == nil {
				other.SetGain(0, 0, i%500)
				other.WriteFloat(make([]float32, 4000))
				other.Close()
			}
			_ = in.PositionAt(m.Frame())
			_ = in.Stats()
		}
	}()
	out := make([]float32, 512)
	next := float32(1)
	for {
		m.Render(out, 256)
		for i := 0; i < len(out); i += 2 {
			if v := out[i] * (1 << 20); v == next {
				next++
			}
		}
		if _, ok := in.Ended(); ok {
			break
		}
	}
	close(done)
	group.Wait()
	// The fades around gaps change some frames; after each, counting goes on where it was only if no gap came between.
	if s := in.Stats(); s.Dry == 0 && next != total+1 {
		t.Errorf("frame %v of %d did not arrive; %+v", next, total, s)
	}
	if s := in.Stats(); s.Played != total {
		t.Errorf("played %d of %d frames", s.Played, total)
	}
}

func FuzzMix(f *testing.F) {
	f.Add(uint32(44100), uint32(48000), uint8(2), uint8(1), uint8(5), []byte{1, 200, 2, 100, 3, 50, 4, 9, 5, 5, 6, 6, 7, 7, 0, 255})
	f.Add(uint32(8000), uint32(192000), uint8(8), uint8(6), uint8(2), []byte{0, 255, 1, 255, 5, 0, 0, 255, 4, 0})
	f.Fuzz(func(t *testing.T, rate, inRate uint32, channels, inChannels, flags uint8, script []byte) {
		m, err := New(Config{Rate: int(rate), Channels: int(channels), Ceiling: 0.9, Inputs: 2})
		if err != nil {
			return
		}
		c := InputConfig{Rate: int(inRate), Channels: int(inChannels), Timed: flags&1 != 0, Drift: flags&2 != 0, Quality: 1}
		if flags&4 != 0 {
			c.MaxRate = int(inRate) * 2
		}
		in, err := m.Open(c)
		if err != nil {
			return
		}
		out := make([]float32, 256*int(channels))
		x := make([]float32, 256*int(inChannels))
		for i := range x {
			x[i] = float32(math.Sin(float64(i))) * 3
		}
		for len(script) >= 2 {
			op, arg := script[0], int(script[1])
			script = script[2:]
			switch op % 12 {
			case 0:
				m.Render(out, arg)
			case 1:
				in.WriteFloat(x[:arg*int(inChannels)])
			case 2:
				_ = in.WriteAt(uint64(arg)*uint64(arg), x[:arg*int(inChannels)])
			case 3:
				in.SetGain(float32(arg)-100, float32(arg)/100-1, arg)
			case 4:
				in.Pause()
			case 5:
				in.StartAt(uint64(arg) * 8)
			case 6:
				_ = in.SetRate(arg * 1000)
			case 7:
				in.Resume()
			case 8:
				if arg > 200 {
					in.Finish()
				}
			case 9:
				in.Reset()
			case 10:
				_ = in.Ready(arg)
			case 11:
				if arg > 250 {
					in.Close()
				}
				if in.Leave() && in.Sounding() {
					t.Fatal("it has left, and sounds")
				}
			}
			for _, v := range out {
				if !(v <= 0.9 && v >= -0.9) {
					t.Fatalf("%v came out", v)
				}
			}
			_ = in.PositionAt(uint64(arg))
			_ = in.Stats()
		}
	})
}

// A stream that is reset begins again with what is written then, counts on, and may be in memory of its caller.
func TestAResetStreamBeginsAgain(t *testing.T) {
	for _, rate := range []int{44100, 48000} {
		m := mustMix(t, Config{})
		c := InputConfig{Rate: rate, Channels: 1, Paused: true}
		c.Buffer = m.MinBuffer(c) + 2000
		c.Memory = make([]float32, c.Buffer)
		in := mustInput(t, m, c)
		x := make([]float32, 1000)
		for i := range x {
			x[i] = 0.5
		}
		heard := func() (sum float64) {
			for _, v := range render(m, 2048) {
				sum += float64(v) / 2
			}
			return sum / 0.5
		}
		for turn := 1; turn <= 3; turn++ {
			in.WriteFloat(x)
			in.Resume()
			in.Finish()
			if got, want := heard(), 1000*44100/float64(rate); math.Abs(got-want) > 2 {
				t.Errorf("%d Hz, turn %d: %g frames are heard, want %g", rate, turn, got, want)
			}
			if _, ok := in.Ended(); !ok {
				t.Errorf("%d Hz, turn %d: not ended", rate, turn)
			}
			in.Reset()
			if _, ok := in.Ended(); ok || in.Running() || in.Sounding() {
				t.Errorf("%d Hz, turn %d: not reset", rate, turn)
			}
			in.WriteFloat(x) // dropped
			in.Reset()
			if p, w := in.PositionAt(m.Frame()), in.Written(); w != uint64(2000*turn) || p != w {
				t.Errorf("%d Hz, turn %d: at frame %d of %d", rate, turn, p, w)
			}
		}
		if in.Ready(256) {
			t.Error("ready with nothing to play")
		}
		in.Close()
		if !in.Leave() {
			t.Error("an input that was closed while silent does not leave")
		}
		if _, err := m.Open(InputConfig{Rate: rate, Channels: 2, Buffer: 5000, Memory: c.Memory[:100]}); err == nil {
			t.Error("too little memory was accepted")
		}
	}
}
