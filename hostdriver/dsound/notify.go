package dsound

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// OffsetStop is the offset that stands for the moment the buffer stops.
const OffsetStop = audio.AtStop

// PositionNotify asks to be told when a byte of the buffer begins to be heard.
type PositionNotify struct {
	Offset uint32 // in bytes; the frame it lies in counts
	// C gets a value, unless it has no room: a channel of capacity 1 that was not
	// read says all there is to say.
	C chan<- struct{}
}

// listener is what the card tells.
type listener struct {
	com.Object
	to      []chan<- struct{}
	frames  []uint32
	dropped atomic.Uint64
}

// Reached implements audio.Listener.
func (l *listener) Reached(number uint32, dropped uint32) error {
	l.dropped.Add(uint64(dropped))
	if int64(number) >= int64(len(l.to)) {
		return com.Errorf(com.ErrInvalid, "there is no position %d", number)
	}
	select {
	case l.to[number] <- struct{}{}:
	default:
	}
	return nil
}

// SetNotificationPositions replaces what the buffer tells; none ends it. At most 256
// positions, each offset once. ErrControlUnavail without CtrlPositionNotify;
// ErrInvalidCall while the buffer plays.
func (b *Buffer) SetNotificationPositions(ctx context.Context, positions ...PositionNotify) error {
	if b.desc.Flags&CtrlPositionNotify == 0 {
		return failed(ErrControlUnavail, "notifications")
	}
	if len(positions) > 256 {
		return failed(ErrInvalidParam, "%d positions, and 256 are possible", len(positions))
	}
	l := &listener{}
	seen := map[uint32]bool{}
	for _, p := range positions {
		frame := p.Offset
		if frame != OffsetStop {
			frame /= b.desc.Format.BlockAlign()
		}
		switch {
		case p.C == nil:
			return failed(ErrInvalidParam, "a position without a channel")
		case p.Offset != OffsetStop && p.Offset >= b.desc.Bytes:
			return failed(ErrInvalidParam, "byte %d of a buffer of %d", p.Offset, b.desc.Bytes)
		case seen[frame]:
			return failed(ErrInvalidParam, "two positions in one frame")
		}
		seen[frame] = true
		l.to, l.frames = append(l.to, p.C), append(l.frames, frame)
	}
	l.Init(l, nil, audio.ListenerType.For(l))
	b.telling.Lock()
	defer b.telling.Unlock()
	err := b.call(func(r audio.Buffer) error {
		if len(positions) == 0 {
			return r.SetNotify(ctx, nil, nil)
		}
		return r.SetNotify(ctx, l.frames, l)
	})
	if err != nil || len(positions) == 0 {
		l.Release()
		l = nil
	}
	if err != nil {
		return err
	}
	b.mu.Lock()
	old := b.listener
	gone := b.released // meanwhile
	if gone {
		old = l
	} else {
		b.listener = l
	}
	b.mu.Unlock()
	if old != nil {
		old.Release()
	}
	if gone {
		return failed(ErrUninitialized, "the buffer was released")
	}
	return nil
}
