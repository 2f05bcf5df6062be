package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/mmlite/mmlite/tools/internal/lanes"
)

// graphicsGroups are the tables, in order, and what stands above each.
var graphicsGroups = []struct{ name, title string }{
	{"blits", "BLITS"}, {"layers", "LAYERS, BILINEAR"}, {"fill", "FILL, 16 LAYERS"}, {"triangles", "TRIANGLES"}, {"vertices", "TRANSFORM AND LIGHT"}, {"processors", "TWO PROCESSORS BY THE CLOCK"},
}

// group returns the tests of a table, and the peers that were measured in any.
func (r *graphicsResult) group(name string) (tests []*graphicsFigure, peers []string) {
	for _, t := range r.Tests {
		if t.Group != name {
			continue
		}
		tests = append(tests, t)
		for p := range t.Peers {
			if !slices.Contains(peers, p) {
				peers = append(peers, p)
			}
		}
	}
	slices.Sort(peers)
	return tests, peers
}

func (r *graphicsResult) print() error {
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	for _, g := range graphicsGroups {
		tests, peers := r.group(g.name)
		if len(tests) == 0 {
			continue
		}
		fmt.Fprintf(w, "%s, %s\tMMLITE\t%s\t\n", g.title, unitOf(tests), strings.ToUpper(strings.Join(append(slices.Clone(peers), "goal"), "\t")))
		for _, t := range tests {
			fmt.Fprintf(w, "%s\t%s\t", t.Test, rateText(t.Own))
			for _, p := range peers {
				cell := ""
				if v, ok := t.Peers[p]; ok && p == apartPeer {
					cell = fmt.Sprintf("%s (x%.2f of one)", rateText(v), t.ApartOverOne)
				} else if ok {
					cell = fmt.Sprintf("%s (x%.2f)", rateText(v), t.Factors[p])
				}
				fmt.Fprintf(w, "%s\t", cell)
			}
			fmt.Fprintf(w, "%s\t%s\n", t.verdict(), t.bar())
		}
		if slices.Contains(peers, apartPeer) {
			// Where the machine gives less than the goal, nobody can reach it.
			fmt.Fprintln(w, "(two apart: two renderers that share nothing, at the same time: what the second processor gives here)")
		}
		fmt.Fprintln(w, "\t")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if o := r.Overload; o != nil {
		fmt.Printf("OVERLOAD: %d frames of %d layers; drawing all takes %.1f ms of a frame, %.1f are promised, %.1f used\n", o.Frames, o.Layers, o.Need, o.Have, o.Used)
		fmt.Printf("%d late; error %.2f of 255, and %.2f if every second frame is dropped; goal: none late, and a smaller error: %s\n\n", o.Late, o.RMS, o.Dropping, met(o.Reached))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Peers)) {
		fmt.Printf("%s: %s\n", name, r.Peers[name])
	}
	for _, m := range r.Missing {
		fmt.Println("not measured:", m)
	}
	return nil
}

// unitOf names the units of tests.
func unitOf(tests []*graphicsFigure) string {
	var all []string
	for _, t := range tests {
		if !slices.Contains(all, t.Unit) {
			all = append(all, t.Unit)
		}
	}
	return strings.Join(all, " or ")
}

func rateText(v float64) string {
	if v < 100 {
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// binding is the goal that is nearest to being missed, among the peers that were measured.
func (f *graphicsFigure) binding() (peer string, part float64) {
	for _, p := range slices.Sorted(maps.Keys(f.Goals)) {
		got, measured := f.Factors[p]
		if q := got / f.Goals[p]; measured && (peer == "" || q < part) {
			peer, part = p, q
		}
	}
	return peer, part
}

func (f *graphicsFigure) verdict() string {
	peer, _ := f.binding()
	if peer == "" {
		return ""
	}
	return fmt.Sprintf("%g of %s: %s", f.Goals[peer], peer, met(*f.Reached))
}

// barUnit is how many characters the goal itself is long.
const barUnit, barMost = 6, 36

// bar shows how far the goal is reached: the mark stands where it is.
func (f *graphicsFigure) bar() string {
	peer, part := f.binding()
	if peer == "" {
		return ""
	}
	n := min(int(part*barUnit+0.5), barMost)
	b := []rune(strings.Repeat("█", n) + strings.Repeat(" ", max(barUnit-n, 0)))
	if n < barUnit {
		return string(b) + "|"
	}
	b[barUnit-1] = '|'
	return string(b)
}

// draw draws bars of the rates.
func (r *graphicsResult) draw(f *os.File) error {
	var charts []lanes.Bars
	for _, g := range graphicsGroups {
		tests, peers := r.group(g.name)
		if len(tests) == 0 {
			continue
		}
		c := lanes.Bars{Title: fmt.Sprintf("%s, %s", strings.ToLower(g.title), unitOf(tests)), Sides: append([]string{"mmlite"}, peers...)}
		for _, t := range tests {
			row := lanes.BarRow{Name: t.Test, Values: []float64{t.Own}}
			for _, p := range peers {
				row.Values = append(row.Values, t.Peers[p])
				row.Goal = max(row.Goal, t.Goals[p]*t.Peers[p])
			}
			c.Rows = append(c.Rows, row)
		}
		charts = append(charts, c)
	}
	return lanes.WriteBars(f, charts)
}
