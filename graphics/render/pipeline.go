package render

import (
	"github.com/mmlite/mmlite/firmware/mutate"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
)

// Loop draws what lies in a chunk by the states it was made for. It keeps nothing of
// a call, and may be called by many at once.
type Loop interface {
	// Triangle draws a triangle that was set up for its states.
	Triangle(c *raster.Chunk, t *raster.Triangle)
	// Small sets a triangle up and draws it.
	Small(c *raster.Chunk, v0, v1, v2 *raster.Vertex)
}

// fixed is a loop by a prepared pipeline.
type fixed struct{ p raster.Pipeline }

func (f *fixed) Triangle(c *raster.Chunk, t *raster.Triangle) { c.Draw(t, &f.p) }

func (f *fixed) Small(c *raster.Chunk, v0, v1, v2 *raster.Vertex) { c.DrawTriangle(&f.p, v0, v1, v2) }

// key is what tells one pipeline from another.
type key struct {
	state    raster.State
	params   raster.Params
	textures [Stages]*raster.Texture
}

// slot is a set of states that were drawn with, and will be again. Its loop lies in
// a mutable cell, where those who draw find it by one load, without asking about
// states. At first it is what raster has linked for them. States that have only
// the interpreter there, and are drawn with enough to be worth it, get a loop
// compiled for exactly them put into the cell, under whoever draws; it is taken
// out when the slot is given other states (Helander and Forin 1998, section 2.4:
// specialization by mutation).
type slot struct {
	key     key
	linked  fixed
	made    fixed // in the cell if special
	special bool
	slow    bool // nothing but the interpreter is linked
	entries uint64
	loop    mutate.Cell[Loop]
	used    uint64 // the flushes at its last use
	valid   bool
}

// worth is how many entries of bins make compiling pay: that takes about as long as
// interpreting some hundred pixels for each.
const worth = 32

// snapshot is the states some primitives in the bins are drawn with.
type snapshot struct {
	slot   *slot
	window blit.Rect
	before uint64 // entries when it was taken
}

// pixels makes the key of the states as they are. bound are the textures that
// may be drawn with.
func (r *Renderer) pixels(bound *[Stages]*Texture) (k key) {
	s, p := &k.state, &k.params
	if r.depth != nil && r.on(ZEnable) {
		s.DepthTest, s.DepthWrite, s.DepthFunc = true, r.on(ZWriteEnable), raster.Compare(r.states[ZFunc])
	}
	if r.depth != nil && r.depth.stencil != nil && r.on(StencilEnable) {
		s.Stencil = raster.Stencil{Test: true, Func: raster.Compare(r.states[StencilFunc]), Fail: raster.StencilOp(r.states[StencilFail]),
			ZFail: raster.StencilOp(r.states[StencilZFail]), Pass: raster.StencilOp(r.states[StencilPass])}
		p.StencilRef, p.StencilMask = uint8(r.states[StencilRef]), uint8(r.states[StencilMask])
		p.StencilWriteMask = uint8(r.states[StencilWriteMask])
	}
	if r.on(AlphaTestEnable) && r.states[AlphaFunc] != uint32(raster.Always) {
		s.AlphaTest, s.AlphaFunc, p.AlphaRef = true, raster.Compare(r.states[AlphaFunc]), uint8(r.states[AlphaRef])
	}
	r.blend(s)
	s.Flat = r.states[ShadeMode] == ShadeFlat
	s.Specular = r.on(SpecularEnable)
	if r.on(FogEnable) {
		p.FogColor = r.states[FogColor]
		switch mode := r.states[FogTableMode]; {
		case mode == FogNone:
			s.Fog = raster.FogVertex
		default:
			s.Fog = raster.Fog(mode)
			s.FogByW = r.project[0][3] != 0 || r.project[1][3] != 0 || r.project[2][3] != 0 || r.project[3][3] != 1
			p.FogStart, p.FogEnd, p.FogDensity = r.float(FogStart), r.float(FogEnd), r.float(FogDensity)
		}
	}
	r.stageKeys(&k, bound)
	return k
}

// blend finds the factors. Formats without alpha count as full.
func (r *Renderer) blend(s *raster.State) {
	s.SrcBlend, s.DestBlend = raster.One, raster.Zero
	if !r.on(AlphaBlendEnable) {
		return
	}
	src, dst := raster.Factor(r.states[SrcBlend]), raster.Factor(r.states[DestBlend])
	switch src {
	case raster.BothSrcAlpha:
		src, dst = raster.SrcAlpha, raster.InvSrcAlpha
	case raster.BothInvSrcAlpha:
		src, dst = raster.InvSrcAlpha, raster.SrcAlpha
	}
	if !r.target.Format.HasAlpha() {
		src, dst = opaque(src), opaque(dst)
	}
	s.Blend, s.SrcBlend, s.DestBlend = src != raster.One || dst != raster.Zero, src, dst
}

func opaque(f raster.Factor) raster.Factor {
	switch f {
	case raster.DestAlpha:
		return raster.One
	case raster.InvDestAlpha, raster.SrcAlphaSat:
		return raster.Zero
	}
	return f
}

func (r *Renderer) stageKeys(k *key, bound *[Stages]*Texture) {
	for i := range r.stages {
		from, to := &r.stages[i], &k.state.Stages[i]
		*to = raster.Stage{
			ColorOp: raster.Op(from[ColorOp]), AlphaOp: raster.Op(from[AlphaOp]),
			ColorArg1: raster.Arg(from[ColorArg1]), ColorArg2: raster.Arg(from[ColorArg2]),
			AlphaArg1: raster.Arg(from[AlphaArg1]), AlphaArg2: raster.Arg(from[AlphaArg2]),
			Coord: uint8(i), AddressU: raster.Address(from[AddressU]), AddressV: raster.Address(from[AddressV]),
			Mag: raster.Filter(from[MagFilter] + 1), Min: raster.Filter(from[MinFilter] + 1), Mip: raster.Filter(from[MipFilter]),
		}
		if to.ColorOp == raster.OpDisable {
			for j := i; j < Stages; j++ {
				k.state.Stages[j] = raster.Stage{ColorOp: raster.OpDisable, AlphaOp: raster.OpDisable}
			}
			return
		}
		k.params.TextureFactor = r.states[TextureFactor]
		if t := bound[i]; t != nil {
			k.textures[i] = t.raster
			k.params.BorderColor[i], k.params.LODBias[i] = from[BorderColor], floatOf(from[LODBias])
			if t.key.On && r.on(ColorKeyEnable) {
				keyed(k, to)
			}
		} else {
			without(&to.ColorOp, &to.ColorArg1, &to.ColorArg2)
			without(&to.AlphaOp, &to.AlphaArg1, &to.AlphaArg2)
		}
	}
}

// without has an operation that would read a texture that is not there pass on what
// came before, as drivers of Direct3D 7 did.
func without(op *raster.Op, a, b *raster.Arg) {
	reads := *op == raster.OpBlendTextureAlpha || *op == raster.OpBlendTextureAlphaPM ||
		*op > raster.OpDisable && (*op != raster.OpSelect2 && *a&15 == raster.ArgTexture || *op != raster.OpSelect1 && *b&15 == raster.ArgTexture)
	if reads {
		*op, *a, *b = raster.OpSelect1, raster.ArgCurrent, raster.ArgCurrent
	}
}

// keyed has the alpha test leave out texels of a colour key, whose alpha is
// none; all others have theirs in full.
func keyed(k *key, st *raster.Stage) {
	switch st.AlphaOp {
	case raster.OpDisable:
		st.AlphaOp, st.AlphaArg1, st.AlphaArg2 = raster.OpModulate, raster.ArgTexture, raster.ArgCurrent
	case raster.OpSelect1:
		if st.AlphaArg1 != raster.ArgTexture {
			st.AlphaOp, st.AlphaArg2 = raster.OpModulate, raster.ArgTexture
		}
	case raster.OpSelect2:
		if st.AlphaArg2 != raster.ArgTexture {
			st.AlphaOp, st.AlphaArg1 = raster.OpModulate, raster.ArgTexture
		}
	}
	if !k.state.AlphaTest {
		k.state.AlphaTest, k.state.AlphaFunc, k.params.AlphaRef = true, raster.Greater, 0
		if st.Mag == raster.FilterLinear {
			k.params.AlphaRef = 127
		}
	}
}

// record makes the states as they are those of what is drawn next.
func (r *Renderer) record() error {
	b := &r.bins
	bound, feedback := r.textures, false
	for i, t := range bound {
		if t == nil || r.stages[i][ColorOp] <= 1 {
			bound[i] = nil
			continue
		}
		if t.shares(&r.target) {
			bound[i], feedback = nil, true
			continue
		}
		if t.stale || t.reader != r || !t.waits() {
			if err := t.use(r); err != nil {
				return err
			}
		}
	}
	if r.dirty&dirtyPipeline != 0 || b.states == 0 || feedback {
		k := r.pixels(&bound)
		if err := b.enter(&k, r.window()); err != nil {
			return err
		}
		r.dirty &^= dirtyPipeline
		for _, t := range bound {
			if t != nil {
				t.reader, t.flushes = r, b.flushes // entering may have flushed
			}
		}
	}
	if feedback {
		r.dirty |= dirtyPipeline
		return ErrFeedback
	}
	return nil
}

// enter makes a snapshot of a key the current one.
func (b *bins) enter(k *key, window blit.Rect) error {
	if b.states > 0 {
		if s := &b.snapshots[b.state]; s.window == window && s.slot.key == *k {
			return nil
		}
	}
	s, err := b.find(k)
	if err != nil {
		return err
	}
	if b.states == len(b.snapshots) {
		if err := b.r.Flush(); err != nil {
			return err
		}
		b.states = 0
	}
	s.used, b.last = b.flushes, s
	b.snapshots[b.states] = snapshot{s, window, b.r.counts.Entries}
	b.state = b.states
	b.states++
	b.depthUsed = b.depthUsed || k.state.DepthTest
	b.depthWritten = b.depthWritten || k.state.DepthTest && k.state.DepthWrite
	b.stencilUsed = b.stencilUsed || k.state.Stencil.Test
	return nil
}

// find is the slot of a key, prepared.
func (b *bins) find(k *key) (*slot, error) {
	for i := range b.slots {
		if s := &b.slots[i]; s.valid && s.key == *k {
			return s, nil
		}
	}
	for range b.slots {
		b.next = (b.next + 1) % len(b.slots)
		if s := &b.slots[b.next]; !s.valid || s.used != b.flushes {
			return s, b.load(s, k)
		}
	}
	if err := b.r.Flush(); err != nil {
		return nil, err
	}
	b.states = 0
	b.next = (b.next + 1) % len(b.slots)
	s := &b.slots[b.next]
	return s, b.load(s, k)
}

// load gives a slot other states, and its cell the loop that is linked for them.
func (b *bins) load(s *slot, k *key) error {
	s.valid = false
	s.key = *k
	p := &s.linked.p
	p.State, p.Params, p.Textures = k.state, k.params, k.textures
	if err := p.Prepare(); err != nil {
		return err
	}
	b.r.counts.Loads++
	s.slow, s.entries = p.Loop() == interpreter, 0
	if _, err := s.loop.Load(); err != nil {
		if err := s.loop.Init(&s.linked); err != nil {
			return err
		}
	}
	if err := s.takeOut(); err != nil {
		return err
	}
	s.valid = true
	return nil
}

// forget empties slots that read a texture.
func (b *bins) forget(t *raster.Texture) error {
	for i := range b.slots {
		s := &b.slots[i]
		if s.key.textures[0] != t && s.key.textures[1] != t {
			continue
		}
		if s.used == b.flushes {
			if err := b.r.Flush(); err != nil {
				return err
			}
		}
		if err := s.takeOut(); err != nil {
			return err
		}
		s.key, s.valid = key{}, false
		s.linked.p, s.made.p = raster.Pipeline{}, raster.Pipeline{}
		if b.last == s {
			b.last = nil
		}
	}
	return nil
}

const interpreter = "interpreter"

// takeOut puts the linked loop in the place of one that was made.
func (s *slot) takeOut() error {
	if !s.special {
		return nil
	}
	s.special = false
	_, err := s.loop.Swap(&s.linked)
	return err
}

// specialize compiles loops for the states about to be drawn with that lack one.
func (b *bins) specialize() error {
	if b.compiler == nil {
		return nil
	}
	for i := range b.snapshots[:b.states] {
		s := b.snapshots[i].slot
		if !s.slow || s.special {
			continue
		}
		end := b.r.counts.Entries
		if i+1 < b.states {
			end = b.snapshots[i+1].before
		}
		if s.entries += end - b.snapshots[i].before; s.entries < worth {
			continue
		}
		b.r.checkpoint()
		p := &s.made.p
		p.State, p.Params, p.Textures, p.Compiler = s.key.state, s.key.params, s.key.textures, b.compiler
		if err := p.Prepare(); err != nil {
			return err
		}
		if p.Loop() == interpreter {
			s.slow = s.slow && b.compiler.Full() // never, or not this time
			continue
		}
		if _, err := s.loop.Swap(&s.made); err != nil {
			return err
		}
		s.special = true
		b.r.counts.Compiled++
	}
	return nil
}

// recompile begins with a new compiler, if the old one makes nothing more. Nothing
// is being drawn.
func (b *bins) recompile() error {
	if !b.compiler.Full() {
		return nil
	}
	for i := range b.slots {
		if err := b.slots[i].takeOut(); err != nil {
			return err
		}
	}
	err := b.compiler.Close()
	b.compiler = raster.NewCompiler(b.machine)
	return err
}
