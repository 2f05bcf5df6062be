package display

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	width  = 200
	height = 120
	hertz  = 50
	frame  = machine.Second / hertz
)

// seeing is a display that counts what it is shown.
type seeing struct {
	*machine.Pixels
	shows int
	last  uint64
	area  int // pixels of the last one
}

func (s *seeing) Show(frame uint64, rects []machine.Rect) {
	s.shows++
	s.last, s.area = frame, 0
	for _, r := range rects {
		s.area += (r.X1 - r.X0) * (r.Y1 - r.Y0)
	}
}

func (s *seeing) at(x, y int) uint32 {
	p, pitch := s.Memory()
	i := y*pitch + 4*x
	return uint32(p[i]) | uint32(p[i+1])<<8 | uint32(p[i+2])<<16
}

type rig struct {
	t      *testing.T
	m      *sim.Machine
	p      *thread.Processor
	d      *seeing
	screen *Screen
}

func newRig(t *testing.T, display func(d *seeing, m *sim.Machine) machine.Display) *rig {
	t.Helper()
	r := &rig{t: t, m: sim.New(1)}
	r.p = thread.NewProcessor(thread.Config{Machine: r.m, Exit: func(_ *thread.Thread, f *thread.Failure) {
		t.Errorf("%v\n%s", f, f.Stack)
	}})
	h, err := heap.New(make([]byte, 4<<20), heap.Options{Zeroed: true})
	if err != nil {
		t.Fatal(err)
	}
	pixels, ok := machine.NewPixels("test", width, height, hertz*1000, nil)
	if !ok {
		t.Fatal("no display")
	}
	r.d = &seeing{Pixels: pixels}
	var shown machine.Display = r.d
	if display != nil {
		shown = display(r.d, r.m)
	}
	if r.screen, err = New(Config{Processor: r.p, Display: shown, Heap: h, Log: t.Errorf}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.screen.Release()
		r.run(machine.Second)
		if n := len(r.p.Threads(nil)); n != 0 {
			t.Errorf("%d threads are left", n)
		}
		if u := h.Usage(); u.Blocks != 0 {
			t.Errorf("%d spans of card memory are still held", u.Blocks)
		}
		if err := r.p.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) run(d machine.Duration) {
	r.t.Helper()
	if err := r.p.RunFor(d); err != nil {
		r.t.Fatal(err)
	}
}

// memory counts who holds it.
type memory struct{ refs int }

func (m *memory) AddRef() uint32  { m.refs++; return uint32(m.refs) }
func (m *memory) Release() uint32 { m.refs--; return uint32(m.refs) }

// plain is a picture of one colour.
func plain(w, h int, color uint32) (Picture, *memory) {
	m := &memory{}
	p := Picture{Pixels: blit.Surface{Pix: make([]byte, 4*w*h), Pitch: 4 * w, Width: w, Height: h, Format: blit.XRGB8888}, Memory: m}
	if err := blit.Fill(&p.Pixels, p.Pixels.Bounds(), color, nil); err != nil {
		panic(err)
	}
	return p, m
}

func (r *rig) layer(g *Group, p Picture) *Layer {
	r.t.Helper()
	l, ok := r.screen.NewLayer(g, p, false)
	if !ok {
		r.t.Fatal("no layer")
	}
	l.Show(true)
	return l
}

func (r *rig) sees(x, y int, want uint32) {
	r.t.Helper()
	if got := r.d.at(x, y); got != want {
		r.t.Errorf("%#x at %d, %d, want %#x", got, x, y, want)
	}
}

// A screen that does not change costs nothing: no thread wakes up, however many
// blanks pass.
func TestIdleScreenSleeps(t *testing.T) {
	r := newRig(t, nil)
	p, _ := plain(40, 30, 0xff)
	l := r.layer(r.screen.NewGroup("a", nil), p)
	r.run(2 * frame)
	switches := func() (n uint64) {
		for _, th := range r.p.Threads(nil) {
			n += th.Switches
		}
		return n
	}
	before, shows := switches(), r.d.shows
	r.run(3600 * machine.Second)
	if n := switches() - before; n != 0 || r.d.shows != shows {
		t.Errorf("%d switches and %d frames in an idle hour", n, r.d.shows-shows)
	}
	l.Damage(machine.Rect{X1: 1, Y1: 1})
	r.run(2 * frame)
	if n := switches() - before; n == 0 || n > 4 || r.d.shows != shows+1 {
		t.Errorf("%d switches and %d frames for one change", n, r.d.shows-shows)
	}
	if i, err := r.screen.Info(nil); err != nil || i.Frame < 3600*hertz || i.Composed != 2 || i.Late != 0 {
		t.Errorf("%+v, %v", i, err)
	}
	l.Remove()
}

func TestDamageIsWhatIsComposed(t *testing.T) {
	r := newRig(t, nil)
	p, _ := plain(width, height, 0xff0000)
	l := r.layer(r.screen.NewGroup("a", nil), p)
	r.run(2 * frame)
	r.sees(199, 119, 0xff0000)
	if err := blit.Fill(&p.Pixels, blit.Rect{X0: 33, Y0: 33, X1: 34, Y1: 34}, 0xff00, nil); err != nil {
		t.Fatal(err)
	}
	r.run(frame)
	r.sees(33, 33, 0xff0000) // nobody has said so
	for range 1000 {
		l.Damage(machine.Rect{X0: 33, Y0: 33, X1: 34, Y1: 34})
	}
	shows := r.d.shows
	r.run(2 * frame)
	r.sees(33, 33, 0xff00)
	if r.d.area > 4*TileSize*TileSize || r.d.shows != shows+1 {
		t.Errorf("%d frames, the last of %d pixels, for one", r.d.shows-shows, r.d.area)
	}
	l.Remove()
	r.run(2 * frame)
	r.sees(33, 33, 0)
}

func TestDepthAndGroups(t *testing.T) {
	r := newRig(t, nil)
	a, b := r.screen.NewGroup("a", nil), r.screen.NewGroup("b", nil)
	pa, ma := plain(50, 50, 0xff0000)
	pb, mb := plain(50, 50, 0x00ff00)
	la, lb := r.layer(a, pa), r.layer(b, pb)
	r.run(2 * frame)
	r.sees(10, 10, 0x00ff00) // the newer is in front
	lb.SetDepth(1)
	r.run(2 * frame)
	r.sees(10, 10, 0xff0000)
	la.SetMatrix(graphics.Affine{XX: 1, YY: 1, X0: 20, Y0: 5})
	r.run(2 * frame)
	r.sees(10, 10, 0x00ff00)
	r.sees(69, 54, 0xff0000)
	r.sees(70, 54, 0)
	la.SetClip(machine.Rect{X0: 60, Y0: 0, X1: 200, Y1: 100})
	r.run(2 * frame)
	r.sees(59, 54, 0)
	r.sees(60, 54, 0xff0000)
	if !a.Claim() || b.Claim() || !a.Claim() {
		t.Error("two groups are alone on the screen")
	}
	r.run(2 * frame)
	r.sees(10, 10, 0)
	b.Yield() // it is not its claim
	r.run(2 * frame)
	r.sees(10, 10, 0)
	a.Yield()
	la.Show(false)
	r.run(2 * frame)
	r.sees(10, 10, 0x00ff00)
	r.sees(60, 54, 0)
	la.Remove()
	la.Remove()
	la.SetMatrix(graphics.Affine{}) // too late
	la.Flip(pa, 1)
	lb.Remove()
	r.run(2 * frame)
	if ma.refs != 0 || mb.refs != 0 {
		t.Errorf("pictures are held %d and %d times", ma.refs, mb.refs)
	}
}

func TestFlipsWaitForTheirBlank(t *testing.T) {
	r := newRig(t, nil)
	one, m1 := plain(50, 50, 1)
	two, m2 := plain(50, 50, 2)
	three, m3 := plain(50, 50, 3)
	l := r.layer(r.screen.NewGroup("a", nil), one)
	r.run(2*frame + frame/2)
	l.Flip(two, 1)
	if _, yes := l.Pending(); !yes {
		t.Error("a flip is over before it is seen")
	}
	r.sees(0, 0, 1)
	r.run(frame)
	r.sees(0, 0, 2)
	if _, yes := l.Pending(); yes || m1.refs != 0 {
		t.Errorf("pending after it was seen; the old picture is held %d times", m1.refs)
	}
	l.Flip(three, 4)
	r.run(3 * frame)
	r.sees(0, 0, 2)
	r.run(frame)
	r.sees(0, 0, 3)
	l.Flip(one, 1)
	l.Flip(two, 0) // instead
	r.run(frame)
	r.sees(0, 0, 2)
	if m1.refs != 0 || m3.refs != 0 {
		t.Errorf("pictures are held %d and %d times", m1.refs, m3.refs)
	}
	r.run(5 * frame)
	if missed := l.Flip(one, 1); missed != 5 {
		t.Errorf("%d blanks have passed without a flip, want 5", missed)
	}
	// One that nobody can see is over at its blank all the same.
	l.Show(false)
	r.run(2 * frame)
	if _, yes := l.Pending(); yes {
		t.Error("a flip of an invisible layer waits")
	}
	l.Flip(two, 50)
	l.Remove()
	r.run(2 * frame)
	if m1.refs+m2.refs+m3.refs != 0 {
		t.Errorf("pictures are held %d, %d and %d times", m1.refs, m2.refs, m3.refs)
	}
}

// ticking is a display with blanks of its own.
type ticking struct {
	*seeing
	m *sim.Machine
}

func (d *ticking) Blank(now machine.Time) (uint64, machine.Time, machine.Duration) {
	const period = 7 * machine.Millisecond
	n := now / machine.Time(period)
	return 1000 + uint64(n), n * machine.Time(period), period
}

func TestDisplayWithBlanks(t *testing.T) {
	r := newRig(t, func(d *seeing, m *sim.Machine) machine.Display { return &ticking{d, m} })
	p, _ := plain(10, 10, 5)
	l := r.layer(r.screen.NewGroup("a", nil), p)
	r.run(8 * machine.Millisecond)
	if r.d.last != 1001 {
		t.Errorf("shown at blank %d", r.d.last)
	}
	var got uint64
	err := r.p.Call("waits", thread.Attributes{}, func(*thread.Thread) {
		var err error
		if got, err = r.screen.WaitBlank(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err != nil || got != 1002 || r.m.Now() != machine.Time(14*machine.Millisecond) {
		t.Errorf("blank %d at %v, %v", got, r.m.Now(), err)
	}
	l.Remove()
}

func TestCloseEndsWaits(t *testing.T) {
	r := newRig(t, nil)
	v, err := r.screen.Watch(nil)
	if err != nil {
		t.Fatal(err)
	}
	var got [2]error
	for i, wait := range []func() error{
		func() error { _, _, err := v.Next(context.Background(), nil); return err },
		func() error { _, err := r.screen.WaitBlank(context.Background()); return err },
	} {
		if _, err := r.p.Spawn("waits", thread.Attributes{}, func(*thread.Thread) {
			for got[i] == nil {
				got[i] = wait()
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	r.run(3 * frame)
	r.screen.Close()
	r.run(2 * frame)
	for i, err := range got {
		if com.CodeOf(err) != com.ErrClosed {
			t.Errorf("waiter %d got %v", i, err)
		}
	}
	v.Release()
	if _, err := r.screen.Watch(nil); com.CodeOf(err) != com.ErrClosed {
		t.Error(err)
	}
}

func TestComposingAllocatesNothing(t *testing.T) {
	r := newRig(t, nil)
	one, _ := plain(150, 100, 1)
	two, _ := plain(150, 100, 2)
	l := r.layer(r.screen.NewGroup("a", nil), one)
	view, err := r.screen.Watch(nil)
	if err != nil {
		t.Fatal(err)
	}
	r.run(4 * frame)
	n := testing.AllocsPerRun(50, func() {
		l.Flip(two, 0)
		l.Damage(machine.Rect{X1: 5, Y1: 5})
		one, two = two, one
		r.run(frame)
	})
	if n != 0 {
		t.Errorf("%g allocations a frame", n)
	}
	view.Release()
	l.Remove()
}
