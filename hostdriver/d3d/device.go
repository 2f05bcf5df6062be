package d3d

import (
	"context"
	"math"
	"sync"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
)

// Device draws triangles on surfaces of one device of a card. Its methods may be
// called from many goroutines, but who draws in which order is then nobody's
// choice.
type Device struct {
	mu      sync.Mutex
	card    *hostdriver.Card
	device  graphics.Device
	r       graphics.Renderer
	info    graphics.Info
	cursor  hostdriver.Cursor
	fences  uint64 // the last one sent
	drawn   bool   // vertex buffers were drawn from since
	scene   bool
	shut    bool
	sent    uint64 // commands
	indices []byte // scratch
	state   states
	target  targets
}

type targets struct {
	color, depth  bool
	stencil       bool
	width, height uint32
}

// states are what the card has been told.
type states struct {
	render     [lastState + 1]uint32
	stages     [Stages][lastStageState + 1]uint32
	textures   [Stages]*Texture
	transforms [transforms]graphics.Matrix
	viewport   graphics.Viewport
	material   graphics.Material
	lights     [Lights]graphics.Light
	lit        [Lights]bool
	set        [Lights]bool
	planes     [ClipPlanes]graphics.Plane
}

// Lights is how many lights can be described, and ClipPlanes how many planes.
const (
	Lights     = 64
	ClipPlanes = 6
)

// Open makes a renderer of a device of a card, which both stay the caller's and have
// to outlive it.
func Open(ctx context.Context, card *hostdriver.Card, device graphics.Device) (*Device, error) {
	g, err := hostdriver.Bind(ctx, card, "/graphics", graphics.GraphicsType)
	if err != nil {
		return nil, translate(err)
	}
	defer g.Release()
	d := &Device{card: card, device: device}
	if d.info, err = g.Info(ctx); err != nil {
		return nil, translate(err)
	}
	if d.info.Stages < Stages {
		return nil, failed(ErrInitFailed, "the card has %d texture stages", d.info.Stages)
	}
	if d.r, err = device.CreateRenderer(ctx); err != nil {
		return nil, translate(err)
	}
	i, err := d.r.Info(ctx)
	if err != nil {
		d.r.Release()
		return nil, translate(err)
	}
	d.cursor = card.Cursor(i.Cursor)
	d.state.reset()
	return d, nil
}

func (s *states) reset() {
	*s = states{}
	for k, v := range firstStates {
		s.render[k] = v
	}
	s.stages = firstStages()
	for i := range s.transforms {
		s.transforms[i] = Identity
	}
	for i := range s.lights {
		s.lights[i] = firstLight
	}
}

// firstLight is what a light is that is enabled without having been described.
var firstLight = graphics.Light{Type: graphics.DirectionalLight, Diffuse: graphics.Color{R: 1, G: 1, B: 1}, Direction: graphics.Vector{Z: 1}}

// Close gives the renderer back, once everything is drawn. Textures and vertex
// buffers stay until they are released.
func (d *Device) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.shut {
		d.shut = true
		d.r.Release()
	}
	return nil
}

// ok says why the device cannot be used, or nil. The caller holds the lock.
func (d *Device) ok() error {
	if d.shut {
		return failed(ErrInvalidDevice, "it was closed")
	}
	if err := d.card.Err(); err != nil {
		return translate(err)
	}
	return nil
}

// command sends something.
func (d *Device) command(err error) error {
	d.sent++
	return translate(err)
}

// Commands is how many have been sent to the card.
func (d *Device) Commands() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sent
}

// SetRenderTarget has the device draw on a surface with graphics.CapTarget, with a
// depth buffer of the same size, or nil. A target of another size has the viewport
// become all of it.
func (d *Device) SetRenderTarget(ctx context.Context, color, depth graphics.Surface) error {
	if color == nil {
		return failed(ErrInvalidParams, "no target")
	}
	c, err := color.Info(ctx)
	if err != nil {
		return translate(err)
	}
	t := targets{color: true, width: c.Width, height: c.Height}
	if depth != nil {
		z, err := depth.Info(ctx)
		if err != nil {
			return translate(err)
		}
		t.depth, t.stencil = true, z.Format == graphics.Depth24
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ok(); err != nil {
		return err
	}
	if err := d.command(d.r.SetTarget(ctx, color, depth)); err != nil {
		return err
	}
	if t.width != d.target.width || t.height != d.target.height {
		d.state.viewport = graphics.Viewport{Width: t.width, Height: t.height, MaxZ: 1}
	}
	d.target = t
	return nil
}

// BeginScene and EndScene go round what is drawn for one picture. EndScene has the
// card begin to render, and does not wait for it.
func (d *Device) BeginScene() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ok(); err != nil {
		return err
	}
	if d.scene {
		return failed(ErrSceneInScene, "BeginScene twice")
	}
	d.scene = true
	return nil
}

// EndScene ends a scene.
func (d *Device) EndScene() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ok(); err != nil {
		return err
	}
	if !d.scene {
		return failed(ErrSceneNotInScene, "EndScene without BeginScene")
	}
	d.scene = false
	if err := d.fence(); err != nil {
		return err
	}
	return d.command(d.r.EndScene())
}

// fence has the card say when it is done with vertices drawn so far.
func (d *Device) fence() error {
	if !d.drawn {
		return nil
	}
	d.drawn = false
	d.fences++
	return d.command(d.r.Fence(d.fences))
}

// Finish returns when everything is drawn, and says what went wrong since the last
// call that had an answer.
func (d *Device) Finish(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ok(); err != nil {
		return err
	}
	return d.command(d.r.Finish(ctx))
}

// Info says how the renderer on the card fares.
func (d *Device) Info(ctx context.Context) (graphics.RendererInfo, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ok(); err != nil {
		return graphics.RendererInfo{}, err
	}
	i, err := d.r.Info(ctx)
	return i, translate(err)
}

// ValidateDevice says in how many passes what is set now can be drawn, which is one
// or an error.
func (d *Device) ValidateDevice(ctx context.Context) (passes uint32, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ok(); err != nil {
		return 0, err
	}
	switch {
	case d.state.render[StencilEnable] != 0 && !d.target.stencil:
		return 0, failed(ErrStencilBufferNotPresent, "stencil is enabled")
	case d.state.render[ZEnable] != 0 && !d.target.depth && d.state.render[ZWriteEnable] != 0 && d.state.render[ZFunc] != CmpAlways && d.explicitDepth():
		return 0, failed(ErrZBufferNotPresent, "depth is compared")
	}
	passes, err = d.r.Validate(ctx)
	return passes, translate(err)
}

// explicitDepth says that the program asked for another comparison than that of a
// new device, which is on whether there is depth or not.
func (d *Device) explicitDepth() bool { return d.state.render[ZFunc] != CmpLessEqual }

// Bytes is the memory of a slice of vertices, which are structs of float32 and
// uint32 in the order of their format.
func Bytes[T any](v []T) []byte { return bytesOf(v) }

// Float is a float as SetRenderState and SetTextureStageState take it.
func Float(f float32) uint32 { return math.Float32bits(f) }
