package synth

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/mixer/output"
	"github.com/mmlite/mmlite/synth/gm"
)

// MaxBanks is how many banks can be loaded at a time.
const MaxBanks = 256

// Config is what a synthesizer is made of.
type Config struct {
	// Processor runs the ports' threads.
	Processor *thread.Processor
	// Spare runs clean-up, and should be a processor that has time for it. Nil
	// means Processor.
	Spare *thread.Processor
	// Output is what ports are mixed into. The factory holds it.
	Output *output.Output
	// Heap is where banks lie. It must be safe for the processors that serve calls,
	// and Spare.
	Heap heap.Heap
	// Activity is what rendering is charged to; nil means a new one.
	Activity *sched.Activity
	// Limits bound all ports and banks together.
	Limits Limits
	// BuiltIn returns the file of the built-in bank; nil means gm.Bank.
	BuiltIn func() []byte
	// Log takes lines for the card's log, and may be nil. It must not wait.
	Log func(format string, args ...any)
}

// Factory makes ports and banks. It implements audio.Synth.
type Factory struct {
	com.Object
	processor   *thread.Processor
	spare       *thread.Processor
	output      *output.Output
	clock       machine.Clock
	heap        heap.Heap
	activity    *sched.Activity
	log         func(format string, args ...any)
	passing     func(p *Port) // lets virtual time pass as a port works
	builtInFile func() []byte
	reaper      *wait.Reaper
	end         wait.Task

	all     quota
	ports   [output.MaxInputs]atomic.Pointer[Port]
	banks   [MaxBanks]atomic.Pointer[Bank]
	reading wait.Gate
	builtIn atomic.Pointer[Bank] // set under reading
}

// New makes a synthesizer. It returns with the caller's reference. Ports and
// loaded banks keep it alive. The error is com.ErrClosed if a processor is.
func New(c Config) (*Factory, error) {
	if c.Spare == nil {
		c.Spare = c.Processor
	}
	if c.Activity == nil {
		c.Activity = &sched.Activity{Name: "SYNTH"}
	}
	if c.BuiltIn == nil {
		c.BuiltIn = gm.Bank
	}
	if c.Log == nil {
		c.Log = func(string, ...any) {}
	}
	f := &Factory{
		processor: c.Processor, spare: c.Spare, output: c.Output, clock: c.Processor, heap: c.Heap,
		activity: c.Activity, log: c.Log, builtInFile: c.BuiltIn,
	}
	f.all.limits = c.Limits.filled()
	var err error
	if f.reaper, err = wait.NewReaper(c.Spare, "synth clean-up", nil); err != nil {
		return nil, err
	}
	if err = f.output.Charge(c.Processor, c.Activity); err != nil {
		f.reaper.Close()
		return nil, err
	}
	f.output.AddRef()
	f.end.Do = func() {
		if k := f.builtIn.Swap(nil); k != nil {
			k.Release()
		}
		f.output.Release()
		f.reaper.Close()
	}
	f.Init(f, func() { f.reaper.Leave(&f.end) }, audio.SynthType.For(f))
	return f, nil
}

// Open implements audio.Synth.
func (f *Factory) Open(ctx context.Context, options audio.PortOptions) (audio.Port, error) {
	return f.open(ctx, options, &f.all)
}

// view is a client's own face of a factory, with limits of its own.
type view struct {
	com.Object
	f     *Factory
	quota quota
}

// View returns a synthesizer of the same factory whose ports and banks together
// keep within limits. The caller owns the reference.
func (f *Factory) View(limits Limits) audio.Synth {
	v := &view{f: f}
	v.quota.limits, v.quota.parent = limits.filled(), &f.all
	f.AddRef()
	v.Init(v, func() { f.Release() }, audio.SynthType.For(v))
	return v
}

// Open implements audio.Synth.
func (v *view) Open(ctx context.Context, options audio.PortOptions) (audio.Port, error) {
	return v.f.open(ctx, options, &v.quota)
}

// Load implements audio.Synth.
func (v *view) Load(ctx context.Context, file system.File, name string) (audio.Bank, error) {
	return v.f.load(ctx, file, name, &v.quota)
}

// BuiltIn implements audio.Synth.
func (v *view) BuiltIn(ctx context.Context) (audio.Bank, error) { return v.f.BuiltIn(ctx) }

// remember lists a loaded bank.
func (f *Factory) remember(k *Bank) error {
	for i := range f.banks {
		if f.banks[i].CompareAndSwap(nil, k) {
			return nil
		}
	}
	return com.Errorf(com.ErrQuota, "%d banks are loaded, and no more are allowed", MaxBanks)
}

func (f *Factory) forget(k *Bank) {
	for i := range f.banks {
		if f.banks[i].CompareAndSwap(k, nil) {
			return
		}
	}
}

var (
	_ audio.Synth = (*Factory)(nil)
	_ audio.Synth = (*view)(nil)
)
