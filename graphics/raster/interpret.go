package raster

import "math/bits"

// walk is the reference's way through a chunk: the planes at the chunk's corner.
type walk struct {
	t     *paint
	p     *Pipeline
	c     *[planeSlots]float32
	row   [planeSlots]float32
	pixel [planeSlots]float32
	s     [2]sampler
}

// interpret draws the pixels of the chunk's masks, one by one, asking every
// state at every pixel. Everything else in this package is measured against it.
func (c *Chunk) interpret(t *paint, p *Pipeline) {
	s := &c.span
	w := walk{t: t, p: p, c: &c.corner}
	for i := range w.s {
		w.s[i] = sampler{t: p.Textures[i], st: &p.State.Stages[i], border: p.Params.BorderColor[i]}
		if p.need&(needTex<<i) != 0 {
			w.s[i].ratio, w.s[i].scale = p.ratio[i], p.scale[i]
		}
	}
	for y := s.y0; y < s.y1; y++ {
		m := c.masks[y] & s.any
		if m == 0 {
			continue
		}
		for i := range planeSlots {
			w.row[i] = w.c[i] + float32(t.g.dy[i]*float32(y))
		}
		for ; m != 0; m &= m - 1 {
			x := s.start + bits.TrailingZeros32(m)
			for i := range planeSlots {
				w.pixel[i] = w.row[i] + float32(t.g.dx[i]*float32(x))
			}
			at := y*Size + x
			w.draw(&c.Color[at], &c.Depth[at], &c.Stencil[at])
		}
	}
}

// draw does one pixel.
func (w *walk) draw(color *uint32, depth *float32, stencil *uint8) {
	s, params := &w.p.State, &w.p.Params
	z := w.pixel[planeZ]
	if !(z > 0) {
		z = 0
	}
	if !(z < 1) {
		z = 1
	}
	near := !s.DepthTest || compare(s.DepthFunc, z < *depth, z == *depth)
	if !near && !s.Stencil.Test {
		return
	}
	var out rgba
	if !s.NoColor || s.AlphaTest {
		out = w.shade(z)
	}
	if s.AlphaTest && !compare(s.AlphaFunc, out[3] < int32(params.AlphaRef), out[3] == int32(params.AlphaRef)) {
		return
	}
	if s.Stencil.Test && !s.Stencil.do(stencil, params, near) {
		return
	}
	if !s.NoColor {
		if s.Blend {
			a, b := s.factors()
			out = mix(a, b, out, unpack(*color))
		}
		*color = out.pack()
	}
	if s.DepthTest && s.DepthWrite {
		*depth = z
	}
}

// shade gives a pixel's colour before blending.
func (w *walk) shade(z float32) rgba {
	p, s := w.p, &w.p.State
	r := float32(1)
	if !w.t.affine {
		r = 1 / w.pixel[planeW]
	}
	var in inputs
	in.factor = unpack(p.Params.TextureFactor)
	in.diffuse, in.specular = unpack(w.t.diffuse), unpack(w.t.gloss)
	if !s.Flat {
		in.diffuse = w.colour(planeDiffuse, r)
	}
	if p.need&needSpecular != 0 {
		c := w.colour(planeSpecular, r)
		if s.Flat {
			in.specular[3] = c[3] // fog is not flat
		} else {
			in.specular = c
		}
	}
	in.current = in.diffuse
	for i := range p.stages {
		in.texture = rgba{255, 255, 255, 255}
		if p.need&(needTex<<i) != 0 {
			in.texture = unpack(w.texel(i, r))
		}
		in.combine(&s.Stages[i])
	}
	out := in.current
	if s.Specular {
		for i := range 3 {
			out[i] = min(out[i]+in.specular[i], 255)
		}
	}
	switch {
	case s.Fog == FogVertex:
		out = fog(out, p.Params.FogColor, in.specular[3])
	case s.Fog != FogNone && s.FogByW:
		out = fog(out, p.Params.FogColor, p.fogFactor(1/w.pixel[planeW]))
	case s.Fog != FogNone:
		out = fog(out, p.Params.FogColor, p.fogFactor(z))
	}
	return out
}

// colour is four planes as a colour.
func (w *walk) colour(i int, r float32) rgba {
	var c rgba
	for k := range c {
		v := w.pixel[i+k]
		if !w.t.affine {
			v = float32(v * r)
		}
		c[k] = limit(nearestInt(v))
	}
	return c
}

// texel samples a stage's texture.
func (w *walk) texel(i int, r float32) uint32 {
	u, v, f := w.footprint(i, r)
	return w.s[i].sample(u, v, &f)
}

// footprint is where a stage's texture is read.
func (w *walk) footprint(i int, r float32) (u, v float32, f footprint) {
	k := planeOfTex(i)
	u, v = w.pixel[k], w.pixel[k+1]
	g := w.t.g
	var wx, wy float32
	if !w.t.affine {
		u, v = float32(u*r), float32(v*r)
		wx, wy = g.dx[planeW], g.dy[planeW]
	}
	return u, v, footprint{
		float32((g.dx[k] - float32(u*wx)) * r), float32((g.dy[k] - float32(u*wy)) * r),
		float32((g.dx[k+1] - float32(v*wx)) * r), float32((g.dy[k+1] - float32(v*wy)) * r),
	}
}
