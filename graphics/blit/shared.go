package blit

import "sort"

// drawShared moves pixels inside one memory: row by row in the order of addresses, away
// from where they go. A row that is read where it is written is set aside first, so the
// rectangles of a clip list that cross it can come in any order.
func (j *job) drawShared() {
	whole := [1]Rect{j.dr}
	clips := j.o.Clip
	if clips == nil {
		clips = whole[:]
	}
	all := j.dr.Intersect(j.dst.Bounds())
	dst, src := j.dst.place(all.X0, all.Y0), j.src.place(j.sr.X0+all.X0-j.dr.X0, all.Y0+j.sr.Y0-j.dr.Y0)
	up, width := dst > src, uintptr(all.Dx()*j.dst.Format.Bytes())
	if len(clips) > 1 && src < dst+width && dst < src+width {
		var line [4 * MaxSize]byte
		j.sharedRows(clips, all, up, line[:])
	} else {
		j.sharedRows(clips, all, up, nil)
	}
}

// sharedRows moves pixels row by row, and reads each row from line, if that is not nil.
func (j *job) sharedRows(clips []Rect, all Rect, up bool, line []byte) {
	x0, down := j.sr.X0+all.X0-j.dr.X0, j.sr.Y0-j.dr.Y0
	plain, sorted := j.rowWork() == rowCopy, banded(clips)
	from := *j.src
	row := *j // reads from there
	row.src = &from
	if line != nil {
		from.Pix, from.Pitch = line, 0
	}
	var b buffers
	first, last := 0, len(clips)
	for i := range all.Dy() {
		y := all.Y0 + i
		if up {
			y = all.Y1 - 1 - i
		}
		if sorted {
			first = sort.Search(len(clips), func(k int) bool { return clips[k].Y1 > y })
			last = first + sort.Search(len(clips)-first, func(k int) bool { return clips[first+k].Y0 > y })
		}
		if row.drew((last - first) / 2); first == last {
			continue
		}
		if line != nil {
			copy(from.span(x0, x0+all.Dx(), 0), j.src.span(x0, x0+all.Dx(), y+down))
			row.drew(all.Dx() / 4)
		}
		for _, c := range clips[first:last] {
			if c = c.Intersect(all); y >= c.Y0 && y < c.Y1 && c.X0 < c.X1 {
				row.sharedRow(&b, c, y, up, plain)
			}
		}
	}
}

// sharedRow moves what a clip rectangle has of a row.
func (j *job) sharedRow(b *buffers, c Rect, y int, up, plain bool) {
	j.drew(max(c.Dx(), spanWork))
	if plain {
		x := j.sr.X0 + c.X0 - j.dr.X0
		copy(j.dst.span(c.X0, c.X1, y), j.src.span(x, x+c.Dx(), j.sr.Y0+y-j.dr.Y0))
		return
	}
	for done := 0; done < c.Dx(); {
		n := min(spanPixels, c.Dx()-done)
		x := c.X0 + done
		if up {
			x = c.X1 - done - n
		}
		j.span(b, x, x+n, y, false)
		done += n
	}
}

// banded says whether clip rectangles follow each other from top to bottom, those that
// share rows sharing all of them.
func banded(clips []Rect) bool {
	for k := 1; k < len(clips); k++ {
		a, b := clips[k-1], clips[k]
		if b.Y0 < a.Y1 && (b.Y0 != a.Y0 || b.Y1 != a.Y1) {
			return false
		}
	}
	return true
}
