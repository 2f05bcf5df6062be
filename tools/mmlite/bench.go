package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
)

// benchCmd measures.
type benchCmd struct {
	RPC rpcBench `cmd:"" name:"rpc" help:"Measure calls between a program and a card, beside the raw ring and the goals."`

	Graphics graphicsBench `cmd:"" help:"Measure blits, fill, triangles and transform, beside the peers that are installed."`
	Mixer    mixerBench    `cmd:"" help:"Measure the mixer's rate conversion, beside the peers that are installed."`
	Sched    schedBench    `cmd:"" help:"Measure switches, decisions, constraints and wake-ups under each policy."`
	Synth    synthBench    `cmd:"" help:"Measure the synthesizer, beside the peers that are installed."`

	Engine  engineChild  `cmd:"" hidden:"" help:"Render a song to nowhere."`
	Ring    ringChild    `cmd:"" hidden:"" help:"The other process of the raw ring."`
	OneCore oneCoreChild `cmd:"" hidden:"" help:"Measure calls, for a parent that has confined this process to one processor."`
}

// rpcResult is what is measured of calls. What cannot be measured here is nil.
type rpcResult struct {
	Null        *float64 `json:"null_calls_per_second"`
	NullP50     *float64 `json:"null_p50_ns"`
	NullP99     *float64 `json:"null_p99_ns"`
	NullPlaying *float64 `json:"null_playing_calls_per_second"`
	ColdP50     *float64 `json:"cold_p50_ns"`
	OneCore     *float64 `json:"one_core_calls_per_second"`
	Raw         *float64 `json:"raw_ring_per_second"`
	RawP50      *float64 `json:"raw_ring_p50_ns"`
	OneWay      *float64 `json:"oneway_per_second"`
	Bulk        *float64 `json:"bulk_bytes_per_second"`
	Allocs      *float64 `json:"allocs_per_call"`
}

// rpcBench measures calls.
type rpcBench struct {
	Rounds int `help:"Short rounds to take the best of, 1 to 1000." default:"100"`
}

// Help implements kong.HelpProvider.
func (*rpcBench) Help() string {
	return `A null call goes to a card process of its own, through namespace, proxy, ring,
stub and a thread, and back. The raw ring is the limit: the link's own ring of
64-byte slots between two processes that look at it without end and do nothing
else. Machines have slow phases; so rounds are short, those of the raw ring and
of calls alternate, and the best of each counts. The ratio of the two says more
than either.`
}

// Run implements kong.
func (b *rpcBench) Run(ctx context.Context, g *globals) error {
	if b.Rounds < 1 || b.Rounds > 1000 {
		return fmt.Errorf("--rounds %d: want 1 to 1000", b.Rounds)
	}
	m := &rpcMeter{rounds: b.Rounds, say: func(format string, args ...any) { fmt.Fprintf(os.Stderr, "mmlite: "+format+"\n", args...) }}
	if err := m.measure(ctx, g); err != nil {
		return err
	}
	if g.JSON {
		return printJSON(m.result())
	}
	return m.print()
}

// line is a row of the table: what was measured, what bounds it, and the goal.
type benchLine struct {
	what  string
	value *float64
	unit  float64 // what value is divided by to be shown
	name  string  // of the unit
	limit string
	goal  string
	met   func(v float64) bool
}

func (m *rpcMeter) print() error {
	r := m.result()
	const (
		million = 1e6
		giga    = 1e9
		micro   = 1e3
	)
	rawRate, rawP50 := "-", "-"
	third, p50 := 3*million, 0.0
	if r.Raw != nil {
		rawRate = fmt.Sprintf("%.2f M/s, the raw ring", *r.Raw/million)
		rawP50 = fmt.Sprintf("%.0f ns, the raw ring", *r.RawP50)
		third, p50 = *r.Raw/3, *r.RawP50+400
	}
	least := func(goal float64) func(float64) bool { return func(v float64) bool { return v >= goal } }
	most := func(goal float64) func(float64) bool { return func(v float64) bool { return v <= goal } }
	lines := []benchLine{
		{"null call, hot, card idle", r.Null, million, "M/s", rawRate, "a third of the raw ring", least(third)},
		{"  half of them within", r.NullP50, 1, "ns", rawP50, "the raw ring's and 400 ns", most(p50)},
		{"  99 % within", r.NullP99, 1, "ns", "", "", nil},
		{"  the same while playing", r.NullPlaying, million, "M/s", "", "", nil},
		{"cold, after 1 ms of silence, half within", r.ColdP50, micro, "us", "", "at most 50 us", most(50e3)},
		{"host and card on one processor", r.OneCore, 1e3, "k/s", "", "at least 50 k/s", least(50e3)},
		{"one-way calls", r.OneWay, million, "M/s", "", "at least 25 M/s", least(25e6)},
		{"4 KiB one-way, copied in and out, checked", r.Bulk, giga, "GB/s", fmt.Sprintf("%.1f GB/s, copied twice", m.copied/giga), "at least 10 GB/s", least(10e9)},
		{"allocations a call", r.Allocs, 1, "", "", "0", most(0)},
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tMEASURED\tLIMIT\tGOAL\t")
	for _, l := range lines {
		value, met := "not here", ""
		if l.value != nil {
			value = fmt.Sprintf("%.4g %s", *l.value/l.unit, l.name)
			if l.met != nil {
				met = "missed"
				if l.met(*l.value) {
					met = "reached"
				}
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l.what, value, l.limit, l.goal, met)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if r.Raw != nil && r.Null != nil {
		fmt.Printf("\na null call reaches %.2f of the raw ring of this run\n", *r.Null / *r.Raw)
	}
	fmt.Println("peers (gRPC, shmipc-go, Cap'n Proto) are no part of this module; none was measured in this run")
	return nil
}
