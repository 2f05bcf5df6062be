package synth

import (
	"context"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/mixer/wait"
	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/bankfile"
	"github.com/mmlite/mmlite/synth/riff"
)

const (
	maxNotes   = 64
	maxPresets = 4096
)

// Bank is a set of instruments in card memory. It implements audio.Bank.
type Bank struct {
	com.Object
	f       *Factory
	bank    *bank.Bank
	info    audio.BankInfo
	presets []audio.Preset
	span    heap.Span // zero for the built-in bank
	quota   *quota    // that its memory counts for
	task    wait.Task
}

// newBank makes the object, with the caller's reference. It takes over the span.
func (f *Factory) newBank(b *bank.Bank, name string, format bankfile.Format, bytes int, notes []riff.Note, span heap.Span, q *quota) *Bank {
	k := &Bank{f: f, bank: b, span: span, quota: q}
	if b.Name != "" {
		name = b.Name
	}
	k.info = audio.BankInfo{Name: name, Format: string(format), Bytes: uint64(bytes), Presets: uint32(len(b.Presets()))}
	for i, n := range notes {
		if i == maxNotes-1 && len(notes) > maxNotes {
			k.info.Notes = append(k.info.Notes, "and more")
			break
		}
		k.info.Notes = append(k.info.Notes, n.String())
	}
	for _, p := range b.Presets() {
		if len(k.presets) == maxPresets {
			break
		}
		k.presets = append(k.presets, audio.Preset{
			Bank: uint16(p.MSB)<<7 | uint16(p.LSB), Program: p.Program, Drums: p.Drum, Name: p.Name,
		})
	}
	if !span.IsZero() {
		f.AddRef()
	}
	k.task.Do = k.give
	k.Init(k, func() { f.reaper.Leave(&k.task) }, audio.BankType.For(k))
	return k
}

// give returns the memory. Nobody has a reference any more, so no voice plays
// from it.
func (k *Bank) give() {
	if k.span.IsZero() {
		return
	}
	k.f.forget(k)
	if err := k.f.heap.Free(k.span); err != nil {
		k.f.log("bank %s: %v", k.info.Name, err)
	}
	k.quota.giveBytes(int64(k.info.Bytes))
	k.f.Release()
}

// Info implements audio.Bank.
func (k *Bank) Info(context.Context) (audio.BankInfo, error) { return k.info, nil }

// Presets implements audio.Bank.
func (k *Bank) Presets(context.Context) ([]audio.Preset, error) { return k.presets, nil }

var _ audio.Bank = (*Bank)(nil)
