package trace

import (
	"slices"
	"sync"

	"github.com/mmlite/mmlite/firmware/sched"
)

const (
	// endedThreads is how many threads that have ended keep their names.
	endedThreads = 512
	// keptActivities is how many activities keep their names.
	keptActivities = 512
	// maxName is how many bytes of a name are kept.
	maxName = 64
)

// ThreadName is what a thread's number in records stands for.
type ThreadName struct {
	Thread uint32
	Name   string
	// Activity is what the thread was made to run on behalf of, "" for none.
	Activity string
	Ended    bool
}

// ActivityName is what an activity's number in records stands for.
type ActivityName struct {
	Activity uint16
	Name     string
}

// names is what the numbers in a log stand for. Its lock is held for a few
// instructions where a thread begins or ends, and while somebody asks.
type names struct {
	mu     sync.Mutex
	live   map[uint32]ThreadName
	ended  []ThreadName // a ring, once it is full
	oldest int
	ids    map[*sched.Activity]uint16
	acts   []known // a ring, once it is full
	first  int
	given  uint16
}

type known struct {
	a    *sched.Activity
	id   uint16
	name string
}

func (n *names) init() {
	n.live = map[uint32]ThreadName{}
	n.ids = map[*sched.Activity]uint16{}
}

func cut(s string) string {
	if len(s) > maxName {
		s = s[:maxName]
	}
	return s
}

// Begin takes note of a thread's name. The processor calls it.
func (l *Log) Begin(thread uint32, name string, a *sched.Activity) {
	t := ThreadName{Thread: thread, Name: cut(name)}
	if a != nil {
		t.Activity = cut(a.Name)
	}
	l.names.mu.Lock()
	l.names.live[thread] = t
	l.names.mu.Unlock()
}

// Ended takes note of a thread's end. The processor calls it.
func (l *Log) Ended(thread uint32) {
	n := &l.names
	n.mu.Lock()
	defer n.mu.Unlock()
	t, ok := n.live[thread]
	if !ok {
		return
	}
	delete(n.live, thread)
	t.Ended = true
	if len(n.ended) < endedThreads {
		n.ended = append(n.ended, t)
		return
	}
	n.ended[n.oldest] = t
	n.oldest = (n.oldest + 1) % endedThreads
}

// Number returns the number of an activity in this log, 0 for nil. It is given
// out at the first call, and forgotten after 512 more activities. The processor
// calls it.
func (l *Log) Number(a *sched.Activity) uint16 {
	if a == nil {
		return 0
	}
	n := &l.names
	n.mu.Lock()
	defer n.mu.Unlock()
	if id, ok := n.ids[a]; ok {
		return id
	}
	n.given++
	if n.given == 0 {
		n.given++
	}
	k := known{a, n.given, cut(a.Name)}
	if len(n.acts) < keptActivities {
		n.acts = append(n.acts, k)
	} else {
		delete(n.ids, n.acts[n.first].a)
		n.acts[n.first] = k
		n.first = (n.first + 1) % keptActivities
	}
	n.ids[a] = k.id
	return k.id
}

// Threads appends the names of the threads that run and of the last 512 that have
// ended, by number. Any goroutine may call it.
func (l *Log) Threads(dst []ThreadName) []ThreadName {
	n := &l.names
	from := len(dst)
	n.mu.Lock()
	for _, t := range n.live { // sorted below
		dst = append(dst, t)
	}
	dst = append(dst, n.ended...)
	n.mu.Unlock()
	slices.SortFunc(dst[from:], func(a, b ThreadName) int { return int(int64(a.Thread) - int64(b.Thread)) })
	return dst
}

// Activities appends the names of the last 512 activities, by number. Any
// goroutine may call it.
func (l *Log) Activities(dst []ActivityName) []ActivityName {
	n := &l.names
	from := len(dst)
	n.mu.Lock()
	for _, k := range n.acts {
		dst = append(dst, ActivityName{k.id, k.name})
	}
	n.mu.Unlock()
	slices.SortFunc(dst[from:], func(a, b ActivityName) int { return int(a.Activity) - int(b.Activity) })
	return dst
}
