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
	data    chan []byte
	taken   chan struct{}
	moving  sync.Mutex // one transfer at a time
	rest    []byte     // of a block for the host, whose sender waits for taken
	of      uint64     // the configuration it is of
}

// stir ends transfers under way. The function's lock is held.
func (p *pipe) stir() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// state returns what a transfer through an endpoint has to know.
func (f *Function) state(endpoint uint8) (p *pipe, changed chan struct{}, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.endpoint(uint16(endpoint))
	if n <= 0 {
		return nil, nil, ErrEndpoint
	}
	p = &f.pipes[n-1]
	if p.halted {
		return nil, nil, ErrStall
	}
	return p, p.changed, nil
}

// Receive takes a transfer that came to an OUT endpoint; it waits until there is
// room for the next. cancel, which may be nil, ends that. The errors are ErrStall,
// ErrEndpoint and ErrCanceled; the data is lost then.
func (f *Function) Receive(endpoint uint8, data []byte, cancel <-chan struct{}) error {
	if endpoint&in != 0 {
		return ErrEndpoint
	}
	p, changed, err := f.state(endpoint)
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
	case p.data <- data:
		<-p.taken
		return nil
	case <-changed:
		_, _, err := f.state(endpoint)
		if err == nil {
			err = ErrCanceled
		}
		return err
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
	p, changed, err := f.state(endpoint)
	if err != nil {
		return 0, err
	}
	p.moving.Lock()
	defer p.moving.Unlock()
	if endpoint == MIDIIn {
		return f.transmitMIDI(buf, changed, cancel)
	}
	f.mu.Lock()
	now := f.epoch
	f.mu.Unlock()
	if len(p.rest) > 0 {
		if p.of == now {
			return p.more(buf), nil
		}
		p.rest = nil // of the time before a reset
		p.taken <- struct{}{}
	}
	select {
	case p.rest = <-p.data:
		p.of = now
		return p.more(buf), nil
	case <-changed:
		_, _, err := f.state(endpoint)
		if err == nil {
			err = ErrCanceled
		}
		return 0, err
	case <-cancel:
		return 0, ErrCanceled
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

// Receive implements stream.Carrier.
func (l *link) Receive(b []byte) (int, error) {
	p := &l.f.pipes[0]
	select {
	case <-l.restart:
		return 0, stream.ErrRestart
	default:
	}
	select {
	case <-l.closed:
		return 0, ErrEndpoint
	case <-l.restart:
		return 0, stream.ErrRestart
	case d := <-p.data:
		n := copy(b, d)
		p.taken <- struct{}{}
		return n, nil
	}
}

// Send implements stream.Carrier.
func (l *link) Send(block []byte) error {
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
		case p.data <- block:
		}
		select {
		case <-p.taken:
			return nil
		case <-l.closed:
			return ErrEndpoint
		}
	}
}
