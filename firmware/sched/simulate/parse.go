package simulate

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Parse reads a task set. The error is of com.ErrInvalid and names the line.
func Parse(text string) (*Set, error) {
	if len(text) > MaxText {
		return nil, com.Errorf(com.ErrInvalid, "task set: %d bytes, at most %d", len(text), MaxText)
	}
	p := parser{set: &Set{Seed: 1, Run: 10 * machine.Second, Stretch: 50 * machine.Microsecond, Policy: "constraint"}}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		p.line, p.words, p.err = i+1, strings.Fields(line), nil
		if len(p.words) == 0 {
			continue
		}
		p.statement()
		if p.err == nil && len(p.words) > 0 {
			p.fail("%q is one word too many; write %s", p.words[0], p.usage)
		}
		if p.err != nil {
			return nil, p.err
		}
	}
	s := p.set
	if s.Run/s.Stretch > MaxSteps {
		return nil, s.tooLong()
	}
	if len(s.Threads) == 0 {
		return nil, com.Errorf(com.ErrInvalid, "task set: no threads; write a line %s", usages["thread"])
	}
	return s, nil
}

func (s *Set) tooLong() error {
	return com.Errorf(com.ErrInvalid, "task set: a run of %v in steps of %v is too long; run it for %v at most, or write a longer stretch", s.Run, s.Stretch, min(s.Stretch*MaxSteps, MaxRun))
}

// RunFor sets for how long the set is run. com.ErrInvalid if that is not from
// MinTime to MaxRun, or too long for the set's stretch.
func (s *Set) RunFor(d machine.Duration) error {
	if d < MinTime || d > MaxRun {
		return com.Errorf(com.ErrInvalid, "a run of %v; it can be from %v to %v", d, MinTime, MaxRun)
	}
	if d/s.Stretch > MaxSteps {
		return (&Set{Run: d, Stretch: s.Stretch}).tooLong()
	}
	s.Run = d
	return nil
}

// usages says how each statement is written.
var usages = map[string]string{
	"title":    "title TEXT",
	"seed":     "seed NUMBER",
	"run":      "run TIME",
	"stretch":  "stretch TIME",
	"policy":   "policy NAME",
	"mutex":    "mutex NAME...",
	"activity": "activity NAME, or activity NAME reserve TIME every TIME",
	"thread":   "thread NAME in ACTIVITY every|clock|random TIME work TIME[..TIME] [MORE...], or thread NAME in ACTIVITY always [MORE...]",
}

// statements are in the order in which they are mostly written.
const statements = "title, seed, run, stretch, policy, mutex, activity or thread"

// extras are what may follow in the line of a thread.
const extras = "deadline TIME, estimate TIME, estimate taken, critical, shed PERCENT, lock MUTEX TIME, offset TIME, to TIME or count NUMBER"

type parser struct {
	set     *Set
	line    int
	words   []string // of the line, that are left
	usage   string   // how the line is to be written
	threads int
	err     error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = com.Errorf(com.ErrInvalid, "task set, line %d: "+format, append([]any{p.line}, args...)...)
	}
}

// next takes a word.
func (p *parser) next(what string) string {
	if len(p.words) == 0 {
		p.fail("%s is missing; write %s", what, p.usage)
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

// given takes the word w if it is next.
func (p *parser) given(w string) bool {
	if len(p.words) == 0 || p.words[0] != w {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *parser) must(w string) {
	if got := p.next(strconv.Quote(w)); p.err == nil && got != w {
		p.fail("%q is where %q is due; write %s", got, w, p.usage)
	}
}

// time takes a time between least and MaxRun.
func (p *parser) time(what string, least machine.Duration) machine.Duration {
	return p.toTime(what, p.next(what), least)
}

func (p *parser) toTime(what, w string, least machine.Duration) machine.Duration {
	if p.err != nil {
		return 0
	}
	d, err := time.ParseDuration(w)
	switch v := machine.FromStd(d); {
	case err != nil:
		p.fail("%s: %q is no time; write a number with a unit, as in 5805us, 1.5ms or 2s", what, w)
	case v < least || v > MaxRun:
		p.fail("%s: %v is not between %v and %v", what, v, least, MaxRun)
	default:
		return v
	}
	return 0
}

func (p *parser) number(what string, least, most int) int {
	w := p.next(what)
	if p.err != nil {
		return 0
	}
	n, err := strconv.Atoi(w)
	if err != nil || n < least || n > most {
		p.fail("%s: %q is no number from %d to %d", what, w, least, most)
		return 0
	}
	return n
}

func (p *parser) statement() {
	s := p.set
	p.usage = usages[p.words[0]]
	switch what := p.next("statement"); what {
	case "title":
		s.Title = strings.Join(p.words, " ")
		p.words = nil
	case "seed":
		s.Seed = uint64(p.number("seed", 0, 1<<31-1))
	case "run":
		s.Run = p.time("run", MinTime)
	case "stretch":
		s.Stretch = p.time("stretch", MinTime)
	case "policy":
		s.Policy = p.next("policy")
		if p.err == nil && !slices.Contains(Policies, s.Policy) {
			p.fail("policy %q is not there; write one of %s", s.Policy, strings.Join(Policies, ", "))
		}
	case "mutex":
		for p.err == nil && len(p.words) > 0 {
			name := p.next("mutex")
			switch {
			case slices.Contains(s.Mutexes, name):
				p.fail("mutex %q is there already; write another name", name)
			case len(s.Mutexes) == MaxMutexes:
				p.fail("mutex %q is one too many; there may be %d", name, MaxMutexes)
			}
			s.Mutexes = append(s.Mutexes, name)
		}
	case "activity":
		p.activity()
	case "thread":
		p.thread()
	default:
		p.fail("%q is no statement; begin the line with %s", what, statements)
	}
}

func (p *parser) activity() {
	s := p.set
	a := Activity{Name: p.next("name")}
	switch {
	case s.activity(a.Name) >= 0:
		p.fail("activity %q is there already; write another name", a.Name)
	case len(s.Activities) == MaxActivities:
		p.fail("activity %q is one too many; there may be %d", a.Name, MaxActivities)
	}
	if p.given("reserve") {
		a.Amount = p.time("amount", 1)
		p.must("every")
		a.Period = p.time("period", MinTime)
		if p.err == nil && a.Amount > a.Period {
			p.fail("%v of every %v is more than there is; write the amount first, then its period", a.Amount, a.Period)
		}
	}
	s.Activities = append(s.Activities, a)
}

func (s *Set) activity(name string) int {
	return slices.IndexFunc(s.Activities, func(a Activity) bool { return a.Name == name })
}

func (p *parser) thread() {
	t := Thread{Name: p.next("name"), Count: 1, Shed: 100}
	p.must("in")
	name := p.next("activity")
	if t.Activity = p.set.activity(name); t.Activity < 0 {
		p.fail("activity %q is not there; write a line activity %s before", name, name)
	}
	switch when := p.next("when"); when {
	case "every":
		t.When, t.Period = Every, p.time("period", MinTime)
	case "clock":
		t.When, t.Period = Clock, p.time("period", MinTime)
	case "random":
		t.When, t.Period = Random, p.time("mean", MinTime)
	case "always":
		t.When = Always
	default:
		p.fail("%q says nothing of when; write every TIME, clock TIME, random TIME or always", when)
	}
	t.Deadline = t.Period
	if t.When != Always {
		p.must("work")
		lo, hi, two := strings.Cut(p.next("work"), "..")
		t.Least = p.toTime("work", lo, 1)
		if t.Most = t.Least; two {
			t.Most = p.toTime("work", hi, t.Least)
		}
	}
	for p.err == nil && len(p.words) > 0 {
		p.more(&t)
	}
	if t.When == Always && (t.Estimate > 0 || t.Taken || len(t.Locks) > 0) {
		p.fail("a thread that computes without end has no constraint and no mutex; write every TIME work TIME in the place of always")
	}
	if p.threads += t.Count; p.threads > MaxThreads {
		p.fail("more than %d threads; write a smaller count", MaxThreads)
	}
	p.set.Threads = append(p.set.Threads, t)
}

func (p *parser) more(t *Thread) {
	switch what := p.next("more"); what {
	case "deadline":
		t.Deadline = p.time(what, 1)
	case "estimate":
		if p.given("taken") {
			t.Taken = true
			break
		}
		t.Estimate = p.time(what, 1)
	case "critical":
		t.Critical = true
	case "shed":
		t.Shed = p.number(what, 0, 100)
	case "lock":
		name := p.next("mutex")
		k := slices.Index(p.set.Mutexes, name)
		switch n := len(t.Locks); {
		case k < 0:
			p.fail("mutex %q is not there; write a line mutex %s before", name, name)
		case n > 0 && t.Locks[n-1].Mutex >= k:
			p.fail("mutex %q is locked out of order; write locks in the order of the mutex lines, each once", name)
		}
		t.Locks = append(t.Locks, Lock{k, p.time("work", 1)})
	case "offset":
		t.Offset = p.time(what, 0)
	case "to":
		t.To = p.time(what, 1)
	case "count":
		t.Count = p.number(what, 1, MaxThreads)
	default:
		p.fail("%q is not known of a thread; what may follow is %s", what, extras)
	}
}
