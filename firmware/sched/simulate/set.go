// Package simulate is a laboratory for scheduling: it runs a task set, described in
// a small text, under any policy in virtual time and tells what everybody got. The
// threads are those of package thread on a machine of package sim, so what is
// measured is what a card does, less the cost of switching.
//
// # Task sets
//
// A set is lines of words; what follows a # is a comment. Times are written as in
// Go, 5805us or 1.5ms.
//
//	title TEXT
//	seed N                        chance comes from here: 1
//	run TIME                      how long: 10s, at most a day
//	stretch TIME                  between two checkpoints of a thread: 50us
//	policy NAME                   which to use unless told otherwise: constraint
//	mutex NAME...
//	activity NAME [reserve TIME every TIME]
//	thread NAME in ACTIVITY WHEN work TIME[..TIME] [MORE...]
//
// WHEN is one of
//
//	every TIME     a job is released every so often
//	clock TIME     a job is released by an interrupt every so often
//	random TIME    a job is released by an interrupt, so often in the mean
//	always         it computes without end
//
// and MORE is any of
//
//	deadline TIME     of a job from its release: the period, or the mean
//	estimate TIME     a job has a constraint with this estimate
//	estimate taken    the estimate is what the jobs before took, and a quarter more
//	critical          the constraint is critical
//	shed N            a job whose constraint is refused does N percent of its work
//	lock MUTEX TIME   a job first works so long with the mutex held; further ones
//	                  are locked within, in the order of the mutex lines
//	offset TIME       of the first release: 0
//	to TIME           it ends then
//	count N           there are so many of it
//
// A job that cannot begin before its deadline is dropped and counts as missed.
package simulate

import "github.com/mmlite/mmlite/firmware/machine"

// Limits of what Parse takes.
const (
	MaxText       = 1 << 16
	MaxActivities = 1000
	MaxThreads    = 10_000
	MaxMutexes    = 100
	MaxRun        = 24 * 3600 * machine.Second
	MinTime       = machine.Microsecond // of periods and stretches
	MaxSteps      = 1 << 32             // the run divided by the stretch
)

// Set is a task set.
type Set struct {
	Title      string
	Seed       uint64
	Run        machine.Duration
	Stretch    machine.Duration
	Policy     string
	Mutexes    []string
	Activities []Activity
	Threads    []Thread
}

// Activity is who gets time, with what it asks to have reserved.
type Activity struct {
	Name           string
	Amount, Period machine.Duration // 0 for no reservation
}

// When says when the jobs of a thread are released.
type When uint8

// The ways there are.
const (
	Every  When = iota // periodically
	Clock              // by an interrupt, periodically
	Random             // by an interrupt, at random
	Always             // there is one job, without end
)

// Thread is a thread, or several that are alike.
type Thread struct {
	Name     string
	Activity int // index
	When     When
	Period   machine.Duration // or the mean time between releases
	Least    machine.Duration // work of a job
	Most     machine.Duration
	Deadline machine.Duration
	Estimate machine.Duration // 0 for no constraint
	Taken    bool             // the estimate is learnt
	Critical bool
	Shed     int // percent
	Locks    []Lock
	Offset   machine.Duration
	To       machine.Duration // 0 for to the end
	Count    int
}

// Lock is work with a mutex held.
type Lock struct {
	Mutex int // index
	Work  machine.Duration
}
