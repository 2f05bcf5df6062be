package resample

import "fmt"

// Quality chooses the filter: how far the pass band reaches, and how much of what does not belong is left.
type Quality uint8

// The qualities. Figures are for conversion between 44.1 and 48 kHz; the tests hold them.
const (
	Fast   Quality = 1 + iota // noise and distortion -70 dB; -1 dB at 0.84 of Nyquist, no alias of what is above 1.12
	Normal                    // noise and distortion -100 dB; -1 dB at 0.90 of Nyquist, no alias of what is above 1.06
	High                      // noise and distortion -120 dB; -1 dB at 0.91 of Nyquist, no alias of what is above 1.007
)

// String is the name of the quality.
func (q Quality) String() string {
	switch q {
	case Fast:
		return "fast"
	case Normal:
		return "normal"
	case High:
		return "high"
	}
	return fmt.Sprintf("quality %d", uint8(q))
}

// design is what a quality asks of the filter.
type design struct {
	taps      int     // input frames under the window where the output rate is at least the input rate; rounded up
	attenuate float64 // stop band attenuation in dB, which fixes the Kaiser window and the width of the transition
	stop      float64 // where the stop band begins, as a part of the lower Nyquist frequency
	rows      int     // phases of a variable filter: linear interpolation between rows errs by (pi f/fs)^2 / (2 rows^2)
}

var designs = [...]design{
	Fast:   {taps: 24, attenuate: 70, stop: 1.12, rows: 128},
	Normal: {taps: 56, attenuate: 98, stop: 1.06, rows: 512},
	High:   {taps: 109, attenuate: 119, stop: 1.007, rows: 1024},
}
