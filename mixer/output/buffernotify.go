package output

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// notes is how many notes wait for a client before they are dropped.
const notes = 64

// notifier tells a client where a buffer is. AUDIO writes notes into a ring and
// never waits; a thread that serves calls hands them over.
type notifier struct {
	positions []uint32
	listener  audio.Listener
	ring      [notes]note
	written   atomic.Uint64
	read      atomic.Uint64
	dropped   uint32 // of AUDIO: since the last note
	more      thread.Event
	over      atomic.Bool
}

type note struct{ number, dropped uint32 }

// note is AUDIO's: a position was reached.
func (n *notifier) note(number int) {
	w := n.written.Load()
	if w-n.read.Load() == notes {
		n.dropped++
		return
	}
	n.ring[w%notes] = note{uint32(number), n.dropped}
	n.dropped = 0
	n.written.Store(w + 1)
	n.more.Signal()
}

// stopped is AUDIO's: the sound has come to an end.
func (n *notifier) stopped() {
	for i, p := range n.positions {
		if p == audio.AtStop {
			n.note(i)
		}
	}
}

func (n *notifier) end() {
	n.over.Store(true)
	n.more.Signal()
}

// run hands notes over until the buffer or its client is no more.
func (n *notifier) run(t *thread.Thread) {
	defer n.listener.Release()
	for !n.over.Load() {
		r := n.read.Load()
		if r == n.written.Load() {
			if n.more.WaitOn(t, machine.Forever) != nil {
				return
			}
			continue
		}
		x := n.ring[r%notes]
		n.read.Store(r + 1)
		if n.listener.Reached(x.number, x.dropped) != nil {
			return // the client is gone, and the buffer will be
		}
	}
}

// SetNotify implements audio.Buffer.
func (b *Buffer) SetNotify(_ context.Context, positions []uint32, listener audio.Listener) error {
	if err := b.voice.err(); err != nil {
		return err
	}
	if b.voice.in.Running() {
		return com.Errorf(com.ErrBusy, "buffer %s plays", b.options.Name)
	}
	for _, p := range positions {
		if p >= b.options.Frames && p != audio.AtStop {
			return com.Errorf(com.ErrInvalid, "frame %d of a buffer of %d", p, b.options.Frames)
		}
	}
	var n *notifier
	if listener != nil {
		t := thread.Current()
		if t == nil {
			return com.Errorf(com.ErrInvalid, "a goroutine that is no thread cannot ask to be told")
		}
		listener.AddRef()
		n = &notifier{positions: append([]uint32(nil), positions...), listener: listener}
		// The client's own processor: its objects may be called there alone.
		if _, err := t.Processor().Spawn("buffer notes", thread.Attributes{Activity: t.Activity()}, n.run); err != nil {
			listener.Release()
			return err
		}
	}
	if old := b.notify.Swap(n); old != nil {
		old.end()
	}
	return nil
}
