package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// chromeEvent is an event as Google's "Trace Event Format" has it, which Perfetto
// and chrome://tracing read. Times are microseconds.
type chromeEvent struct {
	Phase    string         `json:"ph"`
	Name     string         `json:"name,omitempty"`
	Category string         `json:"cat,omitempty"`
	Time     float64        `json:"ts"`
	Duration *float64       `json:"dur,omitempty"`
	Process  int            `json:"pid"`
	Thread   int            `json:"tid"`
	ID       string         `json:"id,omitempty"`
	Scope    string         `json:"s,omitempty"`
	Binding  string         `json:"bp,omitempty"`
	Colour   string         `json:"cname,omitempty"`
	Args     map[string]any `json:"args,omitempty"`
}

// cardProcess is the number of the card's process.
const cardProcess = 1

// colours are names of the format's palette.
var colours = map[sched.Right]string{
	sched.RightBooked: "rail_response", sched.RightOwn: "good", sched.RightStandby: "rail_animation",
	sched.RightSpare: "grey", sched.RightNone: "grey",
}

// chrome writes events.
type chrome struct {
	w     *bufio.Writer
	zero  machine.Time
	first bool
	err   error
	ids   int // of constraints given out
	tids  int // of tracks given out
}

func (c *chrome) at(t machine.Time) float64 { return us(int64(max(t-c.zero, 0))) }

func (c *chrome) put(e chromeEvent) {
	if c.err != nil {
		return
	}
	e.Process = cardProcess
	b, err := json.Marshal(e)
	if err != nil {
		c.err = err
		return
	}
	if !c.first {
		c.w.WriteString(",\n") // bufio remembers an error for Flush
	}
	c.first = false
	c.w.Write(b)
}

func (c *chrome) meta(name string, tid int, args map[string]any) {
	c.put(chromeEvent{Phase: "M", Name: name, Thread: tid, Args: args})
}

func (c *chrome) slice(name, category string, tid int, from, to machine.Time, colour string, args map[string]any) {
	d := c.at(to) - c.at(from)
	c.put(chromeEvent{Phase: "X", Name: name, Category: category, Time: c.at(from), Duration: &d, Thread: tid, Colour: colour, Args: args})
}

// writeChrome writes a recording for Perfetto: a process for the card, a track for
// each processor, activity and thread.
func (r *recording) writeChrome(w io.Writer, played []*events) error {
	c := &chrome{w: bufio.NewWriter(w), zero: r.from, first: true}
	c.w.WriteString("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n")
	c.meta("process_name", 0, map[string]any{"name": "card " + r.card})
	for i, k := range r.tracks {
		c.track(k, played[i], i)
	}
	if c.err != nil {
		return c.err
	}
	other := map[string]any{"card": r.card, "from_ns": int64(r.from), "to_ns": int64(r.to)}
	for _, k := range r.tracks {
		other["lost_"+k.processor] = k.lost()
	}
	b, err := json.Marshal(other)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.w, "\n],\"otherData\":%s}\n", b)
	return c.w.Flush()
}

func (c *chrome) track(k *track, e *events, order int) {
	const room = 100_000 // for the order of a processor's tracks
	add := func(sort int, s string) int {
		c.tids++
		c.meta("thread_name", c.tids, map[string]any{"name": s})
		c.meta("thread_sort_index", c.tids, map[string]any{"sort_index": order*room + sort})
		return c.tids
	}
	base := add(0, fmt.Sprintf("processor %s (%s)", k.processor, k.policy))
	acts, threads := map[uint16]int{}, map[uint32]int{}
	thread := func(n uint32) int {
		if threads[n] == 0 {
			threads[n] = add(room/2+min(int(n), room/2-1), "thread "+k.thread(n))
		}
		return threads[n]
	}
	activity := func(n uint16) int {
		if acts[n] == 0 {
			acts[n] = add(1+min(int(n), room/2-2), "activity "+k.activity(n))
		}
		return acts[n]
	}
	for i := range e.slices {
		s := &e.slices[i]
		args := map[string]any{"right": s.right.String(), "thread": k.thread(s.thread), "activity": k.activity(s.activity), "ended": s.ended}
		if s.granted >= 0 {
			args["slice_us"] = us(int64(s.granted))
		}
		col := colours[s.right]
		c.slice(k.thread(s.thread), s.right.String(), base, s.from, s.to, col, args)
		c.slice(s.right.String(), "run", activity(s.activity), s.from, s.to, col, args)
		c.slice("runs, "+s.right.String(), "run", thread(s.thread), s.from, s.to, col, args)
	}
	for _, w := range e.waits {
		c.slice("ready", "wait", thread(w.thread), w.from, w.to, "thread_state_runnable", nil)
	}
	for i := range e.constraints {
		c.constraint(k, &e.constraints[i], thread(e.constraints[i].thread))
	}
	for _, m := range e.marks {
		tid, scope := base, "p"
		if m.thread != 0 {
			tid, scope = thread(m.thread), "t"
		}
		col := ""
		if m.name == "missed" {
			col = "terrible"
		}
		c.put(chromeEvent{Phase: "i", Name: m.name, Category: "event", Time: c.at(m.at), Thread: tid, Scope: scope, Colour: col, Args: m.args})
	}
	for _, w := range e.wakes {
		c.put(chromeEvent{Phase: "C", Name: "wake-up latency, " + k.processor, Category: "latency", Time: c.at(w.at), Thread: base, Args: map[string]any{"us": us(int64(w.late))}})
	}
}

// constraint writes a constraint: the time from its start to its deadline, and a
// flow from where it was begun to where it ended.
func (c *chrome) constraint(k *track, x *constraintEvent, tid int) {
	if x.delayed {
		return // it waits for an event
	}
	c.ids++
	id := fmt.Sprintf("0x%x", c.ids)
	answer, col := "promised", ""
	if !x.promised {
		answer = "refused"
	}
	name := fmt.Sprintf("%s: %.3f ms", answer, us(int64(x.estimate))/1e3)
	args := map[string]any{"thread": k.thread(x.thread), "estimate_us": us(int64(x.estimate)), "answer": answer}
	c.put(chromeEvent{Phase: "b", Name: name, Category: "constraint", ID: id, Time: c.at(x.start), Thread: tid, Args: args})
	c.put(chromeEvent{Phase: "e", Name: name, Category: "constraint", ID: id, Time: c.at(max(x.deadline, x.start)), Thread: tid})
	if !x.promised {
		c.put(chromeEvent{Phase: "i", Name: "refused", Category: "event", Time: c.at(x.begun), Thread: tid, Scope: "t", Colour: "bad", Args: args})
	}
	if x.end == 0 {
		return
	}
	if x.missed {
		name, col = "too late", "terrible"
	} else {
		name = "done"
	}
	c.put(chromeEvent{Phase: "s", Name: answer, Category: "promise", ID: id, Time: c.at(x.begun), Thread: tid})
	c.put(chromeEvent{Phase: "f", Name: answer, Category: "promise", ID: id, Time: c.at(x.end), Thread: tid, Binding: "e"})
	c.put(chromeEvent{Phase: "i", Name: name, Category: "event", Time: c.at(x.end), Thread: tid, Scope: "t", Colour: col, Args: map[string]any{
		"taken_us": us(int64(x.taken)), "slack_us": us(int64(x.deadline - x.end)),
	}})
}
