package main

import "golang.org/x/sys/unix"

// canPulse says that this system has what soakPulse needs.
const canPulse = true

// stayOn keeps the calling thread on a processor.
func stayOn(processor int) bool {
	var set unix.CPUSet
	set.Set(processor)
	return unix.SchedSetaffinity(0, &set) == nil
}

// sleepUntil sleeps until a time of the machine, in ns.
func sleepUntil(at int64) {
	t := unix.NsecToTimespec(at)
	for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &t, nil) == unix.EINTR {
	}
}
