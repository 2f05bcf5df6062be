package soundplot

import (
	"math"

	"github.com/mmlite/mmlite/synth/engine/compare"
)

// window is the length of a spectrum in frames: 12 Hz to a bin at 48 kHz, and a
// tenth of a second blurred.
const window = 4096

// lowest is the frequency at the bottom of the picture, in Hz.
const lowest = 30

// spectrogram has a column of levels in dB, highest frequency first, for each of
// the places in the sound that are given.
type spectrogram struct {
	rate, rows int
	weights    []float64
	buf        []complex128
	power      []float64
}

func newSpectrogram(rate, rows int) *spectrogram {
	s := &spectrogram{
		rate: rate, rows: rows, weights: make([]float64, window),
		buf: make([]complex128, window), power: make([]float64, window/2+1),
	}
	for i := range s.weights { // Hann
		s.weights[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/window)
	}
	return s
}

// hz is the frequency at a row's upper edge; rows are evenly spaced in pitch.
func (s *spectrogram) hz(row float64) float64 {
	top := float64(s.rate) / 2
	return top * math.Pow(lowest/top, row/float64(s.rows))
}

// row is where hz is.
func (s *spectrogram) row(hz float64) float64 {
	top := float64(s.rate) / 2
	return float64(s.rows) * math.Log(hz/top) / math.Log(lowest/top)
}

// column computes the levels around the frame at, of which 0 dB is a sine at full
// scale.
func (s *spectrogram) column(x []float32, at int, to []float64) {
	for i := range s.buf {
		v := 0.0
		if k := at - window/2 + i; k >= 0 && k < len(x) {
			v = float64(x[k]) * s.weights[i]
		}
		s.buf[i] = complex(v, 0)
	}
	compare.FFT(s.buf)
	for i := range s.power {
		re, im := real(s.buf[i]), imag(s.buf[i])
		s.power[i] = (re*re + im*im) * 16 / (window * window)
	}
	bin := float64(s.rate) / window
	for row := range s.rows {
		hi, lo := s.hz(float64(row))/bin, s.hz(float64(row+1))/bin
		from, to2 := int(math.Ceil(lo)), int(hi)
		most := 0.0
		if from > to2 { // narrower than a bin: between its neighbours
			mid := (hi + lo) / 2
			k := min(int(mid), len(s.power)-2)
			f := mid - float64(k)
			most = s.power[k]*(1-f) + s.power[k+1]*f
		}
		for k := from; k <= min(to2, len(s.power)-1); k++ {
			most = max(most, s.power[k])
		}
		to[row] = 10 * math.Log10(most+1e-12)
	}
}
