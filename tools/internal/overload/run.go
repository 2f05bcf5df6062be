package overload

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/constraint"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/compose"
	"github.com/mmlite/mmlite/hostdriver/examples/scenes"
	"github.com/mmlite/mmlite/hostdriver/layers"
)

const (
	boards = 24
	period = machine.Second / 60
	// compositor is what composing a frame takes, and must be done in after its blank.
	compositor = period / 20
	scanned    = period / 4
	slice      = 40 * machine.Microsecond  // of work between two checkpoints
	size       = 112                       // of a layer's picture, in pixels
	wake       = 100 * machine.Microsecond // of every eighth of a frame that the renderer has reserved
	share      = 62                        // percent of what is needed that others leave: half, and what slicing costs
	warm       = 30                        // frames before those that count
	lightError = 12                        // pixels that a board is off which is as dark as it was bright
)

// The screen.
const (
	Width, Height = 320, 240
)

var eye = scenes.Eye{X: Width / 2, Y: Height / 2, Focus: 400}

// newBoard makes one somewhere in view.
func newBoard(r *rand.Rand) *scenes.Board {
	b := scenes.NewBoard(r, 28)
	b.Middle = scenes.Vector{r.Float64()*260 - 130, r.Float64()*180 - 90, 350 + 150*r.Float64()}
	b.Drift = scenes.Vector{20 * r.Float64(), 20 * r.Float64(), 40 * r.Float64()}
	return b
}

// Result is what came of a run.
type Result struct {
	Frames int
	Layers int
	Need   machine.Duration // that drawing all layers of a frame takes, in the mean
	Have   machine.Duration // that the renderer was promised of each frame, in the mean
	Used   machine.Duration // that it took of each frame, in the mean
	Late   int              // frames whose drawing, or composing, was not done in time
	// Drawn and Reduced are layers for each frame, in the mean: drawn anew, and of these
	// at a lower resolution.
	Drawn, Reduced float64
	Refused        uint64 // frames whose drawing in full was not promised
	// The root of the mean squared difference to the frame drawn in full, over all
	// pixels and channels, of 255, in the mean over frames: of frames that the regulator
	// planned, and with every second frame dropped.
	Regulated, Dropped float64
}

func (r Result) String() string {
	return fmt.Sprintf("%d frames of %d layers: full redraw needs %v a frame, the renderer was promised %v and used %v; %d late; %.1f layers drawn a frame, %.1f of them at lower resolution; RMS error %.2f, and %.2f if every second frame is dropped",
		r.Frames, r.Layers, r.Need, r.Have, r.Used, r.Late, r.Drawn, r.Reduced, r.Regulated, r.Dropped)
}

// stage is a run under way.
type stage struct {
	m      *sim.Machine
	d      *device
	scene  *layers.Scene
	boards []*scenes.Board
	cost   []machine.Duration // of each, in full
	seen   []scenes.Pose      // of the pictures there are
	rand   *rand.Rand
	now    float64 // s, of the frame that is drawn for
	result Result
	err    error

	composer                 compose.Compositor
	shown                    [2][]compose.Layer // of frames by turns
	full                     []compose.Layer
	frame, exact, dropped    blit.Surface
	regulatedSum, droppedSum float64
	done                     bool
	ready                    []bool // frames whose drawing is done
	drawn, reduced           int
}

// Run draws that many frames. The same seed gives the same result.
func Run(seed uint64, frames int) (Result, error) {
	s := &stage{m: sim.New(seed), d: &device{}, rand: rand.New(rand.NewPCG(seed, 1)), ready: make([]bool, warm+frames)}
	p := thread.NewProcessor(thread.Config{Machine: s.m, Policy: constraint.New(constraint.Config{})})
	defer p.Close()
	s.result = Result{Frames: frames, Layers: boards}
	// Half of what is needed: others have the rest, and would take all.
	sum := machine.Duration(0)
	for range boards {
		s.cost = append(s.cost, machine.Duration(float64(period)/boards*(0.5+s.rand.Float64())))
		sum += s.cost[len(s.cost)-1]
	}
	s.result.Need = sum
	for _, f := range []*blit.Surface{&s.frame, &s.exact, &s.dropped} {
		*f = blit.Surface{Pix: make([]byte, 4*Width*Height), Pitch: 4 * Width, Width: Width, Height: Height, Format: blit.XRGB8888}
	}
	s.composer.Background = 0x203040
	if err := s.build(); err != nil {
		return s.result, err
	}
	if err := s.start(p); err != nil {
		return s.result, err
	}
	if err := p.RunFor(machine.Duration(warm+frames+2) * period); err != nil {
		return s.result, err
	}
	if s.err != nil {
		return s.result, s.err
	}
	n := float64(frames)
	s.result.Used /= machine.Duration(frames)
	s.result.Have = s.d.promised / machine.Duration(frames)
	s.result.Drawn, s.result.Reduced = float64(s.drawn)/n, float64(s.reduced)/n
	s.result.Refused = s.d.budget.Refused
	s.result.Regulated, s.result.Dropped = s.regulatedSum/n, s.droppedSum/n
	return s.result, nil
}

// build makes the scene, with pictures of its first frame.
func (s *stage) build() (err error) {
	ctx := context.Background()
	if s.scene, err = layers.New(ctx, s.d); err != nil {
		return err
	}
	for i := range boards {
		b := newBoard(s.rand)
		s.boards, s.seen = append(s.boards, b), append(s.seen, scenes.Pose{})
		if _, err := s.scene.Add(ctx, layers.Options{
			Width: size, Height: size, Depth: int32(b.Middle[2]), Margin: 1, Least: 0.5,
			Draw: func(_ context.Context, d *layers.Drawing) error { s.draw(i, d); return nil },
		}); err != nil {
			return err
		}
		s.full = append(s.full, compose.Layer{
			Surface: blit.Surface{Pix: make([]byte, 4*size*size), Pitch: 4 * size, Format: blit.ARGB8888},
			Color:   0xffffffff, Depth: int32(b.Middle[2]),
		})
	}
	return nil
}

// draw draws one board, which takes its time.
func (s *stage) draw(i int, d *layers.Drawing) {
	p := s.boards[i].At(s.now)
	back := &s.d.surfaces[d.Number-1].pixels
	s.boards[i].Draw(layers.Pixels{Pix: back.Pix, Pitch: back.Pitch}, int(d.Width), int(d.Height), float64(d.Place.X0), float64(d.Place.Y0), float64(d.Place.XX), p, eye)
	s.seen[i] = p
	z := float64(d.Scale)
	took := machine.Duration(float64(s.cost[i]) * (0.2 + 0.8*z*z) * (0.9 + 0.2*s.rand.Float64()))
	s.d.layers[i].took = took
	if s.now >= warm/60. {
		s.result.Used += took
		s.drawn++
		if d.Scale < 1 {
			s.reduced++
		}
	}
	for took > 0 {
		s.m.Advance(min(took, slice))
		took -= slice
		thread.Checkpoint()
	}
}

// start makes the threads: others that reserve what is not the renderer's, and take
// all they can get; the compositor; and the renderer.
func (s *stage) start(p *thread.Processor) error {
	for _, a := range []struct {
		name string
		run  func(t *thread.Thread)
	}{{"others", s.hog}, {"compositor", s.compose}, {"renderer", s.render}} {
		exit := func(_ *thread.Thread, f *thread.Failure) {
			if f != nil && s.err == nil && !s.done {
				s.err = fmt.Errorf("overload: %v", f)
			}
		}
		if _, err := p.Spawn(a.name, thread.Attributes{Activity: &sched.Activity{Name: a.name}, Exit: exit}, a.run); err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) hog(t *thread.Thread) {
	rest := period - compositor - s.result.Need*share/100
	if _, err := thread.Reserve(t.Activity(), rest/4, period/4); err != nil {
		s.err = err
	}
	for !s.done {
		s.m.Advance(slice)
		t.Checkpoint()
	}
}

// blank is when a frame is to be seen.
func blank(frame int) machine.Time { return machine.Time(machine.Duration(frame+1) * period) }

// render draws frame after frame, each in the time before its blank.
func (s *stage) render(t *thread.Thread) {
	defer func() { s.done = true }()
	// So that it wakes in time, whatever the others do.
	if _, err := thread.Reserve(t.Activity(), wake, period/8); err != nil {
		s.err = err
	}
	all := s.scene.Layers()
	for frame := 0; frame < warm+s.result.Frames && s.err == nil; frame++ {
		t.SleepUntil(blank(frame - 1))
		s.now = float64(frame) / 60
		for i, l := range all {
			p := s.boards[i].At(s.now)
			corners := p.Corners(eye)
			l.Pose(corners[:])
			l.Change(lightError * math.Abs(p.Bright-s.seen[i].Bright))
		}
		if frame == warm {
			s.d.promised = 0
		}
		promised := false
		s.d.left = func() machine.Duration { return blank(frame).Sub(s.m.Now()) }
		s.d.ask = func(amount machine.Duration) (bool, error) {
			if promised {
				if _, err := thread.EndConstraint(); err != nil {
					return false, err
				}
			}
			now := s.m.Now()
			ok, err := thread.BeginConstraint(sched.Constraint{Start: now, Estimate: amount, Deadline: blank(frame)})
			promised = err == nil
			return ok, err
		}
		_, err := s.scene.Frame(context.Background())
		if promised {
			thread.EndConstraint() // there is one
		}
		if err != nil {
			s.err = err
		}
		// What is seen at the blank; the compositor may look only after the next frame's
		// first changes.
		shown := s.shown[frame&1][:0]
		for _, l := range s.d.layers {
			shown = append(shown, l.next)
		}
		s.shown[frame&1], s.ready[frame] = shown, true
	}
}

// compose shows frame after frame at its blank, and compares it with what should be
// seen.
func (s *stage) compose(*thread.Thread) {
	for frame := 0; frame < len(s.ready) && s.err == nil; frame++ {
		c := sched.Constraint{Start: blank(frame), Estimate: compositor + compositor/8, Deadline: blank(frame).Add(scanned)}
		if _, err := thread.BeginConstraint(c); err != nil {
			s.err = err
			return
		}
		late := !s.ready[frame]
		if err := s.compare(frame); err != nil {
			s.err = err
		}
		for left := compositor; left > 0; left -= slice {
			s.m.Advance(min(left, slice))
			thread.Checkpoint()
		}
		if frame >= warm && (late || s.m.Now() > c.Deadline) {
			s.result.Late++
		}
		thread.EndConstraint() // there is one
	}
}

// compare computes what is seen in a frame, and what it is off.
func (s *stage) compare(frame int) error {
	if frame < warm {
		return nil
	}
	if err := s.composer.Compose(&s.frame, s.shown[frame&1], nil); err != nil {
		return err
	}
	for i, b := range s.boards {
		p := b.At(float64(frame) / 60)
		low, high := layers.Point{X: Width, Y: Height}, layers.Point{}
		for _, c := range p.Corners(eye) {
			low = layers.Point{X: min(low.X, c.X), Y: min(low.Y, c.Y)}
			high = layers.Point{X: max(high.X, c.X), Y: max(high.Y, c.Y)}
		}
		l := &s.full[i]
		x, y := math.Floor(low.X)-1, math.Floor(low.Y)-1
		l.Surface.Width, l.Surface.Height = min(int(math.Ceil(high.X)+2-x), size), min(int(math.Ceil(high.Y)+2-y), size)
		b.Draw(layers.Pixels{Pix: l.Surface.Pix, Pitch: l.Surface.Pitch}, l.Surface.Width, l.Surface.Height, x, y, 1, p, eye)
		l.Matrix = compose.Translate(float32(x), float32(y))
	}
	if err := s.composer.Compose(&s.exact, s.full, nil); err != nil {
		return err
	}
	if (frame-warm)%2 == 0 {
		copy(s.dropped.Pix, s.exact.Pix)
	}
	s.regulatedSum += rms(s.frame.Pix, s.exact.Pix)
	s.droppedSum += rms(s.dropped.Pix, s.exact.Pix)
	return nil
}

// rms is over all channels, of which the unused one never differs.
func rms(a, b []byte) float64 {
	sum := 0
	for i := range a {
		d := int(a[i]) - int(b[i])
		sum += d * d
	}
	return math.Sqrt(float64(sum) / float64(len(a)/4*3))
}
