package usb

import (
	"sync"

	"github.com/mmlite/mmlite/firmware/link/stream"
)

// pipe is where the controller's side of an endpoint meets the function's. Nothing
// is stored: while one side is not there the other waits, and the host is told NAK.
type pipe struct {
	address uint8
	halted  bool
	changed chan struct{} // closed when transfers under way have to look again
	data    chan block
	taken   chan struct{}
	moving  sync.Mutex // one transfer at a time
	rest    []byte     // of a block for the host, whose sender waits for taken
	of      uint64     // the configuration it is of
}

// block is what goes through a pipe, and the configuration that it is of: who waits
// may be told of that after the next one has begun.
type block struct {
	data  []byte
	epoch uint64
}

// stir ends transfers under way. The function's lock is held.
func (p *pipe) stir() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// state returns what a transfer through an endpoint has to know.
func (f *Function) state(endpoint uint8) (p *pipe, changed chan struct{}, epoch uint64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.endpoint(uint16(endpoint))
	if n <= 0 {
		return nil, nil, 0, ErrEndpoint
	}
	p = &f.pipes[n-1]
	if p.halted {
		return nil, nil, 0, ErrStall
	}
	return p, p.changed, f.epoch, nil
}

// ended is why transfers end when something has changed.
func (f *Function) ended(endpoint uint8) error {
	if _, _, _, err := f.state(endpoint); err != nil {
		return err
	}
	return ErrCanceled
}

// Receive takes a transfer that came to an OUT endpoint; it waits until there is
// room for the next. cancel, which may be nil, ends that. The errors are ErrStall,
// ErrEndpoint and ErrCanceled; the data is lost then.
func (f *Function) Receive(endpoint uint8, data []byte, cancel <-chan struct{}) error {
	if endpoint&in != 0 {
		return ErrEndpoint
	}
	p, changed, epoch, err := f.state(endpoint)
	if err != nil {
		return err
	}
	p.moving.Lock()
	defer p.moving.Unlock()
	if endpoint == MIDIOut {
		f.play(data)
		return nil
	}
	if len(data) == 0 {
		return nil // the end of a transfer that ended with a whole packet
	}
	select {
	case p.data <- block{data, epoch}:
		<-p.taken
		return nil
	case <-changed:
		return f.ended(endpoint)
	case <-cancel:
		return ErrCanceled
	}
}

// Transmit fills buf with a transfer for the host through an IN endpoint; it waits
// until there is something. A transfer that is longer goes on with the next call.
// cancel and the errors are as for Receive; nothing is lost then.
func (f *Function) Transmit(endpoint uint8, buf []byte, cancel <-chan struct{}) (int, error) {
	if endpoint&in == 0 {
		return 0, ErrEndpoint
	}
	p, changed, now, err := f.state(endpoint)
	if err != nil {
		return 0, err
	}
	p.moving.Lock()
	defer p.moving.Unlock()
	if endpoint == MIDIIn {
		return f.transmitMIDI(buf, changed, cancel)
	}
	for {
		switch {
		case len(p.rest) == 0:
		case p.of == now:
			return p.more(buf), nil
		case p.of > now: // this transfer is of the time before a reset
			return 0, f.ended(endpoint)
		default: // and this is what is left of that
			p.rest = nil
			p.taken <- struct{}{}
		}
		select {
		case b := <-p.data:
			p.rest, p.of = b.data, b.epoch
		case <-changed:
			return 0, f.ended(endpoint)
		case <-cancel:
			return 0, ErrCanceled
		}
	}
}

// more hands out what is left of a block.
func (p *pipe) more(buf []byte) int {
	n := copy(buf, p.rest)
	p.rest = p.rest[n:]
	if len(p.rest) == 0 {
		p.rest = nil
		p.taken <- struct{}{}
	}
	return n
}

// link is the carrier of the card's side of the link.
type link struct {
	f       *Function
	once    sync.Once
	closed  chan struct{}
	restart chan struct{}

	// Of who receives.
	epoch uint64 // the last configuration that was told of
	held  *block // the first of the next one
}

// Link returns the carrier over the link's endpoints, for stream.Serve. A
// configuration of the device by its host begins anew.
func (f *Function) Link() stream.Carrier { return &f.link }

// Size implements stream.Carrier.
func (l *link) Size() int { return stream.MaxBlock }

// Close implements stream.Carrier.
func (l *link) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Receive implements stream.Carrier. What came in an earlier configuration is dropped,
// and a later one is told of before what came in it.
func (l *link) Receive(b []byte) (int, error) {
	p := &l.f.pipes[0]
	for {
		if d := l.held; d != nil {
			l.held = nil
			n := 0
			if d.epoch == l.epoch {
				n = copy(b, d.data)
			}
			p.taken <- struct{}{}
			if d.epoch == l.epoch {
				return n, nil
			}
			continue
		}
		select {
		case <-l.closed:
			return 0, ErrEndpoint
		case <-l.restart:
			l.f.mu.Lock()
			now := l.f.epoch
			l.f.mu.Unlock()
			if l.epoch == now {
				continue // what came in it told of it
			}
			l.epoch = now
			return 0, stream.ErrRestart
		case d := <-p.data:
			l.held = &d
			if d.epoch > l.epoch {
				l.epoch = d.epoch
				return 0, stream.ErrRestart
			}
		}
	}
}

// Send implements stream.Carrier.
func (l *link) Send(data []byte) error {
	p := &l.f.pipes[1]
	select {
	case <-p.taken: // of a block that was given up
	default:
	}
	for first := uint64(0); ; {
		l.f.mu.Lock()
		changed, epoch, configured := p.changed, l.f.epoch, l.f.configured != 0
		l.f.mu.Unlock()
		if !configured || first != 0 && first != epoch {
			return stream.ErrRestart
		}
		first = epoch
		select {
		case <-l.closed:
			return ErrEndpoint
		case <-changed: // halted, or no more
			continue
		case p.data <- block{data, epoch}:
		}
		select {
		case <-p.taken:
			return nil
		case <-l.closed:
			return ErrEndpoint
		}
	}
}
