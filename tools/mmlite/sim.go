package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched/simulate"
)

// simCmd is the scheduling laboratory.
type simCmd struct {
	Set     string        `arg:"" optional:"" help:"A task set: a file, or one of those that come along. Without: list them." placeholder:"FILE"`
	Policy  []string      `help:"Policy: null, roundrobin, constraint or edf. May be given again; all of them if it is not." enum:"null,roundrobin,constraint,edf" placeholder:"NAME"`
	Seconds float64       `help:"Run it for so many seconds of its own time instead of as long as it says." placeholder:"N"`
	Picture time.Duration `help:"Draw the beginning of the run in the terminal, a column for so much time; 0 draws nothing." default:"0" placeholder:"TIME"`
	PNG     string        `name:"png" help:"Draw the run to a PNG file; with several policies to one each, as in FILE-edf.png." placeholder:"FILE"`
	From    time.Duration `help:"Begin the PNG's picture there. Without --from and --to it shows a miss, if there is one." placeholder:"TIME"`
	To      time.Duration `help:"End the PNG's picture there." placeholder:"TIME"`
	Print   bool          `help:"Print the text of the task set instead of running it."`
	Format  bool          `help:"Explain how a task set is written."`
}

// Help implements kong.
func (s *simCmd) Help() string {
	return "Threads of the set run in virtual time, so a minute takes moments and comes out the same each time. For each policy it says what every activity and " +
		"thread got, by how much the worst window fell short of what was promised, and whether a promise was broken. " +
		"mmlite sim --format explains how a set is written, mmlite sim overload --print shows one."
}

// setFormat explains task sets.
const setFormat = `A task set is lines of words; what follows a # is a comment. Times are written
with a unit, as in 5805us, 1.5ms or 2s.

    title TEXT
    seed N                      chance comes from here: 1
    run TIME                    how long: 10s, at most a day
    stretch TIME                between two checkpoints of a thread: 50us
    policy NAME                 which one it was written for: constraint
    mutex NAME...
    activity NAME [reserve TIME every TIME]
    thread NAME in ACTIVITY WHEN work TIME[..TIME] [MORE...]

WHEN is one of
    every TIME     a job is released every so often
    clock TIME     a job is released by an interrupt every so often
    random TIME    a job is released by an interrupt, so often in the mean
    always         it computes without end; then without work

MORE is any of
    deadline TIME     of a job from its release: the period, or the mean
    estimate TIME     a job has a constraint with this estimate
    estimate taken    the estimate is what the jobs before took, and a quarter more
    critical          the constraint may take time from others of its activity
    shed N            a job whose constraint is refused does N percent of its work
    lock MUTEX TIME   a job first works so long with the mutex held; further ones
                      are locked within, in the order of the mutex lines
    offset TIME       of the first release: 0
    to TIME           it ends then
    count N           there are so many of it

For example:

    run 5s
    activity sound reserve 2ms every 10ms
    activity other
    thread mixer in sound every 10ms work 1ms..1800us estimate 1800us
    thread crowd in other always count 10
`

// Run implements kong.
func (s *simCmd) Run(ctx context.Context, g *globals) error {
	if s.Format {
		return s.tell(g, "", setFormat)
	}
	if s.Set == "" {
		return s.list(g)
	}
	text, err := s.text()
	if err != nil {
		return err
	}
	if s.Print {
		return s.tell(g, s.Set, text)
	}
	set, err := simulate.Parse(text)
	if err != nil {
		return fmt.Errorf("task set %s: %w", s.Set, err)
	}
	if s.Seconds != 0 {
		if !(s.Seconds > 0 && s.Seconds <= simulate.MaxRun.Seconds()) {
			return com.Errorf(com.ErrInvalid, "--seconds %v: it can be up to %.0f", s.Seconds, simulate.MaxRun.Seconds())
		}
		if err := set.RunFor(machine.Duration(s.Seconds * float64(machine.Second))); err != nil {
			return fmt.Errorf("--seconds %v: %w", s.Seconds, err)
		}
	}
	if s.From < 0 || s.To < 0 || s.To > 0 && s.To <= s.From {
		return com.Errorf(com.ErrInvalid, "--from %v --to %v: the picture ends before it begins", s.From, s.To)
	}
	names := distinct(s.Policy)
	if len(names) == 0 {
		names = simulate.Policies
	}
	for _, name := range names {
		if s.PNG == "" {
			break
		}
		if err := mayWrite(s.picturePath(name, len(names) > 1)); err != nil {
			return err
		}
	}
	var results []*simulate.Result
	for _, name := range names {
		p, err := simulate.NewPolicy(name)
		if err != nil {
			return err
		}
		r, err := simulate.Run(ctx, set, p)
		if err != nil {
			return fmt.Errorf("task set %s under %s: %w", s.Set, name, err)
		}
		if !g.JSON {
			if err := s.show(r); err != nil {
				return err
			}
		}
		if s.PNG != "" {
			path := s.picturePath(name, len(names) > 1)
			if err := writeSimPicture(path, r, machine.Time(s.From), machine.Time(s.To)); err != nil {
				return err
			}
			if !g.JSON {
				fmt.Printf("drawn to %s\n\n", path)
			}
		}
		results = append(results, r)
	}
	if g.JSON {
		return json.NewEncoder(os.Stdout).Encode(results)
	}
	return nil
}

// tell prints a text, of a task set if name is one.
func (s *simCmd) tell(g *globals, name, text string) error {
	if !g.JSON {
		fmt.Print(text)
		return nil
	}
	return json.NewEncoder(os.Stdout).Encode(struct {
		Name string `json:"name,omitempty"`
		Text string `json:"text"`
	}{name, text})
}

// distinct returns names without those that came before.
func distinct(names []string) (list []string) {
	for _, n := range names {
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// picturePath is where a policy's picture goes.
func (s *simCmd) picturePath(policy string, several bool) string {
	if !several {
		return s.PNG
	}
	ext := filepath.Ext(s.PNG)
	return strings.TrimSuffix(s.PNG, ext) + "-" + policy + ext
}

// text returns the task set's text.
func (s *simCmd) text() (string, error) {
	b, err := os.ReadFile(s.Set)
	if err == nil {
		return string(b), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	text, err := simulate.Text(s.Set)
	if err != nil {
		return "", com.Errorf(com.ErrNotFound, "there is no file %s, and no task set of that name comes along; those that do: %s", s.Set, strings.Join(simulate.Sets(), ", "))
	}
	return text, nil
}

// columns is the width of a picture.
const columns = 100

func (s *simCmd) show(r *simulate.Result) error {
	fmt.Printf("%s\n\n", strings.ToUpper(r.Policy))
	if err := r.WriteText(os.Stdout); err != nil {
		return err
	}
	verdict := "every promise was kept"
	switch {
	case !promised(r):
		verdict = "nothing was promised"
	case !r.Kept(allowance):
		verdict = "PROMISES WERE BROKEN"
	}
	missed, jobs := r.Missed("")
	fmt.Printf("\n%s; %d of %d jobs missed their deadlines\n\n", verdict, missed, jobs)
	if s.Picture <= 0 {
		return nil
	}
	fmt.Printf("the first %v, a column for %v: # runs, + runs part of it, - waits with work to do\n", columns*s.Picture, s.Picture)
	err := r.WritePicture(os.Stdout, machine.FromStd(s.Picture), columns)
	fmt.Println()
	return err
}

// allowance is what a window may be short of for switching.
const allowance = 20 * machine.Microsecond

// promised reports whether the policy promised anything to anybody.
func promised(r *simulate.Result) bool {
	for _, a := range r.Activities {
		if a.Grant.Amount > 0 {
			return true
		}
	}
	for _, t := range r.Threads {
		if t.Promised > 0 {
			return true
		}
	}
	return false
}

// list prints the task sets that come along.
func (s *simCmd) list(g *globals) error {
	type entry struct {
		Name  string `json:"name"`
		Title string `json:"title"`
	}
	var list []entry
	for _, name := range simulate.Sets() {
		text, err := simulate.Text(name)
		if err != nil {
			return err
		}
		set, err := simulate.Parse(text)
		if err != nil {
			return err
		}
		list = append(list, entry{name, set.Title})
	}
	if g.JSON {
		return json.NewEncoder(os.Stdout).Encode(list)
	}
	for _, e := range list {
		fmt.Printf("%-10s  %s\n", e.Name, e.Title)
	}
	fmt.Println("\nRun one with mmlite sim NAME. mmlite sim NAME --print shows it, mmlite sim --format explains how a set is written.")
	return nil
}
