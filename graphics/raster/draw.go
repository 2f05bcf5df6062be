package raster

// Draw draws the part of a triangle that lies in the chunk. The triangle must
// have been set up with the same pipeline.
func (c *Chunk) Draw(t *Triangle, p *Pipeline) {
	y0, y1, any := c.cover(t)
	if any == 0 {
		return
	}
	t.cornerFast(&c.corner, c.x, c.y, p.need)
	if !p.kernel.draw(c, t, y0, y1, any) && !p.compiled.draw(c, t, y0, y1, any) {
		c.interpret(t, p, y0, y1)
	}
}
