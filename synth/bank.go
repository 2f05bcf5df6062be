package synth

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/bankfile"
	"github.com/mmlite/mmlite/synth/riff"
)

const (
	maxNotes   = 64
	maxPresets = 4096
)

// Bank is a set of instruments of which the tables are in memory and samples as
// far as they were needed. It implements audio.Bank.
type Bank struct {
	com.Object
	f       *Factory
	bank    *bank.Bank
	info    audio.BankInfo
	presets []audio.Preset
	notes   atomic.Pointer[[]string]
	users   atomic.Int32 // ports whose own bank it is
	quota   *quota       // that its memory counts for
	loader  *loader      // nil for the built-in bank, which is all there
	task    wait.Task
}

// newBank makes the object, with the caller's reference. It takes over the loader.
func (f *Factory) newBank(b *bank.Bank, name string, format bankfile.Format, file, bytes int64, notes []riff.Note, l *loader, q *quota) *Bank {
	k := &Bank{f: f, bank: b, loader: l, quota: q}
	if b.Name != "" {
		name = b.Name
	}
	k.info = audio.BankInfo{
		Name: name, Format: string(format), Bytes: uint64(bytes), Presets: uint32(len(b.Presets())), File: uint64(file),
	}
	k.note(notes)
	for _, p := range b.Presets() {
		if len(k.presets) == maxPresets {
			break
		}
		k.presets = append(k.presets, audio.Preset{
			Bank: uint16(p.MSB)<<7 | uint16(p.LSB), Program: p.Program, Drums: p.Drum, Name: p.Name,
		})
	}
	k.task.Do = k.give
	k.Init(k, func() { f.reaper.Leave(&k.task) }, audio.BankType.For(k))
	return k
}

// note publishes what the reader has remarked.
func (k *Bank) note(notes []riff.Note) {
	var list []string
	for i, n := range notes {
		if i == maxNotes-1 && len(notes) > maxNotes {
			list = append(list, "and more")
			break
		}
		list = append(list, n.String())
	}
	k.notes.Store(&list)
}

// give has the memory given back. Nobody has a reference any more, so no voice
// plays from it.
func (k *Bank) give() {
	if k.loader == nil {
		return
	}
	k.f.forget(k)
	k.loader.close()
}

// Info implements audio.Bank.
func (k *Bank) Info(context.Context) (audio.BankInfo, error) {
	i := k.info
	i.Notes = *k.notes.Load()
	if l := k.loader; l != nil {
		i.Bytes += uint64(l.bytes.Load())
		i.Samples, i.Failed = uint32(l.loaded.Load()), uint32(l.failed.Load())
	}
	return i, nil
}

// Presets implements audio.Bank.
func (k *Bank) Presets(context.Context) ([]audio.Preset, error) { return k.presets, nil }

// ask has the loader see to a wish, and returns its number; 0 means that there is
// nothing to wait for. It neither waits nor allocates.
func (k *Bank) ask(w wish) uint64 {
	if k.loader == nil {
		return 0
	}
	return k.loader.ask(w)
}

var _ audio.Bank = (*Bank)(nil)
