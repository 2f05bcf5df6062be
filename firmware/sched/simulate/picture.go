package simulate

import (
	"fmt"
	"io"
	"strings"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// MaxSpans is how many spans, slices and jobs of a run are kept.
const MaxSpans = 20_000

// Span is time that one activity ran.
type Span struct {
	Activity int
	From, To machine.Time
	// Waiting says for which activities there was work that did not run, as a bit
	// each; those from number 64 on are left out.
	Waiting uint64
	// Right is by what right it ran, if the policy says.
	Right sched.Right
}

// Slice is time that was reserved for an activity.
type Slice struct {
	Activity int
	From, To machine.Time
}

// Job is a piece of work of a thread.
type Job struct {
	Activity, Thread        int // index in Result.Activities and in Result.Threads
	Release, Deadline, Done machine.Time
	Estimate, Used          machine.Duration
	Constrained             bool // it had a constraint with that estimate
	Promised                bool // which was promised
	Dropped                 bool // it could not begin before its deadline; Done is 0
}

// note keeps a job.
func (r *Result) note(j Job) {
	if len(r.Jobs) < MaxSpans {
		r.Jobs = append(r.Jobs, j)
	}
}

// paint notes who runs.
func (r *Result) paint(k *task, from, to machine.Time) {
	waiting := uint64(0)
	for i := range min(len(k.r.meters), 64) {
		if i != k.t.Activity && k.r.meters[i].hungry > 0 {
			waiting |= 1 << uint(i)
		}
	}
	right := k.r.watch.right
	if n := len(r.Spans); n > 0 {
		if s := &r.Spans[n-1]; s.Activity == k.t.Activity && s.To == from && s.Waiting == waiting && s.Right == right {
			s.To = to
			return
		}
		if n == MaxSpans {
			return
		}
	}
	r.Spans = append(r.Spans, Span{k.t.Activity, from, to, waiting, right})
}

// WritePicture draws the time from the beginning of the run on, a line for each
// activity and a column for each step: # where it runs, + where it runs part of the
// time, - where it has work and waits.
func (r *Result) WritePicture(w io.Writer, step machine.Duration, columns int) error {
	if step <= 0 || columns <= 0 {
		return nil
	}
	columns = min(columns, 1000)
	ran := make([][]machine.Duration, len(r.Activities))
	waits := make([][]bool, len(r.Activities))
	name := 0
	for i := range ran {
		ran[i], waits[i] = make([]machine.Duration, columns), make([]bool, columns)
		name = max(name, len(r.Activities[i].Name))
	}
	for _, s := range r.Spans {
		for at := s.From; at < s.To; {
			col := int64(at) / int64(step)
			if col >= int64(columns) {
				break
			}
			next := min(s.To, machine.Time((col+1)*int64(step)))
			ran[s.Activity][col] += machine.Duration(next - at)
			for i := range min(len(waits), 64) {
				waits[i][col] = waits[i][col] || s.Waiting>>uint(i)&1 != 0
			}
			at = next
		}
	}
	for i := range ran {
		var line strings.Builder
		for col, d := range ran[i] {
			switch {
			case d > step/2:
				line.WriteByte('#')
			case d > 0:
				line.WriteByte('+')
			case waits[i][col]:
				line.WriteByte('-')
			default:
				line.WriteByte(' ')
			}
		}
		if _, err := fmt.Fprintf(w, "%*s |%s|\n", name, r.Activities[i].Name, line.String()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%*s  each column is %v\n", name, "", step)
	return err
}
