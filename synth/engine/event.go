package engine

import (
	"errors"
	"math"
)

// ErrQueueFull is what Event and SysEx return when no more can wait.
var ErrQueueFull = errors.New("engine: event queue full")

const (
	activeSensing  = 0xFE
	sensingSeconds = 0.42 // 0.3 by the MIDI specification, and a margin
)

// event is a short message, or a span of the arena if length is not 0.
type event struct {
	offset               int
	status, data1, data2 byte
	start, length        uint32
}

// queue holds events in the order of their offsets; equal ones in the order they
// came.
type queue struct {
	events []event // room is fixed by New
	head   int     // events before it are done
	arena  []byte
	spare  []byte // as large; spans that wait move there when the arena is full
}

func (q *queue) clear() { q.events, q.head, q.arena = q.events[:0], 0, q.arena[:0] }

func (q *queue) add(ev event) error {
	if len(q.events) == cap(q.events) {
		if q.head == 0 {
			return ErrQueueFull
		}
		q.events = q.events[:copy(q.events, q.events[q.head:])]
		q.head = 0
	}
	q.events = append(q.events, ev)
	for i := len(q.events) - 1; i > q.head && q.events[i-1].offset > ev.offset; i-- {
		q.events[i-1], q.events[i] = q.events[i], q.events[i-1]
	}
	return nil
}

// compact frees the arena of messages that are done.
func (q *queue) compact() {
	q.arena, q.spare = q.spare[:0], q.arena
	for i := q.head; i < len(q.events); i++ {
		if ev := &q.events[i]; ev.length > 0 {
			data := q.spare[ev.start : ev.start+ev.length]
			ev.start = uint32(len(q.arena))
			q.arena = append(q.arena, data...)
		}
	}
}

// next is the distance from offset now to the next event.
func (q *queue) next(now int) int {
	if q.head == len(q.events) {
		return math.MaxInt
	}
	return q.events[q.head].offset - now
}

// shift moves the origin of offsets on by n frames.
func (q *queue) shift(n int) {
	if q.head == len(q.events) {
		q.clear()
		return
	}
	for i := q.head; i < len(q.events); i++ {
		q.events[i].offset -= n
	}
}

// Event queues a short message for the frame that lies offset frames after the
// start of the next Render. An offset that this Render does not reach waits for
// later ones; one below 0 counts as 0. Messages for the same frame are carried
// out in the order they were queued. Running status is the sender's to undo.
// Active sensing (0xFE) obliges the sender to go on: when nothing has come for
// 0.42 s since, all notes end. A status below 0x80 and other system messages are
// ignored.
func (e *Engine) Event(offset int, status, data1, data2 byte) error {
	if status < 0x80 || status >= 0xF0 && status != activeSensing {
		return nil
	}
	return e.queue.add(event{offset: max(offset, 0), status: status, data1: data1 & 127, data2: data2 & 127})
}

// SysEx queues a system exclusive message, from F0 to F7 inclusive, like Event.
// The data is copied. Messages the engine knows no meaning of are dropped at
// once.
func (e *Engine) SysEx(offset int, data []byte) error {
	if !known(data) {
		return nil
	}
	q := &e.queue
	if cap(q.arena)-len(q.arena) < len(data) {
		q.compact()
	}
	if cap(q.arena)-len(q.arena) < len(data) {
		return ErrQueueFull
	}
	start := len(q.arena)
	q.arena = append(q.arena, data...)
	err := q.add(event{offset: max(offset, 0), start: uint32(start), length: uint32(len(data))})
	if err != nil {
		q.arena = q.arena[:start]
	}
	return err
}

// runEvents carries out the events due at offset now or before.
func (e *Engine) runEvents(now int) {
	q := &e.queue
	for q.head < len(q.events) && q.events[q.head].offset <= now {
		ev := q.events[q.head]
		q.head++
		e.heard = e.frame
		e.work += eventUnits
		if e.checkpoint != nil && q.head%batchVoices == 0 {
			e.checkpoint()
		}
		if ev.length > 0 {
			e.sysex(q.arena[ev.start : ev.start+ev.length])
			continue
		}
		e.message(ev.status, ev.data1, ev.data2)
	}
}

func (e *Engine) message(status, a, b byte) {
	if status == activeSensing {
		e.sensing = true
		return
	}
	c := &e.channel[status&15]
	switch status >> 4 {
	case 0x8:
		e.keyUp(c, a)
	case 0x9:
		if b == 0 {
			e.keyUp(c, a)
		} else {
			e.keyDown(c, a, b)
		}
	case 0xA:
		c.polyPressure[a] = b
		e.touch(c)
	case 0xB:
		e.control7(c, a, b)
	case 0xC:
		c.program = a
		if c.rhythm != c.rhythmNext {
			c.rhythm = c.rhythmNext
			c.keys.clear()
		}
		e.selectPreset(c)
	case 0xD:
		c.pressure = a
		e.touch(c)
	case 0xE:
		c.bend = uint16(b)<<7 | uint16(a)
		e.touch(c)
	}
}
