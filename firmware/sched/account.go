package sched

import "github.com/mmlite/mmlite/firmware/machine"

// Account is what a policy has promised to an activity, and what came of it.
type Account struct {
	Activity *Activity
	// Asked and Granted are the reservation, both 0 without one.
	Asked, Granted Grant
	// Window is the length of which every window holds at least Asked.Amount, as long
	// as the activity can run all the time and less what threads give way late: the
	// period asked for under the constraint policy, longer under earliest deadline
	// first. 0 without a reservation.
	Window machine.Duration
	// Last is the processor time that it had, or that was used by its right, in the
	// last whole Granted.Period.
	Last machine.Duration
	// Accepted and Refused are how many of its threads' constraints were promised,
	// and not. Missed is how many of those promised have been ended after their
	// deadlines, whoever was to blame. They count from when the policy first heard of
	// the activity.
	Accepted, Refused, Missed uint64
}

// Accountant is a policy that tells what it has promised.
type Accountant interface {
	// Accounts calls yield for each activity that has threads or a reservation, in the
	// order in which the policy heard of them, until it returns false. The account is
	// the policy's and valid during the call. Nothing is allocated. As all calls of
	// the policy it is made from the goroutine that has the processor, and now never
	// decreases; yield must not call the policy.
	Accounts(now machine.Time, yield func(*Account) bool)
}

// Tally adds up processor time by periods that follow each other. Policies keep one
// for each reservation.
type Tally struct {
	period    machine.Duration
	end       machine.Time     // of the period under way
	sum, last machine.Duration // of it, and of the one before
}

// Restart forgets all, and has the first period begin now. With a period of 0
// nothing is added up.
func (t *Tally) Restart(period machine.Duration, now machine.Time) {
	*t = Tally{period: max(period, 0), end: now.Add(period)}
}

// Add adds time that has been used up to now.
func (t *Tally) Add(used machine.Duration, now machine.Time) {
	if t.period > 0 && now >= t.end {
		behind := now.Sub(t.end)
		rest := min(used, behind%t.period) // in the period that is under way now
		if used -= rest; behind < t.period {
			t.last = t.sum + used
		} else {
			t.last = min(used, t.period)
		}
		t.sum = 0
		t.end = t.end.Add((behind/t.period + 1) * t.period)
		used = rest
	}
	t.sum += used
}

// Last returns what was added up in the last whole period.
func (t *Tally) Last(now machine.Time) machine.Duration {
	switch {
	case t.period == 0 || now < t.end:
		return t.last
	case now.Sub(t.end) < t.period:
		return t.sum
	}
	return 0
}
