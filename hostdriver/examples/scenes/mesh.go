package scenes

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver/d3d"
	"github.com/mmlite/mmlite/hostdriver/examples/scenes/obj"
)

//go:embed jug.obj
var jug []byte

// Mesh is a lit and textured mesh on a floor, with its shadow and its reflection.
type Mesh struct {
	// File is the OBJ file, and nil the jug that comes along.
	File io.Reader

	stage   *Stage
	device  graphics.Device
	front   graphics.Surface
	back    graphics.Surface
	depth   graphics.Surface
	d       *d3d.Device
	glaze   *d3d.Texture
	tiles   *d3d.Texture
	shadow  *d3d.Texture
	mesh    *d3d.VertexBuffer
	indices []uint16
	above   []byte  // the sky: darker towards the top of the screen
	size    float32 // half of the mesh's height, once it fits
	frames  uint64
}

// Title implements Scene.
func (m *Mesh) Title() string { return "a mesh, lit and textured" }

// Text implements Scene.
func (m *Mesh) Text() []string {
	return []string{
		"A jug from an OBJ file: a vertex buffer on the card, two lights, a texture with",
		"levels, fog on the floor. The floor is blended over the jug's mirror image. The",
		"card transforms, lights, clips and draws; the host says what to draw.",
	}
}

// Open implements Scene.
func (m *Mesh) Open(ctx context.Context, s *Stage) (err error) {
	m.stage = s
	if err = m.make(ctx); err != nil {
		m.Close()
	}
	return err
}

func (m *Mesh) make(ctx context.Context) (err error) {
	if m.device, err = m.stage.device(ctx, "mesh"); err != nil {
		return err
	}
	surface := func(o graphics.SurfaceOptions) graphics.Surface {
		if err != nil {
			return nil
		}
		var x graphics.Surface
		x, err = m.device.CreateSurface(ctx, o)
		return x
	}
	w, h := m.stage.Info.Width, m.stage.Info.Height
	m.front = surface(graphics.SurfaceOptions{Caps: graphics.CapPrimary | graphics.CapTarget, BackBuffers: 1})
	m.depth = surface(graphics.SurfaceOptions{Caps: graphics.CapDepth, Format: graphics.Depth16, Width: w, Height: h})
	if err != nil {
		return err
	}
	if m.back, err = m.front.Attached(ctx, 1); err != nil {
		return err
	}
	if m.d, err = d3d.Open(ctx, m.stage.Card, m.device); err != nil {
		return err
	}
	if err = m.d.SetRenderTarget(ctx, m.back, m.depth); err != nil {
		return err
	}
	if err = m.load(ctx); err != nil {
		return err
	}
	for _, t := range []struct {
		to    **d3d.Texture
		size  int
		alpha bool
		paint func(u, v float64) (color [4]float64)
	}{{&m.glaze, 256, false, paintGlaze}, {&m.tiles, 128, false, paintTiles}, {&m.shadow, 64, true, paintShadow}} {
		if *t.to, err = m.texture(ctx, t.size, t.alpha, t.paint); err != nil {
			return err
		}
	}
	const top, down = 0xff0b0e18, 0.6
	right, below := float32(w), down*float32(h)
	m.above = d3d.Bytes([]d3d.TLVertex{{Z: 1, RHW: 1, Color: top}, {X: right, Z: 1, RHW: 1, Color: top},
		{Y: below, Z: 1, RHW: 1, Color: fogColor}, {X: right, Y: below, Z: 1, RHW: 1, Color: fogColor}})
	return m.states()
}

// load reads the mesh and puts it into a buffer on the card. Files have their z axis
// towards who looks; Direct3D has it away from there, so triangles still go round
// against the clock, which is the side that it does not cull by CullCW.
func (m *Mesh) load(ctx context.Context) error {
	file := m.File
	if file == nil {
		file = bytes.NewReader(jug)
	}
	mesh, err := obj.Read(file)
	if err != nil {
		return err
	}
	low, high := mesh.Vertices[0].Place, mesh.Vertices[0].Place
	for _, v := range mesh.Vertices {
		for k := range 3 {
			low[k], high[k] = min(low[k], v.Place[k]), max(high[k], v.Place[k])
		}
	}
	extent := max(high[0]-low[0], high[1]-low[1], high[2]-low[2])
	if !(extent > 0) {
		return fmt.Errorf("scenes: a mesh without extent")
	}
	z := 2 / extent
	m.size = (high[1] - low[1]) / 2 * z
	vertices := make([]d3d.Vertex, len(mesh.Vertices))
	for i, v := range mesh.Vertices {
		at := func(k int) float32 { return (v.Place[k] - (low[k]+high[k])/2) * z }
		vertices[i] = d3d.Vertex{X: at(0), Y: at(1), Z: -at(2), NX: v.Normal[0], NY: v.Normal[1], NZ: -v.Normal[2], TU: v.U, TV: -v.V}
	}
	m.indices = mesh.Indices
	if m.mesh, err = m.d.CreateVertexBuffer(ctx, d3d.FVFVertex, len(vertices)); err != nil {
		return err
	}
	mem, err := m.mesh.Lock(ctx, 0)
	if err != nil {
		return err
	}
	copy(mem, d3d.Bytes(vertices))
	return m.mesh.Unlock()
}

// texture makes one from colours, red to alpha from 0 to 1, with all its levels.
func (m *Mesh) texture(ctx context.Context, size int, alpha bool, paint func(u, v float64) [4]float64) (*d3d.Texture, error) {
	f := graphics.XRGB8888
	if alpha {
		f = graphics.ARGB8888
	}
	levels := uint32(math.Log2(float64(size))) + 1
	t, err := m.d.CreateTexture(ctx, d3d.TextureDesc{Width: uint32(size), Height: uint32(size), Format: f, Levels: levels})
	if err != nil {
		return nil, err
	}
	pix := make([]byte, 4*size*size)
	for i := range size * size {
		c := paint((float64(i%size)+0.5)/float64(size), (float64(i/size)+0.5)/float64(size))
		v := uint32(0)
		for k, shift := range [4]int{16, 8, 0, 24} {
			v |= uint32(255*min(max(c[k], 0), 1)+0.5) << shift
		}
		binary.LittleEndian.PutUint32(pix[4*i:], v)
	}
	if err = t.Load(ctx, 0, pix, 4*size); err == nil {
		err = t.MakeLevels()
	}
	if err != nil {
		t.Release()
		return nil, err
	}
	return t, nil
}

// paintGlaze is bands of leaves and dots, which repeat four times round the jug.
func paintGlaze(u, v float64) [4]float64 {
	base := [4]float64{0.93, 0.88, 0.76, 1}
	blue := [4]float64{0.12, 0.22, 0.55, 1}
	rust := [4]float64{0.72, 0.32, 0.16, 1}
	y := math.Mod(v, 0.25) * 4
	switch band := int(v * 4); {
	case v > 0.74: // foot and rim
		if math.Abs(v-0.78) < 0.012 {
			return blue
		}
		return base
	case math.Abs(y-0.05) < 0.04 || math.Abs(y-0.95) < 0.02:
		return blue
	case band%2 == 0: // a tendril with leaves
		s := 0.5 + 0.22*math.Sin(2*math.Pi*u*2)
		if math.Abs(y-s) < 0.035 {
			return blue
		}
		du, dy := math.Mod(u*4, 1)-0.5, y-0.5-0.25*math.Cos(2*math.Pi*math.Floor(u*4)/2)
		if du*du*4+dy*dy*16 < 0.25 {
			return rust
		}
	default: // dots
		du, dy := math.Mod(u*8, 1)-0.5, y-0.5
		if r := du*du + dy*dy*4; r < 0.1 {
			return rust
		} else if r < 0.16 {
			return blue
		}
	}
	return base
}

// paintTiles is two by two tiles with joints.
func paintTiles(u, v float64) [4]float64 {
	c := 0.75
	if (u < 0.5) == (v < 0.5) {
		c = 0.3
	}
	if du, dv := math.Mod(u, 0.5), math.Mod(v, 0.5); min(du, dv, 0.5-du, 0.5-dv) < 0.012 {
		c = 0.15
	}
	return [4]float64{c, c * 0.97, c * 0.9, 1}
}

// paintShadow is black, and less and less of it.
func paintShadow(u, v float64) [4]float64 {
	r := math.Hypot(u-0.5, v-0.5) * 2
	return [4]float64{0, 0, 0, 0.75 * math.Pow(max(1-r, 0), 0.8)}
}

// fogColor is that of the distance.
const fogColor = 0xff3c4258

// states sets what never changes.
func (m *Mesh) states() error {
	w, h := float64(m.stage.Info.Width), float64(m.stage.Info.Height)
	var err error
	do := func(e error) {
		if err == nil {
			err = e
		}
	}
	for _, s := range []struct {
		state d3d.RenderState
		value uint32
	}{
		{d3d.Lighting, 1}, {d3d.SpecularEnable, 1}, {d3d.NormalizeNormals, 1}, {d3d.LocalViewer, 1}, {d3d.Ambient, 0xff303038},
		{d3d.FogColor, fogColor}, {d3d.FogVertexMode, d3d.FogLinear},
		{d3d.SrcBlend, d3d.BlendSrcAlpha}, {d3d.DestBlend, d3d.BlendInvSrcAlpha},
	} {
		do(m.d.SetRenderState(s.state, s.value))
	}
	do(m.d.SetRenderFloat(d3d.FogStart, 4))
	do(m.d.SetRenderFloat(d3d.FogEnd, 11))
	for _, s := range []struct {
		state d3d.StageState
		value uint32
	}{{d3d.MagFilter, d3d.FilterLinear}, {d3d.MinFilter, d3d.FilterLinear}, {d3d.MipFilter, d3d.MipLinear}} {
		do(m.d.SetTextureStageState(0, s.state, s.value))
	}
	do(m.d.SetTransform(d3d.Projection, d3d.Perspective(0.8, w/h, 0.5, 30)))
	do(m.d.SetLight(0, graphics.Light{Type: graphics.DirectionalLight, Diffuse: graphics.Color{R: 0.9, G: 0.85, B: 0.75},
		Specular: graphics.Color{R: 0.8, G: 0.8, B: 0.8}, Direction: graphics.Vector{X: 0.5, Y: -0.8, Z: 0.6}}))
	do(m.d.LightEnable(0, true))
	do(m.d.LightEnable(1, true))
	return err
}

// Frame implements Scene.
func (m *Mesh) Frame(ctx context.Context, t Tick) error {
	var err error
	do := func(e error) {
		if err == nil {
			err = e
		}
	}
	d := m.d
	do(d.BeginScene())
	do(d.Clear(nil, d3d.ClearTarget|d3d.ClearZBuffer, fogColor, 1, 0))
	do(d.SetTexture(0, nil))
	do(d.SetRenderState(d3d.ZWriteEnable, 0))
	do(d.SetRenderState(d3d.CullMode, d3d.CullNone))
	do(d.DrawPrimitive(d3d.TriangleStrip, d3d.FVFTLVertex, m.above))
	do(d.SetRenderState(d3d.ZWriteEnable, 1))
	sin, cos := math.Sincos(0.35 * t.Time)
	do(d.SetTransform(d3d.View, d3d.LookAt(
		graphics.Vector{X: float32(3.6 * sin), Y: float32(1.5 + 0.4*math.Sin(0.5*t.Time)), Z: float32(-3.6 * cos)},
		graphics.Vector{Y: m.size * 0.85}, graphics.Vector{Y: 1})))
	sin, cos = math.Sincos(1.7 * t.Time)
	lamp := graphics.Light{Type: graphics.PointLight, Diffuse: graphics.Color{R: 1, G: 0.45, B: 0.15}, Specular: graphics.Color{R: 1, G: 0.6, B: 0.3},
		Position: graphics.Vector{X: float32(1.9 * cos), Y: 1.4, Z: float32(1.9 * sin)}, Range: 12, Attenuation0: 0.4, Attenuation2: 0.25}
	do(d.SetLight(1, lamp))
	turn := d3d.RotateY(0.6 * t.Time)
	// A hair above the floor, or foot and mirror image would fight with it for pixels.
	stand := d3d.Multiply(turn, d3d.Translate(0, m.size+0.01, 0))
	// The mirror image, whose triangles go round the other way.
	do(m.material(1, 40))
	do(d.SetTexture(0, m.glaze))
	do(d.SetRenderState(d3d.CullMode, d3d.CullCCW))
	do(d.SetTransform(d3d.World, d3d.Multiply(stand, d3d.Scale(1, -1, 1))))
	do(d.DrawIndexedPrimitiveVB(d3d.TriangleList, m.mesh, 0, m.mesh.Len(), m.indices))
	// The floor over it, and the shadow.
	do(d.SetRenderState(d3d.CullMode, d3d.CullNone))
	do(d.SetRenderState(d3d.AlphaBlendEnable, 1))
	do(d.SetRenderState(d3d.FogEnable, 1))
	do(m.material(0.78, 0))
	do(d.SetTransform(d3d.World, d3d.Identity))
	do(d.SetTextureStageState(0, d3d.AlphaOp, d3d.OpModulate))
	do(d.SetTexture(0, m.tiles))
	do(d.DrawPrimitive(d3d.TriangleList, d3d.FVFVertex, floor))
	do(d.SetRenderState(d3d.FogEnable, 0))
	do(d.SetTextureStageState(0, d3d.AlphaOp, d3d.OpSelectArg1))
	do(d.SetTexture(0, m.shadow))
	do(d.SetRenderState(d3d.ZWriteEnable, 0))
	do(d.SetRenderState(d3d.ZFunc, d3d.CmpAlways))
	do(d.SetTransform(d3d.World, d3d.Translate(0.35, 0, 0.42)))
	do(d.DrawPrimitive(d3d.TriangleStrip, d3d.FVFVertex, blot))
	do(d.SetRenderState(d3d.ZFunc, d3d.CmpLessEqual))
	do(d.SetRenderState(d3d.ZWriteEnable, 1))
	do(d.SetRenderState(d3d.AlphaBlendEnable, 0))
	// The thing itself.
	do(m.material(1, 40))
	do(d.SetTexture(0, m.glaze))
	do(d.SetRenderState(d3d.CullMode, d3d.CullCW))
	do(d.SetTransform(d3d.World, stand))
	do(d.DrawIndexedPrimitiveVB(d3d.TriangleList, m.mesh, 0, m.mesh.Len(), m.indices))
	do(d.EndScene())
	if err != nil {
		return err
	}
	m.frames++
	return m.front.Flip(ctx, 1)
}

// material is white, so opaque, with a gloss that is the smaller the higher its power.
func (m *Mesh) material(alpha, power float32) error {
	white := graphics.Color{R: 1, G: 1, B: 1, A: alpha}
	gloss := graphics.Color{}
	if power > 0 {
		gloss = graphics.Color{R: 0.7, G: 0.7, B: 0.7}
	}
	return m.d.SetMaterial(graphics.Material{Diffuse: white, Ambient: white, Specular: gloss, Power: power})
}

// floor is 12 by 12 squares of the plane y = 0, since light is computed at corners;
// blot is a square on it for the shadow.
var (
	floor = func() []byte {
		const n, size = 12, 20.
		var all []d3d.Vertex
		at := func(i, j int) d3d.Vertex {
			x, z := (float64(i)/n-0.5)*size, (float64(j)/n-0.5)*size
			return d3d.Vertex{X: float32(x), Z: float32(z), NY: 1, TU: float32(x), TV: float32(z)}
		}
		for i := range n {
			for j := range n {
				all = append(all, at(i, j), at(i, j+1), at(i+1, j), at(i+1, j), at(i, j+1), at(i+1, j+1))
			}
		}
		return d3d.Bytes(all)
	}()
	blot = d3d.Bytes([]d3d.Vertex{{X: -1.2, Z: -1.2, NY: 1}, {X: -1.2, Z: 1.2, NY: 1, TV: 1}, {X: 1.2, Z: -1.2, NY: 1, TU: 1}, {X: 1.2, Z: 1.2, NY: 1, TU: 1, TV: 1}})
)

// Figures implements Scene.
func (m *Mesh) Figures() string {
	i, err := m.d.Info(context.Background())
	if err != nil {
		return err.Error()
	}
	n := max(m.frames, 1)
	return fmt.Sprintf("%d triangles and %d vertices a frame, drawn by %s", i.Triangles/n, i.Vertices/n, i.Loop)
}

// Close implements Scene.
func (m *Mesh) Close() {
	if m.mesh != nil {
		m.mesh.Release()
	}
	for _, t := range []*d3d.Texture{m.glaze, m.tiles, m.shadow} {
		if t != nil {
			t.Release()
		}
	}
	if m.d != nil {
		_ = m.d.Close() // of a card that is gone, at worst
	}
	for _, s := range []graphics.Surface{m.back, m.depth, m.front} {
		if s != nil {
			s.Release()
		}
	}
	if m.device != nil {
		m.device.Release()
	}
}
