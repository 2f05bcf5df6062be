package usb

import (
	"fmt"
	"sync"

	"github.com/mmlite/mmlite/firmware/com"
)

// Config is what a card shows on the bus.
type Config struct {
	Vendor, Product, Release uint16 // 0 means Vendor, Product and 1.00
	Maker                    string // "MMLite" if empty
	Name                     string // "MMLite card" if empty
	Serial                   string // by which a host tells cards apart; up to 126 characters
	// MIDI, which may be nil, takes what is played; see Player.
	MIDI MIDI
	// Halt, which may be nil as Configured may, is called with a lock held: neither
	// may call the Function. It has the controller answer an endpoint with STALL, or
	// end that and begin with DATA0 again.
	Halt func(endpoint uint8, halted bool)
	// Configured has the controller open the endpoints other
	// than 0, or close them.
	Configured func(on bool)
}

// MIDI takes the messages that a host sends. Messages come one after the other.
type MIDI interface {
	// Message takes a message, system exclusive ones whole, which it does not keep.
	// It may wait, and the host with it. What it answers goes to the host.
	Message(msg []byte, answer func(msg []byte))
	// Release lets go of keys and pedals: the host has gone, or sleeps.
	Release()
}

// Errors of transfers.
var (
	// ErrStall says that the endpoint is halted.
	ErrStall = com.Errorf(com.ErrFailed, "usb: the endpoint is halted")
	// ErrEndpoint says that there is no such endpoint now.
	ErrEndpoint = com.Errorf(com.ErrGone, "usb: no such endpoint in this state")
	// ErrCanceled says that the transfer was cancelled.
	ErrCanceled = com.Errorf(com.ErrCanceled, "usb: the transfer was cancelled")
)

// Function is a card on the bus. A controller's driver hands it what comes from the
// host; all methods may be called from any goroutine.
type Function struct {
	cfg Config

	mu         sync.Mutex
	high       bool
	configured uint8
	epoch      uint64 // counts configurations, from 1
	pipes      [4]pipe
	link       link
	midiOut    chan [4]byte // event packets for the host

	playing sync.Mutex // messages come one after the other
	midi    decoder
	midiOf  uint64 // the configuration in which it began
}

// New returns a function as it is before the first reset.
func New(cfg Config) *Function {
	cfg.Vendor, cfg.Product = or(cfg.Vendor, Vendor), or(cfg.Product, Product)
	cfg.Release = or(cfg.Release, 0x0100)
	if cfg.Maker == "" {
		cfg.Maker = "MMLite"
	}
	if cfg.Name == "" {
		cfg.Name = "MMLite card"
	}
	if cfg.Serial == "" {
		cfg.Serial = fmt.Sprintf("%04X%04X", cfg.Vendor, cfg.Product)
	}
	f := &Function{cfg: cfg, high: true, midiOut: make(chan [4]byte, midiWaiting)}
	for i, address := range []uint8{LinkOut, LinkIn, MIDIOut, MIDIIn} {
		f.pipes[i] = pipe{address: address, changed: make(chan struct{}), data: make(chan block), taken: make(chan struct{}, 1)}
	}
	f.link = link{f: f, closed: make(chan struct{}), restart: make(chan struct{}, 1)}
	return f
}

func or(v, otherwise uint16) uint16 {
	if v == 0 {
		return otherwise
	}
	return v
}

// Reset is the bus reset (9.1.1.3), after which the device is at high speed or not.
func (f *Function) Reset(high bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.high = high
	f.configure(0)
}

// Suspend tells that the host sleeps (9.1.1.6). What it has pressed is let go.
func (f *Function) Suspend() { f.release() }

// Resume tells that it is awake again: whatever was under way goes on.
func (f *Function) Resume() {}

// release lets go of what the host plays.
func (f *Function) release() {
	if f.cfg.MIDI != nil {
		go func() { // a message may be under way, and wait
			f.playing.Lock()
			defer f.playing.Unlock()
			f.cfg.MIDI.Release()
		}()
	}
}

// configure changes the configuration (9.4.7): transfers under way end, halts are
// cleared, and the link begins anew, even if it is the configuration there was.
func (f *Function) configure(value uint8) {
	was := f.configured
	f.configured = value
	f.epoch++
	for i := range f.pipes {
		p := &f.pipes[i]
		p.halted = false
		p.stir()
	}
	for len(f.midiOut) > 0 {
		<-f.midiOut
	}
	select {
	case f.link.restart <- struct{}{}:
	default:
	}
	if was != 0 {
		f.release()
	}
	if f.cfg.Configured != nil && (was != 0 || value != 0) {
		f.cfg.Configured(value != 0)
	}
}

func (f *Function) halt(p *pipe, halted bool) {
	p.halted = halted
	p.stir()
	if f.cfg.Halt != nil {
		f.cfg.Halt(p.address, halted)
	}
}
