package simulate

import (
	"context"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// TestAccountsAgree compares what a policy counted with what the threads saw.
func TestAccountsAgree(t *testing.T) {
	const text = `
run 3s
activity sound reserve 2ms every 10ms
activity hungry reserve 3ms every 20ms
activity game
thread sound in sound every 10ms work 1500us..1900us estimate 1900us
thread long  in sound every 40ms work 9ms estimate 1ms
thread early in sound clock 30ms work 500us estimate 2ms
thread much  in game every 16ms work 8ms..12ms estimate 12ms
thread more  in game every 17ms work 8ms..12ms estimate 12ms
thread hungry in hungry always
thread background in hungry always`
	set, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"constraint", "edf"} {
		p, err := NewPolicy(name)
		if err != nil {
			t.Fatal(err)
		}
		b := &book{Policy: p, Promiser: p.(sched.Promiser), Explainer: p.(sched.Explainer), Accountant: p.(sched.Accountant), at: machine.Time(set.Run - 200*us), t: t}
		r, err := Run(context.Background(), set, b)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.seen) != 3 {
			t.Fatalf("%s: accounts of %d activities", name, len(b.seen))
		}
		for i, a := range set.Activities {
			got := b.seen[i]
			promised, refused, missed := 0, 0, 0
			for _, th := range r.Threads {
				if th.Activity == a.Name {
					promised += th.Promised
					refused += th.Refused
					if th.Promised > 0 {
						missed += th.Missed - th.Dropped
					}
				}
			}
			t.Logf("%s: %s has %+v", name, a.Name, got)
			// A constraint of each thread is under way, or begins in the end.
			if d := int(got.Accepted) - promised; d < -3 || d > 3 {
				t.Errorf("%s: %s: %d constraints accepted, not %d", name, a.Name, got.Accepted, promised)
			}
			if d := int(got.Refused) - refused; d < -3 || d > 3 {
				t.Errorf("%s: %s: %d constraints refused, not %d", name, a.Name, got.Refused, refused)
			}
			if want := (sched.Grant{Amount: a.Amount, Period: a.Period}); got.Asked != want || got.Granted != r.Activities[i].Grant {
				t.Errorf("%s: %s: asked for %+v, granted %+v", name, a.Name, got.Asked, got.Granted)
			}
			if d := int(got.Missed) - missed; d < -3 || d > 3 {
				t.Errorf("%s: %s: %d deadlines missed of constraints accepted, not %d", name, a.Name, got.Missed, missed)
			}
			if name == "constraint" && a.Name == "sound" && got.Missed < 20 {
				t.Errorf("a thread that takes 9 ms and says 1 missed %d deadlines", got.Missed)
			}
			if a.Name == "hungry" && got.Last < got.Granted.Amount-allowance || got.Window < a.Period {
				t.Errorf("%s: %s got %v of %+v, in any window of %v", name, a.Name, got.Last, got.Granted, got.Window)
			}
		}
		for right := sched.RightBooked; right.Valid(); right++ {
			if name == "edf" && right == sched.RightStandby {
				continue // it knows no such
			}
			if b.rights[right] == 0 {
				t.Errorf("%s: nobody runs by the right %v", name, right)
			}
		}
		if b.rights[sched.RightNone] > 0 {
			t.Errorf("%s: %d times it does not know by what right", name, b.rights[sched.RightNone])
		}
	}
}

// book copies the accounts at a time, and counts by what rights threads run.
type book struct {
	sched.Policy
	sched.Promiser
	sched.Explainer
	sched.Accountant
	at     machine.Time
	seen   []sched.Account
	rights [16]int
	t      *testing.T
}

func (b *book) Pick(now machine.Time) (*sched.Entity, machine.Time) {
	if now >= b.at && b.seen == nil {
		if n := testing.AllocsPerRun(1, func() {
			b.Accounts(now, func(*sched.Account) bool { return true })
		}); n != 0 {
			b.t.Errorf("%s: the accounts take %v allocations", b.Name(), n)
		}
		b.Accounts(now, func(a *sched.Account) bool { b.seen = append(b.seen, *a); return true })
		once := 0
		b.Accounts(now, func(*sched.Account) bool { once++; return false })
		if once != 1 {
			b.t.Errorf("%s: %d accounts after no more were asked for", b.Name(), once)
		}
	}
	e, until := b.Policy.Pick(now)
	if e != nil {
		b.rights[b.Explainer.Right(e)]++
	}
	return e, until
}
