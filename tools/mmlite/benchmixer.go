package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/mmlite/mmlite/mixer"
	"github.com/mmlite/mmlite/mixer/format"
	"github.com/mmlite/mmlite/mixer/resample"
	"github.com/mmlite/mmlite/mixer/resample/measure"
)

// mixerBench measures the mixer.
type mixerBench struct {
	In    int  `help:"The input's rate in Hz." default:"48000"`
	Out   int  `help:"The output's rate in Hz." default:"44100"`
	Peers bool `help:"Measure soxr, libsamplerate and sox beside it, where they are installed." default:"true" negatable:""`
}

// Help implements kong.HelpProvider.
func (*mixerBench) Help() string {
	return `Rate conversion of stereo, float32, in calls of 256 frames of output: what a frame
costs (the best of many short runs), noise and distortion (the worse of tones at
997 and 10007 Hz) and where the pass band has lost 1 dB. soxr and libsamplerate
are measured in this run by a C program of a page that is compiled for it, where
there is a C compiler, fed and judged in the same way. sox is a command: what it
costs is its processor time for a minute of sound, less that for copying it.
The mix lines are whole inputs of a mix: samples of 16 bits, conversion, gain and
sum, per frame of output.`
}

// mixerResult is what is measured.
type mixerResult struct {
	In        int                     `json:"in_hz"`
	Out       int                     `json:"out_hz"`
	Qualities map[string]*mixerFigure `json:"qualities"`
	Mix       map[string]float64      `json:"mix_ns_per_frame"` // one input's share
	Peers     map[string]*mixerFigure `json:"peers"`
	Missing   []string                `json:"missing,omitempty"`
}

// mixerFigure is what is measured of one converter.
type mixerFigure struct {
	NsPerFrame  float64 `json:"ns_per_frame"`
	MsPerSecond float64 `json:"ms_per_second"`
	THDN        float64 `json:"thdn_db"`
	Passband    float64 `json:"passband_hz"`
	Part        float64 `json:"passband_part"`
}

// Run implements kong.
func (b *mixerBench) Run(ctx context.Context, g *globals) error {
	for _, hz := range []int{b.In, b.Out} {
		if hz < 8000 || hz > 192000 {
			return fmt.Errorf("%d Hz: want 8000 to 192000", hz)
		}
	}
	r := &mixerResult{In: b.In, Out: b.Out, Qualities: map[string]*mixerFigure{}, Mix: map[string]float64{}, Peers: map[string]*mixerFigure{}}
	began := time.Now()
	now := func() time.Duration { return time.Since(began) }
	if b.Peers {
		if err := r.peers(ctx); err != nil {
			return err
		}
	}
	for q := resample.Fast; q <= resample.High; q++ {
		m, err := measure.Measure(b.In, b.Out, q, false, now)
		if err != nil {
			return err
		}
		r.Qualities[q.String()] = &mixerFigure{m.NsPerFrame, m.MsPerSecond, m.THDN, m.Passband, m.Edge}
		if r.Mix[q.String()], err = mixCost(b.In, b.Out, q, now); err != nil {
			return err
		}
	}
	if g.JSON {
		return printJSON(r)
	}
	return r.print()
}

// mixCost is what a frame of output costs for each of eight inputs, in ns.
func mixCost(in, out int, q resample.Quality, now func() time.Duration) (float64, error) {
	const inputs, period, runs = 8, 256, 400
	m, err := mixer.New(mixer.Config{Rate: out, Period: period, Inputs: inputs})
	if err != nil {
		return 0, err
	}
	for range inputs {
		i, err := m.Open(mixer.InputConfig{Rate: in, Channels: 2, Quality: q, Source: &hum{}})
		if err != nil {
			return 0, err
		}
		i.SetGain(0.1, 0.3, 0)
	}
	sound := make([]float32, 2*period)
	best := time.Duration(1 << 62)
	for range runs {
		begin := now()
		m.Render(sound, period)
		best = min(best, now()-begin)
	}
	return float64(best.Nanoseconds()) / (inputs * period), nil
}

// hum is samples of 16 bits that never end.
type hum struct{ data [4096]byte }

// Pull implements mixer.Source.
func (h *hum) Pull(dst []float32) (frames int, more bool) {
	for len(dst) > 0 {
		n := format.Decode(dst, h.data[:], format.S16)
		dst, frames = dst[n:], frames+n/2
	}
	return frames, true
}

func (r *mixerResult) print() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "%d to %d Hz, stereo\tNS A FRAME\tMS A SECOND\tTHD+N dB\t-1 dB AT Hz\tOF NYQUIST\tGOAL\t\n", r.In, r.Out)
	line := func(name string, f *mixerFigure, goal string) {
		fmt.Fprintf(w, "%s\t%.1f\t%.3f\t%.1f\t%.0f\t%.3f\t%s\t\n", name, f.NsPerFrame, f.MsPerSecond, f.THDN, f.Passband, f.Part, goal)
	}
	soxr := r.Peers["soxr high"]
	for _, q := range []string{"fast", "normal", "high"} {
		f, goal := r.Qualities[q], ""
		switch {
		case q == "normal":
			goal = "0.5 ms, -100 dB: " + met(f.MsPerSecond <= 0.5 && f.THDN <= -100)
		case q == "high" && soxr != nil:
			goal = "soxr HQ, -120 dB, 0.91: " + met(f.NsPerFrame <= soxr.NsPerFrame && f.THDN <= -120 && f.Part >= 0.91)
		case q == "high":
			goal = "-120 dB, 0.91: " + met(f.THDN <= -120 && f.Part >= 0.91)
		}
		line(q, f, goal)
		fmt.Fprintf(w, "  as an input of a mix\t%.1f\t\t\t\t\t\t\n", r.Mix[q])
	}
	var names []string
	for name := range r.Peers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		line(name, r.Peers[name], "")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, m := range r.Missing {
		fmt.Println("not measured:", m)
	}
	return nil
}

func met(yes bool) string {
	if yes {
		return "reached"
	}
	return "missed"
}
