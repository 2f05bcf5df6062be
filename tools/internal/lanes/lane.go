package lanes

import (
	"fmt"
	"image/color"

	"github.com/mmlite/mmlite/firmware/machine"
)

// lane draws one lane.
func (d *drawing) lane(b *laneBox) {
	top, h := d.y, b.height()-gap
	d.name(b, top)
	y := top + b.rows*bracketH
	d.ran(b, y)
	if b.dense {
		d.crowd(b, top)
	} else {
		for k := range b.cs {
			d.bracket(&b.cs[k], top+b.row[k]*bracketH, y)
		}
	}
	d.fill(margin, top+h+gap/2, d.axis.x1, top+h+gap/2+1, grid)
	d.y += b.height()
}

// name writes whose lane it is and what it got.
func (d *drawing) name(b *laneBox, y int) {
	a := b.account
	col, what := ink, ""
	switch {
	case a.Broken > 0:
		col, what = Red, fmt.Sprintf("broken %d", a.Broken)
	case a.Failed > 0:
		col, what = Red, fmt.Sprintf("missed %d", a.Failed)
	case a.Missed > 0:
		what = fmt.Sprintf("late %d", a.Missed)
	}
	x := d.bold(margin, y, fit(b.Name, gutter-margin-len(what)*charW-2*charW), col)
	d.plain(x+charW, y, what, col)
	from, to := d.p.Bounds()
	s := fmt.Sprintf("%.1f%%", 100*a.Used.Seconds()/to.Sub(from).Seconds())
	if asked := b.asked(); asked != "" {
		s = asked + ", " + s
	}
	d.plain(margin, y+charH+2, fit(s, gutter-margin-4), pale)
}

// ran draws what was reserved, what was used and where work waited.
func (d *drawing) ran(b *laneBox, y int) {
	ax := d.axis
	for _, s := range union(seen(ax, b.Slices, longest(b.Slices), func(s *Span) machine.Time { return s.From })) {
		x0, x1 := ax.clip(s.From), max(ax.clip(s.To), ax.clip(s.From)+1)
		d.fill(x0, y, x1, y+bandH, slice)
		if x1-x0 >= 4 {
			d.fill(x0, y, x1, y+1, edge)
			d.fill(x0, y, x0+1, y+bandH, edge)
			d.fill(x1-1, y, x1, y+bandH, edge)
		}
	}
	for _, w := range union(seen(ax, b.Waits, longest(b.Waits), func(s *Span) machine.Time { return s.From })) {
		d.fill(ax.clip(w.From), y+bandH-3, max(ax.clip(w.To), ax.clip(w.From)+1), y+bandH-1, waiting)
	}
	d.bars(ax, b.Runs, y+4, y+bandH-4)
	d.fill(ax.x0, y+bandH-1, ax.x1, y+bandH, rule)
}

func longest(spans []Span) (d machine.Duration) {
	for _, s := range spans {
		d = max(d, s.To.Sub(s.From)+1)
	}
	return d
}

// bars draws runs between two heights: as blocks where they are wider than a
// pixel, else as high as the share of the column's time that was used.
func (d *drawing) bars(ax axis, runs []Run, y0, y1 int) {
	long := machine.Duration(0)
	for _, r := range runs {
		long = max(long, r.To.Sub(r.From)+1)
	}
	runs = seen(ax, runs, long, func(r *Run) machine.Time { return r.From })
	width := ax.x1 - ax.x0
	share := make([][rights]float64, width)
	column := float64(ax.To.Sub(ax.From)) / float64(width)
	for _, r := range runs {
		from := max(float64(r.From.Sub(ax.From))/column, 0)
		to := min(float64(r.To.Sub(ax.From))/column, float64(width))
		for x := int(from); x < width && float64(x) < to; x++ {
			share[x][min(r.Right, rights-1)] += min(to, float64(x+1)) - max(from, float64(x))
		}
	}
	for x := range share {
		used := 0.0
		best := 0
		for k, v := range share[x] {
			used += v
			if v > share[x][best] {
				best = k
			}
		}
		if used == 0 {
			continue
		}
		left := x > 0 && sum(share[x-1]) > 0.98
		right := x+1 < width && sum(share[x+1]) > 0.98
		if used > 0.98 || left || right { // all of it, or the end of a block
			if used > 0.5 || !(left || right) {
				d.fill(ax.x0+x, y0, ax.x0+x+1, y1, byRight[best])
			}
			continue
		}
		at := float64(y1)
		for k, v := range share[x] {
			if v == 0 {
				continue
			}
			h := v * float64(y1-y0)
			d.fill(ax.x0+x, int(at-h), ax.x0+x+1, max(int(at), int(at-h)+1), byRight[k])
			at -= h
		}
	}
}

func sum(share [rights]float64) (s float64) {
	for _, v := range share {
		s += v
	}
	return s
}

// bracket draws a constraint: from its start to its deadline, with the estimate as
// a bar at its start; and in red what came after the deadline, solid where that is
// the scheduler's failure.
func (d *drawing) bracket(c *Constraint, y, foot int) {
	ax := d.axis
	if end := max(c.Deadline, c.end(d.now)); !ax.sees(c.Start, end.Add(1)) {
		return
	}
	col := c.Verdict.color()
	x0, x1 := ax.at(c.Start), max(ax.at(c.Deadline), ax.at(c.Start)+2)
	mid, bottom := y+bracketH/2, y+bracketH-3
	clip := func(x int) int { return min(max(x, ax.x0), ax.x1) }
	if c.Estimate > 0 {
		xe := max(ax.at(c.Start.Add(c.Estimate)), x0+1)
		if c.Verdict == Promised {
			d.fill(clip(x0), mid-2, clip(xe), mid+3, col)
		} else {
			d.frame(clip(x0), mid-2, clip(xe), mid+3, col)
		}
	}
	if c.Verdict == Promised {
		d.fill(clip(x0), mid, clip(x1), mid+1, col)
	} else {
		d.dashes(clip(x0), clip(x1), mid, col)
	}
	d.tick(x0, y+1, bottom, 3, col)
	if !c.Missed(d.now) {
		d.tick(x1, y+1, bottom, -3, col)
		return
	}
	xe := max(ax.at(c.end(d.now)), x1+4)
	if !c.Failed(d.now) {
		// Late, but nobody had promised otherwise: hollow.
		d.frame(clip(x1), mid-3, clip(xe), mid+4, Red)
		return
	}
	// A red line from the deadline down to the time used, and a bar up to the end of
	// the work.
	d.fill(clip(x1), mid-4, clip(xe), mid+5, Red)
	if x1 >= ax.x0 && x1 < ax.x1 {
		d.fill(x1-1, y, x1+1, foot+bandH, Red)
	}
}

func (v Verdict) color() color.RGBA {
	switch v {
	case Promised:
		return promise
	case Refused:
		return refusal
	}
	return wish
}

// tick draws an end of a bracket: an upright with a foot to one side.
func (d *drawing) tick(x, y0, y1, foot int, col color.RGBA) {
	if x < d.axis.x0 || x > d.axis.x1 {
		return
	}
	d.fill(x, y0, x+1, y1, col)
	x0, x1 := min(x, x+foot), max(x, x+foot)
	d.fill(x0, y0, x1+1, y0+1, col)
	d.fill(x0, y1-1, x1+1, y1, col)
}

func (d *drawing) frame(x0, y0, x1, y1 int, col color.RGBA) {
	d.fill(x0, y0, x1, y0+1, col)
	d.fill(x0, y1-1, x1, y1, col)
	d.fill(x0, y0, x0+1, y1, col)
	d.fill(x1-1, y0, x1, y1, col)
}

// crowd draws constraints that are too many to be told apart: a column is red if
// one of its deadlines was missed, all of it if that is the scheduler's failure.
func (d *drawing) crowd(b *laneBox, y int) {
	for k := range b.cs {
		c := &b.cs[k]
		if x := d.axis.at(c.Start); x >= d.axis.x0 && x < d.axis.x1 {
			d.fill(x, y+4, x+1, y+bracketH-3, c.Verdict.color())
		}
	}
	for k := range b.cs {
		if c := &b.cs[k]; c.Missed(d.now) {
			if x := d.axis.at(c.Deadline); x >= d.axis.x0 && x < d.axis.x1 {
				top := y + bracketH - 4
				if c.Failed(d.now) {
					top = y + 1
				}
				d.fill(x, top, x+1, y+bracketH, Red)
			}
		}
	}
}
