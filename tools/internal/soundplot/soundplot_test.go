package soundplot

import (
	"image/color"
	"math"
	"testing"
)

// tone is a sine of the given peak and frequency on one or both sides.
func tone(rate int, seconds, hz, peak float64, both bool) Sound {
	n := int(seconds * float64(rate))
	s := Sound{Rate: rate, Left: make([]float32, n), Right: make([]float32, n)}
	for i := range n {
		v := float32(peak * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
		s.Left[i] = v
		if both {
			s.Right[i] = v
		}
	}
	return s
}

// A full-scale sine of 997 Hz on one side is -3.01 LUFS (BS.1770-4, annex 1,
// section 3), whatever the rate.
func TestLoudnessOfTheReferenceTone(t *testing.T) {
	for _, rate := range []int{22050, 44100, 48000, 96000} {
		one, _ := Measure(tone(rate, 5, 997, 1, false))
		both, _ := Measure(tone(rate, 5, 997, 0.1, true))
		if math.Abs(one.Loudness+3.01) > 0.05 || math.Abs(both.Loudness+20) > 0.05 {
			t.Errorf("%d Hz: %.2f and %.2f LUFS, want -3.01 and -20", rate, one.Loudness, both.Loudness)
		}
	}
}

// What is silent or 10 LU softer than the rest does not count (section 5).
func TestLoudnessLeavesPausesOut(t *testing.T) {
	s := tone(48000, 10, 997, 0.5, true)
	want, _ := Measure(s)
	soft := tone(48000, 10, 997, 0.01, true)
	s.Left, s.Right = append(s.Left, soft.Left...), append(s.Right, soft.Right...)
	s.Left, s.Right = append(s.Left, make([]float32, 480000)...), append(s.Right, make([]float32, 480000)...)
	got, l := Measure(s)
	if math.Abs(got.Loudness-want.Loudness) > 0.2 {
		t.Errorf("%.2f LUFS with pauses, %.2f without", got.Loudness, want.Loudness)
	}
	m := l.Momentary()
	if n := len(m); n != 297 || !math.IsInf(m[n-1], -1) || math.Abs(m[20]-want.Loudness) > 0.1 {
		t.Errorf("%d values, the last %.1f and the one at 2 s %.1f", n, m[n-1], m[20])
	}
}

func TestFigures(t *testing.T) {
	s := tone(48000, 1, 1000, 0.5, true)
	s.Left[7], s.Right[9] = float32(math.NaN()), 1
	sum, _ := Measure(s)
	if sum.Invalid != 1 || sum.Clipped != 1 || sum.Peak != 0 || math.Abs(sum.RMS+9.03) > 0.05 || sum.Seconds != 1 {
		t.Errorf("%+v", sum)
	}
	sum, l := Measure(Sound{Rate: 44100})
	if sum.Peak != silence || sum.Loudness != silence {
		t.Errorf("nothing at all: %+v", sum)
	}
	Draw(Sound{Rate: 44100}, sum, l, Options{})
}

func brightness(c color.RGBA) int { return int(c.R) + int(c.G) + int(c.B) }

// The picture of a tone is brightest where its frequency and its time are, and red
// where it is clipped.
func TestPicture(t *testing.T) {
	const rate = 44100
	s := tone(rate, 2, 440, 0.5, true)
	clear(s.Left[rate:])
	clear(s.Right[rate:])
	s.Left[rate*3/2] = 1
	sum, l := Measure(s)
	img := Draw(s, sum, l, Options{Title: "tone", Width: 800, Height: 600})
	split := above + (600-above-between-below)*3/10
	top, rows := split+between, 600-below-split-between
	x := left + (800-left-right)/4
	best := top
	for y := top; y < top+rows; y++ {
		if brightness(img.RGBAAt(x, y)) > brightness(img.RGBAAt(x, best)) {
			best = y
		}
	}
	hz := newSpectrogram(rate, rows).hz(float64(best-top) + 0.5)
	if hz < 430 || hz > 450 {
		t.Errorf("the tone of 440 Hz is drawn at %.0f", hz)
	}
	silent := left + (800-left-right)*9/10
	if b := brightness(img.RGBAAt(silent, best)); b > 60 {
		t.Errorf("silence has the brightness %d", b)
	}
	reds := map[int]bool{}
	for x := left; x < 800-right; x++ {
		if img.RGBAAt(x, split-9) == red {
			reds[x] = true
		}
	}
	want := left + (800-left-right)*3/4
	if len(reds) == 0 || len(reds) > 2 || !reds[want] && !reds[want-1] {
		t.Errorf("the clipped sample, at column %d, is drawn at %v", want, reds)
	}
}
