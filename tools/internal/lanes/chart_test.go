package lanes

import (
	"bytes"
	"image"
	"math"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

func TestChart(t *testing.T) {
	flat := Curve{Name: "flat", Points: [][2]float64{{1, 100}, {10, 100}, {10000, 100}, {0, 5}, {3, math.Inf(1)}, {math.NaN(), 1}}}
	rising := Curve{Name: "rising", Points: [][2]float64{{1, 10}, {10000, 1000}}}
	img, err := drawCharts([]Chart{{Title: "t", X: "threads", Y: "ns", Curves: []Curve{flat, rising}}})
	if err != nil {
		t.Fatal(err)
	}
	// The decades are 1 to 10,000 and 10 to 1,000.
	left, right, top, bottom := chartLeft, chartW-2*margin, chartTop, chartH-chartBottom
	mid, middle := (left+right)/2, (top+bottom)/2
	for _, c := range []struct {
		what string
		x, y int
		i    int
	}{
		{"flat in the middle", mid + 40, middle, 0}, {"rising at its beginning", left, bottom, 1}, {"rising at its end", right, top, 1},
	} {
		if got := img.RGBAAt(c.x, c.y); got != curveColours[c.i] {
			t.Errorf("%s: %v at %d,%d", c.what, got, c.x, c.y)
		}
	}
	var b bytes.Buffer
	if err := WriteCharts(&b, nil); com.CodeOf(err) != com.ErrInvalid {
		t.Errorf("no charts: %v", err)
	}
	if err := WriteCharts(&b, []Chart{{}, {}, {Title: "empty", Curves: []Curve{{}}}}); err != nil || b.Len() == 0 {
		t.Errorf("empty charts: %v", err)
	}
}

// TestAxisTitleIsClearOfItsNumbers looks for rows that both are in.
func TestAxisTitleIsClearOfItsNumbers(t *testing.T) {
	draw := func(y string) *image.RGBA {
		img, err := drawCharts([]Chart{{Y: y, Curves: []Curve{{Name: "a", Points: [][2]float64{{1, 1}, {1000, 100}}}}}})
		if err != nil {
			t.Fatal(err)
		}
		return img
	}
	plain, titled := draw(""), draw("% of wake-ups")
	number, title := 0, 0 // the first row and the last
	for y := range titled.Rect.Max.Y {
		for x := range chartLeft - 1 {
			if number == 0 && plain.RGBAAt(x, y) != white {
				number = y
			}
			if titled.RGBAAt(x, y) != plain.RGBAAt(x, y) {
				title = y
			}
		}
	}
	if title == 0 || title >= number {
		t.Errorf("the title ends in row %d, and the numbers begin in row %d", title, number)
	}
}
