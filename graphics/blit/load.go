package blit

// Load writes the colours of pixels of row y, from x on, as ARGB8888 to dst, whose
// length says how many. They must lie inside the surface, which Check has found
// sound.
func (s *Surface) Load(dst []byte, x, y int) {
	n := len(dst) / 4
	loadFast(s.Format, dst[:4*n], s.span(x, x+n, y), s.Palette, 0xffffffff)
}
