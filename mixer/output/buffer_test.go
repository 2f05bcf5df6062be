package output

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mixer/format"
)

// TestBufferSourceAgainstAModel pulls, jumps and loops at random and finds every
// frame where the model has it, and every position passed just once.
func TestBufferSourceAgainstAModel(t *testing.T) {
	const frames = 1000
	mem := make([]byte, 4*frames)
	for i := range frames {
		binary.LittleEndian.PutUint32(mem[4*i:], math.Float32bits(float32(i+1)))
	}
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		s := newBufferSource(mem, format.F32, 1, frames)
		s.loop.Store(true)
		var played []uint32 // of every frame pulled, where in the buffer it was
		heard := uint64(0)
		counts, want := map[uint32]int{}, map[uint32]int{}
		positions := []uint32{0, 1, 500, 999, audio.AtStop}
		for range 300 {
			at := uint32(0)
			if len(played) > 0 {
				at = (played[len(played)-1] + 1) % frames
			}
			jumped := random.IntN(4) == 0
			if jumped {
				at = random.Uint32N(frames)
				s.jump.Store(uint64(at) + 1)
			}
			dst := make([]float32, 1+random.IntN(300))
			n, more := s.Pull(dst)
			if n != len(dst) || !more {
				t.Fatal(n, more)
			}
			for i, v := range dst {
				place := (at + uint32(i)) % frames
				if !(jumped && i < crossed) && v != float32(place+1) {
					t.Fatalf("frame %d is %v, want %d", len(played), v, place+1)
				}
				played = append(played, place)
			}
			// The ear follows, no more than a few legs behind.
			if lag := uint64(len(played)) - heard; lag > 0 {
				next := heard + random.Uint64N(lag+1)
				if lag > 1000 {
					next = uint64(len(played)) - 500
				}
				s.passed(heard, next, positions, func(i int) { counts[positions[i]]++ })
				for _, p := range played[heard:next] {
					want[p]++
				}
				if next < uint64(len(played)) {
					if p := s.place(next); p != played[next] {
						t.Fatalf("frame %d is at %d, want %d", next, p, played[next])
					}
				}
				heard = next
				s.forget(heard)
			}
		}
		for _, p := range positions {
			// A call tells of a position once, however often a short buffer passed it.
			if counts[p] > want[p] || counts[p] < want[p]*9/10 {
				t.Errorf("seed %d: position %d was passed %d times and told %d times", seed, p, want[p], counts[p])
			}
		}
	}
}

func TestABufferEndsAndBeginsAgain(t *testing.T) {
	s := newBufferSource(make([]byte, 100), format.U8, 1, 100)
	dst := make([]float32, 64)
	if n, more := s.Pull(dst); n != 64 || !more {
		t.Fatal(n, more)
	}
	if n, more := s.Pull(dst); n != 36 || more || !s.over.Load() {
		t.Fatal(n, more)
	}
	if dst[0] != -1 {
		t.Error("a zero of eight bits is the lowest value", dst[0])
	}
}

// buffer opens a sound buffer of the rig's output.
func (r *rig) buffer(o audio.BufferOptions) (*Buffer, error) {
	r.t.Helper()
	var b audio.Buffer
	var err error
	r.call(func(*thread.Thread) { b, err = r.out.OpenBuffer(background, o) })
	if err != nil {
		return nil, err
	}
	return b.(*Buffer), nil
}

func TestBuffersAreBounded(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	good := audio.BufferOptions{Rate: 44100, Channels: 2, Frames: 100}
	for name, change := range map[string]func(*audio.BufferOptions){
		"no rate":     func(o *audio.BufferOptions) { o.Rate = 0 },
		"no channels": func(o *audio.BufferOptions) { o.Channels = 0 },
		"nine":        func(o *audio.BufferOptions) { o.Channels = 9 },
		"no frames":   func(o *audio.BufferOptions) { o.Frames = 0 },
		"too many":    func(o *audio.BufferOptions) { o.Frames = 0xFFFFFFFF },
		"format":      func(o *audio.BufferOptions) { o.Format = 77 },
		"quality":     func(o *audio.BufferOptions) { o.Quality = 77 },
		"max rate":    func(o *audio.BufferOptions) { o.MaxRate = 0xFFFFFFFF },
	} {
		o := good
		change(&o)
		if _, err := r.buffer(o); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	b, err := r.buffer(good)
	if err != nil {
		t.Fatal(err)
	}
	r.call(func(*thread.Thread) {
		for what, err := range map[string]error{
			"position": b.SetPosition(background, 100), "gain": b.SetLevels(background, float32(math.NaN()), 0, 0),
			"pan": b.SetLevels(background, 1, 2, 0), "notify": b.SetNotify(background, []uint32{100}, nil),
		} {
			if com.CodeOf(err) != com.ErrInvalid {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := b.SetRate(background, 22050); com.CodeOf(err) != com.ErrNotSupported {
			t.Error(err)
		}
	})
	var all []*Buffer
	for {
		d, err := r.buffer(audio.BufferOptions{Of: b})
		if err != nil {
			if com.CodeOf(err) != com.ErrQuota {
				t.Error(err)
			}
			break
		}
		all = append(all, d)
	}
	if len(all) != MaxStreams-1 {
		t.Errorf("%d duplicates", len(all))
	}
	b.Release()
	for _, d := range all {
		if &d.mem.Bytes()[0] != &all[0].mem.Bytes()[0] {
			t.Fatal("a duplicate has memory of its own")
		}
		d.Release()
	}
	r.run(machine.Second / 10)
	if n := r.out.streams.Load(); n != 0 {
		t.Errorf("%d places are taken after the last release", n)
	}
}

// TestTheDeviceRestsWhileNoBufferPlays: what is only there costs nothing.
func TestTheDeviceRestsWhileNoBufferPlays(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	b, err := r.buffer(audio.BufferOptions{Rate: 44100, Channels: 1, Frames: 4410})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r.run(5 * machine.Second)
		if n := r.out.streams.Load(); n != 0 || !r.out.Status().Resting {
			t.Fatalf("%d streams, resting: %v", n, r.out.Status().Resting)
		}
		r.call(func(*thread.Thread) { r.ok(b.SetPosition(background, 100)); r.ok(b.Play(background, true)) })
		r.run(machine.Second)
		if n := r.out.streams.Load(); n != 1 || r.out.Status().Resting {
			t.Fatalf("%d streams, resting: %v, while it plays", n, r.out.Status().Resting)
		}
		r.call(func(*thread.Thread) { r.ok(b.Stop(background)) })
	}
	b.Release()
	r.run(machine.Second / 10)
	if n := r.out.streams.Load(); n != 0 || r.out.streamSlots[0].Load() != nil {
		t.Errorf("%d streams after the last release", n)
	}
}

// TestAPeriodWithBuffersAllocatesNothing plays, loops, jumps and tells cursors.
func TestAPeriodWithBuffersAllocatesNothing(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	r.dev.taken = make([]float32, 0, 1<<22)
	var all []*Buffer
	for k := range uint32(6) {
		b, err := r.buffer(audio.BufferOptions{Rate: 11025 * (k + 1), Channels: 1 + k%2, Format: audio.S16, Frames: 400 + 500*k, MaxRate: 200000 * (k % 2)})
		if err != nil {
			t.Fatal(err)
		}
		r.call(func(*thread.Thread) { r.ok(b.Play(background, true)) })
		all = append(all, b)
	}
	a := r.counter("a")
	a.in.Start()
	r.run(machine.Millisecond)
	until := uint64(0)
	played := func() bool { return r.dev.played >= until }
	step := func() {
		until += testPeriod
		all[until/testPeriod%6].src.jump.Store(until%400 + 1)
		a.in.Promise(until)
		if err := r.p.RunUntil(played, machine.Forever); err != nil {
			t.Fatal(err)
		}
	}
	step()
	if n := testing.AllocsPerRun(300, step); n > 0 {
		t.Errorf("%g allocations a period", n)
	}
	for _, b := range all {
		r.call(func(*thread.Thread) {
			if i, err := b.Info(background); err != nil || i.Heard == 0 || !i.Playing || !i.Looping {
				t.Errorf("%+v, %v", i, err)
			}
		})
		b.Release()
	}
	a.stop = true
	a.in.Wake()
}

// FuzzBufferMemory plays whatever bytes there are: all that comes out is finite.
func FuzzBufferMemory(f *testing.F) {
	f.Add([]byte{0, 0, 0xC0, 0x7F, 0, 0, 0x80, 0xFF}, uint8(5), uint8(2))
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, uint8(3), uint8(1))
	f.Fuzz(func(t *testing.T, mem []byte, kind, channels uint8) {
		fm := formats[audio.SampleFormat(kind%6)]
		ch := int(channels%8) + 1
		n := len(mem) / (fm.Bytes() * ch)
		if n == 0 {
			return
		}
		s := newBufferSource(mem, fm, ch, uint32(n))
		s.loop.Store(true)
		dst := make([]float32, 300*ch)
		for k := range 5 {
			s.jump.Store(uint64(k*7%n) + 1)
			if got, more := s.Pull(dst); got != 300 || !more {
				t.Fatal(got, more)
			}
			if p := s.place(s.taken - 1); p >= uint32(n) {
				t.Fatal(p)
			}
		}
	})
}
