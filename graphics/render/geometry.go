package render

import (
	"encoding/binary"
	"math"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/raster"
)

// block is how many vertices are in work at once: what they need stays in the
// first cache.
const block = 64

// lane is one number of each vertex of a block.
type lane [block]float32

// lanes are the vertices of a block, number by number. Vector functions know that
// the lanes of an array follow each other.
type lanes struct {
	model           [3]lane // positions as given
	clip            [4]lane
	eye             [3]lane // view coordinates
	normal          [3]lane // of length 1 where that is asked for, in view coordinates
	viewer          [3]lane // towards the viewer
	light           [3]lane // towards a light
	fade            lane    // of a light by its distance and cone
	dot, shine      lane
	ambient         [3]lane // light that has come in
	diffuse, glossy [3]lane
	color           [4]lane // of the vertex: red, green, blue, alpha
	second          [4]lane
	front, back     [block]uint32 // colours that come of it
	*tints
}

// tints are lanes that stay the same from block to block.
type tints struct {
	flat [4][4]lane // the material's colours, in the order of its fields
	rest [3]lane    // ambient light that reaches everything
	ones lane
	none [4]lane
	far  [3]lane // towards a viewer who is far away
}

// The material's colours, by their place in tints.flat.
const (
	ofDiffuse = iota
	ofAmbient
	ofSpecular
	ofEmissive
)

func (l *tints) init() {
	for i := range block {
		l.ones[i], l.far[2][i] = 1, -1
	}
}

// paint takes over a material and the light that is everywhere.
func (l *tints) paint(m *graphics.Material, rest *[3]float32) {
	for k, v := range rest {
		for i := range l.rest[k] {
			l.rest[k][i] = v
		}
	}
	for k, c := range [4]graphics.Color{ofDiffuse: m.Diffuse, ofAmbient: m.Ambient, ofSpecular: m.Specular, ofEmissive: m.Emissive} {
		for j, v := range [4]float32{c.R, c.G, c.B, c.A} {
			for i := range l.flat[k][j] {
				l.flat[k][j][i] = v
			}
		}
	}
}

// spot is where a vertex is, for assembling: in sub-pixels, with the planes it
// is behind.
type spot struct {
	x, y int32
	code uint32
}

// What a vertex may be behind. The planes of ClipPlaneEnable follow.
const (
	beyondLeft = 1 << iota
	beyondRight
	beyondBottom
	beyondTop
	beyondNear
	beyondFar
	beyondGuard // out of the rasterizer's reach, or w is not above zero
	noNumber    // never to be drawn
	beyondPlane

	// Who has all corners behind one of these is not seen.
	outside   = view | (1<<ClipPlanes-1)*beyondPlane
	needsClip = beyondNear | beyondFar | beyondGuard | (1<<ClipPlanes-1)*beyondPlane
	view      = beyondLeft | beyondRight | beyondBottom | beyondTop | beyondNear | beyondFar
)

// geometry is vertices between coming in and being put into bins. But for used and
// the vertices, nothing of it changes while several are at work on a draw.
type geometry struct {
	place    placing
	tints    *tints
	layout   layout
	vertices []raster.Vertex // gathered since the last flush
	spots    []spot          // those of the draw being done
	format   Format
	used     atomic.Int32
	base     int    // where the vertices being drawn begin
	end      int    // and end, but for what clipping adds
	first    int    // which of the source they are
	source   []byte // and what they came from
	plan     plan
}

// plan is what a draw does to its vertices.
type plan struct {
	transformed    bool
	lit            bool
	eye            bool // view coordinates are needed
	viewer         bool // as is the way to the viewer
	unit           bool // normals are to be made of length 1
	gloss          bool // specular light is to be computed
	front, back    bool // the vertex has colours
	colors         bool // which the light needs
	fog            bool
	diffuseSource  uint32
	ambientSource  uint32
	specularSource uint32
	emissiveSource uint32
	textured       int // stages that are on, and so need coordinates
	coords         [Stages]uint32
	transform      [Stages]uint32 // TransformFlags
	normals        bool
}

func (g *geometry) init(c *Config) {
	g.tints = new(tints)
	g.tints.init()
	g.vertices = make([]raster.Vertex, c.Vertices)
	g.spots = make([]spot, MaxVertices, MaxVertices+1) // see projectFast
}

// prepare plans a draw of vertices of the layout.
func (r *Renderer) prepare() {
	g := &r.geometry
	if r.dirty&dirtyMatrix != 0 {
		r.place()
	}
	if r.dirty&(dirtyLights|dirtyMatrix) != 0 {
		r.light()
	}
	r.dirty &^= dirtyMatrix | dirtyLights
	l, p := &g.layout, &g.plan
	*p = plan{transformed: l.transformed, front: l.diffuse >= 0, back: l.specular >= 0}
	for i := range p.coords {
		p.coords[i] = r.stages[i][TexCoordIndex]
		p.transform[i] = r.stages[i][TransformFlags]
		if p.textured == i && r.stages[i][ColorOp] > 1 {
			p.textured++
		}
	}
	if l.transformed {
		return
	}
	made := false
	for i := range p.coords {
		if p.coords[i]>>16 != 0 && r.stages[i][ColorOp] > 1 {
			made = true
		}
	}
	p.lit = r.on(Lighting)
	p.fog = r.lights.fog.mode != FogNone
	p.eye = p.fog || made
	p.viewer = made
	if p.lit {
		source := func(s State) uint32 {
			v := r.states[s]
			if !r.on(ColorVertex) || v == FromColor1 && !p.front || v == FromColor2 && !p.back {
				return FromMaterial
			}
			return v
		}
		p.diffuseSource, p.ambientSource = source(DiffuseSource), source(AmbientSource)
		p.specularSource, p.emissiveSource = source(SpecularSource), source(EmissiveSource)
		p.gloss = r.on(SpecularEnable)
		p.colors = p.back || p.diffuseSource|p.ambientSource|p.specularSource|p.emissiveSource != FromMaterial
		for i := range r.lights.count {
			p.eye = p.eye || r.lights.ready[i].kind != graphics.DirectionalLight
		}
		if p.gloss && r.on(LocalViewer) {
			p.eye, p.viewer = true, true
		}
	}
	p.normals = (p.lit || made) && l.normal >= 0
	p.unit = r.on(NormalizeNormals)
}

func loadFloat(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }

// transform does the draw's vertices from one to before another.
func (f *front) transform(from, to int) {
	for at := from; at < to; at += block {
		f.transformBlock(at, min(to-at, block), at+block < to)
		if at&2047 == 0 {
			f.r.checkpoint()
		}
	}
}

// transformBlock does n vertices from vertex at on. The spot behind them may be
// written over if more of them follow.
func (f *front) transformBlock(at, n int, more bool) {
	r, l := f.r, &f.l
	g := &r.geometry
	p := &g.plan
	src := g.source[(g.first+at)*g.layout.stride:]
	out, spots := g.vertices[g.base+at:g.base+at+n], g.spots[at:at+n]
	if !more {
		spots = g.spots[at : at+n : at+n]
	}
	if p.transformed {
		g.takeTransformed(src, out, spots)
	} else {
		fetch(&l.model, src, g.layout.stride, n)
		toClip(&l.clip, &l.model, &g.place.clip, n)
		g.project(&l.clip, out, spots)
		if g.place.planes != 0 {
			g.testPlanes(&l.model, spots)
		}
		if p.eye {
			toEye(&l.eye, &l.model, &g.place.eye, n)
		}
		if p.normals {
			fetch(&l.normal, src[g.layout.normal:], g.layout.stride, n)
			turn(&l.normal, &l.normal, &g.place.normal, n)
			if p.unit {
				unitLanes(&l.normal, &l.normal, 0, n)
			}
		}
		if p.viewer {
			unitLanes(&l.viewer, &l.eye, 1<<31, n)
		}
	}
	g.colors(l, src, out)
	if p.lit {
		f.shade(n)
		scatter(out, &l.front, &l.back)
	}
	if p.fog {
		r.lights.fog.vertices(&l.eye, out)
	}
	for i := range p.textured {
		g.coordinates(l, src, i, out, &r.texture[i])
	}
}

// colors takes the vertices' own colours: white and black where there are none,
// and no fog.
func (g *geometry) colors(made *lanes, src []byte, out []raster.Vertex) {
	l := &g.layout
	if g.plan.lit && !g.plan.colors {
		return // they are all made by light
	}
	at := 0
	for i := range out {
		v := &out[i]
		v.Diffuse, v.Specular = 0xffffffff, 0xff000000
		if l.diffuse >= 0 {
			v.Diffuse = binary.LittleEndian.Uint32(src[at+l.diffuse:])
		}
		if l.specular >= 0 {
			v.Specular = binary.LittleEndian.Uint32(src[at+l.specular:])
		}
		if g.plan.lit {
			unpack(v.Diffuse, &made.color, i)
			unpack(v.Specular, &made.second, i)
		}
		at += l.stride
	}
}

func unpack(c uint32, to *[4]lane, i int) {
	const f = float32(1) / 255
	to[0][i] = float32(c>>16&255) * f
	to[1][i] = float32(c>>8&255) * f
	to[2][i] = float32(c&255) * f
	to[3][i] = float32(c>>24) * f
}

// coordinates makes those of a texture stage.
func (g *geometry) coordinates(from *lanes, src []byte, stage int, out []raster.Vertex, m *matrix) {
	l, p := &g.layout, &g.plan
	index := p.coords[stage]
	flags := p.transform[stage]
	if index>>16 == 0 && flags == TransformOff {
		set := int(index)
		if set >= l.sets {
			for i := range out {
				out[i].Tex[stage] = [2]float32{}
			}
			return
		}
		at := l.set[set]
		if l.size[set] == 1 {
			for i := range out {
				out[i].Tex[stage] = [2]float32{loadFloat(src[at:]), 0}
				at += l.stride
			}
			return
		}
		for i := range out {
			b := src[at : at+8]
			out[i].Tex[stage] = [2]float32{loadFloat(b), loadFloat(b[4:])}
			at += l.stride
		}
		return
	}
	for i := range out {
		out[i].Tex[stage] = g.made(from, src[i*l.stride:], i, index, flags, m)
	}
}

// made is a coordinate that has to be computed.
func (g *geometry) made(v *lanes, src []byte, i int, index, flags uint32, m *matrix) [2]float32 {
	l := &g.layout
	// Coordinates that a vertex has fewer of end with a one.
	c := [4]float32{0, 0, 0, 1}
	switch index & 0xffff0000 {
	case 0:
		set := int(index)
		if set < l.sets {
			n := l.size[set]
			for k := range n {
				c[k] = loadFloat(src[l.set[set]+4*k:])
			}
			if n < 4 {
				c[3] = 0
				c[n] = 1
			}
		}
	case CoordCameraNormal:
		c = [4]float32{v.normal[0][i], v.normal[1][i], v.normal[2][i], 1}
	case CoordCameraPosition:
		c = [4]float32{v.eye[0][i], v.eye[1][i], v.eye[2][i], 1}
	case CoordCameraReflection:
		nx, ny, nz := v.normal[0][i], v.normal[1][i], v.normal[2][i]
		vx, vy, vz := v.viewer[0][i], v.viewer[1][i], v.viewer[2][i]
		d := float32(nx*vx) + float32(ny*vy)
		d = 2 * (d + float32(nz*vz))
		c = [4]float32{float32(d*nx) - vx, float32(d*ny) - vy, float32(d*nz) - vz, 1}
	}
	if flags == TransformOff {
		return [2]float32{c[0], c[1]}
	}
	var t [3]float32
	for j := range t {
		s := float32(c[0]*m[0][j]) + float32(c[1]*m[1][j])
		t[j] = s + (float32(c[2]*m[2][j]) + float32(c[3]*m[3][j]))
	}
	if flags&Projected != 0 {
		return [2]float32{t[0] / t[2], t[1] / t[2]}
	}
	return [2]float32{t[0], t[1]}
}

func floatOf(v uint32) float32 { return math.Float32frombits(v) }
