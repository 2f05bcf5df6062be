package display

import (
	"context"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
)

// maxViews is how many views there are of a screen.
const maxViews = 64

// Limits bound what one client has of a screen.
type Limits struct {
	Views int // 0 means as many as there may be at all
	// Share is what the memory of views and the cursor come from, so that the client
	// can read them in place; nil means card memory.
	Share *share.Area
}

// quota counts views, and those of all.
type quota struct {
	limits Limits
	views  atomic.Int32
	parent *quota
}

func (q *quota) take() error {
	most := q.limits.Views
	if most <= 0 || most > maxViews {
		most = maxViews
	}
	if n := q.views.Add(1); int(n) > most {
		q.views.Add(-1)
		return com.Errorf(com.ErrQuota, "%d views of the screen are open, and no more are allowed", most)
	}
	if q.parent == nil {
		return nil
	}
	err := q.parent.take()
	if err != nil {
		q.views.Add(-1)
	}
	return err
}

func (q *quota) give() {
	for ; q != nil; q = q.parent {
		q.views.Add(-1)
	}
}

// face is a client's own view of a screen, with limits and a cursor of its own.
type face struct {
	com.Object
	s      *Screen
	quota  quota
	cursor *share.Cursor
	seen   wait.List // who waits for a blank
}

// View returns the same screen, whose views together keep within limits. The caller
// owns the reference.
func (s *Screen) View(limits Limits) graphics.Screen {
	f := &face{s: s, cursor: limits.Share.Cursor()}
	f.quota.limits, f.quota.parent = limits, &s.quota
	s.AddRef()
	s.mu.Lock() //mm:blocking held for a few instructions
	s.faces = append(s.faces, f)
	f.tell()
	s.mu.Unlock()
	f.Init(f, f.final, graphics.ScreenType.For(f))
	return f
}

func (f *face) final() {
	s := f.s
	s.mu.Lock() //mm:blocking held for a few instructions
	for i, o := range s.faces {
		if o == f {
			s.faces = append(s.faces[:i], s.faces[i+1:]...)
			break
		}
	}
	s.mu.Unlock()
	f.cursor.Release()
	s.Release()
}

// tell puts the blank that is now into the client's status page. The caller holds mu.
func (f *face) tell() {
	n, at, period := f.s.Blank(f.s.clock.Now())
	f.cursor.Put(graphics.Blank{Frame: n, At: int64(at), Period: int64(period)}.Values())
}

// Info implements graphics.Screen.
func (f *face) Info(context.Context) (graphics.ScreenInfo, error) {
	i := f.s.info()
	i.Cursor = f.cursor.Index()
	return i, nil
}

// WaitBlank implements graphics.Screen.
func (f *face) WaitBlank(ctx context.Context) (frame uint64, err error) {
	return f.s.waitBlank(ctx, &f.seen)
}

// Watch implements graphics.Screen.
func (f *face) Watch(ctx context.Context) (graphics.View, error) {
	return f.s.watch(ctx, &f.quota, f.quota.limits.Share)
}

// Layers implements graphics.Screen.
func (f *face) Layers(ctx context.Context) ([]graphics.ScreenLayer, error) { return f.s.Layers(ctx) }

// view is a copy of the screen. It implements graphics.View.
type view struct {
	com.Object
	s      *Screen
	quota  *quota
	mem    *share.Memory
	gate   wait.Gate
	gone   atomic.Bool
	seen   wait.List // who waits for a change
	dirty  tiles     // under s.mu
	copies tiles
	rects  []machine.Rect
}

func (s *Screen) watch(ctx context.Context, q *quota, area *share.Area) (graphics.View, error) {
	if s.closing.Load() {
		return nil, com.Errorf(com.ErrClosed, "the screen")
	}
	if err := q.take(); err != nil {
		return nil, err
	}
	w, h := s.Size()
	v := &view{s: s, quota: q, dirty: newTiles(w, h), copies: newTiles(w, h), rects: make([]machine.Rect, 0, MaxRects)}
	var err error
	if v.mem, err = area.Alloc(w*h*machine.DisplayPixel, s.heap); err != nil {
		q.give()
		return nil, err
	}
	v.dirty.add(v.dirty.bounds())
	s.mu.Lock() //mm:blocking held for a few instructions
	s.views = append(s.views, v)
	s.mu.Unlock()
	v.Init(v, v.final, graphics.ViewType.For(v))
	s.greet(ctx)
	return v, nil
}

func (v *view) final() {
	s := v.s
	s.mu.Lock() //mm:blocking held for a few instructions
	for i, o := range s.views {
		if o == v {
			s.views = append(s.views[:i], s.views[i+1:]...)
			break
		}
	}
	s.mu.Unlock()
	v.gone.Store(true)
	v.seen.Signal()
	v.mem.Release()
	v.quota.give()
}

// Memory implements graphics.View.
func (v *view) Memory(context.Context) (system.Memory, error) {
	v.mem.AddRef()
	return v.mem, nil
}

func (v *view) changed() bool {
	v.s.mu.Lock() //mm:blocking held for a few instructions
	defer v.s.mu.Unlock()
	return v.dirty.any()
}

// Next implements graphics.View.
func (v *view) Next(ctx context.Context, rects []graphics.Rect) (n uint32, change graphics.Change, err error) {
	s := v.s
	if err := v.gate.Enter(ctx); err != nil {
		return 0, graphics.Change{}, err
	}
	defer v.gate.Leave()
	err = v.seen.Until(ctx, func() bool { return s.closing.Load() || v.gone.Load() || v.changed() })
	if err == nil && (s.closing.Load() || v.gone.Load()) {
		err = com.Errorf(com.ErrClosed, "the screen")
	}
	if err != nil {
		return 0, graphics.Change{}, err
	}
	t := thread.Current()
	if t == nil {
		return 0, graphics.Change{}, com.Errorf(com.ErrInvalid, "a goroutine that is no thread cannot look at the screen")
	}
	s.frame.LockOn(t)
	defer s.frame.Unlock()
	n, change = v.copy(t, rects)
	return n, change, nil
}

// copy copies what has changed, and says what. The caller holds the frame.
func (v *view) copy(t *thread.Thread, rects []graphics.Rect) (told uint32, c graphics.Change) {
	s := v.s
	s.mu.Lock() //mm:blocking held for a few instructions
	v.copies.take(&v.dirty)
	c = graphics.Change{Frame: s.shown, At: int64(s.shownAt)}
	s.mu.Unlock()
	if c.Frame == 0 {
		n, at, _ := s.Blank(s.clock.Now())
		c.Frame, c.At = n, int64(at)
	}
	v.rects = v.copies.rects(v.rects[:0])
	v.copies.clear()
	if len(v.rects) > len(rects) && len(rects) > 0 {
		for _, r := range v.rects[1:] {
			v.rects[0] = join(v.rects[0], r)
		}
		v.rects = v.rects[:1]
	}
	pitch := s.pixels.Width * machine.DisplayPixel
	to, from := v.mem.Bytes(), s.pixels.Pix
	for i, r := range v.rects {
		n := (r.X1 - r.X0) * machine.DisplayPixel
		for y := r.Y0; y < r.Y1; y++ {
			x := r.X0 * machine.DisplayPixel
			copy(to[y*pitch+x:][:n], from[y*s.pixels.Pitch+x:][:n])
			if y%TileSize == TileSize-1 {
				t.Checkpoint()
			}
		}
		if i < len(rects) {
			rects[i] = graphics.Rect{X0: int32(r.X0), Y0: int32(r.Y0), X1: int32(r.X1), Y1: int32(r.Y1)}
			told++
		}
	}
	return told, c
}

var (
	_ graphics.Screen = (*face)(nil)
	_ graphics.View   = (*view)(nil)
)
