package synth

import (
	"fmt"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// periods renders one period after another on an offline device.
type periods struct {
	r     *rig
	ports []audio.Port
	until uint64
	step  thread.Event
	next  func() bool
}

// newPeriods opens ports of which each sounds with so many voices.
func newPeriods(t testing.TB, ports, voices int) *periods {
	r := newRig(t, &device{queue: 1, offline: true})
	p := &periods{r: r}
	for range ports {
		port := r.open(audio.PortOptions{Voices: uint32(max(voices, 16))})
		must(t, port.Start(background))
		events := []audio.Event{program(0, 0, 16)}
		for v := range uint32(voices) {
			events = append(events, on(0, 0, 30+v, 100))
		}
		r.call(func() { must(t, port.Queue(background, events, 0)) })
		p.ports = append(p.ports, port)
	}
	p.next = func() bool { return r.dev.played.Load() >= p.until }
	for range 4 {
		p.render()
	}
	return p
}

func (p *periods) render() {
	p.until += period
	p.r.dev.taken = p.r.dev.taken[:0]
	for _, port := range p.ports {
		port.(*Port).in.Promise(p.until)
	}
	if len(p.ports) == 0 {
		return
	}
	if err := p.r.p.RunUntil(p.next, machine.Forever); err != nil {
		p.r.t.Fatal(err)
	}
}

func (p *periods) close() {
	for _, port := range p.ports {
		port.Release()
	}
}

func TestAPeriodAllocatesNothing(t *testing.T) {
	p := newPeriods(t, 3, 8)
	if n := testing.AllocsPerRun(300, p.render); n != 0 {
		t.Errorf("%g allocations a period", n)
	}
	p.close()
}

// TestPlayingAllocatesNothing is about what happens while music plays: live
// messages, and queued ones where there is room.
func TestPlayingAllocatesNothing(t *testing.T) {
	p := newPeriods(t, 1, 8)
	port := p.ports[0]
	frame := p.until
	events := make([]audio.Event, 64)
	sysex := []byte{0xF0, 0x7F, 0x7F, 4, 1, 0, 100, 0xF7}
	if n := testing.AllocsPerRun(300, func() {
		for i := range events {
			events[i] = on(frame, 0, uint32(40+i&15), uint32(i&1)*100)
			frame += 4
		}
		// One allocation: the closure that puts them.
		if err := port.Queue(nil, events, 0); err != nil {
			t.Fatal(err)
		}
		if err := port.Short(0x90 | 60<<8); err != nil {
			t.Fatal(err)
		}
		if err := port.SysEx(sysex); err != nil {
			t.Fatal(err)
		}
		p.render()
	}); n > 2 {
		t.Errorf("%g allocations a period", n)
	}
	p.close()
}

// BenchmarkPeriod is the processor time of one period: AUDIO, MIXER and the SYNTHs
// with their switches.
func BenchmarkPeriod(b *testing.B) {
	for _, c := range []struct{ ports, voices int }{{1, 0}, {8, 0}, {1, 32}, {8, 32}} {
		b.Run(fmt.Sprintf("ports=%d/voices=%d", c.ports, c.voices), func(b *testing.B) {
			p := newPeriods(b, c.ports, c.voices)
			b.ReportAllocs()
			for b.Loop() {
				p.render()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(span)*100, "%/realtime")
			p.close()
		})
	}
}

// BenchmarkShort is what a live message costs its sender.
func BenchmarkShort(b *testing.B) {
	p := newPeriods(b, 1, 0)
	port := p.ports[0].(*Port)
	for b.Loop() {
		if port.Short(0xB0|1<<8) != nil {
			port.live.clear(port.scratch[:])
		}
	}
	p.close()
}

// BenchmarkOpen is what a port costs to open and close.
func BenchmarkOpen(b *testing.B) {
	r := newRig(b, &device{queue: 1, offline: true})
	open := func() {
		p, err := r.f.Open(background, audio.PortOptions{})
		if err != nil {
			b.Fatal(err)
		}
		p.Release()
	}
	r.call(open)
	b.ReportAllocs()
	for b.Loop() {
		r.call(open)
		if err := r.p.RunUntil(func() bool { return r.f.ports[0].Load() == nil }, machine.Forever); err != nil {
			b.Fatal(err)
		}
	}
}
