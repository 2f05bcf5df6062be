package trace

import (
	"encoding/binary"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// Kind says what a record is about, and what its values A and B are. Times are
// those of the machine's clock, all values are in nanoseconds.
type Kind uint8

// The kinds of records.
const (
	// Run: the thread begins to run, by the right given. A is how long its slice is,
	// or -1 for one without an end.
	Run Kind = iota + 1
	// Ready: the thread became ready.
	Ready
	// Block: the thread began to wait. A is until when at the most, or
	// machine.Forever.
	Block
	// Exit: the thread ended.
	Exit
	// Reserved: a reservation was granted. A is the amount, B the period; an amount
	// of 0 ended one. The thread is the asking one or 0.
	Reserved
	// ReserveRefused: a reservation was refused. A and B are what was asked for.
	ReserveRefused
	// Promised: the thread began a constraint, and it is promised. A is the
	// estimate, B the deadline. A delayed one has the answer of its resolution.
	Promised
	// BeginRefused: the thread began a constraint, and it is not promised. A and B
	// as for Promised.
	BeginRefused
	// Prepared: the thread began a delayed constraint. A is the estimate, B the
	// deadline counted from when it is resolved.
	Prepared
	// End: the thread ended its innermost constraint. A is the time taken, B the
	// deadline, machine.Forever for a delayed one that was never resolved.
	End
	// Miss: the deadline of a constraint has passed and it has not ended. A is the
	// deadline. The record comes when the processor notices, which is at the
	// thread's next switch or when the constraint ends.
	Miss
	// Policy: another policy decides from now on. A and B are its name, of which
	// they hold 16 bytes; see PolicyName.
	Policy
	// Overrun: the thread gave way late. A is how long after its slice's end.
	Overrun
	// Wake: the thread, which comes to run, was due before. A is how long.
	Wake
	// Idle: the processor goes to sleep. A is until when at the most, or
	// machine.Forever.
	Idle
	// LeftBehind: the thread has gone without checkpoint for long, and the
	// processor goes on without it. A is for how long.
	LeftBehind
	// Rejoined: a thread that was left behind is ready again. A is how long it ran
	// beside the others.
	Rejoined
	// Starts: the constraint that the thread has just begun starts in the future. A
	// is when. It follows Promised or BeginRefused.
	Starts

	kinds
)

var kindNames = [kinds]string{
	"none", "run", "ready", "block", "exit", "reserved", "reserve-refused", "promised", "begin-refused",
	"prepared", "end", "miss", "policy", "overrun", "wake", "idle", "left-behind", "rejoined", "starts",
}

func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return "unknown"
}

// Record is one decision or event. What A and B mean is said by Kind.
type Record struct {
	Time     machine.Time
	Kind     Kind
	Right    sched.Right // of Run
	Activity uint16      // number in the log's table of names, 0 for none
	Thread   uint32      // the thread's ID, its lower 32 bits; 0 for none
	A, B     int64
}

// Size is how many bytes an encoded record has.
const Size = 32

// Append appends the encoded record to b: little-endian the time, the kind, the
// right, the activity, the thread, A and B.
func (r Record) Append(b []byte) []byte {
	w := r.words()
	for _, v := range w {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

// Decode appends the records encoded in b to dst. The errors are com.ErrInvalid
// for a length that is no multiple of Size and for a kind or right that does not
// exist; what came before the bad record has been appended.
func Decode(dst []Record, b []byte) ([]Record, error) {
	if len(b)%Size != 0 {
		return dst, com.Errorf(com.ErrInvalid, "trace: %d bytes are no whole records", len(b))
	}
	for ; len(b) > 0; b = b[Size:] {
		var w [words]uint64
		for i := range w {
			w[i] = binary.LittleEndian.Uint64(b[8*i:])
		}
		r := record(&w)
		if r.Kind == 0 || r.Kind >= kinds || !r.Right.Valid() {
			return dst, com.Errorf(com.ErrInvalid, "trace: record of kind %d by right %d", r.Kind, r.Right)
		}
		dst = append(dst, r)
	}
	return dst, nil
}

// words is how many words of 64 bits a record has.
const words = Size / 8

func head(k Kind, right sched.Right, activity uint16, thread uint32) uint64 {
	return uint64(k) | uint64(right)<<8 | uint64(activity)<<16 | uint64(thread)<<32
}

func (r Record) words() [words]uint64 {
	return [words]uint64{uint64(r.Time), head(r.Kind, r.Right, r.Activity, r.Thread), uint64(r.A), uint64(r.B)}
}

func record(w *[words]uint64) Record {
	return Record{
		Time:     machine.Time(w[0]),
		Kind:     Kind(w[1]),
		Right:    sched.Right(w[1] >> 8),
		Activity: uint16(w[1] >> 16),
		Thread:   uint32(w[1] >> 32),
		A:        int64(w[2]),
		B:        int64(w[3]),
	}
}

// PolicyValues returns a policy's name, cut to 16 bytes, as A and B of a record.
func PolicyValues(name string) (a, b int64) {
	var t [16]byte
	copy(t[:], name)
	return int64(binary.LittleEndian.Uint64(t[:])), int64(binary.LittleEndian.Uint64(t[8:]))
}

// PolicyName returns the name in a record of kind Policy.
func (r Record) PolicyName() string {
	var t [16]byte
	binary.LittleEndian.PutUint64(t[:], uint64(r.A))
	binary.LittleEndian.PutUint64(t[8:], uint64(r.B))
	return strings.ToValidUTF8(strings.TrimRight(string(t[:]), "\x00"), "")
}
