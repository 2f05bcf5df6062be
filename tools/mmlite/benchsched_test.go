package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

func TestBenchSchedPrintsItsKeys(t *testing.T) {
	if testing.Short() {
		t.Skip("measuring takes its time")
	}
	dir := shortFolder(t)
	picture := filepath.Join(dir, "b.png")
	out, errs, err := mmlite(t, dir, "bench", "sched", "--policy", "roundrobin", "--policy", "constraint", "--seconds", "0.1", "--audio", "0", "--json", "--png", picture)
	if err != nil {
		t.Fatal(err, errs)
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 2 {
		t.Fatalf("%v\n%s", err, out)
	}
	keys := []string{
		"policy", "switch_ns", "dispatch_ns_by_threads", "decision_ns_by_threads", "constraint_ns", "wakeup_p50_us", "wakeup_p99_us", "wakeup_max_us",
		"wakeup_beside_garbage_p50_us", "wakeup_beside_garbage_p99_us", "wakeup_beside_garbage_max_us", "underruns", "granted",
	}
	for _, r := range list {
		for k, v := range r {
			if !slices.Contains(keys, k) {
				t.Errorf("%s is none of the keys", k)
			}
			if n, ok := v.(float64); ok && n <= 0 {
				t.Errorf("%s is %v", k, n)
			}
		}
		if len(r) != len(keys) || len(r["dispatch_ns_by_threads"].(map[string]any)) != len(schedThreads) || r["underruns"] != nil {
			t.Errorf("%v", r)
		}
		if (r["constraint_ns"] != nil) != (r["policy"] == "constraint") {
			t.Errorf("%s: a constraint takes %v", r["policy"], r["constraint_ns"])
		}
	}
	if info, err := os.Stat(picture); err != nil || info.Size() == 0 {
		t.Error(err)
	}
}

func TestBenchSchedFlags(t *testing.T) {
	for _, b := range []schedBench{{Seconds: 0}, {Seconds: 1, Audio: 1}, {Seconds: 1, Audio: 1e9}} {
		if err := b.Run(context.Background(), &globals{}); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%+v: %v", b, err)
		}
	}
}

func TestTail(t *testing.T) {
	got := tail([]time.Duration{1000, 1000, 2000, 5000})
	if want := [][2]float64{{1, 100}, {2, 50}, {5, 25}}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if p50, p99, most := three([]time.Duration{1000, 2000, 3000, 4000}); p50 != 3 || p99 != 4 || most != 4 {
		t.Error(p50, p99, most)
	}
}
