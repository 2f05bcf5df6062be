// Package system holds the contracts of the operating environment itself: what
// every card answers to, whatever components it was put together from. The
// firmware's own objects implement them, so they stand on the firmware's floor;
// the contracts of components are in contracts/.
package system

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

//go:generate go run ../../tools/mmidl .

// System is the first object a client gets, the root of everything else. It is
// pinned: its methods never change, so that firmware and drivers of different
// ages can still talk and say what differs.
//
//mm:contract pinned
type System interface {
	com.Unknown

	// Info says what card this is.
	Info(ctx context.Context) (Info, error)
	// Bind returns the object at path in this client's view of the namespace,
	// or ErrNotFound naming the element that was missing.
	Bind(ctx context.Context, path string) (com.Unknown, error)
	// Attach shows the card the objects a client exports, at /host in that
	// client's view alone. A second call replaces the first.
	Attach(ctx context.Context, exports Namespace) error
	// Log returns the lines of the card's log whose number is at least since,
	// at most 256 of them, and the number to ask for next.
	Log(ctx context.Context, since uint64) (lines []string, next uint64, err error)
	// Update offers a new image of the firmware. A card that cannot replace its
	// own answers ErrNotSupported.
	Update(ctx context.Context, image File) error
}

// Info describes a card.
type Info struct {
	Name       string        // as given at start
	Board      string        // hosted, qemupc, usbarmory, raspberrypi
	Version    string        // of the firmware
	Protocol   uint32        // of the link
	Generation uint64        // differs at every start of the card
	Uptime     time.Duration // since the start
	Link       string        // how this client's packets travel, in words
	Processors uint32        // virtual processors
	Frames     uint32        // sample frames a second of the sound device
	Period     uint32        // frames a period
	Device     string        // the sound device
}

// Namespace maps path elements to objects.
//
//mm:contract
type Namespace interface {
	com.Unknown

	// Bind returns the object at path, relative to this namespace; elements
	// are separated by slashes. ErrNotFound names the element that was missing.
	Bind(ctx context.Context, path string) (com.Unknown, error)
	// List returns what is at path, sorted by name: the entries of a
	// namespace, or one entry for an object of another kind.
	List(ctx context.Context, path string) ([]Entry, error)
}

// Entry describes one name in a namespace.
type Entry struct {
	Name      string
	Directory bool     // a namespace
	Contracts []string // names of the contracts the object speaks
	Refs      uint32   // references held, 0 where unknown
	Note      string   // what a person should know: loaded or not, size, state
}

// Status is something that can be read as text or as JSON, from the same values.
//
//mm:contract
type Status interface {
	com.Unknown

	// Text returns a table or lines for a person.
	Text(ctx context.Context) (string, error)
	// JSON returns one JSON value.
	JSON(ctx context.Context) ([]byte, error)
}

// File is a sequence of bytes.
//
//mm:contract
type File interface {
	com.Unknown

	// Size returns the length in bytes.
	Size(ctx context.Context) (uint64, error)
	// ReadAt fills buf from offset off and returns how many bytes it filled:
	// fewer than len(buf) only at the end of the file, and 0 past it.
	//
	//mm:out buf
	//mm:limit buf 1048576
	ReadAt(ctx context.Context, off uint64, buf []byte) (n uint32, err error)
}

// Echo measures a link: its calls do as little as their names say.
//
//mm:contract
type Echo interface {
	com.Unknown

	// Null does nothing.
	Null() error
	// Add returns the sum.
	Add(a, b int32) (sum int32, err error)
	// Fill fills buf with a pattern that depends on seed: byte i is
	// seed + i mod 251.
	//
	//mm:out buf
	//mm:limit buf 1048576
	Fill(seed uint8, buf []byte) (n uint32, err error)
	// Post counts one call and adds v to a sum.
	//
	//mm:oneway
	Post(v uint64) error
	// PostBytes counts one call, checks that byte i is seed + i mod 251 and
	// adds up the bytes that were right.
	//
	//mm:oneway
	//mm:limit data 1048576
	PostBytes(seed uint8, data []byte) error
	// Totals returns what the one-way calls of this object did since the last
	// Totals: their number, the sum of Post's values, the bytes received, and
	// how many of them were wrong.
	Totals() (calls, sum, bytes, wrong uint64, err error)
	// Sleep returns after d, or earlier with ErrCanceled or ErrTimeout.
	Sleep(ctx context.Context, d time.Duration) error
	// Call calls back Null on the caller's own object n times.
	Call(ctx context.Context, back Echo, n uint32) error
}
