package resample

import (
	"fmt"
	"math"
)

// Limits on what a filter is made for. Between them lie all rates of sound hardware and all frequencies DirectSound permits.
const (
	MinRate      = 100     // frames per second
	MaxRate      = 768_000 // frames per second
	MaxReduction = 32      // the most the input rate may exceed the output rate; it bounds the size of a filter
)

// exactRows is the most phases a fixed filter keeps a row for; ratios with more are interpolated like variable ones.
const exactRows = 640

// Filter is the polyphase form of windowed-sinc low-pass filters for one output rate: rows of coefficients for a number of
// positions between two input frames. It is immutable, holds no pointers besides the tables, and may be shared by any number of
// converters.
type Filter struct {
	in, out  int
	quality  Quality
	variable bool
	unit     int    // parts a row's width is divided into; 1 where every position falls on a row
	bands    []band // by falling reduction; one in a fixed filter
}

// band is the filter for input rates up to a multiple of the output rate.
type band struct {
	reduce float64   // that multiple, at least 1
	taps   int       // coefficients in a row, with lanes more a multiple of twice lanes
	rows   int       // they stand for the positions 0, 1/rows, ...; one more row stands for position 1
	coef   []float32 // each row after lanes zeros, and as many at the end
}

// NewFilter designs a filter for converting in frames a second to out. Where both are related by a fraction with a
// reasonably small numerator, such as 147/160 for 48 to 44.1 kHz, there is a row for every position that occurs and nothing
// is interpolated. Such a converter cannot be trimmed; NewVariableFilter makes those that can.
func NewFilter(in, out int, q Quality) (*Filter, error) {
	if err := check(in, out, q); err != nil {
		return nil, err
	}
	if l := out / gcd(in, out); l <= exactRows {
		f := &Filter{in: in, out: out, quality: q, unit: 1}
		f.bands = []band{makeBand(q, max(1, float64(in)/float64(out)), l, in/gcd(in, out)%l)}
		return f, nil
	}
	return NewVariableFilter(in, out, q)
}

// bandStep is the ratio between the input rates that two bands are for: so much of the sound may be lost at the upper end when
// a converter's rate is below the one its filter was designed for.
const bandStep = 4.0 / 3

// NewVariableFilter designs a filter whose converters interpolate between rows, so that their input rate can be trimmed and
// changed while they run, up to in. It costs about 1.5 times as much per frame as an exact one.
func NewVariableFilter(in, out int, q Quality) (*Filter, error) {
	if err := check(in, out, q); err != nil {
		return nil, err
	}
	f := &Filter{in: in, out: out, quality: q, variable: true, unit: unitFor(in, out)}
	for reduce := float64(in) / float64(out); ; reduce /= bandStep {
		reduce = max(1, reduce)
		// A filter that reaches over more input frames changes less from one to the next.
		f.bands = append(f.bands, makeBand(q, reduce, max(32, int(math.Ceil(float64(designs[q].rows)/reduce))), 1))
		if reduce == 1 {
			return f, nil
		}
	}
}

// bandFor is the narrowest reach of the filter that an input rate permits.
func (f *Filter) bandFor(in int) *band {
	best := &f.bands[0]
	for i := range f.bands {
		if f.bands[i].reduce >= float64(in)/float64(f.out)*(1-1e-9) {
			best = &f.bands[i]
		}
	}
	return best
}

func check(in, out int, q Quality) error {
	switch {
	case q < Fast || q > High:
		return fmt.Errorf("resample: %v does not exist; use Fast, Normal or High", q)
	case in < MinRate || in > MaxRate || out < MinRate || out > MaxRate:
		return fmt.Errorf("resample: cannot convert %d to %d Hz; rates must be within %d and %d Hz", in, out, MinRate, MaxRate)
	case in > out*MaxReduction:
		return fmt.Errorf("resample: cannot convert %d to %d Hz; the input rate may be at most %d times the output rate", in, out, MaxReduction)
	}
	return nil
}

// unitFor divides a row's width such that the step between output frames is a whole number of parts. The parts number about
// 2^29, so a step can be trimmed by less than a billionth, and sums of two stay below 2^31.
func unitFor(in, out int) int {
	l := out / gcd(in, out)
	return l * max(1, (1<<29)/l)
}

// makeBand fills a table. Each row is normalized to unit gain at zero frequency, so that a constant comes out constant
// instead of modulated by the phase. Rows are kept in the order in which a converter that moves on by step rows uses them, so
// that it reads through the table from one end to the other.
func makeBand(q Quality, reduce float64, rows, step int) band {
	d := designs[q]
	taps := (int(math.Ceil(float64(d.taps)*reduce))+3*lanes-1)/(2*lanes)*(2*lanes) - lanes
	b := band{reduce: reduce, taps: taps, rows: rows, coef: make([]float32, (rows+1)*(taps+lanes)+lanes)}

	// Kaiser and Schafer, On the Use of the I0-Sinh Window for Spectrum Analysis, IEEE ASSP-28(1), 1980: shape of the window
	// and width of the transition (here as a part of the input's Nyquist frequency) for a stop band attenuation.
	beta := 0.1102 * (d.attenuate - 8.7)
	width := (d.attenuate - 7.95) / (14.36 * float64(taps-1)) * 2
	cutoff := d.stop/reduce - width/2
	scale := 1 / bessel0(beta)

	slots := make([]int, rows+1)
	for i := range rows {
		slots[i*step%rows] = i
	}
	slots[rows] = rows
	half := taps / 2
	row := make([]float64, taps)
	for r := 0; r <= rows/2; r++ {
		var sum float64
		for i := range row {
			// Distance of the output frame from input frame i of the window, in input frames.
			t := float64(r)/float64(rows) + float64(half-1-i)
			row[i] = 0
			if x := t / float64(half); x > -1 && x < 1 {
				row[i] = sinc(cutoff*t) * bessel0(beta*math.Sqrt(1-x*x)) * scale
			}
			sum += row[i]
		}
		// The filter is symmetric: position 1-p is position p backwards.
		here, mirrored := b.row(slots[r]), b.row(slots[rows-r])
		for i, c := range row {
			here[i] = float32(c / sum)
			mirrored[taps-1-i] = float32(c / sum)
		}
	}
	return b
}

// row is the coefficients of the row in a slot.
func (b *band) row(slot int) []float32 {
	at := slot*(b.taps+lanes) + lanes
	return b.coef[at : at+b.taps]
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}

// bessel0 is the modified Bessel function of the first kind and order zero, by its power series.
func bessel0(x float64) float64 {
	q := x * x / 4
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-17; k++ {
		term *= q / (k * k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// In is the input rate the filter was designed for, in frames per second.
func (f *Filter) In() int { return f.in }

// Out is the output rate in frames per second.
func (f *Filter) Out() int { return f.out }

// Quality is the quality the filter was designed for.
func (f *Filter) Quality() Quality { return f.quality }

// Variable reports whether converters with this filter can be trimmed and change their input rate.
func (f *Filter) Variable() bool { return f.variable }

// StopBand is where the filter lets nothing more through, as a part of the lower Nyquist frequency.
func (f *Filter) StopBand() float64 { return designs[f.quality].stop }

// Taps is how many input frames contribute to an output frame, at most.
func (f *Filter) Taps() int { return f.bands[0].taps }

// Delay is how many input frames after its own position an output frame waits for, at most.
func (f *Filter) Delay() int { return f.bands[0].taps / 2 }

// Bytes is the size of the coefficient tables.
func (f *Filter) Bytes() (n int) {
	for _, b := range f.bands {
		n += len(b.coef) * 4
	}
	return n
}
