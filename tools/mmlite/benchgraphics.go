package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/tools/internal/contest"
	"github.com/mmlite/mmlite/tools/internal/overload"
)

// graphicsBench measures pictures.
type graphicsBench struct {
	Only   []string `help:"Measure only blits, layers, fill, triangles, vertices, processors or overload. May be given again." enum:"blits,layers,fill,triangles,vertices,processors,overload" placeholder:"WHAT"`
	Rounds int      `help:"Rounds to take the median of, 1 to 1000." default:"15"`
	Peers  bool     `help:"Measure Mesa, SDL2 and pixman beside it, where they are installed." default:"true" negatable:""`
	PNG    string   `help:"Draw the figures." name:"png" placeholder:"FILE.png"`
}

// Help implements kong.HelpProvider.
func (*graphicsBench) Help() string {
	return `Every test is the same work for all who take part, on pictures of 640 by 480, by
one processor, measured by processor time: in every round each side works for some
milliseconds in turn, and the median of the rounds counts; a factor is the median
of the rounds' factors. The peers are C programs compiled for this run: Mesa's
llvmpipe (libosmesa6-dev), SDL2 (libsdl2-dev), pixman (libpixman-1-dev) and the C
library's memset and memcpy, built with cc and pkg-config where they are
installed. The goal of a line is how many times a peer's rate it is to reach. Two
processors are measured by the wall clock, to which whatever else runs here
counts too; so the best of the rounds is taken. Beside two processors that share
the work of one picture stand one processor, and two apart: two renderers that
share nothing, each drawing that picture on a processor of its own at the same
time. What these reach together over one is what the machine's second processor
gives, often less than twice: a ceiling for any way of sharing.
Overload is a scene of layers under the constraint scheduler in virtual time, its
renderer promised half of the time that drawing everything takes.`
}

// graphicsResult is what is measured.
type graphicsResult struct {
	Peers    map[string]string `json:"peers"` // what they say they are
	Tests    []*graphicsFigure `json:"tests"`
	Overload *overloadFigure   `json:"overload,omitempty"`
	Missing  []string          `json:"missing,omitempty"` // peers, and why
}

// graphicsFigure is of one test; rates are of its unit.
type graphicsFigure struct {
	Group   string             `json:"group"`
	Test    string             `json:"test"`
	Unit    string             `json:"unit"`
	Own     float64            `json:"mmlite"`
	Peers   map[string]float64 `json:"peers,omitempty"`
	Factors map[string]float64 `json:"factors,omitempty"` // own rate by the peer's
	Goals   map[string]float64 `json:"goals,omitempty"`   // what these are to be at least
	Reached *bool              `json:"reached,omitempty"` // nil where no peer with a goal was measured
	// Of two processors: the rate over that of one, and that of two which share
	// nothing over that of one: what the machine gives at most.
	TwoOverOne   float64 `json:"two_over_one,omitempty"`
	ApartOverOne float64 `json:"apart_over_one,omitempty"`
}

// overloadFigure is what layers under overload come to. Times are of a frame.
type overloadFigure struct {
	Frames   int     `json:"frames"`
	Layers   int     `json:"layers"`
	Need     float64 `json:"full_redraw_ms"`
	Have     float64 `json:"promised_ms"`
	Used     float64 `json:"used_ms"`
	Late     int     `json:"late_frames"`
	RMS      float64 `json:"rms_of_255"`
	Dropping float64 `json:"rms_of_255_dropping_every_second_frame"`
	Reached  bool    `json:"reached"` // none is late, and the error is the smaller one
}

// overloadFrames is how many frames of it there are.
const overloadFrames = 1000

func overloaded() (*overloadFigure, error) {
	r, err := overload.Run(1, overloadFrames)
	if err != nil {
		return nil, err
	}
	ms := func(d machine.Duration) float64 { return float64(d) / float64(machine.Millisecond) }
	return &overloadFigure{r.Frames, r.Layers, ms(r.Need), ms(r.Have), ms(r.Used), r.Late, r.Regulated, r.Dropped, r.Late == 0 && r.Regulated < r.Dropped}, nil
}

// graphicsTest is a test of package contest.
type graphicsTest struct {
	group, name string
	unit        string
	units       float64 // of a frame, in millions
	peers       []string
	goals       map[string]float64
}

// Run implements kong.
func (b *graphicsBench) Run(ctx context.Context, g *globals) error {
	if b.Rounds < 1 || b.Rounds > 1000 {
		return com.Errorf(com.ErrInvalid, "--rounds %d: want 1 to 1000", b.Rounds)
	}
	if err := mayWrite(b.PNG); err != nil {
		return err
	}
	var tests []graphicsTest
	for _, t := range graphicsTests() {
		if len(b.Only) == 0 || slices.Contains(b.Only, t.group) {
			tests = append(tests, t)
		}
	}
	res := &graphicsResult{Peers: map[string]string{}}
	if err := b.measure(ctx, res, tests); err != nil {
		return err
	}
	if len(b.Only) == 0 || slices.Contains(b.Only, "overload") {
		var err error
		if res.Overload, err = overloaded(); err != nil {
			return err
		}
	}
	if b.PNG != "" && len(tests) > 0 {
		if err := writeFile(b.PNG, res.draw); err != nil {
			return err
		}
	}
	if g.JSON {
		return printJSON(res)
	}
	if err := res.print(); err != nil {
		return err
	}
	if b.PNG != "" && len(tests) > 0 {
		fmt.Println("wrote", b.PNG)
	}
	return nil
}

func (b *graphicsBench) measure(ctx context.Context, res *graphicsResult, tests []graphicsTest) error {
	dir, err := os.MkdirTemp("", "mmlite-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	peers := map[string]contest.Side{}
	for _, name := range peersOf(tests) {
		if !b.Peers || name == onePeer || name == apartPeer {
			continue
		}
		p, err := contest.Libraries[name].Start(ctx, dir)
		if errors.Is(err, contest.ErrMissing) {
			res.Missing = append(res.Missing, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		if err != nil {
			return err
		}
		defer p.Close()
		peers[name], res.Peers[name] = p, p.About
	}
	own, two := contest.NewOwn(), contest.NewTeam(2)
	if runtime.NumCPU() > 1 {
		peers[onePeer], peers[apartPeer] = contest.NewTeam(1), contest.NewApart(2)
	} else {
		res.Missing = append(res.Missing, "two processors: there is one here")
	}
	bar := newBar(true, "measuring", int64(len(tests)))
	for i := range tests {
		side := own
		if tests[i].group == "processors" {
			if side = two; peers[onePeer] == nil {
				continue
			}
		}
		f, err := tests[i].measure(ctx, side, peers, b.Rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", tests[i].name, err)
		}
		res.Tests = append(res.Tests, f)
		_ = bar.Add(1) // a terminal that went away is not worth an error
	}
	_ = bar.Finish()
	return nil
}

func peersOf(tests []graphicsTest) (names []string) {
	for _, t := range tests {
		names = append(names, t.peers...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (t *graphicsTest) measure(ctx context.Context, own contest.Side, peers map[string]contest.Side, rounds int) (*graphicsFigure, error) {
	sides, names := []contest.Side{own}, []string{""}
	for _, name := range t.peers {
		if p := peers[name]; p != nil {
			sides, names = append(sides, p), append(names, name)
		}
	}
	measure := contest.Measure
	if t.group == "processors" {
		measure = contest.Best
	}
	results, err := measure(ctx, t.name, sides, rounds)
	if err != nil {
		return nil, err
	}
	f := &graphicsFigure{Group: t.group, Test: t.name, Unit: t.unit, Peers: map[string]float64{}, Factors: map[string]float64{}, Goals: t.goals}
	rate := func(r contest.Result) float64 { return t.units / r.Frame.Seconds() }
	f.Own = rate(results[0])
	for i := 1; i < len(results); i++ {
		if results[i].Frame > 0 {
			f.Peers[names[i]], f.Factors[names[i]] = rate(results[i]), results[i].Factor
		}
	}
	if f.TwoOverOne = f.Factors[onePeer]; f.Factors[apartPeer] > 0 {
		f.ApartOverOne = f.TwoOverOne / f.Factors[apartPeer]
	}
	f.judge()
	return f, nil
}

// judge says whether the goals are reached, of the peers that were measured.
func (f *graphicsFigure) judge() {
	all, any := true, false
	for peer, goal := range f.Goals {
		if got, measured := f.Factors[peer]; measured {
			all, any = all && got >= goal, true
		}
	}
	if any {
		f.Reached = &all
	}
}

// graphicsTests are all there are, in the order in which they are shown.
func graphicsTests() (tests []graphicsTest) {
	const pixels = contest.Width * contest.Height / 1e6
	for _, depth := range contest.Depths {
		for _, name := range contest.Blits {
			t := graphicsTest{group: "blits", name: name + " " + depth, unit: "Mpixels/s", units: float64(contest.BlitPixels(name)) / 1e6, peers: []string{"sdl2", "pixman"}}
			t.goals = map[string]float64{"sdl2": 1, "pixman": 0.8}
			if name == "fill" || name == "copy" {
				t.peers, t.goals["plain"] = append(t.peers, "plain"), 0.8
			}
			tests = append(tests, t)
		}
	}
	for _, name := range contest.LayerTests {
		tests = append(tests, graphicsTest{group: "layers", name: "layer " + name, unit: "Mpixels/s", units: pixels, peers: []string{"pixman"}})
	}
	for _, name := range contest.Fills {
		goal := 1.0
		switch {
		case strings.HasPrefix(name, "bilinear"):
			goal = 2.5
		case strings.HasPrefix(name, "flat"), strings.HasPrefix(name, "Gouraud"):
			goal = 4
		}
		tests = append(tests, graphicsTest{group: "fill", name: name, unit: "Mpixels/s", units: contest.Layers * pixels, peers: []string{"mesa"}, goals: map[string]float64{"mesa": goal}})
	}
	for _, area := range contest.Areas {
		triangles, _ := contest.MeshSize(area)
		goal := 1.0
		if area == 10 || area == 50 {
			goal = 2
		}
		for _, name := range contest.Meshes {
			tests = append(tests, graphicsTest{group: "triangles", name: fmt.Sprintf("%d px %s", area, name), unit: "Mtriangles/s", units: float64(triangles) / 1e6,
				peers: []string{"mesa"}, goals: map[string]float64{"mesa": goal}})
		}
	}
	_, vertices := contest.MeshSize(contest.VerticesArea)
	for _, name := range contest.Vertices {
		tests = append(tests, graphicsTest{group: "vertices", name: name, unit: "Mvertices/s", units: float64(vertices) / 1e6, peers: []string{"mesa"}, goals: map[string]float64{"mesa": 1}})
	}
	return append(tests, processorTests()...)
}

// What this program is called on one processor, and as two renderers that share
// nothing, beside itself on two processors that share the work.
const (
	onePeer   = "one"
	apartPeer = "two apart"
)

// processorTests are those by two processors, which is measured by the wall clock.
func processorTests() (tests []graphicsTest) {
	add := func(name, unit string, units float64) {
		tests = append(tests, graphicsTest{group: "processors", name: name, unit: unit, units: units,
			peers: []string{onePeer, apartPeer}, goals: map[string]float64{onePeer: 1.8}})
	}
	for _, name := range []string{"Gouraud depth", "bilinear mipmap Gouraud depth", "trilinear Gouraud depth"} {
		add(name, "Mpixels/s", contest.Layers*contest.Width*contest.Height/1e6)
	}
	for _, area := range []int{10, 50, 200} {
		triangles, _ := contest.MeshSize(area)
		add(fmt.Sprintf("%d px bilinear mipmap Gouraud depth", area), "Mtriangles/s", float64(triangles)/1e6)
	}
	_, vertices := contest.MeshSize(contest.VerticesArea)
	add("highlights", "Mvertices/s", float64(vertices)/1e6)
	return tests
}
