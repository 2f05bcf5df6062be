package synth

import (
	"context"
	"encoding/binary"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mixer/output"
)

// TestTwoProcessors has one processor render while threads of another, and
// goroutines, call. What a port renders is what it renders in virtual time.
func TestTwoProcessors(t *testing.T) {
	want := func() []float32 {
		r := newRig(t, &device{queue: 1, offline: true})
		return r.play(r.open(audio.PortOptions{}), tune(5))
	}()
	m := host.New()
	ctx, stop := context.WithCancel(background)
	var running sync.WaitGroup
	processor := func(name string) *thread.Processor {
		p := thread.NewProcessor(thread.Config{Name: name, Machine: m, Exit: func(_ *thread.Thread, f *thread.Failure) {
			t.Errorf("%v\n%s", f, f.Stack)
		}})
		running.Go(func() {
			if err := p.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		return p
	}
	renders, serves := processor("renders"), processor("serves")
	h, err := heap.New(make([]byte, 64<<20), heap.Options{Zeroed: true, Lock: &sync.Mutex{}})
	must(t, err)
	out, err := output.New(output.Config{Processor: renders, Spare: serves, Device: &device{queue: 1, offline: true}, Heap: h, Log: t.Logf})
	must(t, err)
	f, err := New(Config{Processor: renders, Spare: serves, Output: out, Heap: h, Log: t.Errorf})
	must(t, err)
	var clients sync.WaitGroup
	for i := range 4 {
		var got []float32
		clients.Go(func() {
			err := serves.Call("client", thread.Attributes{}, func(th *thread.Thread) { got = perform(t, f, serves, tune(5)) })
			if err != nil {
				t.Error(err)
			}
			if n := last(want); last(got) != n || !slices.Equal(got[:2*n], want[:2*n]) {
				t.Errorf("client %d: %d frames, and %d in virtual time, differ", i, last(got), n)
			}
		})
	}
	clients.Wait()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 200 {
			f.Status()
			out.Status()
		}
	}()
	<-done
	f.Release()
	out.Release()
	stop()
	running.Wait()
}

// perform plays a tune to its end on the calling thread, while another of the same
// processor reads what the port renders.
func perform(t *testing.T, f *Factory, p *thread.Processor, events []audio.Event) (samples []float32) {
	port, err := f.Open(background, audio.PortOptions{})
	if err != nil {
		t.Error(err)
		return nil
	}
	c, err := port.Capture(background)
	if err != nil {
		t.Error(err)
		return nil
	}
	reader, err := p.Spawn("reader", thread.Attributes{}, func(*thread.Thread) {
		buf := make([]byte, 1<<14)
		for {
			n, _, err := c.Read(background, buf)
			if err != nil {
				t.Error(err)
			}
			if n == 0 || err != nil {
				return
			}
			for i := 0; i < int(n); i += 4 {
				samples = append(samples, math.Float32frombits(binary.LittleEndian.Uint32(buf[i:])))
			}
		}
	})
	if err != nil {
		t.Error(err)
		return nil
	}
	if err := port.Start(background); err != nil {
		t.Error(err)
	}
	for _, ev := range events {
		if err := port.Queue(background, []audio.Event{ev}, ev.Frame); err != nil {
			t.Error(err)
		}
		if _, err := port.Channels(background); err != nil {
			t.Error(err)
		}
	}
	if err := port.Drain(background); err != nil {
		t.Error(err)
	}
	port.Release()
	if err := reader.Join(1 << 62); err != nil {
		t.Error(err)
	}
	c.Release()
	return samples
}

// BenchmarkThousandVoices is a port with a thousand voices on a real-time processor
// under the constraint policy, playing to a device of 256-frame periods that holds
// two. One operation is a second.
func BenchmarkThousandVoices(b *testing.B) {
	for _, policy := range []string{"constraint", "roundrobin"} {
		b.Run(policy, func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.NumCPU() + 2)) // as a hosted card has it
			m := host.New()
			ctx, stop := context.WithCancel(background)
			var running sync.WaitGroup
			processor := func(name string, kind machine.Kind) *thread.Processor {
				p := thread.NewProcessor(thread.Config{Name: name, Machine: m, Kind: kind, Policy: policies[policy](), Exit: func(_ *thread.Thread, f *thread.Failure) {
					b.Errorf("%v\n%s", f, f.Stack)
				}})
				running.Go(func() {
					if err := p.Run(ctx); err != nil {
						b.Error(err)
					}
				})
				return p
			}
			renders, serves := processor("renders", machine.RealTime), processor("serves", machine.Spare)
			h, err := heap.New(make([]byte, 64<<20), heap.Options{Zeroed: true, Lock: &sync.Mutex{}})
			must(b, err)
			d, err := output.NewPaced(m, rate, period, 2)
			must(b, err)
			out, err := output.New(output.Config{Processor: renders, Spare: serves, Device: d, Heap: h, Log: b.Logf})
			must(b, err)
			f, err := New(Config{Processor: renders, Spare: serves, Output: out, Heap: h, Log: b.Errorf})
			must(b, err)
			call := func(fn func()) {
				must(b, serves.Call("client", thread.Attributes{}, func(*thread.Thread) { fn() }))
			}
			var p *Port
			call(func() {
				port, err := f.Open(background, audio.PortOptions{Voices: 1024})
				must(b, err)
				p = port.(*Port)
				var events []audio.Event
				for c := range uint32(16) {
					events = append(events, program(0, c, 16))
				}
				for v := range uint64(1000) {
					c := uint32(v % 15)
					c += c / 9 // not the drums
					events = append(events, on(v*100, c, 30+uint32(v/15), 60))
				}
				must(b, p.Queue(background, events, 0))
				must(b, p.Start(background))
				thread.Sleep(3 * machine.Second)
			})
			under, busy := d.Underruns(), p.busy.Load()
			missed, cut := p.in.Missed(), p.cut.Load()
			least := uint32(1 << 30)
			b.ResetTimer()
			for range b.N {
				call(func() { thread.Sleep(machine.Second) })
				least = min(least, p.sounding.Load())
			}
			b.StopTimer()
			s := p.in.Account()
			n := float64(b.N)
			b.ReportMetric(float64(least), "voices")
			b.ReportMetric(float64(d.Underruns()-under)/n, "underruns/op")
			b.ReportMetric(float64(p.in.Missed()-missed)/n, "missed/op")
			b.ReportMetric(float64(p.cut.Load()-cut)/n, "cut/op")
			b.ReportMetric(float64(p.busy.Load()-busy)/n/1e7, "%core")
			b.ReportMetric(s.P99Us, "us-window-p99")
			b.ReportMetric(s.MaxUs, "us-window-max")
			p.Release()
			f.Release()
			out.Release()
			stop()
			running.Wait()
		})
	}
}
