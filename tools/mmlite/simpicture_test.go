package main

import (
	"context"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched/simulate"
	"github.com/mmlite/mmlite/tools/internal/lanes"
)

// simulated runs a set that comes along under a policy.
func simulated(t *testing.T, set, policy string) *simulate.Result {
	t.Helper()
	text, err := simulate.Text(set)
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulate.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := simulate.NewPolicy(policy)
	if err != nil {
		t.Fatal(err)
	}
	r, err := simulate.Run(context.Background(), s, p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reds counts the pixels of the colour of a failure in a PNG file.
func reds(t *testing.T, path string) (n int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	r, g, b, _ := lanes.Red.RGBA()
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if pr, pg, pb, _ := img.At(x, y).RGBA(); pr == r && pg == g && pb == b {
				n++
			}
		}
	}
	return n
}

func TestPictureTellsPoliciesApart(t *testing.T) {
	under := map[string]lanes.Account{}
	red := map[string]int{}
	for _, policy := range []string{"constraint", "roundrobin"} {
		r := simulated(t, "overload", policy)
		list := simLanes(r).Accounts()
		if list[0].Name != "sound" || list[0].Constraints < 100 {
			t.Fatalf("%s: %+v", policy, list[0])
		}
		under[policy] = list[0]
		path := filepath.Join(t.TempDir(), policy+".png")
		if err := writeSimPicture(path, r, 0, 0); err != nil {
			t.Fatal(err)
		}
		red[policy] = reds(t, path)
	}
	if a := under["constraint"]; a.Failed != 0 || a.Promised == 0 || a.Reserved == 0 || a.ByRight["booked"] == 0 {
		t.Errorf("under constraint: %+v", a)
	}
	if a := under["roundrobin"]; a.Failed == 0 || a.Promised != 0 || a.Reserved != 0 || len(a.Blame) == 0 {
		t.Errorf("under roundrobin: %+v", a)
	}
	if red["roundrobin"] < 2*red["constraint"] {
		t.Errorf("red pixels: %v", red)
	}
}

func TestPictureEndsWhereSomethingWasNotKept(t *testing.T) {
	r := &simulate.Result{Run: machine.Second, Activities: []simulate.ActivityResult{{Name: "a"}}, Threads: []simulate.ThreadResult{{Name: "t"}}}
	for i := range machine.Time(simulate.MaxSpans) {
		r.Spans = append(r.Spans, simulate.Span{From: i * 10_000, To: i*10_000 + 5000})
	}
	last := r.Spans[len(r.Spans)-1].To
	r.Slices = []simulate.Slice{{From: 0, To: last + 500}, {From: last + 1, To: last + 100}}
	r.Jobs = []simulate.Job{{Release: 5, Deadline: 10, Done: last + 50}, {Release: last + 1}}
	p := simLanes(r)
	l := p.Lanes[0]
	if p.To != last || len(p.Notes) != 1 || len(l.Slices) != 1 || l.Slices[0].To != last || len(l.Constraints) != 1 || l.Constraints[0].End != 0 {
		t.Errorf("to %v, want %v: %v, %v, %v", p.To, last, p.Notes, l.Slices, l.Constraints)
	}
}

func TestPictureOutOfRange(t *testing.T) {
	r := simulated(t, "overload", "null")
	path := filepath.Join(t.TempDir(), "x.png")
	if err := writeSimPicture(path, r, 30*machine.Time(machine.Second), 31*machine.Time(machine.Second)); err == nil {
		t.Error("a run of 20 s has no second 30")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a picture that could not be drawn left a file")
	}
}
