package synth

import (
	"context"
	"errors"
	"math"

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
	// maxBank is the largest bank file: offsets in such files have 32 bits, and what
	// reads them counts in ints.
	maxBank = min(1<<32, math.MaxInt)
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
	image, err := bankfile.Skim(source(ctx, file, int64(size)), int64(size))
	if err != nil {
		if errors.Is(err, riff.ErrLimit) {
			return nil, badBank(name, err)
		}
		return nil, com.Errorf(com.CodeOf(err), "%s: %v", name, err)
	}
	if err := q.takeBytes(image.Held()); err != nil {
		return nil, err
	}
	var k *Bank
	defer func() { // also when the thread is ended meanwhile
		if k == nil {
			q.giveBytes(image.Held())
		}
	}()
	return f.parse(&k, file, image, name, q)
}

// parse makes a bank of the tables of a file and sets k, which is then nil no more
// and answers for what was taken.
func (f *Factory) parse(k **Bank, file system.File, image *riff.Image, name string, q *quota) (audio.Bank, error) {
	var b *bank.Bank
	var format bankfile.Format
	var notes *riff.Notes
	var list []riff.Note
	var err error
	await(func() { // Go work, perhaps of milliseconds
		b, format, notes, err = bankfile.Read(image, bankfile.Options{})
		list = notes.List()
	})
	if err != nil {
		return nil, badBank(name, err)
	}
	l := &loader{file: file, size: image.Size(), tables: image.Held(), notes: notes}
	bk := f.newBank(b, name, format, image.Size(), image.Held(), list, l, q)
	file.AddRef()
	if err := l.start(bk); err != nil {
		file.Release()
		return nil, err
	}
	*k = bk
	if err := f.remember(bk); err != nil {
		bk.Release()
		return nil, err
	}
	return bk, nil
}

// source reads from a file of that size, by parts. A file that has become shorter
// is an error.
func source(ctx context.Context, file system.File, size int64) riff.Source {
	return func(at int64, buf []byte) error {
		for done := 0; done < len(buf); {
			off := uint64(at) + uint64(done)
			if off+uint64(len(buf)-done) > uint64(size) {
				return com.Errorf(com.ErrCorrupt, "the file ends at byte %d, and more was announced", size)
			}
			n, err := file.ReadAt(ctx, off, buf[done:])
			switch {
			case err != nil:
				return err
			case n == 0:
				return com.Errorf(com.ErrCorrupt, "the file ends at byte %d, and %d were announced", off, size)
			case int(n) > len(buf)-done:
				return com.Errorf(com.ErrProtocol, "%d bytes were read where %d were asked for", n, len(buf)-done)
			}
			done += int(n)
		}
		return nil
	}
}

func (f *Factory) free(span heap.Span) {
	if err := f.heap.Free(span); err != nil {
		f.log("bank: %v", err)
	}
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
		var b *bank.Bank
		var format bankfile.Format
		var notes []riff.Note
		var err error
		await(func() { b, format, notes, err = bankfile.Open(data, bankfile.Options{}) })
		if err != nil {
			return nil, badBank("the built-in bank", err)
		}
		size := int64(len(data))
		k = f.newBank(b, "built-in", format, size, size, notes, nil, nil)
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
