package bank

import (
	"fmt"
	"sync/atomic"
)

// Sample is a run of mono PCM. Many regions share one. It must not be copied.
//
// Its PCM either is there from the start, in Data and Low, or comes later, with
// Supply: a large bank is then ready as soon as its tables are read, and what a
// program needs is loaded when the program is chosen.
type Sample struct {
	Name string
	// Rate is in Hz.
	Rate float32
	// Data holds the frames. It may be a view of memory that is not Go's (a
	// mapped file, card memory); whoever made it keeps it valid for as long as
	// a bank that holds the sample is played, and never changes it meanwhile.
	// It is exactly this sample: frames before its first and after its last are
	// taken as silence by the engine, whatever lies there.
	Data []int16
	// Low, if not nil, has one byte for each frame of Data: the low eight bits
	// of 24-bit PCM, so that a frame's value is Data[i]*256 + Low[i].
	Low []byte
	// Frames is the length of what Supply will bring. It counts only where Data
	// is nil.
	Frames int
	// Place says where in its file the frames lie; it means something only where
	// Data is nil.
	Place Place

	late atomic.Pointer[PCM]
}

// PCM is what a sample sounds like; see Sample.Data and Sample.Low.
type PCM struct {
	Data []int16
	Low  []byte
}

// Place is where the frames of a sample lie in a bank's file.
type Place struct {
	Offset   int64 // of the first frame, bytes
	Low      int64 // of the first low byte, 0 where there are none
	Bits     uint8 // 16, little-endian and signed, or 8, unsigned
	Channels uint8 // 1, or 2 where frames of two channels alternate
	Channel  uint8 // which of them, 0 or 1
}

// Len is the sample's length in frames, loaded or not.
func (s *Sample) Len() int {
	if s.Data != nil {
		return len(s.Data)
	}
	return s.Frames
}

// PCM returns the sample's frames, or false if they are still to be supplied. It
// may be called while another goroutine supplies or withdraws them, and
// allocates nothing.
func (s *Sample) PCM() (PCM, bool) {
	if s.Data != nil || s.Frames == 0 {
		return PCM{s.Data, s.Low}, true
	}
	if p := s.late.Load(); p != nil {
		return *p, true
	}
	return PCM{}, false
}

// Supply brings the frames of a sample that was made without them, Frames of
// them, with as many low bytes or none. They stay as they are from then on. A
// second call replaces the first's for notes that start later.
func (s *Sample) Supply(p PCM) error {
	switch {
	case s.Data != nil:
		return fmt.Errorf("bank: sample %q has its frames", s.Name)
	case len(p.Data) != s.Frames:
		return fmt.Errorf("bank: sample %q: %d frames supplied for %d", s.Name, len(p.Data), s.Frames)
	case p.Low != nil && len(p.Low) != s.Frames:
		return fmt.Errorf("bank: sample %q: %d low bytes supplied for %d frames", s.Name, len(p.Low), s.Frames)
	}
	s.late.Store(&p)
	return nil
}

// Withdraw takes back what Supply brought: notes that start later do without.
// Those that sound go on with it, so its memory must stay valid until they have
// ended.
func (s *Sample) Withdraw() { s.late.Store(nil) }
