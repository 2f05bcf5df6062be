package main

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/trace"
)

// recording is what a card wrote down for a while.
type recording struct {
	card     string
	from, to machine.Time
	tracks   []*track
}

// track is the record of one processor.
type track struct {
	processor string
	policy    string // at the beginning
	granted   string // what its thread got from the system
	advice    string
	records   []trace.Record
	gaps      []gap
	threads   map[uint32]string
	acts      map[uint16]string
	reserved  map[string]sched.Grant // by activity
}

// gap says that records are missing.
type gap struct {
	before int // the index of the record that follows
	lost   uint64
}

func (k *track) lost() (n uint64) {
	for _, g := range k.gaps {
		n += g.lost
	}
	return n
}

// events are a track's records made whole.
type events struct {
	slices      []slice
	waits       []wait
	constraints []constraintEvent
	wakes       []latency
	overruns    []latency
	marks       []mark
	wakeups     trace.Histogram
	idle        machine.Duration
}

// slice is time that a thread ran.
type slice struct {
	from, to machine.Time
	thread   uint32
	activity uint16
	right    sched.Right
	granted  machine.Duration // how long the slice was to be at the most; below 0 if without an end
	ended    string
}

// wait is time that a thread was ready and did not run.
type wait struct {
	from, to machine.Time
	thread   uint32
	activity uint16
}

// constraintEvent is a constraint from its beginning to its end.
type constraintEvent struct {
	begun, start, deadline, end machine.Time // end 0: it had not
	estimate, taken             machine.Duration
	thread                      uint32
	activity                    uint16
	promised                    bool
	delayed                     bool // not resolved yet
	missed                      bool
}

// latency is something that was late.
type latency struct {
	at     machine.Time
	thread uint32
	late   machine.Duration
}

// mark is an event without length.
type mark struct {
	at     machine.Time
	thread uint32
	name   string
	args   map[string]any
}
