package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	Picture time.Duration `help:"Draw the beginning of the run, a column for so much time; 0 draws nothing." default:"0" placeholder:"TIME"`
	Print   bool          `help:"Print the text of the task set instead of running it."`
}

// Run implements kong.
func (s *simCmd) Run(ctx context.Context, g *globals) error {
	if s.Set == "" {
		return s.list(g)
	}
	text, err := s.text()
	if err != nil {
		return err
	}
	if s.Print {
		fmt.Print(text)
		return nil
	}
	set, err := simulate.Parse(text)
	if err != nil {
		return fmt.Errorf("task set %s: %w", s.Set, err)
	}
	names := s.Policy
	if len(names) == 0 {
		names = simulate.Policies
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
		results = append(results, r)
	}
	if g.JSON {
		return json.NewEncoder(os.Stdout).Encode(results)
	}
	return nil
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
	fmt.Printf("%s: %s\n\n", strings.ToUpper(r.Policy), r.Title)
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
	fmt.Println("\nRun one with mmlite sim NAME; mmlite sim NAME --print shows how a set is written.")
	return nil
}
