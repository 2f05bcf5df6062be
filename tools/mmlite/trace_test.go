package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/trace"
	"github.com/mmlite/mmlite/tools/internal/lanes"
)

const (
	usec = machine.Time(machine.Microsecond)
	msec = 1000 * usec
)

// story is a processor on which sound, thread 1 of activity 1, has constraints, and
// a compiler, thread 2 of activity 2, takes the rest.
func story() *track {
	k := &track{
		processor: "realtime", policy: "constraint",
		threads: map[uint32]string{1: "mixer", 2: "cc"}, acts: map[uint16]string{1: "sound", 2: "compiler"},
		reserved: map[string]sched.Grant{"sound": {Amount: 2 * machine.Millisecond, Period: 10 * machine.Millisecond}},
	}
	add := func(at machine.Time, kind trace.Kind, right sched.Right, thread uint32, a, b int64) {
		k.records = append(k.records, trace.Record{Time: at, Kind: kind, Right: right, Activity: uint16(thread), Thread: thread, A: a, B: b})
	}
	add(1*msec, trace.Ready, 0, 2, 0, 0)
	add(2*msec, trace.Run, sched.RightSpare, 2, int64(10*msec), 0)
	// The mixer is woken 40 us late, begins a constraint, and keeps it.
	add(3*msec, trace.Ready, 0, 1, 0, 0)
	add(3*msec+10*usec, trace.Wake, 0, 1, int64(40*usec), 0)
	add(3*msec+10*usec, trace.Run, sched.RightOwn, 1, int64(2*msec), 0)
	add(3*msec+20*usec, trace.Promised, 0, 1, int64(1*msec), int64(8*msec))
	add(4*msec, trace.End, 0, 1, int64(900*usec), int64(8*msec))
	// The next one begins in the future, and is refused.
	add(4*msec, trace.BeginRefused, 0, 1, int64(1*msec), int64(9*msec))
	add(4*msec, trace.Starts, 0, 1, int64(5*msec), 0)
	add(4*msec, trace.Run, sched.RightSpare, 2, int64(10*msec), 0)
	add(10*msec, trace.Run, sched.RightStandby, 1, int64(1*msec), 0)
	add(10*msec, trace.Miss, 0, 1, int64(9*msec), 0)
	add(11*msec, trace.End, 0, 1, int64(1*msec), int64(9*msec))
	// A prepared one is resolved at the wake-up, and its promise is broken.
	add(11*msec, trace.Prepared, 0, 1, int64(1*msec), int64(2*msec))
	add(11*msec, trace.Block, 0, 1, int64(machine.Forever), 0)
	add(11*msec, trace.Idle, 0, 0, int64(20*msec), 0)
	add(13*msec, trace.Ready, 0, 1, 0, 0)
	add(13*msec, trace.Run, sched.RightBooked, 1, int64(1*msec), 0)
	add(13*msec, trace.Promised, 0, 1, int64(1*msec), int64(15*msec))
	add(16*msec, trace.End, 0, 1, int64(1*msec), int64(15*msec))
	add(16*msec, trace.Overrun, 0, 1, int64(500*usec), 0)
	add(17*msec, trace.Exit, 0, 1, 0, 0)
	return k
}

func TestReplay(t *testing.T) {
	e := story().play(20 * msec)
	var got []string
	for _, s := range e.slices {
		got = append(got, fmt.Sprintf("%d %v-%v %v %s", s.thread, machine.Duration(s.from), machine.Duration(s.to), s.right, s.ended))
	}
	want := []string{
		"2 2ms-3.01ms spare preempted", "1 3.01ms-4ms own preempted", "2 4ms-10ms spare preempted",
		"1 10ms-11ms standby waits", "1 13ms-17ms booked exit",
	}
	if !slices.Equal(got, want) {
		t.Errorf("slices\n%s", strings.Join(got, "\n"))
	}
	got = nil
	for _, w := range e.waits {
		got = append(got, fmt.Sprintf("%d %v-%v", w.thread, machine.Duration(w.from), machine.Duration(w.to)))
	}
	want = []string{"2 1ms-2ms", "1 3ms-3.01ms", "2 3.01ms-4ms", "1 4ms-10ms", "2 10ms-20ms"}
	if !slices.Equal(got, want) {
		t.Errorf("waits\n%s", strings.Join(got, "\n"))
	}
	got = nil
	for _, c := range e.constraints {
		got = append(got, fmt.Sprintf("%v-%v end %v taken %v promised %v missed %v", machine.Duration(c.start), machine.Duration(c.deadline), machine.Duration(c.end), c.taken, c.promised, c.missed))
	}
	want = []string{
		"3.02ms-8ms end 4ms taken 900µs promised true missed false",
		"5ms-9ms end 11ms taken 1ms promised false missed true",
		"13ms-15ms end 16ms taken 1ms promised true missed true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("constraints\n%s", strings.Join(got, "\n"))
	}
	if e.idle != 2*machine.Millisecond || e.wakeups.Count() != 1 || e.wakeups.Max() != 40*machine.Microsecond || len(e.overruns) != 1 {
		t.Errorf("idle %v, %d wake-ups, %d overruns", e.idle, e.wakeups.Count(), len(e.overruns))
	}
}

func TestWhatIsLostIsNotGuessed(t *testing.T) {
	k := story()
	// From the compiler's turn to the end of the refused constraint all is gone.
	k.records = slices.Delete(k.records, 9, 13)
	k.gaps = []gap{{9, 4}}
	e := k.play(20 * msec)
	for _, s := range e.slices {
		if s.from < 10*msec && s.to > 4*msec {
			t.Errorf("a slice from %v to %v, where nothing is known", machine.Duration(s.from), machine.Duration(s.to))
		}
	}
	for _, c := range e.constraints {
		if c.start == 5*msec && (c.missed || c.end > c.deadline) {
			t.Errorf("%+v is said to be missed, and its end is not known", c)
		}
	}
	r := &recording{card: "test", to: 20 * msec, tracks: []*track{k}}
	if p := r.picture([]*events{e}); len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "4 records were lost") {
		t.Errorf("notes %q", p.Notes)
	}
	if s := r.summary([]*events{e}, r.picture([]*events{e})); s.Processors[0].Lost != 4 {
		t.Errorf("%+v", s.Processors[0])
	}
}

func TestTraceSummary(t *testing.T) {
	r := &recording{card: "test", to: 20 * msec, tracks: []*track{story()}}
	e := []*events{r.tracks[0].play(r.to)}
	s := r.summary(e, r.picture(e))
	a := s.Activities[0]
	if a.Name != "sound" || a.Constraints != 3 || a.Promised != 2 || a.Refused != 1 || a.Missed != 2 || a.Broken != 1 {
		t.Errorf("%+v", a)
	}
	if a.Used != 5990*machine.Microsecond || a.Amount != 2*machine.Millisecond || a.ByRight["booked"] != 4*machine.Millisecond {
		t.Errorf("%+v", a)
	}
	// The promise was broken between 13 and 16 ms, when nobody else ran.
	if len(a.Blame) != 1 || a.Blame[0].Name != "itself" || s.Activities[1].Name != "compiler" {
		t.Errorf("%+v", s.Activities)
	}
	if p := s.Processors[0]; p.Wakeups != 1 || p.WakeupMax != 40*machine.Microsecond || p.Overruns != 1 || p.Idle != 2*machine.Millisecond {
		t.Errorf("%+v", p)
	}
}

// checkChrome holds a file to the Trace Event Format.
func checkChrome(t *testing.T, file []byte) (events []map[string]any) {
	t.Helper()
	var f struct {
		Events []map[string]any `json:"traceEvents"`
		Unit   string           `json:"displayTimeUnit"`
	}
	if err := json.Unmarshal(file, &f); err != nil {
		t.Fatal(err)
	}
	if f.Unit != "ns" && f.Unit != "ms" {
		t.Errorf("displayTimeUnit %q", f.Unit)
	}
	open := map[string]int{}
	flows := map[string]int{}
	type span struct{ from, to float64 }
	tracks := map[float64][]span{}
	named := map[float64]bool{}
	for _, e := range f.Events {
		number := func(key string) float64 {
			v, ok := e[key].(float64)
			if !ok {
				t.Fatalf("%v has no number %q", e, key)
			}
			return v
		}
		ts, tid := number("ts"), number("tid")
		number("pid")
		ph, _ := e["ph"].(string)
		name, _ := e["name"].(string)
		if name == "" {
			t.Fatalf("%v has no name", e)
		}
		if ts < 0 {
			t.Errorf("%v is before the beginning", e)
		}
		id := fmt.Sprint(e["cat"], e["id"])
		switch ph {
		case "M":
			if _, ok := e["args"].(map[string]any); !ok {
				t.Errorf("%v: a name without the name", e)
			}
			named[tid] = named[tid] || name == "thread_name"
			continue
		case "X":
			d := number("dur")
			if d < 0 {
				t.Errorf("%v lasts less than nothing", e)
			}
			tracks[tid] = append(tracks[tid], span{ts, ts + d})
		case "b", "e":
			open[id] += map[string]int{"b": 1, "e": -1}[ph]
			if e["id"] == nil || open[id] < 0 || open[id] > 1 {
				t.Errorf("%v does not match another", e)
			}
		case "s", "f":
			flows[id] += map[string]int{"s": 1, "f": -1}[ph]
			if e["id"] == nil || flows[id] < 0 || ph == "f" && e["bp"] != "e" {
				t.Errorf("%v does not match another", e)
			}
		case "i":
			if s := e["s"]; s != "t" && s != "p" && s != "g" {
				t.Errorf("%v: scope", e)
			}
		case "C":
			for k, v := range e["args"].(map[string]any) {
				if _, ok := v.(float64); !ok {
					t.Errorf("%v: counter %s is no number", e, k)
				}
			}
		default:
			t.Errorf("%v: unknown phase", e)
		}
		if !named[tid] {
			t.Errorf("%v is on a track without a name", e)
		}
	}
	for id, n := range open {
		if n != 0 {
			t.Errorf("constraint %s is not closed", id)
		}
	}
	for id, n := range flows {
		if n != 0 {
			t.Errorf("flow %s has no end", id)
		}
	}
	// Slices of a track follow each other, for they may only nest; times are rounded
	// to nanoseconds.
	for tid, list := range tracks {
		slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.from, b.from) })
		for i := 1; i < len(list); i++ {
			if list[i].from < list[i-1].to-2e-3 {
				t.Errorf("track %v: %v overlaps %v", tid, list[i-1], list[i])
			}
		}
	}
	return f.Events
}

func TestChromeFile(t *testing.T) {
	r := &recording{card: "test", from: msec, to: 20 * msec, tracks: []*track{story()}}
	var b bytes.Buffer
	if err := r.writeChrome(&b, []*events{r.tracks[0].play(r.to)}); err != nil {
		t.Fatal(err)
	}
	events := checkChrome(t, b.Bytes())
	count := func(ph, name string) (n int) {
		for _, e := range events {
			if e["ph"] == ph && (name == "" || e["name"] == name) {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		ph, name string
		want     int
	}{
		{"X", "mixer", 3}, {"X", "cc", 2}, {"X", "ready", 5}, {"b", "", 3}, {"s", "promised", 2}, {"s", "refused", 1},
		{"i", "missed", 2}, {"i", "too late", 2}, {"i", "done", 1}, {"i", "refused", 1}, {"i", "overrun", 1}, {"C", "wake-up latency, realtime", 1},
	} {
		if got := count(c.ph, c.name); got != c.want {
			t.Errorf("%d events %s %s, want %d", got, c.ph, c.name, c.want)
		}
	}
	for _, e := range events {
		if e["ph"] == "X" && e["name"] == "mixer" {
			if e["ts"] != 2010.0 || e["dur"] != 990.0 || e["cat"] != "own" {
				t.Errorf("the mixer's first slice: %v", e)
			}
			break
		}
	}
}

// FuzzReplay has whatever records a card may send made whole, written and drawn.
func FuzzReplay(f *testing.F) {
	var seed []byte
	for _, r := range story().records {
		seed = r.Append(seed)
	}
	f.Add(seed, uint8(4))
	f.Add(seed[:trace.Size], uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, at uint8) {
		if len(b) > 200*trace.Size {
			return
		}
		records, _ := trace.Decode(nil, b[:len(b)/trace.Size*trace.Size])
		k := &track{processor: "p", records: records, gaps: []gap{{int(at), 3}}}
		to := machine.Time(0)
		for _, r := range records {
			to = max(to, r.Time)
		}
		r := &recording{card: "x", to: to, tracks: []*track{k}}
		if len(records) > 0 {
			r.from = records[0].Time
		}
		e := []*events{k.play(to)}
		var out bytes.Buffer
		if err := r.writeChrome(&out, e); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(out.Bytes()) {
			t.Fatal("no JSON")
		}
		p := r.picture(e)
		r.summary(e, p)
	})
}

// script is a card's trace that answers as it is told.
type script struct {
	old, fresh []trace.Record
	reads      int
	size       uint32
	err        error
}

func (s *script) Info(context.Context) (system.TraceInfo, error) {
	return system.TraceInfo{Processors: []string{"vp"}, RecordSize: s.size, Now: uint64(5*msec) + uint64(s.reads)*uint64(msec)}, nil
}

func (s *script) Read(_ context.Context, processor string, since uint64) (b []byte, next, lost uint64, err error) {
	if processor != "vp" {
		return nil, 0, 0, com.ErrNotFound
	}
	s.reads++
	list := s.old
	switch {
	case s.reads == 1:
		lost = 7 // long before
	case s.reads == 3:
		lost, list = 9, s.fresh
	case s.reads > 3 || since == 0:
		return nil, since, 0, s.err
	default:
		return nil, since, 0, nil
	}
	for _, r := range list {
		b = r.Append(b)
	}
	return b, since + lost + uint64(len(list)), lost, nil
}

func (s *script) Names(context.Context) ([]system.TraceName, error) {
	return []system.TraceName{
		{Kind: "thread", ID: 1, Name: "mixer", Processor: "vp"}, {Kind: "activity", ID: 1, Name: "sound", Processor: "vp"},
		{Kind: "activity", ID: 1, Name: "other", Processor: "elsewhere"},
	}, nil
}

func TestCollect(t *testing.T) {
	ctx := context.Background()
	if _, err := collect(ctx, &script{size: 24}); com.CodeOf(err) != com.ErrNotSupported {
		t.Errorf("records of another size: %v", err)
	}
	s := &script{
		size:  trace.Size,
		old:   []trace.Record{{Time: 1 * msec, Kind: trace.Run, Thread: 1}, {Time: 6 * msec, Kind: trace.Run, Thread: 1}},
		fresh: []trace.Record{{Time: 8 * msec, Kind: trace.Block, Thread: 1}},
	}
	c, err := collect(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := c.fetch(ctx); err != nil {
			t.Fatal(err)
		}
	}
	k := c.r.tracks[0]
	if len(k.records) != 2 || k.records[0].Time != 6*msec || k.lost() != 9 || k.gaps[0].before != 1 {
		t.Errorf("%v, gaps %v: what was before the recording is no part of it", k.records, k.gaps)
	}
	if err := c.names(ctx); err != nil || k.thread(1) != "mixer" || k.activity(1) != "sound" || k.thread(9) != "thread 9" {
		t.Errorf("%v, %q, %q", err, k.thread(1), k.activity(1))
	}
	if c.r.to <= c.r.from {
		t.Errorf("from %v to %v", c.r.from, c.r.to)
	}
	s.err = com.ErrGone
	if err := c.fetch(ctx); com.CodeOf(err) != com.ErrGone {
		t.Errorf("the card is gone: %v", err)
	}
}

func TestKeepLast(t *testing.T) {
	k := &track{gaps: []gap{{10, 1}, {950, 2}}}
	for i := range machine.Time(1000) {
		k.records = append(k.records, trace.Record{Time: i * msec})
	}
	c := &collector{r: &recording{tracks: []*track{k}}}
	c.keepLast(100 * machine.Millisecond)
	if len(k.records) != 101 || k.records[0].Time != 899*msec || len(k.gaps) != 1 || k.gaps[0] != (gap{51, 2}) || c.r.from != 899*msec {
		t.Errorf("%d records from %v, gaps %v", len(k.records), k.records[0].Time, k.gaps)
	}
}

func TestTraceFlags(t *testing.T) {
	good := traceCmd{Seconds: 5, Width: 1600}
	own := &globals{Card: hostedOwn}
	if err := good.check(own); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*traceCmd){
		"--seconds": func(c *traceCmd) { c.Seconds = 0 },
		"--width":   func(c *traceCmd) { c.Width = 10 },
		"--from":    func(c *traceCmd) { c.From, c.To = time.Second, time.Millisecond },
		"--from 6s": func(c *traceCmd) { c.From = 6 * time.Second },
		"same file": func(c *traceCmd) { c.Out, c.PNG = "x", "./x" },
		"a folder":  func(c *traceCmd) { c.Out = os.TempDir() },
	} {
		c := good
		change(&c)
		if err := c.check(own); com.CodeOf(err) != com.ErrInvalid || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	c := good
	c.Policy = "edf"
	if err := c.check(&globals{Card: "hosted:den"}); err == nil {
		t.Error("a policy for somebody else's card")
	}
}

func TestTraceOfACard(t *testing.T) {
	dir := shortFolder(t)
	file, picture := filepath.Join(dir, "t.json"), filepath.Join(dir, "t.png")
	out, errs, err := mmlite(t, dir, "trace", "--seconds", "0.5", "-o", file, "--png", picture, "--json", "--policy", "edf")
	if err != nil {
		t.Fatal(err, errs)
	}
	var s traceSummary
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Processors) == 0 || s.Processors[0].Policy != "edf" || s.Processors[0].Records == 0 || s.Duration < 400*machine.Millisecond {
		t.Fatalf("%+v", s)
	}
	if !slices.ContainsFunc(s.Activities, func(a lanes.Account) bool { return a.Name == "synth" && a.Used > 0 }) {
		t.Errorf("nobody played: %s", out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	checkChrome(t, b)
	reds(t, picture)
}
