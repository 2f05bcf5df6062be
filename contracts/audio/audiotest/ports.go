package audiotest

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

func (s *suite) frames() {
	p, c := s.record(audio.PortOptions{Voices: 32})
	if p == nil {
		return
	}
	at := []uint64{500, 20501, 40777, 61000}
	events := []audio.Event{program(0, 0, woodBlock)}
	for _, f := range at {
		events = append(events, on(f, 0, 60), off(f+100, 0, 60))
	}
	s.ok(p.QueueSysEx(background, 0, []byte{0xF0, 0x7E, 0x7F, 0x09, 0x01, 0xF7}))
	s.ok(p.Queue(background, events[:3], 400))
	s.ok(p.Start(background))
	s.code(p.Start(background), com.ErrBusy)
	s.ok(p.Queue(background, events[3:], 80000))
	s.ok(p.Drain(background))
	i, err := p.Info(background)
	if s.ok(err) && (i.Queued != 0 || i.Voices != 0 || i.PeakVoices == 0 || i.Late != 0 || i.Dropped != 0 || i.Frame < 80000 || i.Heard < at[3] || i.Heard > i.Frame) {
		s.Errorf("%+v", i)
	}
	p.Release()
	got := onsets(s.read(c))
	c.Release()
	if len(got) != len(at) {
		s.Errorf("%d notes sound, want %d", len(got), len(at))
		return
	}
	for i := range at {
		if got[i]-got[0] != int(at[i]-at[0]) {
			s.Errorf("note %d sounds %d frames after the first, want %d", i, got[i]-got[0], at[i]-at[0])
		}
	}
	if d := got[0] - int(at[0]); d < 0 || d > 20 {
		s.Errorf("the note of frame %d is first heard at %d", at[0], got[0])
	}
}

func (s *suite) order() {
	p, err := s.Synth.Open(background, audio.PortOptions{})
	if !s.ok(err) {
		return
	}
	defer p.Release()
	s.ok(p.Queue(background, []audio.Event{on(1000, 0, 60), off(1000, 0, 60)}, 2000))
	for _, bad := range [][]audio.Event{
		{on(1999, 0, 60)},
		{on(3000, 0, 60), off(2999, 0, 60)},
		{{Frame: 3000, Message: 0x7f}},
	} {
		s.code(p.Queue(background, bad, 0), com.ErrInvalid)
	}
	s.code(p.QueueSysEx(background, 1999, []byte{0xF0, 0xF7}), com.ErrInvalid)
	s.code(p.QueueSysEx(background, 3000, []byte{0xF0, 0x90, 0xF7}), com.ErrInvalid)
	if i, err := p.Info(background); s.ok(err) && i.Queued != 2 {
		s.Errorf("%d events queued, want the 2 that were right", i.Queued)
	}
	s.ok(p.Start(background))
	s.ok(p.Queue(background, []audio.Event{on(2000, 0, 64)}, math.MaxUint64))
	s.code(p.Queue(background, []audio.Event{off(3000, 0, 64)}, 0), com.ErrInvalid)
	s.ok(p.Drain(background))
	s.ok(p.Queue(background, []audio.Event{on(2000, 0, 64)}, 0)) // late
	s.ok(p.Drain(background))
	if i, err := p.Info(background); s.ok(err) && (i.Late != 1 || i.Queued != 0) {
		s.Errorf("%+v", i)
	}
}

func (s *suite) live() {
	p, c := s.record(audio.PortOptions{})
	if p == nil {
		return
	}
	s.ok(p.SysEx([]byte{0xF0, 0x7E, 0x7F, 0x09, 0x01, 0xF7}))
	s.ok(p.Short(0xC0 | organ<<8))
	s.ok(p.Short(0x90 | 60<<8 | 100<<16))
	s.ok(p.Drain(background)) // lets the key go
	p.Release()
	got := s.read(c)
	c.Release()
	if n := len(onsets(got)); n != 1 {
		s.Errorf("%d notes sound, want 1, in %d frames", n, len(got))
	}
	if len(got) > 0 && slices.Max(got) > 1 {
		s.Errorf("a peak of %g", slices.Max(got))
	}
}

func (s *suite) contexts() {
	p, err := s.Synth.Open(background, audio.PortOptions{})
	if !s.ok(err) {
		return
	}
	defer p.Release()
	over, cancel := context.WithCancel(background)
	cancel()
	s.code(p.Drain(over), com.ErrCanceled)
	// Nobody starts it: the queue fills up.
	events := make([]audio.Event, 4096)
	for i := range events {
		events[i] = audio.Event{Frame: uint64(i), Message: 0xB0 | 1<<8}
	}
	s.ok(p.Queue(background, events, 0))
	for i := range events {
		events[i].Frame = 5000
	}
	for range 3 {
		s.ok(p.Queue(background, events, 0))
	}
	soon, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	s.code(p.Queue(soon, events, 0), com.ErrTimeout)
	if i, err := p.Info(background); s.ok(err) && i.Queued != 4*4096 {
		s.Errorf("%d events queued: part of what timed out", i.Queued)
	}
}

func (s *suite) stop() {
	p, c := s.record(audio.PortOptions{})
	if p == nil {
		return
	}
	s.ok(p.Start(background))
	s.ok(p.Queue(background, []audio.Event{program(0, 0, organ), on(0, 0, 60), on(100000, 0, 60)}, 4096))
	s.ok(p.Stop(background))
	s.ok(p.Drain(background))
	i, err := p.Info(background)
	if s.ok(err) && (i.Queued != 0 || i.Voices != 0) {
		s.Errorf("%+v", i)
	}
	s.ok(p.Queue(background, []audio.Event{program(i.Frame+9000, 0, woodBlock), on(i.Frame+9000, 0, 60)}, i.Frame+12000))
	s.ok(p.Drain(background))
	p.Release()
	got := onsets(s.read(c))
	c.Release()
	if n := len(got); n == 0 || n > 2 || got[n-1] < int(i.Frame)+9000 || got[n-1] > int(i.Frame)+9020 {
		s.Errorf("sound begins at %v; want it at %d, after the stop", got, i.Frame+9000)
	}
}

func (s *suite) channels() {
	p, err := s.Synth.Open(background, audio.PortOptions{})
	if !s.ok(err) {
		return
	}
	s.ok(p.Start(background))
	s.ok(p.Queue(background, []audio.Event{program(0, 2, organ)}, 1000))
	s.ok(p.Drain(background))
	list, err := p.Channels(background)
	if s.ok(err) && (len(list) != 16 || list[2].Program != organ || list[2].Name == "" || !list[9].Drums || list[2].Drums) {
		s.Errorf("%+v", list)
	}
	p.Release()
}
