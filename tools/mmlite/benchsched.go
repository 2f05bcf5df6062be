package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/sched/simulate"
	"github.com/mmlite/mmlite/tools/internal/lanes"
)

// schedBench measures scheduling.
type schedBench struct {
	Policy  []string `help:"Policy: null, roundrobin, constraint or edf. May be given again; all of them if it is not." enum:"null,roundrobin,constraint,edf" placeholder:"NAME"`
	Seconds float64  `help:"How long wake-ups are measured, twice for each policy, 0.1 to 600." default:"3" placeholder:"S"`
	Audio   float64  `help:"How long a card plays under load, for each policy, in seconds, 1.2 to 600; 0 leaves that out." default:"8" placeholder:"S"`
	PNG     string   `help:"Draw the costs and the wake-ups." name:"png" placeholder:"FILE.png"`
}

// Help implements kong.HelpProvider.
func (*schedBench) Help() string {
	return `Everything is measured on virtual processors of this process, under each policy.
A switch is one from a thread to another and what was decided for it; with many
threads they are all ready, of one activity, and take turns, and then their stacks
do not fit the processor's caches. The decision is the policy's part of it. A constraint is begun
and ended while 100 activities have reservations. Wake-ups are those of a thread
of a real-time processor with a deadline every millisecond, alone and beside
goroutines that allocate without end. Underruns are those of a card with two
periods of 256 frames, under the load of soak audio; what they were while the
computer itself stood still is not counted.`
}

// schedResult is what was measured under one policy; nil is what it does not have.
type schedResult struct {
	Policy       string             `json:"policy"`
	Switch       float64            `json:"switch_ns"`
	Dispatch     map[string]float64 `json:"dispatch_ns_by_threads"`
	Decision     map[string]float64 `json:"decision_ns_by_threads"`
	Constraint   *float64           `json:"constraint_ns"`
	WakeupP50    float64            `json:"wakeup_p50_us"`
	WakeupP99    float64            `json:"wakeup_p99_us"`
	WakeupMax    float64            `json:"wakeup_max_us"`
	LoadedP50    float64            `json:"wakeup_beside_garbage_p50_us"`
	LoadedP99    float64            `json:"wakeup_beside_garbage_p99_us"`
	LoadedMax    float64            `json:"wakeup_beside_garbage_max_us"`
	Underruns    *uint64            `json:"underruns"`
	Granted      string             `json:"granted"`
	late, loaded []time.Duration    // sorted
}

// schedThreads are the numbers of threads that are tried.
var schedThreads = []int{1, 10, 100, 1000, 10000}

// Run implements kong.
func (b *schedBench) Run(ctx context.Context, g *globals) error {
	if !(b.Seconds >= 0.1 && b.Seconds <= 600) || b.Audio != 0 && !(b.Audio >= 1.2 && b.Audio <= 600) {
		return com.Errorf(com.ErrInvalid, "want --seconds 0.1 to 600, and --audio 1.2 to 600 or 0")
	}
	if err := mayWrite(b.PNG); err != nil {
		return err
	}
	if b.Policy = distinct(b.Policy); len(b.Policy) == 0 {
		b.Policy = simulate.Policies
	}
	m := &schedMeter{schedBench: b}
	m.total = time.Duration(float64(len(b.Policy)) * (2*b.Seconds + b.Audio + schedRest) * float64(time.Second))
	m.what.Store("measuring")
	stop := barFor(m.total, !g.JSON, "measuring", func() string { return m.what.Load().(string) }, time.Now())
	err := m.all(ctx)
	stop()
	if err != nil {
		return err
	}
	if b.PNG != "" {
		if err := writeFile(b.PNG, m.draw); err != nil {
			return err
		}
	}
	if g.JSON {
		return printJSON(m.results)
	}
	m.print()
	if b.PNG != "" {
		fmt.Println("wrote", b.PNG)
	}
	return nil
}

// schedRest is about how many seconds what has no length of its own takes.
const schedRest = 3

func (m *schedMeter) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	row := func(what string, value func(*schedResult) string) {
		fmt.Fprint(w, what)
		for i := range m.results {
			fmt.Fprint(w, "\t", value(&m.results[i]))
		}
		fmt.Fprintln(w)
	}
	ns := func(v float64) string { return fmt.Sprintf("%.0f ns", v) }
	row("", func(r *schedResult) string { return strings.ToUpper(r.Policy) })
	row("switch", func(r *schedResult) string { return ns(r.Switch) })
	for _, n := range schedThreads {
		row(fmt.Sprintf("  of %s in turn", plural(uint64(n), "thread")), func(r *schedResult) string { return ns(r.Dispatch[threadsKey(n)]) })
	}
	for _, n := range schedThreads {
		row(fmt.Sprintf("decision among %s", plural(uint64(n), "thread")), func(r *schedResult) string { return ns(r.Decision[threadsKey(n)]) })
	}
	row("constraint begun and ended", func(r *schedResult) string {
		if r.Constraint == nil {
			return "none"
		}
		return ns(*r.Constraint)
	})
	wake := func(p50, p99, most float64) string { return fmt.Sprintf("%.0f, %.0f, %.0f us", p50, p99, most) }
	row("wake-up late: half, 99 %, all within", func(r *schedResult) string { return wake(r.WakeupP50, r.WakeupP99, r.WakeupMax) })
	row("  beside garbage", func(r *schedResult) string { return wake(r.LoadedP50, r.LoadedP99, r.LoadedMax) })
	row("underruns under load", func(r *schedResult) string {
		if r.Underruns == nil {
			return "not measured"
		}
		return fmt.Sprint(*r.Underruns)
	})
	_ = w.Flush() // standard output
	fmt.Println()
	for _, r := range m.results[:1] {
		fmt.Println("real-time processors run under", r.Granted)
	}
	if m.still > 0 {
		fmt.Printf("while cards played, a processor of this computer stood still for up to %s; underruns then are not counted\n", lanes.Short(m.still))
	}
}
