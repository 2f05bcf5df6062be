package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// soakAudioCmd plays under load and counts what was late.
type soakAudioCmd struct {
	Minutes float64 `help:"How long, for each policy; 0.02 to 1440." default:"5" placeholder:"M"`
	Policy  string  `help:"Policy of the card's real-time processor: constraint, roundrobin, edf, null, or both for the first two." enum:"constraint,roundrobin,edf,null,both" default:"both" placeholder:"NAME"`
	Device  string  `help:"Sound device of the card." default:"null" placeholder:"NAME"`
	Period  int     `help:"Frames in a period, 16 to 8192." default:"256" placeholder:"N"`
	Queue   int     `help:"Periods the device holds, 1 to 64." default:"2" placeholder:"N"`
	Ports   int     `help:"Ports that play the tune at once, each begun at another place of it, 1 to 32." default:"8" placeholder:"N"`
	Voices  uint32  `help:"Voices of each port, 16 to 1024." default:"64" placeholder:"N"`
	Load    int     `help:"Other processes that compute without end; -1: as many as there are processors." default:"-1" placeholder:"N"`
	Storm   int     `help:"Other processes that call the card without end." default:"2" placeholder:"N"`
	Trace   string  `help:"Record the schedulers all the time, and when something was late draw it here." placeholder:"FILE.png" type:"path"`
}

// Help implements kong.HelpProvider.
func (*soakAudioCmd) Help() string {
	return `A card plays dense music while other processes take all processors and others
call it without end. What is counted: underruns of the device, input periods that
were missing from the mix, voices cut, and how late the card's real-time
processor woke. It ends with an error if there was an underrun under the policy
constraint where the system granted SCHED_FIFO.

A virtual machine stands still when its host has other things to do, and then
nobody can be on time. A real-time thread on each processor that does nothing
else tells when that is so; underruns during such a time are counted apart.`
}

// goalWakeup is what 99 of 100 wake-ups are to stay below, in microseconds.
const goalWakeup = 300

func (c *soakAudioCmd) check(g *globals) error {
	in := func(name string, v, lo, hi float64) error {
		if !(v >= lo && v <= hi) {
			return com.Errorf(com.ErrInvalid, "--%s %g: want %g to %g", name, v, lo, hi)
		}
		return nil
	}
	if g.Card != hostedOwn {
		return com.Errorf(com.ErrInvalid, "soak audio starts cards of its own; it cannot use %s", g.Card)
	}
	return errors.Join(
		in("minutes", c.Minutes, 0.02, 1440), in("period", float64(c.Period), 16, 8192), in("queue", float64(c.Queue), 1, 64),
		in("ports", float64(c.Ports), 1, 32), in("voices", float64(c.Voices), 16, 1024),
		in("load", float64(c.Load), -1, 256), in("storm", float64(c.Storm), 0, 64), mayWrite(c.Trace))
}

func (c *soakAudioCmd) policies() []string {
	if c.Policy == "both" {
		return []string{"constraint", "roundrobin"}
	}
	return []string{c.Policy}
}

// Run implements kong.
func (c *soakAudioCmd) Run(ctx context.Context, g *globals) error {
	if err := c.check(g); err != nil {
		return err
	}
	if c.Load < 0 {
		c.Load = runtime.NumCPU()
	}
	r := &audioReport{
		Period: c.Period, Queue: c.Queue, Device: c.Device, Ports: c.Ports, VoicesEach: c.Voices, Load: c.Load, Storm: c.Storm,
	}
	for _, policy := range c.policies() {
		one, err := c.run(ctx, policy, !g.JSON)
		if err != nil {
			return fmt.Errorf("under %s: %w", policy, err)
		}
		r.Runs = append(r.Runs, *one)
	}
	if g.JSON {
		if err := printJSON(r); err != nil {
			return err
		}
	} else {
		r.print()
	}
	return r.verdict()
}

// verdict is an error if there was an underrun that the system would have let us
// avoid.
func (r *audioReport) verdict() error {
	for i := range r.Runs {
		if one := &r.Runs[i]; one.Policy == "constraint" && one.fifo() && one.Underruns > one.Excused {
			return com.Errorf(com.ErrFailed, "%s under constraint with SCHED_FIFO", plural(one.Underruns-one.Excused, "underrun"))
		}
	}
	return nil
}

// audioReport is what the runs found.
type audioReport struct {
	Period     int        `json:"period_frames"`
	Queue      int        `json:"queue_periods"`
	Device     string     `json:"device"`
	Ports      int        `json:"ports"`
	VoicesEach uint32     `json:"voices_each"`
	Load       int        `json:"burners"`
	Storm      int        `json:"callers"`
	Runs       []audioRun `json:"runs"`
}

// audioRun is what one run found. Wake-ups are nil where the card does not tell.
type audioRun struct {
	Policy     string   `json:"policy"`
	Granted    string   `json:"granted"`
	Advice     string   `json:"advice,omitempty"`
	Seconds    float64  `json:"seconds"`
	Periods    uint64   `json:"periods"`
	Underruns  uint64   `json:"underruns"`
	Excused    uint64   `json:"underruns_while_the_computer_stood_still"`
	Still      float64  `json:"computer_stood_still_max_us"` // a processor of it
	LateInputs uint64   `json:"late_inputs"`
	LateEvents uint64   `json:"late_events"`
	Cut        uint64   `json:"voices_cut"`
	Voices     float64  `json:"mean_voices"`
	Peak       uint32   `json:"peak_voices"`
	Wakeups    uint64   `json:"wakeups"`
	WakeupP50  *float64 `json:"wakeup_p50_us"`
	WakeupP99  *float64 `json:"wakeup_p99_us"`
	WakeupMax  *float64 `json:"wakeup_max_us"`
	Calls      uint64   `json:"calls"`
	CallRate   float64  `json:"calls_per_second"`
	Load       float64  `json:"sound_load"` // of one processor, by the activities of sound
	Missed     uint64   `json:"reservation_misses"`
}

func (r *audioRun) fifo() bool { return strings.HasPrefix(r.Granted, "SCHED_FIFO") }

// length is how long one run lasts.
func (c *soakAudioCmd) length() time.Duration {
	return time.Duration(c.Minutes * float64(time.Minute))
}

// soakBurn computes without end, for a parent that loads the computer.
type soakBurn struct{}

// Run implements kong.
func (*soakBurn) Run(ctx context.Context) error {
	go endWithParent()
	x := uint64(1)
	for ctx.Err() == nil {
		for range 1 << 20 {
			x = x*6364136223846793005 + 1442695040888963407
		}
	}
	if x == 0 {
		fmt.Fprintln(os.Stderr, x)
	}
	return nil
}
