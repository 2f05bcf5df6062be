package synth

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/mixer/output"
	"github.com/mmlite/mmlite/synth/engine"
)

const (
	defaultVoices = 256
	minVoices     = 16
	maxVoices     = 1024
	maxSysEx      = 4096
	maxEvents     = 4096
	noMore        = math.MaxUint64 // until, if nothing will follow at all
)

// Port is a synthesizer with sixteen channels. It implements audio.Port. Its
// methods run on threads that serve calls; what renders is in render.go.
type Port struct {
	com.Object
	f      *Factory
	name   string
	client string // on whose behalf it was opened
	voices int
	quota  *quota
	bank   *Bank
	in     *output.Input
	queue  *queue
	live   *live

	feeding  wait.Gate     // who queues
	last     uint64        // of those: frame of the last event
	promised uint64        // and what was promised
	stops    atomic.Uint64 // counts what makes them give up
	asking   wait.Gate     // who asks for channels
	changed  wait.List     // who waits for the port's thread

	// Orders to the port's thread.
	closing atomic.Bool
	stopped atomic.Uint64 // counts
	stopAt  atomic.Uint64 // events to be dropped then
	drains  atomic.Uint64
	asked   atomic.Uint64
	// Its answers.
	drained  atomic.Uint64
	restAt   atomic.Uint64 // the device's frame at which it had nothing left
	answered atomic.Uint64
	channels [16]engine.Channel // the answer to asked
	gone     atomic.Bool

	ahead  ahead
	stacks stacks
	status
	renderer
}

// status is what the port's thread tells of itself after each period.
type status struct {
	frame                    atomic.Uint64
	sounding, peak           atomic.Uint32
	late, stolen, unassigned atomic.Uint64
	notLoaded                atomic.Uint64
	busy                     atomic.Int64 // ns
	cut                      atomic.Uint64
	limit                    atomic.Uint32 // voices that may sound
	delays                   delays        // of live messages
}

// open makes a port and starts its thread.
func (f *Factory) open(ctx context.Context, o audio.PortOptions, q *quota) (audio.Port, error) {
	cfg, err := configure(o, f.output.Rate())
	if err != nil {
		return nil, err
	}
	k, err := f.bankFor(ctx, o.Bank)
	if err != nil {
		return nil, err
	}
	if err := q.take(cfg.Voices); err != nil {
		k.Release()
		return nil, err
	}
	p := &Port{f: f, name: com.Printable(o.Name), voices: cfg.Voices, quota: q, bank: k, queue: newQueue(), live: newLive()}
	if p.name == "" {
		p.name = "port"
	}
	p.limit.Store(uint32(p.voices))
	if t := thread.Current(); t != nil && t.Activity() != nil {
		p.client = t.Activity().Name
	}
	k.users.Add(1)
	if err := p.begin(cfg); err != nil {
		k.users.Add(-1)
		k.Release()
		q.give(cfg.Voices)
		return nil, err
	}
	return p, nil
}

// begin makes the engine, the input and the thread.
func (p *Port) begin(cfg engine.Config) error {
	var e *engine.Engine
	var err error
	cfg.Checkpoint = p.pause
	cfg.Selected, cfg.Wanted = p.selected, p.wanted
	await(func() { e, err = engine.New(cfg) }) // a megabyte, and tables
	if err != nil {
		return com.Errorf(com.ErrInvalid, "%v", err)
	}
	p.stacks.begin(p.bank.bank)
	if err := e.SetBank(p.bank.bank); err != nil {
		return com.Errorf(com.ErrInvalid, "%v", err)
	}
	f := p.f
	if p.in, err = f.output.Connect(p.name); err != nil {
		return err
	}
	p.renderer.init(e, f.output, p.voices)
	for i := range f.ports {
		if f.ports[i].CompareAndSwap(nil, p) {
			break
		}
	}
	f.AddRef()
	p.Init(p, p.final, audio.PortType.For(p))
	_, err = f.processor.Spawn("synth "+p.name, thread.Attributes{Activity: f.activity, Exit: p.exit}, p.run)
	if err != nil {
		p.unlist()
		f.Release()
	}
	return err
}

// unlist takes the port off the output and the list of ports.
func (p *Port) unlist() {
	p.gone.Store(true)
	p.in.Leave()
	for i := range p.f.ports {
		if p.f.ports[i].CompareAndSwap(p, nil) {
			return
		}
	}
}

// configure turns a port's options into the engine's.
func configure(o audio.PortOptions, rate int) (engine.Config, error) {
	c := engine.Config{SampleRate: rate, Voices: int(o.Voices), Gain: o.Gain, Events: engineEvents}
	if c.Voices == 0 {
		c.Voices = defaultVoices
	}
	c.Effects = o.Effects
	switch o.Interpolation {
	case audio.DefaultInterpolation, audio.Cubic:
		c.Interpolation = engine.Cubic
	case audio.Linear:
		c.Interpolation = engine.Linear
	case audio.Sinc:
		c.Interpolation = engine.Sinc
	default:
		return c, com.Errorf(com.ErrInvalid, "there is no interpolation %d", o.Interpolation)
	}
	switch {
	case o.Voices > maxVoices || c.Voices < minVoices:
		return c, com.Errorf(com.ErrInvalid, "a port of %d voices, and %d to %d are possible", o.Voices, minVoices, maxVoices)
	case o.Gain != 0 && !(o.Gain > 0 && o.Gain <= 100):
		return c, com.Errorf(com.ErrInvalid, "a gain of %g, and more than 0 to 100 are possible", o.Gain)
	case len(o.Name) > maxName:
		return c, com.Errorf(com.ErrInvalid, "a port's name of %d bytes, and %d are possible", len(o.Name), maxName)
	}
	return c, nil
}

// bankFor returns the bank a port asks for, with a reference.
func (f *Factory) bankFor(ctx context.Context, b audio.Bank) (*Bank, error) {
	if b == nil {
		return f.builtInBank(ctx)
	}
	u, err := b.Query(com.IIDUnknown) // the object itself, whatever was put before it
	if err != nil {
		return nil, err
	}
	k, ok := u.(*Bank)
	if !ok || k.f != f {
		u.Release()
		return nil, com.Errorf(com.ErrInvalid, "the bank was not loaded by this synthesizer")
	}
	return k, nil
}

// final is the last release: the thread fades what sounds, and ends.
func (p *Port) final() {
	p.closing.Store(true)
	p.in.Wake()
	p.changed.Signal()
}

// over reports whether no more is played.
func (p *Port) over() bool { return p.gone.Load() || p.closing.Load() }

// err says why the port does not answer.
func (p *Port) err() error {
	if err := p.f.output.Err(); err != nil {
		return err
	}
	return com.Errorf(com.ErrGone, "port %s", p.name)
}

// Start implements audio.Port.
func (p *Port) Start(ctx context.Context) error {
	if err := p.awaitSamples(ctx); err != nil {
		return com.CodeOf(err)
	}
	if p.over() {
		return p.err()
	}
	if !p.in.Start() {
		return com.Errorf(com.ErrBusy, "port %s was started before", p.name)
	}
	return nil
}

// Stop implements audio.Port.
func (p *Port) Stop(ctx context.Context) error {
	p.stops.Add(1) // has those who queue give up
	p.changed.Signal()
	if err := p.feeding.Enter(ctx); err != nil {
		return err
	}
	defer p.feeding.Leave()
	p.stopAt.Store(p.queue.put.Load())
	p.last, p.promised = 0, 0
	p.in.Promise(0)
	p.stopped.Add(1)
	p.in.Wake()
	return nil
}

// Drain implements audio.Port.
func (p *Port) Drain(ctx context.Context) error {
	n := p.drains.Add(1)
	p.in.Wake()
	err := p.changed.Until(ctx, func() bool { return p.drained.Load() >= n || p.over() || p.f.output.Err() != nil })
	if err != nil {
		return err
	}
	if p.drained.Load() < n {
		return p.err()
	}
	if err := p.f.output.WaitPlayed(ctx, p.restAt.Load()); err != nil {
		return err
	}
	if err := p.feeding.Enter(ctx); err != nil {
		return err
	}
	defer p.feeding.Leave()
	if p.promised == noMore { // the promise has been kept, and there may be more music
		p.promised = p.last
	}
	return nil
}

// Short implements audio.Port.
func (p *Port) Short(message uint32) error {
	if message&0x80 == 0 {
		return com.Errorf(com.ErrInvalid, "message %06x has no status byte", message)
	}
	data := [3]byte{byte(message), byte(message >> 8), byte(message >> 16)}
	return p.play(data[:])
}

// SysEx implements audio.Port.
func (p *Port) SysEx(data []byte) error {
	if err := checkSysEx(data); err != nil {
		return err
	}
	return p.play(data)
}

// play has a live message sound a period after now.
func (p *Port) play(data []byte) error {
	if p.over() {
		return p.err()
	}
	now := p.f.clock.Now()
	frame := p.f.output.Arrival(now)
	if !p.live.add(frame, now, data) {
		return com.Errorf(com.ErrBusy, "port %s: more live messages than it can take", p.name)
	}
	return nil
}

func checkSysEx(data []byte) error {
	switch {
	case len(data) > maxSysEx:
		return com.Errorf(com.ErrInvalid, "a system exclusive message of %d bytes, and %d are possible", len(data), maxSysEx)
	case len(data) < 2 || data[0] != 0xF0 || data[len(data)-1] != 0xF7:
		return com.Errorf(com.ErrInvalid, "a system exclusive message begins with F0 and ends with F7")
	}
	for i, b := range data[1 : len(data)-1] {
		if b >= 0x80 {
			return com.Errorf(com.ErrInvalid, "byte %d of a system exclusive message is %02x, which is no data byte", i+1, b)
		}
	}
	return nil
}

// Capture implements audio.Port.
func (p *Port) Capture(context.Context) (audio.Capture, error) {
	if p.over() {
		return nil, p.err()
	}
	c, err := p.in.Capture()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Info implements audio.Port.
func (p *Port) Info(context.Context) (audio.PortInfo, error) {
	i := audio.PortInfo{
		Name: p.name, Frame: p.frame.Load(), Queued: uint32(p.queue.len()),
		Voices: p.sounding.Load(), PeakVoices: p.peak.Load(), Late: p.late.Load(), Stolen: p.stolen.Load(),
		Dropped: p.unassigned.Load(), NotLoaded: p.notLoaded.Load(), Missed: p.in.Missed(), Busy: machine.Duration(p.busy.Load()).Std(),
	}
	if base, ok := p.in.Base(); ok {
		heard := p.f.output.Heard(p.f.clock.Now())
		i.Heard = min(heard-min(heard, base), i.Frame)
		i.Placed, i.Base = true, base
	}
	return i, nil
}

// Channels implements audio.Port.
func (p *Port) Channels(ctx context.Context) ([]audio.ChannelInfo, error) {
	return p.ask(ctx, machine.Forever)
}

// ask has the port's thread say what is on the channels, until the clock shows at.
func (p *Port) ask(ctx context.Context, at machine.Time) ([]audio.ChannelInfo, error) {
	if err := p.asking.Enter(ctx); err != nil {
		return nil, err
	}
	defer p.asking.Leave()
	n := p.asked.Add(1)
	p.in.Wake()
	if err := p.changed.UntilTime(ctx, at, func() bool { return p.answered.Load() >= n || p.over() }); err != nil {
		return nil, err
	}
	if p.answered.Load() < n {
		return nil, p.err()
	}
	list := make([]audio.ChannelInfo, len(p.channels))
	for i, c := range p.channels {
		list[i] = audio.ChannelInfo{
			Bank: uint16(c.BankMSB)<<7 | uint16(c.BankLSB), Program: c.Program, Drums: c.Rhythm,
			Name: c.Name, Voices: uint32(c.Voices),
		}
	}
	return list, nil
}

var _ audio.Port = (*Port)(nil)
