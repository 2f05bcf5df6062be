package output

import (
	"fmt"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// BenchmarkPeriod is the processor time of one period with inputs that render next
// to nothing: AUDIO, MIXER, limiter and the switches.
func BenchmarkPeriod(b *testing.B) {
	for _, inputs := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("inputs=%d", inputs), func(b *testing.B) {
			r := newRig(b, &device{queue: 1, offline: true})
			var all []*counter
			for range inputs {
				c := r.counter("x")
				c.in.Start()
				all = append(all, c)
			}
			until := uint64(0)
			played := func() bool { return r.dev.played >= until }
			b.ReportAllocs()
			for b.Loop() {
				until += testPeriod
				r.dev.taken = r.dev.taken[:0]
				for _, c := range all {
					c.n = 0
					c.in.Promise(until)
				}
				if err := r.p.RunUntil(played, machine.Forever); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(span)*100, "%/realtime")
			for _, c := range all {
				c.stop = true
				c.in.Wake()
			}
		})
	}
}

// BenchmarkArrival is what it costs to stamp a live message.
func BenchmarkArrival(b *testing.B) {
	r := newRig(b, &device{queue: 3})
	c := r.counter("x")
	r.run(machine.Second)
	now := r.m.Now()
	for b.Loop() {
		r.out.Arrival(now)
	}
	c.stop = true
}

// BenchmarkStreams is the processor time of one period with streams of 48 kHz in
// stereo, converted to the card's 44.1 kHz.
func BenchmarkStreams(b *testing.B) {
	for name, q := range map[string]audio.Quality{"fast": audio.Fast, "normal": audio.Normal, "high": audio.High} {
		for _, streams := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/streams=%d", name, streams), func(b *testing.B) {
				r := newRig(b, &device{queue: 1, offline: true})
				data := make([]byte, 8*48000)
				stop := false
				var all []*Stream
				for range streams {
					s := r.open(audio.StreamOptions{Rate: 48000, Channels: 2, Quality: q})
					r.ok(s.Start(background))
					all = append(all, s)
				}
				a := r.counter("a") // paces them
				a.in.Start()
				for _, s := range all {
					r.spawn("writer", func(*thread.Thread) {
						for !stop && s.Write(background, data) == nil {
						}
					})
				}
				until := uint64(0)
				played := func() bool { return r.dev.played >= until }
				b.ReportAllocs()
				for b.Loop() {
					until += testPeriod
					r.dev.taken = r.dev.taken[:0]
					a.in.Promise(until)
					if err := r.p.RunUntil(played, machine.Forever); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(span)*100, "%/realtime")
				stop, a.stop = true, true
				for _, s := range all {
					s.Release()
				}
				a.in.Wake()
			})
		}
	}
}
