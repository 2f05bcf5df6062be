package synth

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
)

const (
	liveCells = 512
	cellBytes = 36
)

// cell is a live message or a part of one, 64 bytes. Cells of one message follow
// one another.
type cell struct {
	turn   atomic.Uint64 // what the cell's number plus 1 is once it is filled
	frame  uint64        // of the device; 0: as soon as possible
	at     int64         // when it came, as the clock showed, in ns
	length uint32        // of the message, in the first cell
	data   [cellBytes]byte
}

// live is a queue of messages that are to be played at once. Any number of
// goroutines put, one takes, and nobody waits.
type live struct {
	cells []cell
	put   atomic.Uint64
	taken atomic.Uint64
}

func newLive() *live { return &live{cells: make([]cell, liveCells)} }

// add puts a message of 1 to 4096 bytes that came at a time. It reports false if
// there is no room.
func (l *live) add(frame uint64, at machine.Time, data []byte) bool {
	n := uint64(len(data)+cellBytes-1) / cellBytes
	var p uint64
	for {
		p = l.put.Load()
		if p+n-l.taken.Load() > liveCells {
			return false
		}
		if l.put.CompareAndSwap(p, p+n) {
			break
		}
	}
	for i := range n {
		c := &l.cells[(p+i)%liveCells]
		c.frame, c.at, c.length = frame, int64(at), uint32(len(data))
		copy(c.data[:], data[i*cellBytes:])
	}
	for i := n; i > 0; i-- { // the first last: whoever sees it sees all
		l.cells[(p+i-1)%liveCells].turn.Store(p + i)
	}
	return true
}

// empty reports whether there is no message, nor one that is being put.
func (l *live) empty() bool { return l.put.Load() == l.taken.Load() }

// first returns the frame and length of the message to take next.
func (l *live) first() (frame uint64, length int, ok bool) {
	t := l.taken.Load()
	c := &l.cells[t%liveCells]
	if c.turn.Load() != t+1 {
		return 0, 0, false
	}
	return c.frame, int(c.length), true
}

// came is when the message to take next came. There is one.
func (l *live) came() machine.Time { return machine.Time(l.cells[l.taken.Load()%liveCells].at) }

// take copies the first message to buf, which has room, and takes it away.
func (l *live) take(buf []byte) []byte {
	t := l.taken.Load()
	left := int(l.cells[t%liveCells].length)
	buf = buf[:0]
	for ; left > 0; t++ {
		k := min(left, cellBytes)
		buf = append(buf, l.cells[t%liveCells].data[:k]...)
		left -= k
	}
	l.taken.Store(t)
	return buf
}

// clear takes away all messages there are.
func (l *live) clear(buf []byte) {
	for {
		if _, _, ok := l.first(); !ok {
			return
		}
		l.take(buf)
	}
}

// delays are how long live messages took from coming in to being heard. The
// port's thread adds, any goroutine reads.
type delays struct {
	count              atomic.Uint64
	last, sum, longest atomic.Int64 // ns
}

func (d *delays) add(t machine.Duration) {
	d.last.Store(int64(t))
	d.sum.Add(int64(t))
	if int64(t) > d.longest.Load() {
		d.longest.Store(int64(t))
	}
	d.count.Add(1)
}

// DelayStatus is how long live messages took from coming in to being heard, in
// milliseconds.
type DelayStatus struct {
	Last  float64 `json:"last"`
	Mean  float64 `json:"mean"`
	Max   float64 `json:"max"`
	Count uint64  `json:"count"`
}

func (d *delays) status() DelayStatus {
	ms := func(ns float64) float64 { return ns / float64(machine.Millisecond) }
	s := DelayStatus{Last: ms(float64(d.last.Load())), Max: ms(float64(d.longest.Load())), Count: d.count.Load()}
	if s.Count > 0 {
		s.Mean = ms(float64(d.sum.Load()) / float64(s.Count))
	}
	return s
}
