package measure

import (
	"fmt"
	"time"

	"github.com/mmlite/mmlite/mixer/resample"
)

// Report is what is worth knowing of a converter.
type Report struct {
	In          int     `json:"in_hz"`
	Out         int     `json:"out_hz"`
	Quality     string  `json:"quality"`
	Variable    bool    `json:"variable"`
	NsPerFrame  float64 `json:"ns_per_frame"`  // of output, stereo
	MsPerSecond float64 `json:"ms_per_second"` // of sound, stereo
	THDN        float64 `json:"thdn_db"`       // the worse of a low and a high tone
	Passband    float64 `json:"passband_hz"`   // where the gain is -1 dB
	Edge        float64 `json:"passband_part"` // the same as a part of the lower Nyquist frequency
	Alias       float64 `json:"alias_db"`
	Taps        int     `json:"taps"`
	Bytes       int     `json:"table_bytes"`
}

// String is a line for a terminal.
func (r Report) String() string {
	kind := "fixed"
	if r.Variable {
		kind = "variable"
	}
	cost := ""
	if r.NsPerFrame > 0 {
		cost = fmt.Sprintf(" %6.1f ns/frame %.3f ms/s,", r.NsPerFrame, r.MsPerSecond)
	}
	return fmt.Sprintf("%6d to %6d Hz %-6s %-8s%s THD+N %.1f dB, -1 dB at %.0f Hz (%.4f), alias %.1f dB, %d taps, %d KB",
		r.In, r.Out, r.Quality, kind, cost, r.THDN, r.Passband, r.Edge, r.Alias, r.Taps, r.Bytes/1024)
}

// Measure designs a filter and measures it. now is a clock; with none, the cost is left out.
func Measure(in, out int, q resample.Quality, variable bool, now func() time.Duration) (r Report, err error) {
	design := resample.NewFilter
	if variable {
		design = resample.NewVariableFilter
	}
	f, err := design(in, out, q)
	if err != nil {
		return r, err
	}
	r = Report{In: in, Out: out, Quality: q.String(), Variable: f.Variable(), Taps: f.Taps(), Bytes: f.Bytes()}
	low, err := Distortion(f, 997)
	if err != nil {
		return r, err
	}
	high, err := Distortion(f, min(10007, float64(min(in, out))*0.4))
	if err != nil {
		return r, err
	}
	r.THDN = max(low, high)
	if r.Passband, err = Edge(f); err != nil {
		return r, err
	}
	r.Edge = r.Passband / (float64(min(in, out)) / 2)
	if r.Alias, err = Alias(f); err != nil {
		return r, err
	}
	if now != nil {
		if r.NsPerFrame, err = Cost(f, now); err != nil {
			return r, err
		}
		r.MsPerSecond = r.NsPerFrame * float64(out) * 1e-6
	}
	return r, nil
}

// Cost is the time for a frame of stereo output in calls of 256, in nanoseconds, by a clock: the best of many runs, each short
// enough not to be interrupted, so that it shows what the code costs even on a machine that is busy.
func Cost(f *resample.Filter, now func() time.Duration) (float64, error) {
	const frames, calls, runs = 256, 8, 2000
	c, err := resample.New(f, 2)
	if err != nil {
		return 0, err
	}
	dst := make([]float32, 2*frames)
	src := make([]float32, 2*(c.Need(frames)+frames*resample.MaxReduction))
	for i := range src {
		src[i] = float32(i%101)/50 - 1
	}
	best := time.Duration(1 << 62)
	for range runs {
		begin := now()
		for range calls {
			c.Process(dst, src[:2*c.Need(frames)])
		}
		best = min(best, now()-begin)
	}
	return float64(best.Nanoseconds()) / (frames * calls), nil
}
