package synth

import (
	"context"
	"errors"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/bankfile"
	"github.com/mmlite/mmlite/synth/riff"
)

const (
	// piece is how much of a file is asked for at a time: what ReadAt allows.
	piece = 1 << 20
	// maxBank is the largest bank file: offsets in such files have 32 bits.
	maxBank = 1 << 32
	maxName = 256
)

// Load implements audio.Synth.
func (f *Factory) Load(ctx context.Context, file system.File, name string) (audio.Bank, error) {
	return f.load(ctx, file, name, &f.all)
}

func (f *Factory) load(ctx context.Context, file system.File, name string, q *quota) (audio.Bank, error) {
	if file == nil {
		return nil, com.Errorf(com.ErrInvalid, "no file to load a bank from")
	}
	if name == "" {
		name = "bank"
	}
	if len(name) > maxName {
		return nil, com.Errorf(com.ErrInvalid, "a bank's name of %d bytes, and %d are possible", len(name), maxName)
	}
	size, err := file.Size(ctx)
	switch {
	case err != nil:
		return nil, err
	case size == 0:
		return nil, com.Errorf(com.ErrCorrupt, "%s: the file is empty", name)
	case size >= maxBank:
		return nil, com.Errorf(com.ErrNoMemory, "%s: a bank of %d bytes, and less than %d are possible", name, size, uint64(maxBank))
	}
	if err := q.takeBytes(int64(size)); err != nil {
		return nil, err
	}
	var k *Bank
	defer func() { // also when the thread is ended meanwhile
		if k == nil {
			q.giveBytes(int64(size))
		}
	}()
	span, err := f.read(ctx, file, name, size)
	if err != nil {
		return nil, err
	}
	if k, err = f.parse(span, name, q); err != nil {
		f.free(span)
		return nil, err
	}
	if err := f.remember(k); err != nil {
		k.Release()
		return nil, err
	}
	return k, nil
}

// read reads a file of the given size into card memory.
func (f *Factory) read(ctx context.Context, file system.File, name string, size uint64) (heap.Span, error) {
	var span heap.Span
	var err error
	await(func() { span, err = f.heap.Alloc(size, 0) }) // it clears the memory
	if err != nil {
		return span, err
	}
	kept := false
	defer func() { // also when the thread is ended meanwhile
		if !kept {
			f.free(span)
		}
	}()
	b := span.Bytes()
	for off := uint64(0); off < size; {
		part := b[off:min(off+piece, size)]
		n, err := file.ReadAt(ctx, off, part)
		switch {
		case err != nil:
			return heap.Span{}, err
		case n == 0:
			return heap.Span{}, com.Errorf(com.ErrCorrupt, "%s: the file ends at byte %d, and %d were announced", name, off, size)
		case int(n) > len(part):
			return heap.Span{}, com.Errorf(com.ErrProtocol, "%s: %d bytes were read where %d were asked for", name, n, len(part))
		}
		off += uint64(n)
	}
	kept = true
	return span, nil
}

func (f *Factory) free(span heap.Span) {
	if err := f.heap.Free(span); err != nil {
		f.log("bank: %v", err)
	}
}

// parse makes a bank of the file in span, which it takes over unless it fails.
func (f *Factory) parse(span heap.Span, name string, q *quota) (*Bank, error) {
	data := span.Bytes()
	b, format, notes, err := open(data)
	if err != nil {
		return nil, badBank(name, err)
	}
	return f.newBank(b, name, format, len(data), notes, span, q), nil
}

// open reads a bank. It is Go work for milliseconds, so it goes to a helper.
func open(data []byte) (b *bank.Bank, format bankfile.Format, notes []riff.Note, err error) {
	await(func() { b, format, notes, err = bankfile.Open(data, bankfile.Options{}) })
	return
}

func badBank(name string, err error) error {
	if errors.Is(err, bankfile.ErrUnknown) {
		return com.Errorf(com.ErrProtocol, "%s: %v", name, err)
	}
	return com.Errorf(com.ErrCorrupt, "%s: %v", name, err)
}

// BuiltIn implements audio.Synth.
func (f *Factory) BuiltIn(ctx context.Context) (audio.Bank, error) {
	k, err := f.builtInBank(ctx)
	if err != nil {
		return nil, err
	}
	return k, nil
}

// builtInBank returns the bank, with a reference for the caller. It is read when
// it is first asked for.
func (f *Factory) builtInBank(ctx context.Context) (*Bank, error) {
	if err := f.reading.Enter(ctx); err != nil {
		return nil, err
	}
	defer f.reading.Leave()
	k := f.builtIn.Load()
	if k == nil {
		data := f.builtInFile()
		b, format, notes, err := open(data)
		if err != nil {
			return nil, badBank("the built-in bank", err)
		}
		k = f.newBank(b, "built-in", format, len(data), notes, heap.Span{}, nil)
		f.builtIn.Store(k)
	}
	k.AddRef()
	return k, nil
}

// await has fn done on a helper goroutine if the caller is a thread.
func await(fn func()) {
	if thread.Current() == nil {
		fn()
		return
	}
	thread.Await(fn)
}
