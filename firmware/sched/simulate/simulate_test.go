package simulate

import (
	"context"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

const (
	us = machine.Microsecond
	ms = machine.Millisecond
)

// allowance is what a window may be short by: a switch costs nothing here, and the
// longest stretch of the sets is 50 microseconds.
const allowance = 50 * us

func run(t testing.TB, name, policy string) *Result {
	t.Helper()
	text, err := Text(name)
	if err != nil {
		t.Fatal(err)
	}
	set, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPolicy(policy)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), set, p)
	if err != nil {
		t.Fatal(err)
	}
	if testing.Verbose() {
		r.WriteText(os.Stdout)
		r.WritePicture(os.Stdout, ms, 100)
	}
	return r
}

func missed(r *Result, activity string) int {
	n, _ := r.Missed(activity)
	return n
}

func TestMediaCardKeepsItsPromises(t *testing.T) {
	r := run(t, "mediacard", "constraint")
	if !r.Kept(allowance) {
		t.Error("a promise is broken")
	}
	for _, a := range []string{"synth", "mixer", "audio"} {
		if n := missed(r, a); n > 0 {
			t.Errorf("%s missed %d deadlines", a, n)
		}
	}
	for _, th := range r.Threads {
		if a := th.Activity; th.Refused > 1 && (a == "synth" || a == "mixer" || a == "audio") {
			t.Errorf("%s was refused %d constraints", th.Name, th.Refused)
		}
	}
	rr := run(t, "mediacard", "roundrobin")
	if missed(rr, "synth") < 100 {
		t.Errorf("under round robin synth missed %d deadlines only: the set shows nothing", missed(rr, "synth"))
	}
}

func TestOverloadKeepsWhatWasPromised(t *testing.T) {
	r := run(t, "overload", "constraint")
	if !r.Kept(allowance) {
		t.Error("a promise is broken")
	}
	if n := missed(r, "sound") + missed(r, "video"); n > 0 {
		t.Errorf("sound and video missed %d deadlines", n)
	}
	granted, refused := 0, 0
	for _, a := range r.Activities {
		if a.Grant.Amount > 0 {
			granted++
			if a.Windows == 0 && a.Name == "sound" {
				continue // it never has work for a whole window
			}
		}
		if a.Refused {
			refused++
		}
	}
	if granted != 2 || refused != 1 {
		t.Errorf("%d reservations granted, %d refused", granted, refused)
	}
	rr := run(t, "overload", "roundrobin")
	if n := missed(rr, "sound"); n < 500 {
		t.Errorf("under round robin sound missed %d deadlines of 2000 only", n)
	}
	short := 0
	for i := range rr.Activities {
		if rr.Activities[i].Short() > allowance {
			short++
		}
	}
	if short == 0 {
		t.Error("under round robin no window is short")
	}
}

func TestInversionIsBounded(t *testing.T) {
	r := run(t, "inversion", "constraint")
	if n := missed(r, "control"); n > 0 || !r.Kept(allowance) {
		t.Errorf("control missed %d deadlines", n)
	}
	if n := missed(run(t, "inversion", "roundrobin"), "control"); n < 50 {
		t.Errorf("under round robin control missed %d deadlines only", n)
	}
}

func TestDominoStops(t *testing.T) {
	r := run(t, "domino", "constraint")
	if !r.Kept(allowance) {
		t.Error("a promise is broken")
	}
	refused := 0
	for _, th := range r.Threads {
		refused += th.Refused
		if th.Missed > th.Refused+th.Dropped {
			t.Errorf("%s missed %d deadlines, and was refused %d", th.Name, th.Missed, th.Refused)
		}
	}
	if refused == 0 {
		t.Error("nobody was refused, and there is too much work")
	}
}

func TestOneSeedOneResult(t *testing.T) {
	for _, policy := range []string{"null", "roundrobin", "constraint"} {
		for _, name := range Sets() {
			if policy == "null" && name != "domino" {
				continue // there others compute without end, and nobody else would run
			}
			if a, b := run(t, name, policy), run(t, name, policy); !reflect.DeepEqual(a, b) {
				t.Errorf("%s under %s: two runs differ", name, policy)
			}
		}
	}
}

func TestSetsComeAlong(t *testing.T) {
	if got := Sets(); !slices.Equal(got, []string{"domino", "inversion", "mediacard", "overload"}) {
		t.Errorf("%v", got)
	}
	if _, err := Text("nothing"); com.CodeOf(err) != com.ErrNotFound {
		t.Error(err)
	}
	if _, err := NewPolicy("nothing"); com.CodeOf(err) != com.ErrNotFound {
		t.Error(err)
	}
	for _, name := range Policies {
		if p, err := NewPolicy(name); err != nil || p.Name() != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEarliestDeadlineFirstKeepsItsPromises runs all sets under it.
func TestEarliestDeadlineFirstKeepsItsPromises(t *testing.T) {
	for _, name := range Sets() {
		r := run(t, name, "edf")
		if !r.Kept(allowance) {
			t.Errorf("%s: a promise is broken", name)
		}
		promised := 0
		for _, th := range r.Threads {
			promised += th.Promised
		}
		if promised < 300 {
			t.Errorf("%s: %d constraints were promised only", name, promised)
		}
		if name == "mediacard" {
			calls := r.Activities[slices.IndexFunc(r.Activities, func(a ActivityResult) bool { return a.Name == "calls" })]
			if calls.Window != 2*calls.Period-calls.Amount || calls.Pledged == 0 || calls.Owed() > allowance {
				t.Errorf("calls has at least %v of %v in its %d windows of %v", calls.Least, calls.Amount, calls.Pledged, calls.Window)
			}
		}
	}
}

// TestWhatIsNeverDoneIsMissed has threads that never get the processor.
func TestWhatIsNeverDoneIsMissed(t *testing.T) {
	set, err := Parse(`run 1s
activity a
thread hog in a always
thread x in a every 10ms work 1ms
thread y in a clock 10ms work 1ms deadline 5ms
thread z in a every 10ms work 1ms to 500ms`)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := NewPolicy("null")
	r, err := Run(context.Background(), set, p)
	if err != nil {
		t.Fatal(err)
	}
	for i, least := range []int{0, 97, 97, 48} {
		th := r.Threads[i]
		if th.Missed < least || th.Missed > th.Jobs || th.Jobs > least+3 {
			t.Errorf("%s: %d jobs missed of %d, of about %d", th.Name, th.Missed, th.Jobs, least)
		}
	}
	set.Threads = set.Threads[1:]
	p, _ = NewPolicy("null")
	if r, err = Run(context.Background(), set, p); err != nil {
		t.Fatal(err)
	}
	if missed, jobs := r.Missed(""); missed > 0 || jobs < 240 {
		t.Errorf("%d of %d jobs missed with nobody in the way", missed, jobs)
	}
}

func TestRunCanBeGivenUp(t *testing.T) {
	set, err := Parse("run 24h\nstretch 1ms\nactivity a\nthread x in a always")
	if err != nil {
		t.Fatal(err)
	}
	p, _ := NewPolicy("roundrobin")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, set, p); err != context.Canceled {
		t.Error(err)
	}
}

func TestParseRefuses(t *testing.T) {
	const head = "activity a\nmutex m n\n"
	for _, bad := range []string{
		"", "# nothing", "nonsense", "run", "run 0s", "run -1s", "run 25h", "run 1", "run 1s 2s", "seed x", "stretch 1ns",
		"run 24h\nstretch 1us\n" + head + "thread x in a always",
		"activity", "activity a\nactivity a", "activity a reserve", "activity a reserve 1ms", "activity a reserve 1ms each 2ms",
		"activity a reserve 0s every 1ms", "activity a reserve 1ms every 9999999h",
		"mutex m m",
		head + "thread", head + "thread x", head + "thread x in b always", head + "thread x of a always", head + "thread x in a",
		head + "thread x in a sometimes", head + "thread x in a every", head + "thread x in a every 1ms",
		head + "thread x in a every 1ms work", head + "thread x in a every 1ms work 2ms..1ms", head + "thread x in a every 1ms work 1ms..",
		head + "thread x in a every 1ms work 1ms nonsense", head + "thread x in a every 1ms work 1ms shed 101",
		head + "thread x in a every 1ms work 1ms lock o 1ms", head + "thread x in a every 1ms work 1ms lock n 1ms lock m 1ms",
		head + "thread x in a always estimate 1ms", head + "thread x in a always count 10001", head + "thread x in a always count 0",
		strings.Repeat("#", MaxText+1),
	} {
		if _, err := Parse(bad); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%.60q: %v", bad, err)
		}
	}
}

// TestErrorsSayWhatToWrite looks for the line and the remedy.
func TestErrorsSayWhatToWrite(t *testing.T) {
	for text, want := range map[string][]string{
		"run 1s\nspeed 3":                           {"line 2", "begin the line with", "activity or thread"},
		"run":                                       {"line 1", "write run TIME"},
		"run fast":                                  {"line 1", "5805us"},
		"seed 1 2":                                  {"one word too many", "write seed NUMBER"},
		"policy lottery":                            {"line 1", "null, roundrobin, constraint, edf"},
		"activity a reserve 5ms every 2ms":          {"line 1", "amount first"},
		"activity a reserve 5ms of 20ms":            {`"of" is where "every" is due`, "reserve TIME every TIME"},
		"\n\nthread x in a always":                  {"line 3", "a line activity a before"},
		"activity a\nthread x in a hourly":          {"line 2", "every TIME, clock TIME, random TIME or always"},
		"activity a\nthread x in a every 1ms":       {"line 2", `"work" is missing`, "write thread NAME in ACTIVITY"},
		"activity a\nthread x in a always slowly":   {"line 2", "estimate taken", "count NUMBER"},
		"activity a\nthread x in a always lock m 1": {"line 2", "a line mutex m before"},
		"activity a":                                {"no threads", "thread NAME in ACTIVITY"},
	} {
		_, err := Parse(text)
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v; it does not say %q", text, err, w)
			}
		}
	}
}

func TestRunFor(t *testing.T) {
	s := &Set{Stretch: us}
	if err := s.RunFor(5 * ms); err != nil || s.Run != 5*ms {
		t.Errorf("%v, %v", err, s.Run)
	}
	for _, d := range []machine.Duration{0, -1, MaxRun + 1, 2 * 3600 * machine.Second} {
		if err := s.RunFor(d); com.CodeOf(err) != com.ErrInvalid || s.Run != 5*ms {
			t.Errorf("%v: %v", d, err)
		}
	}
}

func TestParse(t *testing.T) {
	s, err := Parse(`
title Two words # and a comment
seed 7
run 2s
stretch 20us
policy edf
mutex m n
activity a reserve 1ms every 10ms
activity b
thread x in a every 10ms work 1ms..2ms deadline 5ms estimate 3ms critical shed 40 lock m 10us lock n 20us offset 1ms to 1s count 3
thread y in b random 7ms work 1ms estimate taken
thread z in b always`)
	if err != nil {
		t.Fatal(err)
	}
	want := &Set{
		Title: "Two words", Seed: 7, Run: 2000 * ms, Stretch: 20 * us, Policy: "edf", Mutexes: []string{"m", "n"},
		Activities: []Activity{{"a", ms, 10 * ms}, {Name: "b"}},
		Threads: []Thread{
			{Name: "x", Period: 10 * ms, Least: ms, Most: 2 * ms, Deadline: 5 * ms, Estimate: 3 * ms, Critical: true, Shed: 40,
				Locks: []Lock{{0, 10 * us}, {1, 20 * us}}, Offset: ms, To: 1000 * ms, Count: 3},
			{Name: "y", Activity: 1, When: Random, Period: 7 * ms, Least: ms, Most: ms, Deadline: 7 * ms, Taken: true, Shed: 100, Count: 1},
			{Name: "z", Activity: 1, When: Always, Shed: 100, Count: 1},
		},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("%+v\nis not\n%+v", s, want)
	}
}

// FuzzParse has texts parsed, and those that can be are run for a moment.
func FuzzParse(f *testing.F) {
	for _, name := range Sets() {
		text, err := Text(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add("run 1ms\nmutex a b\nactivity x reserve 1ms every 1ms\nthread t in x every 10us work 1us..9us estimate taken lock a 1us lock b 1us critical shed 0 to 1us")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			if com.CodeOf(err) != com.ErrInvalid {
				t.Fatal(err)
			}
			return
		}
		if len(s.Activities) > 20 || len(s.Threads) > 20 {
			return
		}
		s.Run = min(s.Run, 20*ms)
		s.Stretch = max(s.Stretch, 20*us)
		for i := range s.Threads {
			th := &s.Threads[i]
			th.Count = min(th.Count, 3)
			if th.When == Random {
				th.Period = max(th.Period, 20*us)
			}
		}
		p, err := NewPolicy(s.Policy)
		if err != nil {
			p, _ = NewPolicy("constraint")
		}
		if _, err := Run(context.Background(), s, p); err != nil && com.CodeOf(err) != com.ErrInvalid {
			t.Fatal(err)
		}
	})
}

// TestMeterFindsTheWorstWindow compares it with looking at every window.
func TestMeterFindsTheWorstWindow(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := meter{length: machine.Duration(3 + r.IntN(30))}
		var ran, hungry []bool
		now := machine.Time(0)
		depth := 0
		for range 120 {
			switch k := r.IntN(6); {
			case k == 0 && depth < 2:
				w.feed(now)
				depth++
			case k == 1 && depth > 0:
				w.sate(now)
				depth--
			default:
				d := machine.Time(1 + r.IntN(5))
				runs := depth > 0 && r.IntN(2) == 0
				for range d {
					ran, hungry = append(ran, runs), append(hungry, depth > 0)
				}
				if runs {
					w.ran(now, now+d)
				}
				now += d
			}
		}
		for ; depth > 0; depth-- {
			w.sate(now)
		}
		worst, any := machine.Duration(0), false
		// A time with work that ends and begins at once is two.
		for from := range len(ran) - int(w.length) + 1 {
			got, all := machine.Duration(0), true
			for i := from; i < from+int(w.length); i++ {
				if ran[i] {
					got++
				}
				all = all && hungry[i]
			}
			if all && (!any || got < worst) {
				worst, any = got, true
			}
		}
		if !any {
			continue
		}
		if w.windows > 0 && w.worst < worst {
			t.Fatalf("seed %d: the worst window of %d holds %d, and it says %d at %v", seed, w.length, worst, w.worst, w.at)
		}
	}
}

// BenchmarkRun is a second of the media card.
func BenchmarkRun(b *testing.B) {
	text, _ := Text("mediacard")
	set, err := Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	set.Run = machine.Second
	for b.Loop() {
		p, _ := NewPolicy("constraint")
		if _, err := Run(context.Background(), set, p); err != nil {
			b.Fatal(err)
		}
	}
}
