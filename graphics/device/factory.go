package device

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/graphics/display"
)

// Config is what a factory is made of.
type Config struct {
	// Processor runs clean-up, and should be a processor that has time for it.
	Processor *thread.Processor
	// Screen is what primaries and layers are shown on. The factory holds it.
	Screen *display.Screen
	// Heap is where surfaces lie whose clients share no memory with the card. It must be
	// safe for the processors that serve calls.
	Heap heap.Heap
	// Activity is what clean-up is charged to; nil means a new one.
	Activity *sched.Activity
	// Limits bound all devices together.
	Limits Limits
	// Machine compiles pixel loops, if it can; it may be nil.
	Machine machine.Machine
	// Helpers are processors that render together with the one that serves calls.
	Helpers []*thread.Processor
	// Log takes lines for the card's log, and may be nil. It must not wait.
	Log func(format string, args ...any)
}

// Factory makes devices. It implements graphics.Graphics.
type Factory struct {
	com.Object
	screen  *display.Screen
	heap    heap.Heap
	log     func(format string, args ...any)
	reaper  *wait.Reaper
	machine machine.Machine
	team    *team
	end     wait.Task
	quota   quota
	share   display.Share

	leaving atomic.Int32 // what was released and is not given back yet
	left    wait.List    // who waits for that
	devices [maxDevices]atomic.Pointer[Device]
}

// New makes a factory. It returns with the caller's reference; devices keep it alive.
// The error is com.ErrClosed if the processor is.
func New(c Config) (*Factory, error) {
	if c.Log == nil {
		c.Log = func(string, ...any) {}
	}
	f := &Factory{screen: c.Screen, heap: c.Heap, log: c.Log, machine: c.Machine}
	f.quota.limits = c.Limits.filled()
	var err error
	if f.reaper, err = wait.NewReaper(c.Processor, "graphics clean-up", c.Activity); err != nil {
		return nil, err
	}
	if f.team, err = newTeam(c.Processor, c.Helpers, c.Activity); err != nil {
		f.reaper.Close()
		return nil, err
	}
	f.screen.AddRef()
	f.end.Do = func() {
		f.team.close()
		f.screen.Release()
		f.reaper.Close()
	}
	f.Init(f, func() { f.reaper.Leave(&f.end) }, graphics.GraphicsType.For(f))
	return f, nil
}

// Open implements graphics.Graphics.
func (f *Factory) Open(ctx context.Context, options graphics.DeviceOptions) (graphics.Device, error) {
	return f.open(ctx, options, &f.quota, &f.share, nil)
}

// Info implements graphics.Graphics.
func (f *Factory) Info(ctx context.Context) (graphics.Info, error) { return f.info(ctx, &f.quota) }

// view is a client's own face of a factory, with limits of its own.
type view struct {
	com.Object
	f     *Factory
	quota quota
	share display.Share // of the compositor's time, of all its devices
}

// View returns a factory whose devices together keep within limits, and whose
// surfaces lie in memory shared with the client. The caller owns the reference.
func (f *Factory) View(limits Limits) graphics.Graphics {
	v := &view{f: f}
	v.quota.limits, v.quota.parent = limits.filled(), &f.quota
	f.AddRef()
	v.Init(v, func() { f.Release() }, graphics.GraphicsType.For(v))
	return v
}

// Open implements graphics.Graphics.
func (v *view) Open(ctx context.Context, options graphics.DeviceOptions) (graphics.Device, error) {
	return v.f.open(ctx, options, &v.quota, &v.share, v.quota.limits.Share)
}

// Info implements graphics.Graphics.
func (v *view) Info(ctx context.Context) (graphics.Info, error) { return v.f.info(ctx, &v.quota) }

// info describes the card as far as this package knows it; the renderer adds the rest.
func (f *Factory) info(ctx context.Context, q *quota) (graphics.Info, error) {
	if err := f.settled(ctx); err != nil {
		return graphics.Info{}, err
	}
	w, h := f.screen.Size()
	used := uint64(max(q.bytes.Load(), 0))
	most := uint64(q.limits.Bytes)
	i := graphics.Info{
		Width: uint32(w), Height: uint32(h), Refresh: uint32(f.screen.Refresh()),
		Memory: most, Free: most - min(used, most), MaxSize: MaxSize,
		Layers: uint32(q.limits.Layers),
	}
	f.rendering(&i)
	return i, nil
}

// settled waits until what was released has been given back.
func (f *Factory) settled(ctx context.Context) error {
	if f.leaving.Load() == 0 {
		return nil
	}
	return f.left.Until(ctx, func() bool { return f.leaving.Load() == 0 })
}

// leave has a piece of clean-up done soon.
func (f *Factory) leave(t *wait.Task) {
	f.leaving.Add(1)
	f.reaper.Leave(t)
}

// gone is called when such a piece is done.
func (f *Factory) gone() {
	f.leaving.Add(-1)
	f.left.Signal()
}

var (
	_ graphics.Graphics = (*Factory)(nil)
	_ graphics.Graphics = (*view)(nil)
)
