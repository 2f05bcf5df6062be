package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

func TestBenchGraphics(t *testing.T) {
	dir := shortFolder(t)
	out, errs, err := mmlite(t, dir, "bench", "graphics", "--json", "--rounds", "1", "--only", "blits", "--no-peers")
	if err != nil {
		t.Fatal(err, errs)
	}
	var r graphicsResult
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Tests) != 20 || len(r.Peers) != 0 {
		t.Fatalf("%d tests, peers %v", len(r.Tests), r.Peers)
	}
	for _, f := range r.Tests {
		if f.Own <= 0 || f.Group != "blits" || f.Unit != "Mpixels/s" || f.Reached != nil {
			t.Errorf("%+v", f)
		}
	}
	out, errs, err = mmlite(t, dir, "bench", "graphics", "--rounds", "1", "--only", "vertices", "--only", "processors", "--no-peers")
	if err != nil || !strings.Contains(out, "highlights") || !strings.Contains(out, "TWO APART") && !strings.Contains(out, "there is one here") {
		t.Errorf("%v\n%s%s", err, out, errs)
	}
	if _, errs, err := mmlite(t, dir, "bench", "graphics", "--rounds", "0"); err == nil || !strings.Contains(errs, "1 to 1000") {
		t.Errorf("%v, %s", err, errs)
	}
}

// TestTwoProcessors has the figures of two say what two apart reach over one.
func TestTwoProcessors(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("there is one processor here")
	}
	out, errs, err := mmlite(t, shortFolder(t), "bench", "graphics", "--json", "--rounds", "1", "--only", "processors", "--no-peers")
	var r graphicsResult
	if err != nil || json.Unmarshal([]byte(out), &r) != nil || len(r.Tests) < 5 {
		t.Fatalf("%v\n%s%s", err, out, errs)
	}
	for _, f := range r.Tests {
		got, want := f.ApartOverOne, f.Peers[apartPeer]/f.Peers[onePeer]
		if f.TwoOverOne <= 0 || f.TwoOverOne != f.Factors[onePeer] || got < want*.999 || got > want*1.001 || f.Reached == nil || *f.Reached != (f.TwoOverOne >= 1.8) {
			t.Errorf("%+v: two apart over one are %v, not %v", f, got, want)
		}
	}
}

// TestGraphicsVerdicts prints and draws made-up figures.
func TestGraphicsVerdicts(t *testing.T) {
	goals := map[string]float64{"sdl2": 1, "plain": .8}
	f := &graphicsFigure{Group: "blits", Test: "copy x888", Unit: "Mpixels/s", Own: 900, Peers: map[string]float64{"sdl2": 600, "plain": 1000},
		Factors: map[string]float64{"sdl2": 1.5, "plain": .9}, Goals: goals}
	slow := &graphicsFigure{Group: "blits", Test: "fill x888", Unit: "Mpixels/s", Own: 300, Peers: map[string]float64{"plain": 1000}, Factors: map[string]float64{"plain": .3}, Goals: goals}
	alone := &graphicsFigure{Group: "fill", Test: "flat", Unit: "Mpixels/s", Own: 42, Goals: goals}
	for _, f := range []*graphicsFigure{f, slow, alone} {
		f.judge()
	}
	if f.Reached == nil || !*f.Reached || slow.Reached == nil || *slow.Reached || alone.Reached != nil {
		t.Errorf("reached: %v, %v, %v", f.Reached, slow.Reached, alone.Reached)
	}
	if got := f.verdict(); got != "0.8 of plain: reached" {
		t.Error(got)
	}
	if got := slow.bar(); got != "██    |" {
		t.Errorf("%q", got)
	}
	if got := f.bar(); got != "█████|█" {
		t.Errorf("%q", got)
	}
	r := &graphicsResult{Overload: &overloadFigure{Frames: 3, Reached: true}, Peers: map[string]string{"sdl2": "SDL"}, Tests: []*graphicsFigure{f, slow, alone}, Missing: []string{"mesa: not here"}}
	if err := r.print(); err != nil {
		t.Error(err)
	}
	name := filepath.Join(t.TempDir(), "x.png")
	if err := writeFile(name, r.draw); err != nil {
		t.Error(err)
	}
	if s, err := os.Stat(name); err != nil || s.Size() < 1000 {
		t.Error(s, err)
	}
	if err := (&graphicsResult{}).draw(os.Stdout); com.CodeOf(err) != com.ErrInvalid {
		t.Error(err)
	}
}
