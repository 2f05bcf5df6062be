package main

import (
	"bufio"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

func TestHistogramSinceALook(t *testing.T) {
	before := &system.Histogram{Name: "wakeup", Count: 110, Max: time.Second, Buckets: []system.Bucket{
		{UpTo: 10 * time.Microsecond, Count: 100}, {UpTo: time.Second, Count: 10},
	}}
	now := &system.Histogram{Name: "wakeup", Count: 210, Max: time.Second, Buckets: []system.Bucket{
		{UpTo: 10 * time.Microsecond, Count: 190}, {UpTo: 20 * time.Microsecond, Count: 9}, {UpTo: 50 * time.Microsecond, Count: 1}, {UpTo: time.Second, Count: 10},
	}}
	h := since(now, before)
	if h.Count != 100 || h.Max != 50*time.Microsecond {
		t.Errorf("%+v", h)
	}
	for q, want := range map[float64]time.Duration{.5: 10, .9: 10, .91: 20, .99: 20, 1: 50} {
		if got := quantile(&h, q); got != want*time.Microsecond {
			t.Errorf("quantile %v is %v, want %v us", q, got, int(want))
		}
	}
	if h := since(before, before); h.Count != 0 || quantile(&h, .99) != 0 {
		t.Errorf("nothing happened: %+v", h)
	}
}

func TestUnderrunsThatNobodyCouldAvoid(t *testing.T) {
	d := &dryLooks{last: 3}
	ms := int64(time.Millisecond)
	d.saw(3, 0, 1000*ms)
	d.saw(5, 1000*ms, 1002*ms)
	d.saw(5, 1002*ms, 1004*ms)
	d.saw(6, 5000*ms, 5002*ms)
	p := &pulses{}
	p.read(bufio.NewReader(strings.NewReader("0 960000000 969000000\n1 x\n1 5001000000 5002500000\n1 9 8\n")))
	if len(p.list) != 2 {
		t.Fatalf("%v", p.list)
	}
	if got := p.during(0, math.MaxInt64); got != 9*time.Millisecond {
		t.Errorf("the longest is %v", got)
	}
	// 9 ms of standing still excuse the first two, 1.5 ms do not excuse the third.
	if got := excuse(d.list(), p, 5*time.Millisecond); got != 2 {
		t.Errorf("%d are excused", got)
	}
	if got := excuse(d.list(), nil, 5*time.Millisecond); got != 0 {
		t.Errorf("%d are excused where nothing is known", got)
	}
}

func TestVerdictOfSoakAudio(t *testing.T) {
	const fifo = "SCHED_FIFO 10, by rtkit"
	for _, c := range []struct {
		run audioRun
		bad bool
	}{
		{audioRun{Policy: "constraint", Granted: fifo}, false},
		{audioRun{Policy: "constraint", Granted: fifo, Underruns: 2, Excused: 1}, true},
		{audioRun{Policy: "constraint", Granted: fifo, Underruns: 2, Excused: 2}, false},
		{audioRun{Policy: "constraint", Granted: "ordinary: EPERM", Underruns: 2}, false},
		{audioRun{Policy: "roundrobin", Granted: fifo, Underruns: 2}, false},
	} {
		err := (&audioReport{Runs: []audioRun{{Policy: "roundrobin"}, c.run}}).verdict()
		if (err != nil) != c.bad {
			t.Errorf("%+v: %v", c.run, err)
		}
	}
}

func TestSoakAudioFlags(t *testing.T) {
	good := soakAudioCmd{Minutes: 5, Period: 256, Queue: 2, Ports: 8, Voices: 64, Load: -1, Storm: 2}
	own := &globals{Card: hostedOwn}
	if err := good.check(own); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*soakAudioCmd){
		"minutes": func(c *soakAudioCmd) { c.Minutes = math.NaN() }, "period": func(c *soakAudioCmd) { c.Period = 1 },
		"queue": func(c *soakAudioCmd) { c.Queue = 0 }, "ports": func(c *soakAudioCmd) { c.Ports = 33 },
		"voices": func(c *soakAudioCmd) { c.Voices = 5 }, "load": func(c *soakAudioCmd) { c.Load = -2 }, "storm": func(c *soakAudioCmd) { c.Storm = 65 },
	} {
		c := good
		change(&c)
		if err := c.check(own); com.CodeOf(err) != com.ErrInvalid || !strings.Contains(err.Error(), "--"+what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := good.check(&globals{Card: "hosted:den"}); err == nil {
		t.Error("it took somebody else's card")
	}
}

func TestSoakAudio(t *testing.T) {
	dir := shortFolder(t)
	// A deep queue: whether this computer is quick is not what is tested.
	out, errs, err := mmlite(t, dir, "soak", "audio", "--minutes", "0.03", "--queue", "64", "--ports", "2", "--load", "1", "--storm", "1", "--policy", "both", "--json")
	if err != nil {
		t.Fatal(err, errs)
	}
	var r audioReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Runs) != 2 || r.Runs[0].Policy != "constraint" || r.Runs[1].Policy != "roundrobin" {
		t.Fatalf("%+v", r)
	}
	for _, one := range r.Runs {
		if one.Periods == 0 || one.Peak == 0 || one.Granted == "" || one.Seconds < 1 || one.Calls == 0 || one.Load <= 0 {
			t.Errorf("%+v", one)
		}
	}
}
