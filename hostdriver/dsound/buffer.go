package dsound

import (
	"context"
	"errors"
	"sync"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
)

// Buffer is a secondary buffer. It may be used from many goroutines; those that
// write agree among themselves on who locks which part.
type Buffer struct {
	device *Device
	desc   BufferDesc

	// telling is held by whoever changes controls and notifications, while the card is
	// told; it comes before mu, which is not held then, so that who plays does not wait
	// for a card that does not answer.
	telling sync.Mutex

	mu       sync.Mutex
	released bool
	card     *hostdriver.Card
	remote   audio.Buffer
	span     *hostdriver.Span
	old      []*hostdriver.Span // of cards that are gone: a program may still write there
	cursor   hostdriver.Cursor
	locks    [maxLocks]locked
	listener *listener

	volume, pan int32
	frequency   uint32
}

// open makes the buffer on the card, with its controls as they are, over the memory
// of another one if of is not nil.
func (b *Buffer) open(ctx context.Context, of audio.Buffer) error {
	card, out, err := b.device.use()
	if err != nil {
		return err
	}
	defer out.Release()
	f := b.desc.Format
	o := audio.BufferOptions{
		Name: b.desc.Name, Rate: f.Rate, Channels: f.Channels, Format: f.Sample, Quality: b.desc.Quality,
		Frames: b.desc.Bytes / f.BlockAlign(), Of: of,
	}
	if b.desc.Flags&CtrlFrequency != 0 {
		o.MaxRate = MaxFrequency
	}
	remote, err := out.OpenBuffer(ctx, o)
	if err != nil {
		return translate(err)
	}
	span, cursor, err := mapped(ctx, card, remote, b.desc.Bytes)
	if err != nil {
		remote.Release()
		return translate(err)
	}
	b.card, b.remote, b.span, b.cursor = card, remote, span, cursor
	b.locks = [maxLocks]locked{}
	if b.volume != MaxVolume || b.pan != 0 || b.desc.Flags&(CtrlVolume|CtrlPan) != 0 {
		err = remote.SetLevels(ctx, gain(b.volume), balance(b.pan), 0)
	}
	if err == nil && b.frequency != f.Rate {
		err = remote.SetRate(ctx, b.frequency)
	}
	if err == nil && b.listener != nil {
		err = remote.SetNotify(ctx, b.listener.frames, b.listener)
	}
	if err != nil {
		b.close()
		return translate(err)
	}
	return nil
}

// mapped returns memory and cursor of a buffer on the card.
func mapped(ctx context.Context, card *hostdriver.Card, remote audio.Buffer, bytes uint32) (*hostdriver.Span, hostdriver.Cursor, error) {
	info, err := remote.Info(ctx)
	if err != nil {
		return nil, hostdriver.Cursor{}, err
	}
	memory, err := remote.Memory(ctx)
	if err != nil {
		return nil, hostdriver.Cursor{}, err
	}
	defer memory.Release()
	span, err := hostdriver.Map(ctx, card, memory)
	if err != nil {
		return nil, hostdriver.Cursor{}, err
	}
	if uint64(len(span.Bytes())) < uint64(bytes) {
		_ = span.Release() // the error that matters is the card's
		return nil, hostdriver.Cursor{}, com.Errorf(com.ErrProtocol, "the card granted %d of %d bytes", len(span.Bytes()), bytes)
	}
	return span, card.Cursor(info.Cursor), nil
}

// close gives back what is on the card. The memory stays until Release.
func (b *Buffer) close() {
	if b.remote != nil {
		b.remote.Release()
		b.old = append(b.old, b.span)
		b.remote, b.span, b.cursor = nil, nil, hostdriver.Cursor{}
	}
}

// Release ends the buffer. What plays fades out.
func (b *Buffer) Release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.released {
		b.released = true
		b.close()
		for _, s := range b.old {
			_ = s.Release() // it can but fail to unmap what nobody uses any more
		}
		b.old = nil
		if b.listener != nil {
			b.listener.Release()
			b.listener = nil
		}
	}
}

// lost says why the buffer cannot be used, or nil. The caller holds the lock.
func (b *Buffer) lost() error {
	switch {
	case b.released:
		return failed(ErrUninitialized, "the buffer was released")
	case b.remote == nil:
		return failed(ErrBufferLost, "it was not restored")
	case b.card.Err() != nil:
		return failed(ErrBufferLost, "%w", b.card.Err())
	}
	return nil
}

// Restore makes a buffer that was lost on the device's present card. Its controls
// and notifications are as before; it is silent and stopped, and has to be filled
// again. A buffer that is not lost is left alone. ErrBufferLost: there is no card yet.
func (b *Buffer) Restore(ctx context.Context) error {
	b.telling.Lock()
	defer b.telling.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.lost()
	if !errors.Is(err, ErrBufferLost) {
		return err
	}
	b.close()
	return b.open(ctx, nil)
}

// Desc is what the buffer was created with.
func (b *Buffer) Desc() BufferDesc { return b.desc }

// PlayFlags say how to play.
type PlayFlags uint32

// Looping plays on and on.
const Looping PlayFlags = 1

// Play has the buffer play from its play cursor. One that plays takes on the flags.
func (b *Buffer) Play(ctx context.Context, flags PlayFlags) error {
	if flags&^Looping != 0 {
		return failed(ErrInvalidParam, "play flags %#x", uint32(flags))
	}
	return b.call(func(r audio.Buffer) error { return r.Play(ctx, flags&Looping != 0) })
}

// Stop stops the sound where it is.
func (b *Buffer) Stop(ctx context.Context) error {
	return b.call(func(r audio.Buffer) error { return r.Stop(ctx) })
}

// SetCurrentPosition moves the play cursor to a byte, which is rounded down to the
// beginning of a frame.
func (b *Buffer) SetCurrentPosition(ctx context.Context, at uint32) error {
	if at >= b.desc.Bytes {
		return failed(ErrInvalidParam, "byte %d of a buffer of %d", at, b.desc.Bytes)
	}
	return b.call(func(r audio.Buffer) error { return r.SetPosition(ctx, at/b.desc.Format.BlockAlign()) })
}

// call runs f with the buffer on the card.
func (b *Buffer) call(f func(audio.Buffer) error) error {
	b.mu.Lock()
	if err := b.lost(); err != nil {
		b.mu.Unlock()
		return err
	}
	r := b.remote
	r.AddRef()
	b.mu.Unlock()
	defer r.Release()
	return translate(f(r))
}

// set checks that the buffer has a control, changes it, and tells the card.
func (b *Buffer) set(control Flags, value, lo, hi int64, what string, store func(), tell func(audio.Buffer) error) error {
	b.telling.Lock()
	defer b.telling.Unlock()
	if lost, err := b.store(control, value, lo, hi, what, store); lost || err != nil {
		return err // the card will be told by Restore
	}
	return b.call(tell)
}

func (b *Buffer) store(control Flags, value, lo, hi int64, what string, store func()) (lost bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.desc.Flags&control == 0:
		return false, failed(ErrControlUnavail, "%s", what)
	case value < lo || value > hi:
		return false, failed(ErrInvalidParam, "%s %d, and %d to %d are possible", what, value, lo, hi)
	}
	err = b.lost()
	if lost = errors.Is(err, ErrBufferLost); err != nil && !lost {
		return false, err
	}
	store()
	return lost, nil
}

// SetVolume sets the volume in hundredths of a decibel, MinVolume to MaxVolume.
func (b *Buffer) SetVolume(ctx context.Context, volume int32) error {
	var pan int32
	return b.set(CtrlVolume, int64(volume), MinVolume, MaxVolume, "volume", func() { b.volume, pan = volume, b.pan },
		func(r audio.Buffer) error { return r.SetLevels(ctx, gain(volume), balance(pan), 0) })
}

// SetPan turns the right side down by -pan hundredths of a decibel, or the left one
// by pan.
func (b *Buffer) SetPan(ctx context.Context, pan int32) error {
	var volume int32
	return b.set(CtrlPan, int64(pan), PanLeft, PanRight, "pan", func() { b.pan, volume = pan, b.volume },
		func(r audio.Buffer) error { return r.SetLevels(ctx, gain(volume), balance(pan), 0) })
}

// SetFrequency sets the rate at which frames are played, MinFrequency to
// MaxFrequency or OriginalFrequency.
func (b *Buffer) SetFrequency(ctx context.Context, frequency uint32) error {
	if frequency == OriginalFrequency {
		frequency = b.desc.Format.Rate
	}
	return b.set(CtrlFrequency, int64(frequency), MinFrequency, MaxFrequency, "frequency",
		func() { b.frequency = frequency }, func(r audio.Buffer) error { return r.SetRate(ctx, frequency) })
}

// get reads a control.
func get[T any](b *Buffer, control Flags, value *T, what string) (T, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.desc.Flags&control == 0 {
		var none T
		return none, failed(ErrControlUnavail, "%s", what)
	}
	return *value, nil
}

// Volume is what SetVolume set.
func (b *Buffer) Volume() (int32, error) { return get(b, CtrlVolume, &b.volume, "volume") }

// Pan is what SetPan set.
func (b *Buffer) Pan() (int32, error) { return get(b, CtrlPan, &b.pan, "pan") }

// Frequency is the rate in frames a second.
func (b *Buffer) Frequency() (uint32, error) {
	return get(b, CtrlFrequency, &b.frequency, "frequency")
}
