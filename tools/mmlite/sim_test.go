package main

import (
	"context"
	"strings"
	"testing"

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
