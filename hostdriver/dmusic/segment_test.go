package dmusic

import (
	"bytes"
	"container/heap"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// file is a MIDI file of format 1 with tracks, 480 ticks a quarter note.
func file(tracks ...[]byte) []byte {
	b := append([]byte("MThd\x00\x00\x00\x06\x00\x01\x00"), byte(len(tracks)), 0x01, 0xE0)
	for _, t := range tracks {
		t = append(t, 0, 0xFF, 0x2F, 0)
		b = append(append(b, "MTrk\x00\x00"...), byte(len(t)>>8), byte(len(t)))
		b = append(b, t...)
	}
	return b
}

func TestTimesOfASegment(t *testing.T) {
	tempo := []byte{
		0, 0xFF, 0x03, 4, 'n', 'a', 'm', 'e',
		0, 0xFF, 0x51, 3, 0x07, 0xA1, 0x20, // 120 a minute
		0x83, 0x60, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40, // after a quarter note 60 a minute
	}
	notes := []byte{
		0, 0xC3, 17,
		0x83, 0x60, 0x93, 60, 100, // 480 ticks: at 0.5 s
		0x81, 0x70, 0x83, 60, 0, // 240 more: at 1 s
		0, 0xF0, 5, 0x7E, 0x7F, 9, 1, 0xF7,
	}
	s, err := ReadSegment(bytes.NewReader(file(tempo, notes)))
	if err != nil {
		t.Fatal(err)
	}
	want := []Event{
		{0, Program(3, 17), nil}, {Second / 2, NoteOn(3, 60, 100), nil}, {Second, NoteOff(3, 60), nil},
		{Second, 0, []byte{0xF0, 0x7E, 0x7F, 9, 1, 0xF7}},
	}
	if s.Name != "name" || s.Length != Second || len(s.Events) != len(want) {
		t.Fatalf("%+v", s)
	}
	for i, e := range s.Events {
		if e.Time != want[i].Time || e.Message != want[i].Message || !bytes.Equal(e.SysEx, want[i].SysEx) {
			t.Errorf("event %d: %+v, want %+v", i, e, want[i])
		}
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	good := file([]byte{0, 0x90, 60, 100})
	for name, b := range map[string][]byte{
		"nothing": nil, "another": []byte("RIFF0000WAVEfmt "), "half": good[:len(good)-3], "a header of 99 bytes": append([]byte("MThd\x00\x00\x00\x63"), good[8:]...),
	} {
		if s, err := ReadSegment(bytes.NewReader(b)); err == nil {
			t.Errorf("%s: %+v", name, s)
		} else if com.CodeOf(err) != com.ErrProtocol && com.CodeOf(err) != com.ErrCorrupt {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadSegment(f *testing.F) {
	f.Add(file([]byte{0, 0x90, 60, 100, 0x81, 0x70, 0x80, 60, 0}))
	f.Add(file([]byte{0, 0xFF, 0x51, 3, 0, 0, 1}, []byte{0xFF, 0xFF, 0xFF, 0x7F, 0x90, 60, 100}))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ReadSegment(bytes.NewReader(b))
		if err != nil {
			return
		}
		last := Time(0)
		for _, e := range s.Events {
			if e.Time < last || len(e.SysEx) == 0 && e.Message&0x80 == 0 || len(e.SysEx) > 0 && e.SysEx[0] != 0xF0 {
				t.Fatalf("%+v after %v", e, last)
			}
			last = e.Time
		}
	})
}

func TestTransposing(t *testing.T) {
	for _, c := range []struct {
		m    uint32
		by   int
		want uint32
	}{
		{NoteOn(0, 60, 100), 12, NoteOn(0, 72, 100)}, {NoteOff(5, 60), -12, NoteOff(5, 48)}, {NoteOn(9, 38, 1), 5, NoteOn(9, 38, 1)},
		{NoteOn(1, 120, 9), 48, NoteOn(1, 127, 9)}, {Control(0, 7, 60), 12, Control(0, 7, 60)}, {Program(2, 60), 3, Program(2, 60)},
	} {
		if got := transpose(c.m, c.by); got != c.want {
			t.Errorf("%06x by %d is %06x, want %06x", c.m, c.by, got, c.want)
		}
	}
	if m := (Patch{Bank: 3<<7 | 5, Program: 9}).Messages(2); m[0] != Control(2, 0, 3) || m[1] != Control(2, 32, 5) || m[2] != Program(2, 9) {
		t.Errorf("%06x", m)
	}
	if Bend(1, 8192) != 0x4000E1 {
		t.Errorf("%06x", Bend(1, 8192))
	}
}

// Events leave in order of time, and those of one time as they came.
func TestOrderOfEvents(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	p := &Port{}
	var all []Event
	for i := range 2000 {
		all = append(all, Event{Time: Time(random.IntN(100)), Message: 0x90 | uint32(i)<<8})
	}
	for len(all) > 0 {
		n := min(1+random.IntN(40), len(all))
		if err := p.put(all[:n], nil); err != nil {
			t.Fatal(err)
		}
		all = all[n:]
	}
	last := Event{Time: -1}
	for len(p.waiting) > 0 {
		it := heap.Pop(&p.waiting).(*item)
		if it.Time < last.Time || it.Time == last.Time && it.Message < last.Message {
			t.Fatalf("%+v after %+v", it.Event, last)
		}
		last = it.Event
	}
	if err := p.put([]Event{{Message: 0x40}}, nil); com.CodeOf(err) != com.ErrInvalid {
		t.Error(err)
	}
	if err := p.put(make([]Event, maxWaiting+1), nil); com.CodeOf(err) != com.ErrQuota {
		t.Error(err)
	}
	p.released = true
	if err := p.put(nil, nil); com.CodeOf(err) != com.ErrGone {
		t.Error(err)
	}
}

// A segment that was stopped plays no more, and knows which keys are down.
func TestKeysOfAStoppedSegment(t *testing.T) {
	pl := &Playing{}
	take := func(m uint32) bool { return (&item{Event: Event{Message: m}, of: pl}).take() }
	for _, m := range []uint32{NoteOn(1, 60, 1), NoteOn(1, 60, 1), NoteOn(1, 62, 1), NoteOff(1, 62), NoteOff(1, 63), NoteOn(1, 60, 0)} {
		if !take(m) {
			t.Errorf("%06x was dropped", m)
		}
	}
	if pl.keys[1][60] != 1 || pl.keys[1][62] != 0 || pl.keys[1][63] != 0 {
		t.Errorf("%v", pl.keys[1][60:64])
	}
	if pl.stopped = true; take(NoteOn(1, 64, 1)) {
		t.Error("it plays on")
	}
}
