// Package soundplot draws what a sound is like, to be looked at where it cannot be
// heard: its loudness over time (ITU-R BS.1770-4, momentary, and the peaks of both
// sides), and below it its spectrogram, with frequencies spaced as the ear hears
// them. Clipped samples are red.
package soundplot

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Sound is what is drawn: samples of both sides, 1 being full scale.
type Sound struct {
	Rate        int
	Left, Right []float32
}

// Summary is what there is to say of a sound in figures.
type Summary struct {
	Seconds float64 `json:"seconds"`
	// Peak is the largest sample and RMS the root of the mean square of both sides,
	// in dB of full scale; -200 stands for silence.
	Peak float64 `json:"peak_dbfs"`
	RMS  float64 `json:"rms_dbfs"`
	// Loudness is that of the whole, in LUFS; -200 stands for silence.
	Loudness float64 `json:"loudness_lufs"`
	// Clipped is how many samples are at full scale or beyond, and Invalid how many
	// are no numbers.
	Clipped int `json:"clipped_samples"`
	Invalid int `json:"invalid_samples"`
	// Offset is the mean of the samples, as a part of full scale.
	Offset float64 `json:"dc_offset"`
}

// silence stands for -Inf, which JSON has not.
const silence = -200

func finite(db float64) float64 { return max(db, silence) }

// clip is where a sample counts as clipped: the largest value of 16 bits.
const clip = 32767.0 / 32768

// Measure returns the figures, and the loudness for Draw.
func Measure(s Sound) (Summary, *Loudness) {
	l := NewLoudness(s.Rate)
	var sum Summary
	var peak, energy, mean float64
	for i := range s.Left {
		var v [2]float64
		for k, x := range [2]float32{s.Left[i], s.Right[i]} {
			v[k] = float64(x)
			if math.IsNaN(v[k]) || math.IsInf(v[k], 0) {
				sum.Invalid++
				v[k] = 0
			}
			a := math.Abs(v[k])
			peak = max(peak, a)
			energy += v[k] * v[k]
			mean += v[k]
			if a >= clip {
				sum.Clipped++
			}
		}
		l.Add(v[0], v[1])
	}
	n := float64(max(2*len(s.Left), 1))
	sum.Seconds = float64(len(s.Left)) / float64(s.Rate)
	sum.Peak, sum.RMS = finite(20*math.Log10(peak)), finite(10*math.Log10(energy/n))
	sum.Loudness, sum.Offset = finite(l.Integrated()), mean/n
	return sum, l
}

// Options says how to draw.
type Options struct {
	Title  string
	Width  int // of the picture in pixels, 400 to 8000; 0 means 1280
	Height int // 300 to 4000; 0 means 720
	// From and To are the seconds to draw; a To of 0 is the end.
	From, To float64
	// Progress, which may be nil, is told how many columns of all are drawn.
	Progress func(done, all int)
}

const (
	left, right = 64, 72 // margins
	above       = 44
	between     = 26
	below       = 30
	softest     = -90 // dB, of the spectrogram
	quietest    = -60 // of the loudness
)

var (
	paper  = color.RGBA{18, 19, 24, 255}
	panel  = color.RGBA{28, 30, 38, 255}
	grid   = color.RGBA{52, 56, 68, 255}
	ink    = color.RGBA{222, 224, 230, 255}
	faint  = color.RGBA{150, 154, 166, 255}
	wave   = color.RGBA{70, 110, 160, 255}
	strong = color.RGBA{250, 204, 90, 255}
	red    = color.RGBA{255, 64, 64, 255}
)

// Draw draws s, of which sum and l are what Measure returned.
func Draw(s Sound, sum Summary, l *Loudness, o Options) *image.RGBA {
	if o.Width == 0 {
		o.Width = 1280
	}
	if o.Height == 0 {
		o.Height = 720
	}
	o.Width, o.Height = min(max(o.Width, 400), 8000), min(max(o.Height, 300), 4000)
	if o.To <= o.From {
		o.To = sum.Seconds
	}
	if o.To <= o.From {
		o.From, o.To = 0, 1
	}
	img := image.NewRGBA(image.Rect(0, 0, o.Width, o.Height))
	d := drawing{img}
	d.fill(img.Rect, paper)
	d.text(left, 18, ink, o.Title)
	d.text(left, 34, faint, sum.String())
	split := above + (o.Height-above-between-below)*3/10
	upper := image.Rect(left, above, o.Width-right, split)
	lower := image.Rect(left, split+between, o.Width-right, o.Height-below)
	p := plot{drawing: d, s: s, o: o}
	p.loudness(upper, l)
	p.spectrum(lower)
	return img
}

// String says it in a line.
func (s Summary) String() string {
	text := fmt.Sprintf("%.1f s   peak %.1f dBFS   RMS %.1f dBFS   loudness %.1f LUFS", s.Seconds, s.Peak, s.RMS, s.Loudness)
	if s.Clipped > 0 {
		text += fmt.Sprintf("   %d samples clipped", s.Clipped)
	}
	if s.Invalid > 0 {
		text += fmt.Sprintf("   %d samples are no numbers", s.Invalid)
	}
	if math.Abs(s.Offset) > 0.001 {
		text += fmt.Sprintf("   offset %.4f", s.Offset)
	}
	return text
}

type drawing struct{ *image.RGBA }

func (d drawing) fill(r image.Rectangle, c color.Color) {
	draw.Draw(d.RGBA, r, image.NewUniform(c), image.Point{}, draw.Src)
}

func (d drawing) text(x, y int, c color.Color, s string) {
	f := font.Drawer{Dst: d.RGBA, Src: image.NewUniform(c), Face: basicfont.Face7x13, Dot: fixed.P(x, y)}
	f.DrawString(s)
}

// textWidth is that of a character.
const textWidth = 7
