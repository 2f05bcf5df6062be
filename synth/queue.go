package synth

import "sync/atomic"

const (
	// queueEvents is how many events a port holds.
	queueEvents = 16384
	// queueBytes is the room for their system exclusive messages.
	queueBytes = 1 << 16
)

// event is a short message, or a system exclusive one whose bytes are the next
// length of the queue's.
type event struct {
	frame   uint64
	message uint32
	length  uint32
}

// queue holds events in the order of their frames. One thread at a time puts, one
// takes, and neither waits for the other.
type queue struct {
	events []event
	bytes  []byte
	put    atomic.Uint64 // events put
	taken  atomic.Uint64
	bytesP uint64 // the producer's
	bytesT atomic.Uint64
}

func newQueue() *queue {
	return &queue{events: make([]event, queueEvents), bytes: make([]byte, queueBytes)}
}

// len is how many events wait.
func (q *queue) len() int {
	t := q.taken.Load()
	return int(q.put.Load() - t)
}

// room is how many events there is room for.
func (q *queue) room() int { return queueEvents - int(q.put.Load()-q.taken.Load()) }

// roomBytes is how many bytes there is room for.
func (q *queue) roomBytes() int { return queueBytes - int(q.bytesP-q.bytesT.Load()) }

// add puts an event. There is room.
func (q *queue) add(frame uint64, message uint32) {
	p := q.put.Load()
	q.events[p%queueEvents] = event{frame: frame, message: message}
	q.put.Store(p + 1)
}

// addBytes puts a system exclusive message. There is room.
func (q *queue) addBytes(frame uint64, data []byte) {
	at := int(q.bytesP % queueBytes)
	n := copy(q.bytes[at:], data)
	copy(q.bytes, data[n:])
	q.bytesP += uint64(len(data))
	p := q.put.Load()
	q.events[p%queueEvents] = event{frame: frame, length: uint32(len(data))}
	q.put.Store(p + 1)
}

// first returns the event to take next. Either side may ask.
func (q *queue) first() (event, bool) {
	t := q.taken.Load()
	if t == q.put.Load() {
		return event{}, false
	}
	return q.events[t%queueEvents], true
}

// data copies the bytes of the first event, ev, to buf and returns them.
func (q *queue) data(ev event, buf []byte) []byte {
	at := int(q.bytesT.Load() % queueBytes)
	buf = buf[:ev.length]
	n := copy(buf, q.bytes[at:])
	copy(buf[n:], q.bytes)
	return buf
}

// drop takes away the first event, ev.
func (q *queue) drop(ev event) {
	q.bytesT.Store(q.bytesT.Load() + uint64(ev.length))
	q.taken.Store(q.taken.Load() + 1)
}

// dropTo takes away all that was put before the given count of events.
func (q *queue) dropTo(put uint64) {
	for q.taken.Load() < put {
		ev, ok := q.first()
		if !ok {
			return
		}
		q.drop(ev)
	}
}
