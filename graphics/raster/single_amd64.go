//go:build !purego

package raster

// Most triangles read a texture in one level. Then pixels need not find theirs: a
// loop for textures of one level draws them, which is told the level's size.

// dimension is the size of a level on one axis, and what positions are made with.
type dimension struct {
	size, end, last uint32
	near, fine      float32 // the size, and that in parts of a texel
}

func dimensionOf(size int) dimension {
	return dimension{uint32(size), uint32(size - 1), uint32(size-1) << texBits, float32(size), float32(size * texOne)}
}

// single makes a key that of loops which read one level of each texture. It is false
// if pixels may read several and filter them in different ways, or none has levels.
func (k *key) single() bool {
	several := false
	for i := range k.levels {
		st := &k.state.Stages[i]
		if k.levels[i] && st.Mip != FilterNone {
			if st.Min != st.Mag {
				return false
			}
			several = true
		}
	}
	for i := range k.levels {
		if k.levels[i] {
			k.levels[i], k.state.Stages[i].Mip = false, FilterNone
		}
	}
	return several
}

// levels finds the level of each texture that all pixels read. It is false if there
// is none, or it is not to be found: pixels of one w may have it for fog alone.
func (c *compiled) levels(chunk *Chunk, t *paint, p *Pipeline, a *passed) bool {
	if t.affine && p.need&needW != 0 {
		return false
	}
	for i := range p.stages {
		if p.need&(needTex<<i) == 0 {
			continue
		}
		l := 0
		if tex := p.Textures[i]; tex.count > 1 && p.State.Stages[i].Mip != FilterNone {
			var reads int
			if l, reads = uniform(chunk, t.g, p, i); reads == levelAny || reads == levelTwo {
				return false
			}
			a.texels[i] = &tex.texels[tex.levels[l].at]
		}
		a.sizes[i] = c.sizes[i][l]
	}
	return true
}
