package soundplot

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// plot is one picture in the making.
type plot struct {
	drawing
	s Sound
	o Options
}

// frame is the sound's frame at the left edge of a column of r.
func (p *plot) frame(r image.Rectangle, x int) int {
	seconds := p.o.From + (p.o.To-p.o.From)*float64(x-r.Min.X)/float64(r.Dx())
	return int(seconds * float64(p.s.Rate))
}

// at is the column of r that a time falls into.
func (p *plot) at(r image.Rectangle, seconds float64) int {
	return r.Min.X + int(float64(r.Dx())*(seconds-p.o.From)/(p.o.To-p.o.From))
}

// loudness draws the peaks of both sides, which stand for the wave, and the
// momentary loudness over them.
func (p *plot) loudness(r image.Rectangle, l *Loudness) {
	p.fill(r, panel)
	y := func(db float64) int {
		return r.Min.Y + int(float64(r.Dy()-1)*min(max(db, quietest), 0)/quietest)
	}
	for db := 0; db >= quietest; db -= 12 {
		p.fill(image.Rect(r.Min.X, y(float64(db)), r.Max.X, y(float64(db))+1), grid)
		p.text(r.Min.X-4*textWidth-4, y(float64(db))+4, faint, fmt.Sprintf("%4d", db))
	}
	p.times(r, false)
	for x := r.Min.X; x < r.Max.X; x++ {
		from, to := p.frame(r, x), min(p.frame(r, x+1)+1, len(p.s.Left))
		most := 0.0
		for i := max(from, 0); i < to; i++ {
			most = max(most, math.Abs(float64(p.s.Left[i])), math.Abs(float64(p.s.Right[i])))
		}
		c := wave
		if most >= clip {
			c = red
		}
		if most > 0 {
			p.fill(image.Rect(x, y(20*math.Log10(most)), x+1, r.Max.Y), c)
		}
	}
	last := image.Point{-1, 0}
	for i, db := range l.Momentary() {
		// A block counts where it ends: that is when one has heard it.
		at := image.Pt(p.at(r, float64(i)/10+0.4), y(db))
		if at.X < r.Min.X || at.X >= r.Max.X {
			last.X = -1
			continue
		}
		if last.X >= 0 {
			p.line(last, at, strong)
		}
		last = at
	}
	p.text(r.Max.X+6, r.Min.Y+10, wave, "peak dB")
	p.text(r.Max.X+6, r.Min.Y+26, strong, "LUFS")
}

// line draws from a to b, two pixels thick.
func (p *plot) line(a, b image.Point, c color.Color) {
	n := max(abs(b.X-a.X), abs(b.Y-a.Y), 1)
	for i := range n + 1 {
		x, y := a.X+(b.X-a.X)*i/n, a.Y+(b.Y-a.Y)*i/n
		p.fill(image.Rect(x, y, x+1, y+2), c)
	}
}

func abs(x int) int { return max(x, -x) }

// spectrum draws the spectrogram of both sides together.
func (p *plot) spectrum(r image.Rectangle) {
	p.fill(r, panel)
	mono := make([]float32, len(p.s.Left))
	for i := range mono {
		m := (p.s.Left[i] + p.s.Right[i]) / 2
		if m == m && m-m == 0 {
			mono[i] = m
		}
	}
	s := newSpectrogram(p.s.Rate, r.Dy())
	levels := make([]float64, r.Dy())
	for x := r.Min.X; x < r.Max.X; x++ {
		at := (p.frame(r, x) + p.frame(r, x+1)) / 2
		if at > len(mono)+window/2 {
			break
		}
		s.column(mono, at, levels)
		for i, db := range levels {
			p.SetRGBA(x, r.Min.Y+i, heat(1-db/softest))
		}
		if p.o.Progress != nil {
			p.o.Progress(x-r.Min.X+1, r.Dx())
		}
	}
	for _, hz := range []float64{50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000} {
		if hz > float64(p.s.Rate)/2 {
			continue
		}
		y := r.Min.Y + int(s.row(hz))
		for x := r.Min.X; x < r.Max.X; x += 8 {
			p.fill(image.Rect(x, y, x+1, y+1), faint)
		}
		name := fmt.Sprintf("%.0f Hz", hz)
		if hz >= 1000 {
			name = fmt.Sprintf("%.0f kHz", hz/1000)
		}
		p.text(r.Min.X-len(name)*textWidth-4, y+4, faint, name)
	}
	p.times(r, true)
	p.scale(image.Rect(r.Max.X+8, r.Min.Y, r.Max.X+22, r.Max.Y))
}

// scale shows which colour is how loud.
func (p *plot) scale(r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		p.fill(image.Rect(r.Min.X, y, r.Max.X, y+1), heat(1-float64(y-r.Min.Y)/float64(r.Dy())))
	}
	for db := 0; db >= softest; db -= 30 {
		y := r.Min.Y + (r.Dy()-1)*db/softest
		p.text(r.Max.X+4, min(y+10, r.Max.Y), faint, fmt.Sprintf("%d dB", db))
	}
}

// times draws the seconds.
func (p *plot) times(r image.Rectangle, words bool) {
	span := p.o.To - p.o.From
	step := 1e-3
	for i := 0; span/step > float64(r.Dx())/80; i++ {
		step *= [3]float64{2, 2.5, 2}[i%3]
	}
	for k := math.Ceil(p.o.From / step); k*step <= p.o.To; k++ {
		x := p.at(r, k*step)
		if x >= r.Max.X {
			break
		}
		if !words {
			p.fill(image.Rect(x, r.Min.Y, x+1, r.Max.Y), grid)
			continue
		}
		p.fill(image.Rect(x, r.Max.Y, x+1, r.Max.Y+4), faint)
		name := fmt.Sprintf("%g s", math.Round(k*step*1e6)/1e6)
		if step >= 1 && p.o.To >= 60 {
			name = fmt.Sprintf("%d:%02d", int(k*step+0.5)/60, int(k*step+0.5)%60)
		}
		p.text(x-len(name)*textWidth/2, r.Max.Y+16, faint, name)
	}
}

// heat is a colour for a level from 0 to 1: the brighter the louder, also for who
// does not tell colours apart.
func heat(v float64) color.RGBA {
	stops := [...][3]float64{{8, 8, 14}, {38, 24, 88}, {122, 28, 109}, {203, 65, 73}, {246, 142, 40}, {252, 222, 110}, {255, 255, 230}}
	v = min(max(v, 0), 1) * float64(len(stops)-1)
	i := min(int(v), len(stops)-2)
	f := v - float64(i)
	mix := func(k int) uint8 { return uint8(stops[i][k]*(1-f) + stops[i+1][k]*f + 0.5) }
	return color.RGBA{mix(0), mix(1), mix(2), 255}
}
