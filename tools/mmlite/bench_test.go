package main

import (
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestBenchPrintsItsKeys(t *testing.T) {
	if testing.Short() {
		t.Skip("measuring takes its time")
	}
	dir := shortFolder(t)
	out, errs, err := mmlite(t, dir, "bench", "rpc", "--json", "--rounds", "1")
	if err != nil {
		t.Fatal(err, errs)
	}
	var got map[string]*float64
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	keys := []string{
		"null_calls_per_second", "null_p50_ns", "null_p99_ns", "null_playing_calls_per_second", "cold_p50_ns",
		"one_core_calls_per_second", "raw_ring_per_second", "raw_ring_p50_ns", "oneway_per_second", "bulk_bytes_per_second", "allocs_per_call",
	}
	for k, v := range got {
		if !slices.Contains(keys, k) {
			t.Errorf("%s is none of the keys", k)
		}
		if v == nil && runtime.GOOS == "linux" {
			t.Errorf("%s was not measured: %s", k, errs)
		}
		if v != nil && *v <= 0 && k != "allocs_per_call" {
			t.Errorf("%s is %v", k, *v)
		}
	}
	if len(got) != len(keys) {
		t.Errorf("%d keys, want %d", len(got), len(keys))
	}
	out, _, err = mmlite(t, dir, "bench", "rpc", "--rounds", "1")
	if err != nil || !strings.Contains(out, "null call") || !strings.Contains(out, "none was measured") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestSoak(t *testing.T) {
	dir := shortFolder(t)
	out, errs, err := mmlite(t, dir, "soak", "--calls", "100000", "--seconds", "20", "--seed", "7", "--json")
	if err != nil {
		t.Fatal(err, errs)
	}
	var r soakReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Adds == 0 || r.Fills == 0 || r.Posts == 0 || r.Backs == 0 || r.Pauses == 0 || r.Bytes == 0 || r.LostWake != 0 {
		t.Fatalf("%+v", r)
	}
	// A patience that no call can meet shows that slow calls are found.
	_, errs, err = mmlite(t, dir, "soak", "--calls", "1000000", "--seconds", "20", "--lost", "1ns")
	if err == nil || !strings.Contains(errs, "a wake-up was lost") {
		t.Fatalf("%v\n%s", err, errs)
	}
}
