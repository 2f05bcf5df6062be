// Package input holds the contracts of what people do: keys, pointers and text, from
// whatever is plugged into a card, or from programs that show it to somebody
// elsewhere.
//
// Keys are named by their usage on the keyboard page of the USB HID Usage Tables 1.5
// (page 0x07): by their place, whatever is printed on them. What they stand for comes
// as text of its own.
package input

import (
	"context"

	"github.com/mmlite/mmlite/firmware/com"
)

//go:generate go run ../../tools/mmidl .

// Input is where everything that is done comes together, at /input.
//
//mm:contract
type Input interface {
	com.Unknown

	// Post tells all who listen of events, in order. Their At, Modifiers and Repeat are
	// the card's to say. A key that is let go without having been pressed, and a
	// pointer that stays where it is, tell nobody anything. Keys and buttons that a
	// client still holds when it goes are let go. ErrInvalid: an event that cannot be;
	// none of the call's is told.
	//
	//mm:oneway
	//mm:limit events 64
	Post(events []Event) error
	// Open returns a queue of what happens from now on. ErrQuota: the client or the
	// card has no more.
	Open(ctx context.Context, options QueueOptions) (Queue, error)
	// State says what is down and where the pointer is.
	State(ctx context.Context) (State, error)
	// Info says how the object fares.
	Info(ctx context.Context) (Info, error)
}

// Kind says what an event is.
type Kind uint8

// The kinds of events.
const (
	Key     Kind = iota + 1 // Code is pressed or let go
	Text                    // Code is a Unicode character that was written
	Pointer                 // it is at X, Y now
	Button                  // Code, 1 left, 2 right, 3 middle, up to 8, is pressed or let go at X, Y
	Wheel                   // was turned by X to the right and Y down, in 120ths of a notch
)

// Modifiers are those that are held, as the HID boot keyboard has them.
type Modifiers uint8

// The modifiers.
const (
	LeftControl Modifiers = 1 << iota
	LeftShift
	LeftAlt
	LeftGUI
	RightControl
	RightShift
	RightAlt
	RightGUI
)

// Event is something that was done.
type Event struct {
	Kind      Kind
	Down      bool // of Key and Button: pressed, not let go
	Repeat    bool // of Key: it was down already
	Modifiers Modifiers
	Code      uint32 // Key: 0x04 to 0xE7; Text: the character; Button: its number
	// X and Y are pixels of the screen, from its upper left corner, and may lie outside
	// of it, -32768 to 32767; of Wheel, how far it was turned, within the same bounds.
	X, Y int32
	At   int64 // machine time in ns
}

// QueueOptions say what a queue shall hold. Zero values mean the defaults.
type QueueOptions struct {
	// Kinds is the sum of 1<<Kind for those that are wanted; 0 means all.
	Kinds uint32
}

// Queue holds what happened until it is taken: 256 events. Movements of the pointer,
// and turns of the wheel, that follow one another are one. What finds no room is
// dropped, and counted.
//
//mm:contract
type Queue interface {
	com.Unknown

	// Next waits until something has happened and takes the oldest events, at most 64.
	// dropped is how many were dropped since the queue was opened: if that has grown,
	// State says what is down.
	Next(ctx context.Context) (events []Event, dropped uint64, err error)
	// Poll is Next without waiting: there may be no events.
	Poll(ctx context.Context) (events []Event, dropped uint64, err error)
}

// State is what is down, and where the pointer is.
type State struct {
	Keys      []uint8 // codes of the keys that are down, in order
	Buttons   uint32  // the sum of 1<<(number-1) for those that are down
	Modifiers Modifiers
	X, Y      int32
}

// Info says how the object fares.
type Info struct {
	Events  uint64 // told so far
	Dropped uint64 // by all queues there are
	Queues  uint32
}
