// Package compare measures how far one synthesizer's renders of a set of songs
// lie from another's: onsets, level, envelope, pan, pitch and spectrum.
//
// One gain and one lag are taken out for the whole set first, so that what is
// left is how the music differs and not how loud or late it was recorded. All
// renders are 44.1 kHz stereo, effects off.
package compare

import (
	"math"
	"slices"
	"strings"
)

// Rate is the sample rate of renders, Hz.
const Rate = 44100

// Note is a note-on of a song.
type Note struct {
	Seconds      float64
	Channel, Key uint8
}

// Frame is one stereo frame, full scale ±1.
type Frame [2]float32

// Song is a song with both renders. Songs with "drum" in their name have no
// pitch to measure.
type Song struct {
	Name                 string
	Notes                []Note
	Reference, Candidate []Frame
}

// Result holds the measures; see the fields of the report they are printed in.
type Result struct {
	Songs           int
	Gain            float64 // dB that the candidate needs to be as loud
	Lag             float64 // ms, median of onset differences, candidate minus reference
	OnsetP90        float64 // ms, what remains of onset differences after Lag
	OnsetMax        float64 // ms
	MissingOnsets   int     // notes sounded by one and not by the other
	LevelWorst      float64 // dB, largest level offset of a song
	LevelWorstSong  string
	EnvelopeMedian  float64 // dB, of 50 ms RMS windows within 40 dB of the song's peak
	EnvelopeP90     float64
	EnvelopeP95     float64
	PanP95          float64 // dB, change in left minus right
	CentsMedian     float64 // of fundamentals by autocorrelation over 200 ms
	CentsP95        float64
	BandsMean       float64 // dB, third-octave spectrum, mean over songs
	BandsWorst      float64
	BandsWorstSong  string
	Level, Envelope map[string]float64 // per song: level offset, p95 of the envelope
}

// Compare measures the songs together.
func Compare(songs []Song) Result {
	r, _ := Measure(len(songs), func(i int) (Song, error) { return songs[i], nil })
	return r
}

// Measure is Compare for more songs than there is room for: load returns song i of
// n, and is called twice for each. The errors are those of load.
func Measure(n int, load func(i int) (Song, error)) (Result, error) {
	r := Result{Songs: n, Level: map[string]float64{}, Envelope: map[string]float64{}}
	var gains, lags []float64
	for i := range n {
		s, err := load(i)
		if err != nil {
			return r, err
		}
		n := min(len(s.Reference), len(s.Candidate))
		rx, ry := levels(s.Reference[:n]), levels(s.Candidate[:n])
		top := highest(rx)
		var d []float64
		for i := range rx {
			for c := range 2 {
				if rx[i][c] > top*.1 && ry[i][c] > 1e-5 {
					d = append(d, decibels(rx[i][c]/ry[i][c]))
				}
			}
		}
		gains = append(gains, orZero(percentile(d, 50)))
		ox, oy := onsets(s.Reference, s.Notes), onsets(s.Candidate, s.Notes)
		for i := range ox {
			if math.IsNaN(ox[i]) != math.IsNaN(oy[i]) {
				r.MissingOnsets++
			} else if !math.IsNaN(ox[i]) {
				lags = append(lags, oy[i]-ox[i])
			}
		}
	}
	r.Gain = percentile(gains, 50)
	lag := orZero(percentile(lags, 50))
	r.Lag = lag * 1e3
	for i := range lags {
		lags[i] = math.Abs(lags[i]-lag) * 1e3
	}
	r.OnsetP90, r.OnsetMax = percentile(lags, 90), percentile(lags, 100)

	var env, pan, cents, band []float64
	for i := range n {
		s, err := load(i)
		if err != nil {
			return r, err
		}
		x, y := align(s.Reference, s.Candidate, int(math.RoundToEven(lag*Rate)), math.Pow(10, r.Gain/20))
		e, p, level := envelopes(x, y)
		r.Level[s.Name], r.Envelope[s.Name] = level, percentile(e, 95)
		env, pan = append(env, e...), append(pan, p...)
		if math.Abs(level) > r.LevelWorst || r.LevelWorstSong == "" {
			r.LevelWorst, r.LevelWorstSong = math.Abs(level), s.Name
		}
		if !strings.Contains(s.Name, "drum") {
			cents = append(cents, pitches(x, y)...)
		}
		b := bandDifference(x, y)
		band = append(band, b)
		if b > r.BandsWorst || r.BandsWorstSong == "" {
			r.BandsWorst, r.BandsWorstSong = b, s.Name
		}
	}
	r.EnvelopeMedian, r.EnvelopeP90, r.EnvelopeP95 = percentile(env, 50), percentile(env, 90), percentile(env, 95)
	r.PanP95 = percentile(pan, 95)
	r.CentsMedian, r.CentsP95 = percentile(cents, 50), percentile(cents, 95)
	for _, b := range band {
		r.BandsMean += b / float64(len(band))
	}
	return r, nil
}

// align makes y as long as x, gain applied and shifted to be shift frames
// earlier; both get the longer one's length.
func align(x, y []Frame, shift int, gain float64) ([]Frame, []Frame) {
	n := max(len(x), len(y)-max(shift, 0)+max(-shift, 0))
	a, b := make([]Frame, n), make([]Frame, n)
	copy(a, x)
	for i := range b {
		if j := i + shift; j >= 0 && j < len(y) {
			b[i] = Frame{float32(float64(y[j][0]) * gain), float32(float64(y[j][1]) * gain)}
		}
	}
	return a, b
}

// envelopes returns the differences of 50 ms levels and of balance in dB, after
// the song's own level offset, which comes last.
func envelopes(x, y []Frame) (env, pan []float64, level float64) {
	rx, ry := levels(x), levels(y)
	top := highest(rx)
	for i := range rx {
		for c := range 2 {
			if rx[i][c] > top*.01 {
				env = append(env, decibels((ry[i][c]+1e-6)/(rx[i][c]+1e-6)))
			}
		}
		if min(rx[i][0], rx[i][1]) > top*.01 {
			pan = append(pan, math.Abs(decibels((ry[i][0]+1e-6)/(ry[i][1]+1e-6))-decibels(rx[i][0]/rx[i][1])))
		}
	}
	level = percentile(env, 50)
	for i := range env {
		env[i] = math.Abs(env[i] - level)
	}
	return env, pan, level
}

// levels is the RMS of 50 ms windows, every 25 ms.
func levels(x []Frame) [][2]float64 {
	const n, hop = Rate / 20, Rate / 40
	var out [][2]float64
	for i := 0; i < len(x)-n; i += hop {
		var s [2]float64
		for _, f := range x[i : i+n] {
			s[0] += float64(f[0]) * float64(f[0])
			s[1] += float64(f[1]) * float64(f[1])
		}
		out = append(out, [2]float64{math.Sqrt(s[0] / n), math.Sqrt(s[1] / n)})
	}
	return out
}

// onsets finds for each note when the level first jumps near the time it is
// due, in seconds from then; NaN if nothing is heard.
func onsets(x []Frame, notes []Note) []float64 {
	out := make([]float64, len(notes))
	const smooth = 32
	for k, note := range notes {
		i := max(int((note.Seconds-.02)*Rate), 0)
		end := min(i+int(.32*Rate), len(x))
		out[k] = math.NaN()
		if end-i < 2000 {
			continue
		}
		seg := x[i:end]
		sum := make([]float64, len(seg)+1)
		for j, f := range seg {
			sum[j+1] = sum[j] + (float64(f[0])*float64(f[0])+float64(f[1])*float64(f[1]))/2
		}
		e := make([]float64, len(seg))
		top, before := 0.0, 0.0
		for j := range e {
			lo, hi := max(j-smooth/2, 0), min(j+smooth/2, len(seg))
			e[j] = math.Sqrt(max(sum[hi]-sum[lo], 0) / smooth)
			top = max(top, e[j])
			if j < 793 {
				before = max(before, e[j])
			}
		}
		if top <= 1e-4 {
			continue
		}
		threshold := max(top*math.Pow(10, -30.0/20), before*1.5)
		if j := slices.IndexFunc(e, func(v float64) bool { return v > threshold }); j >= 0 {
			out[k] = float64(i+j)/Rate - note.Seconds
		}
	}
	return out
}

func highest(x [][2]float64) float64 {
	top := 0.0
	for _, v := range x {
		top = max(top, v[0], v[1])
	}
	return top
}

func decibels(x float64) float64 { return 20 * math.Log10(x) }

func orZero(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return x
}

// percentile interpolates between ranks; NaN for no values.
func percentile(v []float64, p float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	s := slices.Clone(v)
	slices.Sort(s)
	at := p / 100 * float64(len(s)-1)
	i := int(at)
	if i+1 >= len(s) {
		return s[len(s)-1]
	}
	return s[i] + (at-float64(i))*(s[i+1]-s[i])
}
