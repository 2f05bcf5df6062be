package dsound

import (
	"context"

	"github.com/mmlite/mmlite/contracts/audio"
)

// Status says what a buffer does.
type Status uint32

// The bits of Status, with DirectSound's values.
const (
	Playing     Status = 1
	BufferLost  Status = 2
	LoopingPlay Status = 4
)

// Status looks at what the buffer does, without a call where the card's status page
// is shared.
func (b *Buffer) Status() (Status, error) {
	st, err := b.state()
	if err != nil {
		return BufferLost, err
	}
	var s Status
	if st.Playing {
		s |= Playing
		if st.Looping {
			s |= LoopingPlay
		}
	}
	return s, nil
}

// CurrentPosition returns the cursors in bytes from the beginning. What is at the
// play cursor is heard now; from there to the write cursor the card has read ahead,
// and writing there is too late.
func (b *Buffer) CurrentPosition() (play, write uint32, err error) {
	st, err := b.state()
	if err != nil {
		return 0, 0, err
	}
	align := b.desc.Format.BlockAlign()
	frames := b.desc.Bytes / align
	// The page is the card's: what it says is taken for no more than a place.
	return st.Play % frames * align, st.Write % frames * align, nil
}

// state is what the card says of the buffer now.
func (b *Buffer) state() (audio.CursorState, error) {
	if st, ok, err := b.page(); ok || err != nil {
		return st, err
	}
	var st audio.CursorState
	err := b.call(func(r audio.Buffer) error {
		i, err := r.Info(context.Background()) // within the link's own time-out
		st = audio.CursorState{Play: i.Play, Write: i.Write, Rate: i.Rate, Playing: i.Playing, Looping: i.Looping}
		return err
	})
	if err != nil {
		return audio.CursorState{}, err
	}
	return st, nil
}

// page is what the card's status page says of the buffer, if that is shared.
func (b *Buffer) page() (st audio.CursorState, ok bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.lost(); err != nil {
		return st, false, err
	}
	v, ok := b.cursor.Get()
	if !ok {
		return st, false, nil
	}
	if st = audio.CursorOf(v); st.Playing && st.At != 0 {
		b.advance(&st)
	}
	return st, true, nil
}

// advance moves the cursors on by the time since the card has written them, by no
// more than the card has read ahead.
func (b *Buffer) advance(st *audio.CursorState) {
	now, ok := b.card.Now()
	if !ok || now <= st.At {
		return
	}
	frames := uint64(b.desc.Bytes / b.desc.Format.BlockAlign())
	gone := min(uint64(now-st.At), 1e8) * uint64(min(st.Rate, 1e6)) / 1e9
	ahead := (uint64(st.Write)%frames + frames - uint64(st.Play)%frames) % frames
	st.Play = uint32((uint64(st.Play)%frames + min(gone, ahead)) % frames)
}
