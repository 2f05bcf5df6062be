package device

import (
	"context"
	"encoding/binary"
	"math"
	"sync/atomic"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/heap"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/display"
)

// processors runs so many, of this computer, until the test's end.
func processors(t *testing.T, n int) []*thread.Processor {
	t.Helper()
	ctx, stop := context.WithCancel(background)
	ended := make(chan error, n)
	var list []*thread.Processor
	for range n {
		p := thread.NewProcessor(thread.Config{Machine: host.New(), Exit: func(_ *thread.Thread, f *thread.Failure) { t.Errorf("%v\n%s", f, f.Stack) }})
		list = append(list, p)
		go func() { ended <- p.Run(ctx) }()
	}
	t.Cleanup(func() {
		stop()
		for range n {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
	return list
}

// TestTeamDoesEverythingOnce has two threads of the home processor use a team at
// the same time, and counts.
func TestTeamDoesEverythingOnce(t *testing.T) {
	p := processors(t, 3)
	team, err := newTeam(p[0], p[1:], nil)
	must(t, err)
	if team.Workers() != 3 {
		t.Errorf("%d workers", team.Workers())
	}
	var wait [2]*thread.Thread
	for k := range wait {
		wait[k], err = p[0].Spawn("caller", thread.Attributes{}, func(*thread.Thread) {
			var did [100]atomic.Int32
			var at [3]atomic.Int32
			work := func(worker, i int) {
				if at[worker].Add(1) != 1 {
					t.Errorf("worker %d does two things at once", worker)
				}
				did[i].Add(1)
				at[worker].Add(-1)
			}
			for round := range 200 {
				n := round % len(did)
				team.Do(n, work)
				for i := range did {
					want := int32(0)
					if i < n {
						want = 1
					}
					if got := did[i].Swap(0); got != want {
						t.Errorf("piece %d of %d was done %d times", i, n, got)
					}
				}
			}
		})
		must(t, err)
	}
	must(t, p[0].Call("join", thread.Attributes{}, func(*thread.Thread) {
		for _, w := range wait {
			if err := w.Join(machine.Forever); err != nil {
				t.Error(err)
			}
		}
	}))
	team.close()
}

// TestTeamRenders draws with helpers and without.
func TestTeamRenders(t *testing.T) {
	var sums [2]uint32
	for k := range sums {
		p := processors(t, 1+k)
		h, err := heap.New(make([]byte, 16<<20), heap.Options{Zeroed: true})
		must(t, err)
		pixels, _ := machine.NewPixels("test", width, height, 60000, nil)
		screen, err := display.New(display.Config{Processor: p[0], Display: pixels, Heap: h, Log: t.Errorf})
		must(t, err)
		f, err := New(Config{Processor: p[0], Helpers: p[1:], Screen: screen, Heap: h, Log: t.Errorf})
		must(t, err)
		must(t, p[0].Call("program", thread.Attributes{}, func(*thread.Thread) {
			d, err := f.Open(background, graphics.DeviceOptions{})
			must(t, err)
			s, err := d.CreateSurface(background, graphics.SurfaceOptions{Caps: graphics.CapTarget, Width: 512, Height: 512, Format: graphics.RGB565})
			must(t, err)
			r, err := d.CreateRenderer(background)
			must(t, err)
			must(t, r.SetTarget(background, s, nil))
			must(t, r.SetState(22, 1))
			var v []byte
			for i := range 300 {
				a := float64(i) * 1.7
				for _, w := range []uint32{math.Float32bits(float32(256 + 256*math.Sin(a))), math.Float32bits(float32(256 + 256*math.Cos(a*1.3))), 0, math.Float32bits(1), uint32(i) * 12345, 0, 0, 0} {
					v = binary.LittleEndian.AppendUint32(v, w)
				}
			}
			for range 5 {
				must(t, r.Draw(graphics.TriangleList, 0x1c4, v))
				must(t, r.Finish(background))
			}
			for _, b := range s.(*Surface).view.Pix {
				sums[k] = sums[k]*31 + uint32(b)
			}
			r.Release()
			s.Release()
			d.Release()
			must(t, f.settled(background))
		}))
		f.Release()
		screen.Release()
	}
	if sums[0] != sums[1] {
		t.Errorf("helpers draw another picture: %x, not %x", sums[1], sums[0])
	}
}
