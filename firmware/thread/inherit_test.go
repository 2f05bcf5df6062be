package thread

import (
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/constraint"
	"github.com/mmlite/mmlite/firmware/trace"
)

// A thread that holds what a promised one waits for runs on the promise until it
// unlocks, not until its next checkpoint, and pays with its own account.
func TestUnlockOfAnInheritedLock(t *testing.T) {
	p, m, log := traced(t, constraint.New(constraint.Config{}))
	slow, quick := &sched.Activity{Name: "slow"}, &sched.Activity{Name: "quick"}
	var mu Mutex
	var unlocked, got machine.Time
	var alone machine.Duration
	waits := false
	work := func(d machine.Duration) {
		for ; d > 0; d -= 50 * machine.Microsecond {
			m.Advance(50 * machine.Microsecond)
			Checkpoint()
		}
	}
	for i := range 3 {
		spawn(t, p, "burner"+string(rune('0'+i)), func(*Thread) {
			for {
				work(ms)
			}
		})
	}
	holder, err := p.Spawn("holder", Attributes{Activity: slow}, func(*Thread) {
		mu.Lock()
		for !waits {
			work(50 * machine.Microsecond)
			alone += 50 * machine.Microsecond
		}
		work(3 * ms)
		unlocked = m.Now()
		mu.Unlock()
		m.Advance(5 * ms) // a long way to the next checkpoint
		Checkpoint()
	})
	if err != nil {
		t.Fatal(err)
	}
	done := false
	waiter, err := p.Spawn("waiter", Attributes{Activity: quick}, func(*Thread) {
		for mu.owner.Load() == nil {
			Yield()
		}
		if ok, err := BeginConstraint(sched.Constraint{Estimate: 8 * ms, Deadline: m.Now().Add(20 * ms)}); !ok || err != nil {
			t.Error(ok, err)
		}
		waits = true
		mu.Lock()
		got = m.Now()
		work(ms)
		mu.Unlock()
		if _, err := EndConstraint(); err != nil {
			t.Error(err)
		}
		done = true
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.RunUntil(func() bool { return done && holder.ended.Signaled() }, m.Now().Add(machine.Second)); err != nil {
		t.Fatal(err)
	}
	if got == 0 || got != unlocked {
		t.Errorf("unlocked at %v, locked again at %v", unlocked, got)
	}
	if rs := records(t, log, trace.Miss); len(rs) != 0 {
		t.Errorf("missed: %v", rs)
	}
	booked := 0
	for _, r := range records(t, log, trace.Run) {
		if r.Thread == uint32(holder.ID()) && r.Right == sched.RightBooked {
			booked++
		}
	}
	if booked == 0 {
		t.Error("the holder never ran on the waiter's booking")
	}
	if u := slow.Used(); u != alone+8*ms {
		t.Errorf("the holder's account has %v", u)
	}
	if u := quick.Used(); u != ms {
		t.Errorf("the account of thread %d has %v", waiter.ID(), u)
	}
}

func TestAccounts(t *testing.T) {
	p, _ := card(t, nil)
	if err := p.Accounts(func(*sched.Account) bool { return true }); com.CodeOf(err) != com.ErrNotSupported {
		t.Error(err)
	}
	if err := p.SetPolicy(constraint.New(constraint.Config{})); err != nil {
		t.Fatal(err)
	}
	a := &sched.Activity{Name: "sound"}
	if _, err := p.Reserve(a, ms, 10*ms); err != nil {
		t.Fatal(err)
	}
	var got []sched.Account
	if err := p.Accounts(func(a *sched.Account) bool { got = append(got, *a); return true }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Activity != a || got[0].Asked.Amount != ms {
		t.Errorf("%+v", got)
	}
	if _, err := p.Reserve(a, 0, 10*ms); err != nil {
		t.Fatal(err)
	}
}
