package dmusic

import (
	"context"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// faulty is a card's port whose calls fail with what is in fails, one after the other.
type faulty struct {
	audio.Port
	fails []error
	got   []uint32 // messages, and lengths of system exclusive ones
	at    []uint64 // frames
}

func (f *faulty) next() (err error) {
	if len(f.fails) > 0 {
		err, f.fails = f.fails[0], f.fails[1:]
	}
	return err
}

func (f *faulty) Queue(_ context.Context, events []audio.Event, _ uint64) error {
	if err := f.next(); err != nil {
		return err
	}
	for _, e := range events {
		f.got, f.at = append(f.got, e.Message), append(f.at, e.Frame)
	}
	return nil
}

func (f *faulty) QueueSysEx(_ context.Context, frame uint64, data []byte) error {
	if err := f.next(); err != nil {
		return err
	}
	f.got, f.at = append(f.got, uint32(len(data))), append(f.at, frame)
	return nil
}

// still is an output that has played nothing.
type still struct{ audio.Output }

func (still) Info(context.Context) (audio.OutputInfo, error) {
	return audio.OutputInfo{Rate: 1000, Offline: true}, nil
}

func faultyPort(fails ...error) (*Port, *faulty) {
	f := &faulty{fails: fails}
	m := &Music{info: audio.OutputInfo{Rate: 1000, Offline: true}}
	m.clock = Clock{out: still{}, rate: 1000, offline: true}
	return &Port{m: m, port: f, ahead: Second}, f
}

// Whichever call fails, the next try plays everything once, in order and in time.
func TestEventsOfAFailedCallAreKept(t *testing.T) {
	ctx := context.Background()
	events := []Event{
		{Time: 10 * Millisecond, Message: NoteOn(0, 60, 1)}, {Time: 20 * Millisecond, Message: NoteOff(0, 60)},
		{Time: 20 * Millisecond, SysEx: []byte{0xF0, 1, 2, 3, 0xF7}},
		{Time: 30 * Millisecond, Message: NoteOn(0, 62, 1)}, {Time: 40 * Millisecond, Message: NoteOff(0, 62)},
	}
	for n := range 3 { // notes, system exclusive, notes
		p, f := faultyPort(append(make([]error, n), com.ErrTimeout)...)
		if err := p.Queue(ctx, events...); com.CodeOf(err) != com.ErrTimeout {
			t.Fatal(err)
		}
		if err := p.Service(ctx); err != nil {
			t.Fatal(err)
		}
		want := []uint32{NoteOn(0, 60, 1), NoteOff(0, 60), 5, NoteOn(0, 62, 1), NoteOff(0, 62)}
		if !slices.Equal(f.got, want) || !slices.Equal(f.at, []uint64{10, 20, 20, 30, 40}) || p.Late() != 0 {
			t.Errorf("call %d failed: %06x at %d, %d late", n, f.got, f.at, p.Late())
		}
	}
}

// A key counts as down when the card has been told, and not twice.
func TestKeysOfAFailedCall(t *testing.T) {
	ctx := context.Background()
	p, f := faultyPort(com.ErrTimeout)
	s := &Segment{Events: []Event{{Time: Millisecond, Message: NoteOn(3, 60, 1)}}, Length: Second}
	pl := &Playing{port: p}
	if err := p.put(s.Events, pl); err != nil {
		t.Fatal(err)
	}
	if err := p.Service(ctx); com.CodeOf(err) != com.ErrTimeout || pl.keys[3][60] != 0 {
		t.Errorf("%v, and the key is down %d times", err, pl.keys[3][60])
	}
	if err := p.Service(ctx); err != nil || pl.keys[3][60] != 1 || len(f.got) != 1 {
		t.Errorf("%v, and the key is down %d times", err, pl.keys[3][60])
	}
}

// What the card will never take does not keep the rest waiting.
func TestAnInvalidEventIsDropped(t *testing.T) {
	ctx := context.Background()
	p, f := faultyPort(com.ErrInvalid)
	err := p.Queue(ctx, Event{Time: Millisecond, SysEx: []byte{0xF0, 0xF7}}, Event{Time: 2 * Millisecond, Message: NoteOn(0, 60, 1)})
	if com.CodeOf(err) != com.ErrInvalid {
		t.Fatal(err)
	}
	if err := p.Service(ctx); err != nil || !slices.Equal(f.got, []uint32{NoteOn(0, 60, 1)}) {
		t.Errorf("%v, %06x", err, f.got)
	}
}
