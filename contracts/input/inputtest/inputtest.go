// Package inputtest is the conformance test of the contracts of input. It knows them
// and nothing else, so it is run against the objects themselves, through cells, and
// from the other end of a link.
package inputtest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/com"
)

// Place is where the contracts are tested.
type Place struct {
	Input input.Input
	// Do runs fn where calls may wait, and returns when it has.
	Do func(fn func())
	// Flush returns when what was sent one way has been done, with its failure.
	Flush func() error
}

var background = context.Background()

// Run runs the test. place makes a new place each time, whose end t's clean-up sees to.
func Run(t *testing.T, place func(t *testing.T) Place) {
	for name, test := range map[string]func(*suite){
		"Keys": (*suite).keys, "Pointers": (*suite).pointers, "Text": (*suite).text, "Bad": (*suite).bad,
		"Kinds": (*suite).kinds, "Room": (*suite).room, "Waiting": (*suite).waiting,
	} {
		t.Run(name, func(t *testing.T) {
			s := &suite{t, place(t)}
			s.Do(func() { test(s) })
		})
	}
}

// suite is one test at one place. Its methods run on what may be a thread of the
// card, where only Error and the like are allowed.
type suite struct {
	*testing.T
	Place
}

// post posts events, which succeeds.
func (s *suite) post(events ...input.Event) {
	s.Helper()
	if err := s.Input.Post(events); err != nil {
		s.Error(err)
	}
	if s.Flush != nil {
		if err := s.Flush(); err != nil {
			s.Error(err)
		}
	}
}

// open opens a queue.
func (s *suite) open(kinds ...input.Kind) input.Queue {
	s.Helper()
	var o input.QueueOptions
	for _, k := range kinds {
		o.Kinds |= 1 << k
	}
	q, err := s.Input.Open(background, o)
	if err != nil {
		s.Error(err)
	}
	return q
}

// got complains unless a queue holds want, but for times.
func (s *suite) got(q input.Queue, want ...input.Event) {
	s.Helper()
	events, _, err := q.Poll(background)
	if err != nil {
		s.Error(err)
	}
	last := int64(0)
	for i := range events {
		if events[i].At < last {
			s.Errorf("event %d is of %d, before %d", i, events[i].At, last)
		}
		last, events[i].At = events[i].At, 0
	}
	if len(events) != len(want) || len(want) > 0 && !reflect.DeepEqual(events, want) {
		s.Errorf("got  %+v\nwant %+v", events, want)
	}
}

func (s *suite) state(want input.State) {
	s.Helper()
	got, err := s.Input.State(background)
	if err != nil {
		s.Error(err)
	}
	if len(got.Keys) == 0 {
		got.Keys = nil
	}
	if !reflect.DeepEqual(got, want) {
		s.Errorf("got %+v, want %+v", got, want)
	}
}

// Usages of keys.
const keyA, keyB, keyShift, keyRightAlt = 0x04, 0x05, 0xE1, 0xE6

func key(code uint32, down bool) input.Event {
	return input.Event{Kind: input.Key, Code: code, Down: down}
}

func (s *suite) keys() {
	q := s.open()
	defer q.Release()
	s.post(key(keyShift, true), key(keyA, true))
	s.post(key(keyA, true), key(keyB, false)) // held, and never pressed
	s.state(input.State{Keys: []uint8{keyA, keyShift}, Modifiers: input.LeftShift})
	s.post(key(keyRightAlt, true), key(keyShift, false), key(keyA, false), key(keyA, false), key(keyRightAlt, false))
	s.state(input.State{})
	a := func(down, repeat bool, m input.Modifiers) input.Event {
		return input.Event{Kind: input.Key, Code: keyA, Down: down, Repeat: repeat, Modifiers: m}
	}
	s.got(q,
		input.Event{Kind: input.Key, Code: keyShift, Down: true, Modifiers: input.LeftShift},
		a(true, false, input.LeftShift), a(true, true, input.LeftShift),
		input.Event{Kind: input.Key, Code: keyRightAlt, Down: true, Modifiers: input.LeftShift | input.RightAlt},
		input.Event{Kind: input.Key, Code: keyShift, Modifiers: input.RightAlt},
		a(false, false, input.RightAlt),
		input.Event{Kind: input.Key, Code: keyRightAlt},
	)
}

func (s *suite) pointers() {
	q := s.open()
	defer q.Release()
	at := func(x, y int32) input.Event { return input.Event{Kind: input.Pointer, X: x, Y: y} }
	click := func(down bool) input.Event {
		return input.Event{Kind: input.Button, Code: 1, Down: down, X: 30, Y: -40}
	}
	wheel := func(x, y int32) input.Event { return input.Event{Kind: input.Wheel, X: x, Y: y} }
	s.post(at(1, 2), at(3, 4), at(30, -40), at(30, -40), click(true), click(true))
	s.state(input.State{Buttons: 1, X: 30, Y: -40})
	s.post(click(false), click(false), wheel(0, 120), wheel(10, 120), wheel(0, 0), at(0, 0))
	s.got(q, at(30, -40), click(true), click(false), wheel(10, 240), at(0, 0))
	s.state(input.State{})
}

func (s *suite) text() {
	q := s.open(input.Text)
	defer q.Release()
	var want []input.Event
	for _, r := range "aß猫😀" {
		want = append(want, input.Event{Kind: input.Text, Code: uint32(r)})
	}
	s.post(want...)
	s.got(q, want...)
}

func (s *suite) bad() {
	q := s.open()
	defer q.Release()
	for _, e := range []input.Event{
		{}, {Kind: 6}, {Kind: 255}, key(0, true), key(3, true), key(0xE8, true), key(1<<31, true),
		{Kind: input.Text}, {Kind: input.Text, Code: 0xD800}, {Kind: input.Text, Code: 0x110000}, {Kind: input.Text, Code: 1 << 31},
		{Kind: input.Button, Down: true}, {Kind: input.Button, Code: 9, Down: true},
		{Kind: input.Pointer, X: 32768}, {Kind: input.Pointer, Y: -32769}, {Kind: input.Wheel, X: -1 << 31},
	} {
		err := s.Input.Post([]input.Event{key(keyA, true), e})
		if err == nil && s.Flush != nil {
			err = s.Flush()
		}
		if com.CodeOf(err) != com.ErrInvalid {
			s.Errorf("%+v: %v", e, err)
		}
	}
	s.got(q)
	s.state(input.State{})
	s.post()
}

func (s *suite) kinds() {
	keys, pointers := s.open(input.Key), s.open(input.Pointer, input.Button)
	defer com.Release(keys, pointers)
	s.post(key(keyA, true), input.Event{Kind: input.Pointer, X: 5}, key(keyA, false), input.Event{Kind: input.Wheel, Y: 1}, input.Event{Kind: input.Pointer, X: 6})
	s.got(keys, key(keyA, true), key(keyA, false))
	s.got(pointers, input.Event{Kind: input.Pointer, X: 6})
}

// room fills a queue beyond what it holds.
func (s *suite) room() {
	q := s.open()
	defer q.Release()
	for range 150 {
		s.post(key(keyA, true), key(keyA, false))
	}
	taken := 0
	for {
		events, dropped, err := q.Poll(background)
		if err != nil || len(events) > 64 || dropped != 300-256 {
			s.Errorf("%d events, %d dropped, %v", len(events), dropped, err)
			return
		}
		if taken += len(events); len(events) == 0 {
			break
		}
	}
	i, err := s.Input.Info(background)
	if err != nil || taken != 256 || i.Events != 300 || i.Dropped != 300-256 || i.Queues != 1 {
		s.Errorf("%d taken; %+v, %v", taken, i, err)
	}
}

func (s *suite) waiting() {
	q := s.open()
	defer q.Release()
	ctx, cancel := context.WithTimeout(background, time.Millisecond)
	defer cancel()
	if _, _, err := q.Next(ctx); com.CodeOf(err) != com.ErrTimeout {
		s.Errorf("nothing happens, and Next returns %v", err)
	}
	s.post(key(keyA, true))
	events, _, err := q.Next(background)
	if err != nil || len(events) != 1 || events[0].Code != keyA {
		s.Errorf("%+v, %v", events, err)
	}
}
