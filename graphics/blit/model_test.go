package blit

// model is Blit said pixel by pixel, the way doc.go says it. It shares only
// Expand and Reduce with the package.
func model(dst *Surface, dr Rect, src *Surface, sr Rect, o *Options) {
	copied := *src
	copied.Pix = append([]byte(nil), src.Pix...)
	src = &copied
	clips := o.Clip
	if clips == nil {
		clips = []Rect{dst.Bounds()}
	}
	for _, c := range clips {
		r := dr.Intersect(dst.Bounds()).Intersect(c)
		for y := r.Y0; y < r.Y1; y++ {
			for x := r.X0; x < r.X1; x++ {
				modelPixel(dst, dr, src, sr, o, x, y)
			}
		}
	}
}

func modelPixel(dst *Surface, dr Rect, src *Surface, sr Rect, o *Options, x, y int) {
	u, v := x-dr.X0, y-dr.Y0
	if o.MirrorX {
		u = dr.Dx() - 1 - u
	}
	if o.MirrorY {
		v = dr.Dy() - 1 - v
	}
	dw, dh := dr.Dx(), dr.Dy()
	switch o.Rotate {
	case Rotate90:
		u, v, dw, dh = v, dw-1-u, dh, dw
	case Rotate180:
		u, v = dw-1-u, dh-1-v
	case Rotate270:
		u, v, dw, dh = dh-1-v, u, dh, dw
	}
	stepX, stepY := sr.Dx()*65536/dw, sr.Dy()*65536/dh
	px, py := stepX/2+u*stepX, stepY/2+v*stepY
	raw := get(src, sr.X0+px/65536, sr.Y0+py/65536)
	was := get(dst, x, y)
	if o.SrcKey.On && inside(o.SrcKey, raw, src.Format) || o.DstKey.On && !inside(o.DstKey, was, dst.Format) {
		return
	}
	same := src.Format == dst.Format && (src.Format != Indexed8 || samePalette(src.Palette, dst.Palette))
	c := Expand(src.Format, raw, src.Palette)
	smooth := o.Filter == Bilinear && (sr.Dx() != dw || sr.Dy() != dh)
	if smooth {
		qx, qy := max(px-32768, 0), max(py-32768, 0)
		x0, y0 := qx/65536, qy/65536
		x1, y1 := min(x0+1, sr.Dx()-1), min(y0+1, sr.Dy()-1)
		at := func(x, y int) uint32 { return Expand(src.Format, get(src, sr.X0+x, sr.Y0+y), src.Palette) }
		fx, fy := uint32(qx/256%256), uint32(qy/256%256)
		if o.Rotate&1 != 0 {
			// What is across in the destination goes down in the source.
			c = mixed(mixed(at(x0, y0), at(x0, y1), fy), mixed(at(x1, y0), at(x1, y1), fy), fx)
		} else {
			c = mixed(mixed(at(x0, y0), at(x1, y0), fx), mixed(at(x0, y1), at(x1, y1), fx), fy)
		}
	}
	var out uint32
	switch {
	case o.Blend != Opaque:
		a := uint32(o.Alpha)
		if o.Blend == PerPixel {
			a = (c>>24*a*2 + 255) / 510
		}
		d := Expand(dst.Format, was, dst.Palette)
		var r uint32
		for sh := 0; sh < 24; sh += 8 {
			r |= ((d>>sh&255*(255-a)+c>>sh&255*a)*2 + 255) / 510 << sh
		}
		r |= ((d>>24*(255-a)+255*a)*2 + 255) / 510 << 24
		out = Reduce(dst.Format, r, dst.Palette)
	case same && !smooth:
		out = raw
	default:
		out = Reduce(dst.Format, c, dst.Palette)
	}
	t := o.ROP.table()
	var r uint32
	for bit := range 8 * dst.Format.Bytes() {
		i := o.Pattern>>bit&1<<2 | out>>bit&1<<1 | was>>bit&1
		r |= uint32(t>>i&1) << bit
	}
	put(dst, x, y, r)
}

func mixed(a, b, f uint32) uint32 {
	var r uint32
	for sh := 0; sh < 32; sh += 8 {
		r |= (a>>sh&255*(256-f) + b>>sh&255*f + 128) / 256 << sh
	}
	return r
}

func inside(k Key, v uint32, f Format) bool {
	m := f.used()
	return v&m >= k.Low&m && v&m <= k.High&m
}

func get(s *Surface, x, y int) uint32 {
	p := s.span(x, x+1, y)
	var v uint32
	for i, b := range p {
		v |= uint32(b) << (8 * i)
	}
	return v
}

func put(s *Surface, x, y int, v uint32) {
	for i := range s.Format.Bytes() {
		s.span(x, x+1, y)[i] = byte(v >> (8 * i))
	}
}
