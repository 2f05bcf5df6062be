package synth

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mixer/output"
	"github.com/mmlite/mmlite/synth/engine"
)

const (
	// engineEvents is how many events the engine takes at a time: those of a chunk.
	engineEvents = 1024
	// chunk is how many frames are rendered between checkpoints.
	chunk = 64
	// goodbye is how long a closed port waits for a device that stands still before
	// it gives up fading.
	goodbye = 100 * machine.Millisecond
)

// renderer is the part of a port that its thread alone touches.
type renderer struct {
	engine  *engine.Engine
	period  int
	played  bool   // it has begun to play
	next    uint64 // frame of the port's clock
	ended   uint64 // device's frame at which the last window rendered ends
	stopsAt uint64 // stops served
	let     bool   // held notes were let go for a drain
	hushed  bool   // nothing sounded in the last window
	faded   bool
	pacer   pacer
	scratch [maxSysEx]byte
}

func (r *renderer) init(e *engine.Engine, o *output.Output, voices int) {
	r.engine, r.period = e, o.Period()
	r.pacer.quota, r.pacer.most, r.pacer.stride, r.pacer.share = voices, voices, 1, 1
}

// run is the port's SYNTH thread: one turn for each window.
func (p *Port) run(t *thread.Thread) {
	for {
		p.serve()
		if p.closing.Load() && p.engine.Silent() || p.in.Gone() || p.f.output.Err() != nil {
			return
		}
		device, open := p.in.Window()
		if open {
			p.render(t, device)
			if _, more := p.in.Window(); more {
				t.Yield() // it is late: AUDIO and MIXER have a clock to keep
			}
			continue
		}
		p.in.Sweep()
		p.settle()
		var err error
		if p.closing.Load() {
			err = p.in.WaitUntil(t, t.Processor().Now().Add(goodbye))
		} else {
			err = p.in.Wait(t)
		}
		if err != nil {
			return
		}
	}
}

// exit gives everything back, also when the thread failed.
func (p *Port) exit(_ *thread.Thread, f *thread.Failure) {
	if f != nil && f.Err != com.ErrCanceled {
		p.f.log("port %s: %v\n%s", p.name, f, f.Stack)
	}
	p.leave()
	p.changed.Signal()
	p.f.Release()
}

// leave gives back what open took.
func (p *Port) leave() {
	p.unlist()
	p.quota.give(p.voices)
	p.unstack()
	p.bank.users.Add(-1)
	p.bank.Release()
}

// serve does what other threads have ordered.
func (p *Port) serve() {
	p.restack()
	if n := p.stopped.Load(); n != p.stopsAt {
		p.stopsAt = n
		p.queue.dropTo(p.stopAt.Load())
		p.live.clear(p.scratch[:])
		p.engine.AllSoundOff()
		p.changed.Signal()
	}
	if p.closing.Load() && !p.faded {
		p.faded = true
		p.queue.dropTo(p.queue.put.Load())
		p.live.clear(p.scratch[:])
		p.engine.AllSoundOff()
		p.in.Endless(true)
	}
	if n := p.asked.Load(); n != p.answered.Load() {
		for i := range p.channels {
			p.channels[i] = p.engine.Channel(i)
		}
		p.answered.Store(n)
		p.changed.Signal()
	}
}

// render renders the window that begins at the device's frame.
func (p *Port) render(t *thread.Thread, device uint64) {
	left, right := p.in.Buffers()
	base, started := p.in.Base()
	started = started && device >= base
	if !p.played {
		frame, _, live := p.live.first()
		if live = live && frame < device+uint64(p.period); !started && !live {
			p.ended = device + uint64(p.period)
			p.settle()
			p.in.Done(output.Idle)
			return
		}
		p.played = true
	}
	took := p.queue.taken.Load()
	p.hushed = p.engine.Silent()
	work := p.engine.Work()
	p.beginPace(t)
	for at := 0; at < p.period; at += chunk {
		n := min(chunk, p.period-at)
		if started {
			p.due(n)
			p.next += uint64(n)
		}
		p.arrived(device+uint64(at), n)
		p.chunk(left[at:at+n], right[at:at+n])
	}
	p.ended = device + uint64(p.period)
	p.endPace(p.engine.Work() - work)
	p.tell(p.pacer.sum)
	sound := output.Samples
	if p.hushed = p.hushed && p.engine.Silent() && silent(left) && silent(right); p.hushed {
		sound = output.Silence
	}
	p.settle()
	p.in.Done(sound)
	if p.queue.taken.Load() != took {
		p.changed.Signal()
	}
}

// due hands the engine the queued events of the next n frames. What it cannot take
// comes late, in the next chunk.
func (p *Port) due(n int) {
	for {
		ev, ok := p.queue.first()
		if !ok || ev.frame >= p.next+uint64(n) {
			return
		}
		offset := 0
		if ev.frame >= p.next {
			offset = int(ev.frame - p.next)
		}
		var err error
		if ev.length > 0 {
			err = p.engine.SysEx(offset, p.queue.data(ev, p.scratch[:]))
		} else {
			err = p.engine.Event(offset, byte(ev.message), byte(ev.message>>8), byte(ev.message>>16))
		}
		if err != nil {
			return
		}
		if ev.frame < p.next {
			p.late.Add(1)
		}
		p.queue.drop(ev)
	}
}

// arrived hands the engine the live messages of the n frames from the device's.
func (p *Port) arrived(device uint64, n int) {
	for {
		frame, _, ok := p.live.first()
		if !ok || frame >= device+uint64(n) {
			return
		}
		offset := 0
		if frame > device {
			offset = int(frame - device)
		}
		if at, ok := p.f.output.HeardAt(device + uint64(offset)); ok {
			p.delays.add(at.Sub(p.live.came()))
		}
		data := p.live.take(p.scratch[:])
		if data[0] == 0xF0 {
			p.engine.SysEx(offset, data)
		} else {
			p.engine.Event(offset, data[0], data[1], data[2])
		}
	}
}

// tell publishes how the port fares.
func (p *Port) tell(spent machine.Duration) {
	e := p.engine
	s := e.Stats()
	p.frame.Store(p.next)
	p.sounding.Store(uint32(e.ActiveVoices()))
	p.peak.Store(uint32(e.PeakVoices()))
	p.stolen.Store(s.Stolen)
	p.unassigned.Store(s.Dropped + s.Unassigned)
	p.notLoaded.Store(s.NotLoaded)
	p.busy.Add(int64(spent))
}

// settle sees whether there is nothing left to play, for those who drain and for
// an offline device that was told that nothing will follow.
func (p *Port) settle() {
	asked := p.drains.Load()
	epoch := p.in.Epoch()
	until := p.in.Until()
	draining := asked != p.drained.Load()
	if !draining && until != noMore {
		if !p.closing.Load() {
			p.in.Endless(false)
		}
		p.let = false
		return
	}
	if until == noMore {
		until = 0
	}
	done := p.queue.len() == 0 && p.live.empty() && (!p.in.Started() || p.next >= until)
	if done && !p.let && (draining || p.f.output.Offline()) {
		p.let = true
		p.letGo()
	}
	if !done || !p.hushed && p.played { // what sounded last has to get through the limiter
		p.in.Endless(true)
		return
	}
	p.in.Rest(epoch)
	if !p.closing.Load() {
		p.in.Endless(false)
	}
	if draining {
		p.let = false
		p.restAt.Store(p.ended)
		p.drained.Store(asked)
		p.changed.Signal()
	}
}

// letGo releases all keys and pedals: there is nothing to come that would.
func (p *Port) letGo() {
	const control, sustain, sostenuto, notesOff = 0xB0, 64, 66, 123
	for c := byte(0); c < 16; c++ {
		for _, number := range [...]byte{sustain, sostenuto, notesOff} {
			p.engine.Event(0, control|c, number, 0)
		}
	}
}

func silent(x []float32) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}
