package screen

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

func surface(w, h, pad int) *blit.Surface {
	return &blit.Surface{Pix: make([]byte, (4*w+pad)*h), Pitch: 4*w + pad, Width: w, Height: h, Format: blit.XRGB8888}
}

// colours counts the pixels of each colour in the rows from y0 to y1.
func colours(s *blit.Surface, y0, y1 int) map[uint32]int {
	n := map[uint32]int{}
	for y := y0; y < y1; y++ {
		for x := range s.Width {
			n[binary.LittleEndian.Uint32(s.Pix[y*s.Pitch+4*x:])]++
		}
	}
	return n
}

// row finds the line of text that begins at y: its pixels as a picture.
func row(s *blit.Surface, y int) string {
	var b bytes.Buffer
	for dy := range glyphY {
		for x := margin; x < margin+8*cellX; x++ {
			c := byte(' ')
			if v := binary.LittleEndian.Uint32(s.Pix[(y+dy)*s.Pitch+4*x:]); v != night {
				c = '#'
			}
			b.WriteByte(c)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestShow(t *testing.T) {
	to := surface(640, 480, 64)
	s, err := New(to)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Show(State{Title: "card pi", Lines: []string{"HH", "uptime 1 s"}, Problems: []string{"no sound"}}); err != nil {
		t.Fatal(err)
	}
	top := s.textTop()
	if n := colours(to, 0, top)[ivory]; n < 2000 {
		t.Errorf("the logo has %d pixels", n)
	}
	if n := colours(to, top, top+cellY)[brass]; n < 50 {
		t.Errorf("the title has %d pixels", n)
	}
	if n := colours(to, top+4*cellY, top+5*cellY)[rust]; n < 50 {
		t.Errorf("the problem has %d pixels", n)
	}
	if n := colours(to, 480-margin/2-waveHeight, 480)[wave]; n < 100 {
		t.Errorf("the wave has %d pixels", n)
	}
	// The same again, and then another text in one row: nothing else changes.
	before := bytes.Clone(to.Pix)
	title := row(to, top)
	if err := s.Show(State{Title: "card pi", Lines: []string{"HH", "uptime 2 s"}, Problems: []string{"no sound"}}); err != nil {
		t.Fatal(err)
	}
	for y := range 480 {
		same := bytes.Equal(before[y*to.Pitch:(y+1)*to.Pitch], to.Pix[y*to.Pitch:(y+1)*to.Pitch])
		if in := y >= top+3*cellY && y < top+4*cellY; !in && !same {
			t.Fatalf("line %d changed", y)
		}
	}
	if bytes.Equal(before, to.Pix) {
		t.Error("the uptime did not change")
	}
	// Fewer lines: the rest is wiped.
	if err := s.Show(State{Title: "card pi"}); err != nil {
		t.Fatal(err)
	}
	if row(to, top) != title {
		t.Error("the title changed")
	}
	if n := colours(to, top+cellY, top+6*cellY); n[ivory]+n[rust] != 0 {
		t.Errorf("something is left: %v", n)
	}
}

// TestAnything: no text and no size of a screen does harm.
func TestAnything(t *testing.T) {
	long := ""
	for i := range 3000 {
		long += string(rune(i))
	}
	var lines []string
	for range 200 {
		lines = append(lines, long)
	}
	for _, size := range [][2]int{{320, 200}, {321, 201}, {1920, 1080}, {320, 1000}} {
		s, err := New(surface(size[0], size[1], 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, beat := range []int{0, -1, math.MaxInt} {
			if err := s.Show(State{Title: long, Lines: lines, Problems: lines, Beat: beat}); err != nil {
				t.Errorf("%v: %v", size, err)
			}
		}
	}
	small := surface(319, 200, 0)
	other := surface(640, 480, 0)
	other.Format = blit.ARGB8888
	for _, to := range []*blit.Surface{small, other, {}} {
		if _, err := New(to); err == nil {
			t.Errorf("taken: %d by %d, %v", to.Width, to.Height, to.Format)
		}
	}
}

func TestSine(t *testing.T) {
	for n := -100; n < 200; n++ {
		want := 255 * math.Sin(float64(n)*2*math.Pi/64)
		if math.Abs(float64(sine(n))-want) > 2 {
			t.Errorf("%d: %d, want %.1f", n, sine(n), want)
		}
	}
}

func BenchmarkShow(b *testing.B) {
	s, err := New(surface(640, 480, 0))
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		if err := s.Show(State{Title: "card", Lines: []string{fmt.Sprint("uptime ", i)}, Beat: i}); err != nil {
			b.Fatal(err)
		}
	}
}
