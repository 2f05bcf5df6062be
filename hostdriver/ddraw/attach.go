package ddraw

// AddAttachedSurface has a surface know its depth buffer, for AttachedSurface. The
// depth buffer stays the caller's. ErrCannotAttachSurface: it is none, or of another
// size. ErrSurfaceAlreadyAttached: there is one.
func (s *Surface) AddAttachedSurface(depth *Surface) error {
	if depth == nil || depth.c.desc.Caps&ZBuffer == 0 {
		return failed(ErrCannotAttachSurface, "that is no depth buffer")
	}
	if depth.c.d != s.c.d {
		return failed(ErrDeviceDoesntOwnSurface, "")
	}
	size := depth.size()
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	switch {
	case s.depth != nil:
		return failed(ErrSurfaceAlreadyAttached, "")
	case s.c.desc.Caps&(ZBuffer|Texture) == ZBuffer, size != s.whole():
		return failed(ErrCannotAttachSurface, "%d by %d pixels of depth for %d by %d", size.X1, size.Y1, s.info.Width, s.info.Height)
	}
	s.depth = depth
	return nil
}

// DeleteAttachedSurface undoes that. nil stands for whatever depth buffer there is.
// ErrSurfaceNotAttached: it is not that one.
func (s *Surface) DeleteAttachedSurface(depth *Surface) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.depth == nil || depth != nil && s.depth != depth {
		return failed(ErrSurfaceNotAttached, "")
	}
	s.depth = nil
	return nil
}

// EnumAttachedSurfaces calls fn with the surfaces that are attached directly, until it
// returns false: the next back buffer or level, and the depth buffer.
func (s *Surface) EnumAttachedSurfaces(fn func(*Surface) bool) {
	c := s.c
	c.mu.Lock()
	var all []*Surface
	if s.index+1 < len(c.surfaces) {
		all = append(all, c.surfaces[s.index+1])
	}
	if s.depth != nil {
		all = append(all, s.depth)
	}
	c.mu.Unlock()
	for _, a := range all {
		if !fn(a) {
			return
		}
	}
}

// EnumSurfaces calls fn with every surface there is that was created by itself, until
// it returns false, in no order.
func (d *DirectDraw) EnumSurfaces(fn func(*Surface) bool) {
	d.mu.Lock()
	all := make([]*Surface, 0, len(d.surfaces))
	for c := range d.surfaces {
		all = append(all, c.surfaces[0])
	}
	d.mu.Unlock()
	for _, s := range all {
		if !fn(s) {
			return
		}
	}
}
