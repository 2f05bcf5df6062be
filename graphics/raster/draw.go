package raster

// span is the pixels of a chunk that a triangle covers: the chunk's masks from
// row y0 to before y1, bit 0 being column start.
type span struct {
	start, y0, y1 int
	any           uint32 // bits set in any row
	full          uint32 // bits set in all rows, or 0
}

// paint is what a triangle's pixels are made from, besides the planes at the
// chunk's corner.
type paint struct {
	g              *gradients
	affine         bool   // one w
	diffuse, gloss uint32 // colours of the first vertex
}

// Draw draws the part of a triangle that lies in the chunk. The triangle must
// have been set up with the same pipeline.
func (c *Chunk) Draw(t *Triangle, p *Pipeline) {
	if !c.cover(t) {
		return
	}
	t.cornerFast(&c.corner, c.x, c.y, p.need)
	c.left(&t.g, p.need)
	c.paint(&paint{&t.g, t.affine, t.diffuse, t.gloss}, p)
}

// DrawTriangle sets a triangle up, of whichever winding, and draws the part of
// it that lies in the chunk: the same as Setup and Draw, and for triangles that
// reach into few chunks the faster way.
func (c *Chunk) DrawTriangle(p *Pipeline, v0, v1, v2 *Vertex) {
	if c.drawSmall(p, v0, v1, v2) {
		return
	}
	var t Triangle
	if t.Setup(p, CullNone, v0, v1, v2) {
		c.Draw(&t, p)
	}
}

// paint draws the chunk's span by the best loop there is.
func (c *Chunk) paint(t *paint, p *Pipeline) {
	if !p.kernel.draw(c, t, p) && !p.compiled.draw(c, t, p) {
		c.interpret(t, p)
	}
}
