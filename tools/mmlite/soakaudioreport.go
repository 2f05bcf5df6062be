package main

import (
	"fmt"
	"math"
	"os"
	"text/tabwriter"
	"time"

	"github.com/mmlite/mmlite/firmware/system"
)

// since returns what a histogram has counted since an earlier look at it. The
// longest is that of the highest bucket that grew, as far as it is known.
func since(now, before *system.Histogram) system.Histogram {
	old := map[time.Duration]uint64{}
	for _, b := range before.Buckets {
		old[b.UpTo] = b.Count
	}
	h := system.Histogram{Processor: now.Processor, Thread: now.Thread, Name: now.Name}
	for _, b := range now.Buckets {
		if n := b.Count - old[b.UpTo]; n > 0 && b.Count >= old[b.UpTo] {
			h.Buckets = append(h.Buckets, system.Bucket{UpTo: b.UpTo, Count: n})
			h.Count += n
			h.Max = min(b.UpTo, now.Max)
		}
	}
	h.Sum = now.Sum - before.Sum
	return h
}

// quantile returns the bound that a fraction of the durations does not exceed.
func quantile(h *system.Histogram, q float64) time.Duration {
	rank := uint64(math.Ceil(q * float64(h.Count)))
	seen := uint64(0)
	for _, b := range h.Buckets {
		if seen += b.Count; seen >= rank && b.Count > 0 {
			return min(b.UpTo, h.Max)
		}
	}
	return h.Max
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// usText writes microseconds that may not be known.
func usText(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f us", *v)
}

// line says how a run goes.
func (r *audioRun) line(of time.Duration) string {
	at := time.Duration(r.Seconds) * time.Second
	return fmt.Sprintf("%s  %v of %v  underruns %d (%d excused)  late inputs %d  voices %.0f  wake-ups 99 %% within %s  %.0f calls/s",
		r.Policy, at, of.Round(time.Second), r.Underruns, r.Excused, r.LateInputs, r.Voices, usText(r.WakeupP99), r.CallRate)
}

func (r *audioReport) print() {
	fmt.Printf("%d-frame periods, %d queued, device %s; %d ports of %d voices, %d processes that compute, %d that call\n\n",
		r.Period, r.Queue, r.Device, r.Ports, r.VoicesEach, r.Load, r.Storm)
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	row := func(what string, value func(*audioRun) string) {
		fmt.Fprint(w, what)
		for i := range r.Runs {
			fmt.Fprint(w, "\t", value(&r.Runs[i]))
		}
		fmt.Fprintln(w)
	}
	row("POLICY", func(a *audioRun) string { return a.Policy })
	row("granted by the system", func(a *audioRun) string { return a.Granted })
	row("time", func(a *audioRun) string { return fmt.Sprintf("%.0f s, %d periods", a.Seconds, a.Periods) })
	row("underruns", func(a *audioRun) string { return fmt.Sprint(a.Underruns) })
	row("  while the computer stood still", func(a *audioRun) string { return fmt.Sprintf("%d (it did for %.1f ms)", a.Excused, a.Still/1e3) })
	row("late inputs", func(a *audioRun) string { return fmt.Sprint(a.LateInputs) })
	row("late events", func(a *audioRun) string { return fmt.Sprint(a.LateEvents) })
	row("voices cut", func(a *audioRun) string { return fmt.Sprint(a.Cut) })
	row("voices, mean and most", func(a *audioRun) string { return fmt.Sprintf("%.0f, %d", a.Voices, a.Peak) })
	row("processor time for sound", func(a *audioRun) string { return fmt.Sprintf("%.1f %%", 100*a.Load) })
	row("wake-ups", func(a *audioRun) string { return fmt.Sprint(a.Wakeups) })
	row("  half within", func(a *audioRun) string { return usText(a.WakeupP50) })
	row("  99 % within", func(a *audioRun) string {
		s := usText(a.WakeupP99)
		if a.WakeupP99 != nil && *a.WakeupP99 < goalWakeup {
			s += fmt.Sprintf(" (goal: below %d us)", goalWakeup)
		} else if a.WakeupP99 != nil {
			s += fmt.Sprintf(" (missed: below %d us)", goalWakeup)
		}
		return s
	})
	row("  longest", func(a *audioRun) string { return usText(a.WakeupMax) })
	row("calls", func(a *audioRun) string { return fmt.Sprintf("%d, %.0f a second", a.Calls, a.CallRate) })
	_ = w.Flush() // standard output
	said := map[string]bool{}
	for i := range r.Runs {
		if a := &r.Runs[i]; a.Advice != "" && !said[a.Advice] {
			said[a.Advice] = true
			fmt.Printf("\n%s: not granted: %s\n", a.Policy, a.Advice)
		}
	}
}
