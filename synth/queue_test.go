package synth

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// TestQueueAgainstAModel compares the queue with a slice of messages.
func TestQueueAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue()
		type message struct {
			frame uint64
			data  []byte // nil: a short one
			short uint32
		}
		var model []message
		frame, waiting := uint64(0), 0
		buf := make([]byte, maxSysEx)
		t.Repeat(map[string]func(*rapid.T){
			"short": func(t *rapid.T) {
				for range rapid.IntRange(1, 3000).Draw(t, "n") {
					if q.room() == 0 {
						break
					}
					frame++
					q.add(frame, uint32(frame))
					model = append(model, message{frame: frame, short: uint32(frame)})
				}
			},
			"bytes": func(t *rapid.T) {
				data := bytes.Repeat([]byte{byte(frame)}, rapid.IntRange(2, maxSysEx).Draw(t, "size"))
				if q.room() == 0 || q.roomBytes() < len(data) {
					t.Skip("no room")
				}
				frame++
				q.addBytes(frame, data)
				model = append(model, message{frame: frame, data: data})
				waiting += len(data)
			},
			"take": func(t *rapid.T) {
				for range rapid.IntRange(1, 3000).Draw(t, "n") {
					ev, ok := q.first()
					if ok != (len(model) > 0) {
						t.Fatalf("first says %v with %d in the model", ok, len(model))
					}
					if !ok {
						return
					}
					m := model[0]
					model = model[1:]
					if ev.frame != m.frame || m.data == nil && ev.message != m.short {
						t.Fatalf("%+v, want %+v", ev, m)
					}
					if m.data != nil && !bytes.Equal(q.data(ev, buf), m.data) {
						t.Fatalf("frame %d: other bytes", m.frame)
					}
					waiting -= len(m.data)
					q.drop(ev)
				}
			},
			"dropTo": func(t *rapid.T) {
				n := rapid.IntRange(0, len(model)).Draw(t, "n")
				q.dropTo(q.taken.Load() + uint64(n))
				for _, m := range model[:n] {
					waiting -= len(m.data)
				}
				model = model[n:]
			},
			"": func(t *rapid.T) {
				if q.len() != len(model) || q.room() != queueEvents-len(model) || q.roomBytes() != queueBytes-waiting {
					t.Fatalf("%d events, room for %d and %d bytes; want %d, %d bytes waiting", q.len(), q.room(), q.roomBytes(), len(model), waiting)
				}
			},
		})
	})
}

// TestLiveMessagesArriveWhole has several goroutines put and one take. Messages of
// one sender stay in order and none is torn.
func TestLiveMessagesArriveWhole(t *testing.T) {
	const senders, each = 4, 3000
	l := newLive()
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() {
			for i := range each {
				data := make([]byte, 8+(i*37+s)%300)
				binary.LittleEndian.PutUint32(data, uint32(i))
				for k := 8; k < len(data); k++ {
					data[k] = byte(i + s)
				}
				data[4] = byte(s)
				for !l.add(uint64(i), 0, data) {
					runtime.Gosched()
				}
			}
		})
	}
	var next [senders]uint32
	buf := make([]byte, maxSysEx)
	for got := 0; got < senders*each; {
		frame, length, ok := l.first()
		if !ok {
			runtime.Gosched()
			continue
		}
		data := l.take(buf)
		s := int(data[4])
		i := binary.LittleEndian.Uint32(data)
		if len(data) != length || i != next[s] || frame != uint64(i) || len(data) != 8+(int(i)*37+s)%300 {
			t.Fatalf("sender %d: message %d of %d bytes at frame %d, want message %d", s, i, len(data), frame, next[s])
		}
		for _, b := range data[8:] {
			if b != byte(int(i)+s) {
				t.Fatalf("sender %d: message %d is torn", s, i)
			}
		}
		next[s]++
		got++
	}
	all.Wait()
	if !l.empty() {
		t.Error("something is left")
	}
}

func TestLiveIsBounded(t *testing.T) {
	l := newLive()
	n := 0
	for l.add(0, 0, []byte{1, 2, 3}) {
		n++
	}
	if n != liveCells {
		t.Errorf("%d messages fit, want %d", n, liveCells)
	}
	l.clear(make([]byte, maxSysEx))
	if !l.add(0, 0, make([]byte, maxSysEx)) {
		t.Error("no room after clear")
	}
}
