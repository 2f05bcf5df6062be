package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/tools/internal/lanes"
)

// traceSummary is what a recording comes to.
type traceSummary struct {
	Card       string             `json:"card"`
	Duration   machine.Duration   `json:"duration_ns"`
	Processors []processorSummary `json:"processors"`
	Activities []lanes.Account    `json:"activities"`
}

// processorSummary is how a processor did.
type processorSummary struct {
	Processor string           `json:"processor"`
	Policy    string           `json:"policy"`
	Granted   string           `json:"granted"`
	Advice    string           `json:"advice,omitempty"`
	Records   int              `json:"records"`
	Lost      uint64           `json:"records_lost"`
	Slices    int              `json:"slices"`
	Idle      machine.Duration `json:"idle_ns"`
	Overruns  int              `json:"overruns"`
	Wakeups   uint64           `json:"wakeups"`
	WakeupP50 machine.Duration `json:"wakeup_p50_ns"`
	WakeupP99 machine.Duration `json:"wakeup_p99_ns"`
	WakeupMax machine.Duration `json:"wakeup_max_ns"`
}

func (r *recording) summary(played []*events, p *lanes.Picture) *traceSummary {
	s := &traceSummary{Card: r.card, Duration: r.to.Sub(r.from), Activities: p.Accounts()}
	for i, k := range r.tracks {
		e := played[i]
		w := e.wakeups.Summary()
		s.Processors = append(s.Processors, processorSummary{
			Processor: k.processor, Policy: k.policy, Granted: k.granted, Advice: k.advice, Records: len(k.records), Lost: k.lost(),
			Slices: len(e.slices), Idle: e.idle, Overruns: len(e.overruns),
			Wakeups: w.Count, WakeupP50: w.P50, WakeupP99: w.P99, WakeupMax: w.Max,
		})
	}
	return s
}

func (s *traceSummary) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	share := func(d machine.Duration) string {
		return fmt.Sprintf("%.2f %%", 100*d.Seconds()/max(s.Duration.Seconds(), 1e-9))
	}
	fmt.Fprintln(w, "ACTIVITY\tPROCESSOR\tUSED\tPROMISED\tWORST WINDOW\tBY RIGHT\tCONSTRAINTS\tREFUSED\tMISSED\tBROKEN")
	for i := range s.Activities {
		a := &s.Activities[i]
		promised, worst := "-", "-"
		if a.Amount > 0 {
			promised = lanes.Short(a.Amount) + " of " + lanes.Short(a.Period)
			if a.Windows > 0 {
				worst = lanes.Short(a.Worst)
			} else {
				worst = "never so busy"
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\n", a.Name, a.Group, share(a.Used), promised, worst, rightsText(a), a.Constraints, a.Refused, a.Missed, a.Broken)
	}
	_ = w.Flush() // standard output
	fmt.Println()
	fmt.Fprintln(w, "PROCESSOR\tPOLICY\tSYSTEM\tIDLE\tSLICES\tOVERRUNS\tWAKE-UPS\tHALF WITHIN\t99 % WITHIN\tLONGEST")
	for _, p := range s.Processors {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\n", p.Processor, p.Policy, p.Granted, share(p.Idle), p.Slices, p.Overruns, p.Wakeups, lanes.Short(p.WakeupP50), lanes.Short(p.WakeupP99), lanes.Short(p.WakeupMax))
	}
	_ = w.Flush()
	fmt.Println()
	for _, p := range s.Processors {
		if p.Lost > 0 {
			fmt.Printf("%s: %d records were overwritten before they were read; the figures leave out what happened meanwhile\n", p.Processor, p.Lost)
		}
		if p.Advice != "" {
			fmt.Printf("%s: %s\n", p.Processor, p.Advice)
		}
	}
	for i := range s.Activities {
		if a := &s.Activities[i]; a.Missed > 0 {
			fmt.Printf("%s missed %d of %d deadlines", a.Name, a.Missed, a.Constraints)
			if len(a.Blame) > 0 {
				fmt.Printf("; until they were done %s ran for %s", a.Blame[0].Name, lanes.Short(a.Blame[0].Time))
			}
			fmt.Println()
		}
	}
}

// rightsText says by what rights an activity ran.
func rightsText(a *lanes.Account) string {
	var parts []string
	for _, r := range []string{"booked", "own", "standby", "spare", "none"} {
		if d := a.ByRight[r]; d > 0 && a.Used > 0 {
			name := r
			if r == "none" {
				name = "by turns"
			}
			parts = append(parts, fmt.Sprintf("%s %.0f %%", name, 100*d.Seconds()/a.Used.Seconds()))
		}
	}
	return strings.Join(parts, ", ")
}
