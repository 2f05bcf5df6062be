package lanes

import (
	"bytes"
	"image/color"
	"image/png"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

func TestBarsAreAsLongAsTheirValues(t *testing.T) {
	b := Bars{Title: "rates", Sides: []string{"a", "b"}, Rows: []BarRow{{Name: "x", Values: []float64{100, 25}}, {Name: "y", Values: []float64{0, 3}, Goal: 2}}}
	var out bytes.Buffer
	if err := WriteBars(&out, []Bars{b, b}); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	length := func(side, y int) (n int) {
		for x := barsX; x < barsW; x++ {
			if color.RGBAModel.Convert(img.At(x, y)) == curveColours[side] {
				n++
			}
		}
		return n
	}
	row := margin + 2*charH
	long, quarter, whole := length(0, row+1), length(1, row+barH+1), length(1, row+b.rowHeight()+barH+1)
	// The mark of the goal takes two columns of the other row.
	if long < 400 || quarter < long/4-1 || quarter > long/4+1 || whole != long-2 || length(0, row+b.rowHeight()+1) != 0 {
		t.Errorf("bars of 100, 25 and 3 (alone in its row) are %d, %d and %d long", long, quarter, whole)
	}
}

func TestBarsThatCannotBe(t *testing.T) {
	many := Bars{Rows: make([]BarRow, maxBars+1)}
	for name, b := range map[string][]Bars{"none": nil, "no rows": {{Title: "x"}}, "too many rows": {many}, "too many sides": {{Sides: make([]string, 7), Rows: make([]BarRow, 1)}}} {
		if err := WriteBars(new(bytes.Buffer), b); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
