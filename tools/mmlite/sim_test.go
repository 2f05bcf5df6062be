package main

import (
	"context"
	"encoding/json"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/sched/simulate"
)

func TestSetsThatComeAlong(t *testing.T) {
	for _, name := range simulate.Sets() {
		text, err := (&simCmd{Set: name}).text()
		if err != nil || !strings.Contains(text, "thread") {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := (&simCmd{Set: "nothing"}).Run(context.Background(), &globals{})
	if err == nil || !strings.Contains(err.Error(), "overload") {
		t.Errorf("an unknown set: %v", err)
	}
}

// TestFormatIsWhatTheParserTakes parses the example of the help text.
func TestFormatIsWhatTheParserTakes(t *testing.T) {
	_, example, ok := strings.Cut(setFormat, "For example:")
	if !ok {
		t.Fatal("no example")
	}
	set, err := simulate.Parse(example)
	if err != nil || len(set.Threads) != 2 {
		t.Fatal(set, err)
	}
	for _, word := range []string{"deadline", "estimate taken", "critical", "shed", "lock", "offset", "to TIME", "count", "clock", "random", "stretch", "seed"} {
		if !strings.Contains(setFormat, word) {
			t.Errorf("%s is not explained", word)
		}
	}
}

func TestSimRefuses(t *testing.T) {
	for _, s := range []simCmd{
		{Set: "domino", Seconds: -1}, {Set: "domino", Seconds: 1e9}, {Set: "domino", Seconds: math.NaN()}, {Set: "domino", Seconds: 1e-9},
		{Set: "domino", From: 5, To: 4}, {Set: "domino", From: -1},
	} {
		if err := s.Run(context.Background(), &globals{}); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestPicturesOfSeveralPolicies(t *testing.T) {
	dir := t.TempDir()
	s := simCmd{Set: "overload", Policy: []string{"constraint", "edf"}, Seconds: 0.2, PNG: filepath.Join(dir, "x.png")}
	if err := s.Run(context.Background(), &globals{JSON: true}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x-constraint.png", "x-edf.png"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := png.DecodeConfig(f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		f.Close()
	}
}

func TestVerdictNeedsAPromise(t *testing.T) {
	text, err := simulate.Text("overload")
	if err != nil {
		t.Fatal(err)
	}
	set, err := simulate.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"roundrobin": false, "constraint": true} {
		p, err := simulate.NewPolicy(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := simulate.Run(context.Background(), set, p)
		if err != nil {
			t.Fatal(err)
		}
		if promised(r) != want {
			t.Errorf("%s: promised is %v", name, !want)
		}
		if want && !r.Kept(allowance) {
			t.Errorf("%s broke a promise", name)
		}
	}
}

// TestPoliciesGivenTwiceRunOnce, and --json is JSON whatever is asked for.
func TestPoliciesGivenTwiceRunOnce(t *testing.T) {
	dir := t.TempDir()
	out, errs, err := mmlite(t, dir, "sim", "domino", "--policy", "edf", "--policy", "null", "--policy", "edf", "--seconds", "0.1", "--json")
	var results []struct{ Policy string }
	if err != nil || json.Unmarshal([]byte(out), &results) != nil || len(results) != 2 {
		t.Errorf("%v, %s: %.200s", err, errs, out)
	}
	for _, args := range [][]string{{"--format"}, {"domino", "--print"}} {
		out, errs, err := mmlite(t, dir, append([]string{"sim", "--json"}, args...)...)
		var v struct{ Text string }
		if err != nil || json.Unmarshal([]byte(out), &v) != nil || !strings.Contains(v.Text, "thread") {
			t.Errorf("%v: %v, %s: %.200s", args, err, errs, out)
		}
	}
}
