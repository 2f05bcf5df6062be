package raster

// Draw draws the part of a triangle that lies in the chunk. The triangle must
// have been set up with the same pipeline.
func (c *Chunk) Draw(t *Triangle, p *Pipeline) {
	y0, y1 := c.cover(t)
	if y0 >= y1 {
		return
	}
	t.corner(&c.corner, c.x, c.y)
	if !p.kernel.draw(c, t, p, y0, y1) {
		c.interpret(t, p, y0, y1)
	}
}
