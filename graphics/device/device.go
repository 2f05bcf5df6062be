package device

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/graphics/display"
)

const maxName = 256 // bytes

// Device implements graphics.Device.
type Device struct {
	com.Object
	f      *Factory
	slot   int // in f.devices
	quota  *quota
	area   *share.Area
	name   string
	group  *display.Group
	time   *display.Share // of the compositor's, with the client's other devices
	closed atomic.Bool
	task   wait.Task

	// mu is held by every call that draws or changes what is drawn with. It is passed
	// on in the order in which they came.
	mu       thread.Mutex
	mode     graphics.Mode
	surfaces map[uint32]*Surface
	chains   map[*chain]struct{}
	numbers  uint32
	primary  *chain
	workers  []Worker
	blits    blitter
	layers   map[uint32]*Layer

	layerNumbers uint32
	planning     planning

	renderers     int
	buffers       map[uint32]*VertexBuffer
	bufferNumbers uint32

	bytes                  atomic.Int64
	blitted, pixels, flips atomic.Uint64
}

// Worker draws on surfaces, and reads from them, later than it is told to: a renderer.
type Worker interface {
	// Settle returns when nothing of what was put off needs the surface any more: if it
	// is about to be written, moved or released, neither to read nor to write it; and
	// otherwise not to write it. The device is locked; Settle may wait.
	Settle(s *Surface, write bool)
}

func (f *Factory) open(ctx context.Context, options graphics.DeviceOptions, q *quota, time *display.Share, area *share.Area) (graphics.Device, error) {
	if len(options.Name) > maxName {
		return nil, com.Errorf(com.ErrInvalid, "a device's name of %d bytes, and %d are possible", len(options.Name), maxName)
	}
	if err := f.room(ctx, q, devices, 1, 0); err != nil {
		return nil, err
	}
	d := &Device{f: f, quota: q, area: area, name: com.Printable(options.Name), surfaces: map[uint32]*Surface{}, layers: map[uint32]*Layer{}, chains: map[*chain]struct{}{}}
	if d.name == "" {
		d.name = "device"
	}
	d.mode = d.fill(graphics.Mode{})
	d.time = time
	d.group = f.screen.NewGroup(d.name, time)
	d.task.Do = func() {
		d.end()
		f.gone()
	}
	for d.slot = range f.devices { // there is a free one, by the quota
		if f.devices[d.slot].CompareAndSwap(nil, d) {
			break
		}
	}
	f.AddRef()
	d.Init(d, d.final, graphics.DeviceType.For(d))
	return d, nil
}

// room counts what is wanted, once what was released has been given back if there is
// none otherwise.
func (f *Factory) room(ctx context.Context, q *quota, k kind, n int, bytes int64) error {
	err := q.take(k, n, bytes)
	if err == nil || f.leaving.Load() == 0 {
		return err
	}
	if err := f.settled(ctx); err != nil {
		return err
	}
	return q.take(k, n, bytes)
}

// final is the last release.
func (d *Device) final() {
	d.closed.Store(true)
	d.f.leave(&d.task)
}

// end takes everything of the device off the screen and gives it back.
func (d *Device) end() {
	t := d.lock()
	for len(d.workers) > 0 {
		w := d.workers[0]
		d.removeWorker(w)
		if r, ok := w.(*Renderer); ok {
			r.end()
		}
	}
	for _, b := range d.buffers {
		b.end()
	}
	for c := range d.chains {
		c.end()
	}
	d.blits.free(d)
	d.unlock(t)
	d.group.Yield()
	d.f.devices[d.slot].CompareAndSwap(d, nil)
	d.quota.give(devices, 1, 0)
	d.f.Release()
}

// lock is for threads, which all are that serve calls or clean up.
func (d *Device) lock() *thread.Thread {
	t := thread.Current()
	d.mu.LockOn(t)
	return t
}

func (d *Device) unlock(t *thread.Thread) { d.mu.UnlockOn(t) }

// enter locks the device, if it can still be used. unlock is due.
func (d *Device) enter() (*thread.Thread, error) {
	t := thread.Current()
	if t == nil {
		return nil, com.Errorf(com.ErrInvalid, "a goroutine that is no thread cannot draw")
	}
	if d.closed.Load() {
		return nil, d.over()
	}
	d.mu.LockOn(t)
	if d.closed.Load() {
		d.mu.UnlockOn(t)
		return nil, d.over()
	}
	return t, nil
}

func (d *Device) over() error { return com.Errorf(com.ErrClosed, "device %s was released", d.name) }

// addWorker has a worker be asked to settle before others touch pixels. The device
// is locked.
func (d *Device) addWorker(w Worker) { d.workers = append(d.workers, w) }

func (d *Device) removeWorker(w Worker) {
	for i, o := range d.workers {
		if o == w {
			d.workers = append(d.workers[:i:i], d.workers[i+1:]...)
			return
		}
	}
}

// settle has workers finish with a surface. The device is locked.
func (d *Device) settle(s *Surface, write bool) {
	for _, w := range d.workers {
		w.Settle(s, write)
	}
}

// fill has a mode's zeros mean the screen's.
func (d *Device) fill(m graphics.Mode) graphics.Mode {
	w, h := d.f.screen.Size()
	if m.Width == 0 {
		m.Width = uint32(w)
	}
	if m.Height == 0 {
		m.Height = uint32(h)
	}
	if m.Format == graphics.AnyFormat {
		m.Format = graphics.XRGB8888
	}
	m.Refresh = uint32(d.f.screen.Refresh()) // the screen has only this one
	return m
}

// SetMode implements graphics.Device.
func (d *Device) SetMode(_ context.Context, m graphics.Mode) error {
	m = d.fill(m)
	switch {
	case m.Width > MaxSize || m.Height > MaxSize:
		return com.Errorf(com.ErrInvalid, "a mode of %d by %d pixels, and %d are possible", m.Width, m.Height, MaxSize)
	case !isColor(m.Format):
		return com.Errorf(com.ErrInvalid, "a mode of pixels of format %d", m.Format)
	}
	t, err := d.enter()
	if err != nil {
		return err
	}
	defer d.unlock(t)
	if !m.Exclusive {
		d.group.Yield()
	} else if !d.group.Claim() {
		return com.Errorf(com.ErrBusy, "another device has the screen for itself")
	}
	d.mode = m
	return nil
}

// Surface returns one that can still be drawn with, by its number; the device is locked.
// ErrInvalid: there is none.
func (d *Device) Surface(number uint32) (*Surface, error) {
	s := d.surfaces[number]
	if s == nil || s.released.Load() {
		return nil, com.Errorf(com.ErrInvalid, "surface %d is none of device %s", number, d.name)
	}
	return s, nil
}

// own returns the surface behind an object. ErrInvalid: it is none of this device.
func (d *Device) own(o graphics.Surface) (*Surface, error) {
	s, ok := o.(*Surface)
	if !ok || s.d != d {
		return nil, com.Errorf(com.ErrInvalid, "that is no surface of device %s", d.name)
	}
	if s.released.Load() || s.c.ended {
		return nil, s.over()
	}
	return s, nil
}

// alloc returns zeroed memory for the client to write in place, which is counted. free
// is due, once.
func (d *Device) alloc(ctx context.Context, k kind, n int, bytes int) (*share.Memory, error) {
	if err := d.f.room(ctx, d.quota, k, n, int64(bytes)); err != nil {
		return nil, err
	}
	m, err := d.area.Alloc(bytes, d.f.heap)
	if com.CodeOf(err) == com.ErrNoMemory && d.f.leaving.Load() > 0 {
		if err = d.f.settled(ctx); err == nil {
			m, err = d.area.Alloc(bytes, d.f.heap)
		}
	}
	if err != nil {
		d.quota.give(k, n, int64(bytes))
		return nil, err
	}
	d.bytes.Add(int64(bytes))
	wipe(m.Bytes())
	return m, nil
}

// wipe clears memory, which holds zeros or what a client left there.
func wipe(mem []byte) {
	for len(mem) > 0 {
		n := min(len(mem), 256<<10)
		clear(mem[:n])
		mem = mem[n:]
		thread.Checkpoint()
	}
}

// free gives memory back, which the compositor may still hold.
func (d *Device) free(m *share.Memory, k kind, n int, bytes int) {
	m.Release()
	d.bytes.Add(int64(-bytes))
	d.quota.give(k, n, int64(bytes))
}

// Info implements graphics.Device.
func (d *Device) Info(ctx context.Context) (graphics.DeviceInfo, error) {
	if err := d.f.settled(ctx); err != nil {
		return graphics.DeviceInfo{}, err
	}
	t, err := d.enter()
	if err != nil {
		return graphics.DeviceInfo{}, err
	}
	defer d.unlock(t)
	return d.info(), nil
}

func (d *Device) info() graphics.DeviceInfo {
	i := graphics.DeviceInfo{
		Name: d.name, Mode: d.mode, Memory: uint64(d.bytes.Load()), Surfaces: uint32(len(d.surfaces)),
		Blits: d.blitted.Load(), Pixels: d.pixels.Load(), Flips: d.flips.Load(), Coarse: d.time.Coarse(),
	}
	i.Shed, i.LeftOut = d.time.Shed()
	for c := range d.chains {
		if c.layer != nil {
			i.Layers++
		}
	}
	return i
}

func rect(r graphics.Rect) machine.Rect {
	return machine.Rect{X0: int(r.X0), Y0: int(r.Y0), X1: int(r.X1), Y1: int(r.Y1)}
}

var _ graphics.Device = (*Device)(nil)
