package lanes

import (
	"fmt"
	"image"
	"image/png"
	"io"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Options say how a picture is drawn.
type Options struct {
	// From and To choose what the lanes show, counted from where the data begins.
	// Both 0: some time around the first miss, or at the beginning. Only To 0: up to
	// the end.
	From, To machine.Duration
	// Width in pixels: 1600 if 0.
	Width int
}

// Limits of a picture.
const (
	MinWidth = 640
	MaxWidth = 16000
	MaxLanes = 60 // drawn; the accounts have all
	MaxTime  = 24 * 3600 * machine.Second
	least    = machine.Microsecond
)

// Sizes in pixels.
const (
	margin     = 16
	gutter     = 224 // for names
	stripH     = 12  // of a lane in the overview
	bracketH   = 14  // of a row of brackets
	rows       = 3   // of brackets, at most
	bandH      = 26  // of what ran
	gap        = 12  // between lanes
	axisH      = 22
	legendH    = 96 // at most
	lineH      = 20
	blameLines = 6
)

// WritePNG draws the picture and writes it as PNG. The error is of com.ErrInvalid
// for options out of range, or the writer's.
func (p *Picture) WritePNG(w io.Writer, o Options) error {
	img, err := p.Draw(o)
	if err != nil {
		return err
	}
	return png.Encode(w, img)
}

// Draw draws the picture: an overview of all that there is, and the lanes for the
// time that o chooses.
func (p *Picture) Draw(o Options) (*image.RGBA, error) {
	if o.Width == 0 {
		o.Width = 1600
	}
	if o.Width < MinWidth || o.Width > MaxWidth {
		return nil, com.Errorf(com.ErrInvalid, "a picture is %d to %d pixels wide, not %d", MinWidth, MaxWidth, o.Width)
	}
	from, to := p.Bounds()
	if to.Sub(from) < least {
		return nil, com.Errorf(com.ErrInvalid, "there is nothing to draw")
	}
	if to.Sub(from) > MaxTime {
		return nil, com.Errorf(com.ErrInvalid, "a picture of %v is too long: at most %v", to.Sub(from), MaxTime)
	}
	win := p.window(&o)
	if o.To == 0 && win.From >= to {
		return nil, com.Errorf(com.ErrInvalid, "cannot show from %v on: there are %v", o.From, to.Sub(from))
	}
	if o.From < 0 || win.To.Sub(win.From) < least || win.From >= to {
		return nil, com.Errorf(com.ErrInvalid, "cannot show from %v to %v: want some of the %v that there are", o.From, o.To, to.Sub(from))
	}
	win.To = min(win.To, to)
	d := &drawing{
		p: p, now: to, accounts: p.Accounts(),
		all:  axis{Span{from, to}, gutter, o.Width - margin},
		axis: axis{win, gutter, o.Width - margin},
	}
	for i := range p.Lanes {
		if len(d.lanes) < MaxLanes {
			d.lanes = append(d.lanes, d.measure(i))
		}
	}
	d.canvas = newCanvas(o.Width, d.height())
	d.everything()
	// The legend has as many lines as it needs.
	return d.SubImage(image.Rect(0, 0, o.Width, d.y+margin)).(*image.RGBA), nil
}

// drawing is a picture at work.
type drawing struct {
	canvas
	p        *Picture
	now      machine.Time // where the data ends
	accounts []Account
	all      axis // of the overview
	axis     axis // of the lanes
	lanes    []laneBox
	y        int
}

// laneBox is how a lane is laid out.
type laneBox struct {
	*Lane
	i       int
	account *Account
	rows    int   // of brackets
	row     []int // of each constraint that is seen
	cs      []Constraint
	dense   bool // too many brackets to tell one from the other
}

// measure lays a lane out.
func (d *drawing) measure(i int) laneBox {
	b := laneBox{Lane: &d.p.Lanes[i], i: i, account: &d.accounts[i]}
	longest := machine.Duration(0)
	for k := range b.Constraints {
		c := &b.Constraints[k]
		longest = max(longest, max(c.end(d.now), c.Deadline).Sub(c.Start)+1)
	}
	b.cs = seen(d.axis, b.Constraints, longest, func(c *Constraint) machine.Time { return c.Start })
	b.dense = len(b.cs) > (d.axis.x1-d.axis.x0)/5
	if len(b.Constraints) > 0 {
		b.rows = 1
	}
	if b.dense {
		return b
	}
	var until [rows]int // where the rows are free again
	for k := range until {
		until[k] = -1 << 30
	}
	for k := range b.cs {
		c := &b.cs[k]
		x0, x1 := d.axis.at(c.Start), max(d.axis.at(c.Deadline), d.axis.at(c.Start)+2)
		if c.Missed(d.now) {
			x1 = max(d.axis.at(c.end(d.now)), x1) + 3
		}
		r := 0
		for r < rows-1 && until[r] > x0 {
			r++
		}
		until[r] = max(until[r], x1)
		b.rows = max(b.rows, r+1)
		b.row = append(b.row, r)
	}
	return b
}

func (b *laneBox) height() int { return max(b.rows*bracketH+bandH, 2*charH+6) + gap }

func (d *drawing) height() int {
	h := margin + charH + 8 + len(d.p.Notes)*lineH + 8
	if !d.whole() {
		h += len(d.lanes)*stripH + axisH + 2*gap
	}
	h += axisH + legendH + margin + lineH*min(len(d.guilty()), blameLines)
	group := ""
	for i := range d.lanes {
		h += d.lanes[i].height()
		if d.lanes[i].Group != group {
			group = d.lanes[i].Group
			h += lineH
		}
	}
	if len(d.p.Lanes) > len(d.lanes) {
		h += lineH
	}
	return h
}

// whole reports whether the lanes show all that there is.
func (d *drawing) whole() bool { return d.axis.Span == d.all.Span }

func (d *drawing) everything() {
	d.head()
	if !d.whole() {
		d.overview()
	}
	d.times(d.axis, true)
	d.ground()
	group := ""
	for i := range d.lanes {
		if b := &d.lanes[i]; b.Group != group {
			group = b.Group
			d.fill(margin, d.y+lineH-2, d.axis.x1, d.y+lineH-1, rule)
			d.plain(margin, d.y, "processor "+group, pale)
			d.y += lineH
		}
		d.lane(&d.lanes[i])
	}
	if n := len(d.p.Lanes) - len(d.lanes); n > 0 {
		d.plain(margin, d.y, fmt.Sprintf("and %d activities more, not drawn", n), pale)
		d.y += lineH
	}
	d.legend()
	d.verdicts()
}

// ground draws what lies below the lanes: the grid, and a tint over all lanes of a
// processor where the work of one of them had failed to be done, so that one sees who ran then.
func (d *drawing) ground() {
	from, _ := d.p.Bounds()
	step := d.axis.step(charW * 12)
	y := d.y
	for i := 0; i < len(d.lanes); {
		group, top := d.lanes[i].Group, y
		if group != "" && (i == 0 || d.lanes[i-1].Group != group) {
			top += lineH
		}
		y = top
		n := i
		for ; n < len(d.lanes) && d.lanes[n].Group == group; n++ {
			y += d.lanes[n].height()
		}
		d.axis.marks(from, step, func(x int, _ machine.Duration) { d.fill(x, top, x+1, y, grid) })
		for _, b := range d.lanes[i:n] {
			for k := range b.cs {
				if c := &b.cs[k]; c.Failed(d.now) {
					d.fill(d.axis.clip(c.Deadline), top, d.axis.clip(c.end(d.now)), y, tint)
				}
			}
		}
		i = n
	}
}
