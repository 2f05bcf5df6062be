package synth

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/bankfile"
	"github.com/mmlite/mmlite/synth/riff"
)

// loader builds the presets of a bank and reads its samples, on a spare thread of
// its own, so that a host that is slow with one file holds up nobody else. It
// does what it is asked in order.
type loader struct {
	bank   *Bank
	file   system.File
	size   int64
	tables int64 // bytes that count for the quota
	notes  *riff.Notes
	wishes wishes
	event  thread.Event
	over   atomic.Bool
	ended  atomic.Bool
	gone   atomic.Bool   // the memory was given back
	served atomic.Uint64 // number of the last wish done
	done   wait.List     // who waits for that
	waves  map[*bank.Sample]*wave

	bytes          atomic.Int64 // of samples
	loaded, failed atomic.Int32
}

// wave is a sample that was loaded, or could not be.
type wave struct {
	span heap.Span
	held int   // by instruments
	err  error // that will not go away
	told bool  // the log says that it is silent
}

// start begins the thread. The loader holds the factory, and gives everything back
// when it ends.
func (l *loader) start(k *Bank) error {
	l.bank, l.waves = k, map[*bank.Sample]*wave{}
	f := k.f
	f.AddRef()
	_, err := f.spare.Spawn("loader "+k.info.Name, thread.Attributes{Activity: f.activity, Exit: l.exit}, l.run)
	if err != nil {
		f.Release()
	}
	return err
}

// close has the thread end. Nobody plays from the bank any more.
func (l *loader) close() {
	l.over.Store(true)
	l.event.Signal()
	if l.ended.Load() { // a failure has ended it before
		l.dispose()
	}
}

// dispose gives the memory back.
func (l *loader) dispose() {
	if !l.gone.CompareAndSwap(false, true) {
		return
	}
	for s, w := range l.waves {
		l.discard(s, w)
	}
	l.bank.quota.giveBytes(l.tables)
}

func (l *loader) ask(w wish) uint64 {
	n := l.wishes.add(w)
	if n != 0 {
		l.event.Signal()
	}
	return n
}

// wait returns when the wish of that number was seen to, or the loader has ended.
// The errors are those of wait.List.
func (l *loader) wait(ctx context.Context, until machine.Time, number uint64) error {
	return l.done.UntilTime(ctx, until, func() bool { return l.served.Load() >= number || l.ended.Load() })
}

func (l *loader) run(t *thread.Thread) {
	for !l.over.Load() {
		w, ok := l.wishes.take()
		if !ok {
			if l.event.WaitOn(t, machine.Forever) != nil {
				return
			}
			continue
		}
		if w.job != nil {
			w.job.do(l)
		} else {
			l.load(w)
		}
		l.served.Add(1)
		l.done.Signal()
	}
}

// exit gives back what the thread had. If it failed, voices may go on with what was
// loaded, and the memory waits for the end of the bank.
func (l *loader) exit(_ *thread.Thread, fail *thread.Failure) {
	k := l.bank
	f := k.f
	if fail != nil && fail.Err != com.ErrCanceled {
		f.log("bank %s: %v\n%s", k.info.Name, fail, fail.Stack)
	}
	l.ended.Store(true)
	if l.over.Load() {
		l.dispose()
	}
	l.done.Signal()
	l.file.Release()
	f.Release()
}

// load sees to a wish. What fails was logged and counted.
func (l *loader) load(w wish) {
	if l.build(w.preset) != nil {
		return
	}
	regions := w.preset.All()
	if w.key >= 0 {
		regions = w.preset.Key(int(w.key))
	}
	for _, r := range regions {
		if l.over.Load() {
			return
		}
		if w.key < 0 || r.HasVelocity(w.velocity) {
			l.sample(r.Sample)
		}
	}
}

// build makes the regions of a preset. It is Go work, perhaps of milliseconds.
func (l *loader) build(p *bank.Preset) (err error) {
	if p.Ready() {
		return p.Build()
	}
	var notes []riff.Note
	await(func() {
		err = p.Build()
		notes = l.notes.List()
	})
	if err != nil {
		l.failed.Add(1)
		l.bank.f.log("bank %s: instrument %q cannot be played: %v", l.bank.info.Name, p.Name, err)
	}
	l.bank.note(notes)
	return err
}

// sample loads a sample unless it is there. An error of the file stays with
// the sample; memory may be free another time.
func (l *loader) sample(s *bank.Sample) error {
	if _, ok := s.PCM(); ok {
		return nil
	}
	w := l.waves[s]
	if w == nil {
		w = &wave{}
		l.waves[s] = w
	}
	if w.err != nil {
		return w.err
	}
	size := bankfile.Bytes(s)
	err := l.fetch(s, w, size)
	if err == nil {
		w.told = false
		l.bytes.Add(int64(size))
		l.loaded.Add(1)
		return nil
	}
	if code := com.CodeOf(err); code != com.ErrNoMemory && code != com.ErrQuota {
		w.err = err
		l.failed.Add(1)
	}
	if !w.told && com.CodeOf(err) != com.ErrGone { // when a host goes, so does what it plays
		w.told = true
		l.bank.f.log("bank %s: sample %q, at byte %d of the file, is silent: %v", l.bank.info.Name, s.Name, s.Place.Offset, err)
	}
	return err
}

// fetch reads a sample into card memory.
func (l *loader) fetch(s *bank.Sample, w *wave, size int) error {
	f := l.bank.f
	if err := l.bank.quota.takeBytes(int64(size)); err != nil {
		return err
	}
	kept := false
	defer func() { // also when the thread is ended meanwhile
		if !kept {
			l.bank.quota.giveBytes(int64(size))
		}
	}()
	var span heap.Span
	var err error
	await(func() { span, err = f.heap.Alloc(uint64(size), 0) }) // it clears the memory
	if err != nil {
		return err
	}
	defer func() {
		if !kept {
			f.free(span)
		}
	}()
	pcm, err := bankfile.Load(source(context.Background(), l.file, l.size), s, span.Bytes())
	if err != nil {
		return err
	}
	if err := s.Supply(pcm); err != nil {
		return err
	}
	w.span, kept = span, true
	return nil
}

// hold keeps a sample for an instrument.
func (l *loader) hold(s *bank.Sample) error {
	err := l.sample(s)
	if w := l.waves[s]; w != nil {
		w.held++
	}
	return err
}

// letGo is the opposite of hold. Memory that neither an instrument nor a port
// needs goes back.
func (l *loader) letGo(s *bank.Sample) {
	w := l.waves[s]
	if w == nil {
		return
	}
	if w.held--; w.held > 0 || w.span.IsZero() {
		return
	}
	pcm, _ := s.PCM()
	s.Withdraw()
	if l.bank.users.Load() > 0 {
		// A port plays from the whole bank, or is about to: it counted itself before it
		// looks at any sample.
		if err := s.Supply(pcm); err != nil {
			l.bank.f.log("bank %s: %v", l.bank.info.Name, err)
		}
		return
	}
	l.discard(s, w)
}

// discard gives a sample's memory back. Nobody plays from it.
func (l *loader) discard(s *bank.Sample, w *wave) {
	if w.span.IsZero() {
		return
	}
	size := int64(bankfile.Bytes(s))
	s.Withdraw()
	l.bank.f.free(w.span)
	w.span = heap.Span{}
	l.bank.quota.giveBytes(size)
	l.bytes.Add(-size)
	l.loaded.Add(-1)
}
