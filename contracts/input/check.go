package input

import (
	"unicode/utf8"

	"github.com/mmlite/mmlite/firmware/com"
)

// What events can be.
const (
	FirstKey   = 0x04 // the letter A
	LastKey    = 0xE7 // the right GUI key
	MaxButtons = 8
	Farthest   = 1 << 15 // X and Y are -Farthest to Farthest-1
)

// Check says what is wrong with an event that is to be posted.
func (e *Event) Check() error {
	far := e.X < -Farthest || e.X >= Farthest || e.Y < -Farthest || e.Y >= Farthest
	switch {
	case e.Kind < Key || e.Kind > Wheel:
		return com.Errorf(com.ErrInvalid, "an event of kind %d", e.Kind)
	case e.Kind == Key && (e.Code < FirstKey || e.Code > LastKey):
		return com.Errorf(com.ErrInvalid, "key %#x: want %#x to %#x", e.Code, FirstKey, LastKey)
	case e.Kind == Text && (e.Code == 0 || !utf8.ValidRune(rune(min(e.Code, utf8.MaxRune+1)))):
		return com.Errorf(com.ErrInvalid, "%#x is no character", e.Code)
	case e.Kind == Button && (e.Code < 1 || e.Code > MaxButtons):
		return com.Errorf(com.ErrInvalid, "button %d: want 1 to %d", e.Code, MaxButtons)
	case far && e.Kind >= Pointer:
		return com.Errorf(com.ErrInvalid, "%d, %d: want %d to %d", e.X, e.Y, -Farthest, Farthest-1)
	}
	return nil
}
