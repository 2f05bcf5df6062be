package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
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
		Link: []clientState{{"x#1", 300, 2}, {"y#2", 7, 1}},
		Audio: &audioState{Device: "null", Rate: 44100, LatencyMs: 17.4, Underruns: 3, Streams: []streamState{
			{Name: "take", Rate: 48000, Channels: 2, Format: "s16", Quality: "high", Playing: true, Played: 96000, BufferMs: 80, LatencyMs: 97, Late: 4},
		}},
		Processors: []processorState{
			{Processor: "realtime", Policy: "constraint", Up: 12, Idle: 11, Promises: 3, RealTime: "SCHED_FIFO 10"},
			{Processor: "spare", Policy: "null", Up: 12, Idle: 10, RealTime: "ordinary", Advice: "ask for more"},
		},
		Scheduler: &schedulerState{
			Promises: []promiseState{
				{Processor: "realtime", Activity: "synth", Percent: 20, AmountUs: 200, PeriodUs: 1000, LastUs: 150, Accepted: 100, Refused: 2, Missed: 1},
				{Processor: "spare", Activity: "synth", Percent: 5, AmountUs: 500, PeriodUs: 10000, LastUs: 100, Accepted: 1},
			},
			Punctuality: []punctualState{{Processor: "realtime", What: "wakeup", Count: 10, P50: 4, P99: 30, Max: 80}},
		},
		Synth: &synthesizerState{Ports: []portState{{
			Name: "mine", Bank: "GM", Heard: 44100 * 61, Voices: 9, PeakVoices: 12, Quota: 256,
			Channels: []channelState{{1, "Piano", 4}, {2, "Silence", 0}, {10, "Kit", 5}},
		}}},
	}
	before.Processors = []processorState{{Processor: "realtime", Up: 10, Idle: 9.5}, {Processor: "spare", Up: 10, Idle: 9}}
	before.Threads = append(before.Threads, threadState{Processor: "spare", Thread: "idler", Seconds: 5})
	page := string(draw(before, now, 0, 0, false))
	for _, want := range []string{
		"null, 44100 Hz, playing, 17.4 ms buffered, underruns 3 late periods 0 \n",
		"25.00   realtime   constraint  3          0      4, 99% 30, max 80  -            SCHED_FIFO 10\n",
		"50.00   spare      null        0          0      -                  -            ordinary\n",
		"spare: ask for more\n",
		"stream take at 0:02: playing, 48000 Hz, 2 channels, s16, high, 80.0 ms waiting, heard after 97.0 ms, trim 0 ppm, dry 0 late frames 4 \n",
		"x#1 100 calls/s (2 objects), y#2 0 calls/s",
		"   25.00       25.00  16.00       101        2       1   1.500  synth",
		"    5.00                                                 0.100  client/y#2",
		"   30.00                                                        all",
		"port mine at 1:01: 9 voices (most 12, of 256)",
		"1 Piano (4), 10 Kit (5)\n",
		"50.00   20          0           0          0      mmd/x (2 threads)  spare      running  \n0.00",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	if t.Failed() {
		t.Log("\n" + page)
	}
	if cut := string(draw(before, now, 6, 0, false)); strings.Count(cut, "\n") != 4 || !strings.HasPrefix(page, cut) {
		t.Errorf("cut to 6 rows:\n%s", cut)
	}
	if red := string(draw(before, now, 0, 0, true)); !strings.Contains(red, " \x1b[31m3\x1b[0m late periods 0 \n") ||
		strings.Count(red, "\x1b[31m") != 3 || strings.ContainsAny(red, "\x01\x02") {
		t.Errorf("in colours:\n%q", red)
	}
	// Lines that are too long would push the head off the screen. The figure that is
	// red at the cut ends with the line.
	head := "sound: null, 44100 Hz, playing, 17.4 ms buffered, underruns "
	for _, columns := range []int{80, len(head) + 1, 1} {
		for _, line := range strings.Split(string(draw(before, now, 0, columns, false)), "\n") {
			if utf8.RuneCountInString(line) > columns {
				t.Errorf("more than %d characters: %q", columns, line)
			}
		}
		if red := string(draw(before, now, 0, columns, true)); strings.Count(red, "\x1b[31m") != strings.Count(red, "\x1b[0m") {
			t.Errorf("red does not end within %d characters: %q", columns, red)
		}
	}
	first := string(draw(now, now, 0, 0, false)) // no time has passed
	if !strings.Contains(first, "-       25.00  16.00       101        2       1   1.500  synth") || strings.Contains(first, "NaN") {
		t.Errorf("first page:\n%s", first)
	}
}
