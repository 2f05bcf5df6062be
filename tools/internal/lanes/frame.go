package lanes

import (
	"fmt"
	"image/color"
	"slices"
	"strings"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// head writes the title and the notes.
func (d *drawing) head() {
	d.y = margin
	verdict, col := d.verdict()
	x := d.axis.x1 - len(verdict)*charW
	d.bold(x, d.y, verdict, col)
	d.bold(margin, d.y, fit(d.p.Title, x-margin-charW), ink)
	d.y += charH + 8
	for _, n := range d.p.Notes {
		d.plain(margin, d.y, fit(n, d.axis.x1-margin), pale)
		d.y += lineH
	}
	d.y += 8
}

// verdict says how it went in a line.
func (d *drawing) verdict() (string, color.RGBA) {
	misses, broken, failed, promised := 0, 0, 0, 0
	for i := range d.accounts {
		a := &d.accounts[i]
		misses, broken, failed, promised = misses+a.Missed, broken+a.Broken, failed+a.Failed, promised+a.Promised
	}
	good := byRight[sched.RightOwn]
	switch {
	case broken > 0:
		return fmt.Sprintf("%d of %d promises were broken", broken, promised), Red
	case failed > 0 && promised > 0:
		return fmt.Sprintf("all %d promises were kept; %d deadlines were missed of which the policy did not know", promised, failed), Red
	case failed > 0:
		return fmt.Sprintf("nothing was promised, and %d deadlines were missed", failed), Red
	case promised > 0 && misses > 0:
		return fmt.Sprintf("all %d promises were kept; late without one: %d", promised, misses), good
	case promised > 0:
		return fmt.Sprintf("all %d promises were kept", promised), good
	case misses > 0:
		return fmt.Sprintf("%d were late that had got no promise", misses), good
	}
	return "no deadline was missed", good
}

// overview draws all the time there is, in a strip for each lane, with a red mark
// where a deadline was missed, and shows which part of it the lanes below show.
func (d *drawing) overview() {
	ax := d.all
	top, bottom := d.y, d.y+len(d.lanes)*stripH
	w0, w1 := ax.clip(d.axis.From), max(ax.clip(d.axis.To), ax.clip(d.axis.From)+2)
	d.fill(w0, top, w1, bottom, shown)
	for i := range d.lanes {
		b := &d.lanes[i]
		d.bars(ax, b.Runs, d.y+2, d.y+stripH-1)
		d.fill(ax.x0, d.y+stripH-1, ax.x1, d.y+stripH, grid)
		for k := range b.Constraints {
			if c := &b.Constraints[k]; c.Missed(d.now) {
				x := min(ax.clip(c.Deadline), ax.x1-1)
				top := d.y + stripH - 4
				if c.Failed(d.now) {
					top = d.y
				}
				d.fill(x, top, x+1, d.y+stripH-1, Red)
			}
		}
		d.y += stripH
	}
	d.plain(margin, top-2, "all of it", pale)
	d.fill(w0, top-1, w1, top, ink)
	d.fill(w0, bottom, w1, bottom+1, ink)
	d.times(ax, false)
	// From the part to its enlargement.
	d.y += gap
	d.slope(w0, bottom+1, d.axis.x0, d.y+axisH-2)
	d.slope(w1, bottom+1, d.axis.x1-1, d.y+axisH-2)
}

// slope draws a line.
func (d *drawing) slope(x0, y0, x1, y1 int) {
	n := max(abs(x1-x0), y1-y0, 1)
	for k := 0; k <= n; k += 2 {
		x, y := x0+(x1-x0)*k/n, y0+(y1-y0)*k/n
		d.fill(x, y, x+1, y+1, rule)
	}
}

func abs(x int) int { return max(x, -x) }

// times writes the time axis.
func (d *drawing) times(ax axis, below bool) {
	from, _ := d.p.Bounds()
	step := ax.step(charW * 12)
	y := d.y
	ax.marks(from, step, func(x int, t machine.Duration) {
		s := milliseconds(t, step)
		if left := min(x, ax.x1-len(s)*charW) - 0; left >= ax.x0 {
			d.plain(left+2, y+2, s, pale)
		}
		if below {
			d.fill(x, y+charH+2, x+1, y+axisH, rule)
		} else {
			d.fill(x, y, x+1, y+4, rule)
		}
	})
	d.y += axisH
}

// legend says what is what.
func (d *drawing) legend() {
	x, y := d.axis.x0, d.y+8
	room := func(n int) {
		if x+n > d.axis.x1 {
			x, y = d.axis.x0, y+lineH
		}
	}
	box := func(what string, draw func(x, y int)) {
		room(26 + len(what)*charW)
		draw(x, y)
		x = d.plain(x+26, y, what, ink) + 20
	}
	block := func(col color.RGBA) func(x, y int) {
		return func(x, y int) { d.fill(x, y+3, x+20, y+13, col) }
	}
	box("reserved", func(x, y int) { d.fill(x, y+2, x+20, y+14, slice); d.frame(x, y+2, x+20, y+14, edge) })
	used := map[sched.Right]bool{}
	for i := range d.lanes {
		for _, r := range d.lanes[i].Runs {
			used[r.Right] = true
		}
	}
	for _, r := range []struct {
		right sched.Right
		what  string
	}{
		{sched.RightBooked, "ran: booked for a constraint"}, {sched.RightOwn, "in its own slice"},
		{sched.RightStandby, "in place of a slice missed"}, {sched.RightSpare, "in spare time"}, {sched.RightNone, "by turns"},
	} {
		if used[r.right] {
			box(r.what, block(byRight[r.right]))
		}
	}
	box("had to wait", func(x, y int) { d.fill(x, y+9, x+20, y+11, waiting) })
	any := map[Verdict]bool{}
	for i := range d.lanes {
		for k := range d.lanes[i].Constraints {
			any[d.lanes[i].Constraints[k].Verdict] = true
		}
	}
	sample := func(v Verdict, late bool) func(x, y int) {
		return func(x, y int) {
			col := v.color()
			if v != Promised {
				d.dashes(x, x+18, y+8, col)
				d.frame(x, y+6, x+8, y+11, col)
			} else {
				d.fill(x, y+8, x+18, y+9, col)
				d.fill(x, y+6, x+8, y+11, col)
			}
			d.fill(x, y+3, x+1, y+14, col)
			if late {
				d.fill(x+14, y+5, x+20, y+12, Red)
				return
			}
			d.fill(x+18, y+3, x+19, y+14, col)
		}
	}
	if any[Promised] {
		box("constraint promised: start, estimate, deadline", sample(Promised, false))
	}
	if any[Refused] {
		box("refused", sample(Refused, false))
	}
	if any[Wished] {
		box("deadline that this policy does not know", sample(Wished, false))
	}
	if slices.ContainsFunc(d.accounts, func(a Account) bool { return a.Failed > 0 }) {
		box("too late", func(x, y int) { d.fill(x, y+4, x+20, y+12, Red) })
	}
	if slices.ContainsFunc(d.accounts, func(a Account) bool { return a.Missed > a.Failed }) {
		box("late, but not promised or beyond its estimate", func(x, y int) { d.frame(x, y+5, x+20, y+12, Red) })
	}
	d.y = y + lineH + 8
}

// guilty says of the lanes that were failed who ran meanwhile.
func (d *drawing) guilty() (lines []string) {
	for i := range d.accounts {
		a := &d.accounts[i]
		if a.Failed == 0 {
			continue
		}
		s := fmt.Sprintf("%s: %d of %d deadlines missed", a.Name, a.Failed, a.Constraints)
		if a.Broken > 0 {
			s = fmt.Sprintf("%s: %d of %d promises broken", a.Name, a.Broken, a.Promised)
		}
		var who []string
		total := machine.Duration(0)
		for _, b := range a.Blame {
			total += b.Time
		}
		for k, b := range a.Blame {
			if k < 4 {
				who = append(who, fmt.Sprintf("%s %.0f%%", b.Name, 100*b.Time.Seconds()/total.Seconds()))
			}
		}
		if len(who) > 0 {
			s += "; who ran until it was done: " + strings.Join(who, ", ")
		}
		lines = append(lines, s)
	}
	return lines
}

// verdicts say who was late, and who ran meanwhile.
func (d *drawing) verdicts() {
	lines := d.guilty()
	for k, s := range lines {
		if k == blameLines-1 && len(lines) > blameLines {
			s = fmt.Sprintf("and %d activities more", len(lines)-k)
		}
		if k < blameLines {
			d.plain(d.axis.x0, d.y, fit(s, d.axis.x1-d.axis.x0), Red)
			d.y += lineH
		}
	}
}
