package main

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"text/tabwriter"
)

// lines are what is written at the end.
func (r *demoReport) lines() (all []string) {
	for _, s := range r.Scenes {
		name, _, _ := strings.Cut(s.Title, ",")
		all = append(all, fmt.Sprintf("%s: %.0f frames/s", name, float64(s.Frames)/max(s.Took.Seconds(), 1e-9)))
	}
	return all
}

// print tells a person how the tour went.
func (r *demoReport) print() {
	fmt.Printf("\ncard: %s\nscreen: %s; %d frames composed, %d late\n", r.Card, r.Screen, r.Composed, r.Late)
	if r.Music != "" {
		fmt.Printf("music: %s\n", r.Music)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, s := range r.Scenes {
		fmt.Fprintf(w, "%s\t%.1f frames/s\t%d blanks missed\t%s\n", s.Title, float64(s.Frames)/max(s.Took.Seconds(), 1e-9), s.Missed, s.Figures)
	}
	_ = w.Flush() // of a terminal that went away, at worst
	var names []string
	for name := range r.Load {
		names = append(names, name)
	}
	sort.Slice(names, func(i, k int) bool { return r.Load[names[i]] > r.Load[names[k]] })
	fmt.Print("processor time:")
	for _, name := range names {
		fmt.Printf(" %s %.1f %%,", name, 100*r.Load[name])
	}
	fmt.Printf(" over %.0f s\n", r.Seconds)
	for _, s := range r.Shots {
		fmt.Println(s)
	}
}
