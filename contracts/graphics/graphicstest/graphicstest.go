// Package graphicstest is the conformance test of the contracts of pictures. It knows
// them and nothing else, so it is run against the objects themselves, through cells,
// and from the other end of a link.
package graphicstest

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// Place is where the contracts are tested: a card with nothing on its screen.
type Place struct {
	Graphics graphics.Graphics
	Screen   graphics.Screen
	// Do runs fn where calls may wait, and returns when it has.
	Do func(fn func())
	// Flush returns how one-way calls came off that took no answer; nil where they are
	// calls of Go.
	Flush func() error
}

var background = context.Background()

// Run runs the test. place makes a new place each time, whose end t's clean-up
// sees to.
func Run(t *testing.T, place func(t *testing.T) Place) {
	for name, test := range map[string]func(*suite){
		"Info": (*suite).info, "Primary": (*suite).primary, "Lock": (*suite).lock, "Flip": (*suite).flip, "FlipPaces": (*suite).paces,
		"Palette": (*suite).palette, "Blits": (*suite).blits, "Clip": (*suite).clip, "Exclusive": (*suite).exclusive,
		"Options": (*suite).options, "BadBlits": (*suite).badBlits, "BadLocks": (*suite).badLocks, "Textures": (*suite).textures,
		"Renderer": (*suite).renderer, "Rendered": (*suite).rendered, "DepthMemory": (*suite).depthMemory, "VertexBuffers": (*suite).vertexBuffers, "BadDraws": (*suite).badDraws,
		"Release": (*suite).release, "Foreign": (*suite).foreign, "Layers": (*suite).layers, "Plan": (*suite).plan, "BadLayers": (*suite).badLayers, "Views": (*suite).views, "Mode": (*suite).mode, "Quotas": (*suite).quotas,
	} {
		t.Run(name, func(t *testing.T) {
			s := &suite{T: t, Place: place(t)}
			s.Do(func() {
				defer s.end()
				test(s)
			})
		})
	}
}

// suite is one test at one place. Its methods run on what may be a thread of the
// card, where only Error and the like are allowed: a test that cannot go on panics
// with stop.
type suite struct {
	*testing.T
	Place
	held []com.Unknown
	w, h int
}

type stop struct{}

func (s *suite) end() {
	r := recover()
	for i := len(s.held) - 1; i >= 0; i-- {
		s.held[i].Release()
	}
	if _, ok := r.(stop); r != nil && !ok {
		panic(r)
	}
}

// must ends the test unless err is nil.
func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Error(err)
		panic(stop{})
	}
}

// sent is must for one-way calls.
func (s *suite) sent(err error) {
	s.Helper()
	s.must(s.result(err))
}

// result is how a one-way call came off.
func (s *suite) result(err error) error {
	if err == nil && s.Flush != nil {
		err = s.Flush()
	}
	return err
}

// code complains unless err has the code.
func (s *suite) code(what string, err error, want com.Code) {
	s.Helper()
	if com.CodeOf(err) != want {
		s.Errorf("%s: got %v, want code %v", what, err, want)
	}
}

// keep has an object released at the end.
func keep[T com.Unknown](s *suite, o T, err error) T {
	s.Helper()
	s.must(err)
	s.held = append(s.held, o)
	return o
}

// drop releases one now.
func (s *suite) drop(o com.Unknown) {
	for i, h := range s.held {
		if h == o {
			s.held = append(s.held[:i], s.held[i+1:]...)
			break
		}
	}
	o.Release()
}

func (s *suite) device(name string) graphics.Device {
	s.Helper()
	i, err := s.Screen.Info(background)
	s.must(err)
	s.w, s.h = int(i.Width), int(i.Height)
	d, err := s.Graphics.Open(background, graphics.DeviceOptions{Name: name})
	return keep(s, d, err)
}

func (s *suite) surface(d graphics.Device, o graphics.SurfaceOptions) graphics.Surface {
	s.Helper()
	x, err := d.CreateSurface(background, o)
	return keep(s, x, err)
}

func (s *suite) describe(x graphics.Surface) graphics.SurfaceInfo {
	s.Helper()
	i, err := x.Info(background)
	s.must(err)
	return i
}

func number(s *suite, x graphics.Surface) uint32 { return s.describe(x).Number }

// fill fills a rectangle, or all.
func (s *suite) fill(d graphics.Device, x graphics.Surface, r graphics.Rect, color uint32) {
	s.Helper()
	b := graphics.Blit{Dst: number(s, x), DstRect: r, Flags: graphics.BlitFill, Color: color}
	if r == (graphics.Rect{}) {
		b.Flags |= graphics.BlitWhole
	}
	s.sent(d.Blit(b))
}

// write writes rows of a rectangle's pixels through Lock.
func (s *suite) write(x graphics.Surface, r graphics.Rect, pixel func(x, y int) uint32) {
	s.Helper()
	i := s.describe(x)
	if r == (graphics.Rect{}) {
		r = graphics.Rect{X1: int32(i.Width), Y1: int32(i.Height)}
	}
	l, err := x.Lock(background, r, false)
	s.must(err)
	m, err := x.Memory(background)
	s.must(err)
	defer m.Release()
	n := size(i.Format)
	row := make([]byte, int(r.X1-r.X0)*n)
	for y := r.Y0; y < r.Y1; y++ {
		for c := r.X0; c < r.X1; c++ {
			store(row[int(c-r.X0)*n:], n, pixel(int(c), int(y)))
		}
		s.must(m.Put(l.Offset+uint32(y-r.Y0)*l.Pitch, row))
	}
	s.sent(x.Unlock(r))
}

// pixel reads one through Lock.
func (s *suite) pixel(x graphics.Surface, c, r int) uint32 {
	s.Helper()
	l, err := x.Lock(background, graphics.Rect{X0: int32(c), Y0: int32(r), X1: int32(c) + 1, Y1: int32(r) + 1}, true)
	s.must(err)
	m, err := x.Memory(background)
	s.must(err)
	defer m.Release()
	var buf [4]byte
	n := size(s.describe(x).Format)
	got, err := m.Get(background, l.Offset, buf[:n])
	s.must(err)
	if int(got) != n || int(l.Length) != n {
		s.Errorf("%d bytes at %+v of a pixel of %d", got, l, n)
	}
	s.sent(x.Unlock(graphics.Rect{}))
	return binary.LittleEndian.Uint32(buf[:])
}

func size(f graphics.Format) int {
	switch f {
	case graphics.Indexed8:
		return 1
	case graphics.RGB565, graphics.XRGB1555, graphics.ARGB4444, graphics.Depth16:
		return 2
	}
	return 4
}

func store(to []byte, n int, v uint32) {
	for i := range n {
		to[i] = byte(v >> (8 * i))
	}
}

// eye is somebody who looks at the screen.
type eye struct {
	s      *suite
	view   graphics.View
	mem    system.Memory
	change graphics.Change
	rects  []graphics.Rect // of it
	w      int
}

func (s *suite) look() *eye {
	s.Helper()
	v, err := s.Screen.Watch(background)
	keep(s, v, err)
	m, err := v.Memory(background)
	keep(s, m, err)
	i, err := s.Screen.Info(background)
	s.must(err)
	e := &eye{s: s, view: v, mem: m, w: int(i.Width)}
	e.next()
	return e
}

// next waits for a change.
func (e *eye) next() {
	e.s.Helper()
	var all [64]graphics.Rect
	n, c, err := e.view.Next(background, all[:])
	e.s.must(err)
	e.change, e.rects = c, all[:n]
	for i, r := range e.rects {
		if r.X0 >= r.X1 || r.Y0 >= r.Y1 || r.X0 < 0 || r.Y0 < 0 || int(r.X1) > e.w {
			e.s.Errorf("a change of %+v", r)
		}
		for _, o := range e.rects[:i] {
			if r.X0 < o.X1 && o.X0 < r.X1 && r.Y0 < o.Y1 && o.Y0 < r.Y1 {
				e.s.Errorf("%+v and %+v overlap", o, r)
			}
		}
	}
	if n == 0 {
		e.s.Error("a change of no rectangles")
	}
}

// at is a pixel of the screen.
func (e *eye) at(x, y int) uint32 {
	e.s.Helper()
	var b [4]byte
	_, err := e.mem.Get(background, uint32(4*(y*e.w+x)), b[:])
	e.s.must(err)
	return binary.LittleEndian.Uint32(b[:]) & 0xffffff
}

// sees complains unless a pixel of the screen has a colour, at the latest after the
// changes that come before one second has passed.
func (e *eye) sees(x, y int, want uint32) {
	e.s.Helper()
	for range 60 {
		if e.at(x, y) == want {
			return
		}
		e.next()
	}
	e.s.Errorf("%#x at %d, %d of the screen, want %#x", e.at(x, y), x, y, want)
}
