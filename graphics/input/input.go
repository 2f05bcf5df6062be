// Package input joins what people do: the keys and pointers of a board's own devices,
// and those of programs that show the card to somebody. It keeps what is down, for
// every source by itself, and hands every event to all queues there are.
//
// The keyboard page, and the order of modifiers, are those of USB-IF, "HID Usage
// Tables for Universal Serial Bus", version 1.5, section 10, and "Device Class
// Definition for Human Interface Devices", version 1.11, appendix B.1.
package input

import (
	"context"
	"slices"
	"sync"

	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

const (
	maxQueues    = 64 // of all clients
	firstKey     = input.FirstKey
	leftControl  = 0xE0 // the first of eight modifiers
	lastKey      = input.LastKey
	maxButtons   = input.MaxButtons
	farthest     = input.Farthest
	bitsPerWord  = 64
	wordsOfKeys  = 4
	modifiersPer = 8
)

// Input is where everything comes together. It implements input.Input.
type Input struct {
	com.Object
	clock machine.Clock
	own   source // what the card's own devices do

	mu      sync.Mutex // held for a few instructions
	state   holding    // of all sources together
	x, y    int32
	sources []*source
	queues  []*queue
	events  uint64
	dropped uint64 // by queues that are no more
}

// holding is what is down.
type holding struct {
	keys    [wordsOfKeys]uint64
	buttons uint32
}

// source is one from whom events come.
type source struct {
	holding
}

// New returns an object that stamps events by clock.
func New(clock machine.Clock) *Input {
	in := &Input{clock: clock}
	in.sources = []*source{&in.own}
	in.Init(in, nil, input.InputType.For(in))
	return in
}

// Post implements input.Input: it is for the card's own devices. Any goroutine may
// call it.
func (in *Input) Post(events []input.Event) error { return in.post(&in.own, events) }

// Open implements input.Input.
func (in *Input) Open(_ context.Context, o input.QueueOptions) (input.Queue, error) {
	return in.open(o, nil)
}

// State implements input.Input.
func (in *Input) State(context.Context) (input.State, error) { return in.stateNow(), nil }

// Info implements input.Input.
func (in *Input) Info(context.Context) (input.Info, error) { return in.info(), nil }

// post tells of what s did.
func (in *Input) post(s *source, events []input.Event) error {
	for i := range events {
		if err := events[i].Check(); err != nil {
			return err
		}
	}
	now := in.clock.Now()
	in.mu.Lock() //mm:blocking held for a few instructions
	defer in.mu.Unlock()
	for _, e := range events {
		if in.apply(s, &e) {
			in.tell(e, now)
		}
	}
	return nil
}

// apply has e change what is down, and reports whether there is something to tell. The
// caller holds mu.
func (in *Input) apply(s *source, e *input.Event) bool {
	e.Repeat = false
	switch e.Kind {
	case input.Key:
		w, bit := &s.keys[e.Code/bitsPerWord], uint64(1)<<(e.Code%bitsPerWord)
		was := *w&bit != 0
		if !e.Down && !was {
			return false
		}
		if *w &^= bit; e.Down {
			*w |= bit
		}
		before := in.state.keys[e.Code/bitsPerWord]&bit != 0
		in.join()
		e.Repeat = e.Down && before
		return e.Down || !in.state.key(e.Code) // somebody else may still hold it
	case input.Button:
		bit := uint32(1) << (e.Code - 1)
		was, before := s.buttons&bit != 0, in.state.buttons&bit != 0
		if s.buttons &^= bit; e.Down {
			s.buttons |= bit
		}
		in.join()
		in.x, in.y = e.X, e.Y
		return e.Down && !before || !e.Down && was && in.state.buttons&bit == 0
	case input.Pointer:
		moved := e.X != in.x || e.Y != in.y
		in.x, in.y = e.X, e.Y
		return moved
	case input.Wheel:
		return e.X != 0 || e.Y != 0
	}
	return true
}

// join finds what is down, whoever holds it. The caller holds mu.
func (in *Input) join() {
	in.state = holding{}
	for _, s := range in.sources {
		for i, w := range s.keys {
			in.state.keys[i] |= w
		}
		in.state.buttons |= s.buttons
	}
}

func (h *holding) key(code uint32) bool { return h.keys[code/bitsPerWord]>>(code%bitsPerWord)&1 != 0 }

// modifiers of what is down. They lie side by side in the last word.
func (h *holding) modifiers() input.Modifiers {
	return input.Modifiers(h.keys[leftControl/bitsPerWord] >> (leftControl % bitsPerWord) & (1<<modifiersPer - 1))
}

// tell hands an event to all who listen. The caller holds mu.
func (in *Input) tell(e input.Event, now machine.Time) {
	e.At, e.Modifiers = int64(now), in.state.modifiers()
	in.events++
	for _, q := range in.queues {
		q.put(&e)
	}
}

// release lets go of all that s holds, and forgets it.
func (in *Input) release(s *source) {
	now := in.clock.Now()
	in.mu.Lock() //mm:blocking held for a few instructions
	defer in.mu.Unlock()
	for code := uint32(firstKey); code <= lastKey; code++ {
		if e := (input.Event{Kind: input.Key, Code: code}); s.key(code) && in.apply(s, &e) {
			in.tell(e, now)
		}
	}
	for n := uint32(1); n <= maxButtons; n++ {
		e := input.Event{Kind: input.Button, Code: n, X: in.x, Y: in.y}
		if s.buttons>>(n-1)&1 != 0 && in.apply(s, &e) {
			in.tell(e, now)
		}
	}
	if i := slices.Index(in.sources, s); i >= 0 {
		in.sources = slices.Delete(in.sources, i, i+1)
	}
}

func (in *Input) stateNow() input.State {
	in.mu.Lock() //mm:blocking held for a few instructions
	defer in.mu.Unlock()
	s := input.State{Buttons: in.state.buttons, Modifiers: in.state.modifiers(), X: in.x, Y: in.y}
	for code := uint32(firstKey); code <= lastKey; code++ {
		if in.state.key(code) {
			s.Keys = append(s.Keys, uint8(code))
		}
	}
	return s
}

func (in *Input) info() input.Info {
	in.mu.Lock() //mm:blocking held for a few instructions
	defer in.mu.Unlock()
	i := input.Info{Events: in.events, Dropped: in.dropped, Queues: uint32(len(in.queues))}
	for _, q := range in.queues {
		i.Dropped += q.dropped
	}
	return i
}
