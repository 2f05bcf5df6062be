package dmusic

import (
	"context"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/fs"
	"github.com/mmlite/mmlite/firmware/system"
)

// Patch says where an instrument is: Bank is controller 0 times 128 plus controller
// 32.
type Patch struct {
	Bank    uint16
	Program uint8
	Drums   bool
}

func (p Patch) preset() audio.Preset {
	return audio.Preset{Bank: p.Bank, Program: p.Program, Drums: p.Drums}
}

// Collection is a file of instruments, DLS or SoundFont 2. The card reads of it what
// is downloaded, when that is asked for.
type Collection struct {
	bank audio.Bank
	file com.Unknown
}

// LoadCollection shows the card the file at path.
func (m *Music) LoadCollection(ctx context.Context, path, name string) (*Collection, error) {
	f, err := fs.OpenFile(path, nil)
	if err != nil {
		return nil, err
	}
	defer f.Release()
	return m.load(ctx, f, name)
}

// LoadCollectionBytes shows the card a file in memory, which stays as it is until
// the collection is released.
func (m *Music) LoadCollectionBytes(ctx context.Context, data []byte, name string) (*Collection, error) {
	f := &memoryFile{data: data}
	f.Init(f, nil, system.FileType.For(f))
	defer f.Release()
	return m.load(ctx, f, name)
}

func (m *Music) load(ctx context.Context, f system.File, name string) (*Collection, error) {
	bank, err := m.synth.Load(ctx, f, name)
	if err != nil {
		return nil, err
	}
	f.AddRef() // the card comes back to it
	return &Collection{bank: bank, file: f}, nil
}

// Instruments lists what is in the collection.
func (c *Collection) Instruments(ctx context.Context) ([]audio.Preset, error) {
	return c.bank.Presets(ctx)
}

// Bank is the whole collection as a bank for ports.
func (c *Collection) Bank() audio.Bank { return c.bank }

// Release lets go of the collection. Instruments that were downloaded stay.
func (c *Collection) Release() { com.Release(c.bank, c.file) }

// Downloaded is an instrument on the card that a port plays at a patch.
type Downloaded struct {
	instrument audio.Instrument
	patch      Patch
}

// Info describes what was downloaded.
func (d *Downloaded) Info(ctx context.Context) (audio.InstrumentInfo, error) {
	return d.instrument.Info(ctx)
}

// Download puts one instrument of a collection into card memory, of it what the keys
// from low to high play, and has this port play it at patch to, in front of its bank.
// Unload is due.
func (p *Port) Download(ctx context.Context, c *Collection, from, to Patch, low, high uint8) (*Downloaded, error) {
	i, err := c.bank.Download(ctx, from.preset(), low, high)
	if err != nil {
		return nil, err
	}
	if err := p.port.Assign(ctx, i, to.preset()); err != nil {
		i.Release()
		return nil, err
	}
	return &Downloaded{instrument: i, patch: to}, nil
}

// Unload takes an instrument away: the port plays what its bank has at that patch.
// Waves that no other instrument plays leave the card when the last note that sounds
// them has ended.
func (p *Port) Unload(ctx context.Context, d *Downloaded) error {
	err := p.port.Assign(ctx, nil, d.patch.preset())
	d.instrument.Release()
	return err
}

// memoryFile is a file in this program's memory.
type memoryFile struct {
	com.Object
	data []byte
}

// Size implements system.File.
func (f *memoryFile) Size(context.Context) (uint64, error) { return uint64(len(f.data)), nil }

// ReadAt implements system.File.
func (f *memoryFile) ReadAt(_ context.Context, off uint64, buf []byte) (n uint32, err error) {
	if off >= uint64(len(f.data)) {
		return 0, nil
	}
	return uint32(copy(buf, f.data[off:])), nil
}
