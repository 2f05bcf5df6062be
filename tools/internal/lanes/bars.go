package lanes

import (
	"fmt"
	"image"
	"image/png"
	"io"

	"github.com/mmlite/mmlite/firmware/com"
)

// Bars is a table of values drawn as bars: every row has one of each side, and
// the longest of the row, or its goal, is as long as there is room.
type Bars struct {
	Title string
	Sides []string // at most as many as there are colours of curves
	Rows  []BarRow
}

// BarRow is one of a table's. Values that are not above 0 are not drawn.
type BarRow struct {
	Name   string
	Values []float64 // of the sides, in their order
	Goal   float64   // of the first side: a mark; 0 is none
}

const (
	barsW   = 1000
	barsX   = 330 // where bars begin
	barH    = 8
	barsGap = 8
	maxBars = 200
)

// WriteBars draws tables below each other, as PNG. The error is of
// com.ErrInvalid for none, for more than 200 rows or six sides, or the writer's.
func WriteBars(w io.Writer, tables []Bars) error {
	img, err := drawBars(tables)
	if err != nil {
		return err
	}
	return png.Encode(w, img)
}

func (b *Bars) rowHeight() int { return max(len(b.Sides)*barH, charH) + barsGap }

func drawBars(tables []Bars) (*image.RGBA, error) {
	height, rows := margin, 0
	for i := range tables {
		b := &tables[i]
		if len(b.Sides) > len(curveColours) {
			return nil, com.Errorf(com.ErrInvalid, "%d sides: %d at most", len(b.Sides), len(curveColours))
		}
		rows += len(b.Rows)
		height += 2*charH + margin + len(b.Rows)*b.rowHeight()
	}
	if rows == 0 || rows > maxBars {
		return nil, com.Errorf(com.ErrInvalid, "%d rows: want 1 to %d", rows, maxBars)
	}
	c := newCanvas(barsW, height)
	y := margin
	for i := range tables {
		y = tables[i].draw(c, y)
	}
	return c.RGBA, nil
}

// draw draws a table and returns where it ends.
func (b *Bars) draw(c canvas, y int) int {
	x := max(c.bold(margin, y, b.Title, ink)+3*charW, barsX)
	for i, s := range b.Sides {
		c.fill(x, y+3, x+10, y+13, curveColours[i])
		x = c.plain(x+14, y, s, ink) + 2*charW
	}
	y += 2 * charH
	const room = barsW - margin - barsX - 10*charW
	for _, r := range b.Rows {
		most := r.Goal
		for _, v := range r.Values {
			most = max(most, v)
		}
		c.plain(margin, y+(b.rowHeight()-barsGap-charH)/2, fit(r.Name, barsX-2*margin), ink)
		for i, v := range r.Values[:min(len(r.Values), len(b.Sides))] {
			if !(v > 0) || !(most < 1e300) {
				continue
			}
			c.fill(barsX, y+i*barH, barsX+max(int(v/most*room), 1), y+(i+1)*barH-1, curveColours[i])
		}
		if r.Goal > 0 && most < 1e300 {
			x := barsX + int(r.Goal/most*room)
			c.fill(x-1, y-3, x+1, y+barH+2, ink)
		}
		if len(r.Values) > 0 && r.Values[0] > 0 {
			c.plain(barsX+room+charW, y+(b.rowHeight()-barsGap-charH)/2, short(r.Values[0]), ink)
		}
		y += b.rowHeight()
	}
	return y + margin
}

// short writes a rate in a few characters.
func short(v float64) string {
	if v < 100 {
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.0f", v)
}
