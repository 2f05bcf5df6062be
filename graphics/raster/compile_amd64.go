//go:build !purego

package raster

import (
	"math"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/graphics/raster/jit"
)

// maxCompiled is how many loops a compiler makes, each of some 4 to 12 KiB.
const maxCompiled = 256

// Compiler makes pixel loops at run time, each for exactly one set of states, for
// pipelines that name it. It is for one goroutine at a time; what it has made may
// be drawn with from any. A nil Compiler makes nothing.
type Compiler struct {
	coder  machine.Coder
	made   map[key]*loops
	pieces []machine.Code
	err    error
}

// loops are the code for triangles in perspective, and for those of one w.
type loops [2]uintptr

// key is all that a loop depends on.
type key struct {
	state  State
	need   uint8
	stages int
	levels [2]bool // more than one
}

// NewCompiler returns a compiler for a machine, or nil where nothing can be made:
// the machine is no machine.Coder, or its processor has no AVX2.
func NewCompiler(m machine.Machine) *Compiler {
	c, ok := m.(machine.Coder)
	if !ok || !vector {
		return nil
	}
	return &Compiler{coder: c, made: map[key]*loops{}}
}

// Made is how many sets of states loops were made for, and the error that ended it,
// if one did.
func (c *Compiler) Made() (int, error) {
	if c == nil {
		return 0, nil
	}
	return len(c.made), c.err
}

// Full says that no more loops will be made: pipelines prepared from now on that
// need new ones are interpreted. Another compiler begins anew.
func (c *Compiler) Full() bool { return c != nil && len(c.made) >= maxCompiled }

// Close takes all loops away. No pipeline that was prepared with the compiler may
// draw any more.
func (c *Compiler) Close() error {
	if c == nil {
		return nil
	}
	var first error
	for _, p := range c.pieces {
		if err := p.Release(); err != nil && first == nil {
			first = err
		}
	}
	c.pieces, c.made = nil, map[key]*loops{}
	return first
}

// keyOf is a pipeline's key, without what makes no difference.
func keyOf(p *Pipeline) key {
	k := key{state: p.State, need: p.need, stages: p.stages}
	s := &k.state
	if !s.DepthTest {
		s.DepthFunc, s.DepthWrite = 0, false
	}
	if !s.AlphaTest {
		s.AlphaFunc = 0
	}
	if !s.Blend {
		s.SrcBlend, s.DestBlend = 0, 0
	}
	if !s.Stencil.Test {
		s.Stencil = Stencil{}
	}
	if s.Fog == FogNone || s.Fog == FogVertex {
		s.FogByW = false
	}
	for i := range s.Stages {
		st := &s.Stages[i]
		if i >= p.stages {
			*st = Stage{}
			continue
		}
		st.Coord = 0 // a triangle's planes are in the order of stages
		if p.need&(needTex<<i) == 0 {
			st.AddressU, st.AddressV, st.Mag, st.Min, st.Mip = 0, 0, 0, 0, 0
			continue
		}
		k.levels[i] = p.Textures[i].count > 1
	}
	return k
}

// compiled is what a pipeline has of its compiler.
type compiled struct {
	loops  *loops
	single *loops // where each texture is read in one level; nil if that is always so, or not made
	params [params]uint32
	texels [2]*uint32
	sizes  [2][MaxLevels][2]dimension
}

// compile gives a pipeline loops of its own, if that can be.
func compile(p *Pipeline) {
	c := p.Compiler
	if c == nil || p.Interpret {
		return
	}
	k := keyOf(p)
	l := c.find(&k)
	if l == nil {
		return
	}
	p.compiled.loops, p.compiled.single = l, nil
	if k.single() {
		p.compiled.single = c.find(&k)
	}
	p.compiled.set(p)
}

// find is the loops for a key, which are made if there are none. It is nil if they
// cannot be.
func (c *Compiler) find(k *key) *loops {
	l, ok := c.made[*k]
	if !ok {
		if c.err != nil || c.Full() {
			return nil
		}
		if l, c.err = c.make(*k); c.err != nil {
			return nil
		}
		c.made[*k] = l
	}
	return l
}

func (c *Compiler) make(k key) (*loops, error) {
	l := &loops{}
	for i := range l {
		text, err := assemble(&k, i == 1)
		if err != nil {
			return nil, err
		}
		code, err := c.coder.NewCode(text)
		if err != nil {
			return nil, err
		}
		c.pieces = append(c.pieces, code)
		l[i] = code.Entry()
	}
	return l, nil
}

// Words of a pipeline's parameters.
const (
	paramAlphaRef = iota
	paramStencilRef
	paramStencilMask
	paramStencilWrite
	paramFactor
	paramFogColor
	paramFogEnd
	paramFogScale
	paramFogDensity
	paramStage                  // the first stage's
	paramStages = 8 + MaxLevels // of each stage
	params      = paramStage + 2*paramStages
)

// Of a stage.
const (
	paramWidth = iota
	paramHeight
	paramLast
	paramBorder
	paramRatio
	paramScale
	paramLevels = 8
)

func (c *compiled) set(p *Pipeline) {
	v, w := &p.Params, &c.params
	w[paramAlphaRef], w[paramStencilRef] = uint32(v.AlphaRef), uint32(v.StencilRef)
	w[paramStencilMask], w[paramStencilWrite] = uint32(v.StencilMask), uint32(v.StencilWriteMask)
	w[paramFactor], w[paramFogColor] = v.TextureFactor, v.FogColor
	w[paramFogEnd], w[paramFogScale], w[paramFogDensity] = math.Float32bits(v.FogEnd), math.Float32bits(p.fogScale), math.Float32bits(v.FogDensity)
	for i := range p.stages {
		c.texels[i] = nil
		if p.need&(needTex<<i) == 0 {
			continue
		}
		t, s := p.Textures[i], w[paramStage+i*paramStages:]
		s[paramWidth], s[paramHeight] = uint32(t.levels[0].width), uint32(t.levels[0].height)
		s[paramLast], s[paramBorder] = uint32(t.count-1), v.BorderColor[i]
		ratio, scale := spans(t, p.bias[i])
		s[paramRatio], s[paramScale] = math.Float32bits(ratio), math.Float32bits(scale)
		for l := range t.count {
			v := &t.levels[l]
			s[paramLevels+l] = uint32(v.at)
			c.sizes[i][l] = [2]dimension{dimensionOf(v.width), dimensionOf(v.height)}
		}
		c.texels[i] = &t.texels[0]
	}
}

// passed is what a loop is called with.
type passed struct {
	chunk          *Chunk
	planes         *gradients
	params         *[params]uint32
	texels         [2]*uint32
	y0, y1, first  int64      // rows, and the first row's first pixel
	any            [4]uint32  // not zero: the column of eight pixels has some
	left           [4]float32 // the first pixel of each
	diffuse, gloss uint32
	sizes          [2][2]dimension // of the first level that is read
}

// draw runs the loop. It is false where there is none.
func (c *compiled) draw(chunk *Chunk, t *paint, p *Pipeline) bool {
	if c.loops == nil {
		return false
	}
	s := &chunk.span
	left := float32(s.start)
	a := passed{
		chunk: chunk, planes: t.g, params: &c.params,
		y0: int64(s.y0), y1: int64(s.y1), first: int64(s.y0*Size + s.start),
		any: [4]uint32{s.any & 255, s.any >> 8 & 255, s.any >> 16 & 255, s.any >> 24}, left: [4]float32{left, left + 8, left + 16, left + 24},
		diffuse: t.diffuse, gloss: t.gloss,
	}
	loops := c.loops
	a.texels = c.texels
	if c.single != nil && c.levels(chunk, t, p, &a) {
		loops = c.single
	} else { // also of one texture that was found to be read in one level
		a.texels, a.sizes = c.texels, [2][2]dimension{c.sizes[0][0], c.sizes[1][0]}
	}
	entry := loops[0]
	if t.affine {
		entry = loops[1]
	}
	jit.Call(entry, unsafe.Pointer(&a))
	return true
}

// Registers of a loop.
const (
	rArgs    = jit.DI
	rChunk   = jit.R8
	rPlanes  = jit.R9
	rParams  = jit.R10
	rTexels  = jit.R11 // and the next one
	rEnd     = jit.AX  // where rMask ends; before, the row
	rColumn  = jit.BX
	rPixel   = jit.CX
	rMask    = jit.DX
	rRow     = jit.SI
	rStencil = jit.R13
)

func arg(offset uintptr) jit.Mem { return jit.Mem{Base: rArgs, Disp: int32(offset)} }

func inChunk(offset uintptr) jit.Mem { return jit.Mem{Base: rChunk, Disp: int32(offset)} }

// assemble writes a loop: it evaluates all planes at the left edge of each row, and
// then goes through the covered pixels in columns of eight, as the vector loops do.
func assemble(k *key, affine bool) ([]byte, error) {
	var (
		p passed
		c Chunk
		g gradients
	)
	body := newShader(k, affine)
	body.pixels()

	a := jit.New()
	for _, r := range []struct {
		reg    jit.Reg
		offset uintptr
	}{{rChunk, unsafe.Offsetof(p.chunk)}, {rPlanes, unsafe.Offsetof(p.planes)}, {rParams, unsafe.Offsetof(p.params)},
		{rTexels, unsafe.Offsetof(p.texels)}, {rTexels + 1, unsafe.Offsetof(p.texels) + 8}} {
		a.Load(r.reg, arg(r.offset))
	}
	frame := jit.Frame{At: inChunk(unsafe.Offsetof(c.list)), Slots: int(unsafe.Sizeof(c.list) / 32)}

	column, row, skip, next := a.Label(), a.Label(), a.Label(), a.Label()
	a.Sub(rColumn, rColumn)
	a.Here(column)
	a.CompareByte(jit.Mem{Base: rArgs, Index: rColumn, Scale: 4, Disp: int32(unsafe.Offsetof(p.any))})
	a.JumpIf(jit.Equal, next)
	var steps jit.Block
	x := steps.AddF(steps.Spread(jit.Mem{Base: rArgs, Index: rColumn, Scale: 4, Disp: int32(unsafe.Offsetof(p.left))}), steps.Lanes(laneNumbers()))
	for i, used := range body.used {
		if used {
			dx := steps.Spread(jit.Mem{Base: rPlanes, Disp: int32(unsafe.Offsetof(g.dx)) + int32(4*i)})
			steps.Store(inChunk(unsafe.Offsetof(c.steps)+uintptr(32*i)), steps.MulF(x, dx))
		}
	}
	a.Emit(&steps, frame, next)
	a.Load(rRow, arg(unsafe.Offsetof(p.y0)))
	a.ShiftLeft(rRow, 6)
	a.Lea(rRow, jit.Mem{Base: rChunk, Index: rRow, Scale: 1, Disp: int32(unsafe.Offsetof(c.rows))})
	a.Load(rStencil, arg(unsafe.Offsetof(p.first)))
	a.Lea(rStencil, jit.Mem{Base: rStencil, Index: rColumn, Scale: 8})
	a.Lea(rPixel, jit.Mem{Base: rChunk, Index: rStencil, Scale: 4, Disp: int32(unsafe.Offsetof(c.Color))})
	a.Lea(rStencil, jit.Mem{Base: rChunk, Index: rStencil, Scale: 1, Disp: int32(unsafe.Offsetof(c.Stencil))})
	for _, r := range []struct {
		reg    jit.Reg
		offset uintptr
	}{{rMask, unsafe.Offsetof(p.y0)}, {rEnd, unsafe.Offsetof(p.y1)}} {
		a.Load(r.reg, arg(r.offset))
		a.Lea(r.reg, jit.Mem{Base: rColumn, Index: r.reg, Scale: 4})
		a.Lea(r.reg, jit.Mem{Base: rChunk, Index: r.reg, Scale: 1, Disp: int32(unsafe.Offsetof(c.masks))})
	}
	a.Here(row)
	a.CompareByte(jit.Mem{Base: rMask})
	a.JumpIf(jit.Equal, skip)
	a.Emit(&body.Block, frame, skip)
	a.Here(skip)
	a.AddImm(rRow, 4*planeSlots)
	a.AddImm(rPixel, 4*Size)
	a.AddImm(rMask, 4)
	a.AddImm(rStencil, Size)
	a.Compare(rMask, rEnd)
	a.JumpIf(jit.Less, row)
	a.Here(next)
	a.AddImm(rColumn, 1)
	a.CompareImm(rColumn, Size/8)
	a.JumpIf(jit.Less, column)
	a.Return()
	return a.Code()
}

// laneNumbers are the floats 0 to 7.
func laneNumbers() (l [8]uint32) {
	for i := range l {
		l[i] = math.Float32bits(float32(i))
	}
	return l
}
