package synth

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/synth/bank"
)

// Instrument is one instrument of a bank with its waves, after DirectMusic's
// DownloadInstrument. It implements audio.Instrument.
//
// Who uses a wave is counted by the bank's loader: every instrument that plays it
// once. Voices count through the port, which holds an instrument as long as one of
// its voices sounds.
type Instrument struct {
	com.Object
	k       *Bank
	preset  *bank.Preset
	samples []*bank.Sample // held
	info    audio.InstrumentInfo
	task    wait.Task
	drop    job
}

// Download implements audio.Bank.
func (k *Bank) Download(ctx context.Context, preset audio.Preset, low, high uint8) (audio.Instrument, error) {
	if low > high || high > 127 {
		return nil, com.Errorf(com.ErrInvalid, "keys %d to %d, and 0 to 127 are possible", low, high)
	}
	var p *bank.Preset
	if preset.Bank < 1<<14 && preset.Program < 128 {
		p = k.bank.Find(preset.Drums, uint8(preset.Bank>>7), uint8(preset.Bank&127), preset.Program)
	}
	if p == nil {
		return nil, com.Errorf(com.ErrNotFound, "bank %s has no instrument %+v", k.info.Name, preset)
	}
	in := &Instrument{k: k, info: audio.InstrumentInfo{Name: p.Name, Preset: preset, Low: low, High: high}}
	in.info.Preset.Name = p.Name
	if err := in.bring(ctx, p); err != nil {
		return nil, err
	}
	k.AddRef()
	in.task.Do = in.give
	in.drop.do = func(l *loader) {
		for _, s := range in.samples {
			l.letGo(s)
		}
	}
	in.Init(in, func() { k.f.reaper.Leave(&in.task) }, audio.InstrumentType.For(in))
	return in, nil
}

// States of a download.
const (
	underWay = iota
	brought
	givenUp
)

// bring has the loader hold the waves.
func (in *Instrument) bring(ctx context.Context, p *bank.Preset) error {
	l := in.k.loader
	if l == nil { // the built-in bank: all is there
		return in.take(p)
	}
	var state atomic.Int32
	var err error
	n, e := l.mustAsk(ctx, wish{job: &job{func(l *loader) {
		got := in.hold(l, p)
		if got != nil || !state.CompareAndSwap(underWay, brought) {
			in.unhold(l)
		}
		err = got
	}}})
	if e == nil {
		e = l.wait(ctx, machine.Forever, n)
	}
	switch {
	case e != nil && !state.CompareAndSwap(underWay, givenUp):
		// It was there all the same. Whoever gave up gets nothing.
		undo := &job{func(l *loader) { in.unhold(l) }}
		if _, err := l.mustAsk(nil, wish{job: undo}); err != nil {
			in.k.f.log("bank %s: %v", in.k.info.Name, err)
		}
		return e
	case e != nil:
		return e
	case err == nil && state.Load() != brought: // the loader has ended
		return com.Errorf(com.ErrGone, "bank %s", in.k.info.Name)
	}
	return err
}

// take notes what the instrument consists of.
func (in *Instrument) take(p *bank.Preset) (err error) {
	await(func() {
		if in.preset, err = p.Within(in.info.Low, in.info.High); err == nil {
			in.samples = in.preset.Samples()
		}
	})
	if err != nil {
		return com.Errorf(com.ErrCorrupt, "instrument %q: %v", p.Name, err)
	}
	in.info.Regions, in.info.Waves = uint32(len(in.preset.All())), uint32(len(in.samples))
	return nil
}

// hold loads and counts the waves. It runs on the loader's thread; where it fails,
// unhold is due.
func (in *Instrument) hold(l *loader, p *bank.Preset) error {
	if err := l.build(p); err != nil {
		return com.Errorf(com.ErrCorrupt, "instrument %q: %v", p.Name, err)
	}
	if err := in.take(p); err != nil {
		return err
	}
	all := in.samples
	var first error
	for i, s := range all {
		err := l.hold(s)
		in.samples = all[:i+1] // held so far
		w := l.waves[s]
		switch code := com.CodeOf(err); {
		case err == nil && w != nil:
			in.info.Bytes += w.span.Size()
			if w.held > 1 {
				in.info.Shared++
			}
		case code == com.ErrNoMemory || code == com.ErrQuota:
			return err
		case err != nil:
			in.info.Failed++
			if first == nil {
				first = err
			}
		}
	}
	if n := len(all); n > 0 && int(in.info.Failed) == n {
		return first
	}
	return nil
}

func (in *Instrument) unhold(l *loader) {
	for _, s := range in.samples {
		l.letGo(s)
	}
	in.samples = nil
}

// give is the end of the last reference: no port has the instrument and no voice
// plays it.
func (in *Instrument) give() {
	if l := in.k.loader; l != nil {
		if _, err := l.mustAsk(nil, wish{job: &in.drop}); err != nil {
			in.k.f.log("instrument %s: %v", in.info.Name, err)
		}
	}
	in.k.Release() // what the loader still has to do then, it does as it ends
}

// Info implements audio.Instrument.
func (in *Instrument) Info(context.Context) (audio.InstrumentInfo, error) { return in.info, nil }

var _ audio.Instrument = (*Instrument)(nil)
