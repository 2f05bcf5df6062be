package dmusic

import (
	"container/heap"
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// PortParams say what a port shall be. Zero values mean the defaults.
type PortParams struct {
	Name   string
	Voices uint32     // 0 means 256
	Bank   audio.Bank // nil means the built-in one
	// Lookahead is how far ahead of their time events are handed to the card, 0 for
	// 150 ms: what comes with less than that may be late if nobody services the port
	// meanwhile, and an event put in before others that the card has already is
	// played behind them.
	Lookahead Time
}

// Event is something a port does at a time. The zero Time is now.
type Event struct {
	Time    Time
	Message uint32 // up to three bytes, the status lowest; or
	SysEx   []byte // F0 and F7 included
}

// maxWaiting is how many events wait on the host for a port.
const maxWaiting = 1 << 20

// Port is a synthesizer with sixteen channels.
type Port struct {
	m      *Music
	port   audio.Port
	ahead  Time
	period uint64

	mu       sync.Mutex
	released bool
	waiting  waiting
	turn     uint64 // counts what was put in
	base     uint64 // the device's frame of the port's frame 0
	placed   bool   // it is known
	given    uint64 // no event before that frame may follow
	late     uint64 // events that came when their time was over
}

// CreatePort opens a port and starts its clock. Release it.
func (m *Music) CreatePort(ctx context.Context, params PortParams) (*Port, error) {
	port, err := m.synth.Open(ctx, audio.PortOptions{Name: params.Name, Voices: params.Voices, Bank: params.Bank})
	if err != nil {
		return nil, err
	}
	p := &Port{m: m, port: port, ahead: params.Lookahead, period: uint64(max(m.info.Period, 1))}
	if p.ahead <= 0 {
		p.ahead = 150 * Millisecond
	}
	if !m.info.Offline {
		if err := port.Start(ctx); err != nil {
			port.Release()
			return nil, err
		}
	}
	m.mu.Lock()
	m.ports = append(m.ports, p)
	m.mu.Unlock()
	return p, nil
}

// Release ends the port: its voices fade, what waits is dropped.
func (p *Port) Release() {
	p.mu.Lock()
	done := p.released
	p.released = true
	p.waiting = nil
	p.mu.Unlock()
	if done {
		return
	}
	p.m.mu.Lock()
	for i, o := range p.m.ports {
		if o == p {
			p.m.ports = append(p.m.ports[:i:i], p.m.ports[i+1:]...)
			break
		}
	}
	p.m.mu.Unlock()
	p.port.Release()
}

// Synth is the port itself, for all that is not here.
func (p *Port) Synth() audio.Port { return p.port }

// Send plays a message as soon as possible, without waiting.
func (p *Port) Send(message uint32) error { return p.port.Short(message) }

// Late is how many events came when their time was over; they sounded at once.
func (p *Port) Late() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.late
}

// Queue puts events in, in any order. Those of one time play in the order in which
// they were put in.
func (p *Port) Queue(ctx context.Context, events ...Event) error {
	if err := p.put(events, nil); err != nil {
		return err
	}
	return p.Service(ctx)
}

func (p *Port) put(events []Event, of *Playing) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.released:
		return com.Errorf(com.ErrGone, "the port was released")
	case len(p.waiting)+len(events) > maxWaiting:
		return com.Errorf(com.ErrQuota, "%d events wait, and %d can", len(p.waiting)+len(events), maxWaiting)
	}
	for _, e := range events {
		if len(e.SysEx) == 0 && e.Message&0x80 == 0 {
			return com.Errorf(com.ErrInvalid, "message %06x has no status byte", e.Message)
		}
	}
	for _, e := range events {
		p.turn++
		heap.Push(&p.waiting, &item{Event: e, turn: p.turn, of: of})
	}
	return nil
}

// Service hands the card the events whose time comes within the lookahead. When that
// fails they wait for the next call; but those that the card finds invalid, which it
// would every time, are dropped, and the error says how many.
func (p *Port) Service(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.released || len(p.waiting) == 0 {
		return nil
	}
	now, err := p.m.clock.Now(ctx)
	if err != nil {
		return err
	}
	horizon := now + p.ahead
	if p.m.info.Offline {
		horizon = math.MaxInt64 // nothing passes while nobody asks for it
	}
	if p.waiting[0].Time > horizon {
		return nil
	}
	anchor, at, err := p.place(ctx)
	switch {
	case com.CodeOf(err) == com.ErrBusy:
		return nil // its clock begins with the next period
	case err != nil:
		return err
	}
	var batch []audio.Event
	var held []*item // those of the batch
	given, late := p.given, p.late
	send := func(call func() error) error {
		err := call()
		switch com.CodeOf(err) {
		case com.OK:
			for _, it := range held {
				it.take()
			}
		case com.ErrInvalid, com.ErrNotSupported:
			p.given = given
			err = fmt.Errorf("%d events from %.3f s on are lost: %w", len(held), held[0].Time.Seconds(), err)
		default:
			for _, it := range held {
				heap.Push(&p.waiting, it)
			}
			p.given, p.late = given, late
		}
		batch, held = batch[:0], held[:0]
		given, late = p.given, p.late
		return err
	}
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		return send(func() error { return p.port.Queue(ctx, batch, batch[len(batch)-1].Frame) })
	}
	for len(p.waiting) > 0 && p.waiting[0].Time <= horizon {
		if len(batch) == maxBatch || len(batch) > 0 && len(p.waiting[0].SysEx) > 0 {
			if err := flush(); err != nil {
				return err
			}
		}
		it := heap.Pop(&p.waiting).(*item)
		if it.of != nil && it.of.stopped {
			continue
		}
		frame := p.frame(it.Time, now, anchor, at)
		held = append(held, it)
		if len(it.SysEx) > 0 {
			if err := send(func() error { return p.port.QueueSysEx(ctx, frame, it.SysEx) }); err != nil {
				return err
			}
			continue
		}
		batch = append(batch, audio.Event{Frame: frame, Message: it.Message})
	}
	return flush()
}

// maxBatch is how many events one call takes.
const maxBatch = 4096

// place finds where the port's clock is on the device's, once, and returns a frame
// of the device and when it is heard.
func (p *Port) place(ctx context.Context) (anchor float64, at Time, err error) {
	if p.m.info.Offline {
		return 0, 0, nil
	}
	frame, at, err := p.m.clock.pair(ctx)
	if err != nil || p.placed {
		return float64(frame), at, err
	}
	info, err := p.port.Info(ctx)
	if err != nil {
		return 0, 0, err
	}
	if !info.Placed {
		return 0, 0, com.Errorf(com.ErrBusy, "the port has not begun to play yet")
	}
	p.base = info.Base
	p.placed = true
	return float64(frame), at, nil
}

// frame is where on the port's clock a time is, and not before what the card has
// been told.
func (p *Port) frame(t, now Time, anchor float64, at Time) uint64 {
	if t == 0 {
		t = now
	}
	f := anchor + (t-at).Seconds()*float64(p.m.info.Rate) - float64(p.base)
	frame := uint64(max(0, math.Round(f)))
	if frame < p.given || f < 0 {
		p.late++
		frame = max(frame, p.given)
	}
	p.given = frame
	return frame
}

// Drain returns when all that waits has sounded and the voices have decayed. Nobody
// else puts anything in meanwhile. wait lets time of the clock pass; nil sleeps.
func (p *Port) Drain(ctx context.Context, wait func(context.Context, Time) error) error {
	if wait == nil {
		wait = sleep
	}
	for {
		if err := p.Service(ctx); err != nil {
			return err
		}
		p.mu.Lock()
		n := len(p.waiting)
		p.mu.Unlock()
		if n == 0 {
			break
		}
		if err := wait(ctx, 20*Millisecond); err != nil {
			return err
		}
	}
	if p.m.info.Offline {
		if err := p.port.Start(ctx); err != nil && com.CodeOf(err) != com.ErrBusy {
			return err
		}
	}
	return p.port.Drain(ctx)
}

// sleep is the wait of a card whose clock is that of the world.
func sleep(ctx context.Context, t Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(t)):
		return nil
	}
}

// item is an event that waits.
type item struct {
	Event
	turn uint64
	of   *Playing
}

// take keeps account of keys, of an event that the card has now. It reports false if
// the event's segment was stopped.
func (it *item) take() bool {
	if it.of == nil {
		return true
	}
	return it.of.take(it)
}

// waiting is a heap by time and turn.
type waiting []*item

func (w waiting) Len() int { return len(w) }

func (w waiting) Less(i, j int) bool {
	if w[i].Time != w[j].Time {
		return w[i].Time < w[j].Time
	}
	return w[i].turn < w[j].turn
}

func (w waiting) Swap(i, j int) { w[i], w[j] = w[j], w[i] }

// Push implements heap.Interface.
func (w *waiting) Push(x any) { *w = append(*w, x.(*item)) }

// Pop implements heap.Interface.
func (w *waiting) Pop() any {
	n := len(*w) - 1
	it := (*w)[n]
	(*w)[n] = nil
	*w = (*w)[:n]
	return it
}
