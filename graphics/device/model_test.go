package device

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/graphics/blit"
)

// surfaceModel is what a surface is in the model: pixels in a memory of its own, with
// rows that have no gaps. Chains are several of them, whose pixels change places.
type surfaceModel struct {
	object      graphics.Surface
	info        graphics.SurfaceInfo
	pixels      []byte
	source, key blit.Key
	clip        []blit.Rect
	locked      bool
}

func (m *surfaceModel) view() *blit.Surface {
	f := blit.Format(m.info.Format)
	return &blit.Surface{Pix: m.pixels, Pitch: int(m.info.Width) * f.Bytes(), Width: int(m.info.Width), Height: int(m.info.Height), Format: f}
}

// drawModel is a device and what it should be.
type drawModel struct {
	t      *rapid.T
	r      *rig
	d      graphics.Device
	chains [][]*surfaceModel // by the order of their objects
	all    []*surfaceModel
}

var modelFormats = []graphics.Format{graphics.Indexed8, graphics.RGB565, graphics.XRGB1555, graphics.ARGB4444, graphics.XRGB8888, graphics.ARGB8888}

// call runs fn on a thread of the card; what it finds wrong is said here, where rapid
// expects it.
func (m *drawModel) call(fn func()) {
	var failed any
	m.r.call(func() {
		defer func() { failed = recover() }()
		fn()
	})
	if failed != nil {
		panic(failed)
	}
}

func (m *drawModel) fatal(err error) {
	if err != nil {
		m.t.Fatal(err)
	}
}

// create makes a surface, or a chain of them.
func (m *drawModel) create(t *rapid.T) {
	if len(m.chains) == 6 {
		return
	}
	o := graphics.SurfaceOptions{
		Width: uint32(rapid.IntRange(1, 40).Draw(t, "width")), Height: uint32(rapid.IntRange(1, 40).Draw(t, "height")),
		Format: rapid.SampledFrom(modelFormats).Draw(t, "format"), BackBuffers: uint32(rapid.IntRange(0, 3).Draw(t, "back buffers")),
	}
	m.call(func() {
		root, err := m.d.CreateSurface(background, o)
		m.fatal(err)
		var chain []*surfaceModel
		for i := range o.BackBuffers + 1 {
			s := &surfaceModel{object: root}
			if i > 0 {
				s.object, err = root.Attached(background, i)
				m.fatal(err)
			}
			s.info, err = s.object.Info(background)
			m.fatal(err)
			s.pixels = make([]byte, int(s.info.Width*s.info.Height)*blit.Format(s.info.Format).Bytes())
			chain = append(chain, s)
		}
		m.chains = append(m.chains, chain)
		m.all = append(m.all, chain...)
	})
}

func (m *drawModel) pick(t *rapid.T, name string) *surfaceModel {
	if len(m.all) == 0 {
		t.Skip("no surfaces")
	}
	return rapid.SampledFrom(m.all).Draw(t, name)
}

func someRect(t *rapid.T, name string, from, to int) graphics.Rect {
	at := rapid.IntRange(from, to)
	return graphics.Rect{X0: int32(at.Draw(t, name+".x0")), Y0: int32(at.Draw(t, name+".y0")), X1: int32(at.Draw(t, name+".x1")), Y1: int32(at.Draw(t, name+".y1"))}
}

// likely is a rectangle that is mostly within a surface, or reaches beyond it by so
// much.
func likely(t *rapid.T, name string, s *surfaceModel, beyond int) graphics.Rect {
	if rapid.IntRange(0, 9).Draw(t, name+" wrong") == 0 {
		return someRect(t, name, -10, 50)
	}
	span := func(n uint32) (a, b int32) {
		a = int32(rapid.IntRange(-beyond, int(n)-1+beyond).Draw(t, name+" from"))
		return a, int32(rapid.IntRange(int(a)+1, int(n)+beyond).Draw(t, name+" to"))
	}
	var r graphics.Rect
	r.X0, r.X1 = span(s.info.Width)
	r.Y0, r.Y1 = span(s.info.Height)
	return r
}

func within(r graphics.Rect, s *surfaceModel) bool {
	return r.X0 >= 0 && r.Y0 >= 0 && r.X0 < r.X1 && r.Y0 < r.Y1 && r.X1 <= int32(s.info.Width) && r.Y1 <= int32(s.info.Height)
}

// blit draws with flags, rectangles and operations of all kinds, many of them wrong.
func (m *drawModel) blit(t *rapid.T) {
	dst, src := m.pick(t, "destination"), m.pick(t, "source")
	b := graphics.Blit{
		Dst: dst.info.Number, Src: src.info.Number, DstRect: likely(t, "to", dst, 4), SrcRect: likely(t, "from", src, 0),
		ROP: rapid.Uint8().Draw(t, "rop"), Alpha: rapid.Uint8().Draw(t, "alpha"), Color: rapid.Uint32().Draw(t, "color"),
	}
	for _, f := range []graphics.BlitFlags{
		graphics.BlitFill, graphics.BlitKeySource, graphics.BlitKeyDest, graphics.BlitMirrorX, graphics.BlitMirrorY, graphics.BlitBilinear,
		graphics.BlitAlpha, graphics.BlitAlphaPixel, graphics.BlitROP, graphics.BlitRotate90, graphics.BlitRotate180, graphics.BlitWhole,
	} {
		if rapid.IntRange(0, 4).Draw(t, "flag") == 0 {
			b.Flags |= f
		}
	}
	var got error
	m.call(func() { got = m.d.Blit(b) })
	want := m.expect(&b, dst, src)
	if (got == nil) != (want == nil) || got != nil && com.CodeOf(got) != com.ErrInvalid {
		t.Fatalf("%+v: got %v, want %v", b, got, want)
	}
}

// expect draws on the model's pixels. The source is set aside first, so that whatever
// overlaps is as if it did not.
func (m *drawModel) expect(b *graphics.Blit, dst, src *surfaceModel) error {
	f := b.Flags
	fill := f&graphics.BlitFill != 0
	o := blit.Options{MirrorX: f&graphics.BlitMirrorX != 0, MirrorY: f&graphics.BlitMirrorY != 0, Clip: dst.clip}
	switch {
	case fill && f&^(graphics.BlitFill|graphics.BlitKeyDest|graphics.BlitWhole) != 0,
		f&graphics.BlitKeySource != 0 && !src.source.On, f&graphics.BlitKeyDest != 0 && !dst.key.On:
		return com.ErrInvalid
	}
	if f&graphics.BlitKeySource != 0 {
		o.SrcKey = src.source
	}
	if f&graphics.BlitKeyDest != 0 {
		o.DstKey = dst.key
	}
	if f&graphics.BlitBilinear != 0 {
		o.Filter = blit.Bilinear
	}
	if f&graphics.BlitAlpha != 0 {
		o.Blend, o.Alpha = blit.Constant, b.Alpha
	}
	if f&graphics.BlitAlphaPixel != 0 {
		o.Blend, o.Alpha = blit.PerPixel, b.Alpha
	}
	if f&graphics.BlitROP != 0 {
		if o.Blend != blit.Opaque {
			return com.ErrInvalid
		}
		o.ROP, o.Pattern = blit.ROP(b.ROP)<<16|0xffff, b.Color
	}
	o.Rotate = []blit.Rotation{0, blit.Rotate90, blit.Rotate180, blit.Rotate270}[f&graphics.BlitRotate90/graphics.BlitRotate90+2*(f&graphics.BlitRotate180/graphics.BlitRotate180)]
	aside := *src.view()
	aside.Pix = bytes.Clone(aside.Pix)
	to, from := blit.Rect(rect(b.DstRect)), blit.Rect(rect(b.SrcRect))
	if f&graphics.BlitWhole != 0 {
		to, from = dst.view().Bounds(), aside.Bounds()
	}
	if fill {
		o.ROP, o.Pattern = blit.PatCopy, b.Color
		return blit.Blit(dst.view(), to, nil, blit.Rect{X1: 1, Y1: 1}, &o)
	}
	return blit.Blit(dst.view(), to, &aside, from, &o)
}

// write locks, writes and unlocks, or leaves locked.
func (m *drawModel) write(t *rapid.T) {
	s := m.pick(t, "surface")
	r := likely(t, "rectangle", s, 0)
	stay := rapid.IntRange(0, 5).Draw(t, "stay") == 0
	value := rapid.Byte().Draw(t, "value")
	m.call(func() {
		l, err := s.object.Lock(background, r, false)
		whole := r == (graphics.Rect{})
		switch {
		case !whole && !within(r, s):
			if com.CodeOf(err) != com.ErrInvalid {
				t.Fatalf("a lock of %+v: %v", r, err)
			}
			return
		case s.locked:
			if com.CodeOf(err) != com.ErrBusy {
				t.Fatalf("a second lock: %v", err)
			}
			return
		}
		m.fatal(err)
		if whole {
			r = graphics.Rect{X1: int32(s.info.Width), Y1: int32(s.info.Height)}
		}
		mem, err := s.object.Memory(background)
		m.fatal(err)
		n := blit.Format(s.info.Format).Bytes()
		row := bytes.Repeat([]byte{value}, int(r.X1-r.X0)*n)
		if want := l.Pitch*uint32(r.Y1-r.Y0-1) + uint32(len(row)); l.Length != want {
			t.Fatalf("%+v of %+v, want a length of %d", l, r, want)
		}
		for y := r.Y0; y < r.Y1; y++ {
			m.fatal(mem.Put(l.Offset+uint32(y-r.Y0)*l.Pitch, row))
			copy(s.pixels[(int(y)*int(s.info.Width)+int(r.X0))*n:], row)
		}
		mem.Release()
		if s.locked = stay; !stay {
			m.fatal(s.object.Unlock(r))
		}
	})
}

func (m *drawModel) unlock(t *rapid.T) {
	s := m.pick(t, "surface")
	m.call(func() {
		err := s.object.Unlock(graphics.Rect{})
		if s.locked != (err == nil) || err != nil && com.CodeOf(err) != com.ErrInvalid {
			t.Fatalf("an unlock of what is locked (%v): %v", s.locked, err)
		}
	})
	s.locked = false
}

// flip moves the model's memories one place.
func (m *drawModel) flip(t *rapid.T) {
	if len(m.chains) == 0 {
		t.Skip("no surfaces")
	}
	chain := rapid.SampledFrom(m.chains).Draw(t, "chain")
	i := rapid.IntRange(0, len(chain)-1).Draw(t, "surface")
	interval := rapid.Uint32Range(0, 2).Draw(t, "interval")
	m.call(func() {
		err := chain[i].object.Flip(background, interval)
		want := com.OK
		switch {
		case i != 0 || len(chain) == 1:
			want = com.ErrNotSupported
		case slices.ContainsFunc(chain, func(s *surfaceModel) bool { return s.locked }):
			want = com.ErrBusy
		}
		if com.CodeOf(err) != want {
			t.Fatalf("a flip: %v, want code %v", err, want)
		}
		if err != nil {
			return
		}
		front := chain[0].pixels
		for i := range chain[1:] {
			chain[i].pixels = chain[i+1].pixels
		}
		chain[len(chain)-1].pixels = front
	})
}

func (m *drawModel) settings(t *rapid.T) {
	s := m.pick(t, "surface")
	key := blit.Key{On: rapid.Bool().Draw(t, "on"), Low: rapid.Uint32Range(0, 300).Draw(t, "low")}
	key.High = key.Low + rapid.Uint32Range(0, 300).Draw(t, "range")
	dest := rapid.Bool().Draw(t, "destination")
	clips := make([]graphics.Rect, rapid.IntRange(0, 5).Draw(t, "clips"))
	for i := range clips {
		clips[i] = someRect(t, "clip", -3, 45)
	}
	m.call(func() {
		m.fatal(s.object.SetColorKey(dest, key.On, key.Low, key.High))
		m.fatal(s.object.SetClip(background, clips))
	})
	if dest {
		s.key = key
	} else {
		s.source = key
	}
	s.clip = nil
	if len(clips) > 0 { // pixel by pixel, so that nothing overlaps
		s.clip = []blit.Rect{}
		for y := range int32(s.info.Height) {
			for x := range int32(s.info.Width) {
				if slices.ContainsFunc(clips, func(r graphics.Rect) bool { return x >= r.X0 && x < r.X1 && y >= r.Y0 && y < r.Y1 }) {
					s.clip = append(s.clip, blit.Rect{X0: int(x), Y0: int(y), X1: int(x) + 1, Y1: int(y) + 1})
				}
			}
		}
	}
}

func (m *drawModel) release(t *rapid.T) {
	if len(m.chains) == 0 {
		t.Skip("no surfaces")
	}
	i := rapid.IntRange(0, len(m.chains)-1).Draw(t, "chain")
	gone := m.chains[i]
	m.chains = slices.Delete(slices.Clone(m.chains), i, i+1)
	m.all = slices.DeleteFunc(slices.Clone(m.all), func(s *surfaceModel) bool { return slices.Contains(gone, s) })
	m.call(func() {
		for _, s := range gone {
			s.object.Release()
		}
		if err := m.d.Blit(graphics.Blit{Dst: gone[0].info.Number, Flags: graphics.BlitFill | graphics.BlitWhole}); com.CodeOf(err) != com.ErrInvalid {
			t.Fatalf("a released surface is drawn on: %v", err)
		}
	})
}

// check compares every pixel there is.
func (m *drawModel) check(t *rapid.T) {
	m.call(func() {
		for n, s := range m.all {
			o := s.object.(*Surface)
			row := int(s.info.Width) * blit.Format(s.info.Format).Bytes()
			for y := range int(s.info.Height) {
				if got, want := o.view.Pix[y*o.view.Pitch:][:row], s.pixels[y*row:][:row]; !bytes.Equal(got, want) {
					t.Fatalf("surface %d of %d, row %d of %dx%d:\n got %x\nwant %x", n, len(m.all), y, s.info.Width, s.info.Height, got, want)
				}
			}
			for _, b := range gaps(o) {
				if b != 0 {
					t.Fatalf("surface %d of %d was written beyond its rows", n, len(m.all))
				}
			}
		}
		i, err := m.d.Info(background)
		m.fatal(err)
		if int(i.Surfaces) != len(m.all) {
			t.Fatalf("%d surfaces, want %d", i.Surfaces, len(m.all))
		}
	})
}

// gaps is what lies behind the pixels of rows.
func gaps(s *Surface) (all []byte) {
	row := s.view.Width * s.view.Format.Bytes()
	for y := range s.view.Height {
		end := min((y+1)*s.view.Pitch, len(s.view.Pix))
		all = append(all, s.view.Pix[y*s.view.Pitch+row:end]...)
	}
	return all
}

// TestModel draws at random on chains of surfaces, and on their model.
func TestModel(t *testing.T) {
	r := newRig(t)
	rapid.Check(t, func(t *rapid.T) {
		m := &drawModel{t: t, r: r}
		r.call(func() {
			var err error
			m.d, err = r.f.Open(background, graphics.DeviceOptions{})
			m.fatal(err)
		})
		defer r.call(func() {
			for _, s := range m.all {
				s.object.Release()
			}
			m.d.Release()
		})
		m.create(t)
		t.Repeat(map[string]func(*rapid.T){
			"create": m.create, "blit": m.blit, "another blit": m.blit, "write": m.write, "unlock": m.unlock, "flip": m.flip, "settings": m.settings,
			"release": m.release, "": m.check,
		})
	})
}
