package device

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/graphics/render"
	"github.com/mmlite/mmlite/hostdriver"
)

// storm is a client that calls anything with anything, mostly just inside or outside
// of what makes sense.
type storm struct {
	*rand.Rand
	t         *testing.T
	flush     func() error
	g         graphics.Graphics
	screen    graphics.Screen
	devices   []graphics.Device
	surfaces  []graphics.Surface
	palettes  []graphics.Palette
	renderers []graphics.Renderer
	buffers   []graphics.VertexBuffer
	layers    []graphics.Layer
	views     []graphics.View
	codes     map[com.Code]int
}

func (s *storm) chance(n int) bool { return s.IntN(n) == 0 }

func (s *storm) int() int32 {
	wild := [...]int32{math.MinInt32, math.MinInt32 + 1, -65536, -1, 0, 1, 31, 32, 33, 4096, 8192, 65535, 1 << 20, math.MaxInt32 - 1, math.MaxInt32}
	if s.chance(4) {
		return wild[s.IntN(len(wild))]
	}
	return int32(s.IntN(80)) - 8
}

// number is small, or anything.
func (s *storm) number(most int) uint32 {
	if s.chance(12) {
		return uint32(s.int())
	}
	return uint32(s.IntN(most))
}

func (s *storm) rect() graphics.Rect {
	if s.chance(5) {
		return graphics.Rect{}
	}
	return graphics.Rect{X0: s.int(), Y0: s.int(), X1: s.int() + 20, Y1: s.int() + 20}
}

func (s *storm) rects(most int) []graphics.Rect {
	n := s.IntN(4)
	if s.chance(8) {
		n = most
	}
	list := make([]graphics.Rect, n)
	for i := range list {
		list[i] = s.rect()
	}
	return list
}

func (s *storm) float() float32 {
	wild := [...]float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 1e-20, 1e20, -1e9}
	if s.chance(6) {
		return wild[s.IntN(len(wild))]
	}
	return s.Float32()*80 - 10
}

func (s *storm) affine() graphics.Affine {
	return graphics.Affine{XX: s.float() / 20, XY: s.float() / 20, X0: s.float(), YX: s.float() / 20, YY: s.float() / 20, Y0: s.float()}
}

func pick[T any](s *storm, list []T) (v T) {
	if len(list) > 0 {
		v = list[s.IntN(len(list))]
	}
	return v
}

// add keeps an object, and lets go of one if there are many.
func add[T com.Unknown](s *storm, list *[]T, o T, err error, most int) {
	s.saw(err)
	if err != nil {
		return
	}
	*list = append(*list, o)
	if len(*list) > most {
		drop(s, list)
	}
}

func drop[T com.Unknown](s *storm, list *[]T) {
	if len(*list) == 0 {
		return
	}
	i := s.IntN(len(*list))
	(*list)[i].Release()
	*list = append((*list)[:i], (*list)[i+1:]...)
}

// saw takes note of how a call came off: it may fail, but has to say why.
func (s *storm) saw(err error) {
	c := com.CodeOf(err)
	s.codes[c]++
	switch c {
	case com.OK, com.ErrInvalid, com.ErrNotSupported, com.ErrBusy, com.ErrQuota, com.ErrNoMemory, com.ErrNotFound, com.ErrClosed:
	default:
		s.t.Errorf("code %v: %v", c, err)
	}
}

// vertices are some of a format, or of about its size.
func (s *storm) vertices() (format uint32, count uint32, b []byte) {
	formats := [...]render.Format{render.TLVertex, render.XYZ | render.Diffuse, render.Vertex, render.XYZ | render.Tex1, render.XYZRHW | render.Diffuse}
	f := formats[s.IntN(len(formats))]
	n := s.IntN(40)
	b = make([]byte, n*f.Stride())
	for i := 0; i+4 <= len(b); i += 4 {
		binary.LittleEndian.PutUint32(b[i:], math.Float32bits(s.float()))
	}
	if s.chance(20) {
		b = b[:s.IntN(len(b)+1)]
	}
	if s.chance(30) {
		return s.Uint32(), uint32(n), b
	}
	return uint32(f), uint32(n), b
}

func (s *storm) create() {
	d := pick(s, s.devices)
	if d == nil || s.chance(10) {
		d, err := s.g.Open(background, graphics.DeviceOptions{Name: "storm"})
		add(s, &s.devices, d, err, 3)
		return
	}
	switch s.IntN(9) {
	case 0, 1, 2:
		o := graphics.SurfaceOptions{Width: s.number(100), Height: s.number(70), Format: graphics.Format(s.IntN(13)), BackBuffers: s.number(6) / 2, Caps: graphics.SurfaceCaps(s.IntN(17))}
		if s.chance(2) {
			o = graphics.SurfaceOptions{Width: 1 << s.IntN(7), Height: 1 << s.IntN(7), Format: graphics.Format(1 + s.IntN(6)), Caps: graphics.CapTexture | graphics.CapTarget, Levels: s.number(4)}
		}
		x, err := d.CreateSurface(background, o)
		add(s, &s.surfaces, x, err, 24)
	case 3:
		colors := make([]uint32, s.IntN(257))
		p, err := d.CreatePalette(background, colors)
		add(s, &s.palettes, p, err, 4)
	case 4:
		r, err := d.CreateRenderer(background)
		add(s, &s.renderers, r, err, 4)
	case 5:
		b, err := d.CreateVertexBuffer(background, s.number(10000))
		add(s, &s.buffers, b, err, 6)
	case 6:
		l, err := d.CreateLayer(background, pick(s, s.surfaces))
		add(s, &s.layers, l, err, 8)
	case 7:
		if x := pick(s, s.surfaces); x != nil {
			a, err := x.Attached(background, s.number(4))
			add(s, &s.surfaces, a, err, 24)
		}
	case 8:
		v, err := s.screen.Watch(background)
		add(s, &s.views, v, err, 2)
	}
}

func (s *storm) release() {
	switch s.IntN(12) {
	case 0, 1, 2, 3, 4:
		drop(s, &s.surfaces)
	case 5:
		drop(s, &s.palettes)
	case 6:
		drop(s, &s.renderers)
	case 7:
		drop(s, &s.buffers)
	case 8, 9:
		drop(s, &s.layers)
	case 10:
		drop(s, &s.views)
	case 11:
		if s.chance(4) {
			drop(s, &s.devices)
		}
	}
}

func (s *storm) onDevice() {
	d := pick(s, s.devices)
	if d == nil {
		return
	}
	switch s.IntN(10) {
	case 0:
		s.saw(d.SetMode(background, graphics.Mode{Width: s.number(400), Height: s.number(300), Format: graphics.Format(s.IntN(9)), Refresh: s.Uint32(), Exclusive: s.chance(3)}))
	case 1:
		wishes := make([]graphics.Wish, s.IntN(5))
		if s.chance(10) {
			wishes = make([]graphics.Wish, 256)
		}
		for i := range wishes {
			wishes[i] = graphics.Wish{Layer: s.number(8), Warp: s.affine(), Error: s.float(), Weight: s.float(), Least: s.float() / 40}
		}
		_, err := d.Plan(background, wishes, make([]graphics.Choice, len(wishes)))
		s.saw(err)
	default:
		s.saw(d.Blit(graphics.Blit{
			Dst: s.number(30), Src: s.number(30), DstRect: s.rect(), SrcRect: s.rect(), Flags: graphics.BlitFlags(s.IntN(1<<12)) & graphics.BlitFlags(s.IntN(1<<12)&s.IntN(1<<13)),
			Color: s.Uint32(), ROP: uint8(s.IntN(256)), Alpha: uint8(s.IntN(256)),
		}))
	}
}

func (s *storm) onSurface() {
	x := pick(s, s.surfaces)
	if x == nil {
		return
	}
	switch s.IntN(9) {
	case 0, 1:
		_, err := x.Lock(background, s.rect(), s.chance(2))
		s.saw(err)
	case 2:
		s.saw(x.Unlock(s.rect()))
	case 3:
		s.saw(x.Flip(background, s.number(3)))
	case 4:
		s.saw(x.SetPalette(background, pick(s, s.palettes)))
	case 5:
		s.saw(x.SetColorKey(s.chance(2), s.chance(2), s.number(9), s.number(9)))
	case 6:
		s.saw(x.SetClip(background, s.rects(1024)))
	case 7:
		s.saw(x.MakeLevels())
	case 8:
		m, err := x.Memory(background)
		s.saw(err)
		if err == nil {
			b := make([]byte, 512)
			for i := range b {
				b[i] = byte(s.Uint32())
			}
			_ = m.Put(s.number(20000), b) // it may lie behind the end
			m.Release()
		}
	}
}

func (s *storm) onRenderer() {
	r := pick(s, s.renderers)
	if r == nil {
		return
	}
	f, n, v := s.vertices()
	p := graphics.Primitive(s.IntN(8))
	var index []byte
	for range s.IntN(60) {
		index = binary.LittleEndian.AppendUint16(index, uint16(s.number(45)))
	}
	if s.chance(20) {
		index = append(index, 0)
	}
	switch s.IntN(20) {
	case 0, 1:
		s.saw(r.SetTarget(background, pick(s, s.surfaces), nil))
	case 2:
		s.saw(r.SetTarget(background, pick(s, s.surfaces), pick(s, s.surfaces)))
	case 3, 4:
		s.saw(r.SetState(s.number(180), s.number(16)))
	case 5:
		s.saw(r.SetStageState(s.number(4), s.number(30), s.number(16)))
	case 6, 7:
		s.saw(r.SetTexture(s.number(3), s.number(30)))
	case 8:
		s.saw(r.SetTransform(s.number(30), graphics.Matrix{M11: s.float(), M22: s.float(), M33: s.float(), M34: s.float(), M44: s.float(), M41: s.float(), M14: s.float()}))
	case 9:
		s.saw(r.SetViewport(graphics.Viewport{X: s.number(40), Y: s.number(40), Width: s.number(80), Height: s.number(80), MinZ: s.Float32(), MaxZ: s.float()}))
	case 10:
		s.saw(r.SetLight(s.number(66), graphics.Light{Type: graphics.LightType(s.IntN(5)), Diffuse: graphics.Color{R: s.float(), G: s.float()}, Position: graphics.Vector{X: s.float(), Z: s.float()}, Direction: graphics.Vector{Y: s.float()},
			Range: s.float(), Falloff: s.float(), Attenuation0: s.float(), Attenuation2: s.float(), Theta: s.float(), Phi: s.float()}))
		s.saw(r.EnableLight(s.number(66), s.chance(2)))
	case 11:
		s.saw(r.SetMaterial(graphics.Material{Diffuse: graphics.Color{R: s.float(), A: s.float()}, Power: s.float()}))
		s.saw(r.SetClipPlane(s.number(8), graphics.Plane{A: s.float(), B: s.float(), D: s.float()}))
	case 12, 13:
		s.saw(r.Clear(graphics.Clear{Flags: graphics.ClearFlags(s.IntN(9)), Color: s.Uint32(), Z: s.Float32(), Stencil: 7}, s.rects(64)))
	case 14, 15:
		s.saw(r.Draw(p, f, v))
	case 16:
		s.saw(r.DrawIndexed(p, f, v, index))
	case 17:
		s.saw(r.DrawBuffer(p, f, s.number(8), s.number(4), n))
		s.saw(r.DrawIndexedBuffer(p, f, s.number(8), s.number(4), n, index))
	case 18:
		s.saw(r.Fence(s.Uint64()))
		s.saw(r.EndScene())
	case 19:
		s.saw(r.Finish(background))
		_, err := r.Validate(background)
		s.saw(err)
	}
}

func (s *storm) onLayer() {
	l := pick(s, s.layers)
	if l == nil {
		return
	}
	switch s.IntN(8) {
	case 0:
		s.saw(l.SetMatrix(s.affine()))
	case 1:
		s.saw(l.SetColor(s.Uint32()))
	case 2:
		s.saw(l.SetDepth(s.int()))
	case 3:
		s.saw(l.Show(s.chance(2)))
	case 4:
		s.saw(l.SetClip(s.rect()))
	case 5:
		s.saw(l.SetSource(s.rect()))
	case 6:
		s.saw(l.Present(s.affine(), s.rect()))
	case 7:
		s.saw(l.SetRate(s.number(9)))
	}
}

func (s *storm) step() {
	switch s.IntN(14) {
	case 0, 1:
		s.create()
	case 2:
		if s.chance(2) {
			s.release()
		}
	case 3, 4, 5:
		s.onDevice()
	case 6, 7:
		s.onSurface()
	case 8, 9, 10, 11:
		s.onRenderer()
	case 12:
		s.onLayer()
	case 13:
		s.saw(s.flush())
	}
}

func (s *storm) end() {
	for _, l := range s.layers {
		l.Release()
	}
	for _, o := range s.surfaces {
		o.Release()
	}
	for _, o := range s.palettes {
		o.Release()
	}
	for _, o := range s.renderers {
		o.Release()
	}
	for _, o := range s.buffers {
		o.Release()
	}
	for _, o := range s.views {
		o.Release()
	}
	for _, o := range s.devices {
		o.Release()
	}
}

// canary is another client, whose surfaces nobody may touch.
type canary struct {
	t       *testing.T
	d       graphics.Device
	all     []graphics.Surface
	buffer  graphics.VertexBuffer
	content [][]byte
}

func newCanary(t *testing.T, card *hostdriver.Card) *canary {
	g, err := hostdriver.Bind(background, card, "/graphics", graphics.GraphicsType)
	must(t, err)
	defer g.Release()
	c := &canary{t: t}
	c.d, err = g.Open(background, graphics.DeviceOptions{Name: "canary"})
	must(t, err)
	for i := range 12 {
		o := graphics.SurfaceOptions{Width: 32, Height: 32, Format: graphics.Format(1 + i%6), Caps: graphics.CapTarget}
		x, err := c.d.CreateSurface(background, o)
		must(t, err)
		c.all = append(c.all, x)
	}
	c.buffer, err = c.d.CreateVertexBuffer(background, 4096)
	must(t, err)
	c.content = make([][]byte, len(c.all)+1)
	c.each(func(i int, m memory, size int) {
		b := make([]byte, size)
		for k := range b {
			b[k] = byte(k*7 + i*31 + 0x5a)
		}
		c.content[i] = b
		must(t, m.Put(0, b))
	})
	return c
}

type memory interface {
	com.Unknown
	Put(offset uint32, data []byte) error
}

func (c *canary) each(do func(i int, m memory, size int)) {
	for i, x := range c.all {
		info, err := x.Info(background)
		must(c.t, err)
		m, err := x.Memory(background)
		must(c.t, err)
		do(i, m, int(info.Pitch*info.Height))
		m.Release()
	}
	m, err := c.buffer.Memory(background)
	must(c.t, err)
	do(len(c.all), m, 4096)
	m.Release()
}

// check complains if anything of it was touched, and lets go of it.
func (c *canary) check() {
	for i, x := range c.all {
		m, err := x.Memory(background)
		must(c.t, err)
		got := make([]byte, len(c.content[i]))
		_, err = m.Get(background, 0, got)
		must(c.t, err)
		for k := range got {
			if got[k] != c.content[i][k] {
				c.t.Errorf("byte %d of another client's surface %d is %#x and was %#x", k, i, got[k], c.content[i][k])
				break
			}
		}
		m.Release()
		x.Release()
	}
	c.buffer.Release()
	c.d.Release()
}

// TestStorm has clients do whatever the contracts let them say, in any order, and
// looks at what another client has, and at what is left when they are gone.
func TestStorm(t *testing.T) {
	steps, seeds := 2000, 4
	if testing.Short() {
		steps, seeds = 1500, 2
	}
	for name, grants := range map[string]int{"shared": 32 << 20, "apart": 0} {
		t.Run(name, func(t *testing.T) {
			for seed := range seeds {
				r := newRig(t)
				bystander, _ := connect(r, grants)
				c := newCanary(t, bystander)
				card, kill := connect(r, grants)
				s := &storm{Rand: rand.New(rand.NewPCG(stormSeed, uint64(seed))), t: t, flush: func() error { return card.Flush(background) }, codes: map[com.Code]int{}}
				var err error
				s.g, err = hostdriver.Bind(background, card, "/graphics", graphics.GraphicsType)
				must(t, err)
				s.screen, err = hostdriver.Bind(background, card, "/screen", graphics.ScreenType)
				must(t, err)
				for range steps {
					s.step()
				}
				if s.codes[com.OK] < steps/3 || s.codes[com.ErrInvalid] == 0 {
					t.Errorf("a storm that hits nothing: %v", s.codes)
				}
				before := r.f.Status()
				if seed%2 == 0 {
					kill()
				} else {
					s.end()
					com.Release(s.g, s.screen)
				}
				must(t, r.p.RunFor(3*machine.Second))
				if st := r.f.Status(); len(st.Devices) != 1 || st.Screen.Exclusive != "" || st.Screen.Layers != 0 || st.Screen.Views != 0 {
					t.Errorf("seed %d left behind: %+v, of %+v", seed, st, before)
				}
				c.check()
				must(t, r.p.RunFor(machine.Second))
				if st := r.f.Status(); len(st.Devices) != 0 || st.Bytes != 0 {
					t.Errorf("left at the end: %+v", st)
				}
			}
		})
	}
}

const stormSeed = 1996
