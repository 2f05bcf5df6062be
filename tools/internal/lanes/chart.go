package lanes

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"

	"github.com/mmlite/mmlite/firmware/com"
)

// Chart is curves over two logarithmic axes.
type Chart struct {
	Title, X, Y string
	Curves      []Curve
}

// Curve is one of a chart's. Points that are not above 0 are left out.
type Curve struct {
	Name   string
	Points [][2]float64
}

// curveColours are taken in turn; red is not among them.
var curveColours = []color.RGBA{
	{0x1b, 0x5f, 0xc2, 0xff}, {0x2a, 0x9d, 0x5c, 0xff}, {0xee, 0xa5, 0x1e, 0xff}, {0x9c, 0x4a, 0xb0, 0xff}, {0x55, 0x5b, 0x63, 0xff}, {0x17, 0x9c, 0xa8, 0xff},
}

const (
	chartW, chartH = 800, 420
	chartLeft      = 88
	chartBottom    = 48
	chartTop       = 60
	maxCharts      = 16
)

// WriteCharts draws charts beside each other, two in a row, as PNG. The error is
// of com.ErrInvalid for no charts or too many, or the writer's.
func WriteCharts(w io.Writer, charts []Chart) error {
	img, err := drawCharts(charts)
	if err != nil {
		return err
	}
	return png.Encode(w, img)
}

func drawCharts(charts []Chart) (*image.RGBA, error) {
	if len(charts) == 0 || len(charts) > maxCharts {
		return nil, com.Errorf(com.ErrInvalid, "%d charts: want 1 to %d", len(charts), maxCharts)
	}
	c := newCanvas(min(len(charts), 2)*chartW, (len(charts)+1)/2*chartH)
	for i := range charts {
		charts[i].draw(c, i%2*chartW, i/2*chartH)
	}
	return c.RGBA, nil
}

// scale maps values to pixels by their logarithm.
type scale struct {
	lo, hi float64 // powers of ten
	p0, p1 int
}

func (s scale) at(v float64) int {
	return s.p0 + int(math.Round((math.Log10(v)-s.lo)/(s.hi-s.lo)*float64(s.p1-s.p0)))
}

// around returns a scale of whole decades that holds all values.
func around(values []float64, p0, p1 int) scale {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		lo, hi = min(lo, math.Floor(math.Log10(v))), max(hi, math.Ceil(math.Log10(v)))
	}
	if lo > hi {
		lo, hi = 0, 1
	}
	return scale{lo, max(hi, lo+1), p0, p1}
}

func drawn(p [2]float64) bool {
	const most = 1e30
	return p[0] > 1/most && p[1] > 1/most && p[0] < most && p[1] < most
}

func (h *Chart) draw(c canvas, x0, y0 int) {
	var xs, ys []float64
	for _, k := range h.Curves {
		for _, p := range k.Points {
			if drawn(p) {
				xs, ys = append(xs, p[0]), append(ys, p[1])
			}
		}
	}
	left, right, top, bottom := x0+chartLeft, x0+chartW-2*margin, y0+chartTop, y0+chartH-chartBottom
	sx, sy := around(xs, left, right), around(ys, bottom, top)
	c.bold(x0+margin, y0+margin-4, fit(h.Title, chartW-2*margin), ink)
	for e := sx.lo; e <= sx.hi; e++ {
		x := sx.at(math.Pow(10, e))
		c.fill(x, top, x+1, bottom, grid)
		s := power(e)
		c.plain(x-len(s)*charW/2, bottom+4, s, pale)
	}
	for e := sy.lo; e <= sy.hi; e++ {
		y := sy.at(math.Pow(10, e))
		c.fill(left, y, right, y+1, grid)
		s := power(e)
		c.plain(left-len(s)*charW-6, y-charH/2, s, pale)
	}
	c.plain((left+right-len(h.X)*charW)/2, bottom+4+charH+2, h.X, ink)
	c.plain(x0+margin, top-charH/2-charH-2, h.Y, ink) // above the uppermost number
	for i, k := range h.Curves {
		col := curveColours[i%len(curveColours)]
		last, begun := [2]int{}, false
		for _, p := range k.Points {
			if !drawn(p) {
				continue
			}
			at := [2]int{sx.at(p[0]), sy.at(p[1])}
			if begun {
				c.line(last, at, col)
			}
			if len(k.Points) <= 20 {
				c.fill(at[0]-3, at[1]-3, at[0]+4, at[1]+4, col)
			}
			last, begun = at, true
		}
		y := top + 4 + i*(charH+2)
		c.fill(right-200, y+6, right-176, y+9, col)
		c.plain(right-170, y, fit(k.Name, 170), ink)
	}
}

// power writes a power of ten.
func power(e float64) string {
	if e >= 0 && e <= 6 {
		return fmt.Sprintf("%.0f", math.Pow(10, e))
	}
	if e < 0 && e >= -4 {
		return fmt.Sprintf("%.*f", int(-e), math.Pow(10, e))
	}
	return fmt.Sprintf("1e%.0f", e)
}

// line draws a line two pixels thick.
func (c canvas) line(a, b [2]int, col color.RGBA) {
	n := max(abs(b[0]-a[0]), abs(b[1]-a[1]), 1)
	for k := 0; k <= n; k++ {
		x, y := a[0]+(b[0]-a[0])*k/n, a[1]+(b[1]-a[1])*k/n
		c.fill(x, y, x+2, y+2, col)
	}
}
