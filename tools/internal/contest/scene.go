package contest

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/render"
)

// Fills are the names of the tests of fill: Layers layers of a rotated quad in
// perspective that fills the picture, by what a pixel of it takes.
var Fills = []string{"flat", "flat depth", "Gouraud depth", "nearest", "bilinear", "bilinear Gouraud depth", "bilinear mipmap Gouraud depth",
	"bilinear mipmap Gouraud depth alpha", "trilinear Gouraud depth", "depth fails"}

// Layers is how often a frame of fill fills the picture.
const Layers = 16

// Areas are the mean sizes of the triangles of meshes, in pixels, and Meshes the
// names of what they are drawn with: a test is "AREA px NAME".
var (
	Areas  = []int{2, 10, 50, 200}
	Meshes = []string{"Gouraud depth", "bilinear depth", "bilinear mipmap Gouraud depth"}
)

// Vertices are the names of the tests of transform and lighting, each with the
// lights of those before it: of a mesh whose triangles are all culled.
var Vertices = []string{"transform", "directional light", "point light", "highlights"}

// background is what pictures are cleared to.
const background = 0x010203

// near and far planes of the projection.
const near, far = 0.5, 4

// scene is a picture and a renderer that draws on it.
type scene struct {
	r     *render.Renderer
	dst   *blit.Surface
	draws []draw
	again int // how often a frame draws them
	clear bool
}

// draw is one batch.
type draw struct {
	primitive render.Primitive
	format    render.Format
	vertices  []byte
	indices   []uint16
}

func scenes(tests map[string]func() (*job, error), team render.Team) {
	add := func(name string, fill func(s *scene) error) {
		tests[name] = func() (*job, error) { return newScene(name, team, fill) }
	}
	for _, name := range Fills {
		add(name, func(s *scene) error { s.quad(name); return nil })
	}
	for _, area := range Areas {
		for _, name := range Meshes {
			add(fmt.Sprintf("%d px %s", area, name), func(s *scene) error { s.mesh(area, format(name)); return nil })
		}
	}
	for lights, name := range Vertices {
		add(name, func(s *scene) error { return s.lit(lights, render.CullCCW) })
		add("seen "+name, func(s *scene) error { return s.lit(lights, render.CullNone) })
	}
}

func newScene(name string, team render.Team, fill func(*scene) error) (*job, error) {
	s := &scene{dst: surface(blit.XRGB8888, Width, Height, 5), again: 1}
	var err error
	if s.r, err = render.New(render.Config{Width: Width, Height: Height, Team: team}); err != nil {
		return nil, err
	}
	depth, err := render.NewDepth(Width, Height)
	if err != nil {
		return nil, err
	}
	// GL's pixel centres lie half a pixel farther right and down.
	project := graphics.Matrix{M11: 1, M22: 1, M31: -1. / Width, M32: 1. / Height, M33: far / (far - near), M34: 1, M43: -near * far / (far - near)}
	for _, err := range []error{s.r.SetTarget(s.dst, depth), s.r.SetTransform(render.Projection, &project), s.states(name), s.wipe(), fill(s)} {
		if err != nil {
			return nil, err
		}
	}
	fresh := func() { _ = s.wipe() } // it has worked before
	return &job{frame: s.frame, fresh: fresh, picture: func() []byte { return s.dst.Pix }}, nil
}

func (s *scene) wipe() error {
	return s.r.Clear(graphics.Clear{Flags: render.ClearTarget | render.ClearDepth, Color: background, Z: 1}, nil)
}

func (s *scene) frame() error {
	if s.clear {
		if err := s.wipe(); err != nil {
			return err
		}
	}
	for range s.again {
		for i := range s.draws {
			d := &s.draws[i]
			var err error
			if d.indices == nil {
				err = s.r.Draw(d.primitive, d.format, d.vertices)
			} else {
				err = s.r.DrawIndexed(d.primitive, d.format, d.vertices, d.indices)
			}
			if err != nil {
				return err
			}
		}
	}
	return s.r.Flush()
}

// format is what a test needs of vertices.
func format(name string) render.Format {
	textured := strings.Contains(name, "linear") || strings.Contains(name, "nearest") || name == "depth fails"
	f := render.XYZ
	if !textured || strings.Contains(name, "Gouraud") {
		f |= render.Diffuse
	}
	if textured {
		f |= render.Tex1
	}
	return f
}

// states sets up what a test draws with, by its name.
func (s *scene) states(name string) error {
	has := func(what string) bool { return strings.Contains(name, what) }
	var errs []error
	set := func(k render.State, v uint32) { errs = append(errs, s.r.SetState(k, v)) }
	stage := func(k render.StageState, v uint32) { errs = append(errs, s.r.SetStageState(0, k, v)) }
	set(render.Lighting, 0)
	set(render.CullMode, render.CullNone)
	if strings.HasPrefix(name, "flat") {
		set(render.ShadeMode, render.ShadeFlat)
	}
	if !has("depth") {
		set(render.ZEnable, 0)
	}
	if name == "depth fails" {
		set(render.ZFunc, 5)
	}
	if has("alpha") {
		set(render.AlphaBlendEnable, 1)
		set(render.SrcBlend, 5)
		set(render.DestBlend, 6)
	}
	if format(name)&render.Tex1 != 0 {
		levels, filter, mip, op := 1, uint32(2), uint32(1), uint32(2)
		switch {
		case has("trilinear"):
			levels, mip = 9, 3
		case has("mipmap"):
			levels, mip = 9, 2
		case has("nearest"):
			filter = 1
		}
		if has("Gouraud") {
			op = 4
		}
		stage(render.MagFilter, filter)
		stage(render.MinFilter, filter)
		stage(render.MipFilter, mip)
		stage(render.ColorOp, op)
		stage(render.AlphaOp, op)
		t, err := render.NewTexture(texture(levels))
		errs = append(errs, err, s.r.SetTexture(0, t))
	} else {
		stage(render.ColorOp, 1)
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// texture is 256 by 256, with each level the means of the one above.
func texture(levels int) (all []render.Level) {
	for l, size := 0, 256; l < levels; l, size = l+1, size/2 {
		s := blit.Surface{Pix: make([]byte, size*size*4), Pitch: 4 * size, Width: size, Height: size, Format: blit.ARGB8888}
		for i := range size * size {
			x, y := i%size, i/size
			c := 0xa0000000 | uint32(x<<16|y<<8|x^y)
			if l > 0 {
				c = 0
				up := all[l-1].Pix
				for k := range 4 {
					sum := 2
					for _, at := range [4]int{0, 4, 8 * size, 8*size + 4} {
						sum += int(up[y*16*size+x*8+at+k])
					}
					c |= uint32(sum/4) << (8 * k)
				}
			}
			binary.LittleEndian.PutUint32(s.Pix[4*i:], c)
		}
		all = append(all, render.Level{Surface: s})
	}
	return all
}

// vertex is one of a mesh.
type vertex struct {
	x, y, z float32
	normal  [3]float32
	colour  uint32
	tu, tv  float32
}

// pack lays vertices out in a format.
func pack(v []vertex, f render.Format) (b []byte) {
	put := func(all ...float32) {
		for _, x := range all {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
	for i := range v {
		p := &v[i]
		put(p.x, p.y, p.z)
		if f&render.Normal != 0 {
			put(p.normal[:]...)
		}
		if f&render.Diffuse != 0 {
			b = binary.LittleEndian.AppendUint32(b, p.colour)
		}
		if f&render.Tex1 != 0 {
			put(p.tu, p.tv)
		}
	}
	return b
}

// quad is the rotated quad, w from 1 to 2.
func (s *scene) quad(name string) {
	var q [4]vertex
	for i := range q {
		x, y, w := float32(i&1*2-1), float32(i>>1*2-1), float32(i>>1+1)
		x, y = x*1.6+y*.2, y*1.6-x*.2
		q[i] = vertex{x: x * w, y: y * w, z: w, colour: [4]uint32{0xa0283cff, 0xa0ff3c50, 0xa028ff50, 0xa0ffffff}[i],
			tu: (x*.5+.5)*Width/256*1.4 + .13, tv: (y*.5+.5)*Height/256*1.4 + .21}
	}
	f := format(name)
	s.draws, s.again = []draw{{render.TriangleStrip, f, pack(q[:], f), nil}}, Layers
}
