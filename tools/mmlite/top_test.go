package main

import (
	"strings"
	"testing"
	"time"
)

func TestDraw(t *testing.T) {
	before := &snapshot{
		at:         time.Unix(100, 0),
		Activities: []activityState{{"synth", 1}},
		Threads:    []threadState{{Processor: "spare", Thread: "mmd/x", Seconds: 1, Switches: 10}, {Processor: "spare", Thread: "mmd/x", Seconds: 2, Switches: 10}},
		Link:       []clientState{{"x#1", 100, 1}},
	}
	now := &snapshot{
		at:         time.Unix(102, 0),
		Activities: []activityState{{"synth", 1.5}, {"client/y#2", 0.1}},
		Threads: []threadState{
			{Processor: "spare", Thread: "idler", State: "blocked", Seconds: 5},
			{Processor: "spare", Thread: "mmd/x", State: "blocked", Seconds: 1.5, Switches: 20},
			{Processor: "spare", Thread: "mmd/x", State: "running", Seconds: 2.5, Switches: 40},
		},
		Link:  []clientState{{"x#1", 300, 2}, {"y#2", 7, 1}},
		Audio: &audioState{Device: "null", Rate: 44100, LatencyMs: 17.4, Underruns: 3},
		Synth: &synthesizerState{Ports: []portState{{
			Name: "mine", Bank: "GM", Heard: 44100 * 61, Voices: 9, PeakVoices: 12, Quota: 256,
			Channels: []channelState{{1, "Piano", 4}, {2, "Silence", 0}, {10, "Kit", 5}},
		}}},
	}
	before.Threads = append(before.Threads, threadState{Processor: "spare", Thread: "idler", Seconds: 5})
	page := string(draw(before, now, 0))
	for _, want := range []string{
		"null, 44100 Hz, playing, 17.4 ms buffered, underruns 3",
		"x#1 100 calls/s (2 objects), y#2 0 calls/s",
		"   25.00  1.500  synth",
		"    5.00  0.100  client/y#2",
		"   30.00         all",
		"port mine at 1:01: 9 voices (most 12, of 256)",
		"1 Piano (4), 10 Kit (5)\n",
		"50.00   20          0           spare      running             mmd/x (2 threads)\n0.00",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	if t.Failed() {
		t.Log("\n" + page)
	}
	if cut := string(draw(before, now, 6)); strings.Count(cut, "\n") != 4 || !strings.HasPrefix(page, cut) {
		t.Errorf("cut to 6 rows:\n%s", cut)
	}
	first := string(draw(now, now, 0)) // no time has passed
	if !strings.Contains(first, "-  1.500  synth") || strings.Contains(first, "NaN") {
		t.Errorf("first page:\n%s", first)
	}
}
