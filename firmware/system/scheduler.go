package system

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// Scheduler says how a card's virtual processors are shared, and changes it: the
// object at /system/scheduler.
//
//mm:contract
type Scheduler interface {
	com.Unknown

	// Processors lists the virtual processors, the real-time one first. A card
	// with one lists that one.
	Processors(ctx context.Context) ([]ProcessorInfo, error)
	// Policies lists the policies of the image by name. Each is a component,
	// found at /system/policies under its name.
	Policies(ctx context.Context) ([]PolicyInfo, error)
	// SetPolicy has a processor, named as in Processors, go on under another
	// policy, named as in Policies, while its threads run. Reservations that the
	// card itself made on it are made again where the new policy has any. The
	// errors are ErrNotFound for names that are not there, and ErrBusy while the
	// old policy has promises to keep; then nothing has changed.
	//
	//mm:limit processor 64
	//mm:limit policy 64
	SetPolicy(ctx context.Context, processor, policy string) error
	// Reservations lists the activities that were promised something, and what they
	// got.
	Reservations(ctx context.Context) ([]ReservationInfo, error)
	// Histograms returns how late threads were, since the card started.
	Histograms(ctx context.Context) ([]Histogram, error)
	// Trace has the card write down every switch as long as somebody holds the
	// result; a client that goes lets go of it. The error is ErrQuota if too many
	// do.
	Trace(ctx context.Context) (Trace, error)
}

// ProcessorInfo describes a virtual processor.
type ProcessorInfo struct {
	Name     string // realtime, spare
	Kind     string // realtime, spare, or both for the only one of a card
	Policy   string
	Granted  string        // which OS scheduling its thread got, and from whom
	Advice   string        // what is lost by what was not granted, and how to get it; empty if nothing
	Up       time.Duration // since the card was made
	Idle     time.Duration // of that, looking and sleeping
	Threads  uint32
	Runnable uint32
	Promises uint32 // reservations and constraints in force
	Switches uint64
}

// PolicyInfo describes a policy.
type PolicyInfo struct {
	Name     string
	Doc      string
	Promises bool   // it knows reservations and constraints
	Loaded   bool   // some processor runs it, or somebody holds it
	Version  string // of the component
}

// ReservationInfo says what an activity was promised on one processor, and what
// came of it: a reservation, time constraints of its threads, or both.
type ReservationInfo struct {
	Processor string
	Activity  string
	// The reservation: nothing, if all of it is 0.
	Asked    time.Duration // amount asked for, of AskedPer
	AskedPer time.Duration
	Amount   time.Duration // amount granted, of Period; 0 while the policy has none
	Period   time.Duration
	Window   time.Duration // every window of that length holds Asked
	Last     time.Duration // processor time that it had, or that was used by its right, in the last whole Period
	Used     time.Duration // processor time charged to the activity so far, on all processors
	// Time constraints of its threads since the policy first heard of it.
	Accepted uint64 // promised
	Refused  uint64
	Missed   uint64 // promised, and ended after their deadlines
}

// Histogram counts durations.
type Histogram struct {
	Processor string
	// Thread is whose durations they are, empty for those of all threads together.
	Thread string
	// Name is what was measured: wakeup (from the time a thread was to be woken at
	// to its first instruction), overrun (from the end of a slice until the thread
	// gave way), slack (from the end of a constraint to its deadline) or late (from the
	// deadline to the end of a constraint that missed it).
	Name    string
	Count   uint64
	Sum     time.Duration
	Max     time.Duration
	Buckets []Bucket // ascending; those that are empty may be left out
}

// Bucket counts the durations up to a bound, and above that of the bucket below.
type Bucket struct {
	UpTo  time.Duration
	Count uint64
}

// Policy is the object of a policy's component. It makes policies for
// processors of its own card; from elsewhere it can be looked at.
//
//mm:contract
type Policy interface {
	com.Unknown

	// Info describes the policy.
	Info(ctx context.Context) (PolicyInfo, error)
}

// Trace is a card's record of switches. It records while it is held.
//
//mm:contract
type Trace interface {
	com.Unknown

	// Info describes what Read returns.
	Info(ctx context.Context) (TraceInfo, error)
	// Read returns records of one processor, oldest first, beginning with number
	// since, in the encoding of the package firmware/trace; at most a few thousand
	// of them. next is the number to go on from, and lost how many of those asked
	// for were overwritten before they were read. The error is ErrNotFound for a
	// processor that is not there.
	//
	//mm:limit processor 64
	Read(ctx context.Context, processor string, since uint64) (records []byte, next, lost uint64, err error)
	// Names returns what the numbers in records stand for: of threads and
	// activities that have ended, too, as long as records may speak of them.
	Names(ctx context.Context) ([]TraceName, error)
}

// TraceInfo describes a trace.
type TraceInfo struct {
	Processors []string // whose records there are
	RecordSize uint32   // bytes of a record
	Records    uint32   // kept of each processor
	Now        uint64   // the card's clock in ns, the one records are stamped with
}

// TraceName says what a number in a record stands for.
type TraceName struct {
	Kind      string // thread or activity
	ID        uint64
	Name      string
	Processor string // whose records use the number so
}
