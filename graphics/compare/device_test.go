package compare

import (
	"math"
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
	"github.com/mmlite/mmlite/graphics/render"
)

// device is a render.Renderer whose draws are sent to Mesa as well. What a draw
// means to OpenGL is read from the renderer's states when it is made.
type device struct {
	testing.TB
	*render.Renderer
	*bank
	surface blit.Surface
	depth   *render.Depth
	w       wire
	bias    float32 // of Mesa's levels of detail

	lights  [render.ActiveLights]graphics.Light
	shining [render.ActiveLights]bool
	planes  [render.ClipPlanes]graphics.Plane
	bound   [render.Stages]*texture
}

// team renders two chunks at once.
type team struct{}

func (team) Workers() int { return 2 }

func (team) Do(n int, work func(worker, i int)) {
	done := make(chan bool)
	go func() {
		for i := 1; i < n; i += 2 {
			work(1, i)
		}
		done <- true
	}()
	for i := 0; i < n; i += 2 {
		work(0, i)
	}
	<-done
}

func newDevice(t testing.TB, b *bank, f blit.Format, bias float32) *device {
	t.Helper()
	d := &device{TB: t, bank: b, bias: bias}
	var err error
	d.Renderer, err = render.New(render.Config{Width: sceneWidth, Height: sceneHeight, Team: team{}, Machine: host.New()})
	d.ok(err)
	d.depth, err = render.NewDepthStencil(sceneWidth, sceneHeight)
	d.ok(err)
	d.surface = blit.Surface{Pix: make([]byte, f.Bytes()*sceneWidth*sceneHeight), Pitch: f.Bytes() * sceneWidth, Width: sceneWidth, Height: sceneHeight, Format: f}
	d.ok(d.SetTarget(&d.surface, d.depth))
	d.w.beginScene(sceneWidth, sceneHeight, margin)
	d.clear(0xff203040, 1, 0)
	return d
}

func (d *device) ok(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// set sets states: number and value, one after the other.
func (d *device) set(states ...uint32) {
	d.Helper()
	for i := 0; i < len(states); i += 2 {
		d.ok(d.SetState(render.State(states[i]), states[i+1]))
	}
}

func (d *device) setFloat(s render.State, v float32) {
	d.Helper()
	d.ok(d.SetState(s, math.Float32bits(v)))
}

func (d *device) stage(i int, states ...uint32) {
	d.Helper()
	for k := 0; k < len(states); k += 2 {
		d.ok(d.SetStageState(i, render.StageState(states[k]), states[k+1]))
	}
}

func (d *device) matrix(t render.Transform, m matrix) {
	d.Helper()
	d.ok(d.SetTransform(t, m.card()))
}

func (d *device) clear(color uint32, z float32, stencil uint8) {
	d.Helper()
	d.ok(d.Clear(graphics.Clear{Flags: render.ClearTarget | render.ClearDepth | render.ClearStencil, Color: color, Z: z, Stencil: stencil}, nil))
	if !d.surface.Format.HasAlpha() {
		color |= 0xff000000 // what is not there counts as 1
	}
	d.w.clear(color, z, stencil)
}

func (d *device) light(i int, l graphics.Light) {
	d.Helper()
	d.ok(d.SetLight(i, l))
	d.ok(d.EnableLight(i, true))
	d.lights[i], d.shining[i] = l, true
}

func (d *device) plane(i int, p graphics.Plane) {
	d.Helper()
	d.ok(d.SetClipPlane(i, p))
	d.planes[i] = p
}

// bind has a stage read a texture, which must have been sent.
func (d *device) bind(stage int, t *texture) {
	d.Helper()
	if t.rendered == nil {
		var levels []render.Level
		for _, s := range t.levels {
			levels = append(levels, render.Level{Surface: s, Coding: t.coding})
		}
		var err error
		t.rendered, err = render.NewTexture(levels)
		d.ok(err)
		d.w.texture(t)
	}
	d.ok(d.SetTexture(stage, t.rendered))
	d.bound[stage] = t
}

// corner is a vertex before its transformation, as it stands in memory.
type corner struct {
	at, normal        [3]float32
	diffuse, specular uint32
	tex               [2][2]float32
}

const cornerFormat = render.XYZ | render.Normal | render.Diffuse | render.Specular | render.Tex2

func memory[T any](v []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(v[0])))
}

var primitives = map[render.Primitive]uint32{
	render.PointList: glPoints, render.LineList: glLines, render.LineStrip: glLineStrip,
	render.TriangleList: glTriangles, render.TriangleStrip: glTriangleStrip, render.TriangleFan: glTriangleFan,
}

// draw draws vertices, with indices if there are any.
func (d *device) draw(p render.Primitive, v []corner, index []uint16) {
	d.Helper()
	if index == nil {
		d.ok(d.Draw(p, cornerFormat, memory(v)))
	} else {
		d.ok(d.DrawIndexed(p, cornerFormat, memory(v), index))
	}
	pipe := d.pipeline()
	d.send(&pipe)
	d.sendMatrices()
	d.sendLights()
	out := make([]vertex, len(v))
	for i := range v {
		c := &v[i]
		o := &out[i]
		o.position = [4]float32{c.at[0], c.at[1], c.at[2], 1}
		o.normal = c.normal
		o.color = unit(c.diffuse)
		if d.secondSource() {
			o.color = unit(c.specular)
		}
		second := unit(c.specular)
		copy(o.second[:], second[:3])
		o.fog = second[3]
		if d.byRange() {
			o.fog = d.distance(c)
		}
		for k := range o.tex {
			// The third number is what Direct3D adds where a matrix has three rows.
			t := c.tex[d.stageValue(k, render.TexCoordIndex)&1]
			o.tex[k] = [4]float32{t[0], t[1], 1, 1}
		}
	}
	d.w.draw(primitives[p], index, out)
}

// drawPlaced draws transformed vertices.
func (d *device) drawPlaced(p render.Primitive, v []raster.Vertex) {
	d.Helper()
	d.ok(d.Draw(p, render.XYZRHW|render.Diffuse|render.Specular|render.Tex2, memory(v)))
	b := batch{Pipeline: d.pipeline()}
	d.send(&b.Pipeline)
	for i := range 2 {
		d.w.activeTexture(i)
		d.w.matrix(glTextureMatrix, &identity)
	}
	d.w.matrix(glModelView, &identity)
	d.w.matrix(glProjection, &identity)
	d.w.enable(glLighting, false)
	out := make([]vertex, len(v))
	for i := range v {
		out[i] = b.vertex(&v[i])
	}
	d.w.draw(primitives[p], nil, out)
}

// finish is what has been drawn. The device is not to be used after that.
func (d *device) finish() *picture {
	d.Helper()
	d.ok(d.Flush())
	d.w.endScene()
	p := newPicture(sceneWidth, sceneHeight)
	p.load(&d.surface)
	for i := range p.depth {
		p.depth[i], p.stencil[i] = d.depth.Get(i%sceneWidth, i/sceneWidth)
	}
	d.ok(d.Close())
	return p
}
