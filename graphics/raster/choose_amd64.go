//go:build !purego

package raster

import "unsafe"

// kernel is a chosen pixel loop: which, and what it reads.
type kernel struct {
	loop   uint8 // 0: none, the interpreter
	smooth bool  // the next loop is for perspective
	// Textures have levels to choose from, or filters: loop is for a level
	// chosen pixel by pixel, or 0 if there is none; the others are for all
	// pixels in one level, by linear and nearest filtering, and for blending two.
	choose             bool
	two                bool // textures, of which each is read in a level of its own
	one, near, blended uint8
	direct             bool                // the loop is the same for all triangles
	attributes         attributes          // of small triangles
	operands           [MaxLevels]operands // of levels, the first also of all other loops
	k                  [slots]uint32       // of states
	wide               [vectors][8]uint32  // the same in all lanes, and operations
	tex                [2][MaxLevels]texture
}

// texture is the constants of a level of a texture, in all lanes.
type texture [texSlots][8]uint32

// Loops by number. Without a texture: flat, Gouraud and Gouraud in
// perspective, each opaque without depth, opaque for LessEqual, and for
// anything else; and with specular colour or fog. With a texture, for each
// filter: alone, times a flat and times an interpolated colour, and with
// specular colour or fog.
const (
	loopOpaque    = 1
	loopLessEqual = 4
	loopPlain     = 7
	loopLit       = 10
	loopNearest   = 11
	loopBilinear  = 15
	loopMipmapped = 19
	loopTrilinear = 23
	loopDual      = 27 // two textures, specular colour and fog
	loopBlended   = 28
	loopDuo       = 32 // two textures, each in one level; without and with specular colour or fog

	// With any operations.
	loopNearestAny   = 34
	loopBilinearAny  = 35
	loopMipmappedAny = 36
	loopBlendedAny   = 37
	loopDualAny      = 38
	loopDuoAny       = 39
)

var loopNames = [...]string{
	"interpreter",
	"flat opaque", "gouraud opaque", "gouraud opaque",
	"flat less-equal", "gouraud less-equal", "gouraud less-equal",
	"flat", "gouraud", "gouraud",
	"lit",
	"nearest", "nearest flat", "nearest gouraud", "nearest lit",
	"bilinear", "bilinear flat", "bilinear gouraud", "bilinear lit",
	"mipmapped", "mipmapped flat", "mipmapped gouraud", "mipmapped lit",
	"trilinear", "trilinear flat", "trilinear gouraud", "trilinear lit",
	"two textures lit",
	"blended", "blended flat", "blended gouraud", "blended lit",
	"two levels", "two levels lit",
	"nearest general", "bilinear general", "mipmapped general", "blended general", "two textures general", "two levels general",
}

func (k *kernel) name() string {
	if (k.choose || k.two) && k.loop == 0 {
		return loopNames[k.one]
	}
	return loopNames[k.loop]
}

// none is where a triangle may be left to the interpreter.
func (k *kernel) none() bool { return k.loop == 0 }

// choose finds the loop for a pipeline's states, if there is one.
func choose(p *Pipeline) {
	k := &p.kernel
	k.loop, k.one, k.near, k.blended, k.choose, k.two, k.smooth = 0, 0, 0, 0, false, false, false
	k.k = [slots]uint32{}
	k.direct, k.attributes.more = false, 0
	if p.need&(needSpecular|needTex<<1) != 0 {
		k.attributes.more = 1
	}
	for i := range k.attributes.coords {
		k.attributes.coords[i] = offTex + 8*int(p.State.Stages[i].Coord&1)
	}
	if !k.find(p) {
		k.loop, k.one, k.near, k.blended, k.choose, k.two = 0, 0, 0, 0, false, false
		return
	}
	k.direct = k.loop != 0 && !k.choose && !k.two
	k.point(p)
	for i, v := range k.k {
		k.wide[i] = [8]uint32{v, v, v, v, v, v, v, v}
	}
}

// offTex is where texture coordinates lie in a vertex.
const offTex = int(unsafe.Offsetof(Vertex{}.Tex))

// find is false where there is no loop.
func (k *kernel) find(p *Pipeline) bool {
	s := &p.State
	if !vector || p.Interpret || s.NoColor || s.Stencil.Test || !k.setBlend(s) || !k.setLight(p) {
		return false
	}
	lit := s.Specular || s.Fog != FogNone
	k.setTests(p)
	if p.stages == 0 {
		k.plain(s, lit)
		return true
	}
	colour, alpha := s.Stages[0].chooses(ArgDiffuse)
	if colour == other || alpha == other || p.stages == 2 && !k.dual(p, colour, alpha) {
		return k.general(p)
	}
	if p.stages == 2 {
		return true
	}
	if colour == rest && alpha == rest {
		k.plain(s, lit)
		return true
	}
	if p.need&needTex == 0 || !k.setTexture(p, 0) {
		return false
	}
	k.setFull(0, colour, alpha)
	source := uint8(2)
	switch {
	case lit:
		source = 3
	case colour == texture1 && alpha == texture1:
		source = 0
	case s.Flat:
		source = 1
	}
	k.filter(&s.Stages[0], p.Textures[0].count > 1, source)
	return true
}

// filter chooses the loops of a filter.
func (k *kernel) filter(st *Stage, levels bool, source uint8) {
	k.one, k.near = loopBilinear+source, loopNearest+source
	switch {
	case st.Mag == st.Min && !(levels && st.Mip != FilterNone):
		if k.loop = k.one; st.Mag != FilterLinear {
			k.loop = k.near
		}
		return
	case st.Mag == FilterLinear && st.Min == FilterLinear && st.Mip == FilterPoint:
		k.loop = loopMipmapped + source
	case st.Mag == FilterLinear && st.Min == FilterLinear:
		k.loop = loopTrilinear + source
	}
	k.blended = loopBlended + source
	k.choose = true
}

// dual is for two textures, both linear in the nearest level.
func (k *kernel) dual(p *Pipeline, colour, alpha choice) bool {
	s := &p.State
	colour2, alpha2 := s.Stages[1].chooses(ArgCurrent)
	if s.Flat || colour2 == other || alpha2 == other || p.need&needTex == 0 || p.need&(needTex<<1) == 0 {
		return false
	}
	for i := range p.Textures {
		st := &s.Stages[i]
		if st.Mag != FilterLinear || st.Min != FilterLinear || !k.setTexture(p, i) || st.Mip == FilterLinear && p.Textures[i].count > 1 {
			return false
		}
		if st.Mip == FilterNone {
			k.tex[i][0][texLast] = [8]uint32{}
		}
	}
	k.setFull(0, colour, alpha)
	k.setFull(1, colour2, alpha2)
	k.loop, k.one, k.two = loopDual, loopDuo, true
	if s.Specular || s.Fog != FogNone {
		k.one++
	}
	return true
}

// setFull makes what is not to be multiplied by count as full.
func (k *kernel) setFull(i int, colour, alpha choice) {
	for _, c := range [2]struct {
		by   choice
		bits uint32
	}{{colour, 0xffffff}, {alpha, 0xff000000}} {
		switch c.by {
		case texture1:
			k.k[slotOrDiffuse+i] |= c.bits
		case rest:
			k.k[slotOrTex+i] |= c.bits
		}
	}
}

// choice is where a channel comes from after a stage that loops can do.
type choice uint8

const (
	other    choice = iota
	texture1        // the texture alone
	rest            // the diffuse or current colour alone
	both            // their product
)

// chooses says what a stage does, if it is something loops can do. current is
// the argument that means what came before, besides ArgCurrent.
func (st *Stage) chooses(current Arg) (colour, alpha choice) {
	one := func(a Arg) choice {
		switch a {
		case ArgTexture:
			return texture1
		case current, ArgCurrent:
			return rest
		}
		return other
	}
	choose := func(op Op, a, b Arg) choice {
		x, y := one(a), one(b)
		switch op {
		case OpSelect1:
			return x
		case OpSelect2:
			return y
		case OpDisable:
			return rest
		case OpModulate:
			if x == texture1 && y == rest || x == rest && y == texture1 {
				return both
			}
		}
		return other
	}
	return choose(st.ColorOp, st.ColorArg1, st.ColorArg2), choose(st.AlphaOp, st.AlphaArg1, st.AlphaArg2)
}

// plain chooses a loop without a texture.
func (k *kernel) plain(s *State, lit bool) {
	if lit {
		k.loop = loopLit
		return
	}
	k.loop = loopPlain
	if k.k[slotBlend] == blendNone && !s.AlphaTest {
		switch {
		case !s.DepthTest:
			k.loop = loopOpaque
		case s.DepthFunc == LessEqual && s.DepthWrite:
			k.loop = loopLessEqual
		}
	}
	if !s.Flat {
		k.loop++
		k.smooth = true
	}
}
