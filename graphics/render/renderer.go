package render

import (
	"fmt"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/graphics/blit"
)

// MaxSize is the largest width and height of a target.
const MaxSize = 4096

// MaxVertices is how many vertices a draw with indices can have, and
// LeastVertices what Config.Vertices has at least for that.
const (
	MaxVertices   = 65536
	LeastVertices = MaxVertices + spare
)

// Team lends processors to a Renderer.
type Team interface {
	// Workers is how many calls of work may run at once.
	Workers() int
	// Do calls work for each i from 0 to n-1, in any order and at once, and returns
	// when all have returned. worker, from 0 to Workers-1, is another for each of
	// those that run at once.
	Do(n int, work func(worker, i int))
}

// alone is the team of one.
type alone struct{}

func (alone) Workers() int { return 1 }

func (alone) Do(n int, work func(worker, i int)) {
	for i := range n {
		work(0, i)
	}
}

// Config says how large a Renderer's memory is. Zero values mean the defaults.
// What is gathered is rendered earlier where there is no more room.
type Config struct {
	Width, Height int  // of the largest target, to MaxSize; 1024 by 768
	Vertices      int  // gathered: LeastVertices to 1<<20; the default is 131,072
	Entries       int  // primitives in bins, counted per chunk they touch: 4,096 to 1<<22; 262,144
	States        int  // sets of states between flushes: 4 to 1,024; 64
	Team          Team // nil renders on the caller's processor alone
	// Checkpoint, if not nil, is called every few thousand vertices and triangles that
	// are gathered, and every few that are rendered; then by each of the team.
	Checkpoint func()
	// Machine compiles pixel loops for states that no linked loop knows, if it can
	// (machine.Coder). Nil, like a machine that cannot, has those interpreted.
	Machine machine.Machine
}

func (c *Config) fill() error {
	def := func(v *int, initial, low, high int, what string) error {
		if *v == 0 {
			*v = initial
		}
		if *v < low || *v > high {
			return fmt.Errorf("%w: %d %s of %d to %d", ErrValue, *v, what, low, high)
		}
		return nil
	}
	if c.Team == nil {
		c.Team = alone{}
	}
	for _, err := range []error{
		def(&c.Width, 1024, 1, MaxSize, "columns"),
		def(&c.Height, 768, 1, MaxSize, "rows"),
		def(&c.Vertices, 131072, MaxVertices+spare, 1<<20, "vertices"),
		def(&c.Entries, 262144, 4096, 1<<22, "entries"),
		def(&c.States, 64, 4, 1024, "sets of states"),
	} {
		if err != nil {
			return err
		}
	}
	if n := c.Team.Workers(); n < 1 || n > 64 {
		return fmt.Errorf("%w: a team of %d", ErrValue, n)
	}
	return nil
}

// Counts says what a Renderer has done.
type Counts struct {
	Vertices  uint64 // transformed
	Triangles uint64 // put into bins, after clipping and culling
	Entries   uint64 // bins they were put into
	Batches   uint64
	Flushes   uint64 // that rendered something
	Loads     uint64 // pipelines prepared
	Compiled  uint64 // loops put in place that were compiled for their states
}

// Renderer gathers what is drawn and renders it chunk by chunk.
type Renderer struct {
	states   [lastState + 1]uint32
	stages   [Stages]stageStates
	textures [Stages]*Texture
	lights   lighting
	world    matrix
	view     matrix
	project  matrix
	texture  [Stages]matrix
	viewport graphics.Viewport
	planes   [ClipPlanes]graphics.Plane
	dirty    uint8

	target blit.Surface // Pix is nil: none
	depth  *Depth

	geometry      geometry
	bins          bins
	counts        Counts
	checkpoint    func()
	assembly      assembly         // being gathered
	gatherAt      int              // from this primitive on
	wave          int              // pieces gathered at once
	done          [wavesMost]piece // of the wave
	transformPart func(worker, i int)
	gatherPart    func(worker, i int)
}

// New makes a renderer with the default state and no target. All memory it ever
// uses is allocated here, but for textures.
func New(c Config) (*Renderer, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	r := &Renderer{checkpoint: c.Checkpoint}
	if r.checkpoint == nil {
		r.checkpoint = func() {}
	}
	r.geometry.init(&c)
	r.bins.init(r, &c)
	r.transformPart, r.gatherPart, r.wave = r.transformPiece, r.gatherPiece, wavesMost
	r.Reset()
	return r, nil
}

// Close draws what was gathered and gives compiled loops back. The renderer is
// not to be used after that.
func (r *Renderer) Close() error {
	err := r.Flush()
	if e := r.bins.compiler.Close(); err == nil {
		err = e
	}
	return err
}

// Loop names the pixel loop of the states last drawn with.
func (r *Renderer) Loop() string {
	s := r.bins.last
	switch {
	case s == nil:
		return ""
	case s.special:
		return s.made.p.Loop()
	}
	return s.linked.p.Loop()
}

// Validate says whether what is set can be drawn: ErrTarget, ErrFeedback, or
// what raster has against the states.
func (r *Renderer) Validate() error {
	if r.target.Pix == nil {
		return fmt.Errorf("%w: none", ErrTarget)
	}
	return r.record()
}

// Forget lets go of all that was prepared to draw with a texture, which is about to
// be freed, once what waits for it is drawn.
func (r *Renderer) Forget(t *Texture) error {
	for i := range r.textures {
		if r.textures[i] == t {
			r.textures[i] = nil
			r.dirty |= dirtyPipeline
		}
	}
	return r.bins.forget(t.raster)
}

// Reset sets every state to its default. Targets stay, as does what is gathered.
func (r *Renderer) Reset() {
	for s := range rules {
		r.states[s] = rules[s].initial
	}
	r.stages = firstStages
	r.textures = [Stages]*Texture{}
	r.lights.reset()
	r.world, r.view, r.project = identity, identity, identity
	r.texture = [Stages]matrix{identity, identity}
	r.planes = [ClipPlanes]graphics.Plane{}
	r.viewport = graphics.Viewport{Width: uint32(r.target.Width), Height: uint32(r.target.Height), MaxZ: 1}
	r.dirty = ^uint8(0)
}

// Counts says what has been done since New.
func (r *Renderer) Counts() Counts { return r.counts }

// SetTarget has everything that follows drawn on a surface of any format, with a
// depth buffer of the same size, or nil. What was gathered for another target is
// rendered first. The viewport becomes the whole target if its size is not that
// of the one before. color is copied; its
// pixels are to stay where they are until another target is set. Two surfaces
// with the same pixels are one target. nil means no target.
func (r *Renderer) SetTarget(color *blit.Surface, depth *Depth) error {
	if color == nil {
		if err := r.Flush(); err != nil {
			return err
		}
		r.target, r.depth = blit.Surface{}, nil
		return nil
	}
	if err := color.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrTarget, err)
	}
	if color.Width > r.bins.maxWidth || color.Height > r.bins.maxHeight {
		return fmt.Errorf("%w: %d by %d pixels; this renderer was made for %d by %d", ErrTarget, color.Width, color.Height, r.bins.maxWidth, r.bins.maxHeight)
	}
	if depth != nil && (depth.width != color.Width || depth.height != color.Height) {
		return fmt.Errorf("%w: depth of %d by %d for %d by %d pixels", ErrTarget, depth.width, depth.height, color.Width, color.Height)
	}
	if r.target.Pix != nil && same(&r.target, color) && depth == r.depth {
		r.target.Palette = color.Palette
		return nil
	}
	if err := r.Flush(); err != nil {
		return err
	}
	if r.target.Width != color.Width || r.target.Height != color.Height {
		r.viewport = graphics.Viewport{Width: uint32(color.Width), Height: uint32(color.Height), MaxZ: 1}
	}
	r.target, r.depth = *color, depth
	r.bins.shape(color.Width, color.Height)
	r.dirty |= dirtyMatrix | dirtyPipeline
	return nil
}

func same(a, b *blit.Surface) bool {
	return &a.Pix[0] == &b.Pix[0] && a.Width == b.Width && a.Height == b.Height && a.Pitch == b.Pitch && a.Format == b.Format
}

// SetViewport says what part of the target is drawn on; it is limited to the
// target. ErrValue: a viewport of no pixels, or depths not within 0 to 1.
func (r *Renderer) SetViewport(v graphics.Viewport) error {
	if v.Width == 0 || v.Height == 0 || v.X > MaxSize || v.Y > MaxSize || v.Width > MaxSize || v.Height > MaxSize {
		return fmt.Errorf("%w: viewport of %d by %d at %d, %d", ErrValue, v.Width, v.Height, v.X, v.Y)
	}
	if !(v.MinZ >= 0 && v.MinZ <= v.MaxZ && v.MaxZ <= 1) {
		return fmt.Errorf("%w: viewport of depths %v to %v", ErrValue, v.MinZ, v.MaxZ)
	}
	r.viewport = v
	r.dirty |= dirtyMatrix | dirtyPipeline
	return nil
}

// Viewport is the viewport.
func (r *Renderer) Viewport() graphics.Viewport { return r.viewport }

// window is the pixels that may be drawn on.
func (r *Renderer) window() blit.Rect {
	v := &r.viewport
	return blit.Rect{X0: int(v.X), Y0: int(v.Y), X1: int(v.X + v.Width), Y1: int(v.Y + v.Height)}.Intersect(r.target.Bounds())
}

// SetTexture has a stage read from a texture; nil means none.
func (r *Renderer) SetTexture(stage int, t *Texture) error {
	if stage < 0 || stage >= Stages {
		return fmt.Errorf("%w: texture stage %d of %d", ErrUnsupported, stage, Stages)
	}
	if r.textures[stage] != t {
		r.textures[stage] = t
		r.dirty |= dirtyPipeline
	}
	return nil
}
