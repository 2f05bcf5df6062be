package synth

import (
	"slices"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

func TestEventsSoundAtTheirFrames(t *testing.T) {
	for _, frame := range []uint64{0, 1, 63, 64, 100, 255, 256, 1000, 44101} {
		r := newRig(t, &device{queue: 1, offline: true})
		p := r.open(audio.PortOptions{})
		samples := r.play(p, []audio.Event{program(0, 0, 16), on(frame, 0, 60, 100), off(frame+2000, 0, 60)})
		base := first(samples)
		r2 := newRig(t, &device{queue: 1, offline: true})
		zero := first(r2.play(r2.open(audio.PortOptions{}), []audio.Event{program(0, 0, 16), on(0, 0, 60, 100), off(2000, 0, 60)}))
		if base-zero != int(frame) {
			t.Errorf("the note of frame %d sounds %d frames after that of frame 0", frame, base-zero)
		}
	}
}

func TestRealTimeAndOfflineGiveTheSameBytes(t *testing.T) {
	offline := newRig(t, &device{queue: 1, offline: true})
	a := offline.play(offline.open(audio.PortOptions{}), tune(1))
	live := newRig(t, &device{queue: 3})
	live.run(777 * machine.Microsecond)
	b := live.play(live.open(audio.PortOptions{}), tune(1))
	n := last(a) + 1
	if n < 3*rate || last(b)+1 != n || !slices.Equal(a[:2*n], b[:2*n]) {
		t.Errorf("%d frames offline and %d in real time differ", n, last(b)+1)
	}
	if live.dev.under != 0 {
		t.Errorf("%d underruns", live.dev.under)
	}
}

func TestOfflineRenderingIsRepeatable(t *testing.T) {
	var files [3][]float32
	for i := range files {
		r := newRig(t, &device{queue: 1, offline: true})
		r.run(machine.Duration(i) * machine.Second)
		p := r.open(audio.PortOptions{})
		events := tune(2)
		r.call(func() {
			must(t, p.Start(background))
			for len(events) > 0 {
				n := min(len(events), 1+i*50)
				must(t, p.Queue(background, events[:n], events[n-1].Frame))
				events = events[n:]
			}
		})
		if i == 1 {
			r.run(machine.Second) // the clock comes to what was promised, and waits
		}
		r.call(func() {
			must(t, p.Drain(background))
			p.Release()
		})
		files[i] = r.dev.taken
	}
	if len(files[0]) == 0 || !slices.Equal(files[0], files[1]) || !slices.Equal(files[0], files[2]) {
		t.Errorf("files of %d, %d and %d samples differ", len(files[0]), len(files[1]), len(files[2]))
	}
}

func TestAPortSoundsTheSameBesideOthers(t *testing.T) {
	for _, dev := range []func() *device{
		func() *device { return &device{queue: 1, offline: true} },
		func() *device { return &device{queue: 3} },
	} {
		r := newRig(t, dev())
		alone := r.play(r.open(audio.PortOptions{}), tune(3))
		r = newRig(t, dev())
		port := r.open(audio.PortOptions{})
		if r.dev.offline {
			must(t, port.Start(background)) // holds the clock until the others are there
		}
		var others []audio.Port
		for i := range uint32(2) {
			o := r.open(audio.PortOptions{Voices: 64})
			must(t, o.Start(background))
			events := tune(i + 10)
			r.call(func() { must(t, o.Queue(background, events, 10*rate)) })
			others = append(others, o)
		}
		r.run(span)
		beside := r.play(port, tune(3))
		if n := last(alone); n != last(beside) || !slices.Equal(alone[:2*n], beside[:2*n]) {
			t.Errorf("offline %v: %d frames alone and %d beside others differ", r.dev.offline, last(alone), last(beside))
		}
		for _, o := range others {
			o.Release()
		}
	}
}

func TestFlowControl(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	p := r.open(audio.PortOptions{})
	events := make([]audio.Event, maxEvents)
	for i := range events {
		events[i] = audio.Event{Frame: uint64(i), Message: 0xB0 | 7<<8 | 100<<16}
	}
	at := uint64(0)
	next := func() []audio.Event {
		for i := range events {
			events[i].Frame = at
			at += 10
		}
		return events
	}
	r.call(func() {
		for range queueEvents / maxEvents {
			must(t, p.Queue(background, next(), 0))
		}
	})
	var err error
	returned := r.start(func() { err = p.Queue(background, next(), 0) })
	r.run(machine.Second)
	if returned() {
		t.Fatalf("a full queue took more: %v", err)
	}
	must(t, p.Start(background))
	r.run(machine.Second / 2)
	if returned() {
		t.Fatal("it took more before there was room for all")
	}
	r.run(machine.Second)
	if !returned() || err != nil {
		t.Fatalf("it waits although there is room: %v", err)
	}
	if i, _ := p.Info(background); i.Late != 0 || i.Queued == 0 || i.Queued > queueEvents {
		t.Errorf("%+v", i)
	}
	// Stop has whoever waits give up.
	r.call(func() {})
	var second error
	full := r.start(func() {
		for second == nil {
			second = p.Queue(background, next(), 0)
		}
	})
	r.run(machine.Second / 10)
	r.call(func() { must(t, p.Stop(background)) })
	r.run(machine.Second / 10)
	if !full() || com.CodeOf(second) != com.ErrCanceled {
		t.Errorf("after Stop, Queue returned %v", second)
	}
	if i, _ := p.Info(background); i.Queued != 0 {
		t.Errorf("%d events after Stop", i.Queued)
	}
	p.Release()
}

func TestAFullQueueLetsAnOfflineClockGoOn(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	p := r.open(audio.PortOptions{})
	must(t, p.Start(background))
	done := r.start(func() {
		at := uint64(0)
		for range 10 {
			events := make([]audio.Event, maxEvents)
			for i := range events {
				events[i] = audio.Event{Frame: at, Message: 0xB0 | 7<<8 | 100<<16}
				at++
			}
			if err := p.Queue(background, events, 0); err != nil { // nothing promised
				t.Error(err)
			}
		}
		if err := p.Drain(background); err != nil {
			t.Error(err)
		}
		// More in one period than it holds can never be played.
		var err error
		for range 5 {
			events := make([]audio.Event, maxEvents)
			for i := range events {
				events[i] = audio.Event{Frame: at, Message: 0xB0 | 7<<8 | 100<<16}
			}
			if err = p.Queue(background, events, 0); err != nil {
				break
			}
		}
		if com.CodeOf(err) != com.ErrQuota {
			t.Errorf("%v", err)
		}
	})
	r.run(machine.Second)
	if !done() {
		t.Error("client and device wait for each other")
	}
	p.Release()
}

func TestLateEventsSoundAtOnceAndAreCounted(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	p := r.open(audio.PortOptions{})
	rec := r.capture(p)
	must(t, p.Start(background))
	r.run(machine.Second)
	i, _ := p.Info(background)
	r.call(func() { must(t, p.Queue(background, []audio.Event{program(0, 0, 16), on(100, 0, 60, 100)}, 0)) })
	r.run(machine.Second / 10)
	after, _ := p.Info(background)
	if after.Late != 2 || after.Voices == 0 {
		t.Errorf("%+v", after)
	}
	if at := first(rec.samples); at < int(i.Frame) || at > int(i.Frame)+2*period {
		t.Errorf("it sounds at %d, and was queued at %d", at, i.Frame)
	}
	p.Release()
	r.run(machine.Second / 10)
	rec.c.Release()
}

func TestReleaseFadesWithin10ms(t *testing.T) {
	for _, offline := range []bool{false, true} {
		dev := &device{queue: 3, offline: offline}
		r := newRig(t, dev)
		p := r.open(audio.PortOptions{})
		must(t, p.Start(background))
		r.call(func() {
			must(t, p.Queue(background, []audio.Event{program(0, 0, 16), on(0, 0, 60, 100), on(0, 0, 64, 100)}, rate))
		})
		r.run(machine.Second / 2)
		at := len(dev.taken) / 2
		if !offline {
			at = int(r.out.Heard(r.m.Now())) + dev.queue*period
		}
		p.Release()
		r.run(machine.Second / 2)
		end := last(dev.taken)
		if end < at-period || end > at+rate/100+period {
			t.Errorf("offline %v: released at frame %d, silent from %d", offline, at, end)
		}
		if s := r.f.Status(); len(s.Ports) != 0 || s.Reserved != 0 {
			t.Errorf("after the release: %+v", s)
		}
	}
}

func TestClosedPortsEndThoughTheDeviceStandsStill(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	p, holds := r.open(audio.PortOptions{}), r.open(audio.PortOptions{})
	must(t, p.Start(background))
	must(t, holds.Start(background))
	r.call(func() {
		must(t, holds.Queue(background, nil, rate))
		must(t, p.Queue(background, []audio.Event{on(0, 0, 60, 100)}, 2*rate))
	})
	r.run(machine.Second)
	p.Release()
	r.run(machine.Second)
	if s := r.f.Status(); len(s.Ports) != 1 {
		t.Errorf("%d ports are left", len(s.Ports))
	}
	holds.Release()
}

func TestLiveMessagesSoundWithoutJitter(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	p := r.open(audio.PortOptions{})
	r.run(machine.Second)
	must(t, p.Short(0xC0|115<<8))
	rec := r.capture(p)
	const notes = 40
	var at []machine.Time
	for i := range notes {
		r.run(machine.Duration(40+i%7) * machine.Millisecond)
		at = append(at, r.m.Now())
		must(t, p.Short(0x90|60<<8|100<<16))
		r.run(5 * machine.Millisecond)
		must(t, p.SysEx([]byte{0xF0, 0x7E, 0x7F, 0x09, 0x01, 0xF7})) // silences, within 10 ms
		must(t, p.Short(0xC0|115<<8))
	}
	r.run(machine.Second)
	var starts []int
	quiet := period
	for i := range len(rec.samples) / 2 {
		if rec.samples[2*i] == 0 && rec.samples[2*i+1] == 0 {
			quiet++
			continue
		}
		if quiet >= 100 {
			starts = append(starts, i)
		}
		quiet = 0
	}
	if len(starts) != notes {
		t.Fatalf("%d notes sound, want %d", len(starts), notes)
	}
	for i := range starts {
		passed := at[i].Sub(at[0]).Seconds() * rate
		if off := float64(starts[i]-starts[0]) - passed; off < -1.5 || off > 1.5 {
			t.Errorf("note %d sounds %.1f frames off", i, off)
		}
	}
	p.Release()
	r.run(machine.Second / 10)
	rec.c.Release()
}

func TestStopSilencesWithin10ms(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	p := r.open(audio.PortOptions{})
	rec := r.capture(p)
	must(t, p.Start(background))
	r.call(func() {
		must(t, p.Queue(background, []audio.Event{program(0, 0, 16), on(0, 0, 60, 100), on(rate, 0, 64, 100)}, 0))
	})
	r.run(machine.Second / 2)
	i, _ := p.Info(background)
	r.call(func() { must(t, p.Stop(background)) })
	r.run(machine.Second)
	if end := last(rec.samples); end < int(i.Frame)-period || end > int(i.Frame)+period+rate/100 {
		t.Errorf("stopped at frame %d, silent from %d", i.Frame, end)
	}
	i, _ = p.Info(background)
	if i.Voices != 0 || i.Queued != 0 {
		t.Errorf("%+v", i)
	}
	// And it plays on.
	r.call(func() { must(t, p.Queue(background, []audio.Event{on(i.Frame+4*period, 0, 60, 100)}, 0)) })
	r.run(machine.Second / 10)
	if after, _ := p.Info(background); after.Voices == 0 || after.Late != i.Late {
		t.Errorf("%+v", after)
	}
	p.Release()
	r.run(machine.Second / 10)
	rec.c.Release()
}

func TestDrainWaitsUntilItWasHeard(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	p := r.open(audio.PortOptions{})
	must(t, p.Start(background))
	// An organ whose keys stay down: Drain lets them go.
	r.call(func() {
		must(t, p.Queue(background, []audio.Event{program(0, 0, 16), on(rate, 0, 60, 100)}, 2*rate))
		must(t, p.Drain(background))
	})
	base, _ := p.(*Port).in.Base()
	end := last(r.dev.taken)
	if end < int(base)+2*rate {
		t.Errorf("the key was let go before what was promised: silent from %d", end-int(base))
	}
	if r.dev.played.Load() < uint64(end) {
		t.Errorf("Drain returned at frame %d, and the last sound is at %d", r.dev.played.Load(), end)
	}
	i, _ := p.Info(background)
	if i.Heard == 0 || i.Heard > i.Frame || i.Frame-i.Heard > 6*period {
		t.Errorf("%+v", i)
	}
	p.Release()
}

func TestArgumentsAreChecked(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	for _, o := range []audio.PortOptions{
		{Voices: 15}, {Voices: 1025}, {Voices: 1 << 31}, {Interpolation: 4}, {Gain: -1}, {Gain: 101},
		{Name: string(make([]byte, 300))},
	} {
		r.call(func() {
			if _, err := r.f.Open(background, o); com.CodeOf(err) != com.ErrInvalid {
				t.Errorf("%+v: %v", o, err)
			}
		})
	}
	p := r.open(audio.PortOptions{})
	r.call(func() {
		must(t, p.Queue(background, []audio.Event{on(100, 0, 60, 1)}, 200))
		for _, bad := range [][]audio.Event{
			{on(150, 0, 60, 1)}, {on(300, 0, 60, 1), on(299, 0, 60, 1)}, {{Frame: 300, Message: 0x3c}},
			make([]audio.Event, maxEvents+1),
		} {
			if err := p.Queue(background, bad, 0); com.CodeOf(err) != com.ErrInvalid {
				t.Errorf("%v", err)
			}
		}
		for _, bad := range [][]byte{nil, {0xF0}, {0xF0, 1}, {0x90, 0xF7}, {0xF0, 0x80, 0xF7}, make([]byte, maxSysEx+1)} {
			if err := p.QueueSysEx(background, 300, bad); com.CodeOf(err) != com.ErrInvalid {
				t.Errorf("% x: %v", bad, err)
			}
			if err := p.SysEx(bad); com.CodeOf(err) != com.ErrInvalid {
				t.Errorf("% x: %v", bad, err)
			}
		}
		if err := p.Short(0x7f); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%v", err)
		}
		must(t, p.Start(background))
		if err := p.Start(background); com.CodeOf(err) != com.ErrBusy {
			t.Errorf("%v", err)
		}
	})
	p.Release()
	r.run(machine.Second / 10)
	if err := p.Short(0x90); com.CodeOf(err) != com.ErrGone {
		t.Errorf("after its end a port says %v", err)
	}
}

func TestChannelsAndStatus(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	p := r.open(audio.PortOptions{Name: "song\x1b[2J"})
	must(t, p.Start(background))
	r.call(func() {
		must(t, p.Queue(background, []audio.Event{program(0, 3, 40), on(0, 3, 60, 100)}, 0))
	})
	r.run(machine.Second / 10)
	r.call(func() {
		list, err := p.Channels(background)
		must(t, err)
		if len(list) != 16 || list[3].Program != 40 || list[3].Name == "" || list[3].Voices == 0 || !list[9].Drums {
			t.Errorf("%+v", list)
		}
		s := r.f.Status()
		if len(s.Ports) != 1 || s.Ports[0].Name != "song?[2J" || s.Voices == 0 || len(s.Banks) != 1 {
			t.Errorf("%+v", s)
		}
		if c := s.Channels; len(c) != 2 || c[0].Channel != 4 || c[0].Instrument == "" || c[0].Port != "song?[2J" || !c[1].Drums {
			t.Errorf("%+v", c)
		}
		if o := r.out.Status(); len(o.Inputs) != 1 || o.LatencyMs < 18.8 || o.LatencyMs > 19 {
			t.Errorf("%+v", o)
		}
	})
	p.Release()
}

func TestQuotas(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	v := r.f.View(Limits{Ports: 2, Voices: 100})
	r.call(func() {
		a, err := v.Open(background, audio.PortOptions{Voices: 64})
		must(t, err)
		if _, err := v.Open(background, audio.PortOptions{Voices: 64}); com.CodeOf(err) != com.ErrQuota {
			t.Errorf("%v", err)
		}
		b, err := v.Open(background, audio.PortOptions{Voices: 36})
		must(t, err)
		if _, err := v.Open(background, audio.PortOptions{Voices: 16}); com.CodeOf(err) != com.ErrQuota {
			t.Errorf("%v", err)
		}
		a.Release()
		b.Release()
	})
	r.run(machine.Second / 10)
	r.call(func() {
		a, err := v.Open(background, audio.PortOptions{Voices: 100})
		must(t, err)
		a.Release()
	})
	v.Release()
}
